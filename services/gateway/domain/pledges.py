"""Commands about pledges: a donor promises, withdraws, or changes the size or length of the promise."""

from dataclasses import dataclass

from schemas import months
from schemas.facts.gateway import PledgeAmended, PledgeCancelled, PledgeRegistered
from schemas.reference.quote import Quote
from services.gateway.domain.command import Decided, GatewayCommand, Requirements
from services.gateway.domain.command_context import CommandContext, PledgeRow
from services.gateway.domain.roles import Actor
from services.gateway.domain.terms import Terms, shown
from services.runtime.base.errors import Problem, Refused


@dataclass(frozen=True, kw_only=True)
class RegisterPledge(GatewayCommand):
    """A donor promises; `terms` were found sound before."""

    pledge: str
    donor: str
    terms: Terms
    quote: Quote

    def needs(self, requirements: Requirements) -> None:
        """The donor and the workers named."""
        requirements.donor(self.donor)
        for worker in self.terms.scope.workers:
            requirements.worker(worker)

    def decide(self, context: CommandContext) -> Decided | Refused:
        """Taken when the donor exists, and each worker named may be protected in this city."""
        donor = context.donors.get(self.donor)
        problems = unfit_workers(context, self.terms)
        if donor is None or donor.erased or not self.actor.sees_donor(self.donor):
            problems.insert(0, Problem("/donor", "donor.unknown", f"there is no donor {self.donor}"))
        if problems or donor is None:
            return Refused("body.invalid", f"{len(problems)} field(s) cannot be taken", tuple(problems))
        fact = pledge_fact(self.pledge, self.terms, donor=donor.donor, kind=donor.kind, language=donor.language)
        body = {
            "id": self.pledge,
            "status": "registered",
            "slots": self.terms.slots,
            "filled": 0,
            "quote": shown(self.quote, donor.language),
        }
        return Decided([fact], 201, body)


def pledge_fact(pledge: str, terms: Terms, *, donor: str, kind: str, language: str) -> PledgeRegistered:
    """The fact that a pledge with these terms is."""
    return PledgeRegistered(
        pledge=pledge,
        donor=donor,
        donor_kind=kind,  # type: ignore[arg-type]  # the fact itself refuses other words
        language=language,  # type: ignore[arg-type]
        city=terms.city,
        slots=terms.slots,
        starts=terms.starts,
        until=terms.until,
        scope=terms.scope,
        payment=terms.payment,
        programmes=terms.programmes,
        keep=terms.keep,
        amount_idr=terms.amount_idr,
        reference=terms.reference,
    )


def unfit_workers(context: CommandContext, terms: Terms) -> list[Problem]:
    """Why workers named in a scope cannot be protected, each at its place."""
    problems: list[Problem] = []
    for number, worker in enumerate(terms.scope.workers):
        pointer, row = f"/scope/workers/{number}", context.workers.get(worker)
        if row is None:
            problems.append(Problem(pointer, "worker.unknown", f"there is no worker {worker}"))
        elif row.gone:
            problems.append(Problem(pointer, "worker.ended", f"worker {worker} has left the list"))
        elif row.city != terms.city:
            problems.append(Problem(pointer, "worker.other_city", f"worker {worker} is of {row.city}"))
    return problems


def _visible(context: CommandContext, actor: Actor, pledge: str) -> PledgeRow | Refused:
    row = context.pledges.get(pledge)
    if row is None or not actor.sees_donor(row.donor):
        return Refused("pledge.unknown", f"there is no pledge {pledge}")
    return row


@dataclass(frozen=True, kw_only=True)
class CancelPledge(GatewayCommand):
    """A donor withdraws a pledge from a month on."""

    pledge: str
    from_month: str

    def needs(self, requirements: Requirements) -> None:
        """The pledge."""
        requirements.pledge(self.pledge)

    def decide(self, context: CommandContext) -> Decided | Refused:
        """Taken for a pledge that runs; a second cancellation may only bring the end forward."""
        row = _visible(context, self.actor, self.pledge)
        if isinstance(row, Refused):
            return row
        answer = {"id": self.pledge, "cancelled_from": self.from_month}
        if row.cancelled_from == self.from_month:
            return Decided([], 200, answer)
        if row.status in {"ended", "refused"}:
            return Refused("pledge.ended", f"pledge {self.pledge} is {row.status} already")
        if row.cancelled_from is not None and row.cancelled_from < self.from_month:
            return Refused("pledge.ended", f"pledge {self.pledge} is cancelled from {row.cancelled_from} on already")
        if self.from_month < months.of(self.day):
            return Refused(
                "body.invalid",
                "a month in the past cannot be cancelled",
                (Problem("/from", "month.past", f"the earliest is {months.of(self.day)}"),),
            )
        return Decided([PledgeCancelled(pledge=self.pledge, from_month=self.from_month)], 200, answer)


@dataclass(frozen=True, kw_only=True)
class AmendPledge(GatewayCommand):
    """A donor changes the number of slots or the length of a pledge."""

    pledge: str
    slots: int | None
    months: int | None

    def needs(self, requirements: Requirements) -> None:
        """The pledge."""
        requirements.pledge(self.pledge)

    def decide(self, context: CommandContext) -> Decided | Refused:
        """Taken for a pledge that runs; the same terms again change nothing."""
        row = _visible(context, self.actor, self.pledge)
        if isinstance(row, Refused):
            return row
        slots, term = self.slots or row.slots, self.months or row.months
        until = months.add(row.starts, term - 1)
        answer = {"id": self.pledge, "slots": slots, "months": term, "until": until}
        if (slots, term) == (row.slots, row.months):
            return Decided([], 200, answer)
        if row.status in {"ended", "refused"} or row.cancelled_from is not None:
            return Refused("pledge.ended", f"pledge {self.pledge} is ended or cancelled already")
        if until < months.of(self.day):
            return Refused(
                "body.invalid",
                "the pledge would have ended in the past",
                (Problem("/months", "month.past", f"{term} months from {row.starts} end in {until}"),),
            )
        return Decided([PledgeAmended(pledge=self.pledge, slots=self.slots, months=self.months)], 200, answer)
