"""What stands in the first line of a request: a path, and parameters."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from buildbot.errors import BadQuery, BadRequest

Pairs = list[tuple[str, str]]


def splitTarget(target: bytes) -> tuple[str | None, str, bytes]:
    """The authority, where the target names one (``GET http://host/path``, as proxies do), the path, still encoded, and
    the query. Raises BadRequest."""
    authority = None
    if not target.startswith(b"/"):
        scheme, mark, rest = target.partition(b"://")
        if not mark or scheme.lower() not in (b"http", b"https"):
            raise BadRequest("the address of a request begins with /")
        name, slash, rest = rest.partition(b"/")
        authority, target = name.decode("ascii"), slash + rest
    path, _, query = target.partition(b"?")
    return authority, path.decode("ascii"), query


def parsePairs(query: bytes, most: int) -> Pairs:
    """The parameters of a query, in order. What has no ``=`` is no parameter and is left out, as Buildbot does: scripts
    put a number there so that nothing between keeps the answer. Raises BadQuery."""
    if not query:
        return []
    count = query.count(b"&") + 1
    if count > most:
        raise BadQuery(f"{count} parameters in one address: at most {most}; a batch takes longer questions")
    pairs = []
    for part in query.split(b"&"):
        name, mark, value = part.partition(b"=")
        if mark:
            pairs.append((_text(name), _text(value)))
    return pairs


def _text(encoded: bytes) -> str:
    if b"%" not in encoded and b"+" not in encoded:
        return encoded.decode("ascii")
    try:
        return unquote_to_bytes(encoded.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        raise BadQuery(f"{encoded.decode('ascii')}: the percent-encoded bytes are not UTF-8") from None
