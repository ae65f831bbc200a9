"""A workbook a province: rankings by every measure, gaps of the counties, schools that meet each item, coverage, who crossed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.schema.model import Standard
from reports import province_words
from reports.area_results import Whole
from reports.areas import Province
from reports.families import Family, family_of, standards_of
from reports.measures import name_of, order_of
from reports.overview_page import overall_ranks
from reports.render import Source
from reports.sureness import band_words
from reports.words import Words
from reports.workbooks.book import Book
from reports.workbooks.county_sheets import document_of
from reports.workbooks.province_sheets import coverage_sheet, crossed_sheet, gap_sheet, rank_sheet, share_sheet
from reports.workbooks.province_whole import whole_notes, whole_sheets

ZH, EN = Words("zh"), Words("en")
SHEETS = (
    ("排名", "各标准、各键、各学段的名次、区间、变化和主因；没有名次的县在后", "ranks by every standard, measure and stage, with bands, changes and causes; counties without a rank last"),
    ("差异系数", "每县每学段一行，一列一项，六位小数；超限的着色", "a row a county and stage, a column an indicator, six decimals; tinted beyond the limit"),
    ("学校达标率", "各项达标学校占适用学校的比例", "schools that meet each item over the schools it applies to"),
    ("覆盖", "各县是否报送、计入学校和学生、缺报学校", "whether each county sent, schools and pupils counted, schools missing"),
    ("跨越限值", "上年以来变为超限或变为未超限的县", "counties that went over the limit or came within it since last year"),
)  # fmt: skip


def province_workbooks(source: Source, out: Path) -> list[Path]:
    """Writes ``<province>.xlsx`` for every province of the release's latest year."""
    return [_write(source, province, out) for province in source.areas.provinces]


def _write(source: Source, province: Province, out: Path) -> Path:
    families = [family_of(source.areas, source.catalogue, province, s) for s in standards_of(source.catalogue)]
    path = out / f"{province.code}.xlsx"
    title = f"{province.name.zh} {province.name.en} {province.code} · {source.release.year}"
    with Book(path, title, source.release.year) as book:
        _notes(book, source, province, families)
        rank_sheet(book, source.catalogue, [(f, overall_ranks(source.areas, province, f)) for f in families])
        for number, family in enumerate(f for f in families if f.stages[0].indicators):
            gap_sheet(book, family, is_first=number == 0)
        for number, family in enumerate(f for f in families if any(facts.items for facts in f.stages)):
            share_sheet(book, family, is_first=number == 0)
        coverage_sheet(book, families[0])
        crossed_sheet(book, source.catalogue, families)
        whole_sheets(book, province, wholes_of(source, province))
    return path


def wholes_of(source: Source, province: Province) -> list[tuple[Standard, Whole]]:
    """What is told of whole counties by every standard."""
    results = source.areas.results
    return [(s, results.whole(province.code, s.id)) for s in standards_of(source.catalogue)]


def _notes(book: Book, source: Source, province: Province, families: Sequence[Family]) -> None:
    """Pairs of what and what it says, from the findings down to the states."""
    sheet = book.sheet("说明")
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 120)
    sheet.write_string(0, 0, book.title, book.style("title"))
    for at, (name, text) in enumerate(_lines(source, province, families), 2):
        sheet.write_string(at, 0, name, book.style("strong"))
        sheet.write_string(at, 1, text, book.style("note"))


def _lines(source: Source, province: Province, families: Sequence[Family]) -> Iterator[tuple[str, str]]:
    if any(c.is_fictional for c in province.counties):
        yield "虚构样本 Invented", f"{ZH('fictional')} {EN('fictional')}"
    yield "发布号 Release", source.release.release_id
    yield "统计年份 Year", str(source.release.year)
    about = source.catalogue.about
    yield "目录 Catalogue", f"{ZH.label(about.title)} {about.version}"
    for family in families:
        yield "标准 Standard", f"{ZH.label(family.standard.label)}：{document_of(family.standard)}"
        for facts in family.stages:
            yield facts.stage.label.zh, f"{province_words.title(facts, ZH)}。{province_words.lead(facts, ZH)}"
            yield facts.stage.label.en, f"{province_words.title(facts, EN)}. {province_words.lead(facts, EN)}"
        for measure in family.standard.measures:
            yield (
                f"键 Key: {measure}",
                f"{name_of(measure, family.standard, ZH)}，{order_of(measure, ZH)} / {name_of(measure, family.standard, EN)}, {order_of(measure, EN)}",
            )
    if any(rank.sure.band for f in families for facts in f.stages for x in facts.lines for rank in x.ranks.values()):
        yield "名次区间 Band", f"{band_words(source.catalogue, ZH)} {band_words(source.catalogue, EN)}"
    width = source.catalogue.settings.get("rank_band_width")
    if width is not None:
        text = f"{float(str(width.value)):g}"
        yield "容差 Tolerance", f"{ZH('rank.key.band', width=text)} {EN('rank.key.band', width=text)}"
    for name, zh, en in SHEETS:
        yield f"工作表 {name}", f"{zh} / {en}"
    yield from whole_notes(wholes_of(source, province))
