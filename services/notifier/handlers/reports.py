"""Turns what the sender reports into facts of the log.

Promises that each attempt is on record once: a report that comes again (the answer to the first one was lost, or two
senders worked on one notice while a shard changed hands) finds its attempt there and adds nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from schemas.facts.notifier import (
    Channel,
    NoticeLines,
    NoticesDelayed,
    NoticesFailed,
    NoticesSent,
    NoticesSuppressed,
)
from services.notifier.domain.decider import State
from services.notifier.domain.identity import place_of
from services.runtime.base.errors import Defect
from services.runtime.base.postgres import Connection, Queries
from services.runtime.contract import Command, Outcome

_SQL = Queries(__package__, "reports.sql")

#: the kinds of fact that reports lead to
Result = type[NoticesSent] | type[NoticesDelayed] | type[NoticesFailed] | type[NoticesSuppressed]
#: notice, channel, webhook (or empty)
Target = tuple[UUID, str, str]
_DONE: Final = "done"


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The result of one attempt on a target of a notice; for a suppressed notice, the reason."""

    notice: UUID
    result: Result
    channel: Channel | None = None
    webhook: str | None = None
    attempt: int = 0
    code: str | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Reported(Command):
    """The results of attempts on some notices.

    All first attempts on a notice are in one command, hence on record together: a notice is either never tried, or each
    of its targets is known.
    """

    reports: tuple[Report, ...]

    @property
    def made_by(self) -> str:
        """The notifier's own sender."""
        return "service/notifier"


class ReportsHandler:
    """The handler of the notifier; see the module's promise."""

    async def handle(
        self,
        tx: Connection,
        shard: int,
        state: State,
        commands: Sequence[Command],
    ) -> Sequence[Outcome | Exception]:
        """One outcome per command; its answer is the number of reports that were new."""
        asked = [command.reports if isinstance(command, Reported) else () for command in commands]
        known = await _Known.read(tx, list({report.notice: None for reports in asked for report in reports}))
        outcomes: list[Outcome | Exception] = []
        for command, reports in zip(commands, asked, strict=True):
            if isinstance(command, Reported):
                new = [report for report in reports if known.take(report)]
                outcomes.append(Outcome(facts=list(_facts(new)), answer=len(new)))
            else:
                outcomes.append(Defect("notifier.unknown_command", type(command).__name__))
        return outcomes


def _facts(reports: Iterable[Report]) -> Iterator[NoticesSent | NoticesDelayed | NoticesFailed | NoticesSuppressed]:
    """One fact for all reports that differ in their notices alone."""
    alike: dict[tuple[Any, ...], dict[int, list[int]]] = {}
    for report in reports:
        what = (report.result, report.channel, report.webhook, report.attempt, report.code, report.retry_at)
        place = place_of(report.notice)
        alike.setdefault(what, {}).setdefault(place.seq, []).append(place.line)
    for (result, channel, webhook, attempt, code, retry_at), places in alike.items():
        notices = tuple(NoticeLines(of=seq, lines=tuple(lines)) for seq, lines in places.items())
        if result is NoticesSuppressed:
            yield NoticesSuppressed(notices=notices, code=code)
        elif result is NoticesSent:
            yield NoticesSent(notices=notices, channel=channel, webhook=webhook, attempt=attempt)
        elif result is NoticesFailed:
            yield NoticesFailed(notices=notices, channel=channel, webhook=webhook, attempt=attempt, code=code)
        else:
            yield NoticesDelayed(
                notices=notices, channel=channel, webhook=webhook, attempt=attempt, code=code, retry_at=retry_at
            )


class _Known:
    """How far the targets of some notices have come: the attempts on record, and whether another may follow."""

    def __init__(self, notices: dict[UUID, str], attempts: dict[Target, tuple[int, str]]) -> None:
        self._notices = notices
        self._attempts = attempts

    @classmethod
    async def read(cls, tx: Connection, notices: list[UUID]) -> "_Known":
        """What the tables say, as of the last commit."""
        states = await tx.fetch(_SQL["states"], notices)
        rows = await tx.fetch(_SQL["attempts"], notices)
        attempts = {(row["notice"], "mailbox", ""): (1, _DONE) for row in states if row["in_mailbox"]}
        attempts |= {(row["notice"], row["channel"], row["webhook"]): (row["attempt"], row["state"]) for row in rows}
        return cls({row["notice"]: row["state"] for row in states}, attempts)

    def take(self, report: Report) -> bool:
        """Whether a report is new; if so, it is known from now on."""
        if report.result is NoticesSuppressed:
            if self._notices.get(report.notice) not in ("owed", "delayed"):
                return False
            self._notices[report.notice] = "suppressed"
            return True
        target = (report.notice, report.channel or "", report.webhook or "")
        if target in self._attempts:
            attempt, state = self._attempts[target]
            new = state == "delayed" and report.attempt == attempt + 1
        else:
            new = self._notices.get(report.notice) == "owed" and report.attempt == 1
        if new:
            self._attempts[target] = (report.attempt, "delayed" if report.result is NoticesDelayed else _DONE)
        return new
