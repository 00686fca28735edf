"""What a master is asked: thousands of paths with queries, thought of once from a seed.

Every pattern with things that exist, that do not, and that cannot; every operator on every field; orders
and pages; mixtures; and what is wrong. Wherever a list is asked for with parameters, it is asked for without
them too, so that what the answer ought to be can be worked out.
"""

from __future__ import annotations

from random import Random

from .identities import Identities
from .parameters import BAD, OPERATORS, SEVERAL, Parameters
from .samples import Pattern, Samples

SEED = 11

NONSENSE = [
    "builders/%00/builds",
    *(
        "nosuch",
        "builds/",
        "/builds",
        "builds//1",
        "builders/1/nosuch",
        "tags",
        "users",
        "patches",
        "steps",
        "logs",
    ),
    *(
        "builders/linux/changes",
        "builders/linux/workers",
        "projects/1/codebases",
        "builds/1/buildset",
        "BUILDS",
    ),
    *("builders/linux/builds/1/steps/0/logs/stdio/raw", "logs/1/nosuch", "builds/1/steps/0/logs/stdio/raw/x"),
    *(
        "%62uilds",
        "builds%2F1",
        "builds;x=1",
        "builds/1?",
        "builds?&",
        "builds/1?x",
        "a/" * 60 + "a",
        "x" * 2000,
    ),
]
"""Paths that no pattern takes, or hardly."""


LEFT = ["steps/99999/logs", "steps/99999/test_result_sets", "builds/9999/steps", "builds/9999/property_list"]
"""Lists of what was left of things that are no more."""


def queries(samples: Samples, seed: int = SEED) -> list[str]:
    """Paths below the API, each once, in an order that the seed gives."""
    thinker = _Thinker(samples, Random(f"{seed} queries"))
    for pattern in samples.patterns:
        thinker.paths(pattern)
    for type in sorted({pattern.type for pattern in samples.patterns}):
        thinker.fields(type)
    for pattern in samples.patterns:
        thinker.mixtures(pattern)
    thinker.logs()
    thinker.add(NONSENSE + LEFT)
    return list(thinker.found)


def fresh(samples: Samples, seed: int, count: int) -> list[str]:
    """So many of the queries of another seed, any of them."""
    return Random(seed).sample(queries(samples, seed), count)


class _Thinker:
    def __init__(self, samples: Samples, random: Random) -> None:
        self.samples = samples
        self.random = random
        self.identities = Identities(samples, random)
        self.parameters = Parameters(samples, random)
        self.found: dict[str, None] = {}

    def add(self, paths: list[str]) -> None:
        for path in paths:
            self.found[path] = None

    def ask(self, path: str, query: str) -> None:
        self.add([path, f"{path}?{query}"])

    def paths(self, pattern: Pattern) -> None:
        """A pattern's paths by themselves."""
        if not pattern.variables:
            self.add([pattern.path])
            return
        for _ in range(8):
            self.add([self.identities.path(pattern)])
        for _ in range(3):
            self.add([self.identities.missing(pattern)])
        for _ in range(5):
            self.add([self.identities.strange(pattern)])

    def fields(self, type: str) -> None:
        """Every operator on every field of a type, and every order, in each kind of list that has it."""
        lists = [pattern for pattern in self.samples.patterns if pattern.type == type and pattern.isCollection]
        for pattern in self._telling(lists):
            for field in pattern.fields:
                path = self.identities.path(pattern)
                self.ask(path, self.parameters.order(field))
                for operator in OPERATORS[1:]:
                    count = 2 if operator in SEVERAL and self.random.randrange(5) == 0 else 1
                    query = self.parameters.filter(pattern, field, operator, count)
                    self.ask(path, query)
                operator = self.random.choice(OPERATORS)
                self.ask(path, self.parameters.wrong(field, operator))
                self.ask(path, self.parameters.filter(pattern, field, self.random.choice(["__lt", "__ge"]), 2))
                self.ask(path, self.parameters.filter(pattern, field, "__like"))

    def _telling(self, lists: list[Pattern]) -> list[Pattern]:
        """The shortest pattern and any other: stock answers in two ways, and these are often one of each."""
        lists = sorted(lists, key=lambda pattern: len(pattern.variables))
        return lists[:1] + (self.random.sample(lists[1:], 1) if len(lists) > 1 else [])

    def logs(self) -> None:
        """Every log of the step that has the rare ones, in each form."""
        for log in self.samples.of("log", stepid=max(log["stepid"] for log in self.samples.of("log"))):
            self.add([f"logs/{log['logid']}/{form}" for form in ("contents", "raw", "raw_inline")])

    def mixtures(self, pattern: Pattern) -> None:
        """Mixed parameters, right and wrong."""
        if pattern.isCollection and pattern.fields:
            for _ in range(12 if pattern.variables else 60):
                self.ask(self.identities.path(pattern), self.parameters.some(pattern))
        elif pattern.fields:
            for _ in range(2):
                self.add([f"{self.identities.path(pattern)}?{self.parameters.some(pattern)}"])
        if pattern.path.endswith("/contents"):
            for _ in range(12):
                limit, offset = (
                    self.random.choice([0, 1, 3, 50, -1]),
                    self.random.choice([0, 1, 5, 300, 9999, -1]),
                )
                page = self.random.sample([f"limit={limit}", f"offset={offset}"], self.random.choice([1, 2]))
                self.add([f"{self.identities.path(pattern)}?{'&'.join(page)}"])
        for query in self.random.sample(BAD, 4 if pattern.variables else 8):
            self.ask(self.identities.path(pattern), query)
