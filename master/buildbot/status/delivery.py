"""What a subscriber is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


@attrs.frozen
class Delivery:
    """One event, as a subscriber in Python gets it."""

    number: int
    """Counts what this subscription has delivered, from 1: without a gap, nothing was missed."""
    cursor: str
    """``subscribe(since=…)`` with this goes on after it."""
    topic: str
    """The subscription's topic with everything in place of ``*``: ``builds/7/finished``."""
    event: str
    """What happened: ``finished``."""
    record: Any
    """The :class:`~buildbot.status.definition.Resource` after the change."""
    changed: Mapping[str, Any] | None
    """The old values of fields that can be filtered and have changed; None for what is new."""
    left: bool
    """It met the subscription's filter before the change, and does not any more: whoever keeps a list removes it."""
    extra: Mapping[str, Any]
    """What the event says beside the record: for an append to a log the ``first`` and the ``last`` line, from 0;
    with ``content=True`` their text as ``content``, and ``missing`` if some of them are not there any more."""
    at: int
    """When it happened, or was seen to have: seconds since the epoch."""
