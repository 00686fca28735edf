"""All generated files: where each goes, and what is in it."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

import simplejson

from buildbot.status.catalogue import Catalogue
from buildbot.status.encode import pretty
from buildbot.status.generate.differences import differencesPage
from buildbot.status.generate.document import makeDocument
from buildbot.status.generate.getters import interfaces
from buildbot.status.generate.promised import Entries, complaints, dump, entries, merged
from buildbot.status.generate.python import pythonPage
from buildbot.status.generate.reference import referencePages
from buildbot.status.openapi import asJson

REFERENCE = "docs/reference"
PROMISED = f"{REFERENCE}/promised.json"
DOCUMENT = "master/buildbot/www/static/api/openapi.json"


def promisedSoFar(root: Path) -> Entries:
    """What the committed list promises; nothing before there is one."""
    path = root / PROMISED
    return simplejson.loads(path.read_text("utf-8")) if path.exists() else {}


def unkept(root: Path, today: date) -> list[str]:
    """The promises that the definitions do not keep."""
    return complaints(promisedSoFar(root), entries(Catalogue()), today)


def generated(root: Path, today: date) -> Mapping[Path, str]:
    """Texts by file, for a checkout at ``root``."""
    catalogue = Catalogue()
    version = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    made = {DOCUMENT: pretty(asJson(makeDocument(catalogue, version))) + "\n"}
    made[PROMISED] = dump(merged(promisedSoFar(root), entries(catalogue), today))
    made.update({f"{REFERENCE}/{name}": text for name, text in referencePages(catalogue).items()})
    made[f"{REFERENCE}/differences.rst"] = differencesPage()
    made[f"{REFERENCE}/python.rst"] = pythonPage()
    made.update(interfaces(catalogue))
    return {root / name: text for name, text in made.items()}


def stale(root: Path, files: Collection[Path]) -> list[Path]:
    """Pages of resource types that are no more."""
    found = (root / REFERENCE / "resources").glob("*.rst")
    return sorted(path for path in found if path not in files and path.name != "index.rst")
