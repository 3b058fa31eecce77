"""What holds for donors and workers alike: which notices they want, and that they can be forgotten."""

from typing import Annotated, Final

from pydantic import Field
from starlette.responses import Response

from schemas.http.donors import Preferences, PreferencesAnswer
from schemas.http.workers import ErasureCertificate
from schemas.unsubscribe import person_of
from services.gateway.api.call import Call, json_response
from services.gateway.api.parameters import DonorPath, WorkerPath
from services.gateway.api.problems import refuse
from services.gateway.api.routing import Routes
from services.gateway.domain.people import ErasePerson, SetPreferences

routes = Routes("people")
_UNKNOWN: Final = ["donor.unknown", "worker.unknown"]
Token = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{20,200}$", description="From a notice.")]


async def key_of(call: Call, person: str) -> str:
    """What decides on which shard a person lives: a donor itself, a worker's city."""
    if person.startswith("don_"):
        return person
    home = await call.state.models.home(person)
    if home is None:
        raise refuse("worker.unknown", f"there is no worker {person}")
    return str(home["city"])


@routes.put(
    "/v1/donors/{donor}/preferences", "preference.write", PreferencesAnswer, body=Preferences, problems=_UNKNOWN
)
async def prefer_donor(call: Call, donor: DonorPath, body: Preferences) -> Response:
    """Set which notices a donor wants, and how."""
    if call.actor.role == "field":
        raise refuse("donor.unknown", f"there is no donor {donor}")
    return await _prefer(call, donor, body)


@routes.put(
    "/v1/workers/{worker}/preferences", "preference.write", PreferencesAnswer, body=Preferences, problems=_UNKNOWN
)
async def prefer_worker(call: Call, worker: WorkerPath, body: Preferences) -> Response:
    """Set which notices a worker wants, and how."""
    if call.actor.role == "donor":
        raise refuse("worker.unknown", f"there is no worker {worker}")
    return await _prefer(call, worker, body)


async def _prefer(call: Call, person: str, body: Preferences) -> Response:
    command = call.command(
        SetPreferences, person=person, language=body.language, opted_out=body.opted_out, channels=body.channels
    )
    return await call.perform(await key_of(call, person), command)


@routes.delete(
    "/v1/donors/{donor}/personal-data", "person.erase", ErasureCertificate, problems=_UNKNOWN, tags=("erasure",)
)
async def erase_donor(call: Call, donor: DonorPath) -> Response:
    """Destroy the key of a donor's personal data; asked again, the same certificate."""
    return await call.perform(donor, call.command(ErasePerson, person=donor))


@routes.delete(
    "/v1/workers/{worker}/personal-data", "person.erase", ErasureCertificate, problems=_UNKNOWN, tags=("erasure",)
)
async def erase_worker(call: Call, worker: WorkerPath) -> Response:
    """Destroy the key of a worker's personal data; asked again, the same certificate."""
    return await call.perform(await key_of(call, worker), call.command(ErasePerson, person=worker))


@routes.post("/v1/unsubscribe/{token}", "everybody", PreferencesAnswer)
async def unsubscribe(call: Call, token: Token) -> Response:
    """Opt out with one POST and no key (RFC 8058); the token in each notice says who."""
    person = person_of(call.state.context.settings.keys.lookup, token)
    if person is None:
        raise refuse("resource.unknown", "this link belongs to no notice")
    command = call.step(SetPreferences, person=person, language=None, opted_out=True, channels=None)
    done = await call.submit(call.shard(await key_of(call, person)), command)
    return json_response(done.reply.body)
