"""How the command line ends when something is not as it should be: with one sentence and without a traceback."""

from __future__ import annotations

import click


class Failed(click.ClickException):
    """What was wanted cannot be done now; the exit code is 1."""

    def __init__(self, error: object) -> None:
        super().__init__(str(error))


class Unusable(Failed):
    """What was said cannot be used: a wrong option or configuration; the exit code is 2."""

    exit_code = 2
