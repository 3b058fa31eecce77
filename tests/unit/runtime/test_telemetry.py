"""Every signal has a meaning."""

from services.runtime.base import telemetry


def test_the_help_of_a_metric_is_a_sentence() -> None:
    helps = [line for line in telemetry.exposition().decode().splitlines() if line.startswith("# HELP sekul_")]
    assert len(helps) > 20
    assert [line for line in helps if not (line.endswith(".") and len(line.split()) > 6)] == []
