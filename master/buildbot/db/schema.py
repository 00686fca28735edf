"""The tables of Buildbot 4.3 (alembic revision 067) in SQLAlchemy Core: one variable for each, named like it.

Conventions that hold everywhere: times are whole seconds since the epoch, truth is a small integer 0 or 1, JSON is
text. Foreign keys are declared, but no SQLite database of Buildbot's was ever held to them: readers use outer
joins. Names of indexes and constraints are Buildbot's, so that either program can migrate the database.

(It is long because it is one list, and a table is found faster in one place than in six.)
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
)

REVISION = "067"
"""The alembic revision of Buildbot's that these tables are."""

metadata = MetaData()

alembic_version = Table(
    # In a collection of its own: it is alembic's, and its one row says which revision the others are.
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def _key(name: str = "id") -> Column[int]:
    return Column(name, Integer, primary_key=True)


def _within(target: str, name: str | None = None) -> ForeignKey:
    """The row goes when the row that it refers to goes."""
    return ForeignKey(target, name=name, ondelete="CASCADE")


def _about(target: str, name: str | None = None) -> ForeignKey:
    """The row stays, and refers to nothing, when the row that it refers to goes."""
    return ForeignKey(target, name=name, ondelete="SET NULL")


# -- what is configured

masters = Table(
    "masters",
    metadata,
    _key(),
    Column("name", Text, nullable=False),
    Column("name_hash", String(40), nullable=False),
    Column("active", Integer, nullable=False),
    Column("last_active", Integer, nullable=False),
    Index("master_name_hashes", "name_hash", unique=True),
)

projects = Table(
    "projects",
    metadata,
    _key(),
    Column("name", Text, nullable=False),
    Column("name_hash", String(40), nullable=False),
    Column("slug", String(50), nullable=False),
    Column("description", Text),
    Column("description_format", Text),
    Column("description_html", Text),
    Index("projects_name_hash", "name_hash", unique=True),
)

codebases = Table(
    "codebases",
    metadata,
    _key(),
    Column("projectid", Integer, _within("projects.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("name_hash", String(40), nullable=False),
    Column("slug", String(50), nullable=False),
    Index("codebases_projects_name_hash", "projectid", "name_hash", unique=True),
)

builders = Table(
    "builders",
    metadata,
    _key(),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("description_format", Text),
    Column("description_html", Text),
    Column("projectid", Integer, _about("projects.id", name="fk_builders_projectid")),
    Column("name_hash", String(40), nullable=False),
    Index("builders_projectid", "projectid"),
    Index("builder_name_hash", "name_hash", unique=True),
)

tags = Table(
    "tags",
    metadata,
    _key(),
    Column("name", Text, nullable=False),
    Column("name_hash", String(40), nullable=False),
    Index("tag_name_hash", "name_hash", unique=True),
)

builders_tags = Table(
    "builders_tags",
    metadata,
    _key(),
    Column("builderid", Integer, _within("builders.id"), nullable=False),
    Column("tagid", Integer, _within("tags.id"), nullable=False),
    Index("builders_tags_builderid", "builderid"),
    Index("builders_tags_unique", "builderid", "tagid", unique=True),
)

builder_masters = Table(
    "builder_masters",
    metadata,
    _key(),
    Column("builderid", Integer, _within("builders.id"), nullable=False),
    Column("masterid", Integer, _within("masters.id"), nullable=False),
    Index("builder_masters_builderid", "builderid"),
    Index("builder_masters_masterid", "masterid"),
    Index("builder_masters_identity", "builderid", "masterid", unique=True),
)

workers = Table(
    "workers",
    metadata,
    _key(),
    Column("name", String(50), nullable=False),
    Column("info", Text, nullable=False),
    Column("paused", SmallInteger, nullable=False, server_default="0"),
    Column("pause_reason", Text),
    Column("graceful", SmallInteger, nullable=False, server_default="0"),
    Index("workers_name", "name", unique=True),
)

configured_workers = Table(
    "configured_workers",
    metadata,
    _key(),
    Column("buildermasterid", Integer, _within("builder_masters.id"), nullable=False),
    Column("workerid", Integer, _within("workers.id"), nullable=False),
    Index("configured_workers_buildmasterid", "buildermasterid"),
    Index("configured_workers_workers", "workerid"),
    Index("configured_workers_identity", "buildermasterid", "workerid", unique=True),
)

connected_workers = Table(
    "connected_workers",
    metadata,
    _key(),
    Column("masterid", Integer, _within("masters.id"), nullable=False),
    Column("workerid", Integer, _within("workers.id"), nullable=False),
    Index("connected_workers_masterid", "masterid"),
    Index("connected_workers_workers", "workerid"),
    Index("connected_workers_identity", "masterid", "workerid", unique=True),
)

schedulers = Table(
    "schedulers",
    metadata,
    _key(),
    Column("name", Text, nullable=False),
    Column("name_hash", String(40), nullable=False),
    Column("enabled", SmallInteger, server_default="1"),
    Index("scheduler_name_hash", "name_hash", unique=True),
)

scheduler_masters = Table(
    "scheduler_masters",
    metadata,
    Column("schedulerid", Integer, _within("schedulers.id"), primary_key=True),
    Column("masterid", Integer, _within("masters.id"), nullable=False),
)

changesources = Table(
    "changesources",
    metadata,
    _key(),
    Column("name", Text, nullable=False),
    Column("name_hash", String(40), nullable=False),
    Index("changesource_name_hash", "name_hash", unique=True),
)

changesource_masters = Table(
    "changesource_masters",
    metadata,
    Column("changesourceid", Integer, _within("changesources.id"), primary_key=True),
    Column("masterid", Integer, _within("masters.id"), nullable=False),
)

# -- the code that is built

patches = Table(
    "patches",
    metadata,
    _key(),
    Column("patchlevel", Integer, nullable=False),
    Column("patch_base64", Text, nullable=False),
    Column("patch_author", Text, nullable=False),
    Column("patch_comment", Text, nullable=False),
    Column("subdir", Text),
)

sourcestamps = Table(
    "sourcestamps",
    metadata,
    _key(),
    Column("ss_hash", String(40), nullable=False),
    Column("branch", String(256)),
    Column("revision", String(256)),
    Column("patchid", Integer, _within("patches.id")),
    Column("repository", String(512), nullable=False, server_default=""),
    Column("codebase", String(256), nullable=False, server_default=""),
    Column("project", String(512), nullable=False, server_default=""),
    Column("created_at", Integer, nullable=False),
    Index("sourcestamps_ss_hash_key", "ss_hash", unique=True),
)

changes = Table(
    "changes",
    metadata,
    _key("changeid"),
    Column("author", String(255), nullable=False),
    Column("committer", String(255)),
    Column("comments", Text, nullable=False),
    Column("branch", String(255)),
    Column("revision", String(255)),
    Column("revlink", String(256)),
    Column("when_timestamp", Integer, nullable=False),
    Column("category", String(255)),
    Column("repository", String(512), nullable=False, server_default=""),
    Column("codebase", String(256), nullable=False, server_default=""),
    Column("project", String(512), nullable=False, server_default=""),
    Column("sourcestampid", Integer, _within("sourcestamps.id"), nullable=False),
    # One id, whatever the name says.
    Column("parent_changeids", Integer, _about("changes.changeid")),
    Index("changes_branch", "branch"),
    Index("changes_revision", "revision"),
    Index("changes_author", "author"),
    Index("changes_category", "category"),
    Index("changes_when_timestamp", "when_timestamp"),
    Index("changes_sourcestampid", "sourcestampid"),
)

change_files = Table(
    "change_files",
    metadata,
    Column("changeid", Integer, _within("changes.changeid"), nullable=False),
    Column("filename", String(1024), nullable=False),
    Index("change_files_changeid", "changeid"),
)

change_properties = Table(
    "change_properties",
    metadata,
    Column("changeid", Integer, _within("changes.changeid"), nullable=False),
    Column("property_name", String(256), nullable=False),
    Column("property_value", Text, nullable=False),
    Index("change_properties_changeid", "changeid"),
)

users = Table(
    "users",
    metadata,
    _key("uid"),
    Column("identifier", String(255), nullable=False),
    Column("bb_username", String(128)),
    Column("bb_password", String(128)),
    Index("users_identifier", "identifier", unique=True),
    Index("users_bb_user", "bb_username", unique=True),
)

users_info = Table(
    "users_info",
    metadata,
    Column("uid", Integer, _within("users.uid"), nullable=False),
    Column("attr_type", String(128), nullable=False),
    Column("attr_data", String(128), nullable=False),
    Index("users_info_uid", "uid"),
    Index("users_info_uid_attr_type", "uid", "attr_type", unique=True),
    Index("users_info_attrs", "attr_type", "attr_data", unique=True),
)

change_users = Table(
    "change_users",
    metadata,
    Column("changeid", Integer, _within("changes.changeid"), nullable=False),
    Column("uid", Integer, _within("users.uid"), nullable=False),
    Index("change_users_changeid", "changeid"),
)

codebase_commits = Table(
    "codebase_commits",
    metadata,
    _key(),
    Column("codebaseid", Integer, _within("codebases.id"), nullable=False),
    Column("author", String(255), nullable=False),
    Column("committer", String(255)),
    Column("comments", Text, nullable=False),
    Column("when_timestamp", Integer, nullable=False),
    Column("revision", String(70), nullable=False),
    Column("parent_commitid", Integer, _about("codebase_commits.id")),
    Index("codebase_commits_unique", "codebaseid", "revision", unique=True),
)

codebase_branches = Table(
    "codebase_branches",
    metadata,
    _key(),
    Column("codebaseid", Integer, _within("codebases.id"), nullable=False),
    Column("name", String(255), nullable=False),
    Column("name_hash", String(40), nullable=False),
    Column("commitid", Integer, _about("codebase_commits.id")),
    Column("last_timestamp", Integer, nullable=False),
    Index("codebase_branches_unique", "codebaseid", "name_hash", unique=True),
)

# -- requests and builds

buildsets = Table(
    "buildsets",
    metadata,
    _key(),
    Column("external_idstring", String(256)),
    Column("reason", String(256)),
    Column("submitted_at", Integer, nullable=False),
    Column("complete", SmallInteger, nullable=False, server_default="0"),
    Column("complete_at", Integer),
    Column("results", SmallInteger),
    # These two are named because they close a circle (build, request, set), and are added after the tables.
    Column("parent_buildid", Integer, _about("builds.id", name="parent_buildid")),
    Column("parent_relationship", Text),
    Column("rebuilt_buildid", Integer, _about("builds.id", name="rebuilt_buildid")),
    Index("buildsets_complete", "complete"),
    Index("buildsets_submitted_at", "submitted_at"),
)

buildset_properties = Table(
    "buildset_properties",
    metadata,
    Column("buildsetid", Integer, _within("buildsets.id"), nullable=False),
    Column("property_name", String(256), nullable=False),
    Column("property_value", Text, nullable=False),
    Index("buildset_properties_buildsetid", "buildsetid"),
)

buildset_sourcestamps = Table(
    "buildset_sourcestamps",
    metadata,
    _key(),
    Column("buildsetid", Integer, _within("buildsets.id"), nullable=False),
    Column("sourcestampid", Integer, _within("sourcestamps.id"), nullable=False),
    Index("buildset_sourcestamps_buildsetid", "buildsetid"),
    Index("buildset_sourcestamps_unique", "buildsetid", "sourcestampid", unique=True),
)

buildrequests = Table(
    "buildrequests",
    metadata,
    _key(),
    Column("buildsetid", Integer, _within("buildsets.id"), nullable=False),
    Column("builderid", Integer, _within("builders.id"), nullable=False),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("complete", Integer, server_default="0"),
    Column("results", SmallInteger),
    Column("submitted_at", Integer, nullable=False),
    Column("complete_at", Integer),
    Column("waited_for", SmallInteger, server_default="0"),
    Index("buildrequests_buildsetid", "buildsetid"),
    Index("buildrequests_builderid", "builderid"),
    Index("buildrequests_complete", "complete"),
)

buildrequest_claims = Table(
    "buildrequest_claims",
    metadata,
    Column("brid", Integer, _within("buildrequests.id"), nullable=False),
    Column("masterid", Integer, _within("masters.id"), nullable=False),
    Column("claimed_at", Integer, nullable=False),
    Index("buildrequest_claims_brids", "brid", unique=True),
    Index("ix_buildrequest_claims_masterid", "masterid"),
)

builds = Table(
    "builds",
    metadata,
    _key(),
    Column("number", Integer, nullable=False),
    Column("builderid", Integer, _within("builders.id"), nullable=False),
    Column("buildrequestid", Integer, _within("buildrequests.id", name="buildrequestid"), nullable=False),
    Column("workerid", Integer, _about("workers.id")),
    Column("masterid", Integer, _within("masters.id"), nullable=False),
    Column("started_at", Integer, nullable=False),
    Column("complete_at", Integer),
    Column("locks_duration_s", Integer, nullable=False),
    Column("state_string", Text, nullable=False),
    Column("results", Integer),
    Index("builds_buildrequestid", "buildrequestid"),
    Index("builds_workerid", "workerid"),
    Index("builds_masterid", "masterid"),
    Index("builds_number", "builderid", "number", unique=True),
)

build_properties = Table(
    "build_properties",
    metadata,
    Column("buildid", Integer, _within("builds.id"), nullable=False),
    Column("name", String(256), nullable=False),
    Column("value", Text, nullable=False),
    Column("source", String(256), nullable=False),
    Index("build_properties_buildid", "buildid"),
)

build_data = Table(
    "build_data",
    metadata,
    _key(),
    Column("buildid", Integer, _within("builds.id"), nullable=False),
    Column("name", String(256), nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("length", Integer, nullable=False),
    Column("source", String(256), nullable=False),
    Index("build_data_buildid_name", "buildid", "name", unique=True),
)

steps = Table(
    "steps",
    metadata,
    _key(),
    Column("number", Integer, nullable=False),
    Column("name", String(50), nullable=False),
    Column("buildid", Integer, _within("builds.id"), nullable=False),
    Column("started_at", Integer),
    Column("locks_acquired_at", Integer),
    Column("complete_at", Integer),
    Column("state_string", Text, nullable=False),
    Column("results", Integer),
    Column("urls_json", Text, nullable=False),
    Column("hidden", SmallInteger, nullable=False, server_default="0"),
    Index("steps_number", "buildid", "number", unique=True),
    Index("steps_name", "buildid", "name", unique=True),
    Index("steps_started_at", "started_at"),
)

logs = Table(
    "logs",
    metadata,
    _key(),
    Column("name", Text, nullable=False),
    Column("slug", String(50), nullable=False),
    Column("stepid", Integer, _within("steps.id"), nullable=False),
    Column("complete", SmallInteger, nullable=False),
    Column("num_lines", Integer, nullable=False),
    Column("type", String(1), nullable=False),
    Index("logs_slug", "stepid", "slug", unique=True),
)

logchunks = Table(
    "logchunks",
    metadata,
    Column("logid", Integer, _within("logs.id"), nullable=False),
    Column("first_line", Integer, nullable=False),
    Column("last_line", Integer, nullable=False),
    Column("content", LargeBinary),
    Column("compressed", SmallInteger, nullable=False),
    Index("logchunks_firstline", "logid", "first_line"),
    Index("logchunks_lastline", "logid", "last_line"),
)

# -- what is remembered, and test results

objects = Table(
    "objects",
    metadata,
    _key(),
    Column("name", String(128), nullable=False),
    Column("class_name", String(128), nullable=False),
    Index("object_identity", "name", "class_name", unique=True),
)

object_state = Table(
    "object_state",
    metadata,
    Column("objectid", Integer, _within("objects.id"), nullable=False),
    Column("name", String(255), nullable=False),
    Column("value_json", Text, nullable=False),
    Index("name_per_object", "objectid", "name", unique=True),
)

scheduler_changes = Table(
    "scheduler_changes",
    metadata,
    Column("schedulerid", Integer, _within("schedulers.id"), nullable=False),
    Column("changeid", Integer, _within("changes.changeid"), nullable=False),
    Column("important", Integer),
    Index("scheduler_changes_schedulerid", "schedulerid"),
    Index("scheduler_changes_changeid", "changeid"),
    Index("scheduler_changes_unique", "schedulerid", "changeid", unique=True),
)

test_result_sets = Table(
    "test_result_sets",
    metadata,
    _key(),
    Column("builderid", Integer, _within("builders.id"), nullable=False),
    Column("buildid", Integer, _within("builds.id"), nullable=False),
    Column("stepid", Integer, _within("steps.id"), nullable=False),
    Column("description", Text),
    Column("category", Text, nullable=False),
    Column("value_unit", Text, nullable=False),
    Column("tests_passed", Integer),
    Column("tests_failed", Integer),
    Column("complete", SmallInteger, nullable=False),
)

test_results = Table(
    "test_results",
    metadata,
    _key(),
    Column("builderid", Integer, _within("builders.id"), nullable=False),
    Column("test_result_setid", Integer, _within("test_result_sets.id"), nullable=False),
    Column("test_nameid", Integer, _within("test_names.id")),
    Column("test_code_pathid", Integer, _within("test_code_paths.id")),
    Column("line", Integer),
    Column("duration_ns", Integer),
    Column("value", Text, nullable=False),
)

test_names = Table(
    "test_names",
    metadata,
    _key(),
    Column("builderid", Integer, _within("builders.id"), nullable=False),
    Column("name", Text, nullable=False),
    Index("test_names_name", "builderid", "name"),
)

test_code_paths = Table(
    "test_code_paths",
    metadata,
    _key(),
    Column("builderid", Integer, _within("builders.id"), nullable=False),
    Column("path", Text, nullable=False),
    Index("test_code_paths_path", "builderid", "path"),
)


def copied(tables: MetaData = metadata) -> MetaData:
    """The same tables, to make them in a database: where SQLAlchemy adds foreign keys by ALTER TABLE, it marks those,
    and leaves them out of every later CREATE TABLE of the same process, on SQLite as well."""
    copy = MetaData()
    for table in tables.tables.values():
        table.to_metadata(copy)
    return copy
