"""Data of another version are refused with a sentence that names the remedy."""

from pathlib import Path

import orjson
import pytest

from services.ops.data_format import FORMAT, need_format
from services.ops.doctor import examine
from services.ops.local import Folder, Shape, settings_of, shape_of
from services.runtime.base.errors import Defect

PORTS = {"gateway": 1, "matcher": 2, "ledger": 3, "notifier": 4}
#: `shape.json` as version 0.1 wrote it
OLD = {"shards": 4, "clock": "virtual", "ports": PORTS}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    found = Folder(tmp_path)
    found.shape.write_bytes(orjson.dumps(OLD))
    return found


def test_a_folder_of_version_0_1_is_refused_with_the_way_to_export_and_start_again(folder: Folder) -> None:
    with pytest.raises(Defect) as refused:
        settings_of(folder.data)
    assert refused.value.detail == (
        f"{folder.data} holds data of version 0.1, which this version cannot read: with that version run "
        "`sekul export DIR` to keep its logs, then start with an empty folder or database"
    )


def test_a_folder_of_this_version_is_read(folder: Folder) -> None:
    folder.shape.write_text(Shape.model_validate(OLD).model_dump_json(), encoding="utf-8")
    found = shape_of(folder)
    assert found is not None
    assert (found.format, found.shards) == (FORMAT, 4)


def test_data_of_a_newer_version_ask_for_that_version() -> None:
    with pytest.raises(Defect, match="newer version"):
        need_format(FORMAT + 1, "the database")


async def test_the_doctor_names_a_folder_of_another_version(folder: Folder) -> None:
    found = {finding.what: finding for finding in await examine(folder.data)}
    assert (found["data"].state, "version 0.1" in found["data"].detail) == ("bad", True)
