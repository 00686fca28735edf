"""Where the console scripts begin. This module has a name that stock Buildbot has not, so that it is still there after
that was installed over this package, and can say so.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

STOCK = "buildbot"
OURS = "buildbot-status"


def conflict() -> str | None:
    """What is wrong with this environment, and what to type; None if nothing is."""
    try:
        found = distribution(STOCK)
    except PackageNotFoundError:
        return None
    return f"""\
Buildbot {found.version} is installed in the same environment as {OURS} ({sys.prefix}).
Both bring a package that is called "buildbot", and one has overwritten files of the other. Keep them apart:

  {sys.executable} -m pip uninstall {OURS}
  {sys.executable} -m pip install --force-reinstall {STOCK}=={found.version}
  python3 -m venv ~/buildbot-status
  ~/buildbot-status/bin/pip install {OURS}
  ~/buildbot-status/bin/buildbot-status attach --help"""


def main() -> Any:
    """Run the command line and exit."""
    wrong = conflict()
    if wrong is not None:
        sys.stderr.write(f"Error: {wrong}\n")
        return 1
    from buildbot.scripts.runner import main as run
    from buildbot.scripts.running import openMore

    openMore()
    return run()
