"""Every difference from Buildbot, by rule: the rules by which the tests compare with a stock master.

They are part of the tests, which nothing else of the package imports; a checkout has them.
"""

from __future__ import annotations

from collections.abc import Mapping

from buildbot.status.generate.rst import page, table, title
from buildbot.test.oracle.rules import UNCOMPARED, allRules
from buildbot.test.oracle.stream import STREAM

TEXT = """
The tests put thousands of questions to a stock Buildbot 4.3 and to this server, over the same generated database, and
compare every field of every answer. Whatever is not equal falls under one of these rules, or the test fails. What a
list holds is then checked against a plain model of :doc:`/semantics`.
"""
BESIDE = """
What else is different, most of it in HTTP itself, and shows in no comparison of records. What has no ``=`` is no
parameter, in Buildbot as here.
"""

STREAM_TEXT = """
What is announced, in which order, and with which records. A stock master that builds is listened to beside
``buildbot attach``, and both say the same words of each thing, and the same record in the end, but for these rules, and
for changes between two looks of ``attach``, which are one (:doc:`/howto/attach`). What a listener of Buildbot's bus may
meet, messages that are missed when a neighbour leaves and bodies that others have changed, is not here either.
"""


def differencesPage() -> str:
    """The table of all rules, and that of the differences which no such rule is needed for."""
    return page(
        title("Differences from Buildbot"),
        TEXT.strip() + "\n",
        _table(allRules()),
        title("Beside the answers", "-"),
        BESIDE.strip() + "\n",
        _table(UNCOMPARED),
        title("The stream of events", "-"),
        STREAM_TEXT.strip() + "\n",
        _table(STREAM),
    )


def _table(rules: Mapping[str, str]) -> str:
    rows = [(f"**{name}**", sentence) for name, sentence in sorted(rules.items())]
    return table(("Rule", "Difference"), rows, (25, 75))
