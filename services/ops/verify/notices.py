"""That everybody was told once, from the notifier's log alone."""

from collections.abc import Iterator

from schemas.facts.notifier import NoticeRequested, NoticeSent
from services.ops.verify.finding import Finding, Law
from services.runtime.contract import Recorded


class Notices:
    """An examiner of the notifier's log."""

    def __init__(self) -> None:
        self._law = Law("notices")
        self._keys: set[str] = set()
        self._ways: set[tuple[str, str, str]] = set()

    def see(self, one: Recorded) -> None:
        """Look at what was owed and what went out."""
        place = f"notifier/{one.shard}/{one.seq}"
        match one.fact:
            case NoticeRequested(key=key):
                if key in self._keys:
                    self._law.breach(f"{place}: the notice {key} is owed twice")
                self._keys.add(key)
            case NoticeSent(notice=notice, channel=channel, webhook=webhook):
                way = (notice, channel, webhook or "")
                if way in self._ways:
                    self._law.breach(f"{place}: {notice} went out twice by {channel}")
                self._ways.add(way)
            case _:
                pass

    def findings(self) -> Iterator[Finding]:
        """The one line."""
        yield self._law.finding(
            f"{len(self._keys):,} notices with keys of their own, {len(self._ways):,} sent once each"
        )
