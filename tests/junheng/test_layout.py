"""``junheng layout``: exit codes, what is printed and what is written."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.returns.suggest.check import layout_from
from tests.homes import junheng
from tests.pipeline.suggested import as_csv

ROWS = [["区县", "学校代码", "校名", "学生人数", "藏书量", "校长"]]
ROWS += [["澄溪县", f"219901010{i}", f"第{i}小学", str(300 + i), "6000", "张三"] for i in range(1, 4)]


def written(folder: Path, rows: list[list[str]] = ROWS, name: str = "小学.csv") -> Path:
    path = folder / name
    path.write_bytes(as_csv(rows))
    return path


def test_suggest_prints_a_table_and_a_layout_that_loads(tmp_path: Path) -> None:
    result = junheng("layout", "suggest", written(tmp_path))
    assert result.exit_code == 0, result.output
    assert layout_from(result.stdout).id == "xiao-xue"
    assert "藏书量" in result.stderr and "books" in result.stderr


def test_suggest_writes_a_file_under_the_id_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "schools.yaml"
    result = junheng("layout", "suggest", written(tmp_path), "-o", out, "--id", "county-schools", "--year", 2025)
    assert result.exit_code == 0 and str(out) in result.output
    assert layout_from(out.read_text("utf-8")).id == "county-schools"


def test_suggest_as_json_gives_every_column_its_candidates(tmp_path: Path) -> None:
    told = json.loads(junheng("layout", "suggest", written(tmp_path), "--json").stdout)
    columns = {column["header"]: column for column in told["sheets"][0]["columns"]}
    assert columns["学生人数"]["is_taken"] and columns["学生人数"]["near"][0]["to"] == "pupils"
    assert not columns["校长"]["is_taken"]
    assert told["faults"] == [] and layout_from(told["yaml"]).sheets[0].part == "schools"


def test_a_file_of_which_nothing_is_recognised_or_that_is_not_there_exits_2(tmp_path: Path) -> None:
    tea = written(tmp_path, [["茶叶", "产量"], ["龙井", "12"]], "茶.csv")
    for command in ("suggest", "diff"):
        for path in (tea, tmp_path / "none.xlsx"):
            result = junheng("layout", command, path)
            assert result.exit_code == 2, result.output
            assert "Traceback" not in result.output and path.name in result.output


def test_diff_exits_0_for_a_file_as_its_layout_has_it_and_1_for_one_that_changed(tmp_path: Path) -> None:
    form = tmp_path / "form.xlsx"
    assert junheng("template", "--year", 2025, "--county", "990101", form).exit_code == 0
    same = junheng("layout", "diff", form)
    assert same.exit_code == 0 and "own" in same.output and "✓" in same.output
    head = [["县级行政区划代码", "学校标识码", "学校名称", "专用教室类型", "专用教室名称", "使用面积（亩）"]]
    changed = written(tmp_path, [*head, ["990101", "2199010101", "一小", "音乐", "音乐室", "96"]], "rooms.csv")
    told = junheng("layout", "diff", changed)
    assert told.exit_code == 1, told.output
    assert "✕" in told.output and "666.667" in told.output
    as_data = json.loads(junheng("layout", "diff", changed, "--json").stdout)
    assert as_data["layout_id"] == "own" and as_data["differences"][0]["kind"] == "unit_changed"


def test_check_points_from_an_unknown_file_to_the_two_commands(tmp_path: Path) -> None:
    result = junheng("check", written(tmp_path), "--year", 2025)
    assert result.exit_code == 2
    assert "junheng layout suggest" in result.output and "junheng layout diff" in result.output
