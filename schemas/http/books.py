"""Answers about the books."""

from datetime import date

from schemas.http.common import Answer


class KindBalance(Answer):
    """The balance of all accounts of one kind."""

    kind: str
    about: str
    balance_idr: int


class AccountBalance(Answer):
    """The balance of one account."""

    account: str
    balance_idr: int


class TrialBalanceAnswer(Answer):
    """All balances; `sum_idr` is zero. `broken` names accounts on the wrong side of zero."""

    as_of: date | None
    recorded_by: str | None
    plus_idr: int
    minus_idr: int
    sum_idr: int
    broken: list[str]
    kinds: list[KindBalance]
    items: list[AccountBalance]
