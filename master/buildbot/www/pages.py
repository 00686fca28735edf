"""The web pages, which are distributions of their own: what is installed is found through entry points, and imported by
no name that stands here.

A distribution with pages names, in the group :data:`PAGES`, a folder (a ``Traversable``, as
``importlib.resources.files`` gives it) that has an ``index.html``. All addresses in that are relative to its
``<base href="./">``, which becomes the way to the root. Names below ``assets`` hold digests of what is there.

One that adds views names, in the group :data:`VIEWS`, folders with an ``index.js`` each, by the names that
``www["plugins"]`` has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from html import escape
from importlib.metadata import EntryPoint, entry_points
from importlib.resources.abc import Traversable
from typing import Any
from urllib.parse import quote

import attrs

from buildbot.errors import ConfigError
from buildbot.www.compression import PRECOMPRESSED
from buildbot.www.forms import VARY
from buildbot.www.static import TYPES, File, made, read, served

PAGES, VIEWS = "buildbot_status.www", "buildbot_status.www_views"
NONE = "none are installed: pip install buildbot-status-www brings them"
META = "buildbot-status"
"""The name of the element in which ``index.html`` gets to know, as JSON, what there is beside it."""
_ROOT = '<base href="./">'


@attrs.frozen
class View:
    """What adds views to the pages."""

    folder: Traversable
    options: Mapping[str, Any] = attrs.field(factory=dict)
    """What the configuration says of it, for it to read."""


@attrs.frozen
class Pages:
    """Pages, and what adds views to them, by name."""

    folder: Traversable
    views: Mapping[str, View] = attrs.field(factory=dict)

    @classmethod
    def installed(cls, wanted: Mapping[str, Mapping[str, Any]]) -> Pages | None:
        """What is installed, with the views of these names and their options. Raises ConfigError."""
        found = [*entry_points(group=PAGES)]
        if len(found) > 1:
            names = ", ".join(sorted(entry.value for entry in found))
            raise ConfigError(f"several distributions have web pages, of which only one can be served: {names}")
        if not found:
            if wanted:
                raise ConfigError(f"www['plugins'] adds to the web pages, but {NONE}")
            return None
        views = {entry.name: entry for entry in entry_points(group=VIEWS)}
        return cls(
            _folder(found[0], "index.html"),
            {name: View(_folder(views[name], "index.js"), options) for name, options in wanted.items()},
        )

    def files(self, basePath: str) -> Mapping[str, File]:
        """Everything to be served, by path, where browsers find the server below that path; ``""`` is the document
        that shows whatever is at the addresses of pages. Raises ConfigError."""
        found = read(self.folder)
        document = _withoutEncoded(found, "index.html").decode()
        if _ROOT not in document:
            raise ConfigError(f"the index.html of the web pages does not have {_ROOT}")
        files = dict(served(found, ("assets/",)))
        modules = []
        for name, view in self.views.items():
            contents = read(view.folder)
            # The digest lets each file be kept, however it is called, and files name one another as they lie.
            below = f"plugins/{name}/{_digest(contents)}/"
            files.update((below + path, file) for path, file in served(contents, ("",)))
            modules.append({"name": name, "module": quote(f"{below}index.js"), "options": view.options})
        told = escape(json.dumps({"plugins": modules}))
        start = f'<base href="{escape(basePath)}/">\n<meta name="{META}" content="{told}">'
        files[""] = made(document.replace(_ROOT, start, 1).encode(), TYPES[".html"], vary=VARY)
        return files


def namesOfViews() -> Sequence[str]:
    """All views that are installed."""
    return sorted(entry_points(group=VIEWS).names)


def _folder(entry: EntryPoint, needed: str) -> Traversable:
    """What an entry point names. Raises ConfigError."""
    try:
        folder = entry.load()
        there = (folder / needed).is_file()
    except Exception as error:
        raise ConfigError(f"{entry.value} cannot be served: {type(error).__name__}: {error}") from error
    if not there:
        raise ConfigError(f"{entry.value} cannot be served: it has no {needed}")
    return folder  # type: ignore[no-any-return]  # whatever has such files will do


def _withoutEncoded(found: dict[str, bytes], path: str) -> bytes:
    """Take a file out, with what it was encoded to: it is going to be another."""
    for end in PRECOMPRESSED.values():
        found.pop(path + end, None)
    return found.pop(path)


def _digest(contents: Mapping[str, bytes]) -> str:
    digest = blake2b(digest_size=9)
    for path, data in sorted(contents.items()):
        for part in (path.encode(), data):
            digest.update(b"%d:%b" % (len(part), part))
    return digest.hexdigest()
