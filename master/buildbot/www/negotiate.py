"""What a client's headers ask for: an encoding, a form, an entity tag that it holds already, a part."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from buildbot.errors import NotAcceptable, RangeNotSatisfiable

IDENTITY = "identity"
_UNNAMED = 1e-6
"""The quality of unencoded answers where a client names none: any encoding that it does name is better."""
_RANGE = re.compile(r"^bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$", re.IGNORECASE)


def qualities(header: str) -> Mapping[str, float]:
    """The elements of an Accept-Encoding header with their q-values, in lower case; elements that are malformed count
    as refused."""
    found: dict[str, float] = {}
    for element in header.split(","):
        name, *parameters = (part.strip() for part in element.split(";"))
        if name:
            found[name.lower()] = _quality(parameters)
    return found


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(max(float(value.strip()), 0.0), 1.0) if re.match(r"^\s*[\d.]+\s*$", value) else 0.0
            except ValueError:
                return 0.0
    return 1.0


def encodings(header: str | None, known: Sequence[str]) -> Sequence[str]:
    """The encodings that a client takes, best first: by its q-values, then in the order of ``known``, then unencoded.

    Raises NotAcceptable if it takes neither any of them nor unencoded answers.
    """
    if header is None:
        return [IDENTITY]
    wanted = qualities(header.replace("x-gzip", "gzip"))

    def quality(name: str) -> float:
        if name == IDENTITY and name not in wanted:
            return _UNNAMED if wanted.get("*", 1.0) else 0.0
        return wanted.get(name, wanted.get("*", 0.0))

    best = sorted((name for name in (*known, IDENTITY) if quality(name)), key=quality, reverse=True)
    if not best:
        raise NotAcceptable(f"Accept-Encoding refuses all encodings there are here: {', '.join([*known, IDENTITY])}")
    return best


def forBrowser(accept: str | None) -> bool:
    """Whether this is the address bar of a browser, where a person reads: it names text/html first."""
    return accept is not None and accept.lstrip().lower().startswith("text/html")


def matches(header: str, etag: str) -> bool:
    """Whether an If-None-Match header holds this entity tag (weak comparison) or ``*``."""
    if header.strip() == "*":
        return True
    return etag.removeprefix("W/") in re.findall(r'"[^"]*"', header)


def byteRange(header: str | None, length: int) -> tuple[int, int] | None:
    """The first and the last byte that a Range header asks for. None: everything, also where it names several parts or
    is malformed. Raises RangeNotSatisfiable."""
    match = _RANGE.match(header or "")
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        first, last = max(length - int(match[2]), 0), length - 1
        empty = int(match[2]) == 0
    else:
        first, last = int(match[1]), min(int(match[2]) if match[2] else length - 1, length - 1)
        if match[2] and int(match[2]) < first:
            return None
        empty = False
    if empty or first >= length:
        raise RangeNotSatisfiable(f"{header}: there are {length} bytes", length=length)
    return first, last
