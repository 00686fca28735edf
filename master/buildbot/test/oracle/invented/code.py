"""Patches, source stamps, changes with their chains of parents, users, commits and branches."""

from __future__ import annotations

import base64
from random import Random

import attrs

from .rows import EPOCH, Rows, asJson, hashOf

VALUES = [
    1,
    -3,
    1.5,
    True,
    False,
    None,
    "",
    "text",
    "größe 日本",
    [1, "a", None],
    {"b": {"c": []}, "a": 1},
    [],
    {},
]
"""A property's value can be any of these kinds."""

REPOSITORIES = {
    "": "https://example.org/r.git",
    "cb": "https://example.org/größe.git",
    "lib": "ssh://lib/l.git",
}

AUTHORS = ["Dev One <dev@example.org>", "größe <ue@example.org>", "開発者", "100%_sure", "", "dev two"]


@attrs.frozen
class Code:
    """What builds are made of: stamps by codebase, the patched ones, and those of changes."""

    stamps: dict[str, list[int]]
    patched: list[int]


def code(rows: Rows, random: Random) -> Code:
    """Everything that change sources write, and the stamps that others made."""
    stamps: dict[str, list[int]] = {codebase: [] for codebase in REPOSITORIES}
    for codebase, repository in REPOSITORIES.items():
        for branch in ("main", None, "", "größe/ä", "release 1.0"):
            for number in range(1, 6 if branch == "main" else 3):
                revision = None if number == 2 and branch != "main" else _revision(codebase, branch, number)
                project = "Proj" if codebase == "lib" else ""
                stamps[codebase].append(_stamp(rows, branch, revision, repository, project, codebase))
    patched = _patched(rows)
    _users(rows)
    _changes(rows, random, stamps)
    _commits(rows)
    return Code(stamps, patched)


def _revision(codebase: str, branch: str | None, number: int) -> str:
    return hashOf(codebase, branch, number)


def _stamp(
    rows: Rows,
    branch: str | None,
    revision: str | None,
    repository: str,
    project: str = "",
    codebase: str = "",
    patchid: int | None = None,
) -> int:
    return rows.add(
        "sourcestamps",
        ss_hash=hashOf(branch, revision, repository, project, codebase, patchid),
        branch=branch,
        revision=revision,
        patchid=patchid,
        repository=repository,
        codebase=codebase,
        project=project,
        created_at=EPOCH + 10 * (1 + len(rows.tables["sourcestamps"])),
    )


def _patched(rows: Rows) -> list[int]:
    bodies = [b"--- a\n+++ b\n", "+größe\n".encode(), b"\xff\xfe\x00latin", b""]
    stamps = []
    for number, body in enumerate(bodies):
        patchid = rows.add(
            "patches",
            patchlevel=number,
            patch_base64=base64.b64encode(body).decode(),
            patch_author=AUTHORS[number],
            patch_comment="größe\nof it" if number % 2 else "",
            subdir=None if number % 2 else "src/größe",
        )
        stamps.append(_stamp(rows, "main", "abc", REPOSITORIES[""], patchid=patchid))
    stamps.append(_stamp(rows, "main", "abc", REPOSITORIES[""], patchid=999))
    return stamps


def _users(rows: Rows) -> None:
    for number, author in enumerate(AUTHORS[:4]):
        uid = rows.add("users", identifier=author, bb_username=f"u{number}" if number else None)
        rows.add("users_info", uid=uid, attr_type="git", attr_data=author)


def _changes(rows: Rows, random: Random, stamps: dict[str, list[int]]) -> None:
    newest: dict[tuple[str | None, str, str, str], int] = {}
    whole = [each for codebase in stamps.values() for each in codebase]
    for number in range(1, 121):
        stampid = random.choice(whole)
        stamp = rows.row("sourcestamps", stampid)
        key = (stamp["branch"], stamp["repository"], stamp["project"], stamp["codebase"])
        # The oldest was removed, so that some chains begin with a parent that is not there.
        parent = newest.get(key, 9000 + number if number % 7 == 0 else None)
        newest[key] = _change(rows, random, number, stampid, parent)
    rows.add("changes", **_lostChange())


def _change(rows: Rows, random: Random, number: int, stampid: int, parent: int | None) -> int:
    stamp = rows.row("sourcestamps", stampid)
    changeid = rows.add(
        "changes",
        author=random.choice(AUTHORS),
        committer=random.choice([None, "committer", AUTHORS[1]]),
        comments=random.choice(["", "one line", "größe\n\nmore of it\n", "100% sure_thing", "quote \" ' \\ <b>"]),
        branch=stamp["branch"],
        revision=stamp["revision"],
        revlink=random.choice([None, "", f"https://example.org/c/{number}"]),
        when_timestamp=EPOCH + random.choice([-86400, number, 50 * number, 10_000_000]),
        category=random.choice([None, "", "cat", "größe"]),
        repository=stamp["repository"],
        codebase=stamp["codebase"],
        project=stamp["project"],
        sourcestampid=stampid,
        parent_changeids=parent,
    )
    for file in range(random.choice([0, 1, 1, 3])):
        name = random.choice(["a.txt", f"src/größe {file}.c", "日本", "100%_"])
        rows.add("change_files", changeid=changeid, filename=name)
    for name, value in zip(("one", "größe"), random.sample(VALUES, random.choice([0, 1, 2])), strict=False):
        rows.add(
            "change_properties",
            changeid=changeid,
            property_name=name,
            property_value=asJson([value, "Change"]),
        )
    if number % 3 == 0:
        rows.add("change_users", changeid=changeid, uid=1 + number % 4)
    if number % 11 == 0:
        rows.add("scheduler_changes", schedulerid=2, changeid=changeid, important=number % 2)
    return changeid


def _lostChange() -> dict[str, object]:
    return {
        "author": "nobody",
        "committer": None,
        "comments": "its stamp is not there",
        "branch": "lost",
        "revision": None,
        "revlink": None,
        "when_timestamp": 0,
        "category": None,
        "repository": "",
        "codebase": "",
        "project": "",
        "sourcestampid": 999,
        "parent_changeids": None,
    }


def _commits(rows: Rows) -> None:
    """In codebase 1 eight in a row, a side branch from the third, one with an unknown parent; in 3 two."""
    chain = [_commit(rows, 1, None, 1)]
    for number in range(2, 9):
        chain.append(_commit(rows, 1, chain[-1], number))
    side = _commit(rows, 1, chain[2], 20)
    side = _commit(rows, 1, side, 21)
    alone = _commit(rows, 1, 999, 30)
    other = _commit(rows, 3, _commit(rows, 3, None, 1), 2)
    heads: dict[tuple[int, str], int | None] = {
        (1, "refs/heads/main"): chain[-1],
        (1, "refs/heads/größe"): side,
        (1, "none"): None,
        (1, "lost"): 998,
        (2, "main"): alone,
        (3, "main"): other,
        (99, "main"): other,
    }
    for (codebaseid, name), commitid in heads.items():
        rows.named(
            "codebase_branches",
            name,
            codebaseid=codebaseid,
            commitid=commitid,
            last_timestamp=EPOCH + (commitid or 0),
        )


def _commit(rows: Rows, codebaseid: int, parent: int | None, number: int) -> int:
    return rows.add(
        "codebase_commits",
        codebaseid=codebaseid,
        author=AUTHORS[number % 3],
        committer=None if number % 2 else "committer",
        comments=f"größe {number}\n",
        when_timestamp=EPOCH + 60 * number,
        # The first five are also revisions of stamps, which is how results of a range are found.
        revision=_revision("cb" if codebaseid == 1 else "lib", "main", number),
        parent_commitid=parent,
    )
