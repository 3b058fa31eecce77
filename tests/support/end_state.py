"""What a run has left in the database, in a form in which two runs can be compared although all their ids differ.

Ids that requests made have labels from the load; ids that services derived get theirs here, from what they stand for.
A log is compared record for record within each stream, for that is where order is defined. Tables are compared row by
row. Left out is what says where a fact stands, not what it says: numbers, chains, offsets, traces.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain
from typing import Any, Final
from uuid import UUID

import orjson

from schemas.base import BASE32
from schemas.envelope import instant
from schemas.logs import CATALOGUE, ServiceName, sources_of
from services.notifier.domain.identity import Place, id_at, text_of
from services.runtime.base.ids import encode
from services.runtime.base.postgres import Connection, Row, connect

TABLES: Final[Mapping[ServiceName, tuple[str, ...]]] = {
    "gateway": ("donors", "pledges", "workers", "pledge_matching", "matches", "covered_months", "worker_cover",
                "remittances", "cycles"),
    "matcher": ("workers", "pledges", "matches", "cities"),
    "ledger": ("pledges", "holds", "balances", "bills", "iuran", "receipts", "outcomes", "remittances",
               "pledge_months", "cycles"),
    "notifier": ("owed", "notices", "deliveries", "people", "webhooks_gone"),
}  # fmt: skip
#: where a fact stands, not what it says; `iuran.bill` is the number of a fact
_PLACES: Final = frozenset({"seq", "shard", "bill"})
#: random by nature
_CHANCE: Final = frozenset({"certificate"})
#: which notices the sender reached in one commit, and when, is left to chance; the tables tell how each of them ended
_SENDER: Final = "sender"
#: columns of the notifier's tables that say so, too, or that are hashes of ids
_NOTICE_CHANCE: Final = frozenset({"at", "mailbox_at", "key"})
_DEAD_LETTERS: Final = frozenset({"dead_letter.recorded", "dead_letter.redriven"})
_ID: Final = re.compile(f"[a-z]{{3}}_{BASE32}")
#: kinds of facts that name new ids; a stream that names one comes before those whose names are made with it
_GIVE_NAMES: Final = (*("matches.made", "remittance.prepared", "receipt.received", "notices.requested"),)
#: of the ids that tables hold as UUIDs
_PREFIXES: Final = ("wrk", "don", "plg", "mat", "ntc")
_PAY_CODE: Final = re.compile(r"\b[0-9]{12}\b")


@dataclass
class Labels:
    """Names for ids; what services derived is named after its meaning, in the order of the logs."""

    names: dict[str, str]
    pay_codes: dict[str, str] = field(default_factory=dict)
    _used: Counter[str] = field(default_factory=Counter)

    def learn(self, kind: str, body: Mapping[str, Any]) -> None:
        """Name the ids that a fact brings into the world."""
        match kind:
            case "matches.made":
                for line in body["lines"]:
                    for worker, match in zip(line["workers"], line["matches"], strict=True):
                        self._give(match, f"match {self(body['pledge'])}/{self(worker)}/{line['from_month']}")
            case "remittance.prepared":
                label = f"remittance {self(body['donor'])}/{body['city']}/{body['month']}/{body['payment']}"
                self._give(body["remittance"], label)
                self.pay_codes[body["pay_code"]] = f"pay code of {label}"
            case "receipt.received":
                self._give(body["receipt"], f"receipt {body['month']}/{self(body['remittance'])}")
            case _:
                pass

    def learn_notices(self, first: Place, at: datetime, body: Mapping[str, Any]) -> None:
        """Name the notices of a fact by their keys."""
        for number, line in enumerate(body["lines"]):
            key = self(f"{body['template']}/{line['recipient']}/{line['subject']}")
            self._give(text_of(id_at(replace(first, line=number), at)), f"notice {key}")

    def _give(self, identity: str, label: str) -> None:
        if identity not in self.names:
            self._used[label] += 1
            self.names[identity] = label if self._used[label] == 1 else f"{label} no. {self._used[label]}"

    def __call__(self, text: str) -> str:
        """A text with names in the place of ids."""
        named = _ID.sub(lambda found: f"<{self.names.get(found[0], found[0])}>", text)
        return _PAY_CODE.sub(lambda found: self.pay_codes.get(found[0], found[0]), named)

    def plain(self, value: Any) -> Any:
        """A value without ids; lists lose their order, for many are sorted by ids."""
        match value:
            case str():
                return self(value)
            case Mapping():
                return {self(key): self.plain(one) for key, one in value.items() if key not in _CHANCE}
            case list() | tuple() | set():
                return sorted((self.plain(one) for one in value), key=_text)
            case datetime():
                return instant(value)
            case UUID():
                # tables hold the UUIDs of ids, without their prefixes
                ids = [f"{prefix}_{encode(value.int)}" for prefix in _PREFIXES]
                return self(next((one for one in ids if one in self.names), ids[0]))
            case date():
                return value.isoformat()
            case _:
                return value


@dataclass
class EndState:
    """Lines by heading: a stream of a log, or a table. `dead_letters` are not compared."""

    lines: dict[str, list[str]]
    dead_letters: list[str]

    def differs_from(self, other: "EndState", *, at_most: int = 40) -> list[str]:
        """What is here and not there (+), or there and not here (-); empty when the two are equal."""
        found = []
        for heading in sorted({*self.lines, *other.lines}):
            here, there = self.lines.get(heading, []), other.lines.get(heading, [])
            if here == there:
                continue
            more, less = Counter(here) - Counter(there), Counter(there) - Counter(here)
            if not more and not less:
                found.append(f"{heading}: the same in another order: {there} became {here}")
            found += [f"{heading}: + {line}" for line in more.elements()]
            found += [f"{heading}: - {line}" for line in less.elements()]
        return found[:at_most]


async def read(url: str, names: Mapping[str, str]) -> EndState:
    """The end state of a run; `names` are the load's labels. `url` is the database with its owner's login."""
    connection = await connect(url)
    try:
        labels = Labels(dict(names))
        logs: dict[ServiceName, list[Row]] = {
            service: await connection.fetch(f"SELECT * FROM {service}.facts ORDER BY shard, seq")
            for service in CATALOGUE
        }
        for kind in _GIVE_NAMES:
            for row in chain(*logs.values()):
                if row["kind"] == "notices.requested" == kind:
                    labels.learn_notices(Place(row["shard"], row["seq"], 0), row["at"], orjson.loads(row["body"]))
                elif row["kind"] == kind:
                    labels.learn(kind, orjson.loads(row["body"]))
        lines = _streams(logs, labels)
        dead_letters = [
            f"{service}: {orjson.loads(row['body'])['code']}"
            for service, rows in logs.items()
            for row in rows
            if row["kind"] in _DEAD_LETTERS
        ]
        for service, tables in TABLES.items():
            for table in tables:
                lines[f"table {service}.{table}"] = await _table(connection, service, table, labels)
        return EndState(lines, dead_letters)
    finally:
        await connection.close()


def _streams(logs: Mapping[ServiceName, Sequence[Row]], labels: Labels) -> dict[str, list[str]]:
    lines: dict[str, list[str]] = defaultdict(list)
    for service, rows in logs.items():
        for row in rows:
            if row["kind"] in _DEAD_LETTERS or row["stream"] == _SENDER:
                continue
            stream = labels(row["stream"]) if row["stream"] != "clock" else f"clock of shard {row['shard']}"
            heading = f"log {service}: {stream}"
            body = labels.plain(orjson.loads(row["body"]))
            lines[heading].append(f"{instant(row['at'])} {_text(body)}")
    for heading, facts in lines.items():
        if heading.startswith("log notifier:"):
            # in which order the causes of notices arrive from several services is a race by nature
            facts.sort()
    return dict(lines)


async def _table(connection: Connection, service: str, table: str, labels: Labels) -> list[str]:
    rows = await connection.fetch(f"SELECT * FROM {service}.{table}")
    dropped = _PLACES | (_NOTICE_CHANCE if service == "notifier" else frozenset())
    plain = [{name: labels.plain(value) for name, value in row.items() if name not in dropped} for row in rows]
    return sorted(_text(row) for row in plain)


def _text(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


async def quiet(connection: Connection) -> str:
    """What is left to process, in words; empty when every reader is at the head of its sources and no notice waits."""
    heads = " UNION ALL ".join(f"SELECT '{s}' AS service, shard, seq FROM {s}.head" for s in CATALOGUE)
    cursors = " UNION ALL ".join(f"SELECT '{s}' AS reader, shard, source, seq FROM {s}.cursors" for s in CATALOGUE)
    readers = ", ".join(f"('{s}', '{source.owner}')" for s in CATALOGUE for source in sources_of(s))
    behind = await connection.fetch(
        f"WITH heads AS ({heads}), cursors AS ({cursors}), readers (reader, source) AS (VALUES {readers}) "
        "SELECT r.reader, r.source, h.shard, h.seq AS wants, coalesce(c.seq, 0) AS has "
        "FROM readers r JOIN heads h ON h.service = r.source "
        "LEFT JOIN cursors c ON c.reader = r.reader AND c.source = r.source AND c.shard = h.shard "
        "WHERE coalesce(c.seq, 0) <> h.seq"
    )
    owed = await connection.fetchval(
        "SELECT (SELECT count(*) FROM notifier.owed) + (SELECT count(*) FROM notifier.notices WHERE state = 'delayed')"
    )
    left = [f"{row['reader']}<{row['source']}/{row['shard']}: {row['has']}/{row['wants']}" for row in behind]
    return ", ".join([*left, *([f"{owed} notices wait"] if owed else [])])
