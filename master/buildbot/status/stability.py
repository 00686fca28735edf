"""How firm something is that callers rely on; docs/promises.rst is the promise."""

from __future__ import annotations

from datetime import date

import attrs

from buildbot.errors import DefinitionError

STABLE, PROVISIONAL = "stable", "provisional"


@attrs.frozen
class Deprecation:
    """That something will go: it works for a year at least, while every answer to a call that names it says so."""

    since: str = attrs.field(validator=lambda _, __, day: _isDay(day))
    """The day from which it is deprecated: ``2027-01-01``."""
    instead: str = ""
    """What to use."""

    @property
    def sunset(self) -> date:
        """The day from which it may be gone."""
        day = date.fromisoformat(self.since)
        leap = (day.month, day.day) == (2, 29)
        return date(day.year + 1, 3, 1) if leap else day.replace(year=day.year + 1)


def _isDay(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise DefinitionError(f"deprecated: {text!r} is no day; one is written 2027-01-01") from None


@attrs.frozen
class Standing:
    """How firm something is. ``stable`` things keep their name, type and meaning; ``provisional`` ones may change with
    any release."""

    since: str = "0.1"
    stability: str = STABLE
    deprecated: Deprecation | None = None
