"""The plan of migrations: every schema gets its log first, and passwords travel as verifiers only."""

from itertools import groupby

from services.ops.migrate import _scram, plan


def test_every_service_gets_its_log_before_its_own_tables() -> None:
    firsts = {schema: next(steps).file for schema, steps in groupby(plan(), key=lambda step: step.schema)}
    assert firsts == {
        "gateway": "0001_pre_log.sql",
        "matcher": "0001_pre_log.sql",
        "ledger": "0001_pre_log.sql",
        "notifier": "0001_pre_log.sql",
        "vault": "0001_pre_vault.sql",
    }


def test_only_the_gateway_keeps_a_copy_of_other_logs() -> None:
    assert [step.schema for step in plan() if step.part.endswith(".inbox")] == ["gateway"]


def test_a_verifier_does_not_hold_the_password() -> None:
    verifier = _scram("sekul_ledger", "correct horse")
    assert verifier.startswith("SCRAM-SHA-256$4096:")
    assert "correct" not in verifier
