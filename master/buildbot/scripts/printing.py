"""Answers as text: JSON as HTTP has it, a table for people, CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from buildbot.status.answer import Answer
from buildbot.status.catalogue import Catalogue
from buildbot.status.encode import compact, pretty


def written(path: str, answer: Answer, form: str | None) -> str:
    """The text of an answer, with a line break at its end. ``form``: ``table``, ``csv``, or None for JSON."""
    records = [record.asDict() for record in answer.records]
    if form is None:
        plural = Catalogue().find(path).pattern.resource.Plural
        return pretty({plural: records, "meta": dict(answer.meta)}) + "\n"
    rows = [list(records[0]) if records else [], *([_cell(value) for value in record.values()] for record in records)]
    return table(rows) if form == "table" else _csv(rows)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else compact(value)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as what stands in them."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join("  ".join(map(str.ljust, row, widths)).rstrip() + "\n" for row in rows)


def _csv(rows: Sequence[Sequence[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()
