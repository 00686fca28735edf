"""What the programs have in common."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

reactor: Any = installed


def say(**numbers: Any) -> None:
    """Tell whoever has started this program."""
    print(json.dumps(numbers), flush=True)


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do it, and end; with its traceback if it fails."""

    def failed(failure: Failure) -> None:
        sys.stderr.write(failure.getTraceback())
        sys.stderr.flush()
        os._exit(1)

    def begin() -> None:
        Deferred.fromCoroutine(main()).addErrback(failed).addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    reactor.run()


def processorSeconds() -> float:
    """What this process has taken so far."""
    times = os.times()
    return times.user + times.system
