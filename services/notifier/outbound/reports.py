"""Results as facts: sent, delayed until when, failed for good, or suppressed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.facts.notifier import NoticeDelayed, NoticeFailed, NoticeSent, NoticeSuppressed
from services.notifier.domain.quiet import QuietHours
from services.notifier.domain.retry import retry_at
from services.notifier.handlers import Report
from services.notifier.outbound.due import Job
from services.notifier.outbound.plan import Notice, Target
from services.notifier.outbound.results import Later, Never, Result, Sent
from services.runtime.base.clock import Clock


@dataclass(frozen=True)
class Reporter:
    """Says what goes on record. `attempts_max` counts the first attempt, too."""

    clock: Clock
    quiet: QuietHours
    attempts_max: int

    def reports(self, job: Job, results: Sequence[Result]) -> Iterator[Report]:
        """The facts for a job's results, one per target; without targets, why the notice goes to nobody."""
        notice = job.notice
        if not job.targets:
            code = notice.silence or "recipient.no_channel"
            yield NoticeSuppressed(notice=notice.id, recipient=notice.recipient, code=code)
        for target, result in zip(job.targets, results, strict=True):
            yield self._report(notice, target, result)

    def _report(self, notice: Notice, target: Target, result: Result) -> Report:
        made: dict[str, Any] = {
            "notice": notice.id,
            "recipient": notice.recipient,
            "channel": target.channel,
            "webhook": target.webhook,
            "attempt": target.attempt,
        }
        match result:
            case Sent():
                return NoticeSent(**made)
            case Never(code=code):
                return NoticeFailed(**made, code=code)
            case Later(code=code) if target.attempt >= self.attempts_max:
                return NoticeFailed(**made, code=code)
            case Later(code=code, asked=asked):
                seed = f"{notice.id}/{target.channel}/{target.webhook}"
                again = retry_at(self.clock.now(), attempt=target.attempt, seed=seed, asked=asked)
                # People are not woken by a second try either; systems never sleep.
                retry = again if target.channel == "webhook" else self.quiet.end(again)
                return NoticeDelayed(**made, code=code, retry_at=retry)
