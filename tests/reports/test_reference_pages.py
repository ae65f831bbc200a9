"""Method, indicator and data pages: whole, generated from the catalogue, the same numbers in both languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from pipeline.findings import READING_RULES
from pipeline.schema.load import load_catalogue
from pipeline.tables.registry import public_tables
from reports import numbers
from reports.dictionary import derivation
from reports.dictionary_book import BOOK
from reports.method_tables import EXAMPLE_SCHOOLS, TABLES, grade_list
from reports.method_text import applying, features, holes, sections
from reports.words import LANGUAGES, Words
from tests.oracles import REPOSITORY, weighted_cv
from tests.reports.conftest import Site
from tests.reports.pages import Page

FOLDERS = ("method", "standard", "indicator", "data")


@pytest.fixture(params=("shipped", "foreign"))
def site(request: pytest.FixtureRequest) -> Site:
    made: Site = request.getfixturevalue(request.param)
    return made


def page(site: Site, path: str, language: str = "zh") -> Page:
    return Page.of(site.html(f"{language}/{path}"))


def in_twelve_digits(row: Sequence[Any]) -> tuple[str, ...]:
    """A row whose numbers are written alike wherever they come from (a workbook keeps 16 digits)."""
    return tuple(f"{v:.12g}" if isinstance(v, int | float) else str(v) for v in row)


def reference_files(site: Site) -> list[Path]:
    return [f for f in site.files if f.suffix == ".html" and f.parent.name in FOLDERS]


def figures(html: str) -> list[str]:
    """The raw and shown numbers of a page's table cells, in order."""
    return re.findall(r'data-v="(-?[\d.e+-]+)"', html)


# --- method ---------------------------------------------------------------------------------------------------------------


def test_the_worked_example_is_the_published_one(site: Site) -> None:
    """domain: a five-school example whose coefficient is 0.51525663 recomputed, 0.52 as printed."""
    example = weighted_cv([r / p for p, r in EXAMPLE_SCHOOLS], [p for p, _ in EXAMPLE_SCHOOLS])
    assert example.cv == pytest.approx(0.51525663, abs=5e-9)
    for language in LANGUAGES:
        text = page(site, "method/index.html", language).text
        for shown in ("0.5153", "3.2639", "6.3344"):
            assert shown in text
        assert numbers.fixed(example.cv, 4) in text


def test_the_split_example_is_the_published_one_without_rounding(shipped: Site) -> None:
    """166 and 210 pupils, 23,226 things: 9711.627 and 13514.373, where the source prints whole numbers."""
    text = page(shipped, "method/index.html").text
    for shown in ("9,711.627", "13,514.373", "397.0", "58.5038"):
        assert shown in text


def test_a_method_page_speaks_only_of_what_its_catalogue_has(foreign: Site) -> None:
    ids = {s.id for s, _ in applying(foreign.catalogue)}
    assert {"gap", "compare", "grades", "limits"} <= ids
    assert not ids & {"split", "attainment", "school_rule"}
    assert "split" in {s.id for s, _ in applying(load_catalogue())}


def test_every_need_of_the_prose_is_a_feature_or_an_engine_setting() -> None:
    catalogue = load_catalogue()
    needs = {n for s in sections() for n in s.needs} | {n for s in sections() for b in s.blocks for n in b.needs}
    assert needs <= features(catalogue), needs - features(catalogue)
    named = {b.content for s in sections() for b in s.blocks if b.kind == "table"}
    assert named == set(TABLES)


def test_the_prose_is_whole_in_both_languages() -> None:
    for section in sections():
        texts = [section.title] + [t for b in section.blocks if b.kind == "p" for t in [b.content]]
        texts += [t for b in section.blocks if b.kind == "list" for t in b.content]
        assert all(t["zh"] and t["en"] for t in texts), section.id


def test_every_setting_stands_on_the_settings_page(site: Site) -> None:
    for language in LANGUAGES:
        words, shown = Words(language), page(site, "method/settings.html", language)
        for s in site.catalogue.settings.values():
            assert s.key in shown.ids
            for text in (words.label(s.meaning), words.label(s.source), s.grade):
                assert text in shown.text
            if isinstance(s.value, int | float) and not isinstance(s.value, bool):
                assert f"{s.value:.12g}" in shown.text


def test_settings_fill_the_prose_so_that_a_changed_one_is_said(site: Site) -> None:
    values = holes(site.catalogue, Words("en"))
    assert values["missing_pupils_limit_pct"] in page(site, "method/index.html", "en").text


def test_every_level_floor_limit_and_clause_stands_on_its_standards_page(site: Site) -> None:
    with duckdb.connect(str(site.database), read_only=True) as opened:
        rows = opened.sql("select * from threshold").pl().to_dicts()
    for row in rows:
        html = site.html(f"zh/standard/{row['standard_id']}.html")
        text = Page.of(html).text
        assert row["item_no"] in text and row["grade"] in text
        for key in ("value", "floor", "cv_limit"):
            if row[key] is not None:
                assert f'data-v="{row[key]:.12g}"' in html, (row["standard_id"], row["indicator_id"], key)
        if row["clause"]:
            assert row["clause"].split(" / ")[0] in text


def test_every_rule_of_a_scope_is_named_with_its_condition(site: Site) -> None:
    text = page(site, "method/index.html", "en").text
    for standard in site.catalogue.standards.values():
        for rule in standard.scope:
            assert rule.reason.en in text and rule.when in text


def test_every_county_item_stands_on_its_standards_page(shipped: Site) -> None:
    for standard in shipped.catalogue.standards.values():
        shown = page(shipped, f"standard/{standard.id}.html")
        assert {c.id for c in standard.county_items} <= set(shown.ids)
        assert all(c.label.zh in shown.text for c in standard.county_items)


def test_grades_count_every_graded_entry(shipped: Site) -> None:
    found = grade_list(shipped.catalogue)
    assert set(found) <= {"V1", "V2", "I", "U"}
    text = page(shipped, "method/index.html").text
    assert f"目录 {len(found)} 条依据" in text


# --- indicators -----------------------------------------------------------------------------------------------------------


def test_every_indicator_has_a_page_with_its_formula_and_levels(site: Site) -> None:
    listed = page(site, "indicator/index.html").links
    for i in site.catalogue.indicators.values():
        assert f"{i.id}.html" in listed
        html = site.html(f"en/indicator/{i.id}.html")
        text = Page.of(html).text
        assert i.label.en in text
        assert re.sub(r"\s+", " ", i.numerator) in text and re.sub(r"\s+", " ", i.denominator) in text
        for standard in site.catalogue.standards.values():
            for item in (item for item in standard.items if item.indicator == i.id):
                assert f"../standard/{standard.id}.html" in html
                for t in item.thresholds:
                    assert f'data-v="{t.value:.12g}"' in html


def test_a_factor_of_a_layout_is_told_as_a_unit_trap(shipped: Site) -> None:
    factors = {
        c.to: c.factor
        for layout in shipped.catalogue.layouts.values()
        for s in layout.sheets
        for c in s.columns
        if c.factor != 1
    }
    told = 0
    for i in shipped.catalogue.indicators.values():
        for field in factors.keys() & set(re.findall(r"\w+", i.numerator)):
            text = page(shipped, f"indicator/{i.id}.html").text
            assert numbers.level_text(factors[field]) in text and "单位陷阱" in text
            told += 1
    assert told


def test_an_indicators_page_counts_the_counties_of_its_standards(shipped: Site) -> None:
    standard = shipped.catalogue.standards[shipped.catalogue.about.default_standard]
    assert standard.gap is not None
    for name in standard.gap.indicators:
        for stage in shipped.catalogue.judged_stages:
            shown = [
                g
                for (_, at), f in shipped.pages.items()
                if at == stage.id
                for g in f.gaps
                if g.indicator.id == name and g.is_shown
            ]
            html = shipped.html(f"zh/indicator/{name}.html")
            over = sum(g.verdict == "unmet" for g in shown)
            assert f"{len(shown)} 个县，{over} 个超限" in html or not shown


# --- data -----------------------------------------------------------------------------------------------------------------


def test_every_table_and_column_stands_in_the_dictionary(site: Site) -> None:
    listed = page(site, "data/index.html").links
    for table in public_tables().values():
        assert f"{table.name}.html" in listed and f"../../../tables/{table.name}.parquet" in listed
        shown = page(site, f"data/{table.name}.html")
        columns = table.columns(site.catalogue)
        assert {c.name for c in columns} <= set(shown.ids)
        for c in columns:
            assert c.zh in shown.text
            if c.name not in table.key and c.empty_zh:
                assert c.empty_zh in shown.text


def test_every_field_and_rule_stands_in_the_dictionary(site: Site) -> None:
    fields, rules = page(site, "data/fields.html"), page(site, "data/rules.html")
    assert set(site.catalogue.fields) <= set(fields.ids)
    for f in site.catalogue.fields.values():
        assert f.label.zh in fields.text and derivation(f) in fields.text
        assert all(form in fields.text for form in f.form.values())
    assert {*site.catalogue.rules, *READING_RULES} <= set(rules.ids)


def test_rows_of_a_table_are_those_of_the_release(site: Site) -> None:
    with duckdb.connect(str(site.database), read_only=True) as opened:
        for name in public_tables():
            rows = opened.execute(f'select count(*) from "{name}"').fetchall()[0][0]
            assert page(site, f"data/{name}.html").h1.startswith(f"{name}：{numbers.whole(rows)} 行")


def test_a_column_without_a_meaning_of_null_holds_none(site: Site) -> None:
    with duckdb.connect(str(site.database), read_only=True) as opened:
        for table in public_tables().values():
            for c in table.columns(site.catalogue):
                if (
                    not c.empty_zh
                    and c.name not in table.key
                    and table.name in ("school_scope", "indicator", "threshold")
                ):
                    nulls = opened.execute(f'select count(*) from "{table.name}" where "{c.name}" is null').fetchall()
                    assert nulls[0][0] == 0, (table.name, c.name)


def test_the_workbook_holds_what_the_pages_hold(site: Site) -> None:
    book = openpyxl.load_workbook(site.out / BOOK)
    assert book.sheetnames == ["表", "列", "字段", "指标", "标准与阈值", "设置", "校验规则"]
    first = {name: {row[0].value for row in book[name].iter_rows(min_row=2)} for name in book.sheetnames}
    assert first["表"] == set(public_tables())
    assert first["字段"] == set(site.catalogue.fields)
    assert first["指标"] == set(site.catalogue.indicators)
    assert first["设置"] == set(site.catalogue.settings)
    assert first["校验规则"] == {*site.catalogue.rules, *READING_RULES}
    assert book["列"].max_row - 1 == sum(len(t.columns(site.catalogue)) for t in public_tables().values())


def test_the_workbooks_levels_are_those_of_the_threshold_table(site: Site) -> None:
    sheet = openpyxl.load_workbook(site.out / BOOK)["标准与阈值"]
    head = {str(cell.value).split(" ")[0]: i for i, cell in enumerate(sheet[1])}
    keys = ("标准", "指标", "学段", "办学类型", "起始年份", "标准值", "底线", "差异系数上限")
    cells = sheet.iter_rows(min_row=2, values_only=True)
    rows = {in_twelve_digits([row[head[k]] for k in keys]) for row in cells if row[head["指标"]]}
    with duckdb.connect(str(site.database), read_only=True) as opened:
        wanted = opened.execute(
            "select standard_id, indicator_id, stage, school_type, year_from, value, floor, cv_limit from threshold"
        ).fetchall()
    assert {in_twelve_digits(row) for row in wanted} == rows


# --- all of them ----------------------------------------------------------------------------------------------------------


def test_twins_carry_the_same_numbers(site: Site) -> None:
    for file in reference_files(site):
        if "zh" in file.relative_to(site.out).parts:
            path = file.relative_to(site.out / "zh").as_posix()
            zh, en = site.html(f"zh/{path}"), site.html(f"en/{path}")
            assert figures(zh) == figures(en), path
            for name, figure in Page.of(zh).json.items():
                other = Page.of(en).json[name]
                for one, two in zip(figure["data"], other["data"], strict=True):
                    assert (one["x"], one["y"]) == (two["x"], two["y"]), (path, name)


def test_every_figure_has_a_label_a_caption_and_a_table(site: Site) -> None:
    for file in reference_files(site):
        html = file.read_text(encoding="utf-8")
        drawn = html.count('role="img"')
        assert html.count("<figcaption>") == drawn == len(Page.of(html).all("div", role="img"))
        assert all(d["aria-label"] for d in Page.of(html).all("div", role="img"))
        assert html.count("<details>") >= drawn


def test_ids_of_reference_pages_are_unique_and_pages_are_small(site: Site) -> None:
    for file in reference_files(site):
        ids = Page.of(file.read_text(encoding="utf-8")).ids
        assert len(ids) == len(set(ids)), file
        assert file.stat().st_size < 400_000, file


def test_no_page_of_reference_holds_an_open_hole(site: Site) -> None:
    for file in reference_files(site):
        assert not re.search(r"\{[a-z_]+\}", Page.of(file.read_text(encoding="utf-8")).text), file


def test_method_prose_names_no_id_of_a_catalogue() -> None:
    """The words of the method hold for every catalogue, so they may name public columns only."""
    columns = {c.name for t in public_tables().values() for c in t.own_columns}
    known = load_catalogue()
    ids = {
        n for group in (known.fields, known.indicators, known.standards) for n in group if "_" in n or "-" in n
    } - columns
    for name in ("method.yaml", "queries.yaml"):
        text = (REPOSITORY / "reports" / name).read_text(encoding="utf-8")
        assert not ids & set(re.findall(r"[a-z0-9]+(?:[_-][a-z0-9]+)+", text)), name
