"""Renderables, by the names that ``buildbot.plugins.util`` gives them, and how they are rendered."""

from buildbot.config.interpolate import Interpolate, WithProperties
from buildbot.config.renderables import (
    FlattenList,
    Known,
    Property,
    Secret,
    Transform,
    URLForBuild,
    render,
    renderer,
)
from buildbot.config.renderables import awaited as awaited

__all__ = [
    "FlattenList",
    "Interpolate",
    "Known",
    "Property",
    "Secret",
    "Transform",
    "URLForBuild",
    "WithProperties",
    "render",
    "renderer",
]
