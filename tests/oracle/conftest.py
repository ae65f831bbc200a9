"""A small province of three years with registers and troubles, run once for the oracles of verdicts, ledgers and advice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.homes import junheng
from tests.oracle.group_troubles import group_trouble
from tests.oracle.troubles import trouble

COUNTIES, SCHOOLS, SEED = 9, 9, 11


@pytest.fixture(scope="session")
def judged_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A computed home of one province: its workbooks spoilt by ``tests.oracle.troubles``, its registers of relaxations
    and of groups full."""
    home = tmp_path_factory.mktemp("judged") / "home"
    sample = junheng(
        "sample", "--home", home, "--provinces", 1, "--counties", COUNTIES, "--schools", SCHOOLS, "--years", "2023-2025",
        "--seed", SEED, "--processes", 1,
    )  # fmt: skip
    assert sample.exit_code == 0, sample.output
    trouble(home)
    group_trouble(home)
    result = junheng("run", "--home", home)
    assert result.exit_code == 0, result.output
    return home
