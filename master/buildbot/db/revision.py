"""Whether a database is one that can be read here: Buildbot 4.3's."""

from __future__ import annotations

from buildbot.db.snapshot import Snapshot
from buildbot.errors import DatabaseUnavailable

REVISION = "067"
"""The alembic revision that is read here: Buildbot 4.3's."""
_OLDER = frozenset(f"{number:03}" for number in range(59, 67))
_LAST_MIGRATE_VERSION = 58

_NAMES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')",
    "postgresql": "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p', 'v') "
    "AND pg_table_is_visible(oid) AND relnamespace <> 'pg_catalog'::regnamespace",
}


def checkRevision(snapshot: Snapshot) -> str:
    """The revision, if it is the one that is read here. Raises DatabaseUnavailable with what was found
    instead and what to do; for ``db.run("revision", checkRevision)``."""
    tables = {name for (name,) in snapshot.rows(_NAMES[snapshot.dialect], {})}
    if "alembic_version" in tables:
        found = [version for (version,) in snapshot.rows("SELECT version_num FROM alembic_version", {})]
        if found == [REVISION]:
            return REVISION
        raise DatabaseUnavailable(_otherRevision(found))
    if "migrate_version" in tables:
        versions = snapshot.rows("SELECT version FROM migrate_version", {})
        raise DatabaseUnavailable(_beforeAlembic([version for (version,) in versions]))
    if "version" in tables:
        raise DatabaseUnavailable(f"This is the database of a Buildbot before 0.8.0. {_STEPS}")
    if tables:
        raise DatabaseUnavailable(
            "This is a database, but not Buildbot's: it has no table alembic_version. Is the URL right?"
        )
    raise DatabaseUnavailable(
        "This database has no tables that one may see. Is the URL right? A Buildbot 4.3 master makes them with "
        "'buildbot create-master' or 'buildbot upgrade-master'."
    )


_STEPS = (
    "Upgrade it step by step, each time with 'buildbot upgrade-master': with the newest Buildbot 0.8, with 2.10, then "
    "with 4.3."
)


def _otherRevision(found: list[str]) -> str:
    reads = f"Revision {REVISION} can be read, that of Buildbot 4.3"
    if not found:
        return f"The table alembic_version is empty. {reads}: run its 'buildbot upgrade-master'."
    shown = " and ".join(sorted(found))
    if set(found) <= _OLDER:
        return (
            f"The database has revision {shown}, of a Buildbot before 4.3. {reads}: stop the master, install "
            "Buildbot 4.3 and run its 'buildbot upgrade-master'."
        )
    return f"The database has revision {shown}, which is not known here. {reads}: a newer version of this program may."


def _beforeAlembic(versions: list[int]) -> str:
    shown = " and ".join(str(version) for version in versions) or "none"
    found = f"The database has no alembic revision, but the older migrate version {shown}"
    if versions == [_LAST_MIGRATE_VERSION]:
        return f"{found}, of Buildbot 2.10: stop the master, install 4.3 and run its 'buildbot upgrade-master'."
    if versions and min(versions) >= 40:
        return (
            f"{found}, of a Buildbot between 0.9 and 2.10. Upgrade it with 'buildbot upgrade-master', first "
            "with Buildbot 2.10, then with 4.3."
        )
    return f"{found}, of a Buildbot 0.8. {_STEPS}"
