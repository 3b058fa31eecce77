"""The shard processor: the one loop of a service for one shard."""
