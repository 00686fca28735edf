"""Every error a caller may meet: one class each, and the class's docstring is what the documentation says of it.

A language needs four things of an error, and finds them here: a stable ``code`` (also its name over Perspective
Broker and the last element of its page's address), the HTTP ``status``, a ``title`` that never changes, and the
sentence of this one occasion, ``str(error)``, which says what was wrong and what would be right.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar


class StatusError(Exception):
    """Base of all errors that cross a language."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Error"

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra
        """More members for the wire: plain values, such as ``parameter`` or ``oldest``."""


class BadQuery(StatusError):
    """A parameter is unknown, has a value of the wrong kind, or is not possible here. Nothing was done. The message
    names the parameter and says what would be right."""

    code, status, title = "bad-query", 400, "Bad query"


class BadRequest(StatusError):
    """The request itself is malformed: its address, a header or what was sent with it. Nothing was done."""

    code, status, title = "bad-request", 400, "Bad request"


class NotFound(StatusError):
    """No such thing, or no such path. A list below a thing that does not exist is empty instead."""

    code, status, title = "not-found", 404, "Not found"


class NotAcceptable(StatusError):
    """The request cannot be answered in the form that it asks for; the message lists the forms there are."""

    code, status, title = "not-acceptable", 406, "Not acceptable"


class Unauthenticated(StatusError):
    """Who you are is not known, or the password is wrong."""

    code, status, title = "unauthenticated", 401, "Not authenticated"


class Forbidden(StatusError):
    """You may not do this here. Under ``buildbot attach`` that is so for every action, which is read-only."""

    code, status, title = "forbidden", 403, "Forbidden"


class MethodNotAllowed(StatusError):
    """The path exists, but does not take this HTTP method; ``Allow`` names those it takes."""

    code, status, title = "method-not-allowed", 405, "Method not allowed"


class Gone(StatusError):
    """The cursor is too old or of another history; list again, then go on from that answer's cursor."""

    code, status, title = "gone", 410, "Gone"


class TooLarge(StatusError):
    """The answer, or what was sent, is larger than the limit that the message names."""

    code, status, title = "too-large", 413, "Too large"


class AddressTooLong(StatusError):
    """The address is longer than the limit that the message names; a batch takes longer questions."""

    code, status, title = "address-too-long", 414, "Address too long"


class RangeNotSatisfiable(StatusError):
    """The Range header asks for bytes that are not there (yet); ``Content-Range`` says how many there are."""

    code, status, title = "range-not-satisfiable", 416, "Range not satisfiable"


class Misdirected(StatusError):
    """The Host header names none of the hosts that this server answers for (``www['allowed_hosts']``)."""

    code, status, title = "misdirected", 421, "Misdirected request"


class Unprocessable(StatusError):
    """What is stored cannot be shown: for example a log chunk whose decompressor is not installed here."""

    code, status, title = "unprocessable", 422, "Cannot be shown"


class UpgradeRequired(StatusError):
    """The path is spoken to in another protocol, which the message names."""

    code, status, title = "upgrade-required", 426, "Upgrade required"


class InternalError(StatusError):
    """Something unexpected. The message names only an id; the server's log has the rest under it."""

    code, status, title = "internal", 500, "Internal error"


class NotAvailable(StatusError):
    """This call is part of the interface, but this server cannot do it; the message says why."""

    code, status, title = "not-available", 501, "Not available here"


class DatabaseUnavailable(StatusError):
    """The database cannot be reached, or is not as expected. Tried again by itself; ask again later."""

    code, status, title = "database-unavailable", 503, "Database unavailable"


class Busy(StatusError):
    """Too much is waiting already. Ask again later."""

    code, status, title = "busy", 503, "Busy"


class Disconnected(StatusError):
    """The server cannot be reached, or the connection was lost before the answer was complete. Whether the call was
    executed is not known; the next call connects again."""

    code, status, title = "disconnected", 503, "Disconnected"


class DeadlineExceeded(StatusError):
    """The answer would have taken longer than a read may take; a narrower question, or an index, helps."""

    code, status, title = "deadline-exceeded", 504, "Took too long"


class ConfigError(Exception):
    """A configuration that cannot be used. Not a :class:`StatusError`: it never crosses a language."""

    def __init__(self, message: str, *, filename: str | None = None, line: int | None = None) -> None:
        where = f"{filename}:{line}: " if filename and line else f"{filename}: " if filename else ""
        super().__init__(where + message)


class SecretsUnavailable(Exception):
    """Who keeps a secret cannot be asked, or does not answer; it may be better later."""


class DefinitionError(Exception):
    """A resource definition that contradicts itself or another; raised at start-up and names both."""


def allErrors() -> Iterator[type[StatusError]]:
    """Every error that may cross a language, in the order of this module."""
    yield from StatusError.__subclasses__()


def byCode(code: str) -> type[StatusError]:
    """The class behind a code that came over a wire; :class:`StatusError` for one that is not known here."""
    return next((error for error in allErrors() if error.code == code), StatusError)
