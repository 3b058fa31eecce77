"""The data files of this package, read by name.

Promises text that ships with the code; must not read anything else.
"""

import csv
import json
from importlib.resources import files
from typing import Any, Final

DATA: Final = files("schemas.reference") / "data"


def text(name: str) -> str:
    """The content of a data file."""
    return (DATA / name).read_text(encoding="utf-8")


def table(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file, by the names in its first line."""
    return list(csv.DictReader(text(name).splitlines()))


def document(name: str) -> dict[str, Any]:
    """The object in a JSON file."""
    found: dict[str, Any] = json.loads(text(name))
    return found
