"""What a listener can hear: its methods, and the topics that they stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs


@attrs.frozen
class Heard:
    """What one method is called for."""

    topic: str
    when: Callable[[Any], bool] | None = None
    """Which of the topic's deliveries; None: all."""

    @property
    def type(self) -> str:
        """The plural of the type of thing that it happens to."""
        return self.topic.partition("/")[0]

    @property
    def event(self) -> str:
        """What happens."""
        return self.topic.rpartition("/")[2]


def _turned(field: str, to: bool) -> Callable[[Any], bool]:
    """The field has become true, or false."""

    def isIt(delivery: Any) -> bool:
        return field in (delivery.changed or ()) and bool(getattr(delivery.record, field)) is to

    return isIt


METHODS: Mapping[str, Heard] = {
    "changeAdded": Heard("changes/*/new"),
    "buildsetSubmitted": Heard("buildsets/*/new"),
    "buildsetFinished": Heard("buildsets/*/complete"),
    "requestSubmitted": Heard("buildrequests/*/new"),
    "requestClaimed": Heard("buildrequests/*/claimed"),
    "requestUnclaimed": Heard("buildrequests/*/unclaimed"),
    "requestCancelled": Heard("buildrequests/*/cancel"),
    "requestFinished": Heard("buildrequests/*/complete"),
    "buildStarted": Heard("builds/*/new"),
    "buildChangedState": Heard("builds/*/update"),
    "buildFinished": Heard("builds/*/finished"),
    "stepAdded": Heard("steps/*/new"),
    "stepStarted": Heard("steps/*/started"),
    "stepTextChanged": Heard("steps/*/updated"),
    "stepFinished": Heard("steps/*/finished"),
    "logStarted": Heard("logs/*/new"),
    "logChunk": Heard("logs/*/append"),
    "logFinished": Heard("logs/*/finished"),
    "testResultSetStarted": Heard("test_result_sets/*/new"),
    "testResultSetFinished": Heard("test_result_sets/*/completed"),
    "builderAdded": Heard("builders/*/started"),
    "builderChanged": Heard("builders/*/update"),
    "builderRemoved": Heard("builders/*/stopped"),
    "workerConnected": Heard("workers/*/connected"),
    "workerDisconnected": Heard("workers/*/disconnected"),
    "workerPaused": Heard("workers/*/state_updated", _turned("paused", True)),
    "workerUnpaused": Heard("workers/*/state_updated", _turned("paused", False)),
    "workerMissing": Heard("workers/*/missing"),
    "schedulerChanged": Heard("schedulers/*/updated"),
    "projectChanged": Heard("projects/*/update"),
    "masterStarted": Heard("masters/*/started"),
    "masterStopped": Heard("masters/*/stopped"),
}
"""By the method's name. Those that 0.8's IStatusReceiver had have the names that they had there."""
HAPPENED = "happened"
"""The method of listeners that have topics instead."""
