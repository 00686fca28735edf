"""That the comparison sees what is wrong: a stock master's answers, spoilt in every way, are not taken for ours."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from random import Random
from typing import Any

import attrs
from twisted.trial.unittest import TestCase

from . import recorded
from .compare import compare
from .recorded import Recorded
from .rules import allRules
from .world import World

UNCHECKED = ("forcescheduler", "spec", "rootlink")
"""Types whose lists differ as a whole, by a rule of their own."""

STRANGE = re.compile(r"[?%+]|/0|/-\d|\d_|\d{8}")
"""Paths for which there are rules."""

Spoil = Callable[[list[Any], dict[str, Any]], bool]


def drop(records: list[Any], meta: dict[str, Any]) -> bool:
    """Leave out the last record."""
    return bool(records) and bool(records.pop())


def another(records: list[Any], meta: dict[str, Any]) -> bool:
    """Say the last record twice."""
    records.append(records[-1] if records else {"none": 1})
    return True


def miscount(records: list[Any], meta: dict[str, Any]) -> bool:
    """Count one more than there are on all pages."""
    meta["total"] = meta.get("total", -1) + 1
    return bool(meta["total"] > 0)


def change(records: list[Any], meta: dict[str, Any]) -> bool:
    """Put another number or text into the first field that has one, in the last record."""
    for record in records[-1:]:
        for name, value in record.items():
            if type(value) in (int, str):
                record[name] = f"x{value}" if isinstance(value, str) else value + 1
                return True
    return False


def lose(records: list[Any], meta: dict[str, Any]) -> bool:
    """Leave out the last field of the first record."""
    return bool(records) and bool(records[0]) and bool(records[0].popitem())


class CompareTest(TestCase):
    def setUp(self) -> None:
        self.answers = recorded.answers()
        self.world = World.of(self.answers)

    def plain(self) -> dict[str, Recorded]:
        """Answers of any kind that need no rule: every ninth, since there are many."""
        found = {}
        for path, answer in list(self.answers.items())[::9]:
            pattern = self.world.question(path).pattern
            isPlain = answer.status == 200 and isinstance(answer.document, dict) and STRANGE.search(path) is None
            if isPlain and pattern is not None and pattern.type not in UNCHECKED and not pattern.isRaw:
                verdict = compare(self.world, path, answer)
                if not verdict.difference and not set(verdict.rules) - {"bodies of patches"}:
                    found[path] = answer
        return found

    def check(self, spoil: Spoil) -> None:
        """Spoil each answer in that way; the comparison has to see it."""
        count = 0
        for path, answer in self.plain().items():
            document = copy.deepcopy(answer.document)
            [plural] = [name for name in document if name != "meta"]
            if plural != "properties" and spoil(document[plural], document["meta"]):
                count += 1
                verdict = compare(self.world, path, attrs.evolve(answer, document=document))
                self.assertNotEqual(verdict.difference, "", path)
        self.assertGreater(count, 50)

    def test_lost(self) -> None:
        """A record that is not there is seen."""
        self.check(drop)

    def test_another(self) -> None:
        """A record too many is seen."""
        self.check(another)

    def test_total(self) -> None:
        """A wrong total is seen."""
        self.check(miscount)

    def test_changed(self) -> None:
        """Another value is seen."""
        self.check(change)

    def test_turned(self) -> None:
        """Another order than that in which a stock master lists all of something is seen."""
        seen = set()
        for path, answer in self.answers.items():
            pattern = self.world.question(path).pattern
            if pattern is None or pattern.type in seen or not pattern.isCollection or STRANGE.search(path):
                continue
            if answer.document and pattern.type in ("builder", "build", "build_data", "step", "log"):
                [(plural, records)] = [each for each in answer.document.items() if each[0] != "meta"]
                if len(records) > 1:
                    seen.add(pattern.type)
                    spoilt = attrs.evolve(answer, document={**answer.document, plural: records[::-1]})
                    self.assertEqual(compare(self.world, path, answer).difference, "", path)
                    self.assertNotEqual(compare(self.world, path, spoilt).difference, "", path)
        self.assertEqual(len(seen), 5)

    def test_field(self) -> None:
        """A field that is not there is seen."""
        self.check(lose)

    def test_statuses(self) -> None:
        """An error in place of an answer is seen."""
        for path, answer in self.plain().items():
            for status in (400, 403, 404, 500):
                spoilt = attrs.evolve(answer, status=status, document={"error": "x"})
                self.assertNotEqual(compare(self.world, path, spoilt).difference, "", f"{path} {status}")

    def test_failures(self) -> None:
        """That we fail with 500 is never by a rule."""
        for path, answer in Random(1).sample(list(self.answers.items()), 1000):
            verdict = compare(self.world, path, attrs.evolve(answer, status=500, document={"error": "x"}))
            self.assertTrue(verdict.difference or answer.status == 500, path)

    def test_more(self) -> None:
        """Ours may have more fields, and more in meta."""
        for path, answer in self.plain().items():
            document = copy.deepcopy(answer.document)
            [plural] = [name for name in document if name != "meta"]
            if plural != "properties":
                for record in document[plural]:
                    record["more"] = 1
                document["meta"]["next"] = "x"
                verdict = compare(self.world, path, attrs.evolve(answer, document=document))
                self.assertEqual(verdict.difference, "", path)

    def test_sentences(self) -> None:
        """Every rule says what it is about."""
        for name, sentence in allRules().items():
            self.assertTrue(sentence.endswith("."), name)
