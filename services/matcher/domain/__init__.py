"""The matcher's decisions: pure, deterministic, without any I/O."""
