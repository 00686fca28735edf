"""Vault's secrets, over real HTTP, of a server that speaks what Vault's documentation says of its API."""

from __future__ import annotations

from typing import Any

import simplejson
from twisted.internet import reactor as installed
from twisted.trial.unittest import TestCase
from twisted.web.resource import Resource
from twisted.web.server import Site

from buildbot.config.secrets import Secrets
from buildbot.config.vault import HashiCorpVaultKvSecretProvider, VaultAuthenticatorApprole, VaultAuthenticatorToken
from buildbot.errors import ConfigError, SecretsUnavailable

reactor: Any = installed
ROLE = {"role_id": "role", "secret_id": "confidential id"}


class Vault(Resource):
    """One engine of each version, at ``secret`` and ``old``; tokens are good until they are revoked."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.tokens = {"root"}
        self.logins = 0
        self.failing = False
        self.asked: list[bytes] = []

    def render(self, request: Any) -> bytes:
        self.asked.append(request.uri)
        status, body = self.answer(request)
        request.setResponseCode(status)
        request.setHeader("Content-Type", "application/json")
        return simplejson.dumps(body).encode()

    def answer(self, request: Any) -> tuple[int, Any]:
        if self.failing:
            return 503, {"errors": ["Vault is sealed"]}
        path = request.uri.decode()
        if request.method == b"POST" and path == "/v1/auth/approle/login":
            if simplejson.loads(request.content.read()) != ROLE:
                return 400, {"errors": ["invalid role or secret ID"]}
            self.logins += 1
            token = f"login {self.logins}"
            self.tokens.add(token)
            return 200, {"auth": {"client_token": token, "lease_duration": 1200, "renewable": True}, "data": None}
        if request.getHeader("X-Vault-Token") not in self.tokens:
            return 403, {"errors": ["permission denied"]}
        if path == "/v1/secret/data/ci%20x/github":
            metadata = {"created_time": "2026-11-24T00:00:00Z", "deletion_time": "", "destroyed": False, "version": 2}
            return 200, {"data": {"data": {"token": "confidential", "number": 7}, "metadata": metadata}, "auth": None}
        if path == "/v1/secret/data/deleted":
            return 404, {"data": {"data": None, "metadata": {"deletion_time": "2026-11-24T00:00:00Z"}}}
        if path == "/v1/old/a%7Cb":
            return 200, {"data": {"token": "of version 1"}, "lease_duration": 2764800, "auth": None}
        return 404, {"errors": []}


class VaultTests(TestCase):
    def setUp(self) -> None:
        self.vault = Vault()
        port = reactor.listenTCP(0, Site(self.vault), interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        self.url = f"http://127.0.0.1:{port.getHost().port}"

    def provider(self, authenticator: Any = None, **more: Any) -> HashiCorpVaultKvSecretProvider:
        return HashiCorpVaultKvSecretProvider(self.url, authenticator or VaultAuthenticatorToken("root"), **more)

    async def test_read(self) -> None:
        """Attributes of a path; what is not there, was deleted, or is named in another way, it does not have."""
        provider = self.provider()
        self.assertEqual(await provider.get("ci x/github|token"), "confidential")
        self.assertEqual(await provider.get("ci x/github|number"), "7")
        for name in ("ci x/github|other", "deleted|token", "nothing|token", "token", "|token", "nothing|"):
            self.assertIsNone(await provider.get(name), name)

    async def test_old(self) -> None:
        """Version 1 of the engine, at another mount; a delimiter that is part of the path is escaped."""
        provider = self.provider(secrets_mount="old", api_version=1)
        self.assertEqual(await provider.get("a\\|b|token"), "of version 1")
        provider = self.provider(secrets_mount="/old/", api_version=1, path_delimiter=":", path_escape="!")
        self.assertEqual(await provider.get("a|b:token"), "of version 1")

    async def test_role(self) -> None:
        """An AppRole logs in once, and again when its token is not good any more."""
        provider = self.provider(VaultAuthenticatorApprole("role", "confidential id"))
        for _ in range(2):
            self.assertEqual(await provider.get("ci x/github|token"), "confidential")
        self.assertEqual(self.vault.logins, 1)
        self.vault.tokens.clear()
        self.assertEqual(await provider.get("ci x/github|token"), "confidential")
        self.assertEqual(self.vault.logins, 2)

    async def test_refused(self) -> None:
        """Credentials that are not good, a Vault that is sealed or away: errors that show no secret."""
        for provider, words in (
            (
                self.provider(VaultAuthenticatorToken("confidential")),
                "answered 403 when it was asked for the secret 'a|b'",
            ),
            (
                self.provider(VaultAuthenticatorApprole("role", "confidential")),
                "let this AppRole log in: it answered 400",
            ),
        ):
            error = await self.assertFailure(Secrets([provider]).get("a|b"), SecretsUnavailable)
            self.assertIn(words, str(error))
            self.assertNotIn("confidential", str(error))
        self.assertEqual(len(self.vault.asked), 2)
        self.vault.failing = True
        error = await self.assertFailure(Secrets([self.provider()]).get("a|b"), SecretsUnavailable)
        self.assertIn("answered 503", str(error))
        self.url = "http://127.0.0.1:1"
        error = await self.assertFailure(Secrets([self.provider()]).get("a|b"), SecretsUnavailable)
        self.assertIn("Vault cannot be asked: Connection was refused", str(error))

    def test_wrong(self) -> None:
        """Arguments that cannot be meant."""
        token = VaultAuthenticatorToken("confidential")
        for arguments, words in (
            ((None, token), "vault_server is to be a URL"),
            (("vault.example.org", token), "vault_server is to be a URL"),
            (("http://vault", "confidential"), "authenticator is to be secrets.VaultAuthenticatorToken"),
            (("http://vault", token, None, 3), "api_version is 3; 1 or 2 is expected"),
            (("http://vault", token, None, 2, "::"), "path_delimiter is to be one character"),
        ):
            error = self.assertRaises(ConfigError, HashiCorpVaultKvSecretProvider, *arguments)
            self.assertIn(words, str(error))
            self.assertNotIn("confidential", str(error))
