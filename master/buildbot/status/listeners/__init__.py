"""Listeners: code that is told of what happens."""

from buildbot.status.listeners.delivery import ListenerDelivery
from buildbot.status.listeners.listener import StatusListener
from buildbot.status.listeners.outcomes import Parked, Paused, RetryAfter

__all__ = ["ListenerDelivery", "Parked", "Paused", "RetryAfter", "StatusListener"]
