"""Databases that are not Buildbot 4.3's are refused with what was found and what to do."""

from __future__ import annotations

import os

from buildbot.db import schema
from buildbot.db.revision import checkRevision
from buildbot.errors import DatabaseUnavailable
from buildbot.test.db.databases import DatabaseCase, OnPostgreSQL, OnSQLite, temporaryFolder

ALEMBIC = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"
MIGRATE = "CREATE TABLE migrate_version (repository_id VARCHAR(250), repository_path TEXT, version INTEGER)"


class RevisionTests(DatabaseCase):
    async def refused(self, *statements: str) -> str:
        url = self.newUrl()
        self.fill(url, statements)
        error = await self.failure(self.open(url).run("revision", checkRevision), DatabaseUnavailable)
        return str(error)

    async def test_right(self) -> None:
        """Revision 067 is taken."""
        url = self.newUrl(schema.metadata)
        self.fill(
            url,
            [
                ALEMBIC.replace("TABLE", "TABLE IF NOT EXISTS"),
                "DELETE FROM alembic_version",
                "INSERT INTO alembic_version VALUES ('067')",
            ],
        )
        self.assertEqual(await self.open(url).run("revision", checkRevision), "067")

    async def test_older(self) -> None:
        """An older revision is named, and that Buildbot 4.3 must upgrade it."""
        message = await self.refused(ALEMBIC, "INSERT INTO alembic_version VALUES ('063')")
        self.assertIn("revision 063", message)
        self.assertIn("upgrade-master", message)

    async def test_newer(self) -> None:
        """A newer or unknown revision is named, and that a newer program may read it."""
        for found in ("068", "1a2b3c"):
            message = await self.refused(ALEMBIC, f"INSERT INTO alembic_version VALUES ('{found}')")
            self.assertIn(f"revision {found}", message)
            self.assertIn("newer version of this program", message)

    async def test_several(self) -> None:
        """Two revisions are one too many."""
        message = await self.refused(ALEMBIC, "INSERT INTO alembic_version VALUES ('067'), ('068')")
        self.assertIn("067 and 068", message)

    async def test_noRevision(self) -> None:
        """A table of revisions without one is reported."""
        self.assertIn("alembic_version is empty", await self.refused(ALEMBIC))

    async def test_migrate(self) -> None:
        """The databases of 0.8, 0.9 and 2.10 are told apart, and each gets its way to 4.3."""
        for version, belongs, steps in (
            (22, "0.8", "0.8, with 2.10, then with 4.3"),
            (45, "between 0.9 and 2.10", "first with Buildbot 2.10, then with 4.3"),
            (58, "2.10", "install 4.3"),
        ):
            message = await self.refused(MIGRATE, f"INSERT INTO migrate_version VALUES ('B', '', {version})")
            self.assertIn(f"version {version}", message)
            self.assertIn(belongs, message)
            self.assertIn(steps, message)

    async def test_beforeMigrate(self) -> None:
        """The database of a Buildbot before 0.8.0 is recognised."""
        self.assertIn("before 0.8.0", await self.refused("CREATE TABLE version (version INTEGER)"))

    async def test_otherTables(self) -> None:
        """Another program's database is recognised."""
        self.assertIn("not Buildbot's", await self.refused("CREATE TABLE cats (name VARCHAR(10))"))

    async def test_noTables(self) -> None:
        """A database without tables is reported."""
        self.assertIn("no tables", await self.refused())


class SQLiteRevisionTests(RevisionTests, OnSQLite):
    async def refusedFile(self, path: str) -> DatabaseUnavailable:
        db = self.open(f"sqlite:///{path}")
        error = await self.failure(db.run("revision", checkRevision), DatabaseUnavailable)
        self.assertNotIn(path, str(error))
        self.assertIn(path, error.__notes__[0])
        return error

    async def test_emptyFile(self) -> None:
        """An empty file is a database without tables."""
        path = os.path.join(temporaryFolder(self), "state.sqlite")
        with open(path, "w"):
            pass
        db = self.open(f"sqlite:///{path}")
        error = await self.failure(db.run("revision", checkRevision), DatabaseUnavailable)
        self.assertIn("no tables", str(error))
        self.assertEqual(os.path.getsize(path), 0)

    async def test_missingFile(self) -> None:
        """A file that is not there is reported, and not made."""
        folder = temporaryFolder(self)
        error = await self.refusedFile(os.path.join(folder, "state.sqlite"))
        self.assertIn("cannot be found", str(error))
        self.assertEqual(os.listdir(folder), [])

    async def test_notADatabase(self) -> None:
        """A file that is something else is reported, and so is a folder."""
        folder = temporaryFolder(self)
        path = os.path.join(folder, "state.sqlite")
        with open(path, "w") as file:
            file.write("c = BuildmasterConfig = {}\n" * 100)
        self.assertIn("not a SQLite database", str(await self.refusedFile(path)))
        await self.refusedFile(folder)


class PostgreSQLRevisionTests(RevisionTests, OnPostgreSQL):
    pass


del RevisionTests
