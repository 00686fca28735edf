"""Sphinx: warnings are errors (``make docs``)."""

from __future__ import annotations

project = "buildbot-status"
author = "The buildbot-status contributors"
copyright = "2026, the buildbot-status contributors"
release = version = "0.1.0"

extensions = ["sphinx.ext.autodoc"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "buildbot-status"
html_static_path: list[str] = []

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
