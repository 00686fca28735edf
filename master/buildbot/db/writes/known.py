"""Records as a writer's last transaction left them, so that what something was before a change need not be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Any]
MOST = 5_000
"""Records, which is some 10 MB; those that were used last."""


class Known:
    """Records by type and key, of which each is one row."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, int], Record] = {}
        self._types: dict[str, str] = {}
        """By table."""

    def get(self, type: str, key: int) -> Record | None:
        """The record, if it is known."""
        record = self._records.pop((type, key), None)
        if record is not None:
            self._records[type, key] = record
        return record

    def put(self, table: str, type: str, records: Mapping[int, Record]) -> None:
        """Those that were just read; ``table``: of which they are rows."""
        self._types[table] = type
        for key, record in records.items():
            self._records.pop((type, key), None)
            self._records[type, key] = record
        while len(self._records) > MOST:
            del self._records[next(iter(self._records))]

    def forget(self, type: str, key: int) -> None:
        """It is about to be another one."""
        self._records.pop((type, key), None)

    def clear(self, table: str | None = None) -> None:
        """Rows of a table are changed, or of any."""
        if table is None:
            self._records.clear()
        elif table in self._types:
            type = self._types.pop(table)
            self._records = {name: record for name, record in self._records.items() if name[0] != type}
