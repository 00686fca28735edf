"""The Dockerfile, without Docker: its lines, carried out in a folder."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from string import Template

from twisted.trial.unittest import TestCase

from buildbot.test.contrib.attached import database, fetched, started
from buildbot.test.postgres import freePort

ROOT = Path(__file__).resolve().parents[4]
DOCKERFILE = ROOT / "master" / "contrib" / "docker" / "Dockerfile"


def instructions() -> Iterator[tuple[str, str]]:
    """Instruction and arguments of each line."""
    for line in DOCKERFILE.read_text().splitlines():
        if line and not line.startswith("#"):
            instruction, _, arguments = line.partition(" ")
            yield instruction, arguments


class DockerfileTest(TestCase):
    """What a container would be made of."""

    timeout = 300

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).resolve()
        self.folder.mkdir(parents=True)
        self.variables: dict[str, str] = {}

    def test_lines(self) -> None:
        """Its COPY and RUN lines make an environment whose entry point serves a database."""
        entry: list[str] = []
        for instruction, arguments in instructions():
            if instruction == "ENV":
                name, _, value = arguments.partition("=")
                self.variables[name] = str(self.folder / value.lstrip("/"))
            elif instruction == "COPY":
                *sources, target = shlex.split(Template(arguments).substitute(self.variables))
                self.copy(sources, Path(target), keepsName=target.endswith("/"))
            elif instruction == "RUN":
                self.shell(arguments)
            elif instruction == "ENTRYPOINT":
                entry = json.loads(arguments)
        port = freePort()
        entry[0] = str(self.folder / entry[0].lstrip("/"))
        entry[entry.index("0.0.0.0")] = "127.0.0.1"
        log = self.folder / "log"
        process = started(self, [*entry, "--db", database(self.folder / "db"), "--port", str(port)], log)
        for path in ("healthz", "api/v2/builders", "about/api/openapi.json"):
            self.assertEqual(fetched(process, log, f"http://127.0.0.1:{port}/{path}")[0], 200, path)

    def copy(self, sources: list[str], target: Path, keepsName: bool) -> None:
        for source in sources:
            path = ROOT / source
            if path.is_dir():
                shutil.copytree(path, target, ignore=shutil.ignore_patterns("__pycache__", "test"))
            else:
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target / path.name if keepsName else target)

    def shell(self, line: str) -> None:
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            env={**os.environ, **self.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout)
