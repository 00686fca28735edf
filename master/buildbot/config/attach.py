"""The settings of ``buildbot attach``: from a file with master.cfg's names, and from options, which go before it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import attrs

from buildbot.config import values
from buildbot.config.endpoints import listening, tcp
from buildbot.config.file import ConfigFile, Section
from buildbot.config.listen import OF_A_MASTER, introduce, listenersOf
from buildbot.config.settings import PORT, PBSettings, Settings
from buildbot.config.views import viewsOf
from buildbot.db.statefile import MEMORY
from buildbot.db.writes.trim import Keep
from buildbot.errors import ConfigError
from buildbot.status.definition import snake
from buildbot.status.query import Limits
from buildbot.www.settings import HttpLimits, WebSettings

T = TypeVar("T")

NO_DATABASE = (
    "Which database? --db names it, as the master's db_url does: sqlite:////home/buildbot/master/state.sqlite or "
    "postgresql://user@host/buildbot; or c['db'] = {'db_url': …} in a configuration file"
)

POLL, LOG = "poll", "log"
"""Where events come from: news are looked for, or the database has a log of them."""

# fmt: off
OF_ITS_PAGES = (
    "ui_default_config", "default_page", "theme", "custom_templates_dir", "project_widgets",
    "versions", "graphql", "jsonp", "avatar_methods", "cookie_expiration_time", "ws_ping_interval", "debug",
    "json_cache_seconds", "rest_minimum_version", "logRotateLength", "maxRotatedFiles",
)
# fmt: on
"""Keys of master.cfg's ``www`` without which this API is the same."""
OF_ITS_GATES = {
    "auth": "nobody logs in here: whoever can reach the port may read everything",
    "authz": "there are no roles here: whoever can reach the port may read everything",
    "change_hook_dialects": "there are no change hooks here: what is attached only reads",
    "change_hook_auth": "there are no change hooks here: what is attached only reads",
}
"""Keys of master.cfg's ``www`` that must not seem to work."""


@attrs.frozen(kw_only=True)
class Options:
    """What the command line said; None: nothing."""

    config: str | None = None
    db: str | None = None
    port: str | None = None
    pb: str | None = None
    interface: str | None = None
    url: str | None = None
    stockURL: str | None = None
    allowedHosts: Sequence[str] = ()
    defaultLimit: int | None = None
    largestLimit: int | None = None
    state: str | None = None
    tokenFile: str | None = None
    events: str | None = None


def settings(options: Options) -> Settings:
    """Raises ConfigError, which names the file, the line and the key of everything that cannot be used."""
    file = ConfigFile({}, os.getcwd()) if options.config is None else ConfigFile.run(options.config)
    read = _Reader(options, file).settings()
    file.check()
    return read


class _Reader:
    """Reads one file, below one set of options."""

    def __init__(self, options: Options, file: ConfigFile) -> None:
        self._options, self._file = options, file
        self._notices: list[str] = []

    def settings(self) -> Settings:
        top = Section(self._file, self._file.values)
        dbUrl = self._database(top)
        baseURL = top.take("buildbotURL", values.textOrNone)
        url = self._options.url or baseURL
        www = top.section("www")
        stockURL = self._stock(www, baseURL)
        web = self._www(www, url)
        told = listenersOf(top)
        found = Settings(
            dbUrl=dbUrl,
            basedir=None if self._options.db else self._file.basedir,
            web=web,
            pb=self._pb(top),
            state=self._state(top),
            tokenFile=self._tokenFile(top),
            followsLog=(self._options.events or top.take("status_events", _events, POLL)) == LOG,
            keep=_limits(top.section("status_keep"), Keep),
            listeners=told.listeners,
            secrets=told.secrets,
            title=top.take("title", values.text, "Buildbot"),
            titleURL=top.take("titleURL", values.textOrNone),
            buildbotURL=url,
            stockURL=stockURL,
            notices=self._notices,
            **self._limits(top.section("status_limits")),
        )
        introduce(found.listeners, baseURL, found.title)
        self._ofAMaster(top)
        top.end()
        if not (found.web or found.pb or found.listeners or self._file.problems):
            self._file.problem(
                ["www", "port"],
                "www['port'] is None, and none of status_pb, status and services is there: nothing would be served",
            )
        return found

    def _database(self, top: Section) -> str:
        db = top.section("db")
        url = db.take("db_url", values.text, secret=True)
        old = top.take("db_url", values.text, secret=True)
        if db.take("engine_kwargs", values.mapping):
            db.problem("engine_kwargs", "db['engine_kwargs'] is not used here: connections are made in another way")
        db.end()
        found = self._named() or url or old
        if not found and not self._file.problems:
            self._file.problem(["db", "db_url"], NO_DATABASE)
        return str(found)

    def _state(self, top: Section) -> str | None:
        given = self._path(top.take("status_state", values.text))
        if self._options.state:
            given = os.path.abspath(self._options.state)
        return MEMORY if given is not None and os.path.basename(given) == MEMORY else given

    def _tokenFile(self, top: Section) -> str | None:
        given = self._path(top.take("status_token", values.text))
        return os.path.abspath(self._options.tokenFile) if self._options.tokenFile else given

    def _named(self) -> str | None:
        given = self._options.db
        if given is not None and "://" not in given:
            path = os.path.abspath(given)
            hint = f"sqlite:///{path}" if os.path.exists(path) else "sqlite:////home/buildbot/master/state.sqlite"
            raise ConfigError(f"--db {given}: a URL is expected, such as {hint}")
        return given

    def _stock(self, www: Section, baseURL: str | None) -> str | None:
        """Where Buildbot's own pages are: as it is said, else where the master's own configuration has them, which is
        taken over as it is, when this server has another address."""
        given = www.take("stock_url", values.textOrNone)
        beside = baseURL if self._options.url not in (None, baseURL) else None
        return self._options.stockURL or given or beside

    def _www(self, www: Section, baseURL: str | None) -> WebSettings | None:
        port = www.take("port", values.port, PORT)
        views, notices = viewsOf(www.section("plugins"))
        self._notices.extend(notices)
        given = {
            "views": views,
            "allowedOrigins": www.take("allowed_origins", values.texts),
            "allowedHosts": (*www.take("allowed_hosts", values.texts, ()), *self._options.allowedHosts),
            "trustedProxies": www.take("trusted_proxies", values.texts, ()),
            "accessLog": self._path(www.take("logfileName", values.textOrNone)),
            "limits": _limits(www.section("limits"), HttpLimits),
        }
        for key in OF_ITS_PAGES:
            if www.drop(key):
                self._notices.append(f"www[{key!r}] makes no difference here: it is for Buildbot's own pages.")
        for key, why in OF_ITS_GATES.items():
            if www.drop(key):
                www.problem(key, f"www[{key!r}] cannot be had: {why}")
        www.end()
        if port is None and self._options.port is None:
            return None
        try:
            number, interface = tcp(self._options.port or port, self._options.interface)
        except ConfigError as error:
            if self._options.port:
                raise ConfigError(f"--port {error}") from None
            www.problem("port", f"www['port'] {error}")
            return None
        try:
            return WebSettings(port=number, interface=interface, baseURL=baseURL, **given)
        except ConfigError as error:
            self._file.problem(["buildbotURL"], str(error))
            return None

    def _pb(self, top: Section) -> PBSettings | None:
        pb = top.section("status_pb")
        port = pb.take("port", values.port)
        users = pb.take("users", values.users, (), secret=True)
        passwordFile = pb.take("password_file", values.text)
        anonymous = pb.take("anonymous", values.flag, not (users or passwordFile))
        limits = pb.section("limits")
        found = None
        if limits:
            # Imported only then, because it takes a tenth of a second.
            from buildbot.status.pbsession import PBLimits

            found = _limits(limits, PBLimits)
        pb.end()
        port = self._options.pb or port
        if port is None:
            if "status_pb" in self._file.values:
                self._file.problem(["status_pb"], "status_pb has no port, so nobody could connect")
            return None
        return PBSettings(
            endpoint=listening(port, self._options.interface),
            users=users,
            passwordFile=self._path(passwordFile),
            anonymous=anonymous,
            limits=found,
        )

    def _path(self, name: str | None) -> str | None:
        return None if name is None else os.path.join(self._file.basedir, name)

    def _limits(self, section: Section) -> Mapping[str, Any]:
        given = {
            "deadline": section.take("deadline", values.seconds),
            "cacheBytes": section.take("cache_bytes", values.count),
        }
        default, largest = self._options.defaultLimit, self._options.largestLimit
        named = "default" in section or default is not None
        limits: Limits = _limits(section, Limits)
        limits = attrs.evolve(limits, default=default or limits.default, largest=largest or limits.largest)
        if limits.default > limits.largest:
            if named:
                self._aboveLargest(section, limits)
            limits = attrs.evolve(limits, default=limits.largest)
        return {"limits": limits, **{name: value for name, value in given.items() if value is not None}}

    def _aboveLargest(self, section: Section, limits: Limits) -> None:
        largest = "--largest-limit" if self._options.largestLimit else "status_limits['largest']"
        sentence = f"is {limits.default}, above {largest}, which is {limits.largest}"
        if self._options.defaultLimit:
            raise ConfigError(f"--default-limit {sentence}")
        section.problem("default", f"status_limits['default'] {sentence}")

    def _ofAMaster(self, top: Section) -> None:
        for key in OF_A_MASTER:
            if top.drop(key):
                top.problem(key, f"{key} is for the master that builds; what is attached only reads: leave it out")
        if top.take("buildbotNetUsageData", lambda value: value) is not None:
            top.problem("buildbotNetUsageData", "buildbotNetUsageData: nothing is ever sent from here; leave it out")


def _events(value: Any) -> str:
    if value not in (POLL, LOG):
        raise ValueError(f"{POLL!r}, to look for news, or {LOG!r}, to follow the database's own log of events")
    return str(value)


def _limits(section: Section, cls: type[T]) -> T:
    """A class of limits, from keys that are called as its fields."""
    given = {}
    for field in attrs.fields(cls):  # type: ignore[arg-type]  # all are attrs classes
        read = values.seconds if "float" in str(field.type) else values.count
        value = section.take(snake(field.name), read)
        if value is not None:
            given[field.name] = value
    section.end()
    return cls(**given)
