"""Texts with places for what is known only later: ``Interpolate("%(prop:branch:-main)s")``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

from buildbot.config.renderables import Known, Renderable
from buildbot.errors import ConfigError

_NAME = re.compile(r"[\w._-]*")
_SELECTORS = ("prop", "src", "kw", "secret", "worker")


class _Keys(dict[str, Any]):
    """Stands on the right of ``%``: every place is a key of it."""

    def __str__(self) -> str:
        raise ConfigError("each % that is no %% is followed by (…), unless there are positional arguments")

    __repr__ = __str__


class _Collected(_Keys):
    """Reads the keys that a format has."""

    def __init__(self, keywords: Mapping[str, Any]) -> None:
        super().__init__()
        self._keywords = keywords

    def __missing__(self, key: str) -> str:
        self[key] = _Place.parse(key, self._keywords)
        return ""  # of the type that texts are, so that a %(…)d fails here and not years later


class Interpolate(Renderable):
    """A text in which each ``%(selector:name)s`` is replaced.

    Selectors: ``prop:NAME`` a property, ``src:CODEBASE:ATTRIBUTE`` of the source stamp, ``kw:NAME`` a keyword argument,
    ``secret:NAME``, ``worker:NAME`` what the worker said of itself. After the name may follow: ``:-text`` (the text if
    it is not set), ``:~text`` (if it is not set, empty or false), ``:+text`` (the text if it is set, else nothing),
    ``:?|yes|no`` (with any delimiter) and ``:#?|yes|no`` (if it is set and not false). These texts may hold places,
    too. None is an empty text. With positional arguments, which may be renderables, it is a plain ``%`` format.
    """

    def __init__(self, fmtstring: str, *args: Any, **kwargs: Any) -> None:
        if args and kwargs:
            raise ConfigError("Interpolate takes positional or keyword arguments, not both")
        self._format, self._args = fmtstring, args
        self._places = {} if args else _placesOf(fmtstring, kwargs)

    async def getRenderingFor(self, props: Known) -> str:
        """See :class:`~buildbot.config.renderables.Renderable`."""
        if self._args:
            return str(self._format % await props.render(self._args))
        return str(self._format % _Keys({key: await place.text(props) for key, place in self._places.items()}))


def _placesOf(format: str, keywords: Mapping[str, Any]) -> Mapping[str, _Place]:
    collected = _Collected(keywords)
    try:
        format % collected
    except (TypeError, ValueError, ConfigError) as error:
        raise ConfigError(f"Interpolate({format!r}): {error}") from None
    return collected


@attrs.frozen
class _Place:
    """One key of a format, read."""

    selector: str
    name: tuple[str, ...]
    keywords: Mapping[str, Any]
    kind: str
    """``-``, ``~``, ``+``, ``?`` or ``#?``."""
    yes: str | Interpolate
    """What is there if the condition holds; for ``-`` and ``~``: unused."""
    no: str | Interpolate

    @classmethod
    def parse(cls, key: str, keywords: Mapping[str, Any]) -> _Place:
        """Raises ConfigError."""
        selector, colon, rest = key.partition(":")
        if not colon or selector not in _SELECTORS:
            raise ConfigError(f"%({key})s begins with one of {', '.join(f'{each}:' for each in _SELECTORS)}")
        names = []
        for _ in range(2 if selector == "src" else 1):
            name, colon, rest = rest.partition(":")
            # What a secret is called is a matter of its provider.
            if not _NAME.fullmatch(name) and selector != "secret":
                raise ConfigError(f"%({key})s: {name!r} is no name: letters, digits, '_', '.' and '-' are expected")
            names.append(name)
        if selector == "src" and not (key.count(":") >= 2):
            raise ConfigError(f"%({key})s: src:CODEBASE:ATTRIBUTE is expected, such as src::branch")
        kind = next((kind for kind in ("-", "~", "+", "?", "#?") if rest.startswith(kind)), None if colon else "-")
        if kind is None:
            raise ConfigError(f"%({key})s: after the name, one of :- :~ :+ :? :#? is expected")
        rest = rest[len(kind) :] if colon else ""

        def made(text: str) -> str | Interpolate:
            return Interpolate(text, **keywords) if "%(" in text else text

        if kind in ("-", "~"):
            return cls(selector, tuple(names), keywords, kind, "", made(rest))
        if kind == "+":
            return cls(selector, tuple(names), keywords, kind, made(rest), "")
        yes, no = _halves(key, rest)
        return cls(selector, tuple(names), keywords, kind, made(yes), made(no))

    async def text(self, props: Known) -> str:
        isSet, value = await self._value(props)
        if self.kind in ("-", "~"):
            chosen = value if isSet and (value or self.kind == "-") else self.no
        else:
            chosen = self.yes if isSet and (value or self.kind != "#?") else self.no
        chosen = await props.render(chosen)
        return "" if chosen is None else str(chosen)

    async def _value(self, props: Known) -> tuple[bool, Any]:
        """Whether it is set, and to what."""
        name = self.name[-1]
        if self.selector == "secret":
            return True, await props.secret(name)
        places: Mapping[str, Any] = self.keywords
        if self.selector == "prop":
            places = {name: props[name]} if name in props else {}
        elif self.selector == "worker":
            places = props.worker
        elif self.selector == "src":
            places = next((stamp for stamp in props.sourcestamps if stamp["codebase"] == self.name[0]), {})
        return name in places, await props.render(places.get(name))


def _halves(key: str, text: str) -> tuple[str, str]:
    """What stands between and after the delimiter, of which those in parentheses do not count."""
    delimiter, rest = text[:1], text[1:]
    if delimiter and delimiter != "(":
        depth = 0
        for index, letter in enumerate(rest):
            if letter == delimiter and not depth:
                return rest[:index], rest[index + 1 :]
            depth += (letter == "(") - (letter == ")")
    raise ConfigError(f"%({key})s: two texts with any character but '(' before each are expected, as in :?|yes|no")


class WithProperties(Renderable):
    """The older form: ``WithProperties("%s/%s", "branch", "revision")`` or ``WithProperties("%(branch:-main)s")``.

    ``:-text``, ``:~text`` and ``:+text`` are as in :class:`Interpolate`; keyword arguments are functions of what is
    known (:class:`~buildbot.config.renderables.Known`). Rendering fails with KeyError where there is no such property.
    """

    def __init__(self, fmtstring: str, *args: str, **lambda_subs: Any) -> None:
        if args and lambda_subs:
            raise ConfigError("WithProperties takes positional or keyword arguments, not both")
        self._format, self._names, self._functions = fmtstring, args, lambda_subs

    def getRenderingFor(self, props: Known) -> str:
        """See :class:`~buildbot.config.renderables.Renderable`."""
        if self._names:
            return self._format % tuple(_shown(props[name]) for name in self._names)
        return self._format % _Old(props, self._functions)


class _Old(dict[str, Any]):
    def __init__(self, props: Known, functions: Mapping[str, Any]) -> None:
        super().__init__()
        self._props, self._functions = props, functions

    def __missing__(self, key: str) -> Any:
        name, kind, text = re.fullmatch(r"(?s)(.*?)(?::([-~+])(.*))?", key).groups()  # type: ignore[union-attr]  # it always matches
        isSet = name in self._functions or name in self._props
        if kind == "+":
            return text if isSet else ""
        if kind and not isSet:
            return text
        value = self._functions[name](self._props) if name in self._functions else self._props[name]
        return text if kind == "~" and not value else _shown(value)


def _shown(value: Any) -> Any:
    return "" if value is None else value
