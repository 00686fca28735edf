"""Write all generated files, or compare them.

python -m buildbot.status.generate           write those that differ, remove those that nothing gives any more
python -m buildbot.status.generate --check   change nothing; exit with 1 and name those that differ
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from buildbot.status.generate.files import PROMISED, generated, stale, unkept
from buildbot.status.generate.promised import HELP

ROOT = Path(__file__).resolve().parents[4]


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit status."""
    if list(arguments) not in ([], ["--check"]):
        return _complain("usage: python -m buildbot.status.generate [--check]")
    if not (ROOT / "pyproject.toml").exists():
        return _complain(f"{ROOT} is not a checkout of the project: there is nothing to generate")
    today = datetime.now(UTC).date()
    broken = unkept(ROOT, today)
    files = generated(ROOT, today)
    differing = [path for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]
    left = stale(ROOT, files)
    if not arguments:
        for path in differing:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], "utf-8")
        for path in left:
            path.unlink()
    said = ("differs", "nothing gives it") if arguments else ("written", "removed")
    for verb, paths in zip(said, (differing, left), strict=True):
        sys.stdout.writelines(f"{verb}: {path.relative_to(ROOT)}\n" for path in sorted(paths))
    for complaint in broken:
        sys.stderr.write(f"not kept: {complaint}.\n")
    if broken:
        return _complain(HELP.format(file=PROMISED), 1)
    return int(bool(differing or left) and bool(arguments))


def _complain(text: str, status: int = 2) -> int:
    sys.stderr.write(f"{text}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
