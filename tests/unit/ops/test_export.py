"""An export can be checked by anybody, and shows whether it was changed."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import orjson
import pytest

from schemas.envelope import GENESIS
from schemas.facts.common import DayBegan
from schemas.months import add, first_day
from services.ops.export import HEADS, facts_of, heads_of
from services.ops.verify import offline
from services.runtime.base.errors import Defect
from services.runtime.contract import Written as Stored
from tests.support.written import Written, exported

Change = Callable[[bytes], bytes]


@pytest.fixture
def log() -> Written:
    made = Written("gateway", shard=3)
    for number in range(5):
        made.add(DayBegan(day=first_day(add("2026-01", number))))
    return made


@pytest.fixture
def folder(tmp_path: Path, log: Written) -> Path:
    exported(tmp_path, log)
    return tmp_path


def test_what_is_read_back_is_what_was_written(folder: Path, log: Written) -> None:
    (head,) = heads_of(folder)
    assert list(facts_of(folder, head)) == [Stored(one.envelope, one.body) for one in log.facts]


def test_each_line_is_a_cloudevent_in_json(folder: Path) -> None:
    line = orjson.loads((folder / "gateway.0003.jsonl").read_bytes().splitlines()[0])
    assert (line["specversion"], line["id"], line["type"]) == ("1.0", "gateway/3/1", "sekul.day.began.v1")
    assert line["data"]["day"] == "2026-01-01"


def test_the_chain_can_be_checked_with_a_hash_function_alone(folder: Path) -> None:
    chain = GENESIS
    for line in (folder / "gateway.0003.jsonl").read_bytes().splitlines():
        front, _, body = line.partition(b',"data":')
        event = orjson.loads(front + b"}")
        kind, _, version = event["type"].removeprefix("sekul.").rpartition(".v")
        service, shard, seq = event["id"].split("/")
        fields = [service, int(shard), int(seq), event["subject"], kind, int(version), event["time"]]
        fields += [event["sekulactor"], event["sekulcause"], event["traceparent"]]
        text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
        chain = sha256(chain + text.encode() + body[:-1]).digest()
        assert chain.hex() == event["sekulchain"]


def test_an_export_as_it_was_written_holds(folder: Path) -> None:
    assert {finding.state for finding in offline.verify(folder)} == {"holds"}


@pytest.mark.parametrize(
    ("change", "law"),
    [
        (lambda text: text.replace(b"2026-03-01", b"2026-03-02"), "log"),
        (lambda text: b"".join(text.splitlines(keepends=True)[1:]), "log"),
        (lambda text: b"".join(text.splitlines(keepends=True)[:-1]), "head"),
        (lambda text: text + b"{}\n", "log"),
        (lambda text: text[:-20], "log"),
    ],
    ids=["a changed fact", "a fact gone", "an end cut off", "a line of something else", "half a line"],
)
def test_what_was_done_to_an_export_is_found(folder: Path, change: Change, law: str) -> None:
    file = folder / "gateway.0003.jsonl"
    file.write_bytes(change(file.read_bytes()))
    assert law in [finding.law for finding in offline.verify(folder) if finding.state == "broken"]


def test_a_log_that_is_missing_is_found(folder: Path) -> None:
    (folder / "gateway.0003.jsonl").unlink()
    assert "broken" in {finding.state for finding in offline.verify(folder)}


def test_a_folder_that_is_no_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Defect, match=f"is no export: it has no {HEADS}"):
        list(offline.verify(tmp_path))
