"""Pages of provinces, of the nation and the home page: one record of facts, numbers that agree, order that is the database's."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator

import duckdb
import pytest

from reports import province_words, ranking_tables
from reports.area_facts import NO_DATA, NOT_COMPARABLE, AreaFacts, check
from reports.families import Family, family_of, standards_of
from reports.grid import grid_places
from reports.measures import band_text
from reports.nation_facts import NationFacts, nation_facts
from reports.nation_page import nation_context
from reports.nation_page import title as nation_title
from reports.overview_page import overview_context
from reports.paths import province_path
from reports.pinyin import spellings
from reports.province_page import province_context
from reports.rank_figures import ALL_UP_TO, WORST, drawn
from reports.render import Source, environment, frame
from reports.words import LANGUAGES, Words
from tests.reports.conftest import Site
from tests.reports.pages import Page, digits

ABSENT, SINGLE = "970103", "970204"
MOST_COUNTIES = 180
"""More than any province has; the page of so many must keep its budget."""


@pytest.fixture(scope="module")
def source(areas: Site) -> Source:
    return Source(areas.database, areas.catalogue, areas.release)


@pytest.fixture(scope="module")
def families(source: Source) -> list[Family]:
    """Every province by every standard."""
    return [
        family_of(source.areas, source.catalogue, province, standard)
        for province in source.areas.provinces
        for standard in standards_of(source.catalogue)
    ]


@pytest.fixture(scope="module")
def nation(source: Source) -> NationFacts:
    return nation_facts(source.areas, source.catalogue)


def pages_of(families: list[Family]) -> Iterator[tuple[Family, AreaFacts]]:
    for family in families:
        for facts in family.stages:
            yield family, facts


def first(families: list[Family]) -> tuple[Family, AreaFacts]:
    return families[0], families[0].stages[0]


def test_a_county_is_within_when_no_gap_exceeds_its_limit_and_beyond_when_one_does(
    families: list[Family], areas: Site
) -> None:
    for _, facts in pages_of(families):
        if facts.limit is None:
            continue
        with duckdb.connect(str(areas.database), read_only=True) as connection:
            rows = connection.execute(
                "select area_code, max(cv) from gap_coefficient where year = ? and standard_id = ? and stage = ? "
                "and area_level = 'county' and state = 'ok' group by area_code",
                [facts.year, facts.standard.id, facts.stage.id],
            ).fetchall()
        largest = dict(rows)
        for line in facts.lines:
            if line.county.code in largest:
                assert line.verdict == ("within" if largest[line.county.code] <= facts.limit else "beyond")
            else:
                assert line.verdict == {ABSENT: "absent", SINGLE: "single"}[line.county.code]


def test_a_limited_composite_judges_the_mean_of_the_gaps(families: list[Family]) -> None:
    found = [facts for _, facts in pages_of(families) if facts.composite_limit is not None]
    assert found
    for facts in found:
        for line in facts.lines:
            if line.verdict in ("within", "beyond"):
                mean = sum(g.cv or 0.0 for g in line.gaps.values()) / len(line.gaps)
                assert (line.verdict == "within") == (mean <= (facts.composite_limit or 0.0))


def test_every_county_is_in_one_count_and_a_page_whose_counts_do_not_add_up_is_not_made(families: list[Family]) -> None:
    for _, facts in pages_of(families):
        parts = facts.count("within"), facts.count("beyond"), facts.count("measured"), facts.count(*NO_DATA)
        assert sum(parts) + facts.count(*NOT_COMPARABLE) == len(facts.province.counties)
    _, facts = first(families)
    with pytest.raises(AssertionError, match="add up"):
        check(dataclasses.replace(facts, lines=facts.lines[1:]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_headline_tiles_and_tables_of_a_province_hold_the_same_numbers(
    language: str, families: list[Family], areas: Site
) -> None:
    words = Words("zh" if language == "zh" else "en")
    for family, facts in pages_of(families):
        context = province_context(facts, family, areas.catalogue, words)
        assert len(context["tiles"]) <= 4
        if not facts.has_limits:
            continue
        said = digits(context["title"].removeprefix(words.place(facts.province.name)))
        within, n = facts.count("within"), len(facts.lines)
        assert {within, n} <= set(said) and facts.before("within") in said
        values = [digits(tile["value"]) for tile in context["tiles"]]
        rest = n - within - facts.count("beyond")
        assert values[:3] == [[within, n], [facts.count("beyond"), n], [rest, n]]
        assert sum(digits(context["tiles"][2]["sub"])[i] for i in (0, 1, -2, -1)) == rest or language == "zh"
        ranking, unranked = context["ranking"].rows, context["unranked"]
        assert len(ranking) + (len(unranked.rows) if unranked else 0) == n


def test_the_ranking_is_the_databases(families: list[Family], areas: Site) -> None:
    with duckdb.connect(str(areas.database), read_only=True) as connection:
        for _, facts in pages_of(families):
            for measure in facts.standard.measures:
                table = ranking_tables.rank_table(facts, areas.catalogue, measure, Words("zh"))
                wanted = connection.execute(
                    "select county_code, u.rank_low, u.rank_high from county_ranking as r inner join rank_uncertainty as u "
                    "using (year, standard_id, stage, measure, county_code) where year = ? and standard_id = ? and stage = ? "
                    "and measure = ? and r.state = 'ok' and starts_with(county_code, ?) and u.cause = 'reporting_error' "
                    "order by rank_province, county_code",
                    [facts.year, facts.standard.id, facts.stage.id, measure, facts.province.code],
                ).fetchall()
                assert [row.code for row in table.rows] == [code for code, _, _ in wanted]
                assert [row.cells[0].text for row in table.rows] == [band_text(low, high) for _, low, high in wanted]
                assert dict(table.constants)["measure"] == measure
                assert [c.title for c in table.columns if c.is_hidden][:2] == ["rank_low", "rank_high"]


def test_counties_that_cannot_be_compared_are_listed_and_not_ranked(families: list[Family]) -> None:
    _, facts = first(families)
    assert facts.measure is not None
    unranked = ranking_tables.unranked_table(facts, facts.measure, Words("zh"))
    assert unranked is not None and [row.code for row in unranked.rows] == [ABSENT, SINGLE]
    assert [row.cells[1].text for row in unranked.rows] == ["没有可用的报表", "仅 1 所学校，不可比"]


def test_a_band_one_wide_is_a_single_place() -> None:
    assert band_text(5, 5) == "5" and band_text(5, 7) == "5–7" and band_text(None, None) == "—"


def test_the_key_of_the_order_stands_above_the_table(families: list[Family], areas: Site) -> None:
    for family, facts in pages_of(families):
        for words in map(Words, LANGUAGES):
            context = province_context(facts, family, areas.catalogue, words)
            assert f"measure = {facts.measure}" in context["key"] and "county_ranking" in context["key"]
            assert [
                f"measure = {m}" in o["key"]
                for m, o in zip(facts.standard.measures[1:], context["others"], strict=True)
            ]


def test_who_crossed_the_limit_is_who_changed_sides_since_last_year(families: list[Family], areas: Site) -> None:
    crossed = 0
    for family, facts in pages_of(families):
        out = {x.county.code for x in facts.lines if (x.before, x.verdict) == ("within", "beyond")}
        into = {x.county.code for x in facts.lines if (x.before, x.verdict) == ("beyond", "within")}
        table = province_context(facts, family, areas.catalogue, Words("zh"))["crossed"]
        rows = table.rows if table else ()
        assert {row.code for row in rows} == out | into
        crossed += len(out | into)
        for row in rows if facts.limit is not None else ():
            assert "→" in row.cells[5].text, "the indicators that crossed are named"
    assert crossed > 3


def test_a_small_gap_around_a_low_mean_is_called_evenly_low(families: list[Family]) -> None:
    _, facts = first(families)
    poor = [(line, name) for line in facts.lines for name, g in line.gaps.items() if g.is_evenly_poor]
    assert poor and all(line.gaps[n].ratio is not None and (line.gaps[n].ratio or 0) < 1 for line, n in poor)
    assert sum(facts.tally(i.id).evenly_poor for i in facts.indicators) == len(poor)


def test_of_very_many_counties_the_worst_are_drawn_and_the_page_keeps_its_budget(
    families: list[Family], areas: Site
) -> None:
    family, facts = first(families)
    times = -(-MOST_COUNTIES // len(facts.lines))
    assert times > 1
    lines = (facts.lines * times)[:MOST_COUNTIES]
    province = dataclasses.replace(facts.province, counties=(facts.province.counties * times)[:MOST_COUNTIES])
    many = dataclasses.replace(facts, lines=lines, province=province)
    assert len(many.ranked(many.measure or "")) > ALL_UP_TO and len(drawn(many)) == WORST
    assert len(drawn(facts)) == len(facts.ranked(facts.measure or ""))
    for words in map(Words, LANGUAGES):
        html = rendered("province.html.j2", province_context(many, family, areas.catalogue, words), areas, words)
        assert len(html.encode()) <= 600_000, len(html.encode())


def rendered(template: str, context: dict[str, object], site: Site, words: Words) -> str:
    from reports.render import Page as Made

    page = Made("province/x.html", template, lambda _: context)
    return environment().get_template(template).render(frame(page, site.catalogue, (), words) | context)


def test_both_languages_draw_the_same_numbers(families: list[Family], areas: Site) -> None:
    names = ("rank_figure", "slope_figure", "swarm_figure", "scatter_figure")
    for family, facts in pages_of(families):
        zh, en = (province_context(facts, family, areas.catalogue, Words(language)) for language in ("zh", "en"))
        for name in names:
            assert (zh[name] is None) == (en[name] is None)
            if zh[name]:
                a, b = ([(t["x"], t["y"]) for t in context[name]["json"]["data"]] for context in (zh, en))
                assert a == b


def test_every_figure_of_a_page_of_areas_is_named_and_has_its_data_in_a_table(areas: Site) -> None:
    for file in area_files(areas):
        page = Page.of(file.read_text(encoding="utf-8"))
        plots = page.all("div", role="img")
        assert len(plots) == len(page.json) == len(page.all("figcaption"))
        assert all(len(plot["aria-label"]) > 30 and "{" not in plot["aria-label"] for plot in plots), file
        assert len(page.all("table")) >= len(plots) > 0 or file.name.count("-") == 0
        for figure in page.json.values():
            assert {t["type"] for t in figure["data"]} <= {"scatter", "bar"}


def area_files(site: Site) -> list:  # type: ignore[type-arg]
    return [f for f in site.files if f.suffix == ".html" and ("province" in f.parts or f.name == "nation.html")]


def test_ids_of_pages_of_areas_are_unique_and_the_nation_keeps_its_budget(areas: Site) -> None:
    for file in [*area_files(areas), areas.out / "index.html"]:
        ids = Page.of(file.read_text(encoding="utf-8")).ids
        assert len(ids) == len(set(ids)), file.name
    assert (areas.out / "zh" / "nation.html").stat().st_size <= 400_000


def test_there_is_a_page_for_every_province_standard_and_stage(areas: Site, source: Source) -> None:
    for province in source.areas.provinces:
        for standard in standards_of(areas.catalogue):
            for stage in areas.catalogue.judged_stages:
                for language in LANGUAGES:
                    assert (areas.out / language / province_path(province, stage, standard, areas.catalogue)).is_file()


def test_the_nation_is_the_sum_of_its_provinces(nation: NationFacts, areas: Site) -> None:
    for stage in nation.stages:
        assert nation.count(stage, "within") == sum(f.count("within") for f in nation.of(stage))
    for words in map(Words, LANGUAGES):
        context = nation_context(nation, areas.catalogue, words)
        wanted = [nation.count(stage, "within") for stage in nation.stages]
        assert digits(nation_title(nation, words))[-len(wanted) :] == wanted
        assert [digits(tile["value"]) for tile in context["tiles"][: len(wanted)]] == [
            [w, nation.expected] for w in wanted
        ]
        assert len(context["provinces"].rows) == len(nation.provinces) == len(context["grid"]["squares"])
        lead = digits(context["lead"])
        for n, stage in enumerate(nation.stages):
            assert sum(lead[3 * n : 3 * n + 3]) + nation.count(stage, "within") == nation.expected


def test_one_province_alone_reads_well(source: Source, nation: NationFacts) -> None:
    alone = dataclasses.replace(nation, provinces=nation.provinces[:1])
    context = nation_context(alone, source.catalogue, Words("en"))
    assert context["grid"] is None and context["strips"] is None
    assert f"in {alone.provinces[0][0].name.en}," in context["title"] and context["bars"]["label"] == "Figure 1"


def test_coverage_counts_the_counties_that_sent(nation: NationFacts) -> None:
    by_code = {row["province_code"]: row for row in nation.coverage}
    first_province = nation.provinces[0][0]
    row = by_code[first_province.code]
    assert (row["expected"], row["received"], row["accepted"]) == (
        len(first_province.counties),
        row["expected"] - 1,
        row["expected"] - 1,
    )


def test_an_overview_counts_those_within_in_every_stage(source: Source, areas: Site) -> None:
    for province in source.areas.provinces:
        family = family_of(source.areas, areas.catalogue, province, standards_of(areas.catalogue)[0])
        within = sum(all(f.lines[n].verdict == "within" for f in family.stages) for n in range(len(province.counties)))
        for words in map(Words, LANGUAGES):
            context = overview_context(province, family, {}, areas.catalogue, words)
            assert within == family.within_all() in digits(context["title"].replace(words.place(province.name), ""))
            assert len(context["table"].rows) == len(province.counties)
            assert sum(len(links) for _, links in context["letters"]) == len(province.counties)


def test_the_search_index_holds_every_county_by_name_pinyin_initials_and_code(areas: Site) -> None:
    text = (areas.out / "assets" / "search-index.js").read_text(encoding="utf-8")
    counties = json.loads(text[text.index("counties: ") + 10 : text.rindex("}")])
    assert [c[0] for c in counties] == [c.code for c in areas.release.counties]
    assert spellings("澄溪县") == "chengxixian cxx" and spellings("Butte") == "butte"
    for entry, county in zip(counties, areas.release.counties, strict=True):
        assert entry[2] == county.name.zh and entry[4] == spellings(county.name.zh)
        page = areas.out / "zh" / "county" / entry[1] / f"{entry[0]}-{areas.catalogue.judged_stages[0].id}.html"
        assert page.is_file()


def test_the_search_index_is_loaded_by_a_classic_script_and_every_page_has_the_box(areas: Site) -> None:
    script = (areas.out / "assets" / "site.js").read_text(encoding="utf-8")
    assert "fetch(" not in script and "import(" not in script
    for file in (f for f in areas.files if f.suffix == ".html"):
        html = file.read_text(encoding="utf-8")
        boxes = re.findall(r'<form class="find" role="search" hidden data-index="([^"]+)"', html)
        assert len(boxes) == 1 and (file.parent / boxes[0]).resolve().is_file()


def test_without_a_script_every_county_is_reached_from_home_through_its_province(areas: Site) -> None:
    home = Page.of(areas.html("index.html"))
    overviews = {link for link in home.links if re.fullmatch(r"zh/province/\d+\.html", link)}
    reached = set()
    for link in overviews:
        page = areas.out / link
        reached |= {(page.parent / x).resolve() for x in Page.of(page.read_text("utf-8")).links if "/county/" in x}
    wanted = {f for f in areas.county_files if "zh" in f.relative_to(areas.out).parts}
    assert wanted <= reached


def test_home_says_what_the_nation_says_and_lists_files_that_were_not_accepted(areas: Site, shipped: Site) -> None:
    assert Page.of(areas.html("index.html")).h1 == Page.of(areas.html("zh/nation.html")).h1
    assert "2025/990202-" in Page.of(shipped.html("index.html")).text


def test_a_catalogue_without_limits_judges_nobody(foreign: Site) -> None:
    source = Source(foreign.database, foreign.catalogue, foreign.release)
    for province in source.areas.provinces:
        for facts in family_of(source.areas, foreign.catalogue, province, standards_of(foreign.catalogue)[0]).stages:
            assert facts.count("within", "beyond") == 0 and not facts.has_limits
            assert "not judged" in province_words.lead(facts, Words("en"))


def test_the_grid_places_provinces_by_code_and_name_together(source: Source) -> None:
    invented = source.areas.provinces
    assert grid_places(invented) == [(1, n + 1) for n in range(len(invented))]
    named = invented[0].name.model_copy(update={"zh": "北京市"})
    capital = dataclasses.replace(invented[0], code="11", name=named)
    assert grid_places([capital, invented[1]]) == [(2, 6), (3, 1)]
    assert grid_places([dataclasses.replace(invented[0], code="11")]) == [(1, 1)], "a code alone is not a province"


def test_a_limited_composite_is_called_so_and_no_single_item_is_counted_as_over(
    areas: Site, families: list[Family]
) -> None:
    seen = 0
    for _, facts in pages_of(families):
        if facts.composite_limit is None or facts.measure is None:
            continue
        seen += 1
        assert facts.limit is None
        zh, en = (province_words.lead(facts, Words(language)) for language in ("zh", "en"))
        assert "综合差异系数" in zh and "composite gap coefficient" in en
        heads = [c.title for c in ranking_tables.rank_table(facts, areas.catalogue, facts.measure, Words("zh")).columns]
        assert not any("超限项数" in h for h in heads)
        assert any("综合差异系数" in h for h in heads)
    assert seen
