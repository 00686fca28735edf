"""What a configuration file imports, by Buildbot's names: ``from buildbot.plugins import reporters, secrets, util``.

Names are looked up, and what they stand for is imported, when they are used.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

__all__ = ["reporters", "secrets", "util"]

OF_A_MASTER = ("changes", "schedulers", "statistics", "steps", "webhooks", "worker")
"""What Buildbot's own has besides."""


class Namespace:
    """The public names of some modules: those of their ``__all__``."""

    def __init__(self, name: str, *modules: str) -> None:
        self._name, self._modules = name, modules

    def __repr__(self) -> str:
        return f"<buildbot.plugins.{self._name}>"

    def _all(self) -> dict[str, Any]:
        modules = [importlib.import_module(module) for module in self._modules]
        return {name: getattr(module, name) for module in modules for name in module.__all__}

    def __dir__(self) -> Sequence[str]:
        return sorted(self._all())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # copying and the like ask for these; nothing is imported for that
        found = self._all()
        if name not in found:
            near = get_close_matches(name, found, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(found))}"
            raise AttributeError(f"there is no {self._name}.{name} here; {hint}")
        return found[name]


reporters = Namespace("reporters", "buildbot.status.listeners.reporters", "buildbot.status.listeners.webhook")
secrets = Namespace("secrets", "buildbot.config.secrets")
util = Namespace("util", "buildbot.config.rendering", "buildbot.config.results")


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    if name in OF_A_MASTER:
        # No AttributeError: import statements make a sentence of their own of that.
        raise ImportError(
            f"there are no {name} here, as nothing is built here: what defines builds stays in the master's own "
            f"master.cfg. What runs beside it has {', '.join(__all__)}",
            name=__name__,
        )
    near = get_close_matches(name, __all__, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(__all__)}"
    raise ImportError(f"buildbot.plugins has no {name!r}; {hint}", name=__name__)
