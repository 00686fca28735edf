"""What values of a configuration may be. Each function gives the value back, as it is used, or raises a ValueError that
says what is expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def text(value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError("a text")
    return value


def textOrNone(value: Any) -> str | None:
    """A text, or None."""
    if value is not None and not isinstance(value, str):
        raise ValueError("a text, or None,")
    return value or None


def texts(value: Any) -> Sequence[str]:
    """A list of texts."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) and each for each in value):
        raise ValueError("a list of texts")
    return tuple(value)


def mapping(value: Any) -> dict[Any, Any]:
    """A dict."""
    if not isinstance(value, dict):
        raise ValueError("a dict")
    return value


def flag(value: Any) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise ValueError("True or False")
    return value


def count(value: Any) -> int:
    """A whole number from 1."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("a whole number from 1")
    return value


def seconds(value: Any) -> float:
    """A number above 0."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value < float("inf"):
        raise ValueError("a number of seconds")
    return float(value)


def port(value: Any) -> int | str | None:
    """A port, an endpoint string, or None."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 65535):
        return value
    if isinstance(value, str) and value:
        return value
    raise ValueError("a port (0 to 65535), an endpoint such as 'tcp:8020:interface=0.0.0.0', or None,")


def users(value: Any) -> Sequence[tuple[str, str]]:
    """Names and passwords, as a dict or a list of pairs."""
    pairs = list(value.items()) if isinstance(value, Mapping) else value
    if isinstance(pairs, (list, tuple)):
        pairs = [tuple(pair) if isinstance(pair, (list, tuple)) else pair for pair in pairs]
        if all(isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(t, str) for t in pair) for pair in pairs):
            return pairs
    raise ValueError("a dict of names and passwords")
