"""One line for each foreseeable failure: what, where, how to fix it. All others keep their traceback."""

import errno
from collections.abc import Callable

import httpx
from pydantic import ValidationError

from services.ops.client import Problem
from services.runtime.base.errors import Failure
from services.runtime.base.postgres import is_away
from services.runtime.kafka.errors import AWAY

_AWAY = "see `sekul doctor`"


def message(error: BaseException) -> str | None:
    """Returns the line for an error, `None` for an unforeseen one. Of several at once the first counts."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    for kind, words in _WORDS:
        if isinstance(error, kind):
            found = words(error)
            if found is not None:
                return f"sekul: {found}"
    return None


def _failure(error: BaseException) -> str | None:
    return error.detail if isinstance(error, Failure) else None


def _problem(error: BaseException) -> str | None:
    if not isinstance(error, Problem):
        return None
    places = [f"\n  {one['pointer'] or '/'}: {one['detail']} ({one['code']})" for one in error.errors]
    return f"{error.detail} ({error.code}){''.join(places)}"


def _http(error: BaseException) -> str | None:
    request = error._request if isinstance(error, httpx.RequestError) else None  # noqa: SLF001 - unset raises
    where = f"{request.url.scheme}://{request.url.netloc.decode()}" if request is not None else "the gateway"
    if isinstance(error, httpx.TimeoutException):
        return f"{where} took too long to answer; try again, or look at `sekul doctor`"
    return f"{where} does not answer ({error or type(error).__name__}); start it by `sekul up`, or name it by --url"


def _url(error: BaseException) -> str:
    return f"{error}; an address looks like http://127.0.0.1:8700"


def _settings(error: BaseException) -> str | None:
    if not isinstance(error, ValidationError) or error.title != "Settings":
        return None
    wrong = [f"SEKUL_{'__'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()]
    return "; ".join(wrong)


def _system(error: BaseException) -> str | None:
    if not isinstance(error, OSError):
        return None
    name = f" ({error.filename})" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"the disk is full{name}; make room and try again"
    if error.errno == errno.EROFS:
        return f"the file system is read-only{name}; choose another folder with --data"
    if isinstance(error, FileNotFoundError):
        return f"there is no file {error.filename}" if error.filename else None
    if isinstance(error, PermissionError):
        return f"{error.strerror}{name}; may this user write there?"
    # a socket's error names no file, and is the database's or Kafka's
    return f"{error.strerror}{name}" if error.filename else None


def _database(error: BaseException) -> str | None:
    """PostgreSQL's own codes: a login that it refuses, a database or tables that are not there."""
    code = getattr(error, "sqlstate", None)
    if code in {"28P01", "28000"}:
        return f"PostgreSQL refuses the login: {error}; is SEKUL_MASTER_KEY the one with which it was migrated?"
    if code == "3D000":
        return f"{error}; create it, then: sekul migrate"
    return f"{error}; the database lacks what this version needs: sekul migrate" if code in {"42P01", "3F000"} else None


def _away(error: BaseException) -> str | None:
    if is_away(error):
        return f"PostgreSQL or Kafka does not answer: {str(error) or type(error).__name__}; {_AWAY}"
    return f"Kafka does not answer: {str(error) or type(error).__name__}; {_AWAY}" if isinstance(error, AWAY) else None


_WORDS: tuple[tuple[type[BaseException], Callable[[BaseException], str | None]], ...] = (
    (Failure, _failure),
    (Problem, _problem),
    (httpx.InvalidURL, _url),
    (httpx.UnsupportedProtocol, _url),
    (httpx.RequestError, _http),
    (ValidationError, _settings),
    (OSError, _system),
    (Exception, _database),
    (Exception, _away),
)
