"""Values of a configuration that are known only when there is a build, or another occasion: renderables.

Anything with a method ``getRenderingFor(props)`` is one; what that returns may be awaited. Lists, tuples and dicts are
rendered through, and everything else renders to itself.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
from twisted.internet.defer import Deferred

from buildbot.errors import ConfigError

Properties = Mapping[str, tuple[Any, str]]
"""Value and source, by name."""


async def render(value: Any, properties: Properties, secrets: Any = None, **more: Any) -> Any:
    """What a value comes down to. ``more`` is what else is known: see :class:`Known`. Fails with what a renderable
    raises, and with ConfigError for a secret that no provider has."""
    return await Known(properties, secrets, **more).render(value)


@attrs.frozen
class Known:
    """What is known when a value is rendered: what a function of :func:`renderer` gets as ``props``."""

    properties: Properties = attrs.field(factory=dict)
    secrets: Any = None
    """Has ``get(name)``: a Deferred with a text."""
    sourcestamps: Sequence[Mapping[str, Any]] = ()
    changes: Sequence[Mapping[str, Any]] = ()
    worker: Mapping[str, Any] = attrs.field(factory=dict)
    """What the worker said of itself: ``workerinfo``."""
    url: str | None = None
    """Of the build's page."""

    def getProperty(self, name: str, default: Any = None) -> Any:
        """The value of a property."""
        return self.properties[name][0] if name in self.properties else default

    def hasProperty(self, name: str) -> bool:
        """Whether there is such a property."""
        return name in self.properties

    __contains__ = hasProperty

    def __getitem__(self, name: str) -> Any:
        return self.properties[name][0]

    @property
    def files(self) -> Sequence[str]:
        """Those that the changes touched."""
        return list(dict.fromkeys(file for change in self.changes for file in change["files"]))

    async def secret(self, name: str) -> str:
        """The text of a secret."""
        if self.secrets is None:
            raise ConfigError(f"secret {name!r}: no providers of secrets are configured here")
        found: str = await self.secrets.get(name)
        return found

    def render(self, value: Any) -> Deferred[Any]:
        """What a value comes down to."""
        return Deferred.fromCoroutine(self._render(value))

    async def _render(self, value: Any) -> Any:
        if hasattr(value, "getRenderingFor"):
            return await awaited(value.getRenderingFor(self))
        if isinstance(value, list):
            return [await self._render(each) for each in value]
        if isinstance(value, tuple):
            return tuple([await self._render(each) for each in value])
        if isinstance(value, dict):
            return {await self._render(name): await self._render(each) for name, each in value.items()}
        return value


async def awaited(value: Any) -> Any:
    """What a value gives that may be a Deferred or a coroutine; else the value."""
    return await value if inspect.isawaitable(value) else value


class Renderable:
    """A base of renderables, with operators that make further ones: ``Property("jobs") + 1``.

    Comparing does as well, so that ``if Property("x") == "y":`` in a configuration is always true, and one of these
    cannot be a key of a dict.
    """

    def getRenderingFor(self, props: Known) -> Any:
        """What it comes down to, or a Deferred or coroutine with that."""
        raise NotImplementedError

    def in_(self, container: Any) -> Operation:
        """Whether the container, which may be a renderable, holds it."""
        return Operation(lambda value, values: value in values, self, container)

    def __eq__(self, other: object) -> Any:
        return Operation(operator.eq, self, other)

    def __ne__(self, other: object) -> Any:
        return Operation(operator.ne, self, other)

    __hash__ = None  # type: ignore[assignment]  # what is equal to everything is no key

    def __lt__(self, other: Any) -> Operation:
        return Operation(operator.lt, self, other)

    def __le__(self, other: Any) -> Operation:
        return Operation(operator.le, self, other)

    def __gt__(self, other: Any) -> Operation:
        return Operation(operator.gt, self, other)

    def __ge__(self, other: Any) -> Operation:
        return Operation(operator.ge, self, other)

    def __add__(self, other: Any) -> Operation:
        return Operation(operator.add, self, other)

    def __sub__(self, other: Any) -> Operation:
        return Operation(operator.sub, self, other)

    def __mul__(self, other: Any) -> Operation:
        return Operation(operator.mul, self, other)

    def __truediv__(self, other: Any) -> Operation:
        return Operation(operator.truediv, self, other)

    def __floordiv__(self, other: Any) -> Operation:
        return Operation(operator.floordiv, self, other)

    def __mod__(self, other: Any) -> Operation:
        return Operation(operator.mod, self, other)


class Operation(Renderable):
    """A function of what two values come down to."""

    def __init__(self, function: Callable[[Any, Any], Any], one: Any, other: Any) -> None:
        self._function, self._operands = function, (one, other)

    async def getRenderingFor(self, props: Known) -> Any:
        """See :class:`Renderable`."""
        return self._function(*await props.render(self._operands))


class Property(Renderable):
    """The value of a property: ``Property("branch", default="main")``."""

    def __init__(self, name: str, default: Any = None, defaultWhenFalse: bool = True) -> None:
        """The default, which may be a renderable, is taken where there is no such property, and, with
        ``defaultWhenFalse``, for a value that is empty, 0, False or None."""
        self._name, self._default, self._whenFalse = name, default, defaultWhenFalse

    async def getRenderingFor(self, props: Known) -> Any:
        """See :class:`Renderable`."""
        if props.hasProperty(self._name):
            value = await props.render(props[self._name])
            if value or not self._whenFalse:
                return value
        return await props.render(self._default)


class Secret(Renderable):
    """The text of a secret, from the first of ``c['secretsProviders']`` that has it."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def getRenderingFor(self, props: Known) -> str:
        """See :class:`Renderable`."""
        return await props.secret(self._name)


class Transform(Renderable):
    """What a function gives for arguments that are rendered first; the function may be a renderable, too."""

    def __init__(self, function: Any, *args: Any, **kwargs: Any) -> None:
        self._function, self._args, self._kwargs = function, args, kwargs

    async def getRenderingFor(self, props: Known) -> Any:
        """See :class:`Renderable`."""
        function = await props.render(self._function)
        return function(*await props.render(self._args), **await props.render(self._kwargs))


class FlattenList(Renderable):
    """A list without lists in it: what is nested is put in place of the inner list."""

    def __init__(self, nestedlist: Any, types: Any = (list, tuple)) -> None:
        self._nested, self._types = nestedlist, types

    async def getRenderingFor(self, props: Known) -> list[Any]:
        """See :class:`Renderable`."""
        return self._flat(await props.render(self._nested))

    def _flat(self, value: Any) -> list[Any]:
        return [part for each in value for part in (self._flat(each) if isinstance(each, self._types) else [each])]

    def __add__(self, other: Any) -> Any:
        other = other._nested if isinstance(other, FlattenList) else other
        return FlattenList([self._nested, other], self._types)


class _Rendered(Renderable):
    """What a function of a configuration gives, rendered again."""

    def __init__(self, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        self._function, self._args, self._kwargs = function, tuple(args), dict(kwargs)
        self.__name__, self.__doc__ = getattr(function, "__name__", "renderer"), function.__doc__

    async def getRenderingFor(self, props: Known) -> Any:
        """See :class:`Renderable`."""
        args, kwargs = await props.render(self._args), await props.render(self._kwargs)
        return await props.render(await awaited(self._function(props, *args, **kwargs)))

    def withArgs(self, *args: Any, **kwargs: Any) -> _Rendered:
        """The same with further arguments, which are rendered before the function gets them."""
        return _Rendered(self._function, (*self._args, *args), {**self._kwargs, **kwargs})


def renderer(function: Callable[..., Any]) -> _Rendered:
    """Makes a renderable of a function, as a decorator does. It is called with what is known (:class:`Known`), and may
    return a Deferred, be a coroutine, and give a renderable."""
    return _Rendered(function, (), {})


class _BuildURL(Renderable):
    def getRenderingFor(self, props: Known) -> str | None:
        return props.url


URLForBuild = _BuildURL()
"""The address of the build's page."""
