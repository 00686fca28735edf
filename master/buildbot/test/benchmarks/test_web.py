"""The benchmark of the web pages: what it makes of what it has measured."""

from __future__ import annotations

import pytest
from benchmarks.web.browser import Failed
from benchmarks.web.commits import Committed, untilPainted
from benchmarks.web.hands import dropped
from benchmarks.web.proxy import Asked, requests, scripts, streams
from benchmarks.web.report import Values, cells, lines, percentile, stockAlone

VISIBLE = "waterfall: content visible"


def test_percentile() -> None:
    """It is one of the values; of none there is none."""
    assert percentile([3, 1, 2], 50) == 2
    assert percentile(range(1, 101), 95) == 95
    assert percentile(range(1, 101), 99) == 99
    assert percentile([7], 95) == 7
    with pytest.raises(Failed):
        percentile([], 95)


def test_lines() -> None:
    """A line has medians, how many times as much stock takes, and whether the goal is reached."""
    values = {VISIBLE: {"stock": [900, 3000, 1000], "ours": [400, 100, 200]}}
    [line] = lines(values)
    assert (line.stock, line.here, line.ratio, line.verdict) == (1000, 200, 5, "yes")
    [slow] = lines({VISIBLE: {"ours": [351]}})
    assert (slow.stock, slow.ratio, slow.verdict) == (None, None, "NO")
    assert cells([line, slow]) == [
        (VISIBLE, "1,000 ms", "200 ms", "5.0", "350 ms", "yes"),
        (VISIBLE, "–", "351 ms", "–", "350 ms", "NO"),
    ]


def test_countsAreNotCompared() -> None:
    """A ratio of what has no goal and no unit says nothing."""
    [line] = lines({"waterfall: streams": {"stock": [2], "ours": [1]}})
    assert (line.ratio, line.verdict) == (None, "–")


def test_missing() -> None:
    """A page that is not there yet has no line; what stock takes for it is told apart."""
    values: Values = {VISIBLE: {"stock": [9], "ours": [1]}, "grid: content visible": {"stock": [2000.4]}}
    assert [line.row.name for line in lines(values)] == [VISIBLE]
    assert stockAlone(values, ["grid"]) == [("grid: content visible", "2,000 ms", "350 ms")]


def test_untilPainted() -> None:
    """From an event to the first frame with what it has changed, of builds that were to be seen before."""
    events = [
        Committed(1, "finished", 2.0),
        Committed(2, "new", 2.5),
        Committed(3, "finished", 3.0),
        Committed(2, "update", 3.5),
        Committed(2, "finished", 4.0),
        Committed(4, "new", 5.0),
    ]
    changes = [
        ("1", "build status-running", 1000.0),
        ("3", "build status-success", 1000.0),
        ("1", "build status-failure", 2030.0),
        ("2", "build status-running", 2520.0),
        ("2", "build status-success", 4010.0),
    ]
    assert untilPainted(events, changes) == [30, 20, 10]


def test_dropped() -> None:
    """The share of frames that did not come, of those that should have."""
    frame = 1000 / 60
    assert dropped([n * frame for n in range(61)]) == 0
    assert dropped([0, frame, 4 * frame]) == 0.5


def test_asked() -> None:
    """Scripts by their size on the wire; what is asked of the API is no stream."""
    asked = [
        Asked("/assets/index.js", "text/javascript", 30_000),
        Asked("/plugins/grid/scripts.js", "application/javascript", 12_000),
        Asked("/api/v2/batch", "application/json", 9_000),
        Asked("/ws", isStream=True),
        Asked("/api/v2/builds", "text/event-stream", 5, isStream=True),
    ]
    assert (scripts(asked), requests(asked), streams(asked)) == (42, 1, 2)
