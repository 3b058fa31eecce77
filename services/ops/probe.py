"""Asks a health route and says by the exit code what it answered; for images that have no curl.

`python -m services.ops.probe URL`. Must stay free of everything that is slow to import.
"""

import sys
from urllib.error import URLError
from urllib.request import urlopen


def main(url: str) -> int:
    """0 when the route answers 200, 1 when it answers anything else or nothing."""
    if not url.startswith(("http://", "https://")):
        sys.stderr.write(f"not an HTTP address: {url}\n")
        return 2
    try:
        with urlopen(url, timeout=4) as answer:  # noqa: S310 - the scheme was checked above
            return 0 if answer.status == 200 else 1
    except (URLError, TimeoutError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
