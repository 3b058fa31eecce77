"""Jars are handed out only with the hash of the lock, and the failure without a network names the remedy."""

from hashlib import sha256
from pathlib import Path

import pytest
import requests
from tenacity import wait_none

from services.ops.embedded import jars
from services.runtime.base.errors import Defect, RetryLater

_BYTES = b"not really a jar"


@pytest.fixture
def cached(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A jar in the cache of jgo, so that no network is needed."""
    monkeypatch.setenv("M2_REPO", str(tmp_path / "m2"))
    jar = tmp_path / "m2/example/thing/1.0/thing-1.0.jar"
    jar.parent.mkdir(parents=True)
    jar.write_bytes(_BYTES)
    return jar


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "wait_exponential", lambda **_: wait_none())


def test_a_jar_with_the_locked_hash_is_handed_out(cached: Path, tmp_path: Path) -> None:
    jars._fetch(jars.Jar("example", "thing", "1.0", sha256(_BYTES).hexdigest()), tmp_path)
    assert (tmp_path / "thing-1.0.jar").read_bytes() == cached.read_bytes()


def test_a_jar_with_another_hash_is_refused_and_thrown_away(
    cached: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "_ATTEMPTS_MAX", 1)
    with pytest.raises(Defect, match=r"thing-1\.0\.jar has the SHA-256 .*, the lock says 00"):
        jars._fetch(jars.Jar("example", "thing", "1.0", "00"), tmp_path)
    assert not cached.exists()
    assert not (tmp_path / "thing-1.0.jar").exists()


def test_without_a_network_the_failure_says_to_try_again(
    cached: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached.unlink()

    def away(*_: object, **__: object) -> None:
        raise requests.ConnectionError("network is unreachable")

    monkeypatch.setattr(requests, "request", away)
    with pytest.raises(RetryLater, match="after 4 attempts: network is unreachable\nThe first start needs the network"):
        jars._fetch(jars.Jar("example", "thing", "1.0", "00"), tmp_path)
