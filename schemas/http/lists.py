"""Lists: a page of items, and where the next page begins."""

from typing import Generic, TypeVar

from schemas.http.common import Answer

Item = TypeVar("Item")


class Listed(Answer, Generic[Item]):
    """A page; `next` goes into `after`, and is null on the last page."""

    items: list[Item]
    next: str | None
