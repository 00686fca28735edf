"""The page for those who call from Python: what the interface promises, in its own words."""

from __future__ import annotations

import inspect
import textwrap

from buildbot.status.generate.rst import page, title
from buildbot.status.interfaces import IStatusConnection

TEXT = """
The same over every language. :doc:`/howto/plugins` has examples; the fields and getters of records are those of
:doc:`resources/index`.
"""
REST = """
.. autofunction:: buildbot.status.client.connect

.. autoclass:: buildbot.status.answer.Answer
   :members: one

.. autoclass:: buildbot.status.streams.OpenStream
   :members:

.. autoclass:: buildbot.status.definition.Resource
   :members: asDict, refreshed, subscribe, waitUntilFinished
   :exclude-members: Fields

Getters at the root
-------------------

.. autoclass:: buildbot.status.getters.StatusGetters
   :members:
   :inherited-members: object

Getters that are no relations
-----------------------------

The first argument is the record: ``build.getETA()`` is ``getETA(build)`` here.

.. automodule:: buildbot.status.getting.builders
   :members:

.. automodule:: buildbot.status.getting.builds
   :members:

.. automodule:: buildbot.status.getting.logs
   :members:

.. automodule:: buildbot.status.getting.sourcestamps
   :members:

.. automodule:: buildbot.status.getting.times
   :members:

.. automodule:: buildbot.status.getting.users
   :members:
"""


def pythonPage() -> str:
    """The interface, and what the autodoc extension finds of the rest."""
    parts = [".. py:module:: buildbot.status.interfaces\n", ".. py:class:: IStatusConnection\n"]
    parts.append(_indented(IStatusConnection.__doc__, 3))
    for name, method in IStatusConnection.namesAndDescriptions():
        parts.append(f"   .. py:method:: {name}{method.getSignatureString()}\n")
        parts.append(_indented(method.__doc__, 6))
    return page(title("From Python"), TEXT.strip() + "\n", *parts, REST.strip() + "\n")


def _indented(text: str | None, by: int) -> str:
    return textwrap.indent(inspect.cleandoc(text or ""), " " * by) + "\n"
