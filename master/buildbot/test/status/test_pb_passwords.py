"""Users and passwords."""

from __future__ import annotations

import io
import os
import sys
from typing import Any

from twisted.cred.credentials import UsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from buildbot.errors import ConfigError
from buildbot.status import passwords
from buildbot.status.passwords import PasswordChecker, PasswordFile, hashPassword, matches


class HashTest(TestCase):
    def test_hash(self) -> None:
        """A hash matches its password and no other, and two hashes of one password differ."""
        one, other = hashPassword("pä:ss", ln=4), hashPassword("pä:ss", ln=4)
        self.assertNotEqual(one, other)
        for stored in (one, other):
            self.assertTrue(stored.startswith("$scrypt$ln=4,r=8,p=1$"))
            self.assertEqual([matches(stored, text) for text in ("pä:ss", "pä:s", "")], [True, False, False])

    def test_known(self) -> None:
        """The format is that of others: a hash made elsewhere matches (RFC 7914, the second vector)."""
        key = "/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA"
        self.assertTrue(matches(f"$scrypt$ln=10,r=8,p=16$TmFDbA${key}", "password"))

    def test_refused(self) -> None:
        """A hash that cannot be used, or would take too much memory, is a ConfigError that names its user."""
        for stored in ("$scrypt$", "$2b$12$abc", "$scrypt$ln=25,r=8,p=1$YQ$YQ", "$scrypt$ln=15,r=0,p=1$YQ$YQ"):
            with self.assertRaises(ConfigError) as raised:
                PasswordChecker({"ada": stored}, reactor=reactor)
            self.assertIn("'ada'", str(raised.exception))

    def test_users(self) -> None:
        """Users come as a mapping or as pairs; a name twice, or without a password, is a ConfigError."""
        self.assertEqual(
            PasswordChecker([("ada", "a"), ("bob", "b")], reactor=reactor).users(), {"ada": "a", "bob": "b"}
        )
        for pairs in ([("ada", "a"), ("ada", "b")], [("", "a")], [("ada", "")]):
            with self.assertRaises(ConfigError):
                PasswordChecker(pairs, reactor=reactor)


class CommandTest(TestCase):
    def test_line(self) -> None:
        """The command prints the line of a user, and says how it is called."""
        said = io.StringIO()
        self.patch(sys, "stdout", said)
        self.patch(sys, "stderr", said)
        self.patch(passwords, "getpass", lambda prompt: "pä:ss")
        self.assertEqual(passwords.main(["ada"]), 0)
        name, _, stored = said.getvalue().strip().partition(":")
        self.assertEqual((name, matches(stored, "pä:ss")), ("ada", True))
        for wrong in ([], ["a", "b"], ["a:b"]):
            self.assertEqual(passwords.main(wrong), 2)
        self.assertIn("usage", said.getvalue())


class CheckTest(TestCase):
    async def check(self, checker: PasswordChecker, name: str, password: str) -> Any:
        return await checker.requestAvatarId(UsernamePassword(name.encode(), password.encode()))

    async def test_check(self) -> None:
        """The name comes back where the password is right, as it is stored or hashed."""
        checker = PasswordChecker({"ada": "plain", "bob": hashPassword("hashed", ln=4)}, reactor=reactor)
        self.assertEqual(await self.check(checker, "ada", "plain"), "ada")
        self.assertEqual(await self.check(checker, "bob", "hashed"), "bob")
        for name, password in (("ada", "hashed"), ("bob", "plain"), ("eve", ""), ("", "")):
            await self.assertFailure(
                checker.requestAvatarId(UsernamePassword(name.encode(), password.encode())), UnauthorizedLogin
            )

    async def test_file(self) -> None:
        """A file is read again when it has changed."""
        path = self.mktemp()
        self.write(path, "# who may\n\nada: one \n")
        checker = PasswordFile(path, reactor=reactor)
        self.assertEqual(await self.check(checker, "ada", "one"), "ada")
        self.write(path, f"ada:{hashPassword('two', ln=4)}\n")
        self.assertEqual(await self.check(checker, "ada", "two"), "ada")
        await self.assertFailure(checker.requestAvatarId(UsernamePassword(b"ada", b"one")), UnauthorizedLogin)

    async def test_broken(self) -> None:
        """While it cannot be read, nobody may log in; afterwards they may again."""
        path = self.mktemp()
        self.write(path, "ada:one\n")
        checker = PasswordFile(path, reactor=reactor)
        self.write(path, "ada\n")
        await self.assertFailure(checker.requestAvatarId(UsernamePassword(b"ada", b"one")), ConfigError)
        os.unlink(path)
        await self.assertFailure(checker.requestAvatarId(UsernamePassword(b"ada", b"one")), ConfigError)
        self.write(path, "ada:one\n")
        self.assertEqual(await self.check(checker, "ada", "one"), "ada")

    def test_line(self) -> None:
        """A line that is no user is a ConfigError with the file and the line."""
        path = self.mktemp()
        self.write(path, "ada:one\nbob\n")
        with self.assertRaises(ConfigError) as raised:
            PasswordFile(path, reactor=reactor)
        self.assertIn(f"{path}:2", str(raised.exception))

    def write(self, path: str, text: str) -> None:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
