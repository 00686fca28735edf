"""Renderables come down to what Buildbot's do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.trial.unittest import SynchronousTestCase

from buildbot.config.rendering import (
    FlattenList,
    Interpolate,
    Property,
    Secret,
    Transform,
    URLForBuild,
    WithProperties,
    render,
    renderer,
)
from buildbot.errors import ConfigError

PROPERTIES = {
    "branch": ("main", "Change"),
    "empty": ("", "test"),
    "none": (None, "test"),
    "zero": (0, "test"),
    "list": ([1, 2], "test"),
    "jobs": (4, "test"),
}
MORE: Mapping[str, Any] = {
    "sourcestamps": [{"codebase": "", "branch": "b", "revision": None}, {"codebase": "lib", "revision": "ab12"}],
    "changes": [{"files": ["a", "b"]}, {"files": ["b", "c"]}],
    "worker": {"admin": "me", "numcpus": 8},
    "url": "http://ci/#/builders/1/builds/2",
}


class Secrets:
    def get(self, name: str) -> Deferred[str]:
        return succeed("s3cret") if name == "token" else fail(ConfigError(f"no secret {name!r}"))


class RenderingTests(SynchronousTestCase):
    def render(self, value: Any) -> Any:
        return self.successResultOf(Deferred.fromCoroutine(render(value, PROPERTIES, Secrets(), **MORE)))

    def test_interpolate(self) -> None:
        """Selectors, and what may follow a name."""
        for format, expected in {
            "%(prop:branch)s/%(prop:gone)s/%(prop:none)s": "main//",
            "100%% %(prop:branch)10s %(prop:branch)r": "100%       main 'main'",
            "%(prop:gone:-d)s %(prop:empty:-d)s %(prop:none:-d)s|": "d  |",
            "%(prop:gone:~d)s %(prop:empty:~d)s %(prop:none:~d)s %(prop:zero:~d)s": "d d d d",
            "%(prop:gone:+y)s|%(prop:none:+y)s": "|y",
            "%(prop:gone:?|y|n)s %(prop:zero:?:y:n)s %(prop:zero:#?|y|n)s %(prop:jobs:#?|y|n)s": "n y n y",
            "%(prop:gone:-a:b:c)s": "a:b:c",
            "%(prop:gone:-%(prop:branch)s-%(kw:x)s)s": "main-X",
            "%(prop:jobs:?|%(prop:gone:?|a|b)s|n)s": "b",
            "%(src::branch)s %(src:lib:revision)s %(src:lib:gone)s %(src:no:branch)s|": "b ab12  |",
            "%(src::revision:-HEAD)s %(src:no:branch:-none)s": " none",
            "%(secret:token)s %(worker:admin)s %(worker:numcpus)s": "s3cret me 8",
            "%(kw:x)s %(kw:p)s %(kw:no:-d)s": "X 4 d",
        }.items():
            self.assertEqual(self.render(Interpolate(format, x="X", p=Property("jobs"))), expected, format)
        self.assertEqual(
            self.render(Interpolate("%s-%s %d", Property("branch"), None, Property("jobs"))), "main-None 4"
        )
        self.assertEqual(self.render(Interpolate("nothing", a=1)), "nothing")

    def test_interpolateErrors(self) -> None:
        """What cannot be is an error in the configuration at once, with what would be right."""
        for format, words in {
            "%(prop:x)d": "number",
            "%s": "no %%",
            "%(branch)s": "begins with one of prop:",
            "%(property:x)s": "begins with one of prop:",
            "%(prop:a b)s": "is no name",
            "%(src:x)s": "src:CODEBASE:ATTRIBUTE",
            "%(prop:x:d)s": "one of :-",
            "%(prop:x:?|y)s": "two texts",
            "%(prop:x:?(y(n)s": "Interpolate",
            "%(prop:x:-%(no)s)s": "begins with",
            "100%": "incomplete",
        }.items():
            error = self.assertRaises(ConfigError, Interpolate, format)
            self.assertIn(words, str(error), format)
        self.assertRaises(ConfigError, lambda: Interpolate("%s", 1, a=2))

    def test_property(self) -> None:
        """The default is for what is not there, and by default for what is false."""
        self.assertEqual(self.render(Property("branch", "d")), "main")
        self.assertEqual(self.render([Property("gone"), Property("gone", Property("branch"))]), [None, "main"])
        self.assertEqual(self.render(Property("zero", "d")), "d")
        self.assertEqual(self.render([Property(n, "d", defaultWhenFalse=False) for n in ("zero", "none")]), [0, None])

    def test_operators(self) -> None:
        """Operators make further renderables; a comparison is none that could be asked at once."""
        jobs = Property("jobs")
        operations = [jobs + 1, jobs - 1, jobs * 2, jobs / 8, jobs // 3, jobs % 3]
        self.assertEqual(self.render(operations), [5, 3, 8, 0.5, 1, 1])
        comparisons = [jobs == 4, jobs != 4, jobs < 4, jobs <= 4, jobs > 4, jobs >= Property("zero", 0)]
        self.assertEqual(self.render(comparisons), [True, False, False, True, False, True])
        self.assertEqual(self.render([jobs.in_(Property("list")), jobs.in_([4])]), [False, True])
        self.assertRaises(TypeError, lambda: {jobs: 1})

    def test_others(self) -> None:
        """Functions, which are called with what is known; lists; secrets; and what stands in containers."""

        @renderer
        def context(props: Any, more: str = "") -> Any:
            self.assertTrue("branch" in props and props["branch"] == "main" and props.hasProperty("empty"))
            self.assertEqual((props.files, props.getProperty("gone", 3)), (["a", "b", "c"], 3))
            return succeed(Interpolate("%(prop:branch)s%(kw:more)s", more=more))

        @renderer
        async def later(props: Any) -> Any:
            return await props.render(Secret("token"))

        class Own:
            def getRenderingFor(self, props: Any) -> int:
                return 7

        value = {Own(): (context, [context.withArgs(Property("jobs")), later], Own(), {1}, URLForBuild)}
        self.assertEqual(self.render(value), {7: ("main", ["main4", "s3cret"], 7, {1}, MORE["url"])})
        self.assertEqual(self.render(Transform(max, Property("jobs"), 0)), 4)
        self.assertEqual(self.render(Transform(renderer(lambda props: "{}{a}".format), 1, a=Property("jobs"))), "14")
        more = [[3]]
        self.assertEqual(self.render(FlattenList([1, [2, Property("list")]]) + more), [1, 2, 1, 2, 3])
        self.assertEqual(self.render(FlattenList([1]) + FlattenList(more)), [1, 3])
        failing = Deferred.fromCoroutine(render([Secret("no")], {}, Secrets()))
        self.assertIn("no secret 'no'", str(self.failureResultOf(failing, ConfigError).value))
        none = Deferred.fromCoroutine(render(Interpolate("%(secret:x)s"), {}))
        self.assertIn("no providers", str(self.failureResultOf(none, ConfigError).value))

    def test_withProperties(self) -> None:
        """The older form."""
        self.assertEqual(self.render(WithProperties("%s-%s|", "branch", "none")), "main-|")
        format = "%(branch)s %(gone:-d)s %(zero:~d)s %(zero:-d)s %(jobs:+y)s %(gone:+y)s|%(f)s"
        self.assertEqual(
            self.render(WithProperties(format, f=lambda props: props["branch"].upper())), "main d d 0 y |MAIN"
        )
        self.failureResultOf(Deferred.fromCoroutine(render(WithProperties("%(gone)s"), {})), KeyError)
        self.assertRaises(ConfigError, lambda: WithProperties("%s", "a", b=1))
