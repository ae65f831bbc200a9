"""The first sheet of a county's workbook: what the file is, what its sheets hold, what the symbols and indicators mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.schema.model import Catalogue
from reports import headline, trace
from reports.facts import PageFacts
from reports.release import County, Release
from reports.words import Words
from reports.workbooks.book import Book
from reports.workbooks.county_around import around_notes
from reports.workbooks.county_sheets import document_of

ZH, EN = Words("zh"), Words("en")
SHEETS = (
    ("差异系数", "各标准、各学段的校际差异系数，六位小数；可能最小、可能最大为缺报学校留下的范围",
     "gap coefficients of every standard and stage, six decimals, with the range that missing values leave"),
    ("学校达标", "各校是否达到学校标准、原因、逐项数值；其后每个标准另有一张", "schools under the school rule, why, and each item; a sheet for every further standard"),
    ("结论", "全县对照各标准的结论：每个标准先列全县，再列各项目，与县级申报不同的在前；判定、放宽口径为其依据",
     "verdicts on the county by standard, the whole first, then items, those that differ from what is declared first; behind them the sheets of tests and relaxations"),
    ("台账", "各校未达标或缺报的项目、差额、状态和费用；进展为各学段的汇总", "what schools lack, by how much, since when and at what cost; the sheet of progress sums it up"),
    ("未计入", "不参加校际比较的单位、理由和条款", "units outside the comparison, reason and clause"),
    ("问题清单", "本县报表中发现的全部问题及更正办法", "all findings in the county's returns and how to mend them"),
    ("溯源", "每个学校数值的分子、分母、溯源号和来源文件", "numerator, denominator, trace id and files of every school's value"),
)  # fmt: skip
STATES = (
    ("gap", ("met", "unmet", "undecided", "measured", "incomplete", "single", "zero", "none")),
    ("school", ("met", "unmet", "undecided")),
    ("verdict", ("met", "unmet", "no_data", "not_applicable")),
    ("value", ("met", "below", "unmet", "missing", "not_collected", "not_applicable")),
)


def notes_sheet(book: Book, release: Release, catalogue: Catalogue, county: County, pages: Sequence[PageFacts]) -> None:
    """Pairs of what and what it says, from the finding down to the definitions."""
    sheet = book.sheet("说明")
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 120)
    sheet.write_string(0, 0, book.title, book.style("title"))
    for at, (name, text) in enumerate(_lines(release, catalogue, county, pages), 2):
        sheet.write_string(at, 0, name, book.style("strong"))
        sheet.write_string(at, 1, text, book.style("note"))


def _lines(
    release: Release, catalogue: Catalogue, county: County, pages: Sequence[PageFacts]
) -> Iterator[tuple[str, str]]:
    if county.is_fictional:
        yield "虚构样本 Invented", f"{ZH('fictional')} {EN('fictional')}"
    yield "发布号 Release", release.release_id
    yield "统计年份 Year", str(release.year)
    yield "目录 Catalogue", f"{ZH.label(catalogue.about.title)} {catalogue.about.version}"
    yield "标准 Standard", document_of(catalogue.standards[catalogue.about.default_standard])
    for facts in pages:
        for words in (ZH, EN):
            yield (
                facts.stage.label.zh if words is ZH else facts.stage.label.en,
                f"{headline.title(facts, words)} {headline.lead(facts, words)}",
            )
    for name, zh, en in SHEETS:
        yield f"工作表 {name}", f"{zh} / {en}"
    yield from around_notes(pages)
    yield (
        "算法 Method",
        "X = Σ(P·x) ÷ ΣP；S = √( Σ P·(x − X)² ÷ ΣP )；CV = S ÷ X；与上限、标准比较时不四舍五入 / compared unrounded",
    )
    for kind, states in STATES:
        said = [f"{ZH.symbol(s)} {ZH.state(s, kind)} {EN.state(s, kind)}".strip() for s in states]
        yield f"状态 States（{_KINDS[kind]}）", "；".join(said)
    for indicator in catalogue.indicators.values():
        meaning = f"　{ZH.label(indicator.meaning)}" if indicator.meaning else ""
        formula = trace.formula(indicator, catalogue, ZH)
        yield (
            f"指标 {ZH.label(indicator.label)}",
            f"{formula}（{ZH.label(indicator.unit)}）{meaning} / {EN.label(indicator.label)}",
        )


_KINDS = {"gap": "差异系数 gaps", "school": "学校 schools", "verdict": "项目 items", "value": "数值 values"}
