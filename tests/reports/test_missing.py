"""Pages say what is missing: schools by name with their pupils, counties by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.schema import Catalogue
from reports.missing_schools import county_missing
from reports.words import Words
from tests.homes import query, run
from tests.samples import county_codes, write_small

LIMIT = 5


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sample of which one county sent nothing in the last year and another lost its first schools."""
    home = tmp_path_factory.mktemp("missing")
    write_small(home)
    silent, cut = county_codes()[:2]
    for path in (home / "inbox" / "2025").glob(f"{silent}-*.csv"):
        path.unlink()
    lost = lost_schools(home, cut)
    for path in (home / "inbox" / "2025").glob(f"{cut}-*.csv"):
        lines = path.read_text("utf-8-sig").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if not any(code in line for code in lost)), "utf-8-sig")
    result = run(home)
    assert result.exit_code == 0, result.output
    return home


def lost_schools(home: Path, county: str) -> list[str]:
    lines = (home / "inbox" / "2025" / f"{county}-schools.csv").read_text("utf-8-sig").splitlines()
    return [line.split(",")[1] for line in lines[1:4]]


def section(home: Path, page: str) -> str:
    text = (home / "releases" / "latest" / "site" / page).read_text("utf-8")
    found = re.search(r'<section id="missing">.*?</section>', text, re.DOTALL)
    return found[0] if found else ""


def test_a_county_page_names_the_schools_that_are_missing(home: Path) -> None:
    cut = county_codes()[1]
    missing = query(home, f"select * from missing_school where county_code = '{cut}' and year = 2025")
    assert missing and {m["why"] for m in missing} == {"sent_nothing"}
    for stage in {m["stage"] for m in missing}:
        text = section(home, f"zh/county/{cut[:2]}/{cut}-{stage}.html")
        for row in missing:
            if row["stage"] == stage:
                assert row["school_id"] in text and row["name"] in text and f"{row['pupils']:,.0f}" in text


def test_a_county_of_which_nothing_came_is_a_row_of_its_areas_and_lists_its_schools(home: Path) -> None:
    silent = county_codes()[0]
    rows = query(home, f"select * from missing_county where year = 2025 and county_code = '{silent}'")
    assert rows and all(r["schools"] > 0 and r["pupils"] > 0 for r in rows)
    for row in rows:
        assert "没有任何可用数据" in section(home, f"zh/province/{silent[:2]}-{row['stage']}.html")
        assert "nothing came" in section(home, f"en/county/{silent[:2]}/{silent}-{row['stage']}.html")
    assert silent in section(home, "zh/nation.html")
    assert "缺 1 个区县" in section(home, "index.html")


def test_where_nothing_is_missing_pages_have_no_such_section(home: Path) -> None:
    whole = county_codes()[2]
    assert query(home, f"select * from missing_school where year = 2025 and county_code = '{whole}'") == []
    assert section(home, f"zh/county/{whole[:2]}/{whole}-primary.html") == ""


@pytest.mark.parametrize(
    ("missing", "said"), [(50.0, "not more than 5%"), (60.0, "more than 5%"), (None, "pupils of 1 of them")]
)
def test_the_share_of_pupils_says_whether_the_county_may_be_ranked(missing: float | None, said: str) -> None:
    from pipeline.schema import load_catalogue

    catalogue: Catalogue = load_catalogue()
    rows = [{"school_id": "1", "name": "甲", "pupils": missing, "why": "quarantined"}]
    stage = catalogue.judged_stages[0]
    found = county_missing(rows, 1000.0, stage, 2025, catalogue, Words("en"), "x")
    assert found is not None and said in found["lead"]
    assert ("not more than" in found["lead"]) == (missing == 50.0)
