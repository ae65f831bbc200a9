"""Workbooks on whole counties and what stands around them: every row of the tables, in the words of the pages."""

from __future__ import annotations

from pathlib import Path

import duckdb
import openpyxl
import pytest

from reports.render import Source
from reports.workbooks.county import county_workbooks
from reports.workbooks.province import province_workbooks
from tests.reports.conftest import Site
from tests.reports.test_workbooks import rows


@pytest.fixture(scope="module")
def province(areas: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("province")
    province_workbooks(Source(areas.database, areas.catalogue, areas.release), out)
    return out / "97.xlsx"


@pytest.fixture(scope="module")
def counties(shipped: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("counties")
    county_workbooks(Source(shipped.database, shipped.catalogue, shipped.release), out)
    return out


def count(site: Site, sql: str) -> int:
    with duckdb.connect(str(site.database), read_only=True) as connection:
        found = connection.execute(sql).fetchone()
    return int(found[0]) if found else 0


def notes(path: Path) -> str:
    sheet = openpyxl.load_workbook(path)["说明"]
    return "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)


def test_the_lists_and_verdicts_of_a_province_are_those_of_the_tables(province: Path, areas: Site) -> None:
    listed = rows(province, "区县名单")
    assert [(r["名单"].split()[1], r["退出年份"]) for r in listed] == [("表扬", None), ("警示", None), ("警示", "2025")]
    verdicts = rows(province, "全县结论")
    assert len(verdicts) == count(
        areas, "select count(*) from county_determination where starts_with(county_code, '97')"
    )
    for row in verdicts:
        assert row["项目数"] == row["达到"] + row["未达到"] + row["缺少数据"] + row["不适用"]
        assert row["结论"].split()[0] in "✓✕缺—" and row["理由"] and row["理由（英文）"]
    awards = rows(province, "集团奖补")
    assert [r["结果"].split()[1] for r in awards] == ["获奖", "预算不足", "不排名"]
    text = notes(province)
    assert all(f"工作表 {name}" in text for name in ("区县名单", "全县结论", "集团奖补")) and "报表误差" in text


def test_the_ranking_names_the_causes_of_its_ranges(province: Path) -> None:
    ranked = [r for r in rows(province, "排名") if r["名次"]]
    assert ranked and all(r["区间原因"].startswith("报表误差") for r in ranked)
    assert {r["其原因"].split()[0] for r in ranked} <= {"去掉一个指标", "去掉一所学校", "权重另取"}


def test_the_sheet_of_groups_holds_every_row_of_the_county(counties: Path, shipped: Site) -> None:
    found = rows(counties / "990201.xlsx", "集团")
    first = shipped.catalogue.about.default_standard
    where = f"from group_gap where county_code = '990201' and standard_id = '{first}'"
    assert len(found) == count(shipped, f"select count(*) {where}") > 0
    assert sum(r["缩小"] is not None for r in found) == count(shipped, f"select count(narrowed_by) {where}")
    assert "教育集团，覆盖" in notes(counties / "990201.xlsx")


def test_peers_and_classes_have_their_sheets_and_a_county_without_groups_has_none(counties: Path) -> None:
    names = openpyxl.load_workbook(counties / "990102.xlsx").sheetnames
    assert {"相近县", "分解"} <= set(names) and "集团" not in names
    peers = rows(counties / "990102.xlsx", "相近县")
    assert [r["次序"] for r in peers][:3] == [1, 2, 3]
    for stage in {r["学段"] for r in rows(counties / "990102.xlsx", "分解")}:
        shares: dict[tuple[str, str], float] = {}
        for r in rows(counties / "990102.xlsx", "分解"):
            if r["学段"] == stage and r["占差异"] is not None:
                key = (r["指标代码"], r["划分方式"])
                shares[key] = shares.get(key, 0.0) + r["占差异"]
        assert all(total == pytest.approx(1) for total in shares.values())
