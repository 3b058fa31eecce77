"""One process of a service: its shards, its place in the group, its health."""
