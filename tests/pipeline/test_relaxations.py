"""Relaxations: granted by the register, dated, named in the verdict, with a list of who must reach the full demand by when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import HomeError
from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.register import RelaxationGrant
from pipeline.store.home import Home
from pipeline.store.registers import read_register
from tests.pipeline.chain import only, table
from tests.pipeline.good_county import YEAR, GoodCounty, judged
from tests.pipeline.good_school import GoodSchool
from tests.pipeline.test_verdicts import with_setting

QUALITY = "quality-2017"
HEAD = "county_code,school_id,relaxation_id,basis,starts,expires\n"
OLD, SMALL, SIZE = "rooms_built_by_2016", "rooms_of_small_rural_schools", "size_of_early_or_migrant_schools"
VISITING, DENSE = "visiting_arts_teachers", "sports_ground_of_dense_centres"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def _old_rooms(county: GoodCounty, **cells: Any) -> GoodSchool:
    """The city's school has rooms of 75 and 70 m²: below 96 and 90, above 73 and 67."""
    city = county.schools["city"].with_rooms(("music", 75.0), ("art", 70.0))
    city.school.update(cells)
    return city


def _rural_nine(county: GoodCounty, *rooms: float, primary: int = 6, junior: int = 3) -> GoodSchool:
    """A rural nine-year school of small classes, with a music and an art room of each area."""
    nine = county.add("rural nine", "312", {"primary": 120, "junior": 60}, "220")
    nine.with_classes({"primary": [20] * primary, "junior": [20] * junior})
    return nine.with_rooms(*(("music", sqm) for sqm in rooms), *(("art", sqm) for sqm in rooms))


class Grants:
    """Counties by case, and the lines of the register."""

    def __init__(self) -> None:
        self.counties: dict[str, GoodCounty] = {}
        self.lines: list[str] = []

    def county(self, case: str) -> GoodCounty:
        self.counties[case] = GoodCounty(len(self.counties) + 1)
        return self.counties[case]

    def grant(
        self, case: str, school: GoodSchool | None, relaxation: str, starts: str = "2024-03-01", expires: str = ""
    ) -> None:
        own = school.school["school_id"] if school else ""
        self.lines.append(f"{self.counties[case].code},{own},{relaxation},示例批复〔2024〕3号,{starts},{expires}\n")

    def old_rooms(self, case: str, starts: str = "2024-03-01", expires: str = "", **cells: Any) -> None:
        self.grant(case, _old_rooms(self.county(case), **cells), OLD, starts, expires)


def grants() -> Grants:
    made = Grants()
    made.old_rooms("in force")
    made.old_rooms("expired", "2020-09-01", "2023-09-01")
    made.old_rooms("expires on the day", "2022-09-01")
    made.old_rooms("last day", "2022-09-02")
    made.old_rooms("not yet", "2025-09-02")
    made.old_rooms("built later", year_built=2018)
    made.old_rooms("built nobody knows when", year_built=None)
    made.old_rooms("no plan", has_building_plan=0)
    _old_rooms(made.county("flags only"), relaxation_from_year=2024)
    _old_rooms(made.county("whole county"))
    made.grant("whole county", None, OLD)
    made.grant("small nine", _rural_nine(made.county("small nine"), 62.0), SMALL)
    made.grant("56 for junior", _rural_nine(made.county("56 for junior"), 56.0), SMALL)
    made.grant("56 beside 61", _rural_nine(made.county("56 beside 61"), 56.0, 61.0, primary=12), SMALL)
    made.grant("56 alone of two", _rural_nine(made.county("56 alone of two"), 56.0, 56.0, primary=12), SMALL)
    primary = made.county("56 for primary").add("rural", "211", {"primary": 120}, "220")
    primary.with_classes({"primary": [20] * 6}).with_rooms(("music", 56.0), ("art", 56.0))
    made.grant("56 for primary", primary, SMALL)
    for case, kind, heads in (
        ("2400", "211", {"primary": 2400}), ("2401", "211", {"primary": 2401}), ("3000", "312", {"primary": 1500, "junior": 1500}),
        ("3001", "312", {"primary": 1500, "junior": 1501}), ("twelve", "345", {"primary": 1300, "junior": 1201, "senior": 300}),
    ):  # fmt: skip
        made.grant(case, made.county(case).add("large", kind, heads), SIZE)
    migrants = made.county("migrants").add("large", "211", {"primary": 2300}, year_built=2015)
    made.grant("migrants", migrants.of_stages(migrant_worker_pupils=1151), SIZE)
    few = made.county("half migrants").add("large", "211", {"primary": 2300}, year_built=2015)
    made.grant("half migrants", few.of_stages(migrant_worker_pupils=1150), SIZE)
    visited = (
        made.county("visiting")
        .schools["village"]
        .of_stages(pe_teachers=0, music_teachers=0, art_teachers=0, arts_teachers=0, visiting_pe_teachers=1)
    )
    made.grant("visiting", visited, VISITING)
    dense = made.county("dense").schools["city"]
    dense.school.update(
        is_dense_city=1, sports_field_sqm=5000.0, leased_sports_ground_sqm=1500.0, other_sports_ground_sqm=1000.0
    )
    made.grant("dense", dense, DENSE)
    made.lines.append(f"{made.counties['in force'].code},2199999999,{OLD},示例批复〔2024〕4号,2024-03-01,\n")
    return made


@pytest.fixture(scope="module")
def made() -> Grants:
    return grants()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue, made: Grants) -> Home:
    return judged(tmp_path_factory.mktemp("relaxed") / "home", catalogue, made.counties, HEAD + "".join(made.lines))


@pytest.fixture
def of(home: Home, made: Grants) -> Any:
    def row(case: str, item: str) -> dict[str, Any]:
        return only(home, "county_item", county_code=made.counties[case].code, standard_id=QUALITY, item_id=item)

    return row


@pytest.mark.parametrize(
    ("case", "state", "verdict"),
    [
        ("in force", "in_force", "met"), ("expired", "expired", "unmet"), ("expires on the day", "expired", "unmet"),
        ("last day", "in_force", "met"), ("not yet", "not_yet", "unmet"), ("built later", "condition_unmet", "unmet"),
        ("built nobody knows when", "condition_unknown", "unmet"), ("no plan", "not_on_file", "unmet"),
        ("whole county", "in_force", "met"),
    ],
)  # fmt: skip
def test_22_a_relaxation_holds_by_its_grant_its_dates_and_its_condition(
    home: Home, made: Grants, of: Any, case: str, state: str, verdict: str
) -> None:
    row = of(case, "music_art_rooms")
    assert (row["verdict"], row["verdict_relaxed"]) == ("unmet", verdict)
    county = made.counties[case]
    grant = only(home, "relaxation", county_code=county.code, school_id=county.schools["city"].school["school_id"])
    assert (grant["state"], grant["is_needed"]) == (state, verdict == "met")
    assert (grant["due"] is not None) == (verdict == "met")


def test_22_the_verdict_names_the_relaxation_and_its_expiry(home: Home, made: Grants, of: Any) -> None:
    row = of("in force", "music_art_rooms")
    assert "2016年及以前建成学校" in row["relaxed_zh"] and "2027-03-01 到期" in row["relaxed_zh"]
    assert "expires 2027-03-01" in row["relaxed_en"]
    assert of("expired", "music_art_rooms")["relaxed_zh"] is None
    whole = only(home, "county_determination", county_code=made.counties["in force"].code, standard_id=QUALITY)
    assert (whole["verdict"], whole["verdict_relaxed"]) == ("unmet", "met")


def test_22_flags_and_a_year_of_the_return_grant_nothing(of: Any) -> None:
    assert of("flags only", "music_art_rooms")["verdict_relaxed"] == "unmet"


def test_the_year_of_the_return_counts_where_the_setting_says_so(tmp_path: Path, catalogue: Catalogue) -> None:
    county = GoodCounty(1)
    _old_rooms(county, relaxation_from_year=2024)
    later = GoodCounty(2)
    _old_rooms(later, relaxation_from_year=2022)
    home = judged(
        tmp_path / "home", with_setting(catalogue, "verdict_relaxation_by_return", True), {1: county, 2: later}
    )
    items = {
        row["county_code"]: row["verdict_relaxed"]
        for row in table(home, "county_item", item_id="music_art_rooms").to_dicts()
    }
    assert items == {county.code: "met", later.code: "unmet"}
    assert set(table(home, "relaxation", county_code=county.code, relaxation_id=OLD)["granted_to"]) == {"return"}


def test_a_grant_to_a_school_that_is_not_there_is_told(home: Home) -> None:
    assert only(home, "relaxation", school_id="2199999999")["state"] == "school_unknown"


@pytest.mark.parametrize(
    ("case", "verdict"),
    [
        ("small nine", "met"), ("56 for junior", "unmet"), ("56 beside 61", "met"), ("56 alone of two", "unmet"),
        ("56 for primary", "met"),
    ],
)  # fmt: skip
def test_13_rooms_of_rural_schools_are_54_in_primary_and_61_in_junior(of: Any, case: str, verdict: str) -> None:
    row = of(case, "music_art_rooms")
    assert (row["verdict"], row["verdict_relaxed"]) == ("unmet", verdict)


@pytest.mark.parametrize(
    ("case", "verdict"),
    [
        ("2400", "met"), ("2401", "unmet"), ("3000", "met"), ("3001", "unmet"), ("twelve", "unmet"), ("migrants", "met"),
        ("half migrants", "unmet"),
    ],
)  # fmt: skip
def test_size_is_relaxed_by_type(of: Any, case: str, verdict: str) -> None:
    row = of(case, "school_size")
    assert (row["verdict"], row["verdict_relaxed"]) == ("unmet", verdict)


@pytest.mark.parametrize("case", ["visiting", "dense"])
def test_an_indicator_is_relaxed_in_the_school_rule_and_not_in_the_gap(
    home: Home, made: Grants, of: Any, case: str
) -> None:
    row = of(case, "all_schools_meet_the_rule")
    assert (row["verdict"], row["verdict_relaxed"]) == ("unmet", "met"), row["reason_en"]
    gaps = of(case, "all_gaps_within_limits")
    assert gaps["verdict"] == gaps["verdict_relaxed"]
    assert table(home, "relaxation", county_code=made.counties[case].code)["is_needed"].to_list() == [True]


def test_the_follow_up_list_says_who_must_reach_the_full_demand_by_when(home: Home, made: Grants) -> None:
    due = table(home, "relaxation", is_needed=True)
    assert due["due"].is_not_null().all() and (due["due"] > f"{YEAR}-09-01").all()
    row = only(home, "relaxation", county_code=made.counties["last day"].code)
    assert (row["due"], row["item_id"], row["basis"]) == ("2025-09-02", "music_art_rooms", "示例批复〔2024〕3号")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("990101,,no_such,批复,2024-01-01,\n", "没有放宽口径“no_such”"),
        (f"990101,,{OLD},,2024-01-01,\n", "basis"),
        (f"990101,,{OLD},批复,2024-13-01,\n", "starts"),
        (f"990101,,{OLD},批复,2024-01-01,2023-01-01\n", "expires"),
        (f",,{OLD},批复,2024-01-01,\n", "county_code"),
    ],
)  # fmt: skip
def test_a_row_of_the_register_that_cannot_be_used_names_file_and_line(
    tmp_path: Path, catalogue: Catalogue, line: str, said: str
) -> None:
    with pytest.raises(HomeError) as found:
        judged(tmp_path / "home", catalogue, {1: GoodCounty(1)}, HEAD + line)
    assert "relaxations.csv 第 2 行" in found.value.zh and said in found.value.zh


def test_a_register_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.registers.mkdir()
    (home.registers / "relaxations.csv").write_text(HEAD + f"990101,,{OLD},批复,2024-01-01,\n", encoding="utf-8-sig")
    ((entry, _),) = read_register(home, RelaxationGrant)
    assert (entry.relaxation_id, entry.school_id, entry.expires) == (OLD, "", None)
