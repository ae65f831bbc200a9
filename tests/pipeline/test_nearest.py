"""What was most likely meant: near codes and words, and nothing where nothing is near or two are equally so."""

from __future__ import annotations

import pytest

from pipeline.nearest import code_near, nearest, with_nearest
from pipeline.returns.reader import read_file
from pipeline.schema import load_catalogue


@pytest.mark.parametrize(
    ("found", "allowed", "meant"),
    [
        ("小学部", ["小学", "初中", "高中"], "小学"),
        (" 小 学 ", ["小学", "初中"], "小学"),
        ("2190000910", ["2190000010", "2190000555"], "2190000010"),
        ("2190000001", ["2190000010", "2190000555"], "2190000010"),  # two neighbours swapped
        ("2190000019", ["2190000018", "2190000017"], None),  # two are equally near
        ("2190000019", ["2190000555"], None),
        ("公办", ["是", "否"], None),
        ("初中", ["职业初中", "普通初中"], None),
        ("", ["是"], None),
        ("x", [], None),
    ],
)
def test_the_nearest_is_one_slip_away_or_the_word_most_alike(found: str, allowed: list[str], meant: str | None) -> None:
    assert nearest(found, allowed) == meant


def test_a_code_is_found_by_what_it_means() -> None:
    catalogue = load_catalogue()
    assert code_near("school_type", "九年一贯", catalogue) == "312 九年一贯制学校"
    assert code_near("school_type", "312", catalogue) is None, "a known code needs no nearest"
    assert code_near("name", "九年一贯", catalogue) is None, "a column without a list has none"


def test_a_county_is_found_by_a_slip_of_its_code_or_name() -> None:
    catalogue = load_catalogue()
    county = next(d for d in catalogue.divisions if d.level == "county" and d.valid_from <= 2025 <= d.valid_to)
    for found in (county.code + "1", county.name_zh + "局"):
        findings: list[dict[str, object]] = [{"rule_id": "county_unknown", "found": found, "expected": ""}]
        with_nearest(findings, catalogue, 2025)
        assert str(findings[0]["nearest"]).startswith(county.code), found


def test_a_file_that_lacks_a_header_is_told_which_of_its_cells_comes_near() -> None:
    header = "区县代码,学校(机构)标识代码,学校名称,办学类型"
    read = read_file(f"{header}\n990101,2199000001,甲,211\n".encode(), "x.csv", 2025, load_catalogue())
    assert read.status == "unreadable"
    near = str(read.findings[0]["nearest"])
    assert "学校(机构)标识代码 → 学校（机构）标识码" in near
