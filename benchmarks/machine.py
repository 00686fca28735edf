"""What a benchmark ran on, and how its results begin."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any


def machine() -> Mapping[str, Any]:
    """What it ran on."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": f"{os.cpu_count()} × {models[0] if models else platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "twisted": version("twisted"),
        "sqlalchemy": version("sqlalchemy"),
        "stock": "4.3.0",
    }


def heading(title: str, result: Mapping[str, Any]) -> list[str]:
    """What was run where."""
    about = result["machine"]
    return [
        title,
        "=" * len(title),
        "",
        f"{about['date']}; {about['processor']}; Python {about['python']}, Twisted {about['twisted']}, SQLAlchemy "
        f"{about['sqlalchemy']}, SQLite {about['sqlite']}; stock Buildbot {about['stock']}. "
        f"Rounds: {result['rounds']}, all servers in turn in each; medians.",
        "",
    ]
