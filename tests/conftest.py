"""Fixtures for all tests; each lives in a module of `tests/support`."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.kafka", "tests.support.postgres", "tests.support.stack"]

# How long an example takes is no promise of the code, and says most about what else the machine does.
settings.register_profile("sekul", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("sekul")
