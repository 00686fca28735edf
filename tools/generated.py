"""Check that the generated files are those that the definitions give: generate them again and compare.

Exits with 1 and names the files that differ; what was generated stays, to be looked at and committed.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def state() -> dict[str, str]:
    """A digest of every file that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
    ).stdout  # fmt: skip
    files = [ROOT / name for name in listed.split("\0") if name]
    return {
        str(file.relative_to(ROOT)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()
    }


def main() -> int:
    before = state()
    done = subprocess.run([sys.executable, "-m", "buildbot.status.generate"], cwd=ROOT, check=False)
    if done.returncode:
        return 1
    after = state()
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if changed:
        print("Not what `make generate` writes; it has written them now:\n  " + "\n  ".join(changed))
    return int(bool(changed))


if __name__ == "__main__":
    sys.exit(main())
