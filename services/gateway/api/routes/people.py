"""What holds for donors and workers alike: how they want to be told, and that they can be forgotten."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from schemas.http.donors import Preferences, PreferencesAnswer
from schemas.http.workers import ErasureCertificate
from services.gateway.api.app_state import Face, face_of
from services.gateway.api.dependencies import Asking, allowed, body_of
from services.gateway.api.execute import json, perform, shard_for, submit
from services.gateway.api.openapi import reads, writes
from services.gateway.api.problems import refuse
from services.gateway.api.queries.models import Models
from services.gateway.api.routes.paths import DonorPath, WorkerPath
from services.gateway.domain.days import CLOCKWORK
from services.gateway.domain.people import ErasePerson, SetPreferences
from services.gateway.domain.roles import Actor
from services.runtime.base.clock import jakarta_day
from services.runtime.vault.unsubscribe import person_of

router = APIRouter(tags=["people"])
_UNKNOWN: Final = ["donor.unknown", "worker.unknown"]


async def key_of(face: Face, person: str) -> str:
    """What decides on which shard a person lives: a donor itself, a worker's city."""
    if person.startswith("don_"):
        return person
    home = await Models(face.context.pool).home(person)
    if home is None:
        raise refuse("worker.unknown", f"there is no worker {person}")
    return str(home["city"])


@router.put("/v1/donors/{donor}/preferences", **writes(PreferencesAnswer, 200, body=Preferences, problems=_UNKNOWN))
async def prefer_donor(
    request: Request,
    donor: DonorPath,
    actor: Annotated[Actor, allowed("preference.write")],
    asking: Asking,
    body: Annotated[Preferences, body_of(Preferences)],
) -> Response:
    """Say how a donor wants to be told."""
    if actor.role == "field":
        raise refuse("donor.unknown", f"there is no donor {donor}")
    return await _prefer(request, donor, actor, asking, body)


@router.put("/v1/workers/{worker}/preferences", **writes(PreferencesAnswer, 200, body=Preferences, problems=_UNKNOWN))
async def prefer_worker(
    request: Request,
    worker: WorkerPath,
    actor: Annotated[Actor, allowed("preference.write")],
    asking: Asking,
    body: Annotated[Preferences, body_of(Preferences)],
) -> Response:
    """Say how a worker wants to be told."""
    if actor.role == "donor":
        raise refuse("worker.unknown", f"there is no worker {worker}")
    return await _prefer(request, worker, actor, asking, body)


async def _prefer(request: Request, person: str, actor: Actor, asking: Asking, body: Preferences) -> Response:
    command = SetPreferences(
        **asking(actor), person=person, language=body.language, opted_out=body.opted_out, channels=body.channels
    )
    return await perform(request, await key_of(face_of(request), person), command)


@router.delete(
    "/v1/donors/{donor}/personal-data", **writes(ErasureCertificate, 200, problems=_UNKNOWN), tags=["erasure"]
)
async def erase_donor(
    request: Request, donor: DonorPath, actor: Annotated[Actor, allowed("person.erase")], asking: Asking
) -> Response:
    """Destroy the key of a donor's personal data; asked again, the same certificate."""
    return await perform(request, donor, ErasePerson(**asking(actor), person=donor))


@router.delete(
    "/v1/workers/{worker}/personal-data", **writes(ErasureCertificate, 200, problems=_UNKNOWN), tags=["erasure"]
)
async def erase_worker(
    request: Request, worker: WorkerPath, actor: Annotated[Actor, allowed("person.erase")], asking: Asking
) -> Response:
    """Destroy the key of a worker's personal data; asked again, the same certificate."""
    city = await key_of(face_of(request), worker)
    return await perform(request, city, ErasePerson(**asking(actor), person=worker))


@router.post("/v1/unsubscribe/{token}", **reads(PreferencesAnswer))
async def unsubscribe(
    request: Request, token: Annotated[str, Path(pattern="^[A-Za-z0-9_-]{20,200}$", description="From a notice.")]
) -> Response:
    """Opt out with one POST and no key (RFC 8058); the token in each notice says who."""
    face = face_of(request)
    person = person_of(face.context.settings.keys.lookup, token)
    if person is None:
        raise refuse("resource.unknown", "this link is none of ours")
    now = face.context.clock.now()
    command = SetPreferences(
        at=now,
        day=jakarta_day(now),
        trace=request.scope["state"]["trace"],
        actor=CLOCKWORK,
        person=person,
        language=None,
        opted_out=True,
        channels=None,
    )
    done = await submit(face, shard_for(face, await key_of(face, person)), command)
    return json(done.reply.body)
