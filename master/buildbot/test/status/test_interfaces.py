"""What is promised to authors of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.trial.unittest import TestCase
from zope.interface.verify import verifyClass

from buildbot.status.client.connection import Connection
from buildbot.status.interfaces import IStatusConnection
from buildbot.status.service import StatusService

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildbot.status.getters import StatusGetters
    from buildbot.status.protocols import IStatusBuilder
    from buildbot.status.resources.builds import Build
    from buildbot.status.resources.steps import Step

    async def typed(status: StatusGetters) -> tuple[Build, Sequence[Step], str, IStatusBuilder | None]:
        """Checked by mypy: getters have types, without a cast, and records fulfil their protocols."""
        build = await status.getBuild("linux", 5)
        steps = await build.getSteps(limit=3)
        logs = await steps[0].getLogs()
        return build, steps, await logs[0].getText(), await build.getBuilder()


class InterfaceTest(TestCase):
    def test_provided(self) -> None:
        """The service and the connections have every method, with the arguments that are promised."""
        for cls in (StatusService, Connection):
            self.assertTrue(verifyClass(IStatusConnection, cls))

    def test_said(self) -> None:
        """Every method says what it promises."""
        for name, method in IStatusConnection.namesAndDescriptions():
            self.assertGreater(len(method.__doc__), 40, name)
