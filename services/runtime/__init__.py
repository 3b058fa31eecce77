"""The library under all services: log, fence, loop, relay, vault, settings. It decides nothing of the domain."""
