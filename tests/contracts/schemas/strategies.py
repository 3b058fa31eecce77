"""Hypothesis strategies for facts, read from their fields: any fact that its kind accepts."""

from datetime import UTC, date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen
from hypothesis import strategies as st
from pydantic import AwareDatetime

from schemas.base import Fact, Record

Form = Any
Values = st.SearchStrategy[Any]

_DATES = st.dates(date(2020, 1, 1), date(2099, 12, 31))
_INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@cache
def records(shape: type[Record]) -> Values:
    """Any record of a shape; options are left out as often as not."""
    required = {n: _values(f.annotation, f.metadata) for n, f in shape.model_fields.items() if f.is_required()}
    optional = {
        n: _values(f.annotation, f.metadata)
        for n, f in shape.model_fields.items()
        if not f.is_required() and n != "kind"
    }
    return st.fixed_dictionaries(required, optional=optional).map(shape.model_validate)


def facts(kind: type[Fact]) -> st.SearchStrategy[Fact]:
    """Any fact of a kind."""
    return records(kind)


def _values(form: Form, limits: list[Any]) -> Values:
    origin: Any = get_origin(form)
    if origin is Annotated:
        inner = [limit for info in form.__metadata__ for limit in getattr(info, "metadata", [info])]
        return _values(form.__origin__, [*limits, *inner])
    if origin in {Union, UnionType}:
        return st.one_of(*(_values(arm, limits) for arm in get_args(form)))
    if origin is Literal:
        return st.sampled_from(get_args(form))
    if origin is tuple:
        return st.lists(_values(get_args(form)[0], []), max_size=3).map(tuple)
    if origin is dict:
        key, value = get_args(form)
        return st.dictionaries(_values(key, []), _values(value, []), max_size=3)
    return _plain(form, limits)


def _plain(form: Form, limits: list[Any]) -> Values:
    if isinstance(form, type) and issubclass(form, Record):
        return records(form)
    if form is str:
        return _texts(limits)
    if form is int:
        least: Any = next(limit.ge for limit in limits if isinstance(limit, Ge))
        most: Any = next(limit.le for limit in limits if isinstance(limit, Le))
        return st.integers(least, most)
    return {bool: st.booleans(), date: _DATES, AwareDatetime: _INSTANTS, NoneType: st.none()}[form]


def _texts(limits: list[Any]) -> Values:
    longest = next((limit.max_length for limit in limits if isinstance(limit, MaxLen)), 500)
    patterns = [p for limit in limits if (p := getattr(limit, "pattern", None))]
    if patterns:
        return st.from_regex(patterns[0], fullmatch=True).filter(lambda text: len(text) <= longest)
    return st.text(max_size=min(longest, 30))
