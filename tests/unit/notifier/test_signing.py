"""Signatures of Standard Webhooks: the published vector, and the reference library as a judge."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Judge

from services.notifier.outbound.signing import BadSecret, headers

# The vector of the reference implementation's own tests.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT = datetime.fromtimestamp(1_614_265_330, UTC)
BODY = b'{"test": 2432232314}'


def test_the_published_vector_comes_out() -> None:
    assert headers(SECRET, message=MESSAGE, at=AT, body=BODY) == {
        "webhook-id": MESSAGE,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_time_in_another_zone_is_the_same_time() -> None:
    jakarta = AT.astimezone(timezone(timedelta(hours=7)))
    assert headers(SECRET, message=MESSAGE, at=jakarta, body=BODY) == headers(SECRET, message=MESSAGE, at=AT, body=BODY)


def test_a_secret_without_padding_or_prefix_is_the_same_secret() -> None:
    bare = SECRET.removeprefix("whsec_").rstrip("=")
    assert headers(bare, message=MESSAGE, at=AT, body=BODY) == headers(SECRET, message=MESSAGE, at=AT, body=BODY)


@given(st.text(st.characters(codec="utf-8"), max_size=200), st.integers(0, 2**31))
def test_the_reference_library_makes_the_same_signature(text: str, seconds: int) -> None:
    body, at = text.encode(), datetime.fromtimestamp(seconds, UTC)
    signed = headers(SECRET, message=MESSAGE, at=at, body=body)
    assert signed["webhook-signature"] == Judge(SECRET).sign(MESSAGE, at, body.decode())


@pytest.mark.parametrize("secret", ["whsec_", "", "whsec_a"])
def test_a_secret_that_is_none_is_refused_without_repeating_it(secret: str) -> None:
    with pytest.raises(BadSecret) as refusal:
        headers(secret, message=MESSAGE, at=AT, body=BODY)
    assert not secret or secret not in str(refusal.value)
