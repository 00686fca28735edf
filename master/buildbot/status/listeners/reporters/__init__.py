"""Reporters with Buildbot's names: listeners that say in other places what builds do."""

from buildbot.status.listeners.reporters.base import ReporterBase
from buildbot.status.listeners.reporters.formatters import (
    MessageFormatter,
    MessageFormatterBase,
    MessageFormatterEmpty,
    MessageFormatterFunction,
    MessageFormatterFunctionRaw,
    MessageFormatterMissingWorker,
    MessageFormatterRenderable,
)
from buildbot.status.listeners.reporters.generators import (
    BuildRequestGenerator,
    BuildSetCombinedStatusGenerator,
    BuildSetStatusGenerator,
    BuildStartEndStatusGenerator,
    BuildStatusGenerator,
    WorkerMissingGenerator,
)
from buildbot.status.listeners.reporters.github import GitHubCommentPush, GitHubStatusPush
from buildbot.status.listeners.reporters.gitlab import GitLabStatusPush
from buildbot.status.listeners.reporters.http import HttpStatusPush
from buildbot.status.listeners.reporters.mail import MailNotifier

__all__ = [
    "BuildRequestGenerator",
    "BuildSetCombinedStatusGenerator",
    "BuildSetStatusGenerator",
    "BuildStartEndStatusGenerator",
    "BuildStatusGenerator",
    "GitHubCommentPush",
    "GitHubStatusPush",
    "GitLabStatusPush",
    "HttpStatusPush",
    "MailNotifier",
    "MessageFormatter",
    "MessageFormatterBase",
    "MessageFormatterEmpty",
    "MessageFormatterFunction",
    "MessageFormatterFunctionRaw",
    "MessageFormatterMissingWorker",
    "MessageFormatterRenderable",
    "ReporterBase",
    "WorkerMissingGenerator",
]
