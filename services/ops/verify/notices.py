"""The law that each notice has a key of its own and is sent once by each channel, from the notifier's log alone."""

from collections.abc import Iterator

from schemas.facts.notifier import NoticeLines, NoticesDelayed, NoticesFailed, NoticesRequested, NoticesSent
from schemas.facts.notifier import NoticesSuppressed as Suppressed
from services.ops.verify.finding import Finding, Law
from services.runtime.contract import Recorded


class Notices:
    """An examiner of the notifier's log."""

    def __init__(self) -> None:
        self._law = Law("notices")
        self._keys: set[str] = set()
        #: shard and number of a request: how many lines it has
        self._requests: dict[tuple[int, int], int] = {}
        self._sent: set[tuple[int, int, int, str, str]] = set()

    def see(self, one: Recorded) -> None:
        """Check a request or a delivery."""
        match one.fact:
            case NoticesRequested() as fact:
                self._requests[one.shard, one.seq] = len(fact.lines)
                for line in fact.lines:
                    self._request(one, f"{fact.template}/{line.recipient}/{line.subject}")
            case NoticesSent(channel=channel, webhook=webhook, notices=notices):
                for of, number in self._requested(one, notices):
                    self._delivered(one, of, number, channel, webhook or "")
            case NoticesDelayed(notices=notices) | NoticesFailed(notices=notices) | Suppressed(notices=notices):
                for _ in self._requested(one, notices):
                    pass
            case _:
                pass

    def _request(self, one: Recorded, key: str) -> None:
        if key in self._keys:
            self._law.breach(f"notifier/{one.shard}/{one.seq}: the notice {key} is requested twice")
        self._keys.add(key)

    def _requested(self, one: Recorded, notices: tuple[NoticeLines, ...]) -> Iterator[tuple[int, int]]:
        """The places of notices; those that were never requested break the law."""
        for some in notices:
            for number in some.lines:
                if number >= self._requests.get((one.shard, some.of), 0):
                    place = f"notifier/{one.shard}/{one.seq}"
                    self._law.breach(f"{place}: line {number} of {some.of} was never requested")
                yield some.of, number

    def _delivered(self, one: Recorded, of: int, number: int, channel: str, webhook: str) -> None:
        way = (one.shard, of, number, channel, webhook)
        if way in self._sent:
            place = f"notifier/{one.shard}/{one.seq}"
            self._law.breach(f"{place}: line {number} of {of} was sent twice by {channel}")
        self._sent.add(way)

    def findings(self) -> Iterator[Finding]:
        """Returns the one finding."""
        yield self._law.finding(
            f"{len(self._keys):,} notices with keys of their own; {len(self._sent):,} deliveries, none twice"
        )
