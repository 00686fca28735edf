"""Signatures after Standard Webhooks 1.0, of the kind ``v1``: HMAC-SHA256 with a secret that both sides have."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from hmac import digest

from buildbot.errors import ConfigError

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret."""


def keyOf(secret: str) -> bytes:
    """What a secret stands for. Raises ConfigError, which does not show it."""
    try:
        if not secret.startswith(PREFIX):
            raise ValueError
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not SHORTEST <= len(key) <= LONGEST:
        raise ConfigError(
            f"a secret of a webhook is {PREFIX} and the base64 of {SHORTEST} to {LONGEST} bytes, as this makes one: "
            f'echo "{PREFIX}$(openssl rand -base64 32)"'
        )
    return key


def signed(id: str, timestamp: int, body: bytes, keys: Sequence[bytes]) -> Mapping[str, str]:
    """The headers of a message, with a signature for each key. ``id`` has no full stop in it, because one ends it where
    it is signed."""
    content = b"%b.%d.%b" % (id.encode(), timestamp, body)
    signatures = [b64encode(digest(key, content, sha256)).decode() for key in keys]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
