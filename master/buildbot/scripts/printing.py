"""Answers as text: JSON as HTTP has it, a table for people, CSV for other programs."""

from __future__ import annotations

import csv
import io
import re
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from buildbot.status.answer import Answer
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.encode import compact, pretty

Query = Mapping[str, Sequence[str]]
WIDEST = 60
"""Characters of a cell of a table; what is longer is cut."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def written(path: str, query: Query, answer: Answer, form: str | None) -> str:
    """The text of what a call was answered with, with a line break at its end. ``form``: ``table``, ``csv``, or None
    for JSON."""
    resource = Catalogue().find(path).pattern.resource
    records = [record.asDict() for record in answer.records]
    if form is None:
        return pretty({resource.Plural: records, "meta": dict(answer.meta)}) + "\n"
    names = _columns(resource, query, records)
    if form == "csv":
        return _csv([names, *([_cell(record[name]) for name in names] for record in records)])
    return table([names, *([_shown(resource, name, record[name]) for name in names] for record in records)])


def _columns(resource: type[Resource], query: Query, records: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    """The fields that were asked for, in that order, or else the definition's; then whatever else records hold, such as
    relations."""
    fields = query.get("field") or [name for name, field in resource.Fields.items() if not field.derived]
    expanded = sorted(path.partition(".")[0] for text in query.get("expand", ()) for path in text.split(","))
    sent = records[0] if records else dict.fromkeys([*fields, *expanded])
    return [name for name in dict.fromkeys([*fields, *sent]) if name in sent]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else compact(value)


def _shown(resource: type[Resource], name: str, value: Any) -> str:
    """For people: times in their own zone, on one line, and nothing that a terminal would obey."""
    field = resource.Fields.get(name)
    if field is not None and field.type.kind == "datetime" and isinstance(value, int):
        return datetime.fromtimestamp(value, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return cut(_cell(value), WIDEST)


def cut(text: str, most: int) -> str:
    """A text on one line, of so many characters at most."""
    text = _CONTROL.sub(" ", text)
    return text if len(text) <= most else text[: most - 1] + "…"


def wrapped(text: str, indent: int) -> str:
    """A text in lines as wide as the terminal, each with so many spaces before it."""
    margin = " " * indent
    text = " ".join(_CONTROL.sub(" ", text).split())
    width = max(shutil.get_terminal_size().columns, 40)
    return textwrap.fill(text, width, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as what stands in them."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join("  ".join(map(str.ljust, row, widths)).rstrip() + "\n" for row in rows)


def _csv(rows: Sequence[Sequence[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()
