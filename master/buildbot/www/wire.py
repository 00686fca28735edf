"""Bytes of HTTP: heads of answers, and what is the same in all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from buildbot.errors import StatusError
from buildbot.status import wire
from buildbot.status.encode import compact

JSON = "application/json; charset=utf-8"
_UNSAFE = re.compile(r"[\r\n\0]")
Headers = Iterable[tuple[str, str]]


def head(status: int, headers: Headers) -> bytes:
    """A status line and headers, without the empty line that ends them. Raises ValueError for a value that would begin
    a header of its own."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    for name, value in headers:
        if _UNSAFE.search(value):
            raise ValueError(f"the value of {name} holds a line break")
        lines.append(f"{name}: {value}")
    return "\r\n".join([*lines, ""]).encode("latin-1")


def disposition(filename: str) -> str:
    """The value of Content-Disposition that offers a file's name (RFC 6266): whole, and in ASCII for old clients. Path
    separators and control characters become ``_``."""
    name = re.sub(r"[\x00-\x1f\x7f/\\]", "_", filename)
    plain = re.sub(r'[^ -~]|["%]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def linkTarget(path: str) -> str:
    """A path and query, safe between the angle brackets of a Link header."""
    return quote(path, safe="/?&=%:;,+@!$'()*~#[]")


def problem(error: StatusError, basePath: str) -> dict[str, Any]:
    """The body of an error, with the address of the page about it."""
    return {**wire.problem(error), "type": f"{basePath}/about/errors/{error.code}"}


def jsonBytes(value: Any) -> bytes:
    """Compact JSON."""
    return compact(value).encode()
