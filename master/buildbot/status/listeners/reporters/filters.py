"""Which builds a generator reports: Buildbot's modes and filters."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import attrs

from buildbot.errors import ConfigError
from buildbot.status.listeners.reporters.about import About
from buildbot.status.listeners.reporters.wording import CANCELLED, EXCEPTION, FAILURE, SUCCESS, WARNINGS

OF_RESULTS = {
    "failing": FAILURE,
    "passing": SUCCESS,
    "warnings": WARNINGS,
    "exception": EXCEPTION,
    "cancelled": CANCELLED,
}
"""Modes that go by the result alone."""
BY_COMPARISON = ("problem", "change")
"""Modes that go by the build before as well."""
SHORT = {"all": tuple(OF_RESULTS), "warnings": ("failing", "warnings")}
"""What a mode means that is given as one text."""


@attrs.frozen
class Mode:
    """Which results are reported."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, given: Any) -> Mode:
        """Raises ConfigError."""
        words = SHORT.get(given, (given,)) if isinstance(given, str) else given
        known = (*OF_RESULTS, *BY_COMPARISON)
        if not isinstance(words, (list, tuple, set, frozenset)):
            raise ConfigError(f"mode={given!r}: 'all', or a list of {', '.join(known)} is expected")
        for word in words:
            if word not in known:
                if word == "all":
                    raise ConfigError("mode: 'all' stands alone, as in mode='all'")
                near = get_close_matches(str(word), known, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(known)} is expected"
                raise ConfigError(f"mode: {word!r} is none: {hint}")
        return cls(tuple(words))

    @property
    def compares(self) -> bool:
        """Whether the build before must be known."""
        return any(word in self.words for word in BY_COMPARISON)

    def mayMatch(self, results: int | None) -> bool:
        """False if a build with these results is not reported, whatever the build before was."""
        if any(OF_RESULTS.get(word) == results for word in self.words):
            return True
        return "change" in self.words or ("problem" in self.words and results == FAILURE)

    def matches(self, results: int | None, previous: Any) -> bool:
        """Whether a finished build is reported; ``previous`` is the build before, or None."""
        if any(OF_RESULTS.get(word) == results for word in self.words):
            return True
        if previous is None:
            return False
        if "change" in self.words and previous["results"] != results:
            return True
        return "problem" in self.words and results == FAILURE != previous["results"]


@attrs.frozen
class Filters:
    """Which builds are reported, by what they are of."""

    tags: Sequence[str] | None
    builders: Sequence[str] | None
    schedulers: Sequence[str] | None
    branches: Sequence[str | None] | None

    def check(self, owner: str) -> None:
        """Raises ConfigError, for the generator that is called ``owner``."""
        for name in ("tags", "builders", "schedulers", "branches"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, (list, tuple, set, frozenset)):
                raise ConfigError(f"{owner}: {name}={value!r}: a list is expected, such as {name}=[{value!r}]")
        if self.tags is not None and self.builders is not None:
            raise ConfigError(f"{owner}: tags and builders cannot both be given: name the builders, or their tags")

    def match(self, about: About) -> bool:
        """Whether a build, or a request for one, is reported."""
        builder = about.build["builder"]
        return (
            (self.builders is None or builder["name"] in self.builders)
            and (self.schedulers is None or about.valueOf("scheduler") in self.schedulers)
            and (self.branches is None or about.valueOf("branch") in self.branches)
            and (self.tags is None or any(tag in self.tags for tag in builder["tags"]))
        )
