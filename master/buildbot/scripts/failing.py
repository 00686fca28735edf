"""How the command line ends when something is not as it should be: with one sentence and without a traceback."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

import click

NEAR = 0.75
"""How near a word must be to another one to be taken for a slip; 1 is the same."""


class Failed(click.ClickException):
    """What was wanted cannot be done now; the exit code is 1."""

    def __init__(self, error: object) -> None:
        super().__init__(str(error))


class Unusable(Failed):
    """What was said cannot be used: a wrong option or configuration; the exit code is 2."""

    exit_code = 2


def withHint(sentence: str) -> str:
    """An error's sentence; where it lists what would be right, with the one that comes nearest to what was said."""
    said, listed, *_ = [*re.split(r"(?:possible|there are|known here): ", sentence, maxsplit=1), ""]
    right = [each.split(" ")[0] for each in listed.split(", ")]
    words = re.findall(r"'([^']*)'", said) or re.findall(r"\w+", said)
    nearness, found = max(
        ((SequenceMatcher(None, word, each).ratio(), each) for word in words for each in right),
        default=(0.0, ""),
    )
    return f"{sentence}. Did you mean {found!r}?" if NEAR <= nearness < 1 else sentence
