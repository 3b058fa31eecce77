"""The matcher's tables follow from its log, in batches of any size; they suffice to check a certificate."""

from typing import Any

import pytest

from services.matcher.domain.certificate import certify
from services.matcher.projections.matching import MatchingProjector
from services.ops.certify import check, instance_of
from services.ops.verify.matching import in_text
from services.runtime.base.postgres import connect
from tests.integration.matcher.conftest import a_year, play
from tests.simulation.matcher.world import CITY, name
from tests.support.stage import Stage


async def rows(on_stage: Stage) -> dict[str, list[dict[str, Any]]]:
    """All tables, each in the order of its key, with ids and months as the facts have them."""
    async with on_stage.pool.acquire() as connection:
        return {
            table: [
                in_text(row) if table in ("workers", "matches") else dict(row)
                for row in await connection.fetch(f"select * from {table} order by 1")
            ]
            for table in MatchingProjector.tables
        }


@pytest.mark.parametrize("at_a_time", [1, 7, 1_000])
async def test_the_tables_are_the_same_for_all_batches_and_after_a_rebuild(
    on_stage: Stage, postgres_url: str, at_a_time: int
) -> None:
    world = a_year()
    await play(on_stage, world, at_a_time)
    assert on_stage.service.decider.dump(on_stage.own.state) == world.decider.dump(world.state)
    kept = await rows(on_stage)
    assert {table for table, content in kept.items() if content} == set(MatchingProjector.tables)

    owner = await connect(postgres_url, server_settings={"search_path": "matcher"})
    try:
        await on_stage.rebuild(owner)
    finally:
        await owner.close()

    assert await rows(on_stage) == kept
    seated = {worker.id: worker.seat for worker in world.state.workers.values() if worker.seat}
    open_ended = {row["worker"]: row for row in kept["matches"] if row["ended"] is None and row["worker"] in seated}
    assert {worker: row["match"] for worker, row in open_ended.items()} == {
        worker: seat.id for worker, seat in seated.items()
    }


async def test_a_certificate_is_checked_against_the_tables_and_refused_when_they_differ(on_stage: Stage) -> None:
    world = a_year()
    await play(on_stage, world, 100)
    kept = await rows(on_stage)
    certificate = certify(world.state.cities[CITY])

    def verdict() -> list[str]:
        return check(
            instance_of(certificate["horizon"], kept["workers"], kept["pledges"], kept["matches"]), certificate
        )

    assert verdict() == []
    stolen = next(row for row in kept["matches"] if row["ended"] is None and row["pledge"] == name("plg", 12))
    kept["matches"].remove(stolen)
    assert any("free slot" in complaint or "waits outside" in complaint for complaint in verdict())
