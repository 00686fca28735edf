"""Where to listen: a port, or a Twisted endpoint string; on this machine only, unless an interface is named."""

from __future__ import annotations

import re

LOOPBACK = "127.0.0.1"
_PORT = re.compile(r"^[0-9]+$")


def listening(where: int | str, interface: str | None = None) -> str:
    """The endpoint string for a port, or for an endpoint string: with ``interface``, by default 127.0.0.1, where it is
    one of TCP or SSL that names none. Not checked any further."""
    text = str(where)
    if _PORT.match(text):
        text = f"tcp:{text}"
    kind, *arguments = re.split(r"(?<!\\):", text)
    if kind not in ("tcp", "ssl") or any(argument.startswith("interface=") for argument in arguments):
        return text
    return f"{text}:interface={_quoted(interface or LOOPBACK)}"


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace(":", "\\:")
