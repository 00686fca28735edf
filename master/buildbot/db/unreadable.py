"""What an operator is told who names a database that cannot be read."""

from __future__ import annotations

from buildbot.db.connector import Database
from buildbot.db.url import Location
from buildbot.errors import StatusError


def unreadable(database: Database, error: StatusError) -> str:
    """Which database it is, without a password, and why it cannot be read: also what clients are not told."""
    return notes(database.location, error)


def notes(location: Location, error: StatusError) -> str:
    """The same, where the database was not opened."""
    # Somebody who starts a program starts it again; nothing is tried by itself.
    sentence = str(error).partition(" It is tried again")[0]
    said = [" ".join(note.removeprefix(f"{location.path}: ").split()) for note in getattr(error, "__notes__", ())]
    reason = "".join(f" ({note})" for note in said)
    return f"{location.shown}: {sentence}{reason}"
