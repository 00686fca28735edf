"""Result codes, by the names that ``buildbot.plugins.util`` gives them."""

from buildbot.db.writes.results import CANCELLED, EXCEPTION, FAILURE, RETRY, SKIPPED, SUCCESS, WARNINGS

Results = ["success", "warnings", "failure", "skipped", "exception", "retry", "cancelled"]
"""Their words, by code."""

__all__ = ["CANCELLED", "EXCEPTION", "FAILURE", "RETRY", "SKIPPED", "SUCCESS", "WARNINGS", "Results"]
