"""The headers that say that what a call named will go: ``Deprecation`` (RFC 9745) and ``Sunset`` (RFC 8594)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any


def deprecationHeaders(meta: Mapping[str, Any]) -> list[tuple[str, str]]:
    """For an answer with this ``meta``; the earliest days, where it names several things."""
    told = meta.get("deprecated", ())
    if not told:
        return []
    since, sunset = (_midnight(min(each[day] for each in told)) for day in ("deprecated", "sunset"))
    return [("Deprecation", f"@{int(since.timestamp())}"), ("Sunset", format_datetime(sunset, usegmt=True))]


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), UTC)
