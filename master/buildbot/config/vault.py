"""Secrets that HashiCorp's Vault keeps, in a key/value engine: its HTTP API, /v1/."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import simplejson
from twisted.internet.defer import Deferred

from buildbot.errors import ConfigError, SecretsUnavailable

LONGEST = 30.0
"""Seconds that Vault may take for an answer."""


class VaultAuthenticatorToken:
    """A token that somebody else renews."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def authenticate(self, ask: Any) -> str:
        """The token."""
        return self._token


class VaultAuthenticatorApprole:
    """An AppRole, which logs in."""

    def __init__(self, roleId: str, secretId: str) -> None:
        self._credentials = {"role_id": roleId, "secret_id": secretId}

    async def authenticate(self, ask: Any) -> str:
        """A new token."""
        status, found = await ask("POST", "auth/approle/login", json=self._credentials)
        token = found.get("auth", {}).get("client_token") if status == 200 else None
        if not isinstance(token, str):
            raise SecretsUnavailable(f"Vault does not let this AppRole log in: it answered {status}")
        return token


class HashiCorpVaultKvSecretProvider:
    """Each secret is named ``path|attribute``."""

    def __init__(
        self,
        vault_server: str | None = None,
        authenticator: VaultAuthenticatorToken | VaultAuthenticatorApprole | None = None,
        secrets_mount: str | None = None,
        api_version: int = 2,
        path_delimiter: str = "|",
        path_escape: str = "\\",
        *,
        reactor: Any = None,
    ) -> None:
        """``vault_server``: a URL; ``secrets_mount``: where the engine is, by default ``secret``; ``api_version``: the
        engine's, 1 or 2. ``path_escape`` stands before a ``path_delimiter`` that is part of the path. Raises
        ConfigError."""
        if not isinstance(vault_server, str) or not vault_server.startswith(("http://", "https://")):
            raise ConfigError(
                "HashiCorpVaultKvSecretProvider: vault_server is to be a URL: https://vault.example.org:8200"
            )
        if not isinstance(authenticator, (VaultAuthenticatorToken, VaultAuthenticatorApprole)):
            raise ConfigError(
                "HashiCorpVaultKvSecretProvider: authenticator is to be secrets.VaultAuthenticatorToken(…) or "
                "secrets.VaultAuthenticatorApprole(…)"
            )
        if api_version not in (1, 2):
            raise ConfigError(f"HashiCorpVaultKvSecretProvider: api_version is {api_version!r}; 1 or 2 is expected")
        for name, value in (("path_delimiter", path_delimiter), ("path_escape", path_escape)):
            if not isinstance(value, str) or len(value) != 1:
                raise ConfigError(f"HashiCorpVaultKvSecretProvider: {name} is to be one character")
        self._url = f"{vault_server.rstrip('/')}/v1/"
        self._authenticator = authenticator
        mount = quote((secrets_mount or "secret").strip("/"))
        self._base = f"{mount}/data/" if api_version == 2 else f"{mount}/"
        self._version = api_version
        self._delimiter, self._escape = path_delimiter, path_escape
        self._reactor = reactor
        self._client: Any = None
        self._token: str | None = None

    def get(self, name: str) -> Deferred[str | None]:
        """The secret, if Vault has it. Fails with :class:`~buildbot.errors.SecretsUnavailable`."""
        return Deferred.fromCoroutine(self._get(name))

    async def _get(self, name: str) -> str | None:
        path, attribute = self._parsed(name)
        if not path or not attribute:
            return None
        status, found = await self._read(path)
        if status == 404:
            return None
        if status != 200:
            raise SecretsUnavailable(f"Vault answered {status} when it was asked for the secret {name!r}")
        data = found.get("data") or {}
        value = ((data.get("data") or {}) if self._version == 2 else data).get(attribute)
        return None if value is None else str(value)

    def _parsed(self, name: str) -> tuple[str, str]:
        """Path and attribute; the attribute is empty if there is no delimiter."""
        path, characters = "", iter(name)
        for character in characters:
            if character == self._delimiter:
                return path, "".join(characters)
            path += next(characters, "") if character == self._escape else character
        return path, ""

    async def _read(self, path: str) -> tuple[int, Any]:
        """Once more, with a new token, if the one that was there is not good any more."""
        known = self._token
        if known is None:
            self._token = await self._authenticator.authenticate(self._ask)
        status, found = await self._ask("GET", self._base + quote(path.strip("/")), token=self._token)
        if status == 403 and known is not None:
            self._token = None
            return await self._read(path)
        return status, found

    async def _ask(self, method: str, path: str, *, token: str | None = None, **more: Any) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        headers = {} if token is None else {"X-Vault-Token": token}
        try:
            response = await self._http().request(method, self._url + path, headers=headers, timeout=LONGEST, **more)
            body = await response.content()
        except Exception as error:
            reasons = getattr(error, "reasons", None)
            why = reasons[0].getErrorMessage() if reasons else str(error) or type(error).__name__
            raise SecretsUnavailable(f"Vault cannot be asked: {why}") from None
        try:
            found = simplejson.loads(body)
        except ValueError:
            found = None
        return response.code, found if isinstance(found, dict) else {}

    def _http(self) -> Any:
        if self._client is None:
            # Imported only where Vault is asked.
            from treq.client import HTTPClient
            from twisted.web.client import Agent

            if self._reactor is None:
                from twisted.internet import reactor

                self._reactor = reactor
            agent: Any = Agent(self._reactor, connectTimeout=LONGEST)  # provides IAgent, which mypy cannot see
            self._client = HTTPClient(agent)
        return self._client
