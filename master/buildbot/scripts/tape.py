"""Calls of a recorder in a file: written as they are made, and made again as they were written.

The first line is ``{"tape": 1}``. Each further one is a call, in the order in which they were made::

    {"at": 1790000000, "call": "appendLog", "with": {"logid": 7, "text": "ogood\\n"}, "gives": [4, 4]}

``at`` is when, in seconds since the epoch; ``with`` has the arguments of that method of
:class:`~buildbot.status.recorder.Recorder` by their names, objects by their fields and bytes as base85; ``gives`` is
what the call's Deferred fired with. Ids are those of a database that was empty at first. So such a file can only be
played into an empty one, where each call must give the same again.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import IO, Any, get_args, get_origin, get_type_hints

import attrs
from cattrs.preconf.json import make_converter
from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredSemaphore

from buildbot.errors import ConfigError, DatabaseUnavailable
from buildbot.status.recorder import Recorder

FORM = 1
"""Of the file; no other is understood."""
AHEAD = 100
"""Calls that are made before the first of them has been answered, at most."""
_json = make_converter()


@attrs.define
class Moment:
    """The time of the call that is being made: the ``clock`` of a recorder whose calls are written down or made
    again."""

    at: int = 0

    def __call__(self) -> float:
        return self.at


@attrs.frozen
class Call:
    """A line."""

    number: int
    at: int
    call: str
    arguments: Mapping[str, Any]
    gives: Any
    """As JSON has it."""


class Tape:
    """Writes down the calls of a recorder: it has the same methods."""

    def __init__(self, recorder: Recorder, file: IO[str], now: Callable[[], float], moment: Moment) -> None:
        """``moment``: the recorder's clock, which is set to ``now()`` at each call."""
        self._recorder, self._file, self._now, self._moment = recorder, file, now, moment
        self._file.write(json.dumps({"tape": FORM}) + "\n")

    def __getattr__(self, name: str) -> Callable[..., Deferred[Any]]:
        parameters, answer = _typesOf(name)
        signature = inspect.signature(getattr(Recorder, name))
        method = getattr(self._recorder, name)

        def call(*given: Any, **more: Any) -> Deferred[Any]:
            bound = signature.bind(None, *given, **more).arguments
            self._moment.at = at = int(self._now())
            said = {key: _json.unstructure(bound[key], type) for key, type in parameters.items() if key in bound}
            made: Deferred[Any] = method(*given, **more)
            return made.addCallback(self._gave, {"at": at, "call": name, "with": said}, answer)

        return call

    def _gave(self, result: Any, line: dict[str, Any], answer: Any) -> Any:
        # Answers come in the order of the calls, and so do the lines.
        line["gives"] = _json.unstructure(result, answer)
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return result


@cache
def _typesOf(name: str) -> tuple[Mapping[str, Any], Any]:
    """The types of a method's parameters, and of what its Deferred fires with."""
    hints = get_type_hints(getattr(Recorder, name))
    answer = hints.pop("return")
    assert get_origin(answer) is Deferred
    return hints, get_args(answer)[0]


def checkTape(path: str) -> None:
    """Raises ConfigError for a file that does not begin as what --record has written."""
    try:
        with open(path, encoding="utf-8") as file:
            isTape = json.loads(file.readline(100)) == {"tape": FORM}
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except ValueError:
        isTape = False
    if not isTape:
        raise ConfigError(f"{path}: this is no tape of --record")


def callsOf(lines: Iterable[str], path: str) -> Iterator[Call]:
    """What a tape holds, line by line. Raises ConfigError, which names the line."""
    for number, line in enumerate(lines, 1):
        try:
            if number == 1:
                continue  # see checkTape()
            said = json.loads(line)
            name = said["call"]
            if name.startswith("_") or not hasattr(Recorder, name) or hasattr(Service, name):
                raise ValueError(f"{name!r} is no call of a recorder")
            parameters, _ = _typesOf(name)
            arguments = {key: _json.structure(value, parameters[key]) for key, value in said["with"].items()}
            yield Call(number, int(said["at"]), name, arguments, said["gives"])
        except Exception as error:
            # cattrs and json raise whatever comes up.
            raise ConfigError(f"{path}, line {number}: {type(error).__name__}: {error}") from None


class Player:
    """Makes calls again."""

    def __init__(self, recorder: Recorder, path: str, moment: Moment) -> None:
        """``moment`` is set to the time of each call as it was."""
        self._recorder, self._path, self._moment = recorder, path, moment
        self._failed: Exception | None = None
        self.played = 0

    async def play(self, calls: Iterable[Call], turn: Callable[[], Any]) -> None:
        """All of them; ``turn()`` is waited for before each. Raises ConfigError for one that does not give what it
        gave, and what a call fails with."""
        free = DeferredSemaphore(AHEAD)
        for call in calls:
            await turn()
            await free.acquire()
            if self._failed is not None:
                break
            self._moment.at = call.at
            made: Deferred[Any] = getattr(self._recorder, call.call)(**call.arguments)
            made.addCallback(self._compare, call).addErrback(self._fail, call).addBoth(lambda _: free.release())
        for _ in range(AHEAD):
            await free.acquire()
        if self._failed is not None:
            raise self._failed

    def _compare(self, result: Any, call: Call) -> None:
        self.played += 1
        found = json.loads(json.dumps(_json.unstructure(result, _typesOf(call.call)[1])))
        if found != call.gives:
            raise ValueError(f"gives {found}, and gave {call.gives} when it was recorded")

    def _fail(self, failure: Any, call: Call) -> None:
        error = failure.value
        if not isinstance(error, DatabaseUnavailable):
            where = f"{self._path}, line {call.number}"
            error = ConfigError(f"{where}: {call.call}: {error}. Was the file cut, or changed?")
        self._failed = self._failed or error
