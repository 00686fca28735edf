"""Which changes a build is the first to hold."""

from __future__ import annotations

from buildbot.status.definition import SQL

CANDIDATES = 500
"""How many earlier successful builds are looked at; without a bound, a branch that was never green costs seconds."""
LONGEST = 1000
"""How many changes back a chain is followed."""
CHANGES = f"""Those that the builder's last successful build of the same repositories, branches and codebases did not
hold; newest first. Of each codebase at most {LONGEST}, and that build is looked for among the last {CANDIDATES}
successful ones."""

_STAMPS = """SELECT s.id, s.repository, s.branch, s.codebase FROM builds b
  JOIN buildrequests r ON r.id = b.buildrequestid
  JOIN buildset_sourcestamps bs ON bs.buildsetid = r.buildsetid
  JOIN sourcestamps s ON s.id = bs.sourcestampid WHERE b.id = """
_PLACES = "SELECT repository, branch, codebase FROM"

SQL_TEXT = f"""
WITH RECURSIVE target AS (SELECT id, builderid, number FROM builds WHERE id = {{v}}),
mine AS ({_STAMPS} (SELECT id FROM target)),
candidates AS (SELECT b.id, b.number FROM builds b JOIN target ON b.builderid = target.builderid
  WHERE b.number < target.number AND b.results = 0 ORDER BY b.number DESC LIMIT {CANDIDATES}),
green AS (SELECT c.id FROM builds c JOIN target ON c.builderid = target.builderid
  WHERE c.number < target.number AND c.number >= (SELECT min(number) FROM candidates) AND c.results = 0
    AND NOT EXISTS ({_PLACES} ({_STAMPS} c.id) x EXCEPT {_PLACES} mine)
    AND NOT EXISTS ({_PLACES} mine EXCEPT {_PLACES} ({_STAMPS} c.id) y)
  ORDER BY c.number DESC LIMIT 1),
known AS (SELECT (SELECT max(c.changeid) FROM changes c WHERE c.sourcestampid = s.id) AS changeid
  FROM ({_STAMPS} (SELECT id FROM green)) s),
walk(changeid, parent, depth) AS (
  SELECT c.changeid, c.parent_changeids, 1 FROM changes c
   WHERE c.changeid IN (SELECT (SELECT max(n.changeid) FROM changes n WHERE n.sourcestampid = mine.id) FROM mine)
     AND NOT EXISTS (SELECT 1 FROM known WHERE known.changeid = c.changeid)
  UNION
  SELECT c.changeid, c.parent_changeids, walk.depth + 1 FROM walk JOIN changes c ON c.changeid = walk.parent
   WHERE walk.depth < {LONGEST} AND NOT EXISTS (SELECT 1 FROM known WHERE known.changeid = c.changeid))
SELECT changeid FROM walk"""


def changesOf(v: SQL, t: SQL, q: SQL) -> SQL:
    """The changes of build ``v``. A chain may be broken where old changes were removed; it ends there."""
    return q.isIn(t.changeid, SQL_TEXT, v=v)
