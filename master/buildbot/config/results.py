"""Result codes, by the names that ``buildbot.plugins.util`` gives them."""

from buildbot.db.writes.results import CANCELLED, EXCEPTION, FAILURE, RETRY, SKIPPED, SUCCESS, WARNINGS
from buildbot.status.results import RESULTS

Results = list(RESULTS)
"""Their words, by code."""

__all__ = ["CANCELLED", "EXCEPTION", "FAILURE", "RETRY", "SKIPPED", "SUCCESS", "WARNINGS", "Results"]
