"""Listeners: code that is told of what happens."""

from buildbot.status.listeners.delivery import ListenerDelivery
from buildbot.status.listeners.listener import StatusListener

__all__ = ["ListenerDelivery", "StatusListener"]
