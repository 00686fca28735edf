"""The few calls of the API that the sandbox makes, with the standard library alone, as any script would."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

Record = dict[str, Any]


class NotYet(Exception):
    """Nobody answers, or the answer is an error."""


def get(base: str, path: str, **query: str | int) -> list[Record]:
    """The records of ``/api/v2/PATH``.

    :raise NotYet: there is no answer
    """
    body = _open(f"{base}/api/v2/{path}?{urllib.parse.urlencode(query)}")
    return next(value for name, value in body.items() if name != "meta")


def force(base: str, scheduler: str, builder: str, reason: str) -> None:
    """Have a builder build, through a stock master's API."""
    params = {"builderNames": [builder], "username": "sandbox", "reason": reason, "branch": "main"}
    call = {"jsonrpc": "2.0", "id": 1, "method": "force", "params": params}
    headers = {"Content-Type": "application/json"}
    _open(urllib.request.Request(f"{base}/api/v2/forceschedulers/{scheduler}", json.dumps(call).encode(), headers))


def _open(request: str | urllib.request.Request) -> Any:
    # No proxy: the addresses are this machine's own, whatever http_proxy says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return json.load(answer)
    except (OSError, ValueError) as error:
        raise NotYet(str(error)) from error
