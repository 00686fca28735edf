"""The documentation's examples, run as they stand.

Of a page, blocks of ``console`` are run: what begins with ``$`` is a command, the lines after it are what it prints,
and ``…`` stands for anything. Blocks of ``python`` with a caption become files of that name. Servers are where the page
says: ``127.0.0.1:8020`` for HTTP and ``127.0.0.1:8021`` for Perspective Broker. What a page exports stays exported.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

DOCS = Path(__file__).resolve().parents[4] / "docs"
HTTP, PB = "127.0.0.1:8020", "127.0.0.1:8021"
BIN = Path(sys.executable).parent
SECONDS = 30
_BLOCK = re.compile(r"^( *)\.\. code-block:: (\w+)\n((?:\1 +:\w+:.*\n)*)\n((?:\1 +.*\n|\n)+)", re.MULTILINE)
_EXPORT = re.compile(r"export (\w+)=(\S*)$")


@attrs.frozen
class Block:
    """One block of code."""

    language: str
    caption: str
    text: str


@attrs.frozen
class Command:
    """One command, and what the page says that it prints."""

    text: str
    output: str


def blocks(page: str) -> Iterator[Block]:
    """All blocks of a page, by its path below ``docs``."""
    for match in _BLOCK.finditer((DOCS / page).read_text("utf-8") + "\n"):
        options = dict(re.findall(r":(\w+): *(.*)", match[3]))
        lines = match[4].rstrip("\n").split("\n")
        indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
        yield Block(match[2], options.get("caption", ""), "\n".join(line[indent:] for line in lines) + "\n")


def commands(block: Block) -> Iterator[Command]:
    """All commands of a block; one goes on in the next line where it ends with a backslash."""
    found: list[tuple[list[str], list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append(([line[2:]], []))
        elif found and not found[-1][1] and found[-1][0][-1].endswith("\\"):
            found[-1][0].append(line)
        elif found:
            found[-1][1].append(line)
    for text, output in found:
        yield Command("\n".join(text), "\n".join(output).rstrip())


def run(page: str, folder: Path, places: Mapping[str, str]) -> tuple[int, list[str]]:
    """Run everything of a page in a folder, with servers at other places than the page says. How many commands it has,
    and what was not as the page says."""
    count = 0
    wrong: list[str] = []
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    for block in blocks(page):
        if block.language == "python" and block.caption:
            (folder / block.caption).write_text(_placed(block.text, places), "utf-8")
        elif block.language == "console":
            for command in commands(block):
                count += 1
                export = _EXPORT.match(_placed(command.text, places))
                if export:
                    environment[export[1]] = export[2]
                else:
                    wrong += _tried(page, command, folder, places, environment)
    return count, wrong


def _tried(
    page: str, command: Command, folder: Path, places: Mapping[str, str], environment: Mapping[str, str]
) -> Iterator[str]:
    done = subprocess.run(
        ["bash", "-c", _placed(command.text, places)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
        check=False,
    )
    printed = done.stdout.decode().replace("\r", "")
    for here, there in places.items():
        printed = printed.replace(there, here)
    if not _alike(command.output, printed):
        yield f"{page}: $ {command.text}\n-- printed --\n{printed}\n-- but should --\n{command.output}\n"


def _placed(text: str, places: Mapping[str, str]) -> str:
    for here, there in places.items():
        text = text.replace(here, there)
    return text


def _alike(expected: str, printed: str) -> bool:
    wanted, got = ("\n".join(line.rstrip() for line in text.strip().splitlines()) for text in (expected, printed))
    return doctest.OutputChecker().check_output(wanted.replace("…", "...") + "\n", got + "\n", doctest.ELLIPSIS)
