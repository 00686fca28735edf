"""Who may log in: names and passwords from the configuration or from a file, as checkers of ``twisted.cred``.

A password is stored hashed, as ``$scrypt$ln=15,r=8,p=1$SALT$KEY`` (:func:`hashPassword` makes one; ``ln`` is the
logarithm of scrypt's *n*, salt and key are base64 without padding), or as it is, for tests. A file has one
``name:password`` in each line; empty lines and those that begin with ``#`` mean nothing. It is read again when it has
changed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
import sys
from collections.abc import Iterable, Mapping, Sequence
from getpass import getpass
from pathlib import Path
from typing import Any

import attrs
from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import IUsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.threads import deferToThreadPool
from zope.interface import implementer

from buildbot.errors import ConfigError

_HASH = re.compile(r"^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$")
_MEMORY = 128 * 1024 * 1024
"""What one check may use; scrypt needs 128 · n · r bytes."""
AT_ONCE = 2
"""Passwords that are checked at the same time, each in a thread for some 50 ms."""


def hashPassword(password: str, *, ln: int = 15, salt: bytes | None = None) -> str:
    """What is stored for a password. Takes some 50 ms, so not on the reactor's thread."""
    salt = salt or secrets.token_bytes(16)
    return f"$scrypt$ln={ln},r=8,p=1${_text(salt)}${_text(_scrypt(password, salt, ln, 8, 1, 32))}"


def _scrypt(password: str, salt: bytes, ln: int, r: int, p: int, length: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**ln, r=r, p=p, maxmem=_MEMORY, dklen=length)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))


@attrs.frozen
class _Hash:
    """A hash that is stored: scrypt's parameters, the salt, and the key that the password gives."""

    ln: int
    r: int
    p: int
    salt: bytes
    key: bytes

    @classmethod
    def parse(cls, stored: str) -> _Hash:
        """Raises ValueError for what is no hash, or would take more memory than a check may use."""
        found = _HASH.match(stored)
        if found is None:
            raise ValueError("not a hash")
        ln, r, p = (int(found[index]) for index in (1, 2, 3))
        if not 1 <= ln <= 20 or not r or not p or 128 * r * 2**ln > _MEMORY // 2 or p > 16:
            raise ValueError("too expensive")
        return cls(ln, r, p, _bytes(found[4]), _bytes(found[5]))

    def matches(self, password: str) -> bool:
        key = _scrypt(password, self.salt, self.ln, self.r, self.p, len(self.key))
        return hmac.compare_digest(key, self.key)


def matches(stored: str, password: str) -> bool:
    """Whether a password is the stored one. Takes some 50 ms where it is hashed."""
    if stored.startswith("$"):
        return _Hash.parse(stored).matches(password)
    return hmac.compare_digest(stored.encode(), password.encode())


def checked(users: Iterable[tuple[str, str]], where: str) -> dict[str, str]:
    """Users by name. Raises :class:`~buildbot.errors.ConfigError`, which says ``where``, for what cannot be used."""
    found: dict[str, str] = {}
    for name, stored in users:
        if not name or not stored:
            raise ConfigError(f"{where}: a user needs a name and a password, which {name or 'one'!r} has not")
        if name in found:
            raise ConfigError(f"{where}: {name!r} stands there twice")
        if stored.startswith("$"):
            try:
                _Hash.parse(stored)
            except ValueError:
                raise ConfigError(
                    f"{where}: the password of {name!r} begins like a hash, but $scrypt$ln=15,r=8,p=1$SALT$KEY is "
                    "expected, with at most ln=16 and r=8"
                ) from None
        found[name] = stored
    return found


def readUsers(path: Path) -> dict[str, str]:
    """The users in a file. Raises :class:`~buildbot.errors.ConfigError`."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"the passwords in {path} cannot be read: {error}") from None
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            name, colon, stored = line.partition(":")
            if not colon:
                raise ConfigError("name:password is expected", filename=str(path), line=number)
            found.append((name.strip(), stored.strip()))
    return checked(found, str(path))


@implementer(ICredentialsChecker)
class PasswordChecker:
    """Checks against users given as a mapping or as pairs, in threads."""

    credentialInterfaces = (IUsernamePassword,)

    def __init__(self, users: Mapping[str, str] | Iterable[tuple[str, str]], *, reactor: Any) -> None:
        self._reactor = reactor
        self._users = checked(users.items() if isinstance(users, Mapping) else users, "users")
        self._turns = DeferredSemaphore(AT_ONCE)
        self._nobody = hashPassword(secrets.token_hex(8))

    def users(self) -> Mapping[str, str]:
        """What is stored for each name."""
        return self._users

    def requestAvatarId(self, credentials: Any) -> Deferred[str]:
        """Fires with the user's name; fails with ``UnauthorizedLogin``, after the same time for an unknown name."""
        return Deferred.fromCoroutine(self._check(_str(credentials.username), _str(credentials.password)))

    async def _check(self, name: str, password: str) -> str:
        stored = self.users().get(name)
        pool = self._reactor.getThreadPool()
        right = await self._turns.run(
            lambda: deferToThreadPool(self._reactor, pool, matches, stored or self._nobody, password)
        )
        if stored is None or not right:
            raise UnauthorizedLogin("wrong name or password")
        return name


class PasswordFile(PasswordChecker):
    """Checks against the users in a file, as it is at each login."""

    def __init__(self, path: str, *, reactor: Any) -> None:
        self._path = Path(path)
        self._seen = self._look()
        super().__init__(readUsers(self._path), reactor=reactor)

    def _look(self) -> tuple[int, int, int]:
        try:
            found = os.stat(self._path)
        except OSError:
            return (0, 0, 0)
        return found.st_mtime_ns, found.st_size, found.st_ino

    def users(self) -> Mapping[str, str]:
        """What the file says now. Nobody may log in while it cannot be used; the log says why."""
        seen = self._look()
        if seen != self._seen:
            self._users = readUsers(self._path)
            self._seen = seen
        return self._users


def _str(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def main(arguments: Sequence[str]) -> int:
    """``python -m buildbot.status.passwords NAME``: ask for a password, and print the line of a file for it."""
    if len(arguments) != 1 or ":" in arguments[0]:
        sys.stderr.write("usage: python -m buildbot.status.passwords NAME\n")
        return 2
    sys.stdout.write(f"{arguments[0]}:{hashPassword(getpass(f'Password of {arguments[0]}: '))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
