"""What was measured as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from statistics import median

import attrs

from .browser import Failed
from .rows import OURS, ROWS, STOCK, Row

Values = Mapping[str, Mapping[str, Sequence[float]]]
HEADS = ("what", "stock", "here", "ratio", "at most", "reached")


def percentile(values: Sequence[float], share: float) -> float:
    """The least of the values that so many percent of them do not exceed.

    :raise Failed: there are none
    """
    if not values:
        raise Failed("nothing was seen that could be measured")
    return sorted(values)[max(0, ceil(len(values) * share / 100) - 1)]


@attrs.frozen
class Line:
    """A row with the medians of what was measured."""

    row: Row
    here: float
    stock: float | None

    @property
    def ratio(self) -> float | None:
        """How many times as much it is with stock; None where that cannot be said, or says nothing."""
        isCompared = self.row.goal is not None or self.row.unit != ""
        return self.stock / self.here if isCompared and self.stock is not None and self.here else None

    @property
    def verdict(self) -> str:
        """Whether it is as little as it should be."""
        return "–" if self.row.goal is None else "yes" if self.here <= self.row.goal else "NO"


def lines(values: Values) -> Sequence[Line]:
    """A line of each row that was measured here: pages that are not there yet have none."""
    found = []
    for row in ROWS:
        mine = values.get(row.name, {})
        if OURS in mine:
            found.append(Line(row, median(mine[OURS]), median(mine[STOCK]) if STOCK in mine else None))
    return found


def cells(found: Sequence[Line]) -> Sequence[Sequence[str]]:
    """Texts for a table."""
    return [
        (
            line.row.name,
            _with(line.stock, line.row.unit),
            _with(line.here, line.row.unit),
            "–" if line.ratio is None else f"{line.ratio:.1f}",
            _with(line.row.goal, line.row.unit),
            line.verdict,
        )
        for line in found
    ]


def stockAlone(values: Values, missing: Sequence[str]) -> Sequence[Sequence[str]]:
    """Of pages that are not there yet: what was measured of stock."""
    return [
        (row.name, _with(median(values[row.name][STOCK]), row.unit), _with(row.goal, row.unit))
        for row in ROWS
        if any(name in row.name for name in missing) and STOCK in values.get(row.name, {})
    ]


def _with(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    text = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.1f}"
    return f"{text} {unit}".strip()
