"""``make bench``: fills a database, starts the servers, drives them in turn, and writes what came of it.

PARTS=events     only what happens, or only requests
BUILDS=1000000   another number of builds than 100,000
ROUNDS=1         another number of rounds than 3
QUICK=1          one short round; nothing is written
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import attrs

from . import database, requests, servers
from .events import measure
from .events import report as reported
from .load import Load, NoLoadGenerator, needWrk
from .machine import heading, machine
from .measure import QUICK, Benchmark, Plan, Servers, asJson, write
from .plot import plot
from .report import against, generator, shown, tables

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "bench"
RESULTS = ROOT / "docs" / "benchmarks"
SMALLER = 100_000


def main() -> None:
    builds, quick = int(os.environ.get("BUILDS") or SMALLER), bool(os.environ.get("QUICK"))
    rounds = int(os.environ.get("ROUNDS") or 0)
    parts = (os.environ.get("PARTS") or "requests events").split()
    began = monotonic()
    plain = database.prepare(CACHE, builds, tell)
    tell(f"the database is there after {monotonic() - began:.0f} s")
    about = {"builds": builds, "machine": machine()}
    if "requests" in parts:
        askAll(about, plain, QUICK if quick else Plan(repeats=rounds or Plan().repeats), quick)
    if "events" in parts:
        plan = measure.QUICK if quick else measure.Plan(repeats=rounds or measure.Plan().repeats)
        tellAll(about, plain, plan, quick)
    tell(f"{monotonic() - began:.0f} s in all")


def askAll(about: Mapping[str, Any], plain: Path, plan: Plan, quick: bool) -> None:
    """Requests and their answers."""
    try:
        needWrk()
    except NoLoadGenerator as error:
        sys.exit(str(error))
    builds = about["builds"]
    result = {**about, "rounds": plan.repeats, **drive(plain, builds, plan)}
    file = RESULTS / f"results-{SMALLER}.json"
    smaller = json.loads(file.read_text()) if builds != SMALLER and file.exists() else None
    print(text(result, smaller))
    if not quick:
        keep(result, smaller)


def tellAll(about: Mapping[str, Any], plain: Path, plan: measure.Plan, quick: bool) -> None:
    """What happens, and those who are told."""
    found = measure.Measurement(CACHE / "events", plan, tell).run(plain)
    result = {**about, "rounds": plan.repeats, "plan": attrs.asdict(plan), **found}
    written = "\n".join([*heading("Events", result), reported.text(result)])
    print(written)
    if not quick:
        (RESULTS / "results-events.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
        (RESULTS / "results-events.rst").write_text(written)


def tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def drive(plain: Path, builds: int, plan: Plan) -> Mapping[str, Any]:
    """Start everything, and drive it."""
    work = CACHE / "run"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    program = str(Path(sys.executable).with_name("buildbot-status"))
    statements = subprocess.run(
        [program, "attach", "--db", f"sqlite:///{plain}", "--print-indexes"], check=True, capture_output=True, text=True
    ).stdout
    stocks = work / "stock.sqlite"
    shutil.copyfile(plain, stocks)
    with ExitStack() as stack:
        ours = stack.enter_context(servers.ours(database.indexed(plain, statements), work / "ours.log"))
        without = stack.enter_context(servers.ours(plain, work / "plain.log"))
        write(work / "bodies", [ours], requests.rows(builds))
        bare = stack.enter_context(servers.bare(work / "bodies", work / "bare.log"))
        taking = Servers(
            ours, attrs.evolve(without, name="plain"), partial(servers.stock, stocks, work / "stock"), bare
        )
        return asJson(Benchmark(taking, Load(work), plan, builds, tell).run())


def text(result: Mapping[str, Any], smaller: Mapping[str, Any] | None) -> str:
    """Everything about requests, as reStructuredText."""
    busiest, share = generator(result["runs"])
    parts = [
        *heading(f"{result['builds']:,} builds", result),
        f"The load generator is not the bottleneck: at its busiest (*{busiest}*) it took {share:.0%} of one processor.",
        "",
    ]
    for name, note, heads, rows in tables(result, smaller):
        parts += [name, "-" * len(name), "", note, "", shown(heads, rows), ""]
    return "\n".join(parts)


def keep(result: Mapping[str, Any], smaller: Mapping[str, Any] | None) -> None:
    """Write the page, the plot and the numbers."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    name = f"results-{result['builds']}"
    lines = against(result["runs"], result["builds"])
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    (RESULTS / f"{name}.svg").write_text(
        plot(lines, f"Times a stock Buildbot, {result['builds']:,} builds; the marks are goals")
    )
    picture = f".. image:: {name}.svg\n   :alt: Ratios to a stock Buildbot, and the goals.\n"
    (RESULTS / f"{name}.rst").write_text(f"{text(result, smaller)}\n{picture}")


main()
