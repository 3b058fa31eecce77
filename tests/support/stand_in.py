"""A stand-in for a service: answers `/readyz` on the port that the settings name, and ends on SIGTERM."""

import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from services.settings import Settings


class _Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def main() -> None:
    """Serve until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    settings = Settings()
    port = getattr(settings.http, f"{sys.argv[1]}_port")
    HTTPServer((settings.http.host, port), _Ready).serve_forever()


if __name__ == "__main__":
    main()
