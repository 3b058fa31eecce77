"""How fast it is; never part of a test run."""
