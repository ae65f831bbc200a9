"""Social recognition by the register of surveys: totals by hand, what blanks may do, and what the return reports beside them."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import HomeError
from pipeline.sample.places import provinces
from pipeline.sample.surveys import spread, survey_rows
from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.county import Survey
from pipeline.store.home import Home
from pipeline.tables import python_tables
from pipeline.tables.registry import public_tables
from pipeline.verdicts.survey_counts import Asked, Count, asked_of
from pipeline.verdicts.surveys import surveys_of
from tests.pipeline.chain import only, table
from tests.pipeline.computed import computed
from tests.pipeline.good_county import YEAR, GoodCounty, with_counties

QUALITY, ITEM = "quality-2017", "social_recognition"
HEADER = "year,county_code,school_id,party,way,sent,valid,satisfied\n"
BOOK = {
    ("city", "学生", "问卷"): (40, 40, 36), ("city", "家长", "问卷"): (60, 60, 54), ("city", "teacher", "问卷"): (10, 10, 9),
    ("city", "校长", "questionnaire"): (1, 1, 1), ("town", "学生", "问卷"): (50, 48, 43), ("town", "家长", "问卷"): (90, 88, 80),
    ("town", "老师", "问卷"): (8, 8, 8), ("", "其他群众", "问卷"): (10, 10, 5), ("city", "家长", "走访"): (20, 20, 18),
}  # fmt: skip
"""School, party and way → sent, valid, satisfied. Questionnaires: 269 sent, 265 valid, 236 satisfied."""
PRINCIPAL, PARENTS = ("city", "校长", "questionnaire"), ("town", "家长", "问卷")
FEW = {("city", "学生", "问卷"): (40, 40, 5), ("city", "家长", "问卷"): (60, 60, 10)}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "agrees": ({}, BOOK),
    "reported low": ({"social_recognition_pct": 80.0}, BOOK),
    "computed low": ({}, BOOK | FEW),
    "not reported": ({"social_recognition_pct": None}, BOOK),
    "a blank that cannot turn it": ({}, BOOK | {PRINCIPAL: (1, 1, "")}),
    "a blank that could turn it": ({}, BOOK | {PARENTS: (90, 88, "")}),
    "failing whatever is blank": ({}, BOOK | FEW | {PRINCIPAL: ("", 1, "")}),
    "nobody knows how many": ({}, BOOK | {PRINCIPAL: ("", "", "")}),
    "no principals": ({}, {k: v for k, v in BOOK.items() if k != PRINCIPAL}),
    "visits only": ({}, {k: v for k, v in BOOK.items() if k[2] == "走访"}),
    "exactly": ({}, {("city", p, "问卷"): (25, 20, 17) for p in ("学生", "家长", "教师", "校长")}),
    "no register": ({}, {}),
}  # fmt: skip


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def counties() -> dict[str, GoodCounty]:
    made = {name: GoodCounty(n).set(**cells) for n, (name, (cells, _)) in enumerate(CASES.items(), 1)}
    return {name: county.only("city", "town", "middle", "upper") for name, county in made.items()}


def _lines(counties: dict[str, GoodCounty]) -> Iterator[str]:
    for name, county in counties.items():
        for (school, party, way), counts in CASES[name][1].items():
            code = county.schools[school].school["school_id"] if school else ""
            yield ",".join(map(str, (YEAR, county.code, code, party, way, *counts)))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue, counties: dict[str, GoodCounty]) -> Home:
    folder = tmp_path_factory.mktemp("surveys") / "home"
    (folder / "registers").mkdir(parents=True)
    text = HEADER + "\n".join(_lines(counties))
    (folder / "registers" / "surveys.csv").write_text(text, encoding="utf-8")
    known = with_counties(catalogue, counties)
    home = computed(folder, known, {(YEAR, c.code): c.rows() for c in counties.values()}, upto="gap_coefficient")
    for name in ("relaxation", "county_survey", "county_item_test", "county_item"):
        python_tables.make(name, home, known)
    return home


@pytest.fixture
def of(home: Home, counties: dict[str, GoodCounty]) -> Any:
    """A row about a case: of the item, of a test of it, or (with ``way``) of the survey."""

    def row(case: str, test: str = "", **where: Any) -> dict[str, Any]:
        own = {"county_code": counties[case].code, **where}
        if "way" in where:
            return only(home, "county_survey", **own)
        own |= {"standard_id": QUALITY, "item_id": ITEM}
        return only(home, "county_item_test", test_id=test, **own) if test else only(home, "county_item", **own)

    return row


def by_hand(part: int, whole: int) -> tuple[float, float]:
    """Wilson's interval as the two roots p of (p − s)² = z² p (1 − p) ÷ n, for n of the sample over a design effect of 1.5."""
    z, n, s = NormalDist().inv_cdf(0.975), whole / 1.5, part / whole
    a, b, c = 1 + z * z / n, -(2 * s + z * z / n), s * s
    root = sqrt(b * b - 4 * a * c)
    return 100 * (-b - root) / (2 * a), 100 * (-b + root) / (2 * a)


# -- totals ------------------------------------------------------------------------------------------------------------


def test_totals_of_a_county_its_parties_and_its_schools_are_those_counted_by_hand(
    of: Any, counties: dict[str, GoodCounty]
) -> None:
    def sums(**where: Any) -> tuple[Any, ...]:
        row = of("agrees", **where)
        return row["sent"], row["valid"], row["satisfied"]

    city = counties["agrees"].schools["city"].school["school_id"]
    assert sums(way="questionnaire", level="county") == (269, 265, 236)
    assert sums(way="questionnaire", level="party", party="parent") == (150, 148, 134)
    assert sums(way="questionnaire", level="party", party="teacher") == (18, 18, 17)
    assert sums(way="questionnaire", level="school", school_id=city) == (111, 111, 100)
    assert sums(way="questionnaire", level="school", school_id="") == (10, 10, 5)
    assert sums(way="visit", level="county") == (20, 20, 18)
    assert sums(way="both", level="county") == (289, 285, 254)


def test_the_interval_is_wilsons_with_the_design_effect(of: Any) -> None:
    row = of("agrees", way="questionnaire", level="county")
    assert row["rate"] == pytest.approx(100 * 236 / 265, rel=1e-12)
    assert (row["interval_low"], row["interval_high"]) == pytest.approx(by_hand(236, 265), rel=1e-9)
    test = of("agrees", "surveyed")
    assert (test["value_low"], test["value_high"]) == (row["interval_low"], row["interval_high"])


def test_the_share_of_parents_and_the_size_of_the_sample_are_notes(of: Any) -> None:
    parents = of("agrees", way="questionnaire", level="party", party="parent")
    assert (parents["sent_share"], parents["is_share_enough"]) == (pytest.approx(100 * 150 / 269), True)
    whole = of("agrees", way="questionnaire", level="county")
    assert (whole["per_1000_residents"], whole["is_sample_enough"]) == (pytest.approx(1000 * 269 / 300_000), False)
    assert of("agrees")["verdict"] == "met"  # too small a sample is told, and decides nothing


def test_every_row_has_its_key_once_and_no_null_where_none_may_be(home: Home) -> None:
    frame, told = table(home, "county_survey"), public_tables()["county_survey"]
    assert frame.height > 0 and frame.select(told.key).is_unique().all()
    assert [c.name for c in told.own_columns if not c.empty_zh and frame[c.name].null_count()] == []
    assert frame.filter("is_deciding").height == len(CASES) - 1


# -- the verdict -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "verdict", "differs"),
    [
        ("agrees", "met", False), ("reported low", "met", True), ("computed low", "unmet", True), ("not reported", "met", False),
        ("a blank that cannot turn it", "met", False), ("a blank that could turn it", "no_data", None),
        ("failing whatever is blank", "unmet", True), ("nobody knows how many", "no_data", None), ("no principals", "no_data", None),
        ("visits only", "no_data", None), ("exactly", "met", False), ("no register", "met", False),
    ],
)  # fmt: skip
def test_a_verdict_follows_from_the_register_unless_blanks_could_turn_it(
    of: Any, case: str, verdict: str, differs: bool | None
) -> None:
    row = of(case)
    assert (row["verdict"], row["differs"], row["tests"]) == (verdict, differs, 1)
    assert row["test_id"] == ("reported" if case == "no register" else "surveyed")


def test_what_the_return_reports_stands_beside_and_a_reason_names_both_where_they_differ(of: Any) -> None:
    assert (of("reported low", "reported")["counts"], of("no register", "reported")["counts"]) == (False, True)
    row = of("reported low")
    assert "89.0566%" in row["reason_zh"] and "报表填报 80%" in row["reason_zh"]
    assert "89.0566%" in row["reason_en"] and "reports 80%" in row["reason_en"]
    whole = of("reported low", way="questionnaire", level="county")
    assert (whole["reported"], whole["differs"], whole["verdict"]) == (80.0, True, "met")
    assert of("not reported", way="questionnaire", level="county")["differs"] is None


def test_the_interval_never_decides(of: Any) -> None:
    row = of("exactly", "surveyed")
    assert row["value"] == 85 and row["value_low"] < 85 < row["value_high"] and row["state"] == "met"


def test_a_reason_names_the_parties_whose_counts_are_lacking(of: Any) -> None:
    assert "校长" in of("no principals")["reason_zh"] and "principals" in of("no principals")["reason_en"]
    blank = of("a blank that could turn it")
    assert "家长" in blank["reason_zh"] and "58.8679%" in blank["reason_zh"]  # 156 of 265
    assert of("no principals", way="questionnaire", level="party", party="principal")["state"] == "no_data"


# -- properties --------------------------------------------------------------------------------------------------------

counts = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)).map(
    lambda t: tuple(sorted(t, reverse=True))
)


@given(st.lists(st.tuples(counts, st.sampled_from([(), (1,), (2,), (1, 2)])), min_size=1, max_size=6))
def test_whatever_the_blanks_hold_the_rate_lies_within_its_bounds(made: list[tuple[Any, tuple[int, ...]]]) -> None:
    def entries(is_blanked: bool) -> list[Asked]:
        shown = [tuple(None if is_blanked and n in gone else v for n, v in enumerate(c)) for c, gone in made]
        return [Asked(2025, "c", str(n), "p", "w", *c) for n, c in enumerate(shown)]

    true, told = Count.of(entries(False)), Count.of(entries(True))
    if true.rate is not None and told.lowest is not None and told.highest is not None:
        assert told.lowest - 1e-9 <= true.rate <= told.highest + 1e-9
    assert told.rate is None or told.rate == true.rate


@given(counts.map(lambda t: (t[0] * 37, t[1] * 31, t[2] * 29)), st.lists(st.floats(0.1, 9), min_size=1, max_size=9))
def test_people_of_a_sample_are_spread_in_whole_and_none_is_lost(total: Any, weights: list[float]) -> None:
    parts = spread(total, weights)
    assert tuple(map(sum, zip(*parts, strict=True))) == (total if total[0] else (0, 0, 0))
    assert all(sent >= valid >= satisfied >= 0 for sent, valid, satisfied in parts)


# -- the sample ---------------------------------------------------------------------------------------------------------


def test_totals_of_a_sample_agree_with_the_cells_but_for_one_county_that_differs() -> None:
    counties, years = list(provinces(1, 6, 3)[0].each_county()), (2024, 2025)
    cells = {(c.place.code, y): GoodCounty().cells for c in counties for y in years}
    rows = list(survey_rows(counties, 8, years, cells))
    assert rows == list(survey_rows(counties, 8, years, cells))
    differing = set()
    for year, county in sorted({(r["year"], r["county_code"]) for r in rows}):
        own = [r for r in rows if (r["year"], r["county_code"], r["way"]) == (year, county, "问卷")]
        sent, valid, satisfied = (sum(r[n] for r in own) for n in ("sent", "valid", "satisfied"))
        assert (sent, valid) == (500, 480)
        assert sum(r["sent"] for r in own if r["party"] == "家长") == 300
        if satisfied != 440:
            differing.add((year, county, satisfied))
    assert [(year, satisfied) for year, _, satisfied in differing] == [(2025, 384)]


# -- the register ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2025,990101,,家长,问卷,10,11,9", ("valid 11", "大于")), ("2025,990101,,家长,问卷,10,9,10", ("satisfied 10", "大于")),
        ("2025,990101,,家长,问卷,10,,11", ("satisfied 11", "大于")), ("2025,990101,,邻居,问卷,10,9,8", ("邻居", "不是可用的词")),
        ("2025,990101,,家长,电话,10,9,8", ("电话", "不是可用的词")), ("2025,990101,,parent,问卷,7,7,7", ("line 2 already", "与第 2 行重复")),
        ("2025,990101,,家长,问卷,-1,,", ("sent", "有误")),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_named_by_file_and_line(
    tmp_path: Path, catalogue: Catalogue, row: str, words: tuple[str, str]
) -> None:
    (tmp_path / "registers").mkdir()
    good = "2025,990101,,家长,questionnaire,5,5,5\n"
    (tmp_path / "registers" / "surveys.csv").write_text(HEADER + good + row + "\n", encoding="utf-8")
    survey: Survey = next(test for _, _, test in surveys_of(catalogue))
    with pytest.raises(HomeError) as error:
        asked_of(Home(tmp_path), survey)
    assert "surveys.csv, line 3" in error.value.en and words[0] in error.value.en
    assert "surveys.csv 第 3 行" in error.value.zh and words[1] in error.value.zh
