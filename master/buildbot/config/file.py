"""Running a configuration file: Python, with master.cfg's conventions."""

from __future__ import annotations

import ast
import difflib
import importlib
import os
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from buildbot.config import values
from buildbot.config.lines import NAME, Lines
from buildbot.errors import ConfigError

NOT_A_MASTER = (
    "this reads like a buildmaster's own master.cfg. What runs beside it wants a small file of its own: with db, www, "
    "status_pb, buildbotURL, title for what serves the API, with status, services, secretsProviders for what listens"
)


class ConfigFile:
    """What a file left in ``BuildmasterConfig``, and what was found wrong with it."""

    def __init__(
        self, values: dict[str, Any], basedir: str, path: str | None = None, lines: Lines | None = None
    ) -> None:
        self.values, self.basedir, self.path = values, basedir, path
        """``basedir`` is what relative paths in it are relative to."""
        self._lines = lines
        self.problems: list[tuple[int, str]] = []

    @classmethod
    def run(cls, path: str) -> ConfigFile:
        """Run a file, which gets ``basedir`` and ``__file__`` as globals and may import from its own folder: anew, each
        time that it is run. Raises ConfigError."""
        tree = _parsed(path)
        basedir = os.path.dirname(os.path.abspath(path))
        scope = _executed(tree, path, basedir)
        lines = Lines(tree)
        if NAME not in scope:
            raise ConfigError(f"defines no {NAME}, which is to be a dict", filename=path)
        found = scope[NAME]
        if not isinstance(found, dict):
            kind = type(found).__name__
            raise ConfigError(f"{NAME} is a {kind}; a dict is expected", filename=path, line=lines.of())
        return cls(found, basedir, path, lines)

    def problem(self, path: Iterable[str], sentence: str) -> None:
        """Note what is wrong with a key."""
        line = None if self._lines is None else self._lines.of(*path)
        self.problems.append((line or 0, str(ConfigError(sentence, filename=self.path, line=line))))

    def check(self) -> None:
        """Raises a ConfigError with everything that was noted, in the order of the lines."""
        if self.problems:
            raise ConfigError("\n".join(sentence for _, sentence in sorted(self.problems)))


class Section:
    """A dict of the configuration: what is taken out is known, what is left at the end is not."""

    def __init__(self, file: ConfigFile, given: dict[Any, Any], *path: str) -> None:
        self._file, self._path = file, path
        self._known: list[str] = []
        self._left = dict(given)

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def __bool__(self) -> bool:
        return bool(self._left)

    def take(self, key: str, read: Callable[[Any], Any], default: Any = None, *, secret: bool = False) -> Any:
        """A key's value, as ``read`` gives it; its ValueError says what is expected. The value of a secret is never
        shown."""
        self._known.append(key)
        if key not in self._left:
            return default
        value = self._left.pop(key)
        try:
            return read(value)
        except ConfigError as error:
            self.problem(key, f"{shown((*self._path, key))}: {error}")
        except ValueError as error:
            given = f"of type {type(value).__name__}" if secret else repr(value)
            self.problem(key, f"{shown((*self._path, key))} is {given}; {error} is expected")
        return default

    def section(self, key: str) -> Section:
        """A dict in this one; empty if it is not there."""
        return Section(self._file, self.take(key, values.mapping, {}, secret=True), *self._path, key)

    def drop(self, key: str) -> bool:
        """Take a key without looking at its value; whether it was there."""
        return self._left.pop(key, self) is not self

    def problem(self, key: str, sentence: str) -> None:
        """Note what is wrong with a key of this section."""
        self._file.problem((*self._path, key), sentence)

    def end(self) -> None:
        """What is left now is not known."""
        for key in self._left:
            near = difflib.get_close_matches(str(key), self._known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(self._known))}"
            self.problem(str(key), f"{shown((*self._path, str(key)))} is not known; {hint}")


def shown(path: Iterable[str]) -> str:
    """``www['port']``, or ``db`` for a key of the whole."""
    first, *rest = path
    return first + "".join(f"[{key!r}]" for key in rest)


def _said(error: Exception) -> str:
    if isinstance(error, ConfigError):
        return str(error)
    if isinstance(error, ModuleNotFoundError) and (error.name or "").startswith("buildbot"):
        return f"{error}: {NOT_A_MASTER}"
    return f"{type(error).__name__}: {error}"


def _parsed(path: str) -> ast.Module:
    try:
        return ast.parse(Path(path).read_text("utf-8"), path)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", filename=path) from None
    except UnicodeError:
        raise ConfigError("is not UTF-8", filename=path) from None
    except SyntaxError as error:
        raise ConfigError(f"is not Python: {error.msg}", filename=path, line=error.lineno) from None
    except ValueError as error:
        raise ConfigError(f"is not Python: {error}", filename=path) from None


def _executed(tree: ast.Module, path: str, basedir: str) -> dict[str, Any]:
    scope: dict[str, Any] = {"basedir": basedir, "__file__": os.path.abspath(path)}
    with _neighbours(basedir):
        _execute(tree, path, scope)
    return scope


def _execute(tree: ast.Module, path: str, scope: dict[str, Any]) -> None:
    try:
        exec(compile(tree, path, "exec"), scope)
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
        raise ConfigError(_said(error), filename=path, line=lines[-1] if lines else None) from None
    except SystemExit:
        raise ConfigError("ended the program when it was run", filename=path) from None


@contextmanager
def _neighbours(basedir: str) -> Iterator[None]:
    """Modules of a folder can be imported, as they are now; if that fails, those that were there before stay."""
    before = {name: sys.modules.pop(name) for name in _imported(basedir)}
    writesNone, sys.dont_write_bytecode = (
        sys.dont_write_bytecode,
        True,
    )  # what is changed within a second looks unchanged
    importlib.invalidate_caches()
    sys.path.append(basedir)
    try:
        yield
    except BaseException:
        for name in _imported(basedir):
            del sys.modules[name]
        sys.modules.update(before)
        raise
    finally:
        sys.path.remove(basedir)
        sys.dont_write_bytecode = writesNone


def _imported(basedir: str) -> list[str]:
    """Modules that came from a folder, or from below it, and are not installed there, as in an environment is."""
    installed = tuple(f"{sysconfig.get_path(name)}{os.sep}" for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    return [
        name
        for name, module in list(sys.modules.items())  # asking a module for its file may import others
        if name.partition(".")[0] not in ("__main__", "buildbot")
        and (file := getattr(module, "__file__", None) or "").startswith(f"{basedir}{os.sep}")
        and not file.startswith(installed)
    ]
