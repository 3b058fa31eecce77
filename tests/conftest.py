"""Fixtures for all tests; each lives in a module of `tests/support`."""

pytest_plugins = ["tests.support.kafka", "tests.support.postgres", "tests.support.stack"]
