"""Where things are: the path of a record, and the path that stands for a getter's arguments."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import attrs

from buildbot.errors import BadQuery
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.paths import Variable, parseVariable


@attrs.frozen
class Address:
    """One way to name a thing of a type: ``builders/n:builderid/builds/n:build_number=number``."""

    elements: tuple[str | Variable, ...]
    fields: tuple[str, ...] | None
    """The fields of the record that its variables are equal to, in order; None if they are not all in it."""
    owners: tuple[type[Resource], ...]
    """Of what type the thing is that each variable picks."""

    @property
    def variables(self) -> tuple[Variable, ...]:
        """What has to be filled in."""
        return tuple(element for element in self.elements if isinstance(element, Variable))

    def path(self, values: Sequence[int | str]) -> str:
        """The path with values filled in."""
        left = iter(values)
        return "/".join(
            quote(str(next(left)), safe="") if isinstance(element, Variable) else element for element in self.elements
        )


class Addresses:
    """The addresses of every type of a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._known: dict[type[Resource], tuple[Address, ...]] = {}

    def all(self, cls: type[Resource]) -> tuple[Address, ...]:
        """Every address of one thing of a type, as its definition states them."""
        if cls not in self._known:
            self._known[cls] = tuple(self._address(cls, text) for text in self._catalogue.parser.addresses(cls))
        return self._known[cls]

    def _address(self, cls: type[Resource], text: str) -> Address:
        hops, _ = self._catalogue.parser.walk(text, cls)
        picks = [(hop.target, hop.variable) for hop in hops if hop.variable is not None]
        fields = []
        for owner, variable in picks[:-1]:
            if owner.Key is not None and owner.Key.name == variable.field and variable.field in cls.Fields:
                fields.append(variable.field)
        fields.append(picks[-1][1].field)
        return Address(
            tuple(parseVariable(element) or element for element in text.split("/")),
            tuple(fields) if len(fields) == len(picks) else None,
            tuple(owner for owner, _ in picks),
        )

    def of(self, record: Resource) -> str:
        """The path of a record. Raises AttributeError where the fields that it takes were not sent."""
        cls, sent = type(record), record.asDict()
        usable = [address.fields for address in self.all(cls) if address.fields is not None]
        for address in self.all(cls):
            if address.fields is not None and all(sent.get(name) is not None for name in address.fields):
                return address.path([sent[name] for name in address.fields])
        if not usable:
            raise AttributeError(f"{record!r}: a {cls.Name} has no address, so nothing can be asked of it")
        needed = " or ".join(" and ".join(names) for names in usable)
        raise AttributeError(f"{record!r}: its address takes {needed}, which was not sent; name it in field=")

    def path(self, cls: type[Resource], values: Sequence[int | str]) -> str:
        """The path that a getter's arguments stand for. Raises :class:`~buildbot.errors.BadQuery`."""
        fitting = [address for address in self.all(cls) if len(address.variables) == len(values)]
        for address in fitting:
            if all(v.accepts(str(value)) for v, value in zip(address.variables, values, strict=True)):
                return address.path(values)
        if fitting:
            return fitting[0].path(values)
        ways = "; ".join(", ".join(v.name for v in address.variables) for address in self.all(cls))
        raise BadQuery(f"get{cls.__name__} takes {ways}; it got {len(values)} arguments")
