"""``junheng check``: findings grouped, what a whole sheet shares told once, a verdict, the kit, and what sending would change."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.homes import copied, junheng
from tests.samples import county_codes

YEAR = 2025


@pytest.fixture(scope="module")
def home(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(small_run, tmp_path_factory.mktemp("check"))


def a_part(home: Path, part: str, year: int = YEAR, county: int = 0) -> Path:
    return home / "inbox" / str(year) / f"{county_codes()[county]}-{part}.csv"


class Grid:
    """A CSV file as cells that a test may change."""

    def __init__(self, path: Path) -> None:
        self.rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))

    def column(self, starts: str) -> int:
        return next(i for i, header in enumerate(self.rows[0]) if header.startswith(starts))

    def write(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(self.rows)
        return path


def told(*arguments: object) -> dict[str, Any]:
    return json.loads(junheng("check", *arguments, "--json").output)[0]


def test_the_verdict_is_plain(home: Path, tmp_path: Path) -> None:
    assert "可以报送" in junheng("check", a_part(home, "schools")).output
    grid = Grid(a_part(home, "schools"))
    grid.rows[1][grid.column("图书")] = "很多"
    grid.rows[2][grid.column("图书")] = "不少"
    path = grid.write(tmp_path / "x.csv")
    shown = junheng("check", path, "--year", YEAR, "--home", home)
    assert "须先更正 2 处再报送" in shown.output
    assert "2 things must be mended first" in shown.output
    verdict = told(path, "--year", YEAR, "--home", home)["verdict"]
    assert verdict == {"may_be_submitted": False, "to_mend": 2, "to_look_at": 0}


def test_many_findings_of_one_rule_do_not_bury_the_rest(home: Path, tmp_path: Path) -> None:
    grid = Grid(a_part(home, "schools"))
    for row in grid.rows[1:9]:
        row[grid.column("图书")] = "很多"
    path = grid.write(tmp_path / "x.csv")
    shown = junheng("check", path, "--year", YEAR, "--home", home).output
    assert shown.count("“很多”") == 2 * 5 and "另有 3 处" in shown and "× 8" in shown
    everything = junheng("check", path, "--year", YEAR, "--home", home, "--all").output
    assert everything.count("“很多”") == 2 * 8


def test_a_column_that_was_deleted_is_one_thing_not_one_a_school(home: Path, tmp_path: Path) -> None:
    grid = Grid(a_part(home, "stages"))
    gone = grid.column("专任教师")
    grid.rows = [[cell for i, cell in enumerate(row) if i != gone] for row in grid.rows]
    path = grid.write(tmp_path / "stages.csv")
    files = (a_part(home, "schools"), path)
    arguments = (*files, "--year", YEAR, "--home", home)
    result = json.loads(junheng("check", *arguments, "--json").output)[1]
    group = next(g for g in result["groups"] if g["rule_id"] == "teacher_cells_given")
    assert group["lacks_column"] and group["things"] == 1 and len(group["finding_ids"]) > 10
    shown = junheng("check", *arguments).output
    assert "表中没有这一列" in shown and "the sheet lacks this column" in shown
    assert result["verdict"]["to_look_at"] < len(group["finding_ids"])


def test_a_column_left_blank_throughout_is_one_thing_too(home: Path, tmp_path: Path) -> None:
    grid = Grid(a_part(home, "stages"))
    for row in grid.rows[1:]:
        row[grid.column("专任教师")] = ""
    path = grid.write(tmp_path / "stages.csv")
    command = (a_part(home, "schools"), path, "--year", YEAR, "--home", home, "--json")
    groups = json.loads(junheng("check", *command).output)[1]["groups"]
    group = next(g for g in groups if g["rule_id"] == "teacher_cells_given" and g["is_whole"])
    assert not group["lacks_column"] and group["things"] == 1


def test_a_value_that_is_not_one_of_those_allowed_is_told_the_nearest(home: Path, tmp_path: Path) -> None:
    grid = Grid(a_part(home, "schools"))
    grid.rows[1][grid.column("办学类型")] = "九年一贯"
    code = grid.rows[2][grid.column("学校")]
    grid.rows[2][grid.column("学校")] = "9" + code[1:]
    path = grid.write(tmp_path / "x.csv")
    near = {f["rule_id"]: f["nearest"] for f in told(path, "--year", YEAR, "--home", home)["findings"]}
    assert near["school_type_known"] == "312 九年一贯制学校"
    assert near["school_not_on_roster"].startswith(code)
    assert code in junheng("check", path, "--year", YEAR, "--home", home).output


def test_files_named_together_are_checked_as_sent_together(home: Path, tmp_path: Path) -> None:
    parts = [a_part(home, part) for part in ("schools", "stages", "classes", "rooms")]
    results = json.loads(junheng("check", *parts, "--json").output)
    assert [Path(r["file"]).name for r in results] == [p.name for p in parts]
    assert all(r["verdict"]["may_be_submitted"] for r in results)
    grid = Grid(parts[1])
    school = grid.rows[1][grid.column("学校")]
    grid.rows = [row for row in grid.rows if row[grid.column("学校")] != school]
    path = grid.write(tmp_path / "stages.csv")
    command = (parts[0], path, "--year", YEAR, "--home", home)
    found = [f for r in json.loads(junheng("check", *command, "--json").output) for f in r["findings"]]
    assert school in {
        f["school_id"]
        for f in found
        if f["rule_id"] in ("school_without_pupils", "school_sent_nothing", "stage_sent_nothing")
    }


def test_a_file_of_schools_alone_is_not_blamed_for_pupils_of_another_file(home: Path) -> None:
    rules = {f["rule_id"] for f in told(a_part(home, "schools"))["findings"]}
    assert not rules & {"school_without_pupils", "school_sent_nothing", "stage_sent_nothing"}


def test_every_row_is_accounted_for_in_the_json(home: Path) -> None:
    result = told(a_part(home, "schools", county=3))
    for account in result["accounts"]:
        kinds = ("accepted", "quarantined", "filtered", "not_data")
        assert account["read"] == sum(account[kind] for kind in kinds)
    assert result["rows"]["quarantined"] == 1, "a row with a critical finding is set aside, as a run would do it"


@pytest.mark.parametrize("what", ["folder", "archive"])
def test_a_folder_and_an_archive_are_refused_in_a_sentence(what: str, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "returns"
    if what == "folder":
        path.mkdir()
    else:
        path = path.with_suffix(".zip")
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(a_part(home, "schools"), "a.csv")
    result = junheng("check", path)
    assert result.exit_code == 2
    assert ("文件夹" if what == "folder" else "压缩包") in result.output
    assert "Traceback" not in result.output


def test_a_preview_needs_a_home(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUNHENG_HOME", raising=False)
    path = shutil.copy(a_part(home, "schools"), tmp_path / "x.csv")
    result = junheng("check", path, "--preview")
    assert result.exit_code == 1 and "--home" in result.output


def test_a_preview_says_what_sending_the_file_would_change(home: Path, tmp_path: Path) -> None:
    grid = Grid(a_part(home, "schools"))
    code, name, kind, books = (grid.column(h) for h in ("学校", "学校名称", "办学类型", "图书"))
    gone = grid.rows.pop()
    new = list(grid.rows[1])
    new[code], new[name] = "2199999991", "新办小学"
    grid.rows.append(new)
    grid.rows[2][name] = "改名小学"
    was, grid.rows[3][books] = float(grid.rows[3][books]), str(float(grid.rows[3][books]) * 2)
    grid.rows[4][books] = str(round(float(grid.rows[4][books]) * 1.3))
    grid.rows[5][kind] = "311" if grid.rows[5][kind] == "211" else "211"
    grid.rows[6][books] = ""
    before = sorted(home.rglob("*"))
    path = grid.write(tmp_path / "x.csv")
    arguments = (path, "--year", YEAR, "--home", home, "--preview")
    change = told(*arguments)["preview"]
    assert change["basis"] == "this_year" and change["compared_year"] == YEAR
    assert [s["school_id"] for s in change["new"]] == ["2199999991"]
    assert [s["school_id"] for s in change["gone"]] == [gone[code]]
    assert [(s["school_id"], s["now"]) for s in change["renamed"]] == [(grid.rows[2][code], "改名小学")]
    assert grid.rows[5][code] in {s["school_id"] for s in change["retyped"] + change["quarantined"]}
    (moved,) = change["moved"]
    assert (moved["school_id"], moved["field"], moved["was"], moved["by"]) == (grid.rows[3][code], "books", was, 1.0)
    assert [(m["school_id"], m["field"]) for m in change["emptied"]] == [(grid.rows[6][code], "books")]
    assert sorted(home.rglob("*")) == before, "nothing is kept"
    shown = junheng("check", *arguments).output
    assert "改名小学" in shown and "+100%" in shown and "与现在计入的本县 2025 年数据比较" in shown


def test_the_same_file_again_changes_nothing(home: Path) -> None:
    for part in ("schools", "stages", "classes", "rooms"):
        change = told(a_part(home, part), "--preview")["preview"]
        kinds = ("new", "gone", "renamed", "retyped", "of_other_county", "moved", "emptied")
        assert change["basis"] == "this_year" and not any(change[kind] for kind in kinds), part


def test_a_part_alone_is_compared_with_that_part_alone(home: Path, tmp_path: Path) -> None:
    grid = Grid(a_part(home, "rooms"))
    code = grid.column("学校")
    school = grid.rows[-1][code]
    grid.rows = [row for row in grid.rows if row[code] != school]
    change = told(grid.write(tmp_path / "rooms.csv"), "--year", YEAR, "--home", home, "--preview")["preview"]
    assert [s["school_id"] for s in change["gone"]] == [school]
    assert not change["emptied"] and not change["new"]


def test_where_nothing_of_the_year_came_the_year_before_is_compared(home: Path, tmp_path: Path) -> None:
    path = shutil.copy(a_part(home, "schools"), tmp_path / "x.csv")
    change = told(path, "--year", YEAR + 1, "--home", home, "--preview")["preview"]
    assert (change["basis"], change["compared_year"]) == ("year_before", YEAR)
    assert "与上一年" in change["against"]["zh"] and not change["gone"]
    change = told(path, "--year", YEAR + 5, "--home", home, "--preview")["preview"]
    assert change["basis"] == "nothing" and "没有可比的" in change["against"]["zh"]


def test_a_kit_is_named_and_the_exit_code_stays(home: Path, tmp_path: Path) -> None:
    result = junheng("check", a_part(home, "schools", county=3), "--kit", tmp_path / "kit")
    assert result.exit_code == 1 and str(tmp_path / "kit") in result.output
    assert (tmp_path / "kit" / "README.md").is_file()
    refused = junheng("check", a_part(home, "schools"), "--kit", home)
    assert refused.exit_code == 1 and "已有其他文件" in refused.output and "Traceback" not in refused.output
