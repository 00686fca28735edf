"""The differences from a stock master that are meant: one rule each, by name, to be listed in the documentation.

A rule says when it applies. That ours is then right is checked as far as it follows from what a stock master says
elsewhere: see ``compare``.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from .model import COMPARE, Question
from .recorded import Recorded
from .samples import Record

KNOWN_OPERATORS = (*COMPARE, "ne", "in", "notin")
ONE_VALUE = ("lt", "le", "gt", "ge")
LARGEST = 10_000
"""The largest limit and offset of ours."""


@attrs.frozen
class Case:
    """One address, what a stock master answered, and what we did."""

    asked: Question
    stock: Recorded
    ours: Recorded

    @property
    def statuses(self) -> tuple[int, int]:
        return self.stock.status, self.ours.status


@attrs.frozen
class Rule:
    """A difference that is meant."""

    name: str
    sentence: str
    """What a stock master does, and what we do instead."""
    applies: Callable[[Case], bool] = attrs.field(repr=False)
    modelled: bool = True
    """Whether what a list holds then follows from the model."""


# -- what the predicates are made of


def _unknownParameter(case: Case) -> bool:
    fields = case.asked.fields
    return any(
        each.name not in fields or each.operator not in KNOWN_OPERATORS for each in case.asked.filters if fields
    ) or any("__" in name and name not in fields for name, _ in case.asked.parameters if not fields)


def _severalForOne(case: Case) -> bool:
    return any(each.operator in ONE_VALUE and len(each.texts) > 1 for each in case.asked.filters)


def _senseless(case: Case) -> bool:
    """An operator that means nothing for the field's kind, or an order by something that has none."""
    fields = case.asked.fields
    for each in case.asked.filters:
        kind = fields[each.name].kind if each.name in fields else ""
        isText, isList = kind in ("string", "identifier"), kind in ("strings", "integers", "identifiers")
        contains = each.operator == "contains"
        if kind == "opaque" or (isList and not contains) or (contains and not isList and not isText):
            return True
        if kind == "boolean" and each.operator in ONE_VALUE:
            return True
    return any(
        name in fields and (fields[name].kind + "s").endswith(("ss", "opaques")) for name, _ in case.asked.orders
    )


def _total(answer: Recorded) -> int | None:
    return answer.document["meta"].get("total") if isinstance(answer.document, dict) else None


def _isLeft(case: Case) -> bool:
    """Whether a stock master lists nothing, and we what names the number in the path."""
    name = case.asked.path[0].removesuffix("s") + "id"
    records: list[Record] = next((each for key, each in case.ours.document.items() if key != "meta"), [])
    return _total(case.stock) == 0 and all(str(each.get(name)) == case.asked.path[1] for each in records)


def _isPage(case: Case) -> bool:
    return bool(case.asked.values("limit") or case.asked.values("offset"))


def _absurdPage(case: Case) -> bool:
    texts = [*case.asked.values("limit")[:1], *case.asked.values("offset")[:1]]
    numbers = [int(text) for text in texts if _isInt(text)]
    return any(number < 0 or number > LARGEST for number in numbers)


def _isInt(text: str) -> bool:
    try:
        int(text)
    except ValueError:
        return False
    return True


def _pathSpelling(case: Case) -> bool:
    return any(_isInt(part) and not (part.isdecimal() and part.isascii()) and part != "-1" for part in case.asked.path)


def _pathHuge(case: Case) -> bool:
    return any(_isInt(part) and abs(int(part)) >= 2**31 for part in case.asked.path)


def _latest(case: Case) -> bool:
    return "-1" in case.asked.path


def _needsText(case: Case) -> bool:
    """A value that our field takes as any text, and a stock master only as an identifier."""
    fields = case.asked.fields
    return any(each.name in fields and fields[each.name].kind == "identifier" for each in case.asked.filters)


def _noPattern(case: Case) -> bool:
    return case.asked.pattern is None


def _operator(*operators: str) -> Callable[[Case], bool]:
    return lambda case: any(each.operator in operators for each in case.asked.filters)


def _filteredKind(*kinds: str) -> Callable[[Case], bool]:
    return lambda case: any(
        each.name in case.asked.fields and case.asked.fields[each.name].kind in kinds for each in case.asked.filters
    )


def _isNoPage(case: Case, answer: Recorded) -> bool:
    """Whether it is a page of a log without a line."""
    chunks = answer.document.get("logchunks", []) if isinstance(answer.document, dict) else []
    return _isPage(case) and bool(chunks) and all(each.get("content", "") == "" for each in chunks)


def _type(*types: str) -> Callable[[Case], bool]:
    return lambda case: case.asked.pattern is not None and case.asked.pattern.type in types


def _isList(case: Case) -> bool:
    return case.asked.pattern is not None and case.asked.pattern.isCollection


def _below(case: Case) -> bool:
    return case.asked.pattern is not None and bool(case.asked.pattern.variables)


def _unselected(case: Case) -> bool:
    names = case.asked.values("field")
    used = [each.name for each in case.asked.filters] + [name for name, _ in case.asked.orders]
    return bool(names) and any(name not in names for name in used)


def _takenOut(case: Case) -> bool:
    names = (
        "complete",
        "claimed",
        "claimed_by_masterid",
        "buildsetid",
        "buildrequestid",
        "paused",
        "graceful",
        "active",
    )
    return any(each.name in names and (len(each.texts) > 1 or each.operator != "eq") for each in case.asked.filters)


def _all(*conditions: Callable[[Case], bool]) -> Callable[[Case], bool]:
    return lambda case: all(condition(case) for condition in conditions)


def _any(*conditions: Callable[[Case], bool]) -> Callable[[Case], bool]:
    return lambda case: any(condition(case) for condition in conditions)


def _status(stock: int | None, *ours: int) -> Callable[[Case], bool]:
    return lambda case: (stock is None or case.stock.status == stock) and case.ours.status in ours


_SPELLING = Rule(
    "spelling of numbers in paths",
    "Buildbot takes 1_0, +1, and blanks around numbers in paths; here digits are a number, and anything else is a"
    " name, or a path that there is not. Nothing has an empty name.",
    _all(lambda case: _pathSpelling(case) or "" in case.asked.path[1:], _status(None, 200, 404)),
    modelled=False,
)

_LATEST = Rule(
    "latest",
    "-1 in the place of an id or a number is the highest that there is: builders/1/builds/-1 is the latest build of its"
    " builder. In Buildbot nothing has it, which is a 404, or an empty list.",
    _all(_latest, _status(None, 200, 404)),
    modelled=False,
)

_BELOW = Rule(
    "lists below what is not there",
    "A list below a thing that does not exist is empty. Buildbot answers so for most paths, for others 404 or 500, and"
    " for three with everything there is.",
    _all(_isList, _below, _status(None, 200)),
)

STATUSES = [
    Rule(
        "more paths",
        "There are more paths: everything that has a name can be had by it, and lists below it.",
        _all(_noPattern, _status(404, 200, 400)),
        modelled=False,
    ),
    Rule(
        "force schedulers",
        "Force schedulers live in the memory of a master, so their list is empty over a database alone.",
        _all(
            _type("forcescheduler"),
            _status(None, 200, 400, 404),
            _any(_status(None, 200), lambda case: bool(case.asked.parameters), lambda case: not _isList(case)),
        ),
        modelled=False,
    ),
    Rule(
        "unknown parameters",
        "A parameter with two underscores that names no field or no operator is ignored by Buildbot; here it is a 400"
        " that says which there are.",
        _all(_unknownParameter, _status(None, 400)),
    ),
    Rule(
        "one value",
        "Buildbot ignores lt, le, gt and ge when they have several values; here they are a 400.",
        _all(_severalForOne, _status(None, 400)),
    ),
    Rule(
        "senseless comparisons",
        "contains of a number, lt of a truth value, eq of a list, an order by a list or an object: Buildbot compares"
        " digits, ignores them, finds nothing or fails with 500, by path; here they are a 400 that says what the field"
        " takes.",
        _all(_senseless, _status(None, 400)),
    ),
    Rule(
        "pages",
        "Negative limits and offsets mean several things in Buildbot, by path; here they are a 400, as are absurdly"
        " large ones.",
        _all(_absurdPage, _status(None, 400)),
    ),
    _SPELLING,
    _LATEST,
    Rule(
        "NUL",
        "No name holds the character NUL, so a path with it is a 404.",
        _all(lambda case: any("\0" in part for part in case.asked.path), _status(None, 404)),
    ),
    Rule(
        "huge numbers",
        "A number that no id can have is a 500 in Buildbot, or not looked at; here it is one that nothing has.",
        _all(_pathHuge, _status(None, 200, 404)),
    ),
    Rule(
        "values of identifiers",
        "Step names, slugs and project names can be compared with any text; Buildbot refuses, with 400, texts that"
        " could not be identifiers, though it stores some.",
        _all(_needsText, _status(400, 200, 404)),
    ),
    Rule(
        "two errors",
        "Where both a path and a parameter are wrong, the error may be about either.",
        lambda case: case.statuses in ((400, 404), (404, 400)),
    ),
    Rule(
        "lines from the end",
        "A negative offset into a log counts from its end; in Buildbot it is a 404.",
        _all(
            _type("logchunk"),
            lambda case: any(text.startswith("-") for text in case.asked.values("offset")),
            _status(404, 200),
        ),
    ),
    Rule(
        "contents",
        "A page of a log that has no lines, because of limit=0 or of an offset past the end, is empty. In Buildbot it"
        " is sometimes a 404, and a page of a log that does not exist is sometimes empty; here that is always a 404.",
        _any(
            _all(lambda case: _isNoPage(case, case.ours), _status(404, 200)),
            _all(lambda case: _isNoPage(case, case.stock), _status(200, 404)),
        ),
    ),
    Rule(
        "ids that are none",
        "buildsets/N/sourcestamps takes any text for N in Buildbot, and finds nothing; here only a number.",
        _all(
            lambda case: (case.asked.path[0], case.asked.path[-1]) == ("buildsets", "sourcestamps"),
            lambda case: not case.asked.path[1].isdecimal(),
            _status(200, 404),
        ),
    ),
    Rule(
        "values of properties",
        "The value of a property can be compared and ordered by, as the JSON text that it is.",
        _all(_type("_property"), _status(400, 200)),
        modelled=False,
    ),
    Rule(
        "zero",
        "Nothing has the number 0. In Buildbot changesources/0 and schedulers/0 are the first one there is.",
        _all(
            lambda case: case.asked.path[0] in ("changesources", "schedulers") and case.asked.path[1:] == ("0",),
            _status(200, 404),
        ),
    ),
    Rule(
        "what is not sent",
        "One may filter and order by fields that field= leaves out; Buildbot answers 400.",
        _all(_unselected, _status(400, 200)),
    ),
    attrs.evolve(_BELOW, applies=_all(_BELOW.applies, _any(_status(404, 200), _status(500, 200)))),
    Rule(
        "failures",
        "Where Buildbot fails with 500, the right answer is given, or an error that says what was wrong with the"
        " request.",
        _status(500, 200, 400, 404),
    ),
]
"""For answers with different statuses, in the order in which they are tried."""

ON_POSTGRESQL = Rule(
    "databases",
    "Nulls come first in ascending order, and texts are compared by code point, on every database. Buildbot leaves both"
    " to the database: on PostgreSQL nulls come last, and texts are compared as in the database's language.",
    _any(_operator("lt", "le", "gt", "ge"), lambda case: bool(case.asked.orders)),
)
"""The only rule that a stock master on SQLite gives no reason for."""

LISTS = [
    Rule(
        "what is left",
        "Rows that name a thing that does not exist, as there are where foreign keys are not enforced, are listed"
        " below its number. Buildbot lists some of them, and others not.",
        _all(_below, _isLeft),
        modelled=False,
    ),
    _SPELLING,
    _LATEST,
    attrs.evolve(_BELOW, applies=_all(_BELOW.applies, lambda case: _total(case.ours) == 0)),
    Rule(
        "order of changes",
        "The list of all changes comes in the order that was asked for, and newest first otherwise. Buildbot turns it"
        " around after cutting the page out of it: its order=-changeid&limit=10 are the newest ten, oldest first, and"
        " limit=10 alone the oldest.",
        lambda case: case.asked.path == ("changes",),
    ),
    Rule(
        "null",
        "A comparison with null is never true, so ne and notin leave nulls out, whatever the field and path. In"
        " Buildbot some paths leave them out and some keep them, and lt, le, gt and ge of them fail on some.",
        _operator("ne", "notin"),
    ),
    Rule(
        "contains",
        "contains looks for exactly that text. On some paths and databases of Buildbot's it does not mind case and"
        " takes % and _ for wildcards; two values of it find nothing on others.",
        _operator("contains"),
    ),
    Rule(
        "times",
        "Times can be compared like numbers on every path. On some of Buildbot's they are never equal, or fail.",
        _filteredKind("datetime"),
    ),
    Rule(
        "conditions that go nowhere",
        "Every condition counts. Buildbot forgets some when they are given twice or with ne (complete, claimed,"
        " claimed_by_masterid, buildsetid), and takes claimed=false for unclaimed and not complete.",
        _takenOut,
    ),
    Rule(
        "pages of requests",
        "A request is one record, however many source stamps its set has; Buildbot counts it once for each when it"
        " cuts pages.",
        _all(_type("buildrequest"), _isPage),
    ),
    Rule(
        "projects in lists",
        "A project's active is always there: whether some master runs a builder of it. Buildbot says null unless asked"
        " for the active ones, and then lists a project once for each of them.",
        _type("project"),
    ),
    Rule(
        "one parent, all changes",
        "sourcestamps/N/changes has all of its changes; Buildbot answers with one.",
        lambda case: case.asked.path[0] == "sourcestamps" and case.asked.path[-1] == "changes",
    ),
    Rule(
        "order without asking",
        "Lists come in the order of their key (data of builds and projects: of their names) unless another is asked"
        " for, and equal ones too. Buildbot promises none: on PostgreSQL rows come as they lie there, and a page of its"
        " may hold others.",
        _isPage,
    ),
    ON_POSTGRESQL,
]
"""For lists that differ though both were given; ours has then to be as the model says."""

TOTAL = Rule(
    "total",
    "meta.total is how many records there are on all pages. Buildbot says how many are on this one, on the paths whose"
    " pages it cuts in SQL.",
    _isPage,
)

OTHERS = {
    "logs that are written": "The contents of a log that is still written are all lines that are stored. Buildbot"
    " leaves out those that it has not counted yet.",
    "workers in lists": "Under a builder or master, a worker's connected_to and configured_on are the same as"
    " elsewhere: all. Buildbot lists only that parent's.",
    "builders in lists": "Under a worker, a builder's masterids are the same as elsewhere: all that run it. Buildbot"
    " lists only those where that worker may build.",
    "bodies of patches": "A patch's body is its text, with what is no UTF-8 replaced. Buildbot says null, since it does"
    " not send bytes.",
    "names of files": "The name of a file to save is quoted, and encoded where it has other than ASCII letters."
    " Buildbot sends it as it is, which browsers cut at the first blank.",
    "specification": "The specification has more paths and fields; all of Buildbot's are among them, with the same"
    " types.",
    "root links": "There are more root links; all of Buildbot's are among them, but for logchunks, which is always a"
    " 404.",
    "graphs of commits": "commits_common_parent goes from the common commit to each of the two. Where the second is an"
    " ancestor of the first, Buildbot's to1 begins one commit too early.",
}
"""Differences within answers that are otherwise compared as they are, by name."""

UNCOMPARED = {
    "actions": "Every action on what is Buildbot's is refused with 403, since what is attached only reads.",
    "addresses": "An address of more than 16 KB is a 414. Buildbot closes the connection without an answer.",
    "bodies": "What is sent with a POST may have 1 MB; more is a 413. Buildbot reads more.",
    "content types": "An answer is application/json and compact, whatever Accept says; a browser's address bar and"
    " pretty=1 get it indented, up to 1 MB. Buildbot sends indented text/plain unless Accept names JSON.",
    "cookies": "No answer sets a cookie; Buildbot's set one for a session.",
    "entity tags": "An answer has an ETag, and is a 304 for a client that has it already. Buildbot sends it again.",
    "errors": "An error is application/json, too, with the members code, title, status, detail and type beside error."
    " Buildbot sends error alone, as text/plain.",
    "event frames": "A WebSocket frame that is no JSON object is answered with a 400. Buildbot drops the connection."
    " startConsuming also takes since, cursors and query, and an append has first and last beside the record.",
    "event streams": "/sse asks the Origin, the Host and the rights of who asks, as the API does, and Buildbot does"
    " not; its events have an id, and it sends signs of life. A path that is added twice is told of once.",
    "event topics": "A topic that no event can have is an error, and so are control messages, which no reader gets;"
    " names stand where ids may. Buildbot takes any text, and tells every reader of control messages.",
    "hosts": "A Host that names neither this machine nor a configured one is a 421, but for /healthz, which takes any."
    " Buildbot takes any everywhere.",
    "long lists": "Lists of what grows without end stop at 1,000 records unless limit= says otherwise, and meta.next"
    " leads to the rest. Buildbot sends everything.",
    "methods": "A method that a path does not take is a 405, whose Allow names those that it does, and OPTIONS needs no"
    " Origin. Buildbot answers both with 400.",
    "more beside the API": "There are /about/api, /healthz, /metrics, /api/v2/batch for POST, and, where events are,"
    " Accept: text/event-stream on every path.",
    "origins": "A page of the very address that it asks may always ask. Buildbot lets in what www['allowed_origins']"
    " names, by default the origin of buildbotURL, and no other; all others are refused here, too, with its 400.",
}
"""Differences that no comparison of answers shows, most of them of HTTP itself; ``test_differences`` tries each."""


def allRules() -> dict[str, str]:
    """Every difference that is meant: its name, and the sentence for the documentation."""
    rules = {rule.name: rule.sentence for rule in (*STATUSES, *LISTS, TOTAL)}
    return {**rules, **OTHERS}
