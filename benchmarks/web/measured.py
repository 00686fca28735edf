"""What was measured, by name and by whose it is, and what is not there yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs
from playwright.sync_api import Error

from .browser import Failed, Missing


@attrs.define
class Measured:
    """Values in the order in which they were measured."""

    tell: Callable[[str], None]
    values: dict[str, dict[str, list[float]]] = attrs.field(factory=dict)
    missing: list[str] = attrs.field(factory=list)
    """Pages of ours that are not there yet."""
    failed: dict[str, str] = attrs.field(factory=dict)
    """Why something could not be measured."""

    def add(self, name: str, who: str, *values: float) -> None:
        """One value more, or some."""
        self.values.setdefault(name, {}).setdefault(who, []).extend(values)
        if values:
            self.tell(f"  {name}, {who}: {', '.join(f'{value:,.1f}' for value in values[:8])}")

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """What is left out where our page is not there yet; what fails does not keep others from being measured."""
        try:
            yield
        except Missing:
            if name not in self.missing:
                self.missing.append(name)
                self.tell(f"  {name}: not yet")
        except (Failed, Error) as error:
            self.failed[name] = str(error).splitlines()[0]
            self.tell(f"  {name}: {error}")
