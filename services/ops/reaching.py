"""Reaching the database with a login of its own; who cannot is told where it should have been."""

from services.ops.local import without_login
from services.runtime.base.errors import RetryLater
from services.runtime.base.postgres import Connection, connect, is_away

_TIMEOUT_S = 10


async def database(url: str) -> Connection:
    """A connection. Raises `RetryLater` that names the server when it does not answer."""
    try:
        return await connect(url, timeout=_TIMEOUT_S)
    except Exception as error:
        if not is_away(error):
            raise
        raise away(url, error) from error


def away(url: str, error: Exception) -> RetryLater:
    """That a database does not answer."""
    said = str(error) or type(error).__name__
    return RetryLater("database.away", f"{without_login(url)} does not answer: {said}; `sekul doctor` tells more")
