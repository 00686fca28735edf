"""How builds are spoken of: the words that templates get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from buildbot.status.results import RESULTS

SUCCESS, WARNINGS, FAILURE, SKIPPED, EXCEPTION, RETRY, CANCELLED = range(7)
STYLES = {
    SUCCESS: "color: #2e7d32",
    WARNINGS: "color: #b26a00",
    FAILURE: "color: #c62828",
    SKIPPED: "color: #546e7a",
    EXCEPTION: "color: #7b1fa2",
    RETRY: "color: #7b1fa2",
    CANCELLED: "color: #ad1457",
}
"""CSS of result codes."""


def detected(results: int | None, mode: Sequence[str], previous: int | None) -> str:
    """What has become of it, also by comparison: ``status_detected``."""
    changes = "change" in mode
    if results is None:
        return "running build"
    if results == FAILURE:
        isNew = (changes or "problem" in mode) and previous not in (None, FAILURE)
        return "new failure" if isNew else "failed build"
    if results == SUCCESS:
        return "restored build" if changes and previous not in (None, SUCCESS) else "passing build"
    if results == WARNINGS:
        return "problem in the build"
    return "build exception" if results == EXCEPTION else f"{RESULTS[results]} build"


def summary(results: int | None, state: str) -> str:
    """One line: ``summary``."""
    if results is None:
        return f"Build is running: {state}"
    if results == SUCCESS:
        return "Build succeeded!"
    if results == CANCELLED:
        return "Build was cancelled"
    return f"{'Build Had Warnings' if results == WARNINGS else 'BUILD FAILED'}: {state}"


def sources(stamps: Sequence[Mapping[str, Any]]) -> str:
    """A line for each source stamp: ``sourcestamps``."""
    return "".join(f"{_source(stamp)}\n" for stamp in stamps)


def _source(stamp: Mapping[str, Any]) -> str:
    codebase = f" '{stamp['codebase']}'" if stamp["codebase"] else ""
    branch = f"[branch {stamp['branch']}] " if stamp["branch"] else ""
    patch = " (plus patch)" if stamp["patch"] is not None else ""
    return f"Build Source Stamp{codebase}: {branch}{stamp['revision'] or 'HEAD'}{patch}"


def projects(stamps: Sequence[Mapping[str, Any]], title: str) -> str:
    """The projects of source stamps; else the title: ``projects``."""
    return ", ".join(sorted({stamp["project"] for stamp in stamps if stamp["project"]})) or title


SUBJECT = (
    "{{ {0: '☺', 2: '☠'}.get(results, '☝') }} Buildbot ({{ buildbot_title }}): "
    "{% if is_buildset %}{{ build['properties'].get('project', ['whole buildset'])[0] or 'whole buildset' }}"
    "{% else %}{{ buildername }}{% endif %} - {{ build['state_string'] }} "
    "({{ build['properties'].get('branch', [none])[0] or build['properties'].get('got_revision', [none])[0]"
    " or '(unknown revision)' }})"
)
"""The subject that is taken where a formatter has none."""

PLAIN = """\
{{ buildername }} #{{ build['number'] }} of {{ projects }}: {{ status_detected }}
{{ build_url }}

{{ summary }}

 State:    {{ build['state_string'] }}
 Revision: {{ build['properties'].get('got_revision', ['unknown'])[0] }}
 Worker:   {{ workername }}
 Reason:   {{ build['properties'].get('reason', ['none was given'])[0] }}
 Changed by: {{ blamelist | join(', ') or 'nobody' }}
 {{ sourcestamps | trim | indent(1) }}
{% for step in build['steps'] or [] if not step['hidden'] %}
{{ '%3d' | format(step['number']) }}. {{ step['name'] }}: {{ word(step['results']) }}
{% for log in step['logs'] or [] %}
     {{ log['name'] }} {{ log['url'] }}
{% endfor %}
{% endfor %}
"""
HTML = """\
<h3><a href="{{ build_url }}">{{ buildername }} #{{ build['number'] }}</a> of {{ projects }}:
<span style="{{ results_style.get(results, '') }}">{{ status_detected }}</span></h3>
<p>{{ summary }}</p>
<dl>
<dt>State</dt><dd>{{ build['state_string'] }}</dd>
<dt>Revision</dt><dd>{{ build['properties'].get('got_revision', ['unknown'])[0] }}</dd>
<dt>Worker</dt><dd>{{ workername }}</dd>
<dt>Reason</dt><dd>{{ build['properties'].get('reason', ['none was given'])[0] }}</dd>
<dt>Changed by</dt><dd>{{ blamelist | join(', ') or 'nobody' }}</dd>
</dl>
<pre>{{ sourcestamps | trim }}</pre>
<table>
{% for step in build['steps'] or [] if not step['hidden'] %}
<tr><td>{{ step['number'] }}</td><td>{{ step['name'] }}</td>
<td style="{{ results_style.get(step['results'], '') }}">{{ word(step['results']) }}</td>
<td>{% for log in step['logs'] or [] %}<a href="{{ log['url'] }}">{{ log['name'] }}</a> {% endfor %}</td></tr>
{% endfor %}
</table>
"""
MISSING_SUBJECT = "Buildbot ({{ buildbot_title }}): worker {{ worker['name'] }} is missing"
MISSING_PLAIN = """\
The worker {{ worker['name'] }} of the Buildbot {{ buildbot_title }} has been away for too long.

It was last connected at {{ worker['last_connection'] }}.
{% if worker['workerinfo'] %}
It said of itself: admin {{ worker['workerinfo'].get('admin') }}, host {{ worker['workerinfo'].get('host') }}.
{% endif %}
The Buildbot is at {{ buildbot_url }}
"""
MISSING_HTML = """\
<p>The worker <b>{{ worker['name'] }}</b> of the Buildbot <a href="{{ buildbot_url }}">{{ buildbot_title }}</a> has been
away for too long.</p>
<p>It was last connected at {{ worker['last_connection'] }}.</p>
{% if worker['workerinfo'] %}
<p>It said of itself: admin {{ worker['workerinfo'].get('admin') }}, host {{ worker['workerinfo'].get('host') }}.</p>
{% endif %}
"""
