"""Facts, envelopes, the catalogue of logs and reference data: known to all, knowing nobody."""

from schemas.compiled import prefer

#: how many modules of this process are compiled, and why a build that exists is not used
COMPILED, STALE = prefer()
