"""The operators' console: pages under /console that show what the public API tells, and ask what it offers.

Server-rendered, in Bahasa Indonesia and English, without a build step and without foreign hosts. Must not read tables
of the gateway; see `board.py`.
"""

from services.gateway.console.routes import install, mount

__all__ = ["install", "mount"]
