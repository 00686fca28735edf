"""The built web pages."""

from importlib.resources import files

FILES = files(__name__) / "files"
"""The folder that has them: ``index.html``, ``assets/…``, and beside each text what it is when it is compressed
(``.br``, ``.gz``)."""
