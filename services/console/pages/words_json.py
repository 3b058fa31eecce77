"""The messages that scripts need: sentences of events, names of codes and areas, months."""

from functools import cache
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from schemas.languages import Language
from schemas.reference import calendar, cilegon_map, occupations, regions
from services.console.visit import Visit
from services.console.words import words

_FOR_SCRIPTS: Final = ("fact.", "code.", "notice.", "stream.")


async def show(visit: Visit) -> Response:
    """The catalogue of a language as JSON."""
    return JSONResponse(_catalogue("en" if visit.request.query_params.get("language") == "en" else "id"))


@cache
def _catalogue(language: Language) -> dict[str, Any]:
    known = words(language)
    messages = {key: text for key, text in known.items() if key.startswith(_FOR_SCRIPTS)}
    jobs = {f"code.{code}": job.name(language) for code, job in occupations.OCCUPATIONS.items()}
    shapes = (*cilegon_map.KECAMATAN, *cilegon_map.KELURAHAN)
    areas = {cilegon_map.CITY: regions.name(cilegon_map.CITY), **{it.code: regions.name(it.code) for it in shapes}}
    return {"language": language, "messages": jobs | messages, "areas": areas, "months": calendar.MONTHS[language]}
