"""Fills the distribution with what ``npm run build`` made, and puts each text there compressed as well (``.br``,
``.gz``), so that no server has to do that."""

from __future__ import annotations

import gzip
import shutil
import sys
from pathlib import Path

import brotli

HERE = Path(__file__).resolve().parent
DIST, FILES = HERE.parent / "dist", HERE / "buildbot_status_www" / "files"
TEXTS = {".css", ".html", ".js", ".json", ".map", ".mjs", ".svg", ".txt", ".webmanifest"}


def main() -> None:
    """Copy all but hidden files; whatever was there before is gone."""
    if not (DIST / "index.html").is_file():
        sys.exit(f"{DIST} has no index.html: npm run build makes it")
    # What an earlier build left would come along.
    for folder in (FILES, HERE / "build"):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DIST, FILES, ignore=shutil.ignore_patterns(".*"))
    for path in [path for path in FILES.rglob("*") if path.suffix in TEXTS]:
        data = path.read_bytes()
        for end, encoded in ((".br", brotli.compress(data, quality=11)), (".gz", gzip.compress(data, 9, mtime=0))):
            if len(encoded) < len(data):
                path.with_name(path.name + end).write_bytes(encoded)


if __name__ == "__main__":
    main()
