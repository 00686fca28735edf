"""Whether our answer is a stock master's, or differs by a rule.

Every field that a stock master returns has to be equal in ours, which may have more. Where a rule applies, ours is
held against the model instead, wherever the whole list is known.
"""

from __future__ import annotations

import json
import re
from typing import Any

import attrs

from .model import NoModel, expected
from .recorded import Recorded
from .rules import LISTS, STATUSES, TOTAL, Case
from .samples import Record
from .world import ORDERS, World

UNORDERED = ("tags", "masterids", "connected_to", "configured_on", "files", "sourcestamps", "builder_names")
"""Lists in records that are in no order in particular."""

NO_ORDER = ("_property", "branch", "change", "commit", "test_result_set")
"""Types whose lists a stock master gives in no order in particular, or in another by a rule, when none is asked for."""

NOWHERE = "logchunks"
"""A path of Buildbot's that is always a 404."""

RECORDS = ("sourcestamp", "sourcestamps", "patch", "master")
"""Fields that hold records, which may have more fields in ours; all other objects are values."""


@attrs.frozen
class Verdict:
    """What came of a comparison: it is equal if both are empty."""

    rules: tuple[str, ...] = ()
    """Names of the rules by which the answers differ."""
    difference: str = ""
    """What differs, and by no rule."""


def compare(world: World, url: str, ours: Recorded) -> Verdict:
    """Hold our answer to a path, with query, against the one that a stock master gave."""
    stock = world.answers[url]
    case = Case(world.question(url), stock, ours)
    if stock.status != ours.status:
        return _statuses(world, url, case)
    if stock.status != 200:
        return Verdict()
    pattern = case.asked.pattern
    if pattern is None:
        return Verdict(difference="no pattern takes it, and yet there is an answer")
    if pattern.isRaw:
        return _raw(case)
    if pattern.type in _SPECIAL:
        return _SPECIAL[pattern.type](world, case)
    if pattern.isCollection:
        return _lists(world, url, case)
    return _same(world, case)


def _statuses(world: World, url: str, case: Case) -> Verdict:
    found = next((rule for rule in STATUSES if rule.applies(case)), None)
    words = f"{case.stock.status} became {case.ours.status}"
    if found is None:
        return Verdict(difference=f"{words}: {case.stock.document} became {_short(case.ours.document)}")
    pattern = case.asked.pattern
    if case.ours.status == 200 and found.modelled and pattern is not None and pattern.type not in _SPECIAL:
        wrong = _model(world, url, case) if pattern.isCollection else ""
        if wrong:
            return Verdict(difference=f"{words}: {wrong}")
    return Verdict((found.name,))


# -- records


def _canonical(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _canonical(each, key) for key, each in value.items()}
    if isinstance(value, list):
        made = [_canonical(each) for each in value]
        return sorted(made, key=lambda each: json.dumps(each, sort_keys=True)) if name in UNORDERED else made
    return value


def _covered(stock: Any, ours: Any, name: str = "", isRecord: bool = True) -> Any:
    """Ours cut to what the stock one has, at every depth at which there are records."""
    if isinstance(stock, dict) and isinstance(ours, dict) and isRecord:
        return {
            key: _covered(stock.get(key), value, key, key in RECORDS) for key, value in ours.items() if key in stock
        }
    if isinstance(stock, list) and isinstance(ours, list) and name in RECORDS:
        example = stock[0] if stock else None
        return [_covered(example, each) for each in ours]
    return ours


def _body(stock: Record) -> Record | None:
    """The patch of a record, or of the stamp in it."""
    patch = (stock.get("sourcestamp") or stock).get("patch")
    return patch if isinstance(patch, dict) else None


def _pair(world: World, case: Case, stock: Record, ours: Record) -> tuple[Record, Record, set[str]]:
    """Both as they can be compared, and the rules that this took."""
    assert case.asked.pattern is not None
    rules = set()
    right = world.right(case.asked.pattern.type, stock)
    ours = _covered(stock, ours)
    if case.asked.pattern.type == "_property":
        right, ours = _parsed(right), _parsed(ours)
    elif _canonical(right) != _canonical(stock):
        rules.add(f"{case.asked.pattern.type}s in lists")
    stampsOf = [each for each in (right, *(right.get("sourcestamps") or [])) if isinstance(each, dict)]
    for each in stampsOf:
        patch = _body(each)
        if patch is not None and patch.get("body") is None:
            rules.add("bodies of patches")
    return _canonical(_withoutBodies(right)), _canonical(_withoutBodies(ours)), rules


def _parsed(record: Record) -> Record:
    """A property with its value read, since JSON may be written in several ways."""
    return {name: json.loads(each) if name == "value" else each for name, each in record.items()}


def _withoutBodies(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {
            key: _withoutBodies(each, key) for key, each in value.items() if not (name == "patch" and key == "body")
        }
    if isinstance(value, list):
        return [_withoutBodies(each, name) for each in value]
    return value


def _records(case: Case) -> tuple[list[Record], list[Record]]:
    stock, ours = case.stock.document, case.ours.document
    [plural] = [name for name in stock if name != "meta"]
    return stock[plural], ours[plural] if isinstance(ours, dict) and plural in ours else [{"no": plural}]


def _difference(stock: list[Record], ours: list[Record]) -> str:
    if len(stock) != len(ours):
        return f"{len(stock)} records became {len(ours)}: {_short(stock)} became {_short(ours)}"
    for number, (one, other) in enumerate(zip(stock, ours, strict=True)):
        for name in one:
            if name not in other:
                return f"{name} of record {number} is not there"
            if one[name] != other[name]:
                return f"{name} of record {number}: {_short(one[name])} became {_short(other[name])}"
    return ""


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 300 else text[:300] + "…"


def _same(world: World, case: Case) -> Verdict:
    stock, ours = _records(case)
    if len(stock) != len(ours):
        return Verdict(difference=_difference(stock, ours))
    pairs = [_pair(world, case, *pair) for pair in zip(stock, ours, strict=True)]
    difference = _difference([each[0] for each in pairs], [each[1] for each in pairs])
    return Verdict(tuple(sorted(set().union(*(each[2] for each in pairs)))), difference)


# -- lists


def _lists(world: World, url: str, case: Case) -> Verdict:
    stock, ours = _records(case)
    rules: set[str] = set()
    if len(stock) == len(ours):
        pairs = _matched(world, case, stock, ours)
        rules = set().union(*(each[2] for each in pairs))
        if not _difference([each[0] for each in pairs], [each[1] for each in pairs]):
            return _total(world, url, case, rules)
    found = next((rule for rule in LISTS if rule.applies(case)), None)
    wrong = _model(world, url, case) if found is None or found.modelled else ""
    if wrong:
        return Verdict(difference=wrong)
    if found is None:
        return Verdict(difference=f"as the model says, but by no rule: {_difference(stock, ours)}")
    return Verdict((found.name, *rules))


def _matched(
    world: World, case: Case, stock: list[Record], ours: list[Record]
) -> list[tuple[Record, Record, set[str]]]:
    """The records of both in pairs: by place where an order was asked for that tells them apart, and in whole lists
    that a stock master reads by an index; else by key."""
    assert case.asked.pattern is not None
    key = world.key(case.asked.pattern)
    orders = [name for name, _ in case.asked.orders]

    def place(record: Record) -> str:
        return json.dumps([record.get(key), _canonical(record)], sort_keys=True)

    def ordering(records: list[Record]) -> list[list[Any]]:
        return [[record[name] for name in orders] for record in records]

    whole = all(name in record for record in (*stock, *ours) for name in orders)
    settled = world.ordered and not orders and not case.asked.filters and case.asked.pattern.type not in NO_ORDER
    if whole and not settled and ordering(stock) == ordering(ours):
        # Where the order leaves it open, each may have its own.
        stock, ours = sorted(stock, key=place), sorted(ours, key=place)
    return [_pair(world, case, *pair) for pair in zip(stock, ours, strict=True)]


def _total(world: World, url: str, case: Case, rules: set[str]) -> Verdict:
    stock, ours = case.stock.document["meta"].get("total"), case.ours.document["meta"].get("total")
    if stock == ours:
        return Verdict(tuple(sorted(rules)))
    wrong = _model(world, url, case)
    if wrong:
        return Verdict(difference=wrong)
    if not TOTAL.applies(case):
        return Verdict(difference=f"meta.total: {stock} became {ours}")
    return Verdict((TOTAL.name, *sorted(rules)))


def _model(world: World, url: str, case: Case) -> str:
    """In what ours differs from what it ought to be; nothing where that is not known."""
    asked, pattern = case.asked, case.asked.pattern
    assert pattern is not None
    whole = world.whole(url, asked)
    if whole is None:
        return ""
    key = world.key(pattern)
    try:
        wanted, count = expected(asked, whole, key, ORDERS.get(pattern.type, key))
    except NoModel as error:
        if pattern.type == "_property":
            # Its value can be compared and ordered by, as the text that it is; see the rule.
            return ""
        return f"an error was to be expected, because of {error}"
    [plural] = [name for name in case.ours.document if name != "meta"]
    ours = case.ours.document[plural]
    pairs = [_pair(world, case, *pair) for pair in zip(wanted, ours, strict=False)]
    if asked.values("property"):
        for pair in pairs:
            pair[0].pop("properties", None)
    difference = _difference([each[0] for each in pairs], [each[1] for each in pairs])
    if len(wanted) != len(ours):
        difference = _difference(wanted, ours)
    total = case.ours.document["meta"].get("total")
    if not difference and total != count:
        difference = f"meta.total should be {count}, and is {total}"
    return f"not as the model says: {difference}" if difference else ""


# -- what is neither a record nor a list of them


def _raw(case: Case) -> Verdict:
    stock, ours = case.stock, case.ours
    if (stock.digest, stock.document) != (ours.digest, ours.document):
        return Verdict(difference=f"the body differs: {stock.digest} became {ours.digest}")
    if stock.contentType != ours.contentType:
        return Verdict(difference=f"{stock.contentType} became {ours.contentType}")
    if (stock.disposition is None) != (ours.disposition is None):
        return Verdict(difference=f"{stock.disposition} became {ours.disposition}")
    return Verdict(() if stock.disposition == ours.disposition else ("names of files",))


_VARIABLE = re.compile(r"(?<![^/])[a-z]?:[^/]*")


def _graph(world: World, case: Case) -> Verdict:
    verdict = _same(world, case)
    stock, ours = _records(case)
    corrected = [{**each, "to1": each["to1"][1:]} for each in stock]
    isTooEarly = bool(verdict.difference) and corrected == [_covered(stock[0], each) for each in ours]
    return Verdict(("graphs of commits",)) if isTooEarly else verdict


def _contents(world: World, case: Case) -> Verdict:
    verdict = _same(world, case)
    stock, ours = _records(case)
    written = stock[0].get("content")
    if verdict.difference.startswith("content ") and written and ours and ours[0]["content"].startswith(written):
        return Verdict(("logs that are written",))
    return verdict


def _properties(world: World, case: Case) -> Verdict:
    stock, ours = _records(case)
    return Verdict(difference=_difference(stock, ours))


def _specification(world: World, case: Case) -> Verdict:
    stock, ours = _records(case)
    if case.asked.parameters:
        return Verdict(("specification",))
    # Variables may have other names, and be of another kind: what Buildbot takes as any text may be a number here.
    known = {_VARIABLE.sub(":", each["path"]): each for each in ours}
    for each in stock:
        if each["path"] == NOWHERE:
            continue
        other = known.get(_VARIABLE.sub(":", each["path"]))
        if other is None or (other["type"], other["plural"]) != (each["type"], each["plural"]):
            return Verdict(difference=f"{each['path']} is not there, or of another type")
        if not isinstance(other["type_spec"], dict):
            return Verdict(difference=f"type_spec of {each['path']} is no object: {_short(other['type_spec'])}")
        names = {field["name"] for field in other["type_spec"].get("fields", [])}
        missing = {field["name"] for field in each["type_spec"].get("fields", [])} - names
        if missing:
            return Verdict(difference=f"{each['path']} lacks {sorted(missing)}")
    return Verdict(("specification",))


def _root(world: World, case: Case) -> Verdict:
    if case.asked.parameters:
        return Verdict(("root links",))
    stock, ours = _records(case)
    missing = {each["name"] for each in stock} - {each["name"] for each in ours} - {NOWHERE}
    return Verdict(("root links",), f"{sorted(missing)} are not there" if missing else "")


def _forceSchedulers(world: World, case: Case) -> Verdict:
    _, ours = _records(case)
    return Verdict(("force schedulers",), _short(ours) if ours else "")


_SPECIAL = {
    "spec": _specification,
    "rootlink": _root,
    "forcescheduler": _forceSchedulers,
    "commit_graph": _graph,
    "logchunk": _contents,
    "sourcedproperties": _properties,
}
