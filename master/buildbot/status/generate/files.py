"""All generated files: where each goes, and what is in it."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

from buildbot.status.catalogue import Catalogue
from buildbot.status.encode import pretty
from buildbot.status.generate.document import makeDocument
from buildbot.status.generate.reference import referencePages
from buildbot.status.openapi import asJson

REFERENCE = "docs/reference"
DOCUMENT = "master/buildbot/www/static/openapi.json"


def generated(root: Path) -> Mapping[Path, str]:
    """Texts by file, for a checkout at ``root``."""
    catalogue = Catalogue()
    version = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    made = {DOCUMENT: pretty(asJson(makeDocument(catalogue, version))) + "\n"}
    made.update({f"{REFERENCE}/{name}": text for name, text in referencePages(catalogue).items()})
    return {root / name: text for name, text in made.items()}


def stale(root: Path, files: Collection[Path]) -> list[Path]:
    """Pages of resource types that are no more."""
    found = (root / REFERENCE / "resources").glob("*.rst")
    return sorted(path for path in found if path not in files and path.name != "index.rst")
