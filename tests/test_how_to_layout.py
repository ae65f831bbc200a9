"""The how-to page on layouts does what it says: its commands run, its two edits are enough, its example of every key reads."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.returns.reader import read_file
from pipeline.returns.suggest.check import layout_from
from pipeline.schema import SHIPPED, load_catalogue
from tests.homes import junheng
from tests.test_how_to import blocks

PAGE = "add-a-layout.md"
YEAR = 2025


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files of the page and a copy of the catalogue, as its first commands make it."""
    monkeypatch.chdir(tmp_path)
    for block in blocks(PAGE, "csv"):
        first, _, body = block.partition("\n")
        (tmp_path / first.removeprefix("# ")).write_text(body, encoding="utf-8")
    shutil.copytree(SHIPPED, tmp_path / "my-catalogue")
    return tmp_path


def commands() -> list[list[str]]:
    lines = "\n".join(blocks(PAGE, "")).splitlines()
    return [line.split()[1:] for line in lines if line.startswith("junheng ")]


def command(*begins: str) -> list[str]:
    return next(words for words in commands() if tuple(words[: len(begins)]) == begins)


def edits() -> list[tuple[str, str]]:
    """The pairs of lines, before and after, that the page shows."""
    lines = blocks(PAGE, "diff")[0].splitlines()
    before = [line[1:] for line in lines if line.startswith("-")]
    after = [line[1:] for line in lines if line.startswith("+")]
    return list(zip(before, after, strict=True))


def suggested(place: Path) -> Path:
    result = junheng(*command("layout", "suggest"))
    assert result.exit_code == 0, result.output
    return place / "my-catalogue" / "layouts" / "school-indicators.yaml"


def edited(place: Path) -> Path:
    path = suggested(place)
    text = path.read_text("utf-8")
    for before, after in edits():
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")
    return path


def values(frame: pl.DataFrame, *keys: str) -> dict[Any, dict[str, Any]]:
    """Key of a row → its values that are not null, but for keys and places."""
    left_out = {*keys, "row", "county_code"}
    return {
        tuple(row[key] for key in keys): {n: v for n, v in row.items() if n not in left_out and v is not None}
        for row in frame.to_dicts()
    }


def test_a_vertical_sheet_that_no_layout_knows_is_read_rightly_after_two_edits(place: Path) -> None:
    assert len(edits()) <= 2
    edited(place)
    catalogue = load_catalogue(place / "my-catalogue")
    data = (place / "学校指标.csv").read_bytes()
    result = read_file(data, "学校指标.csv", YEAR, catalogue)
    assert (result.status, result.layout_id) == ("accepted", "school-indicators")
    assert result.all_findings() == []
    part = result.parts[0]
    assert part.rows["disposition"].to_list() == ["accepted"] * 18
    mu = 10000 / 15
    assert values(part.frames["school"], "school_id") == {
        ("3199010101",): {
            "name": "澄溪县九年一贯制学校", "teaching_rooms_sqm": 3600, "sports_field_sqm": pytest.approx(9 * mu),
            "equipment_yuan": 1_805_000, "books": 21_000, "beds": 40, "health_staff": 1,
        },
        ("2199010102",): {
            "name": "澄溪县第二小学", "teaching_rooms_sqm": 2400, "sports_field_sqm": pytest.approx(6 * mu),
            "equipment_yuan": 900_000, "books": 12_000, "beds": 0, "health_staff": 0,
        },
    }  # fmt: skip
    assert values(part.frames["stage"], "school_id", "stage") == {
        ("3199010101", "primary"): {"pupils": 420, "full_time_teachers": 24},
        ("3199010101", "junior"): {"pupils": 260, "full_time_teachers": 20},
        ("2199010102", "primary"): {"pupils": 300, "full_time_teachers": 18},
    }
    assert set(part.frames["school"]["county_code"]) == {"990101"}


def test_no_layout_that_ships_knows_the_file_of_the_page(place: Path) -> None:
    result = read_file((place / "学校指标.csv").read_bytes(), "学校指标.csv", YEAR, load_catalogue())
    assert [finding["rule_id"] for finding in result.findings] == ["layout_unknown"]


def test_check_names_the_layout_and_the_rows_as_the_page_says(place: Path) -> None:
    edited(place)
    result = junheng(*command("check"))
    assert "layout school-indicators" in result.output and "18 行 rows" in result.output
    for rule in ("not_a_number", "item_unknown", "item_repeated", "county_unknown"):
        assert rule not in result.output


def test_run_takes_the_file_in(place: Path) -> None:
    edited(place)
    inbox = place / "HOME" / "inbox" / str(YEAR)
    inbox.mkdir(parents=True)
    shutil.copy(place / "学校指标.csv", inbox)
    result = junheng(*command("run"))
    assert result.exit_code == 0, result.output


def test_diff_of_the_page_finds_a_known_kind(place: Path) -> None:
    assert junheng("template", "--year", YEAR, "--county", "990101", "报表.xlsx").exit_code == 0
    assert junheng(*command("layout", "diff")).exit_code == 0


def test_the_example_of_every_key_loads_and_reads_its_file(place: Path) -> None:
    block = next(b for b in blocks(PAGE, "yaml") if "county-sheet.yaml" in b.partition("\n")[0])
    (place / "my-catalogue" / "layouts" / "county-sheet.yaml").write_text(block, encoding="utf-8")
    catalogue = load_catalogue(place / "my-catalogue")
    data = (place / "县学校情况.csv").read_bytes()
    result = read_file(data, "县学校情况.csv", YEAR, catalogue)
    assert (result.status, result.layout_id) == ("accepted", "county-sheet")
    part = result.parts[0]
    assert part.rows["disposition"].to_list() == ["accepted", "accepted", "filtered", "not_data"]
    assert values(part.frames["school"], "school_id") == {
        ("2199010102",): {
            "school_type": "211", "is_public": 1, "equipment_yuan": 900_000, "beds": 0, "books": 12_000, "computers": 60,
            "teaching_rooms_sqm": 1200,
        },
        ("2199010103",): {
            "school_type": "211", "is_public": 1, "equipment_yuan": 305_000, "beds": 12, "teaching_rooms_sqm": 440,
        },
    }  # fmt: skip
    assert part.frames["stage"]["pupils"].to_list() == [300, 120]
    assert [finding["rule_id"] for finding in part.findings] == ["value_rejected_by_source"]


def test_the_example_uses_every_key_of_a_column() -> None:
    from pipeline.schema.layout import Column, DerivedColumn, Sheet

    block = next(b for b in blocks(PAGE, "yaml") if "county-sheet.yaml" in b.partition("\n")[0])
    sheet = layout_from(block).sheets[0]
    used = {key for column in sheet.columns for key in column.model_fields_set}
    used |= {key for derived in sheet.derived for key in derived.model_fields_set} | sheet.model_fields_set
    text = "\n".join((Path(__file__).parent.parent / "docs" / "how-to" / PAGE).read_text("utf-8").splitlines())
    for kind in (Column, DerivedColumn, Sheet):
        for key in kind.model_fields:
            assert key in used or f"`{key}" in text, (kind.__name__, key)
