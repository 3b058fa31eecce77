"""Facts, envelopes, the catalogue of logs and reference data: known to all, knowing nobody."""
