"""Every table that a definition may name: Buildbot's, and those of our own that are beside them or elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Table

from buildbot.db import own, schema

TABLES: Mapping[str, Table] = {**schema.metadata.tables, **own.metadata.tables}
