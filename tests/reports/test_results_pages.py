"""How sure a place is, verdicts on counties, lists and awards: what the pages of a province tell is what the tables hold."""

from __future__ import annotations

import duckdb
import pytest

from reports import ranking_tables, whole_tables
from reports.families import family_of, standards_of
from reports.province_page import province_context
from reports.render import Source
from reports.sureness import CAUSES, sure_of
from reports.words import LANGUAGES, Words
from tests.reports.conftest import Site
from tests.reports.pages import Page, digits

ZH, EN = Words("zh"), Words("en")


@pytest.fixture(scope="module")
def source(areas: Site) -> Source:
    return Source(areas.database, areas.catalogue, areas.release)


def first(source: Source):  # type: ignore[no-untyped-def]
    family = family_of(source.areas, source.catalogue, source.areas.provinces[0], standards_of(source.catalogue)[0])
    return family, family.stages[0]


def test_the_band_is_that_of_reporting_errors_and_the_widest_of_the_others_is_named_by_its_cause(
    source: Source,
) -> None:
    _, facts = first(source)
    for measure in facts.standard.measures:
        table = ranking_tables.rank_table(facts, source.catalogue, measure, ZH)
        titles = [c.title for c in table.columns]
        assert ("band_cause", "reporting_error") in table.constants
        assert ("其他范围" in titles) == (measure == facts.measure), "the other rankings are short"
        for row, (_, rank) in zip(table.rows, facts.ranked(measure), strict=True):
            widest = rank.sure.widest
            assert widest is not None and widest.cause in CAUSES
            assert rank.low <= rank.place <= rank.high
            if measure == facts.measure:
                text = row.cells[titles.index("其他范围")].text
                assert digits(text)[0] == widest.low and text.endswith(ZH(f"cause.{widest.cause}"))


def test_of_equally_wide_ranges_the_first_cause_is_told_and_errors_are_none_of_the_others() -> None:
    def row(cause: str, low: int, high: int) -> dict[str, object]:
        return {
            "county_code": "c",
            "measure": "m",
            "cause": cause,
            "rank_low": low,
            "rank_high": high,
            "low_by": None,
            "high_by": None,
        }

    sure = sure_of([row("reporting_error", 1, 99), row("school_out", 2, 6), row("indicator_out", 3, 7)])["c", "m"]
    assert sure.band is not None and sure.band.high == 99
    assert sure.widest is not None and sure.widest.cause == "indicator_out"


def test_no_page_calls_a_range_a_confidence_interval(areas: Site) -> None:
    for file in (f for f in areas.files if f.suffix == ".html" and {"province", "county"} & set(f.parts)):
        text = Page.of(file.read_text(encoding="utf-8")).text.lower()
        assert "confidence" not in text and "置信" not in text, file.name


def test_without_drawn_errors_the_band_is_the_ranking_s_own_tolerance(source: Source, shipped: Site) -> None:
    plain = Source(shipped.database, shipped.catalogue, shipped.release)
    family, facts = first(plain)
    context = province_context(facts, family, plain.catalogue, ZH)
    assert "±0.005" in context["key"] and "报表误差" not in context["key"]
    family, facts = first(source)
    context = province_context(facts, family, source.catalogue, ZH)
    assert "报表误差" in context["key"] and "±0.005" not in context["key"] and "其他范围" in context["key"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_verdicts_on_counties_are_counted_as_the_table_has_them(language: str, source: Source, areas: Site) -> None:
    words = Words("zh" if language == "zh" else "en")
    with duckdb.connect(str(areas.database), read_only=True) as connection:
        for province in source.areas.provinces:
            made = whole_tables.results(source.areas, source.catalogue, province, standards_of(source.catalogue), words)
            assert [m["id"] for m in made] == [s.id for s in standards_of(source.catalogue) if s.gap is not None]
            for section in made:
                table = section["determinations"]["table"]
                wanted = connection.execute(
                    "select verdict, count(*) from county_determination where standard_id = ? and starts_with(county_code, ?) "
                    "group by verdict", [section["id"], province.code],
                ).fetchall()  # fmt: skip
                found = {
                    verdict: sum(r.state == state for r in table.rows)
                    for verdict, state in whole_tables.STATE_OF.items()
                }
                assert {k: n for k, n in found.items() if n} == dict(wanted)
                said = digits(section["determinations"]["lead"].split(section["name"])[-1])
                assert {found["met"], found["unmet"], found["no_data"]} <= {
                    *said,
                    *digits(section["determinations"]["lead"]),
                }


def test_a_verdict_that_a_relaxation_turns_is_told_without_and_with_it(source: Source) -> None:
    _, facts = first(source)
    table = ranking_tables.rank_table(facts, source.catalogue, facts.measure, ZH)
    column = [c.title for c in table.columns].index("全县结论")
    cells = {row.code: row.cells[column] for row in table.rows}
    turned = [
        code
        for code, row in facts.whole.determinations.items()
        if row["verdict"] != row["verdict_relaxed"] and code in cells
    ]
    assert turned
    for code, cell in cells.items():
        assert cell.symbol and cell.word, "a state is symbol and word"
        assert bool(cell.badge) == (code in turned)
    assert "✓ 达到" in cells[turned[0]].badge and cells[turned[0]].word == "未达到"


def test_lists_name_who_stands_on_them_and_who_left_this_year(source: Source) -> None:
    made = whole_tables.results(
        source.areas, source.catalogue, source.areas.provinces[0], standards_of(source.catalogue), EN
    )
    lists = [m["lists"] for m in made if m["lists"]]
    assert len(lists) == 1 and len(lists[0]["table"].rows) == 3
    assert "1 county of merit, 1 of warning, 1 left" in lists[0]["lead"]
    assert [row.cells[4].text for row in lists[0]["table"].rows] == ["—", "—", "2025"]
    other = whole_tables.results(
        source.areas, source.catalogue, source.areas.provinces[1], standards_of(source.catalogue), EN
    )
    assert all(m["lists"] is None for m in other)


def test_pages_of_a_province_have_the_section_of_the_whole_where_there_are_results_only(
    shipped: Site, foreign: Site
) -> None:
    for site, has_results in ((shipped, True), (foreign, False)):
        files = [f for f in site.files if f.suffix == ".html" and "province" in f.parts]
        told = ["whole" in Page.of(f.read_text(encoding="utf-8")).ids for f in files]
        assert any(told) == has_results


def test_awards_add_up_and_a_group_that_is_not_ranked_is_counted_beside_the_table(source: Source) -> None:
    made = whole_tables.results(
        source.areas, source.catalogue, source.areas.provinces[0], standards_of(source.catalogue), EN
    )
    awards = [m["awards"] for m in made if m["awards"]]
    assert len(awards) == 1
    assert awards[0]["lead"] == (
        "2 groups were ranked, 1 awarded: 1,500,000 yuan due by the table, 1,000,000 within the budget. 1 group was not ranked."
    )
    assert [row.cells[-1].word for row in awards[0]["table"].rows] == ["awarded", "beyond the budget"]
