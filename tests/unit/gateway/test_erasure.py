"""A certificate of erasure can be checked by its holder."""

import json
from datetime import UTC, datetime
from hashlib import sha256

from services.gateway.domain.erasure import certify

AT = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)


def test_the_digest_can_be_computed_again_from_the_document() -> None:
    document = certify("wrk_1", AT, b"noise").document()
    digest = document.pop("digest")
    body = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert digest == sha256(body.encode()).hexdigest()


def test_it_names_the_person_the_instant_and_what_is_left() -> None:
    document = certify("wrk_1", AT, b"noise").document()
    assert (document["person"], document["erased_at"], document["ciphertext_sha256"]) == (
        "wrk_1",
        "2026-12-01T03:00:00Z",
        sha256(b"noise").hexdigest(),
    )


def test_the_same_tombstone_has_the_same_certificate() -> None:
    assert certify("wrk_1", AT, b"noise") == certify("wrk_1", AT, b"noise")


def test_other_remains_give_another_digest() -> None:
    assert certify("wrk_1", AT, b"noise").digest != certify("wrk_1", AT, b"nois!").digest
