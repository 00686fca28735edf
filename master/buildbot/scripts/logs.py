"""The program's own log: lines for people, or of JSON, on standard error or in a file that is rotated."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import simplejson
from twisted.logger import ILogObserver, LogLevel, formatEvent, globalLogBeginner
from twisted.python.failure import Failure
from twisted.python.logfile import LogFile
from zope.interface import implementer

ROTATE = 10_000_000
"""Bytes after which a log file is renamed and a new one begun."""
KEPT = 10
"""Renamed log files that are kept."""
FORMATS = ("text", "json")

Event = Mapping[str, Any]


@implementer(ILogObserver)
class LogWriter:
    """Writes all that is ours, and of others what is no mere information."""

    def __init__(self, form: str, path: str | None) -> None:
        """To ``path``, or to standard error. Raises OSError for a file that cannot be written."""
        self._form: Callable[[Event], str] = asJson if form == "json" else asText
        self.masked: Callable[[str], str] = str
        """What takes secrets out of a text."""
        self._file: Any = sys.stderr
        if path is not None:
            self._file = LogFile.fromFullPath(path, rotateLength=ROTATE, maxRotatedFiles=KEPT)

    def begin(self) -> None:
        """Write what is logged from now on, and what was before."""
        observer: Any = self
        globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)

    def __call__(self, event: Event) -> None:
        ours = str(event.get("log_namespace", "")).startswith("buildbot.")
        if _level(event) >= (LogLevel.info if ours else LogLevel.warn):
            self._file.write(self.masked(self._form(event)) + "\n")
            self._file.flush()


def asText(event: Event) -> str:
    """``2026-11-24 20:18:19+0000 warn  …``, and a traceback in lines of its own."""
    time = _time(event).strftime("%Y-%m-%d %H:%M:%S%z")
    message = " ".join(_message(event).splitlines())
    text = f"{time} {_level(event).name:5} {message}"
    failure = event.get("log_failure")
    return text if failure is None else f"{text}\n{_traceback(failure)}"


def asJson(event: Event) -> str:
    """One object: ``time`` (ISO 8601), ``level``, ``logger``, ``message``, what else the event holds (``id`` is that of
    a request), and ``traceback``."""
    found: dict[str, Any] = {
        "time": _time(event).isoformat(timespec="milliseconds"),
        "level": _level(event).name,
        "logger": event.get("log_namespace", ""),
        "message": _message(event),
    }
    for name, value in event.items():
        if not name.startswith("log_") and isinstance(value, (str, int, float)) and name not in found:
            found[name] = value
    if event.get("log_failure") is not None:
        found["traceback"] = _traceback(event["log_failure"])
    return simplejson.dumps(found, ignore_nan=True)


def _level(event: Event) -> Any:
    return event.get("log_level") or LogLevel.info


def _time(event: Event) -> datetime:
    return datetime.fromtimestamp(event["log_time"], UTC).astimezone()


def _message(event: Event) -> str:
    failure = event.get("log_failure")
    text = formatEvent(dict(event))
    if not text and isinstance(failure, Failure):
        text = f"{type(failure.value).__name__}: {failure.getErrorMessage()}"
    return text


def _traceback(failure: Failure) -> str:
    return failure.getTraceback().rstrip()
