"""The operators' console: pages under `/console`, rendered on the server in Bahasa Indonesia and English.

A client of the public HTTP API and nothing else: whatever a page shows, its reader's API key may fetch, too. It needs
no build step and loads nothing from other hosts. Must not import a service or read a table.
"""
