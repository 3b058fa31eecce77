"""A gateway that records what a script asks it to, each part exactly once however often it is asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.base import Fact
from schemas.logs import GATEWAY
from schemas.redrive import redrive_of
from services.runtime.base.postgres import Connection
from services.runtime.contract import Command, Outcome, Service
from tests.support.toys import Counter, Nothing, Tally


@dataclass(frozen=True, kw_only=True)
class Say(Command):
    """Record facts; `begin` is how many the log must hold before."""

    begin: int
    facts: tuple[Fact, ...]

    @property
    def made_by(self) -> str:
        """An operator."""
        return "operator/script"


class ScriptHandler:
    """Records the facts of each command once: the length of the log shows whether that was done before."""

    async def handle(
        self, tx: Connection, shard: int, state: Tally, commands: Sequence[Command]
    ) -> Sequence[Outcome | Exception]:
        """One outcome per command; a script sends its commands one after the other."""
        del tx, shard
        (command,) = commands
        assert isinstance(command, Say)
        return [Outcome(command.facts if state.folded == command.begin else (), None)]


def gateway() -> Service:
    """A gateway that follows a script; it reads all logs, as the real one does."""
    handler = ScriptHandler()
    return Service(GATEWAY, Counter(), Nothing(), handler=handler, keeps_inbox=True, redrive=redrive_of("gateway"))
