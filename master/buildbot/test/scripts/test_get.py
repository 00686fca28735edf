"""``buildbot get``: how it is asked, and how answers look."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import subprocess
from collections.abc import Mapping
from typing import Any

from click.testing import CliRunner
from twisted.trial.unittest import TestCase

from buildbot.scripts import completing
from buildbot.scripts.failing import withHint
from buildbot.scripts.get import asked
from buildbot.scripts.printing import written
from buildbot.scripts.runner import buildbot
from buildbot.status.answer import Answer
from buildbot.status.resources.builds import Build
from buildbot.status.resources.changes import Change
from buildbot.test.scripts.test_attach import PROGRAM
from buildbot.test.www.served import generated


class AskedTest(TestCase):
    def test_parameters(self) -> None:
        """A name may be given several times; a value may hold anything."""
        self.assertEqual(
            asked("builds", ["results=0", "results=2", "state_string=a=b"]),
            ("builds", {"results": ["0", "2"], "state_string": ["a=b"]}),
        )

    def test_pasted(self) -> None:
        """What stands in ``meta.next`` or in an address bar can be pasted."""
        self.assertEqual(
            asked("/api/v2/builds?limit=3&name=a%2Fb", ["order=number"]),
            ("builds", {"limit": ["3"], "name": ["a/b"], "order": ["number"]}),
        )

    def test_noValue(self) -> None:
        """A parameter without a value is an error that shows what one looks like."""
        done = CliRunner().invoke(buildbot, ["get", "builds", "limit", "--from", "http://localhost"])
        self.assertEqual(done.exit_code, 2)
        self.assertIn("'limit': name=value is expected, such as limit=10", done.output)

    def test_nobody(self) -> None:
        """So is a question to nobody."""
        done = CliRunner(env={"BUILDBOT_FROM": None}).invoke(buildbot, ["get", "builds"])
        self.assertEqual(done.exit_code, 2)
        self.assertIn("--from", done.output)


def answer(cls: Any, *records: Mapping[str, Any]) -> Answer:
    return Answer(tuple(cls.fromWire(dict(record)) for record in records), {"total": len(records)})


class WrittenTest(TestCase):
    def test_json(self) -> None:
        """JSON is what HTTP sends, indented."""
        text = written("builds", {}, answer(Build, {"buildid": 1, "results": None}), None)
        self.assertEqual(json.loads(text), {"builds": [{"buildid": 1, "results": None}], "meta": {"total": 1}})
        self.assertTrue(text.startswith('{\n  "builds": [\n    {\n'), text)

    def test_table(self) -> None:
        """A table has columns as wide as what is in them; null is nothing, and the rest is JSON."""
        text = written(
            "builds",
            {"field": ["number", "results", "state_string", "complete"]},
            answer(
                Build,
                {"number": 1, "results": None, "state_string": "building", "complete": False},
                {"number": 10, "results": 0, "state_string": "done", "complete": True},
            ),
            "table",
        )
        self.assertEqual(
            text.splitlines(),
            [
                "number  results  state_string  complete",
                "1                building      false",
                "10      0        done          true",
            ],
        )

    def test_times(self) -> None:
        """Times are those of this place."""
        text = written("builds", {}, answer(Build, {"started_at": 86400 * 365}), "table")
        self.assertRegex(text, r"^started_at\n19(70-12-31|71-01-01) \d\d:\d\d:00\n$")

    def test_tame(self) -> None:
        """Nothing in a table moves the cursor or breaks a line, and long texts are cut."""
        given = answer(Change, {"comments": "a\x1b[2Jb\nc" + "d" * 100, "author": "x"})
        text = written("changes", {"field": ["comments", "author"]}, given, "table")
        self.assertEqual(text.splitlines()[1], "a [2Jb c" + "d" * 51 + "…  x")

    def test_csv(self) -> None:
        """CSV holds everything as it is."""
        records = {"comments": 'a "b",\nc', "files": ["x", "y"], "when_timestamp": 5}
        rows = list(csv.reader(io.StringIO(written("changes", {"field": [*records]}, answer(Change, records), "csv"))))
        self.assertEqual(rows, [["comments", "files", "when_timestamp"], ['a "b",\nc', '["x","y"]', "5"]])

    def test_empty(self) -> None:
        """A list without records has its heading, the same as with some."""
        for form, text in (("csv", "number,buildid\n"), ("table", "number  buildid\n")):
            self.assertEqual(written("builds", {"field": ["number", "buildid"]}, answer(Build), form), text)
        line = written("builds", {"expand": ["steps.logs,builder"]}, answer(Build), "csv")
        self.assertTrue(line.startswith("buildid,number,"), line)
        self.assertTrue(line.endswith(",builder,steps\n"), line)

    def test_order(self) -> None:
        """Columns are in the order in which ``field=`` names them, each once, or else in that of the definition;
        relations follow."""
        record = {"buildid": 1, "number": 2, "results": 0}
        for fields, line in (
            (["results", "buildid", "results", "number"], "results,buildid,number,steps"),
            ([], "buildid,number,results,steps"),
        ):
            for given in ({**record, "steps": []}, {"steps": [], **dict(reversed(record.items()))}):
                text = written("builds", {"field": fields} if fields else {}, answer(Build, given), "csv")
                self.assertEqual(text.splitlines()[0], line)


class HintTest(TestCase):
    def test_near(self) -> None:
        """An error that lists what there is says which is nearest to what was said."""
        for sentence, word in (
            ("Invalid path: builds/1/sters: 'sters' is not known after builds/1; possible: builder, steps", "steps"),
            ("order=numer: Build has no such field; there are: buildid, number, workerid", "number"),
            ("unrecognized query parameter 'limt'; known here: field, limit, builderid", "limit"),
        ):
            self.assertEqual(withHint(sentence), f"{sentence}. Did you mean {word!r}?")

    def test_far(self) -> None:
        """Where nothing is near, it is as it was."""
        for sentence in ("builds/9: there is no such build", "order=x: there are: number", ""):
            self.assertEqual(withHint(sentence), sentence)


class FormTest(TestCase):
    def test_both(self) -> None:
        """A table or CSV: not both."""
        for options in (["--table", "--csv"], ["--csv", "--table"]):
            done = CliRunner().invoke(buildbot, ["get", "builds", "--from", "http://127.0.0.1:1", *options])
            self.assertEqual(done.exit_code, 2)
            self.assertIn("--table or --csv: one answer cannot be printed as both", done.output)


class CompletingTest(TestCase):
    def test_paths(self) -> None:
        """One word further along some path; whatever stands for a name."""
        self.assertIn("builders", completing.paths("bu"))
        self.assertIn("builders/linux/builds", completing.paths("builders/linux/b"))
        self.assertEqual(completing.paths("builders/linux/builds/-1/st"), ["builders/linux/builds/-1/steps"])
        self.assertEqual(completing.paths("nothing/"), [])

    def test_parameters(self) -> None:
        """The parameters of a path, operators of a field, and names of fields and relations."""
        self.assertEqual(completing.parameters("builds", "res"), ["results="])
        self.assertIn("results__ne=", completing.parameters("builds", "results__"))
        self.assertEqual(completing.parameters("builds", "order=-num"), ["order=-number"])
        self.assertEqual(completing.parameters("builds", "field=state"), ["field=state_string"])
        self.assertIn("expand=steps", completing.parameters("builds/1", "expand="))
        self.assertEqual(completing.parameters("nothing", ""), [])

    def test_shell(self) -> None:
        """The shell's side, which click has, asks for these."""
        words = {"_BUILDBOT_COMPLETE": "bash_complete", "COMP_WORDS": "buildbot get buildse", "COMP_CWORD": "2"}
        code = "import sys; sys.argv = ['buildbot']; from buildbot.scripts.runner import main; main()"
        done = subprocess.run([PROGRAM[0], "-c", code], env={**os.environ, **words}, capture_output=True, text=True)
        self.assertEqual(done.stdout, "plain,buildsets\n")

    def test_scripts(self) -> None:
        """There is a script for each shell."""
        for shell in ("zsh", "fish"):
            done = CliRunner().invoke(buildbot, ["completion", shell])
            self.assertEqual(done.exit_code, 0)
            self.assertIn("_BUILDBOT_COMPLETE", done.output)


class DatabaseTest(TestCase):
    """Whole commands, asked of a database."""

    def get(self, line: str) -> subprocess.CompletedProcess[str]:
        source = f"sqlite:///{generated()}"
        return subprocess.run([*PROGRAM, "get", *shlex.split(line), "--from", source], capture_output=True, text=True)

    def test_records(self) -> None:
        """Records."""
        done = self.get("builds limit=2 order=-buildid field=buildid")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = json.loads(done.stdout)
        self.assertEqual(len(found["builds"]), 2)
        self.assertIn("next", found["meta"])

    def test_heading(self) -> None:
        """The heading of CSV is the same with records and without."""
        for call in ("builds", "builds expand=steps,builder field=number field=buildid"):
            with_, without = (self.get(f"{call} {limit} --csv").stdout for limit in ("limit=1", "limit=0"))
            self.assertEqual(without, with_.splitlines(keepends=True)[0])

    def test_bytes(self) -> None:
        """What is no list of records comes as it is."""
        done = self.get("logs/1/raw")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(done.stdout)

    def test_errors(self) -> None:
        """An error is one sentence, and exit code 1."""
        done = self.get("builds/999999")
        self.assertEqual(
            (done.returncode, done.stdout, done.stderr), (1, "", "Error: builds/999999: there is no such build\n")
        )
        done = self.get("logs/1/raw --table")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("they make no table", done.stderr)

    def test_elsewhere(self) -> None:
        """Nobody answers there; or nobody could."""
        for source, code, sentence in (
            ("http://127.0.0.1:1", 1, "cannot be reached"),
            ("gopher://host", 2, "expected is a server (http://host:8020"),
            ("sqlite:////nowhere/state.sqlite", 1, "The database file cannot be found."),
        ):
            done = subprocess.run([*PROGRAM, "get", "builds", "--from", source], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (code, ""))
            self.assertIn(sentence, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)
