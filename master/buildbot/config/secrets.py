"""Secrets, by Buildbot's names for those who keep them: ``c['secretsProviders']``.

A provider is anything with ``get(name)``, which gives a text, or None for a secret that it does not have, or a Deferred
or coroutine with one of these.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.threads import deferToThread

from buildbot.config.vault import HashiCorpVaultKvSecretProvider, VaultAuthenticatorApprole, VaultAuthenticatorToken
from buildbot.errors import ConfigError, SecretsUnavailable

__all__ = [
    "HashiCorpVaultKvSecretProvider",
    "SecretInAFile",
    "SecretInPass",
    "VaultAuthenticatorApprole",
    "VaultAuthenticatorToken",
]

LONGEST_PASS = 30.0
"""Seconds that ``pass`` may take; what asks for a passphrase takes longer."""


class Secrets:
    """What listeners ask for secrets."""

    def __init__(self, providers: Sequence[Any] = ()) -> None:
        self._providers = providers
        self._spellings: dict[str, str] = {}
        """Names of secrets that were asked for, by what they look like in a text."""

    def __repr__(self) -> str:
        return f"<Secrets of {', '.join(self._names) or 'nobody'}>"

    @property
    def _names(self) -> Sequence[str]:
        return [type(provider).__name__ for provider in self._providers]

    def get(self, name: str) -> Deferred[str]:
        """The secret, of the first provider that has it. Fails with ConfigError, which names the secret and who was
        asked, or with :class:`~buildbot.errors.SecretsUnavailable`."""
        return Deferred.fromCoroutine(self._get(name))

    async def _get(self, name: str) -> str:
        for provider in self._providers:
            found = await maybeDeferred(provider.get, name)
            if isinstance(found, str):
                self._remember(name, found)
                return found
            if found is not None:
                kind = type(found).__name__
                raise ConfigError(
                    f"{type(provider).__name__} gave a {kind} for the secret {name!r}; a text is expected"
                )
        if not self._providers:
            raise ConfigError(f"there is no secret {name!r}: no secrets providers are configured")
        raise ConfigError(f"there is no secret {name!r}: {', '.join(self._names)} did not have it")

    def _remember(self, name: str, value: str) -> None:
        if value.strip():
            lines = " ".join(value.splitlines())
            for spelling in (value, lines, repr(value)[1:-1], json.dumps(value)[1:-1], quote(value, safe="")):
                self._spellings[spelling] = name

    def succeed(self, before: Secrets | None) -> None:
        """Mask what was asked for of these, too."""
        if before is not None:
            self._spellings = before._spellings

    def masked(self, text: str) -> str:
        """The text, with ``<name>`` for every secret that was asked for, however it is escaped there."""
        for spelling in sorted(self._spellings, key=len, reverse=True):
            text = text.replace(spelling, f"<{self._spellings[spelling]}>")
        return text


class SecretInAFile:
    """The files of a folder: the name of one is that of the secret. They are read once, with the configuration."""

    def __init__(self, dirname: str, suffixes: Sequence[str] | None = None, strip: bool = True) -> None:
        """``suffixes``: only files whose names end so, and without it they name secrets; ``strip``: without line breaks
        at the end. Raises ConfigError for a file that others may read, write or execute."""
        if isinstance(suffixes, str):
            raise ConfigError(f"SecretInAFile: suffixes is {suffixes!r}; a list, such as [{suffixes!r}], is expected")
        self._secrets: dict[str, str] = {}
        try:
            for path in sorted(Path(dirname).iterdir()):
                suffix = next((each for each in suffixes or [""] if path.name.endswith(each)), None)
                if suffix is not None and path.is_file():
                    self._secrets[path.name.removesuffix(suffix)] = _read(path, strip)
        except OSError as error:
            raise ConfigError(f"SecretInAFile: {error.filename} cannot be read: {error.strerror}") from None

    def get(self, name: str) -> str | None:
        """The secret, if there is a file for it."""
        return self._secrets.get(name)


def _read(path: Path, strip: bool) -> str:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & stat.S_IRWXO:
        raise ConfigError(f"SecretInAFile: {path} is open to others (mode {mode:04o}): chmod o= {path}")
    try:
        text = path.read_text("utf-8")
    except UnicodeError:
        raise ConfigError(f"SecretInAFile: {path} is not UTF-8") from None
    return text.rstrip("\r\n") if strip else text


class SecretInPass:
    """The store of ``pass`` (passwordstore.org): the first line of an entry."""

    def __init__(self, gpgPassphrase: str | None = None, dirname: str | None = None) -> None:
        """``gpgPassphrase`` opens the key, if no agent does; ``dirname``: of the store, by default that of the user."""
        if dirname is not None and not os.path.isdir(dirname):
            raise ConfigError(f"SecretInPass: {dirname} is no folder")
        self._passphrase, self._dirname = gpgPassphrase, dirname

    def get(self, name: str) -> Deferred[str | None]:
        """The secret, if ``pass`` has it. Fails with :class:`~buildbot.errors.SecretsUnavailable`."""
        return deferToThread(self._get, name)

    def _get(self, name: str) -> str | None:
        environment = dict(os.environ)
        if self._dirname is not None:
            environment["PASSWORD_STORE_DIR"] = self._dirname
        reading, writing = os.pipe()
        try:
            if self._passphrase is not None:
                # Not as an argument: those are shown to everybody.
                options = f"--batch --pinentry-mode loopback --passphrase-fd {reading}"
                environment["PASSWORD_STORE_GPG_OPTS"] = options
                os.write(writing, self._passphrase.encode())
            os.close(writing)
            done = subprocess.run(
                ["pass", "show", "--", name],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                pass_fds=[reading],
                timeout=LONGEST_PASS,
                check=False,
            )
        except FileNotFoundError:
            raise SecretsUnavailable("SecretInPass: there is no program 'pass' on the PATH") from None
        except subprocess.TimeoutExpired:
            raise SecretsUnavailable(f"SecretInPass: 'pass' took more than {LONGEST_PASS:g} s") from None
        finally:
            os.close(reading)
        if done.returncode == 0:
            return done.stdout.split("\n", 1)[0]
        if "is not in the password store" in done.stderr:
            return None
        last = done.stderr.strip().rpartition("\n")[2]
        raise SecretsUnavailable(f"SecretInPass: 'pass' ended with {done.returncode}: {last}")
