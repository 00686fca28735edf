"""What ``www["plugins"]`` comes down to."""

from __future__ import annotations

from buildbot.config.views import NOT_HERE
from buildbot.test.config.files import ConfigCase
from buildbot.test.www.installed import Environment


class ViewsTest(ConfigCase):
    def setUp(self) -> None:
        environment = Environment(self)
        for name in ("heat", "mine"):
            environment.installView(name, {"index.js": ""})

    def views(self, plugins: str) -> object:
        found = self.load(f"c['www'] = {{'plugins': {plugins}}}")
        self.assertEqual(found.notices, [])
        assert found.web is not None
        return found.web.views

    def test_named(self) -> None:
        """Views that are installed are served when they are named, with their options; and not when that is False."""
        self.assertEqual(self.views("{}"), {})
        self.assertEqual(self.views("{'mine': {'days': [1, 7]}, 'heat': True}"), {"heat": {}, "mine": {"days": [1, 7]}})
        self.assertEqual(self.views("{'mine': None, 'heat': False}"), {"mine": {}})

    def test_ofBuildbot(self) -> None:
        """Names of Buildbot's own views are taken as they stand in its configurations: those that the pages have
        silently, those that there are not with a sentence."""
        self.assertEqual(self.views("dict(waterfall_view={'num_builds': 50}, console_view={}, grid_view=True)"), {})
        for name in NOT_HERE:
            [notice] = self.load(f"c['www'] = {{'plugins': {{{name!r}: [object()]}}}}").notices
            self.assertTrue(notice.startswith(f"www['plugins'][{name!r}] makes no difference here: "), notice)

    def test_unknown(self) -> None:
        """A name that is not installed is an error with all that can be named."""
        self.assertEqual(
            self.refused("c['www'] = {'plugins': {\n'base_react': {}}}"),
            [
                "3: www['plugins']['base_react'] is not known; there are: badges, console_view, grid_view, heat, mine, "
                "waterfall_view, wsgi_dashboards"
            ],
        )
        self.assertEqual(
            self.refused("c['www'] = {'plugins': {'mines': {}}}"),
            ["2: www['plugins']['mines'] is not known; did you mean 'mine'?"],
        )

    def test_types(self) -> None:
        """A wrong type is told with what was expected: options get to the page as JSON."""
        self.assertEqual(
            self.refused("c['www'] = {'plugins': ['mine']}"),
            ["2: www['plugins'] is of type list; a dict is expected"],
        )
        for value in ("5", "'x'", "{1, 2}", "{'a': {1}}", "[]", "{'a': float('inf')}"):
            [error] = self.refused(f"c['www'] = {{'plugins': {{'mine': {value}}}}}")
            self.assertIn("; True, False, or a dict of what JSON can hold is expected", error)
