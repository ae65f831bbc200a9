"""What many tests look at: the small sample, run once in a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.homes import run_home
from tests.samples import write_small


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small sample, run once. Not to be changed: a module takes a copy (``homes.copied``)."""
    home = tmp_path_factory.mktemp("small") / "home"
    write_small(home)
    return run_home(home, {})
