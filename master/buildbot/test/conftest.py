"""What every test may count on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def ownFolder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The current folder is a temporary one, where trial's ``mktemp`` makes folders; and so is the place of the state
    files of every ``attach``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("tests"))
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("states")))
        yield
