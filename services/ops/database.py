"""Connections to the database with a login of its own; the message of a failure names the server, never the login."""

from services.ops.local import without_login
from services.runtime.base.errors import RetryLater
from services.runtime.base.postgres import Connection, connect, is_away

_TIMEOUT_S = 10


async def connected(url: str) -> Connection:
    """A connection. Raises `RetryLater` that names the server if it does not answer."""
    try:
        return await connect(url, timeout=_TIMEOUT_S)
    except Exception as error:
        if not is_away(error):
            raise
        raise away(url, error) from error


def away(url: str, error: Exception) -> RetryLater:
    """The failure that a database does not answer."""
    why = str(error) or type(error).__name__
    return RetryLater("database.away", f"{without_login(url)} does not answer: {why}; see `sekul doctor`")
