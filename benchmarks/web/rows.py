"""What is looked at and how much it may be: all that has to be touched where a page comes or changes."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ..database import BUILDERS

BUILDS = 100_000
NEWEST = f"builders/{(BUILDS - 1) % BUILDERS + 1}/builds/{(BUILDS - 1) // BUILDERS + 1}"
"""The build that began last."""
OURS, STOCK = "ours", "stock"


@attrs.frozen
class Look:
    """Where a page is, and which elements are its contents: those in the window make up what is visible."""

    address: str
    contents: str


@attrs.frozen
class View:
    """A page that both have."""

    name: str
    stock: Look
    ours: Look

    def of(self, who: str) -> Look:
        """The stock one or ours."""
        return self.ours if who == OURS else self.stock


BOXES = "[data-build]"

VIEWS: Sequence[View] = (
    View("waterfall", Look("#/waterfall", ".bb-waterfall-view g.build rect"), Look("waterfall", BOXES)),
    View("grid", Look("#/grid", "td a .bb-badge-round"), Look("grid", ".cell[class*=status-]")),
    View("console", Look("#/console", "td a .bb-badge-round"), Look("console", ".cell[class*=status-]")),
    View("build page", Look(f"#/{NEWEST}", ".bb-build-summary-step-line"), Look(NEWEST, ".build-steps li[id]")),
)


def picture(view: View, who: str) -> str:
    """The name of the file that shows what it looks like."""
    return f"web-{view.name.replace(' ', '-')}-{who}.webp"


LOG = View(
    "100 MB log",
    Look(f"#/{NEWEST}/steps/0/logs/stdio", ".bb-logviewer-text-row, .bb-logline"),
    Look(f"{NEWEST}/steps/0/logs/stdio", ".log-lines .rows > div"),
)


@attrs.frozen
class Action:
    """Something done on a page of ours that asks for nothing more, again and again, each time with another outcome."""

    name: str
    address: str
    contents: str
    element: str
    """Where it is done."""
    inputs: Sequence[str]
    event: str = "keydown"
    """Keys that are pressed; ``input``: texts, each in place of the one before; ``click``: what is clicked on."""


ACTIONS: Sequence[Action] = (
    Action("zoom", "waterfall", BOXES, ".waterfall .scroller", ("-", "-", "-", "+", "+", "+")),
    Action(
        "filter",
        "waterfall",
        BOXES,
        "search input",
        ("builder-1", "failed", "builder-2", "failed", "builder-3", ""),
        event="input",
    ),
    Action(
        "sort",
        "builders",
        ".builders td.name a",
        "th.name button",
        ("th.name button", "th.failing button") * 3,
        event="click",
    ),
)


@attrs.frozen
class Finding:
    """The first error of a log of a hundred megabytes."""

    name: str
    address: str
    contents: str = ".log-lines .current"


FINDINGS: Sequence[Finding] = (
    Finding("100 MB log: at its first error", LOG.ours.address),
    Finding("100 MB log: at its first error, in the first 5 MB", f"{NEWEST}/steps/0/logs/early"),
)


@attrs.frozen
class Row:
    """A line of the table: what was measured under this name, and at most how much it may be here."""

    name: str
    unit: str
    goal: float | None = None


ROWS: Sequence[Row] = (
    Row("waterfall: JavaScript", "KB", 90),
    *(Row(f"{view.name}: content visible", "ms", 350) for view in VIEWS),
    *(Row(f"{view.name}: builds or steps in the window", "") for view in VIEWS),
    *(Row(f"{view.name}: requests to the API", "", 1) for view in VIEWS),
    *(Row(f"{view.name}: streams", "") for view in VIEWS),
    *(Row(f"{view.name}: elements", "", 1500) for view in VIEWS),
    Row("masters/1, nobody looks: p99", "ms"),
    *(Row(f"masters/1, {view.name} loads: p99", "ms", 20) for view in VIEWS),
    Row("event to pixel: p95", "ms", 300),
    Row("event to pixel: events", ""),
    Row("50 events/s: main thread", "%", 15),
    *(Row(f"{action.name}: p95", "ms", 50) for action in ACTIONS),
    *(Row(f"{action.name}: requests", "", 0) for action in ACTIONS),
    Row("10,000 builds: most elements", "", 1500),
    Row("10,000 builds: dropped frames", "%", 5),
    Row("a cut: updates lost", "", 0),
    Row("a cut: reloads", "", 0),
    Row("100 MB log: content visible", "ms", 300),
    *(Row(finding.name, "ms", most) for finding, most in zip(FINDINGS, (2000, 300), strict=True)),
)
