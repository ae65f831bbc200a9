"""A statistician edits a copy of the catalogue: an indicator, a province's own standard and a changed level are seen in every
table, page and workbook of the next release, without a line of Python."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.homes import copied, query, run
from tests.samples import county_codes
from tests.test_how_to import followed

STANDARD, INDICATOR = "province-modern", "pupils_per_teacher"
CHANGED, BEFORE, AFTER = (
    "books_per_pupil",
    "{stage: primary, value: 25, floor: 21.25}",
    "{stage: primary, value: 30, floor: 25.5}",
)
GAP = """gap:
  indicators: [pupils_per_teacher, books_per_pupil]
  limits: {primary: 0.4, junior: 0.35}
  source: {grade: I}
"""


@pytest.fixture(scope="module")
def home(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home run with the shipped catalogue, then with the edited copy."""
    folder = tmp_path_factory.mktemp("edited")
    copy = followed("add-a-standard.md", folder)
    standard = copy / "standards" / f"{STANDARD}.yaml"
    text = standard.read_text("utf-8").replace("measures: [", "measures: [worst_ratio, mean_cv, ")
    standard.write_text(text + GAP, encoding="utf-8")
    twenty = copy / "standards" / "school-20.yaml"
    assert BEFORE in twenty.read_text("utf-8")
    twenty.write_text(twenty.read_text("utf-8").replace(BEFORE, AFTER), encoding="utf-8")
    home = copied(small_run, folder)
    result = run(home, copy)
    assert result.exit_code == 0, result.output
    return home


def attached(home: Path, release: str, sql: str) -> list[dict[str, object]]:
    """Rows of a query on a named release, under the name of its table."""
    import duckdb

    with duckdb.connect(str(home / "releases" / release / "junheng.duckdb"), read_only=True) as opened:
        return list(opened.sql(sql).pl().to_dicts())


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ("indicator", f"indicator_id = '{INDICATOR}'"),
        ("standard", f"standard_id = '{STANDARD}'"),
        ("threshold", f"standard_id = '{STANDARD}' and indicator_id = '{INDICATOR}' and value in (17, 13.5)"),
        ("school_stage", "next_degree_teachers is not null"),
        ("school_scope", f"standard_id = '{STANDARD}'"),
        ("indicator_value", f"indicator_id = '{INDICATOR}' and state = 'ok'"),
        ("indicator_attainment", f"standard_id = '{STANDARD}' and indicator_id = '{INDICATOR}' and is_met is not null"),
        ("gap_coefficient", f"standard_id = '{STANDARD}' and indicator_id = '{INDICATOR}' and cv_limit = 0.4"),
        ("school_score", f"standard_id = '{STANDARD}' and score is not null"),
        ("county_ranking", f"standard_id = '{STANDARD}' and measure = 'worst_ratio' and rank_province is not null"),
        ("county_ranking", f"standard_id = '{STANDARD}' and measure = 'mean_score' and rank_province is not null"),
    ],
)
def test_the_new_indicator_and_standard_stand_in_every_table(home: Path, table: str, where: str) -> None:
    assert query(home, f"select count(*) as n from {table} where {where}")[0]["n"] > 0


def test_the_new_value_is_what_its_formula_says(home: Path) -> None:
    rows = query(
        home,
        "select v.value, s.pupils / s.full_time_teachers as by_hand from indicator_value v "
        "join school_stage s using (year, school_id, stage) where indicator_id = ? and state = 'ok'",
        INDICATOR,
    )
    assert len(rows) > 50
    assert all(row["value"] == pytest.approx(row["by_hand"], rel=1e-12) for row in rows)


def test_the_changed_level_turns_the_verdicts_it_should_and_no_other(home: Path) -> None:
    sql = f"""select year, school_id, stage, indicator_id, threshold, is_met, value from indicator_attainment
        where standard_id = 'school-20' and stage = 'primary' and indicator_id {{}} '{CHANGED}' order by all"""
    before, after = (attached(home, release, sql.format("=")) for release in _releases(home))
    assert {row["threshold"] for row in before} == {25.0} and {row["threshold"] for row in after} == {30.0}
    turned = [(a, b) for a, b in zip(before, after, strict=True) if a["is_met"] != b["is_met"]]
    assert turned and all(25 <= a["value"] < 30 for a, _ in turned)  # type: ignore[operator]
    others = [attached(home, release, sql.format("<>")) for release in _releases(home)]
    assert others[0] == others[1]


def _releases(home: Path) -> list[str]:
    return sorted(p.name for p in (home / "releases").iterdir() if p.is_dir() and not p.is_symlink())


def test_pages_and_workbooks_show_them(home: Path) -> None:
    release, county = home / "releases" / "latest", county_codes()[0]
    pages = {
        p.relative_to(release / "site").as_posix(): p.read_text("utf-8") for p in (release / "site").rglob("*.html")
    }
    province = county[:2]
    for language, label, name in (("zh", "生师比", "现代化监测"), ("en", "Pupils per teacher", "modern")):
        assert label in pages[f"{language}/indicator/{INDICATOR}.html"]
        assert label in pages[f"{language}/standard/{STANDARD}.html"]
        assert name.lower() in pages[f"{language}/county/{province}/{county}-primary.html"]
        assert name in pages[f"{language}/province/{province}-primary-{STANDARD}.html"]
        assert 'data-v="30"' in pages[f"{language}/standard/school-20.html"]
    book = openpyxl.load_workbook(release / "workbooks" / f"{county}.xlsx", read_only=True)
    texts = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert "生师比" in " ".join(str(text) for text in texts)
    dictionary = next(release.rglob("dictionary.xlsx"))
    terms = openpyxl.load_workbook(dictionary, read_only=True)
    assert any(cell == INDICATOR for sheet in terms for row in sheet.iter_rows(values_only=True) for cell in row)
