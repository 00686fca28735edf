"""A proxy before a server: it knows what went over the wire, whichever part of the browser asked, and can be cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs

PER_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade"}


@attrs.define
class Asked:
    """A request and its answer."""

    path: str
    kind: str = ""
    """The media type of the answer."""
    size: int = 0
    """Bytes of the answer's body, as compressed as it was sent."""
    isStream: bool = False


class Proxy(ThreadingHTTPServer):
    """Listens at a port of its own."""

    daemon_threads = True

    def __init__(self, target: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.asked: list[Asked] = []
        self.isDown = False
        self._open: set[socket.socket] = set()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def cut(self) -> None:
        """Break off all that is open, and take nothing new until ``isDown`` is false again."""
        self.isDown = True
        for each in list(self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return not self.isDown

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Browsers go away in the middle of answers."""


@contextmanager
def proxied(target: int) -> Iterator[Proxy]:
    """A proxy to a port, while the context is open."""
    proxy = Proxy(target)
    thread = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.cut()
        proxy.shutdown()
        proxy.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Proxy

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        asked = Asked(self.path)
        self.server.asked.append(asked)
        if self.headers.get("Upgrade"):
            asked.isStream = True
            self._splice()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        upstream = HTTPConnection("127.0.0.1", self.server.target, timeout=120)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in PER_HOP}
            upstream.request(self.command, self.path, body or None, headers)
            self._answer(upstream.getresponse(), asked)
        except (OSError, HTTPException):
            self.close_connection = True
        finally:
            upstream.close()

    do_POST = do_GET

    def _answer(self, answer: HTTPResponse, asked: Asked) -> None:
        asked.kind = (answer.getheader("Content-Type") or "").partition(";")[0]
        asked.isStream = asked.kind == "text/event-stream"
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in PER_HOP | {"content-length"}:
                self.send_header(name, value)
        empty = answer.status in (204, 304)
        if not empty:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while piece := answer.read1(65536):
            asked.size += len(piece)
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if not empty:
            self.wfile.write(b"0\r\n\r\n")

    def _splice(self) -> None:
        """A WebSocket: bytes in both directions until one side ends."""
        with socket.create_connection(("127.0.0.1", self.server.target)) as upstream:
            head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
            upstream.sendall(f"GET {self.path} HTTP/1.1\r\n{head}\r\n".encode())
            back = threading.Thread(target=_pump, args=(upstream, self.connection), daemon=True)
            back.start()
            _pump(self.connection, upstream)
            back.join()
        self.close_connection = True


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def scripts(asked: Sequence[Asked]) -> float:
    """Kilobytes of JavaScript."""
    return sum(each.size for each in asked if each.kind.endswith("javascript")) / 1000


def requests(asked: Sequence[Asked]) -> int:
    """How often the API was asked, streams left out."""
    return sum("/api/v2" in each.path and not each.isStream for each in asked)


def streams(asked: Sequence[Asked]) -> int:
    """How many streams of events were opened."""
    return sum(each.isStream for each in asked)
