"""What was measured as a table, for a terminal and for the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from . import requests

Runs = Mapping[str, Mapping[str, float]]
GROWTH = 1.5
"""How much slower a row may be with ten times as many builds."""
CALM, SHORT = 5.0, 10.0
"""How much longer small requests may take while viewers pull, and the milliseconds that are short enough anyway."""
LATE = 0.02
"""Seconds; no stall may be longer."""


@attrs.frozen
class Line:
    """One row of the table: ours, how many times faster than the other, and what it should be."""

    name: str
    rate: float
    p99: float
    cpu: float
    other: float
    goal: float | None

    @property
    def ratio(self) -> float:
        """To the other server."""
        return self.rate / self.other if self.other else 0.0

    @property
    def verdict(self) -> str:
        """Whether the goal is reached."""
        return "–" if self.goal is None else "yes" if self.ratio >= self.goal else "NO"


def against(runs: Runs, builds: int) -> Sequence[Line]:
    """Each row against stock."""
    found = []
    for row in requests.rows(builds):
        found.append(_line(runs, f"{row.name} hot", "ours", "stock", row.hotGoal))
        if row.cold is not None:
            found.append(_line(runs, f"{row.name} cold", "ours", "stock", row.coldGoal))
        if row.plainGoal is not None:
            found.append(_line(runs, f"{row.name} cold", "plain", "stock", row.plainGoal, " (no added index)"))
    asked = len(requests.pageOfStock())
    page = _line(runs, "page cold", "ours", "stock", requests.PAGE_GOAL)
    found.append(attrs.evolve(page, name="builders page", other=page.other / asked))
    return found


def againstBare(runs: Runs, builds: int) -> Sequence[Line]:
    """Each hot row against a bare Twisted server."""
    return [_line(runs, f"{row.name} hot", "ours", "bare", 1.0) for row in requests.rows(builds)]


def _line(runs: Runs, name: str, mine: str, other: str, goal: float | None, more: str = "") -> Line:
    run = runs[f"{name} {mine}"]
    return Line(name + more, run["rate"], run["p99"], run["cpu"], runs[f"{name} {other}"]["rate"], goal)


def calm(runs: Runs) -> Sequence[Sequence[str]]:
    """The p99 of small requests, alone and beside viewers."""
    table = []
    for small in ("masters/1", "builds/N"):
        idle = runs[f"{small} while viewers idle"]["p99"]
        for name in ("idle", "hot", "cold"):
            run = runs[f"{small} while viewers {name}"]
            ratio = run["p99"] / idle
            verdict = "–" if name == "idle" else "yes" if ratio <= CALM or run["p99"] <= SHORT else "NO"
            pulled = runs.get(f"viewers {name} beside {small}")
            table.append(
                (
                    f"{small}, viewers {name}",
                    f"{run['rate']:,.0f}",
                    f"{run['p99']:.2f}",
                    f"{run['longest']:.1f}",
                    f"{ratio:.1f}",
                    verdict,
                    "–" if pulled is None else f"{pulled['rate'] * pulled['size'] / 1e6:,.0f}",
                )
            )
    return table


def late(stalls: Mapping[str, Mapping[str, int]]) -> Sequence[Sequence[str]]:
    """How long the reactor was kept from its work."""
    table = []
    for name, counts in stalls.items():
        bounds = sorted(counts, key=lambda bound: float(bound.replace("+Inf", "inf")))
        own = [
            counts[bound] - (counts[before] if before else 0)
            for before, bound in zip(["", *bounds], bounds, strict=False)
        ]
        beyond = sum(
            count for bound, count in zip(bounds, own, strict=True) if float(bound.replace("+Inf", "inf")) > LATE
        )
        worst = max((bound for bound, count in zip(bounds, own, strict=True) if count), default="0", key=_seconds)
        table.append((name, str(counts["+Inf"]), str(beyond), f"≤ {_seconds(worst) * 1000:g} ms"))
    return table


def _seconds(bound: str) -> float:
    return float(bound.replace("+Inf", "inf"))


def grown(runs: Runs, smaller: Runs, builds: int) -> Sequence[Sequence[str]]:
    """Each row against its figure over a smaller database: by the processor time of an answer, which depends less on
    what else the machine does, and by the rate."""
    table = []
    for row in requests.rows(builds):
        for what in ("hot ours", "cold ours", "cold plain"):
            name = f"{row.name} {what}"
            if name in runs and name in smaller:
                cpu = runs[name]["cpu"] / (smaller[name]["cpu"] or 1)
                slower = smaller[name]["rate"] / (runs[name]["rate"] or 1)
                wanted = what != "cold plain"
                verdict = ("yes" if slower <= GROWTH else "NO") if wanted else "–"
                table.append((name, f"{runs[name]['rate']:,.0f}", f"{slower:.2f}", f"{cpu:.2f}", verdict))
    return table


def generator(runs: Runs) -> tuple[str, float]:
    """The run in which the load generator was busiest, and the share of one processor that it took."""
    return max(((name, run["generator"]) for name, run in runs.items()), key=lambda found: found[1])


def tables(
    result: Mapping[str, Any], smaller: Mapping[str, Any] | None
) -> Sequence[tuple[str, str, Sequence[str], Sequence[Sequence[str]]]]:
    """Title, what to know, heads and rows of each table."""
    runs, builds = result["runs"], result["builds"]
    heads = ("request", "requests/s", "p99 ms", "CPU µs", "ratio", "goal", "reached")
    found = [
        (
            "Against stock",
            "Sixteen connections; ratio: requests/s to those of a stock Buildbot 4.3.",
            heads,
            _cells(against(runs, builds)),
        ),
        (
            "Hot, against a bare Twisted server",
            "A ``static.Data`` that sends the same bytes and writes its default log.",
            heads,
            _cells(againstBare(runs, builds)),
        ),
        (
            "While ten viewers pull lists of a megabyte",
            "One connection asks for one small thing after the other; ratio: of its p99 to that without viewers. Five "
            "times is the goal, or ten milliseconds.",
            ("request", "requests/s", "p99 ms", "longest ms", "ratio", "reached", "viewers MB/s"),
            calm(runs),
        ),
        (
            "Stalls of the reactor",
            "From ``/metrics``, during the runs of the table before.",
            ("viewers", "looks", "over 20 ms", "longest"),
            late(result["stalls"]),
        ),
    ]
    if smaller is not None:
        found.append(
            (
                f"Against {smaller['builds']:,} builds",
                "How many times slower; at most 1.5 is the goal.",
                ("request", "requests/s", "slower", "CPU", "reached"),
                grown(runs, smaller["runs"], builds),
            )
        )
    return found


def _cells(lines: Sequence[Line]) -> Sequence[Sequence[str]]:
    return [
        (
            line.name,
            f"{line.rate:,.0f}" if line.rate >= 10 else f"{line.rate:.1f}",
            f"{line.p99:.1f}",
            f"{line.cpu:,.0f}",
            f"{line.ratio:.1f}" if line.ratio < 20 else f"{line.ratio:.0f}",
            "–" if line.goal is None else f"{line.goal:g}",
            line.verdict,
        )
        for line in lines
    ]


def shown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in plain text, which is one in reStructuredText too."""
    widths = [max(len(row[index]) for row in (heads, *rows)) for index in range(len(heads))]
    rule = "  ".join("=" * width for width in widths)

    def line(row: Sequence[str]) -> str:
        first, *rest = (
            cell.ljust(width) if not at else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join((first, *rest)).rstrip()

    return "\n".join((rule, line(heads), rule, *map(line, rows), rule))
