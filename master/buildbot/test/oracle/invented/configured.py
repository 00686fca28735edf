"""Masters, builders, workers and what else is configured: names of every kind, links that lead nowhere."""

from __future__ import annotations

from .rows import EPOCH, Rows, asJson

OWN, PEER, DEAD, CRASHED = 1, 2, 3, 4
"""The master that is started over the database; one that seems alive; one that stopped; one that fell."""

OWN_NAME = "host1:/srv/bb/master"

STILL_ALIVE = 2_000_000_000
"""A heartbeat so late that no master will ever think this one dead."""

BUILDERS: dict[str, tuple[list[str], list[int]]] = {
    # name: (tags, masters that run it before the start)
    "linux": (["t1", "t2"], [OWN, PEER]),
    "mac os x": (["t1", "with space"], [PEER]),
    "größe/test": (["größe"], [OWN]),
    "123": ([], [PEER]),
    "a/b": (["t2"], [PEER, DEAD]),
    "日本": (["t1", "t2", "größe"], [PEER]),
    "no longer": (["t1"], []),
    "virtual-1": (["_virtual_"], []),
    "multi": (["t2", "T1"], [OWN, PEER]),
    "child": ([], [OWN, PEER]),
    "retrying": (["100%_sure"], [PEER]),
    "never built": ([], [PEER]),
    "fallen": ([], [CRASHED]),
    "-dash.and_dot": (["t1"], [PEER]),
}

WORKERS = ["w1", "w2", "w.three", "wörker", "never-seen", "55", "-dash"]


def configured(rows: Rows) -> None:
    """Everything that masters write when they read their configuration."""
    _masters(rows)
    _projects(rows)
    _builders(rows)
    _workers(rows)
    _sources(rows)


def _masters(rows: Rows) -> None:
    rows.named("masters", OWN_NAME, active=0, last_active=EPOCH)
    rows.named("masters", "host2:/srv/bb/peer", active=1, last_active=STILL_ALIVE)
    rows.named("masters", "dead:/größe/with space", active=0, last_active=EPOCH + 5)
    rows.named("masters", "crashed:/srv/bb/x", active=1, last_active=EPOCH + 7)


def _projects(rows: Rows) -> None:
    for name, words in {
        "proj": (None, None, None),
        "Proj One": ("one *word*", "markdown", "<p>one <em>word</em></p>"),
        "7seven": ("plain", None, None),
        "grün": ("", "markdown", ""),
        "of-nothing": ("no builder has it", None, None),
        "gone": (None, None, None),
    }.items():
        description, kind, html = words
        rows.named(
            "projects",
            name,
            slug=name,
            description=description,
            description_format=kind,
            description_html=html,
        )
    for name, projectid in (("cb", 1), ("lib", 1), ("cb", 2), ("two words", 2), ("größe", 4), ("lost", 99)):
        rows.named("codebases", name, projectid=projectid, slug=name)


def _builders(rows: Rows) -> None:
    projects: list[int | None] = [1, 1, 4, None, 2, None, 6, None, 3, None, None, None, 999, 2]
    tags: dict[str, int] = {}
    for (name, (its, masters)), projectid in zip(BUILDERS.items(), projects, strict=True):
        marked = projectid == 2
        builderid = rows.named(
            "builders",
            name,
            description=f"builds *{name}*" if projectid else None,
            description_format="markdown" if marked else None,
            description_html=f"<p>builds <em>{name}</em></p>" if marked else None,
            projectid=projectid,
        )
        for tag in its:
            if tag not in tags:
                tags[tag] = rows.named("tags", tag)
        rows.link("builders_tags", "builderid", builderid, "tagid", [tags[tag] for tag in its])
        rows.link("builder_masters", "builderid", builderid, "masterid", masters)
    rows.add("builders_tags", builderid=2, tagid=99)
    rows.add("builders_tags", builderid=99, tagid=1)
    rows.add("builder_masters", builderid=99, masterid=PEER)
    rows.add("builder_masters", builderid=10, masterid=99)


def _workers(rows: Rows) -> None:
    full = {"admin": "Ops <ops@example.org>\n", "host": "größe\n", "access_uri": None, "version": "4.3.0"}
    older = {"admin": None, "host": None, "access_uri": "ssh://w2", "version": "3.11.0", "slavever": "0.8"}
    infos = [full, older, full, full, {}, {}, {"version": 5, "deep": {"b": [1, None, "ü"], "a": 1.5}}]
    for name, info in zip(WORKERS, infos, strict=True):
        paused = name in ("w2", "55")
        rows.add(
            "workers",
            name=name,
            info=asJson(info),
            paused=int(paused),
            pause_reason="größe: disk full" if name == "w2" else None,
            graceful=int(name == "w.three"),
        )
    for pair in rows.ids("builder_masters"):
        # Every second pair has one worker, the others two or three, and one has none.
        rows.link("configured_workers", "buildermasterid", pair, "workerid", range(1, 1 + pair % 4))
    rows.add("configured_workers", buildermasterid=99, workerid=1)
    rows.add("configured_workers", buildermasterid=2, workerid=99)
    for masterid, workerid in ((PEER, 1), (PEER, 2), (OWN, 3), (DEAD, 1), (99, 4), (PEER, 99), (CRASHED, 6)):
        rows.add("connected_workers", masterid=masterid, workerid=workerid)


def _sources(rows: Rows) -> None:
    schedulers = {
        "all": PEER,
        "nightly": PEER,
        "trig": OWN,
        "force": OWN,
        "off": PEER,
        "größe": DEAD,
        "77": None,
    }
    for name, masterid in schedulers.items():
        schedulerid = rows.named("schedulers", name, enabled=int(name not in ("off", "77")))
        if masterid is not None:
            rows.add("scheduler_masters", schedulerid=schedulerid, masterid=masterid)
    rows.add("scheduler_masters", schedulerid=rows.named("schedulers", "lost", enabled=1), masterid=99)
    for name, masterid in {
        "git poller": PEER,
        "https://example.org/größe.git": CRASHED,
        "idle": None,
    }.items():
        changesourceid = rows.named("changesources", name)
        if masterid is not None:
            rows.add("changesource_masters", changesourceid=changesourceid, masterid=masterid)
    lost = rows.named("changesources", "lost")
    rows.add("changesource_masters", changesourceid=lost, masterid=99)
