"""Workbooks of provinces: the ranking, the gaps and the crossings of the pages, in the same order, with the same key."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from reports.families import family_of, standards_of
from reports.render import Source
from reports.workbooks.book import HEADER
from reports.workbooks.province import province_workbooks
from tests.reports.conftest import Site
from tests.reports.test_workbooks import rows


@pytest.fixture(scope="module")
def source(areas: Site) -> Source:
    return Source(areas.database, areas.catalogue, areas.release)


@pytest.fixture(scope="module")
def books(source: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("books")
    assert [f.name for f in province_workbooks(source, out)] == ["97.xlsx", "98.xlsx"]
    return out


def test_a_province_has_its_sheets(books: Path) -> None:
    names = openpyxl.load_workbook(books / "97.xlsx").sheetnames
    assert names[:3] == ["说明", "排名", "差异系数"] and {"学校达标率", "覆盖", "跨越限值"} <= set(names)


def test_the_ranking_has_the_order_and_key_of_the_page(source: Source, books: Path) -> None:
    found = rows(books / "97.xlsx", "排名")
    province = source.areas.provinces[0]
    checked = 0
    for standard in standards_of(source.catalogue):
        for facts in family_of(source.areas, source.catalogue, province, standard).stages:
            for measure in standard.measures:
                mine = [
                    r
                    for r in found
                    if (r["标准"], r["键"], r["学段"]) == (standard.label.zh, measure, facts.stage.label.zh)
                ]
                assert len(mine) == len(facts.lines)
                ranked = facts.ranked(measure)
                assert [r["代码"] for r in mine[: len(ranked)]] == [line.county.code for line, _ in ranked]
                for row, (_, rank) in zip(mine, ranked, strict=False):
                    assert row["键值"] == pytest.approx(rank.value, rel=1e-14)
                    assert (row["最低名次"], row["最高名次"], row["名次变化"]) == (rank.low, rank.high, rank.change)
                assert all(not r["名次"] and r["说明"] for r in mine[len(ranked) :])
                checked += len(mine)
    both = [r for r in found if "both" in str(r["学段"])]
    assert both and checked + len(both) == len(found)


def test_gaps_beyond_the_limit_are_tinted_and_exact(source: Source, books: Path) -> None:
    province, standard = source.areas.provinces[0], standards_of(source.catalogue)[0]
    found = {(r["学段"], r["代码"]): r for r in rows(books / "97.xlsx", "差异系数")}
    for facts in family_of(source.areas, source.catalogue, province, standard).stages:
        for line in facts.lines:
            row = found[facts.stage.label.zh, line.county.code]
            for indicator in facts.indicators:
                gap, value = line.gaps[indicator.id], row[indicator.short.zh if indicator.short else indicator.label.zh]
                assert value == pytest.approx(gap.cv, rel=1e-14) if gap.is_shown else isinstance(value, str)
    sheet = openpyxl.load_workbook(books / "97.xlsx")["差异系数"]
    tinted = sum(
        c.fill.fgColor.rgb == "FFFDE3D8" for row in sheet.iter_rows(min_row=HEADER + 3, min_col=9) for c in row
    )
    over = sum(
        line.over
        for facts in family_of(source.areas, source.catalogue, province, standard).stages
        for line in facts.lines
    )
    assert tinted == over > 0


def test_crossings_are_those_of_the_pages(source: Source, books: Path) -> None:
    province = source.areas.provinces[0]
    wanted = {
        (s.label.zh, facts.stage.label.zh, line.county.code)
        for s in standards_of(source.catalogue)
        for facts in family_of(source.areas, source.catalogue, province, s).stages
        for line in facts.lines
        if line.crossed
    }
    assert {(r["标准"], r["学段"], r["代码"]) for r in rows(books / "97.xlsx", "跨越限值")} == wanted


def test_the_same_release_gives_the_same_bytes(source: Source, books: Path, tmp_path: Path) -> None:
    for path in province_workbooks(source, tmp_path):
        assert path.read_bytes() == (books / path.name).read_bytes()
