"""Webhooks: what happens, POSTed to an address as CloudEvents, signed after Standard Webhooks."""

from buildbot.status.listeners.webhook.hook import Webhook

__all__ = ["Webhook"]
