"""``junheng template``: the form for a county, and one sentence where it cannot be written."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from pipeline.schema import load_catalogue
from pipeline.store.roster import write_roster
from tests.homes import CATALOGUES, junheng

HERE = ("--year", 2025, "--county", "990101")


def test_without_a_home_the_form_is_empty(tmp_path: Path) -> None:
    result = junheng("template", *HERE, tmp_path / "a.xlsx")
    assert result.exit_code == 0, result.output
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book["学校"]["A4"].value is None
    assert "澄溪县" in result.output


def test_the_roster_of_the_home_fills_in_the_schools(tmp_path: Path) -> None:
    home = tmp_path / "home"
    county = {"level": "county", "code": "990109", "name_zh": "新设县", "name_en": "New County", "parent_code": "9901"}
    school = {
        "level": "school",
        "code": "2199000001",
        "name_zh": "新设县小学",
        "parent_code": "990109",
        "pupils_primary": 80,
    }
    write_roster(home / "roster" / "2025.csv", load_catalogue(), [county, school])
    result = junheng("template", "--year", 2025, "--county", "990109", tmp_path / "a.xlsx", "--home", home)
    assert result.exit_code == 0, result.output
    assert "schools 1" in result.output
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [cell.value for cell in book["学校"][4]][:2] == ["2199000001", "新设县小学"]
    assert [cell.value for cell in book["学段"][4]][:4] == ["2199000001", "新设县小学", "小学", None]


def test_a_year_without_a_roster_gives_an_empty_form_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    result = junheng("template", *HERE, tmp_path / "a.xlsx", "--home", tmp_path / "home")
    assert result.exit_code == 0
    assert "no roster of 2025" in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--year", 2025, "--county", "99010", "a.xlsx"), "did you mean 990102 Hetang District, 990101 Chengxi County"),
        (("--year", 2025, "--county", "澄溪县", "a.xlsx"), "did you mean 990101 Chengxi County?"),
        (("--year", 2025, "--county", "1", "a.xlsx"), "there is no county “1” in 2025"),
        ((*HERE, "nowhere/a.xlsx"), "there is no folder"),
        ((*HERE, "a.csv"), "must end in .xlsx"),
        ((*HERE, "a.xlsx", "--home", "nowhere"), "there is no home nowhere"),
        ((*HERE, "a.xlsx", "--catalogue", CATALOGUES / "caschools"), "there is no county"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[object, ...], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = junheng("template", *arguments)
    assert result.exit_code == 1
    assert words in result.output
    assert "Traceback" not in result.output
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_replaced_only_when_asked(tmp_path: Path) -> None:
    target = tmp_path / "a.xlsx"
    target.write_text("kept", encoding="utf-8")
    refused = junheng("template", *HERE, target)
    assert (refused.exit_code, target.read_text(encoding="utf-8")) == (1, "kept")
    assert "--force" in refused.output
    assert junheng("template", *HERE, target, "--force").exit_code == 0
    assert openpyxl.load_workbook(target).sheetnames
