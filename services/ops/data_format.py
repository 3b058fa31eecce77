"""The format of stored data: a number in the data folder and in the database, raised when older data cannot be read.

Version 0.1 wrote no number; its data count as format 1.
"""

from typing import Final

from services.runtime.base.errors import Defect

FORMAT: Final = 2
_VERSIONS: Final = {1: "0.1"}


def need_format(found: int, where: str) -> None:
    """Raises `Defect` with a way out unless the data in `where` have the format of this version."""
    if found == FORMAT:
        return
    if found > FORMAT:
        raise Defect("data.format", f"{where} holds data of a newer version (format {found}): run that version")
    version = _VERSIONS[found]
    way = "with that version run `sekul export DIR` to keep its logs, then start with an empty folder or database"
    raise Defect("data.format", f"{where} holds data of version {version}, which this version cannot read: {way}")
