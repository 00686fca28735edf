"""Parameters of queries: every operator on every kind of field, orders, pages, and what is wrong."""

from __future__ import annotations

from random import Random
from typing import Any
from urllib.parse import quote

import attrs

from .samples import Field, Pattern, Samples

OPERATORS = ["", "__eq", "__ne", "__lt", "__le", "__gt", "__ge", "__contains", "__in", "__notin"]
SEVERAL = ["", "__eq", "__ne", "__contains", "__in", "__notin"]
"""Operators that take more than one value."""

PROPERTIES = ["one", "größe", "*", "p", "scheduler", "nosuch"]

BAD = [
    *(
        "nosuch=1",
        "nosuch__gt=3",
        "__=1",
        "_=1",
        "callback=f",
        "field=nosuch",
        "order=nosuch",
        "order=-nosuch",
    ),
    *("field=", "order=", "limit=x", "limit=", "offset=x", "limit=1.5", "offset=1e3", "limit=99999999999999"),
    *("?", "%FF=1", "field=builderid,name", "order=--name", "limit", "x", "&&", "limit=%202%20", "limit=1_0"),
    *("offset=-2", "limit=-1", "limit=1&limit=2", "field=masterid&order=nosuch", "%00=1", "order=name,-name"),
]
"""What is no parameter, or not one of that value, or just on the edge of one."""


@attrs.frozen
class Parameters:
    """Thinks of parameters for a pattern, with values that its type's records have."""

    samples: Samples
    random: Random

    def filter(self, pattern: Pattern, field: Field, operator: str, count: int = 1) -> str:
        """A condition on that field, with values such that often something matches, and rarely everything."""
        values = [self._value(pattern, field, operator) for _ in range(count)]
        return "&".join(f"{field.name}{operator}={quote(value)}" for value in values)

    def wrong(self, field: Field, operator: str) -> str:
        """A condition whose value is not of the field's kind."""
        value = self.random.choice(
            ["x", "", "1.5", "maybe", "None", "größe größe", "x" * 60, "1,2", str(2**31), str(-(2**40))]
        )
        return f"{field.name}{operator}={quote(value)}"

    def some(self, pattern: Pattern) -> str:
        """Any mixture of parameters that is right."""
        random = self.random
        fields = list(pattern.fields)
        parts = []
        for _ in range(random.choice([0, 1, 1, 2, 3])):
            operator = random.choice(OPERATORS)
            several = operator in SEVERAL and random.randrange(4) == 0
            parts.append(self.filter(pattern, random.choice(fields), operator, 2 if several else 1))
        if random.randrange(3):
            for field in random.sample(fields, min(len(fields), random.choice([1, 1, 2]))):
                parts.append(self.order(field))
        if random.randrange(2):
            parts.append(f"limit={random.choice([0, 1, 2, 3, 7, 40])}")
        if random.randrange(4) == 0:
            parts.append(f"offset={random.choice([0, 1, 2, 5, 30, 1000])}")
        if random.randrange(4) == 0:
            parts.extend(
                f"field={field.name}" for field in random.sample(fields, min(len(fields), random.choice([1, 2, 99])))
            )
        if pattern.type in ("build", "buildrequest", "buildset") and random.randrange(4) == 0:
            names = random.sample(PROPERTIES, random.choice([1, 1, 2]))
            parts.extend(f"property={quote(name)}" for name in names)
        random.shuffle(parts)
        return "&".join(parts)

    def order(self, field: Field) -> str:
        return f"order={self.random.choice(['', '-'])}{field.name}"

    def _value(self, pattern: Pattern, field: Field, operator: str) -> str:
        random = self.random
        known = [record[field.name] for record in self.samples.of(pattern.type) if field.name in record]
        if field.kind.endswith("s"):
            known = [each for value in known for each in value]
        known = [value for value in known if value is not None]
        value = random.choice(known) if known and random.randrange(8) else None
        kind = field.kind.rstrip("s")
        if kind in ("integer", "datetime"):
            return str((value if value is not None else 0) + random.choice([0, 0, 0, 0, 1, -1]))
        if kind == "boolean":
            return random.choice(["true", "false", "1", "0", "on", "off", "Yes", "NO", "TRUE"])
        if kind in ("string", "identifier"):
            return self._text(value, operator)
        # The beginning is enough for what has no values; addresses may not be too long.
        return str(value)[:40]

    def _text(self, value: Any, operator: str) -> str:
        random = self.random
        text = str(value if value is not None else random.choice(["", "größe", "a", "null", "None", "t1"]))
        if operator == "__contains" and text:
            start = random.randrange(len(text))
            text = text[start : start + random.choice([1, 2, 4])]
            return random.choice([text, text, text, text.upper(), "%", "_", "100%_"])
        return random.choice([text] * 6 + [text.upper(), text[:-1]])
