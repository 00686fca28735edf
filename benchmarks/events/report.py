"""What was measured of events, as reStructuredText."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..report import LATE, shown

TIMES = 10
"""How many times what a stock master announces a recorder must store."""
P99, CATCH_UP, SILENT = 150, 200_000, 100_000
"""Milliseconds; events in a second; bytes."""


def tables(result: Mapping[str, Any]) -> Sequence[tuple[str, str, Sequence[str], Sequence[Sequence[str]]]]:
    """Each with its title, a note, and heads."""
    return _recording(result), _telling(result), _behind(result), _looks(result)


def verdict(isReached: bool) -> str:
    return "yes" if isReached else "NO"


def _recording(result: Mapping[str, Any]) -> Any:
    rows = []
    for name in ("SQLite", "PostgreSQL"):
        ours, stock = result["recording"][f"ours {name}"], result["recording"][f"stock {name}"]
        ratio = ours["rate"] / stock["rate"]
        rows.append(
            (
                name,
                f"{ours['rate']:,.0f}",
                f"{ours['perCommit']:.0f}",
                f"{stock['rate']:,.0f}",
                f"{ratio:.0f}",
                f"{TIMES}",
                verdict(ratio >= TIMES),
            )
        )
    note = (
        "Events in a second, each with its row, durable: a recorder that a hundred builds at a time tell of steps "
        "which log nothing, beside a stock master whose eight workers do nothing but such steps."
    )
    return "What is stored", note, ("", "ours", "per commit", "stock", "times", "goal", "reached"), rows


def _telling(result: Mapping[str, Any]) -> Any:
    rows = []
    telling, plan = result["telling"], result["plan"]
    for name, run in telling.items():
        isCalm = run["p99"] <= P99 and run["late"] == 0 and not run["lost"]
        rows.append(
            (
                name,
                f"{run['rate']:,.0f}",
                f"{run['p50']:.0f}",
                f"{run['p99']:.0f}",
                f"{run['longest']:.0f}",
                f"{1000 * run['stall']:.0f}",
                f"{run['cpu']:.0%}",
                f"{run['idle']:.0%}",
                verdict(isCalm),
            )
        )
    each = (telling["some never read"]["grown"] - telling["all read"]["grown"]) / plan["silent"]
    note = (
        f"{plan['readers']:,} WebSockets, {plan['rate']} events a second; times in milliseconds, from when something "
        f"happens to when it has come. Goal: p99 {P99} ms and no stall over {1000 * LATE:.0f} ms. In the second row "
        f"{plan['silent']} more never read: each has cost {max(each, 0) / 1000:,.0f} KB (goal: {SILENT // 1000})."
    )
    heads = ("", "deliveries/s", "p50", "p99", "longest", "longest stall", "CPU", "generator idle", "reached")
    return "Many subscribers", note, heads, rows


def _behind(result: Mapping[str, Any]) -> Any:
    rows = [
        (f"``{run['topic']}``", f"{run['delivered']:,.0f}", f"{run['rate']:,.0f}", verdict(run["rate"] >= CATCH_UP))
        for run in result["behind"]
    ]
    note = (
        f"One who has missed {result['plan']['missed']:,} events: events in a second, from the log to the bytes of a "
        f"WebSocket's frames. Goal: {CATCH_UP:,}."
    )
    return "Catching up", note, ("topic", "deliveries", "events/s", "reached"), rows


def _looks(result: Mapping[str, Any]) -> Any:
    run = result["looks"]
    rows = [
        ("nothing is built", f"{run['idle']:.1f}"),
        ("100 builds run", f"{run['running']:.1f}"),
        ("100 builds run, 20 things have changed", f"{run['busy']:.1f}"),
    ]
    note = (
        f"Milliseconds of a look at a stock master's database with {result['builds']:,} builds after it has changed. "
        f"The first one took {run['first']:.0f}."
    )
    return "Looks for news", note, ("", "ms"), rows


def text(result: Mapping[str, Any]) -> str:
    """All tables."""
    parts: list[str] = []
    for name, note, heads, rows in tables(result):
        parts += [name, "-" * len(name), "", note, "", shown(heads, rows), ""]
    return "\n".join(parts)
