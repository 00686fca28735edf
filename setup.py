"""Packaging lives in pyproject.toml; this file is for tools that still start here."""

from setuptools import setup

setup()
