"""When something will be complete."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred


def getETA(thing: Any) -> Deferred[float | None]:
    """Seconds until a build or step will be complete, by this machine's clock: its field ``eta``, read again. Negative:
    it should have been. None where ``eta`` is null."""
    asked: Deferred[Any] = thing.refreshed(field="eta")
    clock = thing._asking("getETA").clock
    return asked.addCallback(lambda again: None if again.eta is None else again.eta - clock.seconds())
