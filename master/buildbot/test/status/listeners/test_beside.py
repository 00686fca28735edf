"""What holds for listeners in the server's process holds for those in another one, over each language."""

from __future__ import annotations

from buildbot.test.status.listeners import test_host, test_replace
from buildbot.test.status.listeners.hosted import OverHTTP, OverPB


class HostOverHTTP(OverHTTP, test_host.HostTests): ...


class HostOverPB(OverPB, test_host.HostTests): ...


class ReplaceOverHTTP(OverHTTP, test_replace.ReplaceTests): ...


class ReplaceOverPB(OverPB, test_replace.ReplaceTests): ...
