"""On which line of a configuration file a key is set, found in its syntax tree: values do not know where they come
from."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

NAME = "BuildmasterConfig"
DEEPEST = 10
Path = tuple[str, ...]


class Lines:
    """The lines of one file."""

    def __init__(self, tree: ast.Module) -> None:
        self._found: dict[Path, int] = {}
        nodes = sorted((node for node in ast.walk(tree) if isinstance(node, ast.stmt)), key=lambda node: node.lineno)
        assigned = [pair for node in nodes for pair in _assignments(node)]
        self._names = _namesOf(NAME, assigned)
        self._values = {target.id: value for target, value in assigned if isinstance(target, ast.Name)}
        self._texts = {
            node.value: node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        for target, value in assigned:
            self._note(self._pathOf(target), target.lineno, value, 0)
        for node in nodes:
            self._update(node)

    def of(self, *path: str) -> int | None:
        """The line that sets a key: ``of("www", "port")``. Where that cannot be told, the last line that has the key
        as a text, or else that of what the key is in."""
        if not path:
            return self._found.get(())
        return self._found.get(path) or self._texts.get(path[-1]) or self.of(*path[:-1])

    def _pathOf(self, node: ast.expr) -> Path | None:
        """``("www", "port")`` for ``c["www"]["port"]``; None for what is not part of the configuration."""
        if isinstance(node, ast.Name):
            return () if node.id in self._names else None
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            path = self._pathOf(node.value)
            return None if path is None else (*path, str(node.slice.value))
        return None

    def _note(self, path: Path | None, line: int, value: ast.expr, depth: int) -> None:
        if path is not None and depth < DEEPEST:
            self._found[path] = line
            self._descend(path, value, depth + 1)

    def _descend(self, path: Path, value: ast.expr, depth: int) -> None:
        """Note the keys of a dict, however it is written."""
        if isinstance(value, ast.Name) and value.id in self._values and depth < DEEPEST:
            self._descend(path, self._values[value.id], depth + 1)
        elif isinstance(value, ast.Dict):
            for key, element in zip(value.keys, value.values, strict=True):
                if isinstance(key, ast.Constant):
                    self._note((*path, str(key.value)), key.lineno, element, depth)
                elif key is None and depth < DEEPEST:
                    self._descend(path, element, depth + 1)
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "dict":
            self._arguments(path, value, depth)

    def _arguments(self, path: Path, call: ast.Call, depth: int) -> None:
        for argument in call.args:
            if depth < DEEPEST:
                self._descend(path, argument, depth + 1)
        for keyword in call.keywords:
            if keyword.arg is not None:
                self._note((*path, keyword.arg), keyword.lineno, keyword.value, depth)

    def _update(self, node: ast.stmt) -> None:
        """Note the keys of ``c["www"].update(port=8020)``."""
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "update":
            path = self._pathOf(call.func.value)
            if path is not None:
                self._arguments(path, call, 0)


def _assignments(node: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield target, node.value
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield node.target, node.value


def _namesOf(name: str, assigned: Sequence[tuple[ast.expr, ast.expr]]) -> set[str]:
    """Every name for the same thing: those of ``c = BuildmasterConfig = {}``, and of ``c = BuildmasterConfig``."""
    together: dict[int, set[str]] = {}
    for target, value in assigned:
        if isinstance(target, ast.Name):
            names = together.setdefault(id(value), {value.id} if isinstance(value, ast.Name) else set())
            names.add(target.id)
    found = {name}
    for _ in together:
        for names in together.values():
            if names & found:
                found |= names
    return found
