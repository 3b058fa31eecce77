"""Four services, a console and what they stand on."""

import schemas  # noqa: F401 - decides on compiled modules before any module of this package is imported
