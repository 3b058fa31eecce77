"""Who may do what: four roles and the one table of their permissions.

Pure. A route names a permission and never a role; what a role may touch within a permission (its own pledges, its own
areas) is decided by the `Actor`.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from schemas.reference import regions

Role = Literal["operator", "donor", "field", "auditor"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

Permission = Literal[
    "donor.write",
    "donor.read",
    "pledge.write",
    "pledge.read",
    "worker.write",
    "worker.read",
    "person.read",
    "person.erase",
    "preference.write",
    "webhook.write",
    "import.write",
    "match.read",
    "coverage.read",
    "cycle.write",
    "cycle.read",
    "remittance.read",
    "remittance.export",
    "payment.write",
    "ledger.read",
    "event.read",
    "notice.read",
    "deadletter.read",
    "deadletter.write",
    "key.write",
    "clock.write",
    "health.read",
]

#: The table. donor: its own donor, pledges, remittances; field: workers within its areas; auditor: reads, no person.
PERMISSIONS: Final[dict[Permission, frozenset[Role]]] = {
    "donor.write": frozenset({"operator"}),
    "donor.read": frozenset({"operator", "donor", "auditor"}),
    "pledge.write": frozenset({"operator", "donor"}),
    "pledge.read": frozenset({"operator", "donor", "auditor"}),
    "worker.write": frozenset({"operator", "field"}),
    "worker.read": frozenset({"operator", "field", "auditor"}),
    "person.read": frozenset({"operator", "donor", "field"}),
    "person.erase": frozenset({"operator"}),
    "preference.write": frozenset({"operator", "donor", "field"}),
    "webhook.write": frozenset({"operator", "donor"}),
    "import.write": frozenset({"operator", "field"}),
    "match.read": frozenset({"operator", "donor", "auditor"}),
    "coverage.read": frozenset({"operator", "donor", "field", "auditor"}),
    "cycle.write": frozenset({"operator"}),
    "cycle.read": frozenset({"operator", "auditor"}),
    "remittance.read": frozenset({"operator", "donor", "auditor"}),
    "remittance.export": frozenset({"operator"}),
    "payment.write": frozenset({"operator", "donor"}),
    "ledger.read": frozenset({"operator", "auditor"}),
    "event.read": frozenset({"operator", "auditor"}),
    "notice.read": frozenset({"operator", "donor", "auditor"}),
    "deadletter.read": frozenset({"operator", "auditor"}),
    "deadletter.write": frozenset({"operator"}),
    "key.write": frozenset({"operator"}),
    "clock.write": frozenset({"operator"}),
    "health.read": frozenset({"operator", "donor", "field", "auditor"}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """The holder of an API key. `donor` is set for donors only, `areas` for field workers only."""

    key: str
    role: Role
    donor: str | None = None
    areas: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        """`<role>/<key id>`: how the actor is named in what it has done."""
        return f"{self.role}/{self.key}"

    def may(self, permission: Permission) -> bool:
        """Whether the role has a permission at all."""
        return self.role in PERMISSIONS[permission]

    def sees_donor(self, donor: str | None) -> bool:
        """Whether what belongs to a donor is within sight; to others it does not exist."""
        return self.role != "donor" or donor == self.donor

    def sees_area(self, area: str) -> bool:
        """Whether workers of an area are within sight."""
        return self.role != "field" or any(regions.contains(own, area) for own in self.areas)
