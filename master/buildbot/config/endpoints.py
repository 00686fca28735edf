"""Where to listen: a port, or a Twisted endpoint string; on this machine only, unless an interface is named."""

from __future__ import annotations

import re

from buildbot.errors import ConfigError

LOOPBACK = "127.0.0.1"
_PORT = re.compile(r"^[0-9]+$")
_COLON = re.compile(r"(?<!\\):")


def listening(where: int | str, interface: str | None = None) -> str:
    """The endpoint string for a port, or for an endpoint string: with ``interface``, by default 127.0.0.1, where it is
    one of TCP or SSL that names none. Not checked any further."""
    text = str(where)
    if _PORT.match(text):
        text = f"tcp:{text}"
    kind, *arguments = _COLON.split(text)
    if kind not in ("tcp", "ssl") or any(argument.startswith("interface=") for argument in arguments):
        return text
    return f"{text}:interface={_quoted(interface or LOOPBACK)}"


def tcp(where: int | str, interface: str | None = None) -> tuple[int, str]:
    """The port and the interface of what :func:`listening` would give, for TCP. Raises ConfigError for all else."""
    kind, *arguments = [_unquoted(part) for part in _COLON.split(listening(where, interface))]
    named = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    unnamed = [argument for argument in arguments if "=" not in argument]
    port = named.pop("port", None) or (unnamed.pop(0) if unnamed else "")
    known = not unnamed and not named.keys() - {"interface", "backlog"}
    if kind != "tcp" or not known or not _PORT.match(port) or int(port) > 65535:
        raise ConfigError(
            f"{where!r} cannot be listened on: a port from 0 to 65535, or tcp:8020:interface=0.0.0.0, is expected. "
            "For HTTP, TLS and sockets of other kinds are a proxy's."
        )
    return int(port), named["interface"]


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace(":", "\\:")


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value)
