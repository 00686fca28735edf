"""Result codes, and which of two is worse."""

from __future__ import annotations

from collections.abc import Iterable

SUCCESS, WARNINGS, FAILURE, SKIPPED, EXCEPTION, RETRY, CANCELLED = range(7)
UNKNOWN = -1
"""Of requests and sets that are not complete."""

_WORST_FIRST = (CANCELLED, RETRY, EXCEPTION, FAILURE, WARNINGS, SUCCESS, SKIPPED)


def worst(results: Iterable[int]) -> int:
    """The worst of several; SUCCESS if there is none that is worse."""
    return min((SUCCESS, *results), key=_WORST_FIRST.index)
