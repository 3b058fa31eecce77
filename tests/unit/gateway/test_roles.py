"""Who may do what."""

import pytest

from services.gateway.domain.roles import PERMISSIONS, ROLES, Actor, Permission, Role

DONOR = "don_01m85mg280f58bwqstenh5dw9z"
OTHER = "don_01m85mg280eepshbzxw57hw3ey"


def test_an_operator_may_do_everything() -> None:
    assert [permission for permission, roles in PERMISSIONS.items() if "operator" not in roles] == []


def test_no_role_is_without_any_permission_and_no_permission_without_a_role() -> None:
    assert set().union(*PERMISSIONS.values()) == set(ROLES)
    assert all(PERMISSIONS.values())


def test_an_auditor_writes_nothing_and_sees_no_person() -> None:
    auditor = Actor("key", "auditor")
    may = [permission for permission in PERMISSIONS if auditor.may(permission)]
    assert [permission for permission in may if not permission.endswith(".read")] == []
    assert "person.read" not in may


@pytest.mark.parametrize(
    ("role", "permission"),
    [("donor", "worker.read"), ("donor", "event.read"), ("donor", "ledger.read"), ("field", "pledge.write"),
     ("field", "remittance.export"), ("auditor", "remittance.export"), ("field", "cycle.write")],
)  # fmt: skip
def test_these_stay_closed(role: Role, permission: Permission) -> None:
    assert not Actor("key", role).may(permission)


def test_a_donor_sees_its_own_donor_alone() -> None:
    donor = Actor("key", "donor", donor=DONOR)
    assert donor.sees_donor(DONOR)
    assert not donor.sees_donor(OTHER)
    assert Actor("key", "operator").sees_donor(OTHER)


def test_a_field_worker_sees_its_areas_and_what_lies_in_them() -> None:
    field = Actor("key", "field", areas=("36.72.01", "36.72.02.1001"))
    assert field.sees_area("36.72.01.1001")
    assert field.sees_area("36.72.02.1001")
    assert not field.sees_area("36.72.02.1002")
    assert not field.sees_area("36.72")
    assert Actor("key", "operator").sees_area("11.01.01.2001")
