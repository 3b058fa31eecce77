"""What the demonstration shows at its end: coverage, the books, some notices, the laws, and where to look next.

Promises that no name is shown in full. Must not count anything itself: all figures come from the services.
"""

from collections.abc import Sequence
from typing import Any, Final

from rich.text import Text

from services.ops.demo.founding import Stage
from services.ops.demo.screen import first
from services.ops.terminal import views
from services.ops.verify.run import verify

#: how many kinds of notices are shown, and how many notices are searched for them
_KINDS_MAX: Final = 3
_LOOKED_AT: Final = 2_000


async def show(stage: Stage, span: Sequence[str]) -> bool:
    """Show all of it; returns whether every law holds."""
    console, gateway = stage.screen.console, stage.gateway
    console.rule(f"Coverage in {views.month(span[-1])}")
    console.print(views.coverage(await gateway.get("/v1/coverage", month=span[-1])))
    console.rule("Books")
    console.print(views.trial_balance(await gateway.get("/v1/ledger/trial-balance")))
    console.rule("Some notices")
    for notice in await _samples(stage):
        console.print(views.notice(notice))
    name = next(iter(stage.donors.values())).body["name"]
    calls = f"{stage.csr.genuine} webhooks with a valid signature, {stage.csr.forged} without"
    console.print(Text(f"  {name}'s own system received {calls}"))
    console.rule("sekul verify")
    return await _verify(stage) and not stage.csr.forged


async def _samples(stage: Stage) -> list[dict[str, Any]]:
    """A notice of each kind, as long as there is room."""
    found: dict[str, dict[str, Any]] = {}
    for notice in await first(stage.gateway.all("/v1/mailbox", limit=500), _LOOKED_AT):
        found.setdefault(notice["template"], notice)
    return list(found.values())[:_KINDS_MAX]


async def _verify(stage: Stage) -> bool:
    holds = True
    with stage.screen.step("everything is verified") as step:
        findings = []
        async for finding in verify(stage.stack.settings):
            findings.append(finding)
            holds = holds and finding.state != "broken"
        step.result = "all laws hold" if holds else "a law is broken"
    for finding in findings:
        stage.screen.console.print(views.law(finding))
    return holds


def invite(stage: Stage) -> None:
    """Print where to look next."""
    console = stage.screen.console
    console.rule()
    console.print(Text.assemble("console  ", (f"{stage.stack.url}/console", "bold")))
    console.print(Text(f"key      {stage.stack.operator_key}"))
    console.print(Text(f"commands sekul watch --data {stage.stack.folder.data}   (and all others)"))
    console.print(Text("Ctrl-C ends it"))
