"""The library under all services: log, fence, loop, relay, vault, settings. It knows no word of the domain."""
