"""Actions: JSON-RPC 2.0 over POST, as Buildbot's clients send it. What may be done, the service says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import simplejson

from buildbot.errors import StatusError, Unauthenticated
from buildbot.status.wire import problem
from buildbot.www.wire import jsonBytes

if TYPE_CHECKING:
    from buildbot.www.request import StatusRequest
    from buildbot.www.site import StatusSite

INVALID, UNPARSABLE, NO_METHOD, BAD_PARAMETERS, INTERNAL = -32600, -32700, -32601, -32602, -32603
_CODES = {400: BAD_PARAMETERS, 401: INVALID, 403: INVALID, 404: INVALID, 501: NO_METHOD}
_KINDS: dict[str, tuple[Any, str]] = {
    "jsonrpc": (str, "a string"),
    "method": (str, "a string"),
    "id": ((str, int, type(None)), "a string, number, or null"),
    "params": (dict, "an object"),
}


class RpcError(Exception):
    """A request that is no proper call."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


async def act(site: StatusSite, request: StatusRequest, path: str) -> None:
    """Answer one call. Raises nothing: errors have a shape of their own here."""
    answer: dict[str, Any] = {"jsonrpc": "2.0"}
    status, headers = 200, [("Cache-Control", "no-store")]
    try:
        call = parseCall(request)
        answer["id"] = call["id"]
        answer["result"] = await site.service.actAs(site.actor(request), path, call["method"], call["params"])
    except RpcError as error:
        status, answer["error"] = 400, {"code": error.code, "message": error.message}
    except StatusError as error:
        status, answer["error"] = error.status, rpcError(error)
        if isinstance(error, Unauthenticated):
            headers.append(("WWW-Authenticate", "Bearer"))
    except Exception:
        unexpected = request.unexpected()
        status, answer["error"] = unexpected.status, rpcError(unexpected)
    request.send(status, headers, jsonBytes(answer))


def rpcError(error: StatusError) -> dict[str, Any]:
    """A StatusError as JSON-RPC has it; ``data`` is what it is everywhere else."""
    return {"code": _CODES.get(error.status, INTERNAL), "message": error.detail, "data": problem(error)}


def parseCall(request: StatusRequest) -> dict[str, Any]:
    """What was sent, checked in the order in which Buildbot does."""
    if not isJson(request):
        raise RpcError(INVALID, "Invalid content-type (use application/json)")
    try:
        call = simplejson.loads(request.body())
    except (ValueError, RecursionError):
        raise RpcError(UNPARSABLE, "JSON parse error") from None
    if isinstance(call, list):
        raise RpcError(INVALID, "JSONRPC batch requests are not supported")
    if not isinstance(call, dict):
        raise RpcError(INVALID, "JSONRPC root object must be an object")
    for name, (kind, words) in _KINDS.items():
        if name not in call:
            raise RpcError(INVALID, f"missing key '{name}'")
        if not isinstance(call[name], kind) or isinstance(call[name], bool):
            raise RpcError(INVALID, f"'{name}' must be {words}")
    if call["jsonrpc"] != "2.0":
        raise RpcError(INVALID, "only JSONRPC 2.0 is supported")
    return call


def isJson(request: StatusRequest) -> bool:
    """Whether JSON was sent: what no form of a foreign page can send."""
    values = request.requestHeaders.getRawHeaders(b"Content-Type") or [b""]
    return len(values) == 1 and values[0].split(b";")[0].strip() == b"application/json"
