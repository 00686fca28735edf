"""What reports say: formatters make text of what is known about a build, a buildset, or a worker that is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jinja2 import Environment, TemplateSyntaxError
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from buildbot.config.rendering import awaited
from buildbot.errors import ConfigError
from buildbot.status.listeners.reporters import wording
from buildbot.status.listeners.reporters.about import About, Wants
from buildbot.status.results import RESULTS

TYPES = ("plain", "html", "json")
Message = dict[str, Any]
"""``body``, ``type``, ``subject`` and ``extra_info``."""


def message(body: Any, type: str, subject: str | None = None, extra_info: Any = None) -> Message:
    """What a formatter gives. Raises ValueError for an ``extra_info`` that cannot be used."""
    if extra_info is not None and (
        not isinstance(extra_info, Mapping) or not all(isinstance(each, Mapping) for each in extra_info.values())
    ):
        raise ValueError(f"extra_info is {extra_info!r}; a dict whose values are dicts is expected")
    return {"body": body, "type": type, "subject": subject, "extra_info": extra_info}


class MessageFormatterBase:
    """A base of formatters.

    A subclass defines ``formatMessage(self, reporter, context)``, which gets the variables of templates and gives a
    :data:`Message`; or, to have more, the two ``format_message_…`` methods. Each may be plain, return a Deferred, or be
    a coroutine.
    """

    template_type = "plain"

    def __init__(
        self,
        ctx: Mapping[str, Any] | None = None,
        want_properties: bool = True,
        want_steps: bool = False,
        want_logs: bool = False,
        want_logs_content: bool | Sequence[str] = False,
    ) -> None:
        """``ctx``: further variables. ``want_…``: what is asked for of each build, beside the rest;
        ``want_logs_content``: True, or names of logs, ``stdio`` or ``compile.stdio``."""
        if not isinstance(want_logs_content, (bool, list, tuple)):
            raise ConfigError("want_logs_content: True, False, or a list of names of logs is expected")
        content = want_logs_content if isinstance(want_logs_content, bool) else frozenset(want_logs_content)
        self.ctx = dict(ctx or {})
        self.wants = Wants(want_properties, want_steps, want_logs, content)

    def format_message_for_build(
        self, reporter: Any, build: dict[str, Any], *, about: About, mode: Sequence[str] = (), is_buildset: bool = False
    ) -> Deferred[Message]:
        """What is said of one build, which is Buildbot's build dict. ``is_buildset``: as part of what is said of a
        buildset; ``mode``: of the generator."""
        return self._formatted(reporter, self._ofBuild(reporter, build, about, mode, is_buildset))

    def _formatted(self, reporter: Any, context: dict[str, Any]) -> Deferred[Message]:
        return Deferred.fromCoroutine(awaited(self.formatMessage(reporter, context)))

    def format_message_for_buildset(
        self,
        reporter: Any,
        buildset: dict[str, Any],
        builds: Sequence[dict[str, Any]],
        *,
        abouts: Sequence[About] = (),
        mode: Sequence[str] = (),
    ) -> Deferred[Message]:
        """What is said of a whole buildset, and all its builds."""
        stamps, results = buildset["sourcestamps"], buildset["results"]
        context = {
            **self._common(reporter, stamps, results, mode, None),
            "buildset": buildset,
            "builds": builds,
            "is_buildset": True,
            "blamelist": sorted({user for about in abouts for user in about.users}),
        }
        return self._formatted(reporter, {**context, **self.ctx})

    def formatMessage(self, reporter: Any, context: dict[str, Any]) -> Any:
        """The message for these variables."""
        raise NotImplementedError(f"{type(self).__name__} defines no formatMessage()")

    def _common(
        self, reporter: Any, stamps: Any, results: int | None, mode: Sequence[str], previous: int | None
    ) -> dict[str, Any]:
        return {
            "results": results,
            "result_names": list(RESULTS),
            "mode": tuple(mode),
            "projects": wording.projects(stamps, reporter.title),
            "status_detected": wording.detected(results, mode, previous),
            "buildbot_title": reporter.title,
            "buildbot_url": reporter.buildbotURL,
            "sourcestamps": wording.sources(stamps),
        }

    def _ofBuild(
        self, reporter: Any, build: dict[str, Any], about: About, mode: Sequence[str], isBuildset: bool
    ) -> dict[str, Any]:
        previous = (build.get("prev_build") or {}).get("results")
        return {
            **self._common(reporter, about.stamps, build["results"], mode, previous),
            "buildername": build["builder"]["name"],
            "workername": about.valueOf("workername") or "<unknown>",
            "buildset": build["buildset"],
            "build": build,
            "is_buildset": isBuildset,
            "previous_results": previous,
            "build_url": build["url"],
            "blamelist": about.users,
            "summary": wording.summary(build["results"], build.get("state_string", "")),
            **self.ctx,
        }


class _Template:
    """A jinja2 template. In HTML, what is put in is escaped, and what the template says is not."""

    def __init__(self, text: str, type: str, what: str, *, isOwn: bool = False) -> None:
        """``isOwn``: it is one of :mod:`buildbot.status.listeners.reporters.wording`."""
        environment = Environment(autoescape=type == "html", trim_blocks=isOwn, lstrip_blocks=isOwn)
        environment.globals["word"] = _word
        try:
            self._template = environment.from_string(text)
        except TemplateSyntaxError as error:
            raise ConfigError(f"{what}, line {error.lineno}: {error.message}") from None

    def render(self, context: Mapping[str, Any]) -> Any:
        """A Deferred that fires with the text. What a template takes long for, or does for ever, holds up a thread."""
        return deferToThread(self._template.render, context)


def _word(results: int | None) -> str:
    return "running" if results is None else RESULTS[results]


class MessageFormatter(MessageFormatterBase):
    """A jinja2 template; without one, a built-in text with the build's state, steps and logs."""

    texts = {"plain": wording.PLAIN, "html": wording.HTML}
    subject = wording.SUBJECT

    def __init__(
        self,
        template: str | None = None,
        subject: str | None = None,
        template_type: str = "plain",
        extra_info_cb: Callable[[dict[str, Any]], Any] | None = None,
        ctx: Mapping[str, Any] | None = None,
        want_properties: bool = True,
        want_steps: bool = False,
        want_logs: bool = False,
        want_logs_content: bool | Sequence[str] = False,
    ) -> None:
        """``template_type``: ``plain`` or ``html``, or, with a template, anything. ``extra_info_cb`` gets the variables
        and gives a dict of dicts, which is passed to the reporter, or a Deferred or coroutine with one."""
        if template is None:
            if template_type not in self.texts:
                known = " or ".join(map(repr, self.texts))
                raise ConfigError(f"template_type={template_type!r}: {known} is expected, unless there is a template")
            want_steps = want_logs = True
        super().__init__(ctx, want_properties, want_steps, want_logs, want_logs_content)
        self.template_type, self._extra = template_type, extra_info_cb
        self._isOwn = template is None
        text = self.texts[template_type] if template is None else template
        self._body = _Template(text, template_type, "template", isOwn=self._isOwn)
        self._subject = _Template(self.subject if subject is None else subject, "plain", "subject")

    async def formatMessage(self, reporter: Any, context: dict[str, Any]) -> Message:
        """See :class:`MessageFormatterBase`."""
        if self._isOwn:
            context["results_style"] = wording.STYLES
        body, subject = await self._body.render(context), await self._subject.render(context)
        extra = self._extra(context) if self._extra is not None else None
        return message(body, self.template_type, " ".join(subject.split()), await awaited(extra))


class MessageFormatterRenderable(MessageFormatterBase):
    """A renderable, such as ``Interpolate("%(prop:buildername)s is done")``."""

    def __init__(self, template: Any, subject: Any = None) -> None:
        super().__init__()
        self._template, self._subject = template, subject

    def format_message_for_build(
        self, reporter: Any, build: dict[str, Any], *, about: About, mode: Sequence[str] = (), is_buildset: bool = False
    ) -> Deferred[Message]:
        """See :class:`MessageFormatterBase`."""
        known = about.known(reporter.secrets)
        return known.render((self._template, self._subject)).addCallback(self._said)

    def _said(self, rendered: tuple[Any, Any]) -> Message:
        body, subject = rendered
        return message(None if body is None else str(body), self.template_type, subject and str(subject))

    def format_message_for_buildset(self, reporter: Any, buildset: Any, builds: Any, **more: Any) -> Deferred[Message]:
        """See :class:`MessageFormatterBase`."""
        raise ConfigError(
            "MessageFormatterRenderable says something of a build, not of a buildset: use MessageFormatter or "
            "MessageFormatterFunction"
        )


class MessageFormatterFunction(MessageFormatterBase):
    """A function, which gets ``{"build": …}``, or for a buildset ``{"buildset": …, "builds": …}``; what it gives is the
    body. It may return a Deferred or be a coroutine."""

    def __init__(
        self,
        function: Callable[[dict[str, Any]], Any],
        template_type: str,
        want_properties: bool = True,
        want_steps: bool = False,
        want_logs: bool = False,
        want_logs_content: bool | Sequence[str] = False,
    ) -> None:
        if not callable(function):
            raise ConfigError("MessageFormatterFunction: a function is expected first")
        super().__init__(None, want_properties, want_steps, want_logs, want_logs_content)
        self._function, self.template_type = function, template_type

    async def formatMessage(self, reporter: Any, context: dict[str, Any]) -> Message:
        """See :class:`MessageFormatterBase`."""
        body = self._function({name: context[name] for name in self._names(context)})
        return message(await awaited(body), self.template_type)

    @staticmethod
    def _names(context: Mapping[str, Any]) -> Sequence[str]:
        return ("build",) if "build" in context else ("buildset", "builds")


class MessageFormatterFunctionRaw(MessageFormatterBase):
    """A function, which gets the reporter and the variables of templates, and gives a dict with ``body``, ``type``,
    ``subject`` and ``extra_info``, or a Deferred or coroutine with one."""

    def __init__(
        self,
        function: Callable[[Any, dict[str, Any]], Any],
        want_properties: bool = True,
        want_steps: bool = False,
        want_logs: bool = False,
        want_logs_content: bool | Sequence[str] = False,
    ) -> None:
        if not callable(function):
            raise ConfigError("MessageFormatterFunctionRaw: a function is expected first")
        super().__init__(None, want_properties, want_steps, want_logs, want_logs_content)
        self._function = function

    async def formatMessage(self, reporter: Any, context: dict[str, Any]) -> Message:
        """See :class:`MessageFormatterBase`."""
        made = await awaited(self._function(reporter, context))
        if not isinstance(made, Mapping) or not set(made) <= {"body", "type", "subject", "extra_info"}:
            raise ValueError(f"a dict with body, type, subject and extra_info is expected, not {made!r}")
        return message(made.get("body"), made.get("type", "plain"), made.get("subject"), made.get("extra_info"))


class MessageFormatterEmpty(MessageFormatterBase):
    """Says nothing: for reporters that send something without a text as well."""

    async def formatMessage(self, reporter: Any, context: dict[str, Any]) -> Message:
        """See :class:`MessageFormatterBase`."""
        return message(None, self.template_type)


class MessageFormatterMissingWorker(MessageFormatter):
    """As :class:`MessageFormatter`, about a worker: its template has ``worker``, ``buildbot_title`` and
    ``buildbot_url``."""

    texts = {"plain": wording.MISSING_PLAIN, "html": wording.MISSING_HTML}
    subject = wording.MISSING_SUBJECT

    async def formatWorker(self, reporter: Any, worker: Mapping[str, Any]) -> Message:
        """What is said of a worker that is missing."""
        about = {"worker": worker, "buildbot_title": reporter.title, "buildbot_url": reporter.buildbotURL}
        return await self._formatted(reporter, {**about, **self.ctx})
