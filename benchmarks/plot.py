"""A plot of ratios and goals as SVG: bars on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from xml.sax.saxutils import escape

from .report import Line

LEFT, WIDTH, STEP, TOP = 230, 520, 22, 40
LARGEST = 10_000


def plot(lines: Sequence[Line], title: str) -> str:
    """Each line a bar, its goal a mark on it."""
    height = TOP + STEP * len(lines) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 80} {height}" font-family="sans-serif"'
        ' font-size="12">',
        f'<rect width="100%" height="100%" fill="white"/><text x="10" y="22" font-size="14">{escape(title)}</text>',
    ]
    for power in range(int(log10(LARGEST)) + 1):
        x = _x(10**power)
        parts.append(f'<line x1="{x}" x2="{x}" y1="{TOP - 6}" y2="{height - 24}" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="{height - 8}" text-anchor="middle" fill="#555">{10**power:,}×</text>')
    for index, line in enumerate(lines):
        parts += _bar(line, TOP + STEP * index)
    return "\n".join([*parts, "</svg>", ""])


def _x(ratio: float) -> int:
    return LEFT + round(WIDTH * log10(max(ratio, 1.0)) / log10(LARGEST))


def _bar(line: Line, y: int) -> Sequence[str]:
    reached = line.goal is None or line.ratio >= line.goal
    end = max(_x(line.ratio), LEFT + 1)
    parts = [
        f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(line.name)}</text>',
        f'<rect x="{LEFT}" y="{y + 2}" width="{end - LEFT}" height="{STEP - 7}"'
        f' fill="{"#3a7ca5" if reached else "#d1603d"}"/>',
        f'<text x="{end + 5}" y="{y + 13}">{line.ratio:,.0f}</text>',
    ]
    if line.goal is not None:
        goal = _x(line.goal)
        parts.append(f'<line x1="{goal}" x2="{goal}" y1="{y}" y2="{y + STEP - 3}" stroke="black" stroke-width="2"/>')
    return parts
