"""The laws of the vault's cryptography: what goes in comes out, and nothing else ever does."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.base.errors import Defect
from services.runtime.base.keys import Keys
from services.runtime.vault.crypto import Crypto, Sealed

OLD = base64.b64encode(bytes(range(32))).decode()
NEW = base64.b64encode(bytes(range(32, 64))).decode()
SITI = {"name": "Siti Nurhaliza", "nik": "3672014101900001", "phone": "+6281234567890"}

records = st.dictionaries(
    st.text(max_size=8),
    st.text() | st.integers() | st.none() | st.lists(st.dictionaries(st.text(), st.text())),
    max_size=6,
)


def crypto(master: str = OLD, *former: str) -> Crypto:
    return Crypto(Keys.derive(master, former))


def sealed(record: dict[str, Any], person: str = "wrk_1") -> Sealed:
    return crypto().seal([(person, record)])[0]


@given(records)
def test_any_record_comes_out_as_it_went_in(record: dict[str, Any]) -> None:
    assert crypto().open(sealed(record)) == record


def test_many_records_keep_their_order_and_their_owners() -> None:
    vault = crypto()
    people = [(f"wrk_{n}", {"name": f"Person {n}"}) for n in range(100)]
    assert [(one.person, vault.open(one)) for one in vault.seal(people)] == people


def test_the_same_record_is_never_sealed_to_the_same_bytes() -> None:
    both = crypto().seal([("wrk_1", SITI), ("wrk_1", SITI)])
    assert len({one.data for one in both} | {one.wrapped.key for one in both}) == 4


def test_no_plain_byte_of_a_record_is_in_what_is_stored() -> None:
    one = sealed(SITI)
    stored = one.data + one.wrapped.key + one.wrapped.version.encode()
    assert [value for value in SITI.values() if value.encode() in stored] == []


@given(st.data())
def test_a_changed_bit_is_noticed(data: st.DataObject) -> None:
    one = sealed(SITI)
    bit = data.draw(st.integers(0, len(one.data) * 8 - 1))
    changed = bytearray(one.data)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Defect, match=r"vault\.tampered"):
        crypto().open(one._replace(data=bytes(changed)))


@pytest.mark.parametrize("length", [0, 1, 12, 27])
def test_a_cut_ciphertext_is_noticed(length: int) -> None:
    one = sealed(SITI)
    with pytest.raises(Defect, match=r"vault\.tampered"):
        crypto().open(one._replace(data=one.data[:length]))


def test_a_row_moved_to_another_person_is_noticed() -> None:
    with pytest.raises(Defect, match=r"vault\.tampered"):
        crypto().open(sealed(SITI)._replace(person="wrk_2"))


def test_a_key_exchanged_between_two_rows_of_one_person_is_noticed() -> None:
    first, second = crypto().seal([("wrk_1", SITI), ("wrk_1", {"name": "Budi"})])
    with pytest.raises(Defect, match=r"vault\.tampered"):
        crypto().open(first._replace(wrapped=second.wrapped))


def test_an_error_reveals_nothing_of_the_person() -> None:
    one = sealed(SITI)
    with pytest.raises(Defect) as caught:
        crypto().open(one._replace(data=one.data[:-1]))
    assert "Siti" not in str(caught.value)


def test_after_rotation_the_old_seal_still_opens_and_new_ones_name_the_new_key() -> None:
    rotated = crypto(NEW, OLD)
    old = sealed(SITI)
    rewrapped = rotated.rewrap("wrk_1", old.wrapped)
    assert rotated.open(old) == SITI
    assert rewrapped.version == rotated.version != old.wrapped.version


def test_what_was_wrapped_again_opens_without_the_old_key() -> None:
    old = sealed(SITI)
    rewrapped = crypto(NEW, OLD).rewrap("wrk_1", old.wrapped)
    assert crypto(NEW).open(old._replace(wrapped=rewrapped)) == SITI


def test_a_key_of_an_unknown_version_is_refused_by_name() -> None:
    with pytest.raises(Defect, match=r"vault\.key_unknown.*SEKUL_MASTER_KEYS_OLD"):
        crypto(NEW).open(sealed(SITI))


def test_another_record_of_a_person_stays_under_the_persons_key() -> None:
    vault = crypto()
    one = sealed(SITI)
    later = vault.reseal("wrk_1", one.wrapped, {"name": "Siti N."})
    assert vault.open(one._replace(data=later)) == {"name": "Siti N."}


def test_the_lookup_of_a_nik_outlives_rotation() -> None:
    assert crypto(NEW, OLD).lookup(SITI["nik"]) == crypto(OLD).lookup(SITI["nik"])


def test_the_lookup_of_a_nik_needs_the_key() -> None:
    assert crypto(NEW).lookup(SITI["nik"]) != crypto(OLD).lookup(SITI["nik"])


@given(st.binary(max_size=2_000), st.integers(0, 10_000))
def test_a_piece_of_a_file_comes_out_as_it_went_in(piece: bytes, number: int) -> None:
    vault = crypto()
    key = vault.new_key("imp_1")
    assert vault.open_blob("imp_1", key, number, vault.seal_blob("imp_1", key, number, piece)) == piece


def test_a_piece_of_a_file_cannot_take_the_place_of_another() -> None:
    vault = crypto()
    key = vault.new_key("imp_1")
    piece = vault.seal_blob("imp_1", key, 1, b"nik;name")
    with pytest.raises(Defect, match=r"vault\.tampered"):
        vault.open_blob("imp_1", key, 2, piece)


def test_keys_are_not_shown_when_something_prints_them() -> None:
    keys = Keys.derive(OLD)
    shown = repr(keys) + repr(Crypto(keys))
    assert keys.wrapping.hex() not in shown
    assert repr(keys.wrapping) not in shown
    assert json.dumps(shown).find(OLD) == -1
