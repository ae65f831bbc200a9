"""The roster: what it may hold, which counties and schools it makes expected, and what follows when they do not come."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.account import open_parts, open_roster, open_units
from pipeline.audit import audit
from pipeline.errors import HomeError
from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from pipeline.store.ingest import is_fresh
from pipeline.store.roster import columns, read_roster, roster_path, with_rosters, write_roster
from tests.pipeline.chain import only, run_chain, table
from tests.pipeline.good_school import GoodSchool, county_of

YEAR = 2025
Row = dict[str, Any]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def province(counties: int, code: str = "90") -> list[Row]:
    """A province of one prefecture with so many counties, 900101, 900102, …"""
    rows: list[Row] = [
        {"level": "province", "code": code, "name_zh": "甲省", "name_en": "Province A"},
        {"level": "prefecture", "code": f"{code}01", "name_zh": "乙市", "name_en": "City B", "parent_code": code},
    ]
    named = ((f"{code}01{n:02d}", f"第{n}县") for n in range(1, counties + 1))
    return [*rows, *({"level": "county", "code": c, "name_zh": z, "parent_code": f"{code}01"} for c, z in named)]


def school(county: str, number: int, **cells: Any) -> Row:
    base = {"school_type": "211", "urban_rural": "111", "is_public": 1, "pupils_primary": 100}
    code = f"21{county}{number:02d}"
    return {"level": "school", "code": code, "name_zh": f"第{number}校", "parent_code": county, **base, **cells}


def roster(home: Home, catalogue: Catalogue, rows: list[Row], year: int = YEAR) -> None:
    write_roster(roster_path(home, year), catalogue, rows)


def came(county: str, *numbers: int, pupils: Mapping[int, Mapping[str, float]] | None = None) -> dict[str, list[Row]]:
    """A county's return of these schools, each with 100 pupils in primary unless told otherwise."""
    base = {
        "school_type": "211",
        "urban_rural": "111",
        "is_public": "1",
        "teaching_rooms_sqm": 600,
        "indoor_sports_sqm": 0,
    }
    ids = {n: f"21{county}{n:02d}" for n in numbers}
    given = {n: (pupils or {}).get(n, {"primary": 100}) for n in numbers}
    stages = [
        {"school_id": ids[n], "stage": stage, "pupils": p, "classes": 3, "full_time_teachers": 8}
        for n, held in given.items()
        for stage, p in held.items()
    ]
    return {"schools": [{"school_id": s, "name": f"第{n}校", **base} for n, s in ids.items()], "stages": stages}


def chain(
    tmp_path: Path, catalogue: Catalogue, rows: list[Row], returns: Mapping[str, Mapping[str, list[Row]]]
) -> Home:
    """A home with this roster and these returns of one year, all tables made; accounts and audit hold."""
    roster(Home(tmp_path / "home"), catalogue, rows)
    home = run_chain(tmp_path, {YEAR: returns}, catalogue)
    known = with_rosters(catalogue, home)
    assert open_parts(home) + open_units(home, known) + open_roster(home, known) == []
    assert audit(home, known).disagreements == []
    return home


def gap(home: Home, area: str, stage: str = "primary", indicator: str = "teachers_per_100") -> Row:
    return only(home, "gap_coefficient", area_code=area, stage=stage, indicator_id=indicator, standard_id="basic-2012")


# -- reading and writing -----------------------------------------------------------------------------------------------


def test_what_is_written_is_read(tmp_path: Path, catalogue: Catalogue) -> None:
    home = Home(tmp_path)
    roster(home, catalogue, [*province(1), school("900101", 1, is_counted_school=0, group_id="g", pupils_senior=7)])
    assert roster_path(home, YEAR).read_bytes().startswith(b"\xef\xbb\xbflevel,code,name_zh,name_en,parent_code,")
    found = read_roster(home, YEAR, catalogue)
    assert found is not None
    assert [(c.code, c.name_en, c.is_fictional) for c in found.counties] == [("900101", "第1县", True)]
    row = found.schools_of("900101").row(0, named=True)
    assert (row["school_id"], row["is_public"], row["is_counted_school"], row["group_id"]) == ("2190010101", 1, 0, "g")
    assert (row["pupils_primary"], row["pupils_junior"], row["pupils_senior"]) == (100, None, 7)
    assert read_roster(home, YEAR - 1, catalogue) is None


def test_the_same_rows_are_the_same_bytes(tmp_path: Path, catalogue: Catalogue) -> None:
    one, two = Home(tmp_path / "one"), Home(tmp_path / "two")
    for home in (one, two):
        roster(home, catalogue, [*province(2), school("900101", 1)])
    assert roster_path(one, YEAR).read_bytes() == roster_path(two, YEAR).read_bytes()


def test_a_column_that_a_roster_lacks_is_not_written(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(KeyError, match="pupils_nursery"):
        roster(Home(tmp_path), catalogue, [school("900101", 1, pupils_nursery=3)])


MISTAKES: dict[str, tuple[int, Row, str]] = {
    "a level that is none": (2, {"level": "town"}, "row 4, column “level” holds “town”, expected one of province"),
    "no code": (3, {"code": None}, "row 5, column “code” holds a blank, expected a code"),
    "no name": (3, {"name_zh": ""}, "row 5, column “name_zh” holds a blank, expected a name"),
    "a parent that is not there": (2, {"parent_code": "9077"}, "row 4, column “parent_code” holds “9077”"),
    "a parent below": (1, {"parent_code": "900101"}, "row 3, column “parent_code” holds “900101”, expected a division above"),
    "a code twice": (4, {"code": "2190010101"}, "row 6, column “code” holds “2190010101”, expected a code that stands once"),
    "a school below a city": (3, {"parent_code": "9001"}, "row 5, column “parent_code” holds “9001”, expected a county"),
    "a county with another name": (2, {"code": "990101", "parent_code": "9901"}, "expected “澄溪县”, as the catalogue has"),
    "the code of the nation": (2, {"code": "0"}, "row 4, column “code” holds “0”, expected a code other than “0”"),
    "pupils in words": (3, {"pupils_primary": "许多"}, "row 5, column “pupils_primary” holds “许多”, expected a whole"),
    "fewer pupils than none": (3, {"pupils_junior": -1}, "column “pupils_junior” holds “-1”"),
    "a truth value in words": (3, {"is_public": "是"}, "column “is_public” holds “是”, expected 1 or 0"),
    "a parent of another county": (3, {"parent_school_id": "2190019901"}, "expected a school of the same county"),
    "a school above itself": (4, {"parent_school_id": "2190010102"}, "expected a parent that does not lead back"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told_with_file_row_column_found_and_expected(
    tmp_path: Path, catalogue: Catalogue, case: str
) -> None:
    number, cells, words = MISTAKES[case]
    rows = [*province(1), school("900101", 1), school("900101", 2)]
    rows[number] = rows[number] | cells
    home = Home(tmp_path)
    roster(home, catalogue, rows)
    with pytest.raises(HomeError) as told:
        with_rosters(catalogue, home)
    assert "roster/2025.csv" in told.value.en
    assert words in told.value.en
    assert "名册 roster/2025.csv 第" in told.value.zh


FILES = {
    "not UTF-8": ("level,code,name_zh,parent_code\nprovince,90,甲省,\n".encode("gb18030"), "row 2, is not UTF-8"),
    "no header": (b"", "row 1, lacks “level, code, name_zh, parent_code”"),
    "a misspelt header": (b"level,code,name_zh,parent_code,pupils_primry\n", "column “pupils_primry” holds “pupils_primry”"),
    "a header twice": (b"level,code,name_zh,parent_code,code\n", "column “code” holds “code”, expected each header once"),
    "a row too long": (b"level,code,name_zh,parent_code\nprovince,90,A,,,\n", "row 2, has 6 cells under a header of 4"),
    "an open quotation": (b'level,code,name_zh,parent_code\nprovince,"90,A,\n', "is not valid CSV"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_no_roster_is_told(tmp_path: Path, catalogue: Catalogue, case: str) -> None:
    content, words = FILES[case]
    path = roster_path(Home(tmp_path), YEAR)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(HomeError) as told:
        with_rosters(catalogue, Home(tmp_path))
    assert words in told.value.en


def test_a_roster_not_named_after_a_year_is_told(tmp_path: Path, catalogue: Catalogue) -> None:
    write_roster(tmp_path / "roster" / "schools.csv", catalogue, province(1))
    with pytest.raises(HomeError, match="named after its year"):
        with_rosters(catalogue, Home(tmp_path))


def test_the_header_is_what_the_catalogue_knows_of_a_school(catalogue: Catalogue) -> None:
    assert {"is_counted_school", "operator_code", "parent_school_id", "pupils_primary", "pupils_senior"} <= {*columns(catalogue)}  # fmt: skip


# -- divisions ---------------------------------------------------------------------------------------------------------


def test_divisions_of_equal_years_are_one_row_and_a_new_name_is_another(tmp_path: Path, catalogue: Catalogue) -> None:
    home = Home(tmp_path)
    for year in (2023, 2024):
        roster(home, catalogue, province(1), year)
    renamed = province(1)
    renamed[2] = renamed[2] | {"name_zh": "第1区"}
    roster(home, catalogue, renamed, 2025)
    known = with_rosters(catalogue, home)
    rows = {
        c: [(d.name_zh, d.valid_from, d.valid_to) for d in known.divisions if d.code == c] for c in ("90", "900101")
    }
    assert rows == {"90": [("甲省", 0, 9999)], "900101": [("第1县", 0, 2024), ("第1区", 2025, 9999)]}


def test_rosters_add_to_the_catalogue_and_adding_twice_adds_nothing(tmp_path: Path, catalogue: Catalogue) -> None:
    home = Home(tmp_path)
    assert with_rosters(catalogue, home) is catalogue
    roster(home, catalogue, province(1))
    once = with_rosters(catalogue, home)
    assert with_rosters(once, home) is once
    assert once.own_divisions == catalogue.divisions
    assert len(once.divisions) == len(catalogue.divisions) + 3
    roster_path(home, YEAR).unlink()
    assert with_rosters(once, home).divisions == catalogue.divisions


def test_a_county_that_the_catalogue_holds_is_not_said_twice(tmp_path: Path, catalogue: Catalogue) -> None:
    home = Home(tmp_path)
    own = next(d for d in catalogue.divisions if d.code == "990101")
    roster(
        home, catalogue, [{"level": "county", "code": own.code, "name_zh": own.name_zh, "parent_code": own.parent_code}]
    )
    assert with_rosters(catalogue, home).divisions == catalogue.divisions


# -- expected counties -------------------------------------------------------------------------------------------------


def test_only_counties_of_the_roster_are_expected(tmp_path: Path, catalogue: Catalogue) -> None:
    """The shipped catalogue holds an invented province, which no year with a roster waits for."""
    rows = [*province(2), *(school(c, n) for c in ("900101", "900102") for n in (1, 2))]
    home = chain(tmp_path, catalogue, rows, {c: came(c, 1, 2) for c in ("900101", "900102")})
    for area in ("900101", "9001", "90", "0"):
        row = gap(home, area)
        assert (row["state"], row["counties_expected"], row["counties_came"]) == (
            ("ok", 1, 1) if area == "900101" else ("ok", 2, 2)
        )
    assert table(home, "gap_coefficient", area_code="99").is_empty()
    assert only(home, "division", code="99")["is_fictional"]


def test_nineteen_of_twenty_counties_are_enough_and_eighteen_are_not(tmp_path: Path, catalogue: Catalogue) -> None:
    counties = [f"9001{n:02d}" for n in range(1, 21)]
    rows = [*province(20), *(school(c, n) for c in counties for n in (1, 2))]
    home = chain(tmp_path / "19", catalogue, rows, {c: came(c, 1, 2) for c in counties[:19]})
    whole = gap(home, "90")
    assert (whole["state"], whole["counties_expected"], whole["counties_came"]) == ("ok", 20, 19)
    assert (whole["schools_missing"], whole["pupils_missing"]) == (2, 200)
    silent = gap(home, counties[19])
    assert (silent["state"], silent["schools"], silent["schools_missing"]) == ("incomplete", 0, 2)
    home = chain(tmp_path / "18", catalogue, rows, {c: came(c, 1, 2) for c in counties[:18]})
    assert gap(home, "90")["state"] == "incomplete"
    assert gap(home, counties[0])["state"] == "ok"


def test_a_stage_without_schools_on_the_roster_is_not_waited_for(tmp_path: Path, catalogue: Catalogue) -> None:
    """Method 6: not applicable where neither roster nor returns have schools; no data where the roster has some."""
    rows = [*province(2), school("900101", 1), school("900101", 2), school("900102", 1), school("900102", 2, pupils_primary=0, pupils_junior=90)]  # fmt: skip
    home = chain(tmp_path, catalogue, rows, {"900101": came("900101", 1, 2)})
    known = {c: {s: gap(home, c, s)["state"] for s in ("primary", "junior")} for c in ("900101", "900102")}
    assert known["900101"] == {"primary": "ok", "junior": "no_schools"}
    assert known["900102"] == {"primary": "incomplete", "junior": "incomplete"}
    silent = [*province(2), school("900101", 1), school("900101", 2), school("900102", 1)]
    home = chain(tmp_path / "silent", catalogue, silent, {"900101": came("900101", 1, 2)})
    assert gap(home, "900102", "junior")["state"] == "no_schools"
    assert gap(home, "900102", "primary")["state"] == "incomplete"


def test_a_county_that_is_not_on_the_roster_counts_and_is_named(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [*province(1), school("900101", 1)]
    home = chain(tmp_path, catalogue, rows, {c: came(c, 1, 2) for c in ("900101", "990101")})
    assert only(home, "finding", rule_id="county_not_on_roster")["county_code"] == "990101"
    assert (gap(home, "990101")["state"], gap(home, "99")["counties_expected"]) == ("ok", 1)
    assert only(home, "finding", rule_id="school_not_on_roster")["school_id"] == "2190010102"


def test_a_year_without_a_roster_waits_for_the_counties_of_the_roster_in_force(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    rows = [*province(2), *(school(c, n) for c in ("900101", "900102") for n in (1, 2))]
    roster(Home(tmp_path / "home"), catalogue, rows, YEAR - 1)
    home = run_chain(tmp_path, {YEAR: {"900101": came("900101", 1)}}, catalogue)
    assert (gap(home, "90")["counties_expected"], gap(home, "90")["counties_came"]) == (2, 1)
    assert (gap(home, "900101")["schools_missing"], gap(home, "900101")["state"]) == (0, "single_school")


# -- expected schools --------------------------------------------------------------------------------------------------


def test_a_school_of_the_roster_that_sent_nothing_is_missing(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [*province(1), *(school("900101", n, pupils_primary=100 + n) for n in (1, 2, 3))]
    home = chain(tmp_path, catalogue, rows, {"900101": came("900101", 1, 2)})
    row = gap(home, "900101")
    assert (row["schools"], row["schools_missing"], row["pupils_missing"]) == (2, 1, 103)
    assert row["state"] == "incomplete", "more than 5 % of the pupils are missing"
    found = only(home, "finding", rule_id="school_sent_nothing")
    assert (found["severity"], found["school_id"], found["found"]) == ("warning", "2190010103", "第3校")
    assert "103" in found["message_en"]
    newest = table(home, "submission").sort("received_seq")["submission_id"][-1]
    assert found["submission_id"] == newest


def test_a_missing_school_is_judged_by_the_scope_of_each_standard(tmp_path: Path, catalogue: Catalogue) -> None:
    """A special school is in no standard; a private one is inside quality-2017 only (method 1)."""
    rows = [
        *province(1), school("900101", 1), school("900101", 2),
        school("900101", 3, school_type="511"), school("900101", 4, is_public=0, operator_code="999"),
        school("900101", 5, school_type="218", pupils_primary=49), school("900101", 6, school_type="218", pupils_primary=50),
    ]  # fmt: skip
    home = chain(tmp_path, catalogue, rows, {"900101": came("900101", 1, 2)})
    counted = table(home, "absent_scope", is_counted=True).sort("standard_id", "school_id")
    by_standard = {
        s: counted.filter(standard_id=s)["school_id"].str.slice(-1).to_list() for s in ("basic-2012", "quality-2017")
    }
    assert by_standard == {"basic-2012": [], "quality-2017": ["4", "6"]}


def test_a_stage_that_the_roster_expects_of_a_school_that_came_is_missing(tmp_path: Path, catalogue: Catalogue) -> None:
    nine_year = {"school_type": "312", "pupils_primary": 100, "pupils_junior": 40}
    rows = [*province(1), school("900101", 1, **nine_year), school("900101", 2, **nine_year)]
    returns = came("900101", 1, 2, pupils={1: {"primary": 100, "junior": 50}})
    home = chain(tmp_path, catalogue, rows, {"900101": returns})
    assert (gap(home, "900101")["schools"], gap(home, "900101")["schools_missing"]) == (2, 0)
    junior = gap(home, "900101", "junior")
    assert (junior["schools"], junior["schools_missing"], junior["pupils_missing"]) == (1, 1, 40)
    found = only(home, "finding", rule_id="stage_sent_nothing")
    assert (found["school_id"], found["found"]) == ("2190010102", "初中 Junior secondary")


def test_a_stage_that_closed_is_told_by_no_pupils(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [*province(1), school("900101", 1, pupils_junior=40), school("900101", 2)]
    returns = came("900101", 1, 2, pupils={1: {"primary": 100, "junior": 0}})
    home = chain(tmp_path, catalogue, rows, {"900101": returns})
    assert gap(home, "900101", "junior")["state"] == "no_schools"
    assert table(home, "finding", rule_id="stage_sent_nothing").is_empty()


def test_a_quarantined_school_is_missing_once(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [*province(1), *(school("900101", n) for n in (1, 2, 3))]
    returns = came("900101", 1, 2, 3)
    returns["stages"][2]["full_time_teachers"] = "许多"
    home = chain(tmp_path, catalogue, rows, {"900101": returns})
    assert (gap(home, "900101")["schools"], gap(home, "900101")["schools_missing"]) == (2, 1)
    assert table(home, "finding", rule_id="school_sent_nothing").is_empty()


def test_a_school_whose_pupils_cannot_be_read_is_missing_with_those_of_the_roster(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    rows = [*province(1), *(school("900101", n, pupils_primary=100 + n) for n in (1, 2, 3))]
    returns = came("900101", 1, 2, 3)
    returns["stages"][2]["pupils"] = "许多"
    row = gap(chain(tmp_path, catalogue, rows, {"900101": returns}), "900101")
    assert (row["schools"], row["schools_missing"], row["pupils_missing"], row["state"]) == (2, 1, 103, "incomplete")
    assert row["cv_low"] == 0 < row["cv_high"]


def test_a_share_that_falls_by_an_absent_school_is_caused_by_no_item(tmp_path: Path, catalogue: Catalogue) -> None:
    home = Home(tmp_path / "home")
    good = [GoodSchool(f"2190010{n:03d}", heads={"primary": 40 if n < 5 else 4}) for n in range(1, 6)]
    for one in good:
        one.of_stages(full_time_teachers=2000)
    good[0].school["teaching_rooms_sqm"] = 4.2 * 40
    cells = {"school_type": "211", "urban_rural": "121", "is_public": 1, "operator_code": "831"}
    named = [
        {"level": "school", "name_zh": "校", "parent_code": "900101"}
        | cells
        | {"code": one.school["school_id"], "pupils_primary": one.stages["primary"]["pupils"]}
        for one in good
    ]
    for year in (YEAR - 1, YEAR):
        roster(home, catalogue, [*province(1), *named], year)
    returns = {YEAR - 1: {"900101": county_of(*good)}, YEAR: {"900101": county_of(*good[:-1])}}
    home = run_chain(tmp_path, returns, catalogue)
    assert audit(home, with_rosters(catalogue, home)).disagreements == []
    row = only(
        home, "county_ranking", year=YEAR, county_code="900101", standard_id="quality-2017", measure="share_meeting",
        stage="primary",
    )  # fmt: skip
    assert (row["value_before"], row["value"], row["state"], row["cause_indicator"]) == (1, 4 / 5, "ok", None)


def test_a_silent_branch_is_missing_itself_and_with_its_school_is_part_of_it(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    branch = {"is_counted_school": 0, "parent_school_id": "2190010102", "pupils_primary": 30}
    rows = [*province(1), school("900101", 1), school("900101", 2), school("900101", 3, **branch)]
    home = chain(tmp_path / "a", catalogue, rows, {"900101": came("900101", 1, 2)})
    assert (gap(home, "900101")["schools"], gap(home, "900101")["schools_missing"], gap(home, "900101")["pupils_missing"]) == (2, 1, 30)  # fmt: skip
    home = chain(tmp_path / "b", catalogue, rows, {"900101": came("900101", 1)})
    assert (gap(home, "900101")["schools"], gap(home, "900101")["schools_missing"], gap(home, "900101")["pupils_missing"]) == (1, 1, 130)  # fmt: skip
    assert table(home, "finding", rule_id="school_sent_nothing").height == 2


def test_a_school_without_pupils_on_the_roster_is_asked_for_but_not_counted_as_missing(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    rows = [*province(1), school("900101", 1), school("900101", 2), school("900101", 3, pupils_primary=None)]
    home = chain(tmp_path, catalogue, rows, {"900101": came("900101", 1, 2)})
    assert gap(home, "900101")["schools_missing"] == 0
    assert only(home, "finding", rule_id="school_sent_nothing")["school_id"] == "2190010103"


def test_a_roster_that_names_those_who_came_changes_no_figure(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [*province(1), *(school("900101", n) for n in (1, 2))]
    home = chain(tmp_path / "with", catalogue, rows, {"900101": came("900101", 1, 2)})
    longer = chain(
        tmp_path / "more", catalogue, [*rows, school("900101", 3, pupils_primary=8)], {"900101": came("900101", 1, 2)}
    )
    key = {"area_code": "900101", "stage": "primary"}
    kept = ["indicator_id", "standard_id", "mean", "sd", "cv"]
    assert (
        table(home, "gap_coefficient", **key).select(kept).equals(table(longer, "gap_coefficient", **key).select(kept))
    )
    assert table(home, "finding", rule_id="school_sent_nothing").is_empty()


def test_a_school_that_is_neither_there_nor_absent_fails_the_account(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [*province(1), *(school("900101", n) for n in (1, 2, 3))]
    home = chain(tmp_path, catalogue, rows, {"900101": came("900101", 1, 2)})
    absent = table(home, "absent")
    absent.clear().write_parquet(home.table("absent"))
    (told,) = open_roster(home, with_rosters(catalogue, home))
    assert "2190010103 of the roster neither came nor counts as missing" in told


# -- what is new -------------------------------------------------------------------------------------------------------


def test_a_year_is_read_anew_when_the_roster_in_force_changes(tmp_path: Path, catalogue: Catalogue) -> None:
    from pipeline.release.package import inputs_digest
    from pipeline.release.version import code_digest

    rows = [*province(1), school("900101", 1)]
    home = chain(tmp_path, catalogue, rows, {"900101": came("900101", 1)})
    known, before = with_rosters(catalogue, home), inputs_digest(home, catalogue)
    assert is_fresh(home, known, code_digest(), YEAR)
    roster(home, catalogue, [*rows, school("900101", 2)])
    assert not is_fresh(home, known, code_digest(), YEAR)
    assert inputs_digest(home, catalogue) != before
    roster(home, catalogue, rows)
    assert is_fresh(home, known, code_digest(), YEAR)


def test_the_roster_of_another_year_does_not_make_a_year_stale(tmp_path: Path, catalogue: Catalogue) -> None:
    from pipeline.release.version import code_digest

    home = chain(tmp_path, catalogue, [*province(1), school("900101", 1)], {"900101": came("900101", 1)})
    files = {p: p.stat().st_mtime_ns for p in home.parsed.rglob("*.parquet")}
    roster(home, catalogue, [*province(2), school("900101", 1)], YEAR + 1)
    known = with_rosters(catalogue, home)
    assert is_fresh(home, known, code_digest(), YEAR)
    from pipeline.store.ingest import ingest_year

    assert ingest_year(home, known, YEAR).read_anew == 0
    assert {p: p.stat().st_mtime_ns for p in home.parsed.rglob("*.parquet")} == files


def test_schools_are_the_frame_that_the_header_promises(tmp_path: Path, catalogue: Catalogue) -> None:
    roster(Home(tmp_path), catalogue, province(1))
    found = read_roster(Home(tmp_path), YEAR, catalogue)
    assert found is not None
    assert found.schools.is_empty()
    assert found.schools.schema["pupils_primary"] == pl.Float64
