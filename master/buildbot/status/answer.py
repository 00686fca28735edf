"""What a call is answered with."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from buildbot.status.definition import Resource


@attrs.frozen
class Answer:
    """Records, in order, and what is known about the list they are part of.

    ``meta`` may hold: ``total``, the number of records that match; ``total_at_least``, where that is not known;
    ``next``, the call that gives those after the last of these; ``deprecated``, what the call named that will go, which
    is a DeprecationWarning as well. ``cursor`` is the position in the event stream at which they were read; None where
    there is no event stream.
    """

    records: Sequence[Resource]
    meta: Mapping[str, Any] = attrs.field(factory=dict)
    cursor: str | None = None

    def __attrs_post_init__(self) -> None:
        for each in self.meta.get("deprecated", ()):
            instead = f"; use {each['instead']}" if "instead" in each else ""
            warnings.warn(
                f"{each['what']} is deprecated and may be gone from {each['sunset']} on{instead}", DeprecationWarning, 2
            )

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: int) -> Resource:
        return self.records[index]

    @property
    def one(self) -> Resource:
        """The record of an answer about one thing."""
        return self.records[0]
