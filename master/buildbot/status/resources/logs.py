from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from buildbot.status.definition import Endpoint, Getter, Iterating, One, Resource, field, getter, iterating, key, one
from buildbot.status.fieldtypes import Identifier

if TYPE_CHECKING:
    from buildbot.status.resources.steps import Step


class Log(Resource):
    """What a step wrote; its lines are :class:`LogChunk`."""

    Plural = Table = "logs"
    At = "logs/n:logid {step}/logs/i:log_slug=slug"
    Orders = ("logid",)
    Limit = 1000
    Topics = "new append finished"
    Level = "new append:+num_lines finished:+complete"
    Text = "append:contents"
    Within = "stepid"
    Page = "{step}/logs/{slug}"

    logid: int = key("id")
    name: str = field()
    slug: Identifier = field(doc="The name, fit for a path; unique within the step.")
    stepid: int = field()
    complete: bool = field(doc="Nothing more will be appended.")
    num_lines: int = field()
    type: Identifier = field(
        doc="``s``: output and errors, each line with a prefix ``o``, ``e`` or ``h``; ``t``: text; "
        "``h``: HTML; ``d``: deleted."
    )

    getStep: One[Step] = one("stepid")
    getText: Getter[str] = getter("logs:getText", doc="Its text, as far as it fits into memory.")
    readlines: Getter[Sequence[str]] = getter("logs:readlines", doc="The lines of its text, without their ends.")
    getChunks: Iterating[tuple[str, str]] = iterating(
        "logs:getChunks", doc="Its text, piece by piece, each with the letter of its stream."
    )
    followLines: Iterating[str] = iterating(
        "logs:followLines", doc="Its lines, those that are there and those that come, until it is complete."
    )


class LogChunk(Resource):
    """Lines of a log."""

    Plural, Name = "logchunks", "logchunk"
    Endpoints = (
        Endpoint(
            "{log}/contents",
            run="logs:contents",
            parameters=("limit", "offset", "search"),
            doc="""Lines of a log: ``limit`` of them from ``offset``, counted from 0; a negative offset counts from the
            end. Without a limit: all. ``search``: only lines that hold this text, or one of several; at most 1,000, and
            of at most 32 MiB looked through: ``meta.next`` goes on.""",
        ),
        Endpoint(
            "{build}/log_tails",
            run="logs:tails",
            many=True,
            parameters=("lines",),
            doc="""Why it failed: the last lines of each log of its steps that ended with failure or exception, of at
            most 20 logs. ``lines``: how many, 40 without it, at most 200.""",
            since="0.1",
            stability="provisional",
        ),
        Endpoint("{log}/raw", run="logs:raw", raw=True, doc="The whole log, to be saved as a file."),
        Endpoint("{log}/raw_inline", run="logs:rawInline", raw=True, doc="The whole log, to be looked at."),
    )

    logid: int = field()
    firstline: int = field(doc="The number of the first line; lines count from 0.")
    lines: Sequence[int] | None = field(
        doc="The numbers of the lines that ``search=`` found; null without it.", stability="provisional"
    )
    content: str = field(doc="The lines, each with its line end; of logs of type ``s`` with their prefix.")
