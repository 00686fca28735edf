"""Where the numbers are of parts that a service does not have itself; who wires parts together says where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from buildbot.db.writer import WriterMetrics
    from buildbot.status.listeners.standing import Standing


@attrs.define
class Instruments:
    """Each is asked when somebody wants to see the numbers."""

    writer: Callable[[], WriterMetrics | None] = lambda: None
    """Of what writes events; None where nothing does in this process."""
    listeners: Callable[[], Sequence[Standing]] = lambda: ()
    """How each listener of this process stands."""
