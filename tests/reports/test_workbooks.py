"""County workbooks: the same numbers as the pages, words for states, nothing that runs, the same bytes again."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from reports.workbooks import build
from reports.workbooks.book import HEADER, Book
from tests.reports.conftest import COUNTIES, EVIL, Site

DATA = HEADER + 3


@pytest.fixture(scope="module")
def books(shipped: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("workbooks")
    assert {f.name for f in build(shipped.database, shipped.catalogue, out)} >= {f"{code}.xlsx" for code in COUNTIES}
    return out


def rows(path: Path, sheet: str) -> list[dict[str, Any]]:
    """The rows of a sheet by their Chinese header."""
    table = openpyxl.load_workbook(path)[sheet]
    heads = [cell.value for cell in table[HEADER + 1]]
    return [dict(zip(heads, (c.value for c in row), strict=True)) for row in table.iter_rows(min_row=DATA)]


def test_every_county_has_a_workbook_with_its_sheets(shipped: Site, books: Path) -> None:
    named = [s.short.zh for s in shipped.catalogue.standards.values() if s.school_rule and s.short]
    book = openpyxl.load_workbook(books / "990101.xlsx")
    assert {"说明", "差异系数", "学校达标", "未计入", "问题清单", "溯源"} <= set(book.sheetnames)
    assert named[-1] in book.sheetnames
    empty = openpyxl.load_workbook(books / "990202.xlsx")
    assert "差异系数" in empty.sheetnames, "a county of which nothing came has a workbook that says so"


def test_gaps_are_those_of_the_page_to_the_last_digit(shipped: Site, books: Path) -> None:
    found = {row["溯源号"]: row for row in rows(books / "990101.xlsx", "差异系数") if row["溯源号"]}
    gaps = [g for (county, _), f in shipped.pages.items() if county == "990101" for g in f.gaps]
    assert gaps
    for gap in gaps:
        row = found[gap.trace_id]
        assert row["差异系数"] == pytest.approx(gap.cv, rel=1e-14) and row["上限"] == gap.limit
        assert row["可能最小"] == pytest.approx(gap.low) and row["可能最大"] == pytest.approx(gap.high)
        assert ("✕" in row["判定"]) == (gap.verdict == "unmet")


def test_composites_stand_after_their_gaps_with_or_without_a_limit(shipped: Site, books: Path) -> None:
    composites = [row for row in rows(books / "990101.xlsx", "差异系数") if str(row["指标"]).startswith("综合值")]
    limits = {row["上限"] for row in composites}
    assert None in limits and len(limits) > 1
    assert all(("无上限" in row["判定"]) == (row["上限"] is None) for row in composites)


def test_schools_say_result_and_reason_in_both_languages(shipped: Site, books: Path) -> None:
    for code in ("990101", "990102"):
        found = {(r["学段"], r["学校标识码"]): r for r in rows(books / f"{code}.xlsx", "学校达标")}
        for (county, _), facts in shipped.pages.items():
            for result in facts.card.results if county == code and facts.card else ():
                row = found[facts.stage.label.zh, result.school_id]
                assert row["达标项"] == result.met and row["适用项"] == result.applicable
                assert row["原因"] and row["原因（英文）"]
                assert row["判定"].startswith({"met": "✓", "unmet": "✕", "undecided": "缺"}[result.state])


def test_every_value_of_every_school_is_traced_to_its_files(shipped: Site, books: Path) -> None:
    found = {row["溯源号"]: row for row in rows(books / "990101.xlsx", "溯源")}
    facts = shipped.pages["990101", shipped.catalogue.judged_stages[0].id]
    for school in facts.schools:
        for value in school.values:
            row = found[value.trace_id]
            assert row["数值"] == pytest.approx(value.value) if value.value is not None else "缺" in row["状态"]
    assert len(found) >= len(facts.schools) * len(shipped.catalogue.indicators)
    assert any(row["来源文件"] for row in found.values())


def test_headers_stay_and_are_in_both_languages(books: Path) -> None:
    book = openpyxl.load_workbook(books / "990101.xlsx")
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes is not None and sheet.auto_filter.ref
        chinese, english = ([c.value for c in sheet[HEADER + n]] for n in (1, 2))
        assert all(chinese) and all(english) and all(str(e).isascii() or "²" in str(e) for e in english)


def test_nothing_that_a_return_says_becomes_a_formula_or_a_link(books: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(books / "990101.xlsx")
    cells = [c for sheet in book.worksheets for row in sheet.iter_rows() for c in row]
    assert any(c.value == EVIL for c in cells)
    assert not any(c.data_type == "f" or c.hyperlink for c in cells)
    with Book(tmp_path / "x.xlsx", "t", 2025) as evil:
        evil.table("s", "=1+1", [], [])
    assert openpyxl.load_workbook(tmp_path / "x.xlsx")["s"]["A1"].data_type == "s"


def test_the_same_release_gives_the_same_bytes(shipped: Site, books: Path, tmp_path: Path) -> None:
    for path in build(shipped.database, shipped.catalogue, tmp_path):
        assert path.read_bytes() == (books / path.name).read_bytes(), path.name
        with zipfile.ZipFile(path) as archive:
            assert {info.date_time for info in archive.infolist()} == {archive.infolist()[0].date_time}


def test_a_catalogue_without_levels_has_workbooks_too(foreign: Site, tmp_path: Path) -> None:
    made = build(foreign.database, foreign.catalogue, tmp_path)
    assert len(made) >= len(foreign.release.counties)
    assert "学校达标" not in openpyxl.load_workbook(made[0]).sheetnames


def test_sheets_never_share_a_name(tmp_path: Path) -> None:
    with Book(tmp_path / "x.xlsx", "t", 2025) as book:
        for name in ("A/B", "ab", "AB", "x" * 40, "x" * 50):
            book.sheet(name)
    names = openpyxl.load_workbook(tmp_path / "x.xlsx").sheetnames
    assert len({n.lower() for n in names}) == 5 and all(len(n) <= 31 for n in names)


def test_verdicts_stand_with_their_whole_items_tests_and_relaxations(shipped: Site, books: Path) -> None:
    whole = shipped.pages["990101", shipped.catalogue.judged_stages[0].id].whole
    assert whole is not None
    items, tests = rows(books / "990101.xlsx", "结论"), rows(books / "990101.xlsx", "判定")
    assert len(items) == sum(1 + len(one.items) for one in whole.verdicts)
    assert len(tests) == sum(len(one.tests) for one in whole.verdicts)
    for one in whole.verdicts:
        mine = [r for r in items if r["标准"] == (one.standard.short or one.standard.label).zh]
        assert (
            mine[0]["项目"] == "全县结论"
            and mine[0]["判定数"] == one.row["items"]
            and mine[0]["未达到"] == one.row["items_unmet"]
        )
        for row, item in zip(mine[1:], one.items, strict=True):
            assert row["项目"] == item["label_zh"] and row["理由"] == item["reason_zh"] and row["等级"] == item["grade"]
            assert (
                row["数值"] == item["value"]
                and row["限值"] == item["limit"]
                and (row["与申报不同"] == "≠") == bool(item["differs"])
            )
            assert (
                row["结论"].split()[0]
                == {"met": "✓", "unmet": "✕", "no_data": "缺", "not_applicable": "—"}[item["verdict"]]
            )
    assert {r["到期日"] for r in rows(books / "990101.xlsx", "放宽口径")} == {"2027-09-01", "2024-08-31"}


def test_the_ledger_has_every_row_to_the_last_digit(shipped: Site, books: Path) -> None:
    for code in ("990101", "990201"):
        whole = shipped.pages[code, shipped.catalogue.judged_stages[0].id].whole
        assert whole is not None
        found = {(r["标准"], r["学校标识码"], r["学段"], r["指标"]): r for r in rows(books / f"{code}.xlsx", "台账")}
        assert len(found) == sum(len(ledger.rows) for ledger in whole.ledgers) > 0
        for ledger in whole.ledgers:
            for row in ledger.rows:
                name = shipped.catalogue.indicators[row["indicator_id"]].label.zh
                key = (
                    (ledger.standard.short or ledger.standard.label).zh,
                    row["school_id"],
                    shipped.catalogue.stages[row["stage"]].label.zh,
                )
                one = found[(*key, name)]
                assert one["到标准还差"] == row["shortfall"] and one["补到标准（元）"] == row["cost_yuan"], (
                    "missing is never 0"
                )
        assert len(rows(books / f"{code}.xlsx", "进展")) == sum(len(ledger.progress) for ledger in whole.ledgers)
