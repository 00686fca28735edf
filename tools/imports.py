"""Check who imports whom: import-linter with the contracts of pyproject.toml, less modules not yet written.

import-linter refuses a contract that names a module which does not exist; ours name every room of the design.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parent.parent


def exists(module: str) -> bool:
    """Whether the module can be found without running more than the packages above it."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def present(contract: dict[str, Any]) -> dict[str, Any]:
    """The contract with those modules alone that there are; other packages' modules always stay."""
    kept = dict(contract)
    for key in ("source_modules", "forbidden_modules"):
        kept[key] = [name for name in contract[key] if not name.startswith("buildbot.") or exists(name)]
    return kept


def asToml(values: dict[str, Any]) -> Iterator[str]:
    """Lines of a TOML table; JSON's texts, lists and truth values are TOML's too."""
    for key, value in values.items():
        yield f"{key} = {json.dumps(value)}"


def main() -> int:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    contracts = [present(contract) for contract in settings.pop("contracts")]
    lines = ["[tool.importlinter]", *asToml(settings)]
    for contract in contracts:
        if contract["source_modules"] and contract["forbidden_modules"]:
            lines += ["[[tool.importlinter.contracts]]", *asToml(contract)]
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
        config.write("\n".join(lines))
        config.flush()
        return int(lint_imports(config_filename=config.name, no_cache=True) != EXIT_STATUS_SUCCESS)


if __name__ == "__main__":
    sys.exit(main())
