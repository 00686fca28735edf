"""What both ends of a wire must agree on: how an error is written down, and what Perspective Broker carries."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from buildbot.errors import InternalError, StatusError, byCode

if TYPE_CHECKING:
    from twisted.logger import Logger
    from twisted.python.failure import Failure

LOWEST, PROTOCOL = 1, 1
"""The versions of the Perspective Broker calls that this end speaks; the second is raised when an older end would
misunderstand a newer one."""
SLICE = 256 * 1024
"""Bytes of an answer that one message carries at most; PB itself refuses texts of more than 640 KiB."""
JSON = "application/json"

_OWN = ("error", "code", "type", "title", "status", "detail")


def problem(error: StatusError) -> dict[str, Any]:
    """An error as it is on every wire: Buildbot's ``error``, RFC 9457's members, the code, and what else it holds."""
    return {
        **error.extra,
        "error": error.detail,
        "code": error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
    }


def fromProblem(body: Mapping[str, Any]) -> StatusError:
    """The error that :func:`problem` wrote down, or HTTP, which has the code at the end of ``type``."""
    extra = {name: value for name, value in body.items() if name not in _OWN}
    detail = body.get("detail") or body.get("error") or "an error without words"
    code = body.get("code") or str(body.get("type", "")).rpartition("/")[2]
    return byCode(str(code))(str(detail), **extra)


def internal(log: Logger, failure: Failure | None = None) -> InternalError:
    """Log what happened (without a failure: the exception that is being handled) under an id, and give the error that
    names only the id."""
    ident = secrets.token_hex(6)
    log.failure("Internal error {ident}", failure, ident=ident)
    return InternalError(f"Something unexpected went wrong; the server's log has more under {ident}", id=ident)
