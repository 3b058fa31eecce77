"""Statements lie in `.sql` files; what is wrong with a file shows when it is loaded."""

import asyncpg
import pytest

from services.runtime.base.postgres import Queries, is_away


def load(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, text: str) -> Queries:
    folder = tmp_path_factory.mktemp("sql")
    package = folder / "statements_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "some.sql").write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(__import__("sys").modules, "statements_of_a_test", raising=False)
    return Queries("statements_of_a_test", "some.sql")


def test_a_comment_that_looks_like_a_title_stays_part_of_its_statement(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = "-- first: why\n-- opened: of an open one\nselect 1\n\n-- second: why\nselect 2\n"
    assert sorted(load(monkeypatch, tmp_path_factory, text)) == ["first", "second"]


def test_a_name_taken_twice_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.raises(ValueError, match="taken twice"):
        load(monkeypatch, tmp_path_factory, "-- one: why\nselect 1\n\n-- one: why\nselect 2\n")


@pytest.mark.parametrize(
    "error",
    [
        OSError(),
        TimeoutError(),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
        asyncpg.InternalClientError("got result for unknown protocol state; another operation is in progress"),
    ],
)
def test_a_lost_connection_means_that_the_database_is_away(error: Exception) -> None:
    assert is_away(error)


@pytest.mark.parametrize("error", [asyncpg.InterfaceError("the server expects 0 arguments"), asyncpg.DataError("x")])
def test_a_wrong_call_does_not_mean_that_the_database_is_away(error: Exception) -> None:
    assert not is_away(error)
