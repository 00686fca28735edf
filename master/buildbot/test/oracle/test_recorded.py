"""The recording that is kept in the repository."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy
from sqlalchemy import func, select
from twisted.trial.unittest import TestCase

from buildbot.db import schema

from . import recorded


class RecordedTest(TestCase):
    def test_database(self) -> None:
        """The recorded database can be loaded, and is one that a stock master has started over."""
        engine = sqlalchemy.create_engine("sqlite://")
        self.addCleanup(engine.dispose)
        recorded.load(engine)
        with engine.connect() as connection:
            own = connection.execute(select(schema.masters).where(schema.masters.c.id == 1)).one()
            chunks = connection.execute(select(func.count()).select_from(schema.logchunks)).scalar_one()
        self.assertEqual((own.active, own.last_active), (1, recorded.MOMENT))
        self.assertGreater(chunks, 1000)

    def test_answers(self) -> None:
        """Thousands of answers are kept, of every kind of status, and the specification of all 138 patterns."""
        answers = recorded.answers()
        self.assertGreater(len(answers), 8000)
        self.assertEqual({answer.status for answer in answers.values()}, {200, 400, 404, 500})
        patterns = answers["application.spec"].document["specs"]
        self.assertEqual(len(patterns), 138)

    def test_size(self) -> None:
        """Both together take at most 5 MB."""
        folder = Path(recorded.__file__).parent
        self.assertLess(sum(file.stat().st_size for file in folder.glob("*.xz")), 5_000_000)
