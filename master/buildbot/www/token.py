"""The token without which nobody may act over HTTP: made at the first start, in a file that only this user can read.

Nobody is believed for where he connects from: behind a proxy everybody comes from this machine, and so does every page
that a browser on it shows.
"""

from __future__ import annotations

import os
import secrets
import stat
from hmac import compare_digest

import attrs

from buildbot.errors import ConfigError

SHORTEST = 20
"""Characters of a token that somebody wrote himself."""


@attrs.frozen
class Token:
    """The token, and where it is."""

    path: str
    value: str = attrs.field(repr=False)

    @classmethod
    def at(cls, path: str) -> Token:
        """The token in a file, which is made if it is not there. Blocks, for a moment. Raises ConfigError, which says
        what would be right."""
        try:
            os.makedirs(os.path.dirname(os.path.abspath(path)), mode=0o700, exist_ok=True)
            try:
                made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            except FileExistsError:
                return cls.read(path)
            with open(made, "w") as file:
                file.write(f"{secrets.token_urlsafe(32)}\n")
        except OSError as error:
            raise ConfigError(f"the token cannot be in {path}: {error.strerror or error} (--token-file)") from None
        return cls.read(path)

    @classmethod
    def read(cls, path: str) -> Token:
        """The token in a file that is there. Raises ConfigError."""
        try:
            with open(path) as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                value = file.read(1000).strip()
        except OSError as error:
            raise ConfigError(f"the token in {path} cannot be read: {error.strerror or error} (--token-file)") from None
        except UnicodeDecodeError:
            raise ConfigError(f"{path} is no file with a token: a line of text is expected") from None
        if len(value) < SHORTEST or not value.isascii() or not value.isprintable() or " " in value:
            raise ConfigError(f"{path}: there is no token in it, which has {SHORTEST} letters and digits at least")
        if mode & 0o077:
            raise ConfigError(f"others can read the token in {path}: chmod 600 {path}, and change it: rm {path}")
        return cls(path, value)

    def matches(self, given: bytes) -> bool:
        """Whether this is the token; takes as long for a wrong one as for the right one."""
        return compare_digest(given, self.value.encode())
