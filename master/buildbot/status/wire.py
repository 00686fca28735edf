"""What both ends of a wire must agree on: how an error is written down, and what Perspective Broker carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from buildbot.errors import StatusError, byCode

PROTOCOL = 1
"""The version of the Perspective Broker calls; raised when an older end would misunderstand a newer one."""
SLICE = 256 * 1024
"""Bytes of an answer that one message carries at most; PB itself refuses texts of more than 640 KiB."""


def problem(error: StatusError) -> dict[str, Any]:
    """An error as it is on every wire: Buildbot's ``error``, the members of RFC 9457, the code, and what else it holds."""
    return {
        **error.extra,
        "error": error.detail,
        "code": error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
    }


_OWN = ("error", "code", "type", "title", "status", "detail")


def fromProblem(body: Mapping[str, Any]) -> StatusError:
    """The error that :func:`problem` wrote down."""
    extra = {name: value for name, value in body.items() if name not in _OWN}
    detail = body.get("detail") or body.get("error") or "an error without words"
    return byCode(str(body.get("code", "")))(str(detail), **extra)
