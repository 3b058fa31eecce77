"""Secrets are made once, kept private, and never made where settings name them."""

from pathlib import Path

from services.ops.local import settings_of
from services.ops.stack_secrets import ensure, kept
from services.runtime.base.keys import Keys
from services.settings import Settings


def test_what_was_made_once_is_found_again(tmp_path: Path) -> None:
    first, second = ensure(tmp_path, Settings()), ensure(tmp_path, Settings())
    assert (first.master_key, first.operator_key) == (second.master_key, second.operator_key)
    assert (first.fresh, second.fresh) == (True, False)


def test_a_made_master_key_is_one_that_keys_derive_from(tmp_path: Path) -> None:
    assert Keys.derive(ensure(tmp_path, Settings()).master_key).internal


def test_settings_come_first_and_are_not_written_down(tmp_path: Path) -> None:
    found = ensure(tmp_path, Settings.model_validate({"operator_key": "sk_mine", "master_key": "bWluZQ=="}))
    assert (found.operator_key, found.master_key, found.fresh) == ("sk_mine", "bWluZQ==", False)
    assert list((tmp_path / "secrets").iterdir()) == []


def test_secrets_are_not_printed(tmp_path: Path) -> None:
    found = ensure(tmp_path, Settings())
    assert found.master_key not in repr(found)
    assert found.operator_key not in repr(found)


def test_reading_the_secrets_finds_existing_ones(tmp_path: Path) -> None:
    made = ensure(tmp_path, Settings())
    assert kept(tmp_path) == {"master_key": made.master_key, "operator_key": made.operator_key}
    assert settings_of(tmp_path).operator_key.get_secret_value() == made.operator_key


def test_reading_the_secrets_creates_none(tmp_path: Path) -> None:
    assert settings_of(tmp_path).operator_key.get_secret_value() == ""
    assert list(tmp_path.iterdir()) == []
