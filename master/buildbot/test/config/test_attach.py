"""What a configuration file and options come down to."""

from __future__ import annotations

import os
from textwrap import dedent

import attrs

from buildbot.config.attach import OF_ITS_GATES, OF_ITS_PAGES, Options, settings
from buildbot.config.listen import OF_A_MASTER
from buildbot.config.settings import KEYS, Settings
from buildbot.db.writes.trim import Keep
from buildbot.errors import ConfigError
from buildbot.status.query import Limits
from buildbot.test.config.files import ConfigCase

URL = "sqlite:////state.sqlite"


class DefaultsTest(ConfigCase):
    """What is so when nobody says otherwise."""

    def test_least(self) -> None:
        """A database is enough: HTTP on port 8020 of this machine only, and nothing else."""
        found = settings(Options(db=URL))
        assert found.web is not None
        self.assertEqual((found.dbUrl, found.web.port, found.web.interface), (URL, 8020, "127.0.0.1"))
        self.assertIsNone(found.pb)
        self.assertEqual(found.limits, Limits())

    def test_noDatabase(self) -> None:
        """Without one, the error says how to name it."""
        error = self.assertRaises(ConfigError, settings, Options())
        self.assertTrue(str(error).startswith("Which database? --db names it"), error)

    def test_path(self) -> None:
        """A path where a URL is expected: the URL of that file."""
        path = self.write("")
        error = self.assertRaises(ConfigError, settings, Options(db=path))
        self.assertEqual(str(error), f"--db {path}: a URL is expected, such as sqlite:///{path}")


class FileTest(ConfigCase):
    """A file with master.cfg's names."""

    def test_everything(self) -> None:
        """Every key that there is."""
        found = self.load(
            """
            c["title"], c["titleURL"] = "Ours", "https://example.org/"
            c["buildbotURL"] = "https://ci.example.org/status/"
            c["buildbotNetUsageData"] = None
            c["www"] = {
                "port": "tcp:8030:interface=0.0.0.0",
                "allowed_origins": ["https://*.example.org"],
                "allowed_hosts": ["ci"],
                "trusted_proxies": ["10.0.0.0/8"],
                "logfileName": "http.log",
                "limits": {"connections": 5, "idle_time": 7},
                "stock_url": "https://ci.example.org/",
            }
            c["status_pb"] = {
                "port": "8031", "users": [("ada", "x")], "password_file": "passwords", "anonymous": True,
                "limits": {"connections": 3},
            }
            c["status_state"] = "events.sqlite"
            c["status_keep"] = {"age": 3600, "most": 500}
            c["status_limits"] = {"default": 10, "largest": 20, "per_parent": 3, "deadline": 1.5, "cache_bytes": 1000}
            """
        )
        web, pb = found.web, found.pb
        assert web is not None and pb is not None and found.basedir is not None
        self.assertEqual((found.title, found.titleURL), ("Ours", "https://example.org/"))
        self.assertEqual(found.buildbotURL, "https://ci.example.org/status/")
        self.assertEqual(found.stockURL, "https://ci.example.org/")
        self.assertEqual((web.port, web.interface, web.basePath), (8030, "0.0.0.0", "/status"))
        self.assertEqual(web.allowedOrigins, ("https://*.example.org",))
        self.assertEqual((web.allowedHosts, web.trustedProxies), (("ci",), ("10.0.0.0/8",)))
        self.assertEqual(web.accessLog, os.path.join(found.basedir, "http.log"))
        self.assertEqual((web.limits.connections, web.limits.idleTime), (5, 7))
        self.assertEqual(pb.endpoint, "tcp:8031:interface=127.0.0.1")
        self.assertEqual(pb.users, [("ada", "x")])
        self.assertEqual(pb.passwordFile, os.path.join(found.basedir, "passwords"))
        self.assertEqual((pb.anonymous, pb.limits.connections), (True, 3))
        self.assertEqual((found.limits.default, found.limits.largest, found.limits.perParent), (10, 20, 3))
        self.assertEqual((found.deadline, found.cacheBytes), (1.5, 1000))
        self.assertEqual(found.keep, Keep(3600, 500))
        self.assertEqual(found.state, os.path.join(found.basedir, "events.sqlite"))
        self.assertEqual(found.notices, [])

    def test_options(self) -> None:
        """Options go before it."""
        found = self.load(
            """
            c["buildbotURL"] = "https://a.example.org/"
            c["www"] = {"port": 1, "allowed_hosts": ["a"]}
            c["status_pb"] = {"port": 2}
            c["status_limits"] = {"default": 10, "largest": 20}
            """,
            db=URL,
            port="3",
            pb="4",
            interface="::1",
            url="https://b.example.org/",
            allowedHosts=["b"],
            defaultLimit=30,
            largestLimit=40,
        )
        web, pb = found.web, found.pb
        assert web is not None and pb is not None
        self.assertEqual((found.dbUrl, found.basedir), (URL, None))
        self.assertEqual((web.port, web.interface, web.baseURL), (3, "::1", "https://b.example.org/"))
        self.assertEqual(web.allowedHosts, ("a", "b"))
        self.assertEqual(pb.endpoint, r"tcp:4:interface=\:\:1")
        self.assertEqual((found.limits.default, found.limits.largest), (30, 40))

    def test_stock(self) -> None:
        """Buildbot's own pages are where the master's own configuration has them, if this server is elsewhere; or as it
        is said."""
        for said, url, option, expected in (
            ('c["buildbotURL"] = "https://a/"', None, None, None),
            ('c["buildbotURL"] = "https://a/"', "https://a/", None, None),
            ('c["buildbotURL"] = "https://a/"', "https://b/", None, "https://a/"),
            (
                'c["buildbotURL"] = "https://a/"; c["www"] = {"stock_url": "https://c/"}',
                "https://b/",
                None,
                "https://c/",
            ),
            ('c["www"] = {"stock_url": "https://c/"}', None, "https://d/", "https://d/"),
        ):
            self.assertEqual(self.load(said, db=URL, url=url, stockURL=option).stockURL, expected, said)

    def test_state(self) -> None:
        """The file of the log of events: an option's is relative to where one is; ``none`` is no file."""
        self.assertIsNone(settings(Options(db=URL)).state)
        self.assertEqual(settings(Options(db=URL, state="a.sqlite")).state, os.path.abspath("a.sqlite"))
        self.assertEqual(settings(Options(db=URL, state="none")).state, "none")
        self.assertEqual(self.load("c['status_state'] = 'none'").state, "none")

    def test_listeners(self) -> None:
        """Listeners run in the server's process; with them, no language need be served."""
        found = self.load(
            """
            from buildbot.status.listeners import StatusListener

            class Mine(StatusListener):
                def buildFinished(self, build): ...

            c["www"] = {"port": None}
            c["status"] = [Mine(), Mine("other")]
            """
        )
        self.assertEqual([listener.name for listener in found.listeners], ["Mine", "other"])

    def test_oldDatabase(self) -> None:
        """``db_url`` alone is the old form."""
        path = self.write("BuildmasterConfig = {'db_url': 'sqlite:////old'}")
        self.assertEqual(settings(Options(config=path)).dbUrl, "sqlite:////old")

    def test_noHTTP(self) -> None:
        """A port that is None: not served."""
        self.assertIsNone(self.load("c['www'] = {'port': None}", pb="8021").web)

    def test_named(self) -> None:
        """Where users are named, others may not ask, unless that is said."""
        found = self.load("c['status_pb'] = {'port': 1, 'users': {'ada': 'x'}}").pb
        assert found is not None
        self.assertFalse(found.anonymous)
        self.assertNotIn("x", repr(found))

    def test_defaultAboveLargest(self) -> None:
        """No list is longer than the largest limit."""
        self.assertEqual(self.load("c['status_limits'] = {'largest': 5}").limits.default, 5)
        self.assertEqual(settings(Options(db=URL, largestLimit=5)).limits.default, 5)


class RefusedTest(ConfigCase):
    """What cannot be used is named, with its line."""

    def test_unknown(self) -> None:
        """An unknown key, with the one that was meant."""
        self.assertEqual(self.refused("c['titel'] = 'x'"), ["2: titel is not known; did you mean 'title'?"])

    def test_unknownWithin(self) -> None:
        """Also within a dict; with all there are, where nothing is near."""
        [error] = self.refused("c['status_pb'] = {'port': 1,\n  'zzz': 1}")
        self.assertEqual(
            error,
            "3: status_pb['zzz'] is not known; there are: anonymous, limits, password_file, port, users",
        )

    def test_all(self) -> None:
        """Everything that is wrong is told at once, in the order of the lines."""
        errors = self.refused(
            """
            c['www'] = {'prot': 1}
            c['titel'] = 'x'
            c['title'] = 5
            """
        )
        self.assertEqual([error.partition(":")[0] for error in errors], ["3", "4", "5"])

    def test_types(self) -> None:
        """A wrong type is told with what was expected."""
        for text, sentence in (
            ("c['title'] = 5", "title is 5; a text is expected"),
            ("c['www'] = None", "www is of type NoneType; a dict is expected"),
            ("c['www'] = {'allowed_hosts': 'x'}", "www['allowed_hosts'] is 'x'; a list of texts is expected"),
            ("c['status_limits'] = {'default': 0}", "status_limits['default'] is 0; a whole number from 1 is expected"),
            (
                "c['status_limits'] = {'deadline': 'x'}",
                "status_limits['deadline'] is 'x'; a number of seconds is expected",
            ),
            (
                "c['status_pb'] = {'port': 1, 'anonymous': 1}",
                "status_pb['anonymous'] is 1; True or False is expected",
            ),
        ):
            self.assertEqual(self.refused(text), [f"2: {sentence}"])

    def test_ports(self) -> None:
        """A port is a number, or the endpoint of one."""
        for value in ("-1", "70000", "True", "[]", "''"):
            [error] = self.refused(f"c['www'] = {{'port': {value}}}")
            self.assertIn("a port (0 to 65535), an endpoint such as", error)
        for value in ("ssl:8020:privateKey=x", "tcp:x", "tcp:8020:mode=1", "unix:/run/x"):
            [error] = self.refused(f"c['www'] = {{'port': {value!r}}}")
            self.assertIn("cannot be listened on", error)

    def test_defaultAboveLargest(self) -> None:
        """A default limit that may not be asked for, wherever the two come from."""
        self.assertEqual(
            self.refused("c['status_limits'] = {'largest': 5,\n  'default': 6}"),
            ["3: status_limits['default'] is 6, above status_limits['largest'], which is 5"],
        )
        for file, options, sentence in (
            ("", {"defaultLimit": 50, "largestLimit": 10}, "--default-limit is 50, above --largest-limit, which is 10"),
            ("", {"defaultLimit": 10001}, "--default-limit is 10001, above status_limits['largest'], which is 10000"),
            (
                "c['status_limits'] = {'default': 6}",
                {"largestLimit": 5},
                "2: status_limits['default'] is 6, above --la",
            ),
        ):
            [error] = self.refused(file, **options)
            self.assertTrue(error.startswith(sentence), error)

    def test_nothing(self) -> None:
        """What would serve nothing, or nobody."""
        self.assertEqual(
            self.refused("c['www'] = {'port': None}"),
            ["2: www['port'] is None, and none of status_pb, status and services is there: nothing would be served"],
        )
        self.assertEqual(
            self.refused("c['status_pb'] = {'users': {'ada': 'x'}}"),
            ["2: status_pb has no port, so nobody could connect"],
        )

    def test_listeners(self) -> None:
        """Listeners that are none, that hear nothing, or that are called the same."""
        begin = "from buildbot.status.listeners import StatusListener as L; "
        mine = "M = type('M', (L,), {'buildFinished': lambda self, build: None}); "
        for text, sentence in (
            ("c['status'] = 5", "status is of type int; a list of listeners is expected"),
            ("c['status'] = [dict]", "status: entry 1 is the class dict; a listener (an instance of a subclass of"),
            (f"{begin}{mine}c['services'] = [M(), 5]", "services: entry 2 is of type int; a reporter of"),
            (f"{begin}c['status'] = [L()]", "status: StatusListener hears nothing: it defines none of"),
            (f"{begin}{mine}c['status'] = [M(), M()]", "status: 2 listeners are called 'M': how far"),
        ):
            [error] = self.refused(text)
            self.assertTrue(error.startswith(f"2: {sentence}"), error)

    def test_together(self) -> None:
        """Reporters among the services are listeners as others, and none may be called as one of those."""
        begin = "from buildbot.status.listeners import StatusListener as L; "
        mine = "M = type('M', (L,), {'buildFinished': lambda self, build: None}); "
        found = self.load(f"{begin}{mine}c['status'], c['services'] = [M()], [M('other')]")
        self.assertEqual([listener.name for listener in found.listeners], ["M", "other"])
        [error] = self.refused(f"{begin}{mine}c['status'] = c['services'] = [M()]")
        self.assertTrue(error.startswith("2: 2 listeners are called 'M'"), error)

    def test_differences(self) -> None:
        """What has changed besides listeners is named by its key; every setting has one."""
        before, after = (
            self.load(""),
            self.load("c['title'] = 'Other'; c['www'] = {'port': 1}; c['status_limits'] = {}"),
        )
        self.assertEqual((after.differences(before), after.differences(after)), (["title", "www"], []))
        names = {field.name for field in attrs.fields(Settings)}
        self.assertEqual(names - KEYS.keys(), {"basedir", "listeners", "secrets", "notices"})

    def test_providers(self) -> None:
        """Who keeps secrets is looked at before anything starts."""
        for text, sentence in (
            ("c['secretsProviders'] = {}", "secretsProviders is of type dict; a list of providers"),
            ("c['secretsProviders'] = [str]", "secretsProviders: entry 1 is the class str; a provider such as"),
            (
                "from buildbot.plugins import secrets; secrets.SecretInAFile('/nowhere')",
                "SecretInAFile: /nowhere cannot",
            ),
        ):
            [error] = self.refused(text)
            self.assertTrue(error.startswith(f"2: {sentence}"), error)

    def test_secrets(self) -> None:
        """What may hold a password is not shown."""
        for text in ("c['db']['db_url'] = ['secret']", "c['status_pb'] = {'port': 1, 'users': 'secret'}"):
            self.assertNotIn("secret", "".join(self.refused(text)))

    def test_url(self) -> None:
        """A buildbotURL that is none."""
        self.assertEqual(
            self.refused("c['buildbotURL'] = 'ci'"),
            ["2: buildbotURL is 'ci'; an address such as https://ci.example.org/buildbot/ is expected"],
        )

    def test_engine(self) -> None:
        """What db holds for another engine is refused, and nothing else is left out silently."""
        [error] = self.refused("c['db']['engine_kwargs'] = {'pool_size': 5}")
        self.assertTrue(error.startswith("2: db['engine_kwargs'] is not used here"), error)

    def test_master(self) -> None:
        """Keys of the master that builds are known, and refused as what they are."""
        for key in OF_A_MASTER:
            self.assertEqual(
                self.refused(f"c[{key!r}] = []"),
                [f"2: {key} is for the master that builds; what is attached only reads: leave it out"],
            )

    def test_gates(self) -> None:
        """What would seem to protect the answers is refused."""
        for key in OF_ITS_GATES:
            [error] = self.refused(f"c['www'] = {{{key!r}: None}}")
            self.assertTrue(error.startswith(f"2: www[{key!r}] cannot be had: "), error)

    def test_pages(self) -> None:
        """What only Buildbot's own pages need is left out, and told."""
        for key in OF_ITS_PAGES:
            [notice] = self.load(f"c['www'] = {{{key!r}: None}}").notices
            self.assertTrue(notice.startswith(f"www[{key!r}] makes no difference here"))

    def test_sampleKeys(self) -> None:
        """The keys of Buildbot's own sample configuration are all known."""
        errors = self.refused(
            dedent(
                """
                c['workers'] = c['protocols'] = c['change_source'] = []
                c['schedulers'] = c['builders'] = []
                c['services'] = []
                c['title'] = "Hello"
                c['titleURL'] = "https://buildbot.github.io/hello-world/"
                c['buildbotURL'] = "http://localhost:8010/"
                c['www'] = dict(port=8010, plugins=dict(waterfall_view={}, console_view={}, grid_view={}))
                """
            )
        )
        self.assertEqual(len(errors), 5)
        self.assertTrue(all("is for the master that builds" in error for error in errors))
