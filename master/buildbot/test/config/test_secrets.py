"""Who keeps secrets, and what shows none of them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from twisted.internet.defer import succeed
from twisted.trial.unittest import SkipTest, TestCase

from buildbot.config.secrets import SecretInAFile, SecretInPass, Secrets
from buildbot.errors import ConfigError, SecretsUnavailable
from buildbot.test.db.databases import temporaryFolder


class FolderCase(TestCase):
    def setUp(self) -> None:
        self.folder = Path(temporaryFolder(self))

    def keep(self, name: str, text: str, mode: int = 0o600) -> Path:
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return path


class FileTests(FolderCase):
    def test_names(self) -> None:
        """The name is that of the file, without the first suffix that fits; line breaks at the end go."""
        self.keep("token", " a b \n\n")
        self.keep("key.pem.txt", "c\nd\n")
        (self.folder / "folder").mkdir()
        every = SecretInAFile(dirname=str(self.folder))
        self.assertEqual((every.get("token"), every.get("key.pem.txt")), (" a b ", "c\nd"))
        self.assertEqual((every.get("folder"), every.get("key")), (None, None))
        some = SecretInAFile(str(self.folder), suffixes=[".txt", ".pem.txt"], strip=False)
        self.assertEqual((some.get("token"), some.get("key.pem"), some.get("key")), (None, "c\nd\n", None))

    def test_permissions(self) -> None:
        """A file that others may read, write or execute is refused, and what it holds is not shown."""
        for mode in (0o604, 0o602, 0o601):
            path = self.keep("token", "confidential", mode)
            error = self.assertRaises(ConfigError, SecretInAFile, str(self.folder))
            self.assertEqual(str(error), f"SecretInAFile: {path} is open to others (mode {mode:04o}): chmod o= {path}")
        self.keep("token", "confidential", 0o640)
        SecretInAFile(str(self.folder))

    def test_wrong(self) -> None:
        """No folder, no list, no text."""
        error = self.assertRaises(ConfigError, SecretInAFile, "/nowhere")
        self.assertEqual(str(error), "SecretInAFile: /nowhere cannot be read: No such file or directory")
        error = self.assertRaises(ConfigError, SecretInAFile, str(self.folder), ".txt")
        self.assertIn("a list, such as ['.txt'], is expected", str(error))
        self.keep("token", "").write_bytes(b"\xff")
        error = self.assertRaises(ConfigError, SecretInAFile, str(self.folder))
        self.assertIn("token is not UTF-8", str(error))


class Provider:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def get(self, name: str) -> Any:
        return self.answer


class SecretsTests(TestCase):
    async def test_order(self) -> None:
        """The first that has it; providers may wait."""

        async def later() -> str:
            return "second"

        self.assertEqual(await Secrets([Provider(None), Provider(succeed("first")), Provider("x")]).get("a"), "first")
        self.assertEqual(await Secrets([Provider(succeed(None)), Provider(later())]).get("a"), "second")

    async def test_missing(self) -> None:
        """The error names the secret, and who was asked."""
        error = await self.assertFailure(Secrets([Provider(None)]).get("token"), ConfigError)
        self.assertEqual(str(error), "there is no secret 'token': Provider did not have it")
        error = await self.assertFailure(Secrets().get("token"), ConfigError)
        self.assertEqual(str(error), "there is no secret 'token': no secrets providers are configured")
        error = await self.assertFailure(Secrets([Provider(b"x")]).get("token"), ConfigError)
        self.assertEqual(str(error), "Provider gave a bytes for the secret 'token'; a text is expected")

    async def test_masked(self) -> None:
        """What was asked for is replaced by its name in any text, the longest first, also where it is escaped."""
        secrets = Secrets([SecretsOf({"short": "pass", "long": "password\n'&'", "blank": " "})])
        self.assertEqual(secrets.masked("a password"), "a password")
        for name in ("short", "long", "blank"):
            await secrets.get(name)
        value = "password\n'&'"
        for text in (value, "password '&'", f"{value!r}"[1:-1], "password\\n'&'", "password%0A%27%26%27"):
            self.assertEqual(secrets.masked(f"a {text} b"), "a <long> b")
        self.assertEqual(secrets.masked("my pass"), "my <short>")
        self.assertNotIn("pass", repr(secrets))
        after = Secrets()
        after.succeed(secrets)
        self.assertEqual(after.masked("my pass"), "my <short>")


class SecretsOf:
    def __init__(self, secrets: dict[str, str]) -> None:
        self.get = secrets.get


class PassTests(FolderCase):
    """With the real ``pass`` and a key of its own."""

    def setUp(self) -> None:
        if not shutil.which("pass"):
            raise SkipTest("pass is not installed")
        super().setUp()
        home, self.store = self.folder / "gnupg", self.folder / "store"
        home.mkdir(mode=0o700)
        self.patch(os, "environ", {**os.environ, "GNUPGHOME": str(home), "PASSWORD_STORE_DIR": str(self.store)})
        self.addCleanup(self.do, "gpgconf", "--kill", "all")
        batch = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "opens it"]
        self.do(*batch, "--quick-generate-key", "test@example.org", "default", "default", "never")
        self.do("pass", "init", "test@example.org")
        self.do("pass", "insert", "--multiline", "ci/token", given="confidential\nuser: x\n")
        self.do("gpgconf", "--kill", "all")
        del os.environ["PASSWORD_STORE_DIR"]

    def do(self, *command: str, given: str = "") -> None:
        subprocess.run(command, env=os.environ, input=given, text=True, check=True, capture_output=True)

    async def test_first(self) -> None:
        """The first line of an entry, opened with the passphrase; an entry that is not there is none."""
        provider = SecretInPass(gpgPassphrase="opens it", dirname=str(self.store))
        self.assertEqual(await provider.get("ci/token"), "confidential")
        self.assertIsNone(await provider.get("ci/other"))

    async def test_unavailable(self) -> None:
        """A passphrase that does not open it is an error that shows neither."""
        provider = SecretInPass(gpgPassphrase="wrong one", dirname=str(self.store))
        error = await self.assertFailure(provider.get("ci/token"), SecretsUnavailable)
        self.assertRegex(str(error), "^SecretInPass: 'pass' ended with ")
        self.assertNotIn("wrong one", str(error))


class NoPassTests(TestCase):
    async def test_missing(self) -> None:
        """Where there is no such program, and no such folder."""
        self.patch(os, "environ", {**os.environ, "PATH": "/nowhere"})
        error = await self.assertFailure(SecretInPass().get("token"), SecretsUnavailable)
        self.assertEqual(str(error), "SecretInPass: there is no program 'pass' on the PATH")
        error = self.assertRaises(ConfigError, SecretInPass, None, "/nowhere")
        self.assertEqual(str(error), "SecretInPass: /nowhere is no folder")
