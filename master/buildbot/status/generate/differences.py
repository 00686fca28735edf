"""Every difference from Buildbot, by rule: the rules by which the tests compare with a stock master.

They are part of the tests, which nothing else of the package imports; a checkout has them.
"""

from __future__ import annotations

from buildbot.status.generate.rst import page, table, title
from buildbot.test.oracle.rules import allRules

TEXT = """
The tests put thousands of questions to a stock Buildbot 4.3 and to this server, over the same generated database, and
compare every field of every answer. Whatever is not equal falls under one of these rules, or the test fails. What a
list holds is then checked against a plain model of :doc:`/semantics`.
"""


def differencesPage() -> str:
    """The table of all rules."""
    rows = [(f"**{name}**", sentence) for name, sentence in sorted(allRules().items())]
    return page(title("Differences from Buildbot"), TEXT.strip() + "\n", table(("Rule", "Difference"), rows, (25, 75)))
