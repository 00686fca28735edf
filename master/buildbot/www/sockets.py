"""Writing to sockets without waiting for the reactor."""

from __future__ import annotations

from typing import Any

from twisted.internet.tcp import Server


def writeTo(transport: Any, data: bytes) -> None:
    """Send what the socket takes at once, and queue the rest. To have the reactor wait until it may be written to, and
    then not any more, costs as much as all else that is done for an answer that is kept, or for one of a thousand
    subscribers."""
    idle = type(transport) is Server and transport.connected and not (transport.dataBuffer or transport._tempDataLen)
    if not idle or transport.disconnecting:
        transport.write(data)
        return
    sent = transport.writeSomeData(data)
    # Not a number if the connection is lost, which the queue comes upon too.
    rest = data[sent:] if isinstance(sent, int) and sent >= 0 else data
    if rest:
        transport.write(rest)
