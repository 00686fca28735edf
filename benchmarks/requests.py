"""What is asked: the rows of the table, each with its goals, and the addresses for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import attrs

from .database import BUILDERS, COMMITTED, LOGGED, START

FIELDS = (
    "builderid",
    "description",
    "description_format",
    "description_html",
    "masterids",
    "name",
    "projectid",
    "tags",
)
PAGE = "builds?limit=5&order=-number"
NUMBERS = 1_000
"""Builds of each builder that a list of fifty ends at, in turn."""


@attrs.frozen
class Row:
    """One kind of request; goals are how many times faster than stock."""

    name: str
    hot: str
    """The address that is asked again and again."""
    cold: Callable[[int], str] | None
    """The n-th of many addresses for the same kind of thing, no two alike."""
    hotGoal: float | None
    coldGoal: float | None
    slow: bool = False
    """Stock answers so few in a second that it must be watched for longer."""
    plainGoal: float | None = None
    """For ``cold``, without the indexes of ``--print-indexes``."""


def rows(builds: int) -> Sequence[Row]:
    """All rows, for a database with so many builds."""
    some = builds - 1_000
    changes, logs = builds // COMMITTED, builds // LOGGED
    names = Random(7)

    def fields(_: int) -> str:
        chosen = names.sample(FIELDS, names.randint(5, len(FIELDS)))
        return "builders?" + "&".join(f"field={name}" for name in chosen)

    def builderBuilds(n: int) -> str:
        newest = builds // BUILDERS - (n // BUILDERS) % NUMBERS
        return f"builders/{n % BUILDERS + 1}/builds?limit=50&order=-number&number__lt={newest}"

    def started(n: int) -> str:
        before = START + 20 * (builds - n % some)
        return f"builds?limit=200&order=-started_at&complete=true&started_at__lt={before}"

    return (
        Row("masters/1", "masters/1", None, 20, None),
        Row("builds/N", f"builds/{some}", lambda n: f"builds/{n % builds + 1}", 18, 8),
        Row("builders/N/builds", "builders/5/builds?limit=50&order=-number", builderBuilds, 180, 25),
        Row(
            "builds, 100",
            "builds?limit=100&order=-buildid",
            lambda n: f"builds?limit=100&order=-buildid&buildid__lt={builds - n % some}",
            400,
            40,
            slow=True,
        ),
        Row("builds/N/steps", f"builds/{some}/steps", lambda n: f"builds/{n % builds + 1}/steps", 40, 12),
        Row("builders", "builders", fields, 100, 7),
        Row(
            "changes, 50",
            "changes?limit=50&order=-changeid",
            lambda n: f"changes?limit=50&order=-changeid&changeid__lt={changes - n % (changes - 100)}",
            400,
            28,
            slow=True,
        ),
        Row(
            "builds, -started_at",
            "builds?limit=200&order=-started_at&complete=true",
            started,
            1000,
            60,
            slow=True,
            plainGoal=8,
        ),
        Row(
            "logs/N/contents", "logs/77/contents?limit=200", lambda n: f"logs/{n % logs + 1}/contents?limit=200", 45, 15
        ),
    )


PAGE_GOAL = 20


def page(n: int) -> str:
    """The builders page in one request."""
    return f"builders?expand=builds&builds.limit=5&builds.order=-number&builderid__lt={BUILDERS + 1 + n}"


def pageOfStock() -> Sequence[str]:
    """The builders page as a stock Buildbot lets one ask for it."""
    return ["builders", *(f"builders/{number}/{PAGE}" for number in range(1, BUILDERS + 1))]


def viewed(builds: int, n: int) -> str:
    """A list of about a megabyte, as a page that shows everything asks for."""
    return f"builds?limit=3500&order=-buildid&buildid__lt={builds - n % (builds // 2)}"
