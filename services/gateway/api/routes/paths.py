"""What routes take from the path and from the query, with their forms."""

from typing import Annotated

from fastapi import Path, Query

from schemas.base import BASE32


def _identity(prefix: str, what: str) -> object:
    return Path(pattern=f"^{prefix}_{BASE32}$", description=f"The id of a {what}.")


DonorPath = Annotated[str, _identity("don", "donor")]
PledgePath = Annotated[str, _identity("plg", "pledge")]
WorkerPath = Annotated[str, _identity("wrk", "worker")]
RemittancePath = Annotated[str, _identity("rem", "remittance")]
KeyPath = Annotated[str, _identity("key", "key")]

_MONTH = "^20[0-9]{2}-(0[1-9]|1[0-2])$"
MonthPath = Annotated[str, Path(pattern=_MONTH, description="A contribution month, `YYYY-MM`.")]
CityPath = Annotated[str, Path(pattern="^[0-9]{2}[.][0-9]{2}$", description="The code of a kabupaten or kota.")]

MonthQuery = Annotated[str | None, Query(pattern=_MONTH, description="A contribution month, `YYYY-MM`.")]
CityQuery = Annotated[str | None, Query(pattern="^[0-9]{2}[.][0-9]{2}$", description="The code of a city.")]
AreaQuery = Annotated[
    str | None,
    Query(pattern=r"^[0-9]{2}([.][0-9]{2}([.][0-9]{2}([.][0-9]{4})?)?)?$", description="An area; all below it count."),
]
DonorQuery = Annotated[str | None, Query(pattern=f"^don_{BASE32}$", description="The id of a donor.")]
PledgeQuery = Annotated[str | None, Query(pattern=f"^plg_{BASE32}$", description="The id of a pledge.")]
WorkerQuery = Annotated[str | None, Query(pattern=f"^wrk_{BASE32}$", description="The id of a worker.")]
PersonQuery = Annotated[str | None, Query(pattern=f"^(don|wrk)_{BASE32}$", description="The id of a person.")]
