"""Bodies, decoded in one go or record by record."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as some
from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from buildbot.status.client.decode import SMALL, bitwise, decode

values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=20,
)


class DecodeTest(TestCase):
    @given(some.text(), some.lists(values), some.dictionaries(some.text(), values), some.sampled_from([None, 2]))
    def test_same(self, name: str, records: list[Any], rest: dict[str, Any], indent: int | None) -> None:
        """Record by record gives what json.loads gives, whatever the white space."""
        body = {name: records, **{key: value for key, value in rest.items() if key != name}}
        text = json.dumps(body, indent=indent).encode()
        self.assertEqual(bitwise(text), body)

    @given(values)
    def test_others(self, value: Any) -> None:
        """So does it for what is no answer."""
        self.assertEqual(bitwise(json.dumps(value).encode()), value)

    def test_broken(self) -> None:
        """What is no JSON is a ValueError."""
        whole = b'{"builds":[{"a":1},{"a":2}],"meta":{"total":2}}'
        for text in (
            whole[:-1],
            whole[:20],
            b'{"builds":[1 2]}',
            b'{"builds":[1]]',
            b'{"builds":[1],}',
            b'{"a":["\xff"]}',
        ):
            with self.assertRaises(ValueError):
                bitwise(text)

    async def test_large(self) -> None:
        """A large one is decoded in a thread, to the same."""
        body = {"builds": [{"buildid": number, "text": "x" * 100} for number in range(2000)], "meta": {}}
        text = json.dumps(body).encode()
        self.assertGreater(len(text), SMALL)
        self.assertEqual(await decode(text, reactor), body)
