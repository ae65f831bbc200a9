"""docs/how-to/keep-the-roster.md does what it says: its files and commands, one after another."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from pipeline.schema import load_catalogue
from pipeline.store.home import Home
from pipeline.store.roster import read_roster, with_rosters
from tests.homes import junheng
from tests.test_how_to import blocks

PAGE = "keep-the-roster.md"


def test_the_commands_of_the_page_run_on_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    divisions, schools, changes = blocks(PAGE, "csv")
    (tmp_path / "divisions.csv").write_text(divisions, encoding="utf-8")
    (tmp_path / "schools.csv").write_text(schools, encoding="utf-8")
    lines = [line for block in blocks(PAGE, "") for line in block.splitlines()]
    assert len(lines) == 6 and all(line.startswith("junheng roster ") for line in lines)
    for line in lines:
        result = junheng(*shlex.split(line.replace("HOME", "home"))[1:])
        if "--schools-from" in line:  # nothing was sent to this home yet
            assert result.exit_code == 1 and "holds nothing of 2025" in result.output
        else:
            assert result.exit_code == 0, (line, result.output)
    home = Home(tmp_path / "home")
    (home.path / "roster" / "changes.csv").write_text(changes, encoding="utf-8")
    known = with_rosters(load_catalogue(), home)
    assert [(c.kind, c.old_code) for c in known.division_changes] == [("merge", "900102")]
    roster = read_roster(home, 2026, known)
    assert roster is not None and roster.schools["pupils_junior"].to_list() == [None, 410.0]


def test_the_page_names_every_finding_of_the_roster() -> None:
    from importlib.resources import files

    from ruamel.yaml import YAML

    from tests.test_how_to import HOW_TO

    text = (HOW_TO / PAGE).read_text("utf-8")
    entries = YAML(typ="safe").load((files("pipeline") / "reading_rules" / "roster.yaml").read_text("utf-8"))
    assert [e["id"] for e in entries if f"`{e['id']}`" not in text] == []
