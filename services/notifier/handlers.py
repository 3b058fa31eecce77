"""Takes in what the sender reports and turns it into facts of the log.

Promises that each attempt is on record once: a report that comes again (the answer to the first one was lost, or two
senders worked on one notice while a shard changed hands) finds its attempt there and adds nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.facts.notifier import NoticeDelayed, NoticeFailed, NoticeSent, NoticeSuppressed
from services.notifier.domain.decider import State
from services.runtime.base.errors import Defect
from services.runtime.base.postgres import Connection, Queries
from services.runtime.contract import Command, Outcome

_SQL = Queries(__package__, "handlers.sql")

Report = NoticeSent | NoticeDelayed | NoticeFailed | NoticeSuppressed
#: notice, channel, webhook (or empty)
Target = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Reported(Command):
    """What came of the attempts on some notices.

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
        """One outcome per command; its answer is the number of facts that were new."""
        asked = [command.reports if isinstance(command, Reported) else () for command in commands]
        known = await _Known.read(tx, list({report.notice: None for reports in asked for report in reports}))
        outcomes: list[Outcome | Exception] = []
        for command, reports in zip(commands, asked, strict=True):
            if isinstance(command, Reported):
                new = [report for report in reports if known.take(report)]
                outcomes.append(Outcome(facts=new, answer=len(new)))
            else:
                outcomes.append(Defect("notifier.unknown_command", type(command).__name__))
        return outcomes


class _Known:
    """How far the targets of some notices have come: the attempts on record, and whether another may follow."""

    def __init__(self, notices: dict[str, str], attempts: dict[Target, tuple[int, str]]) -> None:
        self._notices = notices
        self._attempts = attempts

    @classmethod
    async def read(cls, tx: Connection, notices: list[str]) -> "_Known":
        """What the tables say, as of the last commit."""
        states = {row["notice"]: row["state"] for row in await tx.fetch(_SQL["states"], notices)}
        rows = await tx.fetch(_SQL["attempts"], notices)
        attempts = {(row["notice"], row["channel"], row["webhook"]): (row["attempt"], row["state"]) for row in rows}
        return cls(states, attempts)

    def take(self, report: Report) -> bool:
        """Whether a report is new; if so, it is known from now on."""
        if isinstance(report, NoticeSuppressed):
            if self._notices.get(report.notice) not in ("owed", "delayed"):
                return False
            self._notices[report.notice] = "suppressed"
            return True
        target = (report.notice, report.channel, report.webhook or "")
        if target in self._attempts:
            attempt, state = self._attempts[target]
            new = state == "delayed" and report.attempt == attempt + 1
        else:
            new = self._notices.get(report.notice) == "owed" and report.attempt == 1
        if new:
            self._attempts[target] = (report.attempt, "delayed" if isinstance(report, NoticeDelayed) else "done")
        return new
