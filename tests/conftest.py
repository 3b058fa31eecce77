"""Fixtures for all tests; each lives in a module of `tests/support`."""

from typing import Final

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.kafka", "tests.support.postgres", "tests.support.stack"]

# How long an example takes is no promise of the code, and says most about what else the machine does.
settings.register_profile("sekul", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("sekul")

#: Where the longest tests are. They come first, so that no worker of pytest-xdist is left with one at the end; the
#: first of the fault tests plays the life that all others are compared with.
_FIRST: Final = (
    "faults/test_kills.py",
    "cli/test_demo.py",
    "cli/test_everyday.py",
    "faults/test_owners.py",
    "faults/test_topics.py",
    "acceptance/api/",
    "cli/test_proofs.py",
    "integration/test_supervisor.py",
    "integration/runtime/",
    "acceptance/console/",
    "integration/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first."""

    def rank(item: pytest.Item) -> int:
        path = item.nodeid.partition("::")[0]
        return next((number for number, part in enumerate(_FIRST) if part in path), len(_FIRST))

    items.sort(key=rank)
