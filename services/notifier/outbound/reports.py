"""Results as reports: sent, delayed until when, failed for good, or suppressed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.facts.notifier import NoticesDelayed, NoticesFailed, NoticesSent, NoticesSuppressed
from services.notifier.domain.quiet import QuietHours
from services.notifier.domain.retry import retry_at
from services.notifier.handlers.reports import Report
from services.notifier.outbound.due import Job
from services.notifier.outbound.plan import Notice, Target
from services.notifier.outbound.results import Later, Never, Result, Sent
from services.runtime.base.clock import Clock


@dataclass(frozen=True)
class Reporter:
    """Turns results into reports. `attempts_max` includes the first attempt."""

    clock: Clock
    quiet: QuietHours
    attempts_max: int

    def reports(self, job: Job, results: Sequence[Result]) -> Iterator[Report]:
        """The reports of a job's results, one per target; without targets, why the notice is suppressed."""
        notice = job.notice
        if not job.targets:
            code = notice.suppress_reason or "recipient.no_channel"
            yield Report(notice=notice.id, result=NoticesSuppressed, code=code)
        for target, result in zip(job.targets, results, strict=True):
            yield self._report(notice, target, result)

    def _report(self, notice: Notice, target: Target, result: Result) -> Report:
        made: dict[str, Any] = {
            "notice": notice.id,
            "channel": target.channel,
            "webhook": target.webhook,
            "attempt": target.attempt,
        }
        match result:
            case Sent():
                return Report(**made, result=NoticesSent)
            case Never(code=code):
                return Report(**made, result=NoticesFailed, code=code)
            case Later(code=code) if target.attempt >= self.attempts_max:
                return Report(**made, result=NoticesFailed, code=code)
            case Later(code=code, asked=asked):
                seed = f"{notice.name}/{target.channel}/{target.webhook}"
                again = retry_at(self.clock.now(), attempt=target.attempt, seed=seed, asked=asked)
                # People are not woken by a second try either; systems never sleep.
                retry = again if target.channel == "webhook" else self.quiet.end(again)
                return Report(**made, result=NoticesDelayed, code=code, retry_at=retry)
