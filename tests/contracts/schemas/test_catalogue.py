"""The catalogue is consistent: owners, readers, and no personal data in any fact."""

import re
from collections.abc import Iterator
from typing import get_args

import pytest

from schemas.base import Fact, Record, kind_of
from schemas.export.kinds import Kind, kinds
from schemas.logs import CATALOGUE, sources_of

KINDS = list(kinds().values())
EVERY_KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
#: What every service says about itself.
COMMON = {"day.began", "dead_letter.recorded", "dead_letter.redriven"}
#: Words that a field name of a fact must not hold: the data of persons lives in the vault alone.
PERSONAL = {
    *("nik", "kpj", "name", "names", "nama", "first", "surname", "mother", "phone", "hp", "mobile", "whatsapp"),
    *("email", "mail", "born", "birth", "birthday", "birthdate", "age", "sex", "gender", "address", "alamat"),
    *("street", "rt", "rw", "religion", "desil", "health", "disease", "account_number", "iban", "income"),
}


def fields(shape: type[Record], seen: tuple[type, ...] = ()) -> Iterator[str]:
    """The names of all fields of a shape and of the records in it."""
    for name, field in shape.model_fields.items():
        yield name
        for inner in records_in(field.annotation):
            if inner not in seen:
                yield from fields(inner, (*seen, shape))


def records_in(form: object) -> Iterator[type[Record]]:
    """The records that a type is made of."""
    if isinstance(form, type) and issubclass(form, Record):
        yield form
    for arm in get_args(form):
        yield from records_in(arm)


@EVERY_KIND
def test_a_kind_is_in_exactly_one_log_unless_every_service_says_it(kind: Kind) -> None:
    owners = [log.owner for log in kind.logs]
    assert owners == (list(CATALOGUE) if kind.name in COMMON else owners[:1])


def test_every_log_carries_the_common_kinds() -> None:
    for log in CATALOGUE.values():
        assert set(log.codec.kinds) >= COMMON


def test_every_reader_is_a_service_and_none_reads_itself() -> None:
    for log in CATALOGUE.values():
        assert set(log.readers) <= set(CATALOGUE)
        assert log.owner not in log.readers
        assert len(set(log.readers)) == len(log.readers)


def test_every_service_has_a_source_and_a_reader() -> None:
    for service, log in CATALOGUE.items():
        assert sources_of(service)
        assert log.readers


def test_the_topics_are_those_of_the_contract() -> None:
    assert [log.topic for log in CATALOGUE.values()] == [
        "gateway.facts",
        "matcher.facts",
        "ledger.facts",
        "notifier.facts",
    ]


@EVERY_KIND
def test_the_kafka_key_is_a_required_text_field(kind: Kind) -> None:
    field = kind.fact.model_fields[kind.fact.STREAM]
    one_stream = kind.fact.STREAM in {"clock", "by"}
    assert one_stream or (field.annotation is str and field.is_required())


@EVERY_KIND
def test_a_kind_is_thing_and_past_tense_and_is_explained(kind: Kind) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*", kind.name)
    assert kind.about.endswith(".")
    assert kind.version >= 1


@EVERY_KIND
def test_no_field_of_a_fact_smells_of_a_person(kind: Kind) -> None:
    for name in fields(kind.fact):
        assert PERSONAL.isdisjoint({name, *name.split("_")}), f"{name} belongs into the vault"


def test_every_fact_that_is_defined_is_carried_by_a_log() -> None:
    defined = {kind_of(fact) for fact in subclasses(Fact) if "kind" in fact.model_fields}
    assert {name for name in defined if not name.startswith("toy.")} == set(kinds())


def subclasses(of: type[Fact]) -> Iterator[type[Fact]]:
    """All facts of the schemas that derive from a class."""
    for below in of.__subclasses__():
        if below.__module__.startswith("schemas."):
            yield below
        yield from subclasses(below)
