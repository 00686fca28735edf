"""``make bench-web``: a stock Buildbot's pages and ours over the same database, in turn, and what came of it.

ROUNDS=1   another number of rounds than 5
PARTS=live only some of: pages, hands, live
QUICK=1    one short round of each; nothing is written
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Any

from .. import database, servers
from ..machine import heading, machine
from ..report import shown
from . import live
from .browser import chromium
from .hands import Hands
from .largelog import addLargeLogs
from .measured import Measured
from .pages import Pages
from .report import HEADS, cells, lines, stockAlone
from .rows import BUILDS, LOG, OURS, STOCK, VIEWS, picture

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "bench" / "web"
RESULTS = ROOT / "docs" / "benchmarks"
PLUGINS = ("waterfall_view", "console_view", "grid_view")


def main() -> None:
    quick = bool(os.environ.get("QUICK"))
    rounds = int(os.environ.get("ROUNDS") or (1 if quick else 5))
    parts = (os.environ.get("PARTS") or "pages hands live").split()
    began, before = monotonic(), os.getloadavg()[0]
    plain = database.prepare(CACHE, BUILDS, tell)
    measured = Measured(tell)
    measure(plain, measured, rounds, parts, quick)
    result = {
        "builds": BUILDS,
        "machine": machine(),
        "rounds": rounds,
        "load": [before, os.getloadavg()[0]],
        "missing": measured.missing,
        "failed": measured.failed,
        "values": measured.values,
    }
    print(text(result))
    if not quick:
        (RESULTS / "results-web.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
        (RESULTS / "results-web.rst").write_text(text(result))
    tell(f"{monotonic() - began:.0f} s in all")
    sys.exit(1 if measured.failed else 0)


def measure(plain: Path, measured: Measured, rounds: int, parts: list[str], quick: bool) -> None:
    """Start everything, and look at it."""
    work = CACHE / "run"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    copies = {who: work / f"{who}.sqlite" for who in (STOCK, OURS)}
    with ExitStack() as stack:
        browser = stack.enter_context(chromium())
        if {"pages", "hands"} & set(parts):
            for copy in copies.values():
                shutil.copyfile(plain, copy)
                addLargeLogs(copy)
            running = {
                STOCK: stack.enter_context(servers.stock(copies[STOCK], work / "stock", PLUGINS)),
                OURS: stack.enter_context(servers.ours(copies[OURS], work / "ours.log")),
            }
            if "pages" in parts:
                Pages(browser, running, measured, None if quick else RESULTS).run(rounds)
            if "hands" in parts:
                Hands(browser, running[OURS], measured).run(rounds)
        if "live" in parts:
            live.Live(browser, work, measured, live.QUICK if quick else live.Plan()).run(rounds)


def tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def text(result: Mapping[str, Any]) -> str:
    """Everything, as reStructuredText."""
    before, after = result["load"]
    parts = [
        *heading("Web pages", result),
        f"{result['builds']:,} builds. The machine's load was {before:.1f} before and {after:.1f} at the end:"
        " milliseconds are for a quiet one, ratios are to stock in the same run.",
        "",
        shown(HEADS, cells(lines(result["values"]))),
        "",
    ]
    for view in (*VIEWS, LOG):
        if f"{view.name}: content visible" in result["values"]:
            parts += [f"{view.name}, a stock Buildbot's and ours:", ""]
            parts += [f".. image:: {picture(view, who)}\n   :width: 49%\n   :alt: {who}\n" for who in (STOCK, OURS)]
    if result["missing"]:
        alone = stockAlone(result["values"], result["missing"])
        parts += [f"Not there yet: {', '.join(result['missing'])}. What stock takes for them:", ""]
        parts += [shown(("what", "stock", "at most"), alone), ""] if alone else []
    parts += [f"Could not be measured: {name}: {why}\n" for name, why in result["failed"].items()]
    return "\n".join(parts)


main()
