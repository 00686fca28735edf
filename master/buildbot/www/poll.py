"""Long polls: what has happened after a cursor, as soon as there is something, for whoever speaks plain HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import simplejson
from twisted.internet.defer import CancelledError, TimeoutError

from buildbot.errors import BadQuery
from buildbot.status.encode import compact, pretty
from buildbot.status.events.blocks import changeObjects
from buildbot.status.events.selection import OPTIONS, Batch
from buildbot.status.events.subscription import Subscription
from buildbot.www.following import followed
from buildbot.www.forms import SMALL, VARY, encoded
from buildbot.www.wire import JSON, head, linkTarget

if TYPE_CHECKING:
    from buildbot.www.address import Pairs
    from buildbot.www.request import StatusRequest
    from buildbot.www.site import StatusSite

LONGEST = 50
"""Seconds that an answer may be waited for: what is between gives up after 60, mostly."""
SINCE, WAIT = "since", "wait"


def isPoll(pairs: Pairs) -> bool:
    """Whether what happens is asked for, rather than what is there."""
    return any(name in (SINCE, WAIT) for name, _ in pairs)


def checkAsked(pairs: Pairs) -> None:
    """Raises BadQuery where only what happens could be asked for so, and what is there is asked for."""
    for name, _ in pairs:
        if name in OPTIONS:
            raise BadQuery(f"{name}: goes with {SINCE}=, or a stream: it is about what happens", parameter=name)


async def poll(site: StatusSite, request: StatusRequest, path: str, pairs: Pairs, *, indented: bool) -> None:
    """Answer with what has happened to what a path names, or is of a topic, after ``since``."""
    request.kind = "events"
    if site.service.events is None:
        raise BadQuery(f"{SINCE}: there is no event log here, so answers have no cursor", parameter=SINCE)
    since, wait, rest = _taken(pairs)
    principal = site.identify(request)
    wanted = await followed(site.service, principal, path, rest)
    subscription = await site.service.subscribeAs(principal, wanted.topic, since, wanted.filters)
    try:
        batches = await _next(site, request, subscription, wait)
    finally:
        subscription.close()
    cursor = subscription.cursor
    following = f"{path}?{urlencode([*rest, (SINCE, cursor), (WAIT, str(wait))])}"
    texts = [text for batch in batches for text in changeObjects(batch)]
    end = compact({"meta": {"cursor": cursor, "next": following}})[1:]
    pieces: Sequence[bytes] = [b'{"changes":[', b",".join(texts), f"],{end}".encode()]
    if indented:
        pieces = [await site.inThread(lambda: pretty(simplejson.loads(b"".join(pieces))).encode())]
    encoding = request.terms.form[0]
    if sum(map(len, pieces)) <= SMALL:
        made = encoded(pieces, encoding)
    else:
        made = await site.inThread(lambda: encoded(pieces, encoding))
    length = sum(map(len, made))
    headers = [("Content-Type", JSON), ("Content-Length", str(length)), ("Cache-Control", "no-store")]
    headers += [("X-Content-Type-Options", "nosniff"), ("Vary", VARY), ("X-Status-Cursor", cursor)]
    headers.append(("Link", f'<{site.settings.basePath}/api/v2/{linkTarget(following)}>; rel="next"'))
    if encoding != "identity":
        headers.append(("Content-Encoding", encoding))
    request.respond(200, head(200, headers), made, length)


async def _next(site: StatusSite, request: StatusRequest, subscription: Subscription, wait: int) -> Sequence[Batch]:
    """What comes next, and all that belongs to it; nothing if nothing comes, or the server ends."""
    waiting = subscription.nextBatch(patient=wait > 0)
    site.ending.add(waiting.cancel)
    try:
        batches = [await (waiting.addTimeout(wait, site.reactor) if wait else waiting)]
        while batches[-1].following is not None:
            batches.append(await subscription.nextBatch())
        return batches
    except TimeoutError:
        return []
    except CancelledError:
        if request.gone:
            raise
        return []
    finally:
        site.ending.discard(waiting.cancel)


def _taken(pairs: Pairs) -> tuple[str, int, Pairs]:
    """The cursor, the seconds, and the other parameters. Raises BadQuery."""
    found: dict[str, list[Any]] = {SINCE: [], WAIT: []}
    for name, value in pairs:
        if name in found:
            found[name].append(value)
    if len(found[SINCE]) > 1:
        raise BadQuery(f"{SINCE}: takes one cursor", parameter=SINCE)
    if not found[SINCE]:
        raise BadQuery(
            f"{WAIT}: goes with {SINCE}=: a cursor, which is had with every answer as X-Status-Cursor",
            parameter=SINCE,
        )
    if len(found[WAIT]) > 1:
        raise BadQuery(f"{WAIT}: takes one value", parameter=WAIT)
    text = found[WAIT][0] if found[WAIT] else "0"
    if not (text.isascii() and text.isdigit() and int(text[:9]) <= LONGEST):
        raise BadQuery(f"{WAIT}={text[:60]}: whole seconds, at most {LONGEST}", parameter=WAIT)
    return found[SINCE][0], int(text), [pair for pair in pairs if pair[0] not in found]
