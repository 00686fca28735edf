"""What becomes of an event in the log."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

from twisted.logger import Logger, LogLevel
from twisted.trial.unittest import TestCase

from buildbot.scripts.logs import LogWriter


class LogCase(TestCase):
    form = "text"

    def setUp(self) -> None:
        writer: Any = LogWriter(self.form, None)
        self.file = writer._file = StringIO()
        self.writer = writer

    def logger(self, namespace: str) -> Logger:
        return Logger(namespace=namespace, observer=self.writer)

    def failed(self, log: Logger) -> None:
        try:
            raise ValueError("so\nit is")
        except ValueError:
            log.failure("Request {id}: {uri}", id="a-1", uri="/x")

    @property
    def lines(self) -> list[str]:
        return self.file.getvalue().splitlines()


class TextTest(LogCase):
    def test_line(self) -> None:
        """A time with its zone, a level, a message in one line."""
        self.logger("buildbot.www").warn("This is {what}", what="one\nline")
        [line] = self.lines
        self.assertRegex(line, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4} warn  This is one line$")

    def test_failure(self) -> None:
        """A traceback follows in lines of its own."""
        self.failed(self.logger("buildbot.www"))
        self.assertIn("Request a-1: /x", self.lines[0])
        self.assertEqual(self.lines[1], "Traceback (most recent call last):")

    def test_others(self) -> None:
        """Of what is not ours, only warnings and worse."""
        log = self.logger("twisted.internet.protocol.Factory")
        log.emit(LogLevel.info, "Starting factory")
        log.emit(LogLevel.error, "Unhandled")
        self.assertEqual(len(self.lines), 1)


class JsonTest(LogCase):
    form = "json"

    def test_object(self) -> None:
        """Everything of an event that is a plain value, the request's id among them."""
        self.failed(self.logger("buildbot.www"))
        found = json.loads(self.file.getvalue())
        self.assertRegex(found.pop("time"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$")
        self.assertIn("ValueError", found.pop("traceback"))
        self.assertEqual(
            found,
            {"level": "critical", "logger": "buildbot.www", "message": "Request a-1: /x", "id": "a-1", "uri": "/x"},
        )
