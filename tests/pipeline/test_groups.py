"""School groups and districts: who is in one, the gaps inside, before joining and now, what they reach, what they are awarded.

The five schools of the first group are the published example of 教督〔2012〕3号 (books; CV 0.51525663); the rest is computed by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.errors import HomeError
from pipeline.groups.awards import read_budgets
from pipeline.groups.spells import read_spells
from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.group_rules import GroupRules
from pipeline.store.home import Home
from pipeline.tables.registry import public_tables
from tests.pipeline.chain import only, table
from tests.pipeline.computed import computed, school, stage
from tests.test_how_to import blocks

COUNTY = "990101"
HEADER = "kind,group_id,group_name,county_code,school_id,role,form,joined_on,left_on,former_group_id"
TABLES = ("membership", "unplaced", "gap", "ranking", "coverage", "award")
REGISTER = """
group,G1,一集团,990101,2199000001,成员校,合作型,2025-08-20,,
group,G1,一集团,990101,2199000002,成员校,合作型,2025/9/1,,
group,G1,一集团,990101,2199000003,牵头校,紧密型,2020-08-20,,
group,G1,一集团,990101,2199000004,成员校,合作型,2020-08-20,,
group,G1,一集团,990101,2199000005,成员校,合作型,,,
group,G2,二集团,990101,2199000006,牵头校,紧密型,2020-08-20,,
group,G3,三集团,990101,2199000007,牵头校,紧密型,2020-08-20,,
group,G3,三集团,990101,2199000008,成员校,紧密型,2020-08-20,,
group,G3,三集团,990101,2199000099,成员校,紧密型,2025-08-20,,
group,G3,三集团,990101,2199000010,成员校,紧密型,2020-08-20,,
group,G3,三集团,990101,2199000011,成员校,紧密型,2020-08-20,,
group,G4,四集团,990101,2199000009,成员校,紧密型,2019-08-20,2025-03-01,
group,G5,五集团,990101,2199000009,成员校,紧密型,2025-03-01,,G4
group,G6,六集团,990101,2199000012,成员校,紧密型,2025-09-02,,
"""
THEN = {1: (40, 200), 2: (40, 100), 3: (90, 900), 4: (76, 150), 5: (55, 400)}
NOW = {1: (45, 279), 2: (37, 137), 3: (89, 935), 4: (76, 160), 5: (55, 402)}
OTHERS = {6: (60, 600), 7: (60, 300), 8: (60, None), 9: (60, 600), 12: (60, 600)}


def code(number: int) -> str:
    return f"21990{number:05d}"


def parts(books: Mapping[int, tuple[int, int | None]]) -> dict[str, list[dict[str, Any]]]:
    """A county's return: district by the return, a branch (10, of 7) and a school of senior pupils alone (11)."""
    rows = {**books, **OTHERS}
    cells = {"district_id": "东片", "group_id": "自报", "year_built": 2000}
    schools = [school(code(n), books=held, **cells) for n, (_, held) in rows.items()]
    schools[0]["year_built"] = 2023
    branch = school(code(10), is_counted_school=0, parent_school_id=code(7), books=60, **cells)
    senior = school(code(11), "342", books=10, **cells)
    stages = [stage(code(n), "primary", pupils) for n, (pupils, _) in rows.items()]
    return {
        "schools": [*schools, branch, senior],
        "stages": [*stages, stage(code(10), "primary", 12), stage(code(11), "senior", 500)],
    }


def write_register(home: Path, rows: str, name: str = "groups", header: str = HEADER) -> None:
    (home / "registers").mkdir(parents=True, exist_ok=True)
    (home / "registers" / f"{name}.csv").write_text(f"{header}\n{rows.strip()}\n", encoding="utf-8-sig")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Home:
    folder = tmp_path_factory.mktemp("groups") / "home"
    write_register(folder, REGISTER)
    return computed(folder, catalogue, {(2024, COUNTY): parts(THEN), (2025, COUNTY): parts(NOW)})


def gap(home: Home, **where: object) -> dict[str, Any]:
    place = {"year": 2025, "standard_id": "basic-2012", "stage": "primary", "indicator_id": "books_per_pupil"}
    return only(home, "group_gap", **(place | where))


# -- who is in one ---------------------------------------------------------------------------------------------------------


def members(home: Home, year: int, group: str) -> list[str]:
    return sorted(table(home, "group_membership", year=year, group_id=group)["school_id"])


def test_the_register_counts_on_the_day_of_the_collection(home: Home) -> None:
    assert members(home, 2024, "G1") == [code(3), code(4), code(5)]
    assert members(home, 2025, "G1") == [code(n) for n in range(1, 6)]
    assert members(home, 2025, "G6") == []


def test_a_school_of_a_renamed_group_did_not_join_anew(home: Home) -> None:
    row = only(home, "group_membership", year=2025, kind="group", school_id=code(9))
    assert (row["group_id"], row["joined_year"]) == ("G5", 2019)


def test_joining_after_the_day_of_the_collection_counts_from_the_next_one(home: Home) -> None:
    joined = dict(
        table(home, "group_membership", year=2025, group_id="G1").select("school_id", "joined_year").iter_rows()
    )
    assert joined == {code(1): 2025, code(2): 2025, code(3): 2020, code(4): 2020, code(5): None}


def test_where_the_register_is_silent_on_a_kind_the_returns_speak(home: Home) -> None:
    districts = table(home, "group_membership", kind="district", year=2025)
    assert set(districts["source"]) == {"return"}
    assert set(districts["group_id"]) == {f"{COUNTY}:东片"}
    assert set(table(home, "group_membership", kind="group")["source"]) == {"register"}


def test_nothing_that_is_named_is_lost(home: Home) -> None:
    rows = table(home, "group_unplaced", year=2025, kind="group")
    reasons = dict(rows.select("school_id", "reason").iter_rows())
    assert reasons == {
        code(10): "branch", code(11): "no_pupils", code(99): "not_returned", code(12): "not_in_register",
    }  # fmt: skip
    assert dict(rows.select("school_id", "merged_into").iter_rows())[code(10)] == code(7)
    in_force = 12
    placed = table(home, "group_membership", year=2025, kind="group").height
    assert placed + rows.filter(pl.col("source") == "register").height == in_force


def test_new_schools_are_told_by_the_condition_of_the_settings(home: Home) -> None:
    new = table(home, "group_membership", year=2025, kind="group", is_new_school=True)
    assert list(new["school_id"]) == [code(1)]


def test_a_column_that_does_not_say_what_a_null_means_has_none(home: Home) -> None:
    for name in TABLES:
        frame = table(home, f"group_{name}")
        for column in public_tables()[f"group_{name}"].own_columns:
            assert column.empty_zh or frame[column.name].null_count() == 0, (name, column.name)


# -- gaps ------------------------------------------------------------------------------------------------------------------


def test_the_published_example_is_the_gap_of_a_group(home: Home) -> None:
    row = gap(home, group_id="G1")
    assert row["cv"] == pytest.approx(0.51525663, abs=5e-9)
    assert row["mean"] == pytest.approx(1913 / 302, rel=1e-14)
    assert (row["schools"], row["pupils"], row["state"]) == (5, 302, "ok")


def test_the_lead_is_held_against_the_weighted_mean_of_the_members(home: Home) -> None:
    row = gap(home, group_id="G1")
    assert row["members_mean"] == pytest.approx(978 / 213, rel=1e-14)
    assert row["difference"] == pytest.approx(935 / 89 - 978 / 213, rel=1e-13)
    assert row["ratio"] == pytest.approx((935 / 89) / (978 / 213), rel=1e-13)
    assert (row["lead_school_id"], row["members"], row["lead_state"]) == (code(3), 4, "ok")


def test_before_and_after_follow_the_same_members(home: Home) -> None:
    row = gap(home, group_id="G1")
    assert row["difference_before"] == pytest.approx(900 / 90 - 300 / 80, rel=1e-13)
    assert row["difference_followed"] == pytest.approx(935 / 89 - 416 / 82, rel=1e-13)
    assert row["narrowed_by"] == pytest.approx(6.25 - (935 / 89 - 416 / 82), rel=1e-12)
    assert (row["members_followed"], row["before_state"], row["first_year_before"]) == (2, "partial", 2024)


def test_without_a_year_before_joining_nothing_is_said_of_before(home: Home) -> None:
    row = gap(home, group_id="G1", year=2024)
    assert row["before_state"] == "no_year_before"
    assert row["difference_before"] is row["narrowed_by"] is None


def test_a_group_with_one_member_is_not_compared_and_not_ranked(home: Home) -> None:
    row = gap(home, group_id="G2")
    assert (row["state"], row["cv"], row["lead_state"], row["before_state"]) == (
        "single_member",
        0,
        "no_members",
        "no_members",
    )
    ranks = table(home, "group_ranking", group_id="G2", year=2025)
    assert set(ranks["rank_county"]) == {None}
    assert "ok" not in set(ranks["state"])


def test_missing_is_not_zero_and_a_school_in_no_return_is_missing(home: Home) -> None:
    row = gap(home, group_id="G3")
    assert (row["schools"], row["schools_missing"], row["pupils_missing"], row["state"]) == (1, 2, None, "incomplete")
    assert (row["lead_state"], row["difference"]) == ("members_missing", None)


def test_a_group_without_a_lead_has_a_gap_and_no_lead_gap(home: Home) -> None:
    assert gap(home, group_id="G5")["lead_state"] == "no_lead"


def test_a_district_of_all_schools_has_the_gap_of_the_county(home: Home) -> None:
    of_county = table(home, "gap_coefficient", area_level="county", stage="primary", year=2025)
    told = {(r["standard_id"], r["indicator_id"]): r for r in of_county.iter_rows(named=True)}
    rows = table(home, "group_gap", kind="district", year=2025, stage="primary")
    assert rows.height == of_county.height
    for row in rows.iter_rows(named=True):
        county = told[row["standard_id"], row["indicator_id"]]
        assert (row["schools"], row["schools_missing"]) == (county["schools"], county["schools_missing"])
        assert row["cv"] == pytest.approx(county["cv"], rel=1e-12) if county["cv"] is not None else row["cv"] is None
        assert row["lead_state"] == row["before_state"] == "not_applicable"


# -- reach -----------------------------------------------------------------------------------------------------------------


def test_coverage_counts_schools_pupils_and_forms(home: Home) -> None:
    row = only(home, "group_coverage", year=2025, area_level="county", kind="group")
    assert (row["schools"], row["schools_in"], row["groups"]) == (10, 9, 4)
    inside = 302 + 60 + 60 + 12 + 60 + 60
    assert row["share_pupils"] == pytest.approx(inside / (inside + 60), rel=1e-14)
    assert (row["groups_close"], row["groups_mixed"], row["groups_unknown"]) == (3, 1, 0)
    assert (row["new_schools"], row["new_schools_in"]) == (1, 1)


def test_the_target_is_held_against_the_groups_of_its_level_alone(home: Home) -> None:
    row = only(home, "group_coverage", year=2025, area_level="prefecture", kind="group")
    assert (row["target_groups"], row["is_target_met"], row["groups_short"]) == (20, False, 16)
    assert only(home, "group_coverage", year=2025, area_level="county", kind="group")["target_groups"] is None


def test_a_county_that_names_no_group_is_not_told_as_having_none(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = {"schools": [school(code(1))], "stages": [stage(code(1), "primary", 60)]}
    bare = computed(tmp_path / "home", catalogue, {(2025, COUNTY): rows})
    row = only(bare, "group_coverage", area_level="county", kind="group")
    assert (row["state"], row["groups"], row["schools_in"], row["share_schools"]) == ("not_reported", None, None, None)
    assert table(bare, "group_gap").is_empty()


# -- a register that cannot be true ----------------------------------------------------------------------------------------

WRONG = {
    "two groups at once": ("group,A,甲,1,s1,成员校,,,,\ngroup,B,乙,1,s1,成员校,,2024-01-01,,", 3, "in two at once", "同时在两处"),
    "two leads": ("group,A,甲,1,s1,牵头校,,,,\ngroup,A,甲,1,s2,核心校,,,,", 3, "two leads at once", "两所牵头"),
    "two names": ("group,A,甲,1,s1,牵头校,,,,\ngroup,A,乙,1,s2,成员校,,,,", 3, "two names at once", "两个名称"),
    "left before joining": ("group,A,甲,1,s1,成员校,,2024-09-01,2023-09-01,", 2, "not after it joined", "不晚于加入日期"),
    "an unknown role": ("group,A,甲,1,s1,校长,,,,", 2, "is none of", "不是可用的词"),
    "an unknown form": ("group,A,甲,1,s1,成员校,半紧,,,", 2, "is none of", "不是可用的词"),
    "no role": ("group,A,甲,1,s1,,,,,", 2, "needs a role", "须填角色"),
    "a district with a lead": ("district,A,甲,1,s1,牵头校,,,,", 2, "no role and no form", "学区没有角色"),
    "a former group that is none": ("group,A,甲,1,s1,成员校,,,,Z", 2, "no group of the register", "不在登记册中"),
    "a day that is none": ("group,A,甲,1,s1,成员校,,2024-13-01,,", 2, "joined_on", "joined_on"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", list(WRONG))
def test_a_register_that_contradicts_itself_is_refused_at_its_line(
    tmp_path: Path, catalogue: Catalogue, wrong: str
) -> None:
    rows, line, en, zh = WRONG[wrong]
    write_register(tmp_path, rows)
    with pytest.raises(HomeError) as caught:
        read_spells(Home(tmp_path), GroupRules.of(catalogue))
    assert f"groups.csv, line {line}" in caught.value.en
    assert f"groups.csv 第 {line} 行" in caught.value.zh
    assert en in caught.value.en
    assert zh in caught.value.zh


def test_one_school_after_another_may_lead_and_a_school_may_change_groups(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = "group,A,甲,1,s1,牵头校,,2020-09-01,2024-01-01,\ngroup,A,甲,1,s2,牵头校,,2024-01-01,,\ngroup,B,乙,1,s1,牵头校,,2024-01-01,,"
    write_register(tmp_path, rows)
    spells = read_spells(Home(tmp_path), GroupRules.of(catalogue))
    assert [str(s.joined_on) for s in spells] == ["2020-09-01", "2024-01-01", "2024-01-01"]


def test_the_register_of_another_county_speaks_for_a_school_too(tmp_path: Path, catalogue: Catalogue) -> None:
    """A group that reaches into a county which keeps no register of its own."""
    other = "990102"
    write_register(
        tmp_path / "home", f"group,A,甲,{COUNTY},{code(1)},牵头校,,,,\ngroup,A,甲,{COUNTY},{code(2)},成员校,,,,"
    )
    here = {"schools": [school(code(1))], "stages": [stage(code(1), "primary", 60)]}
    there = {
        "schools": [school(code(n), group_id="自报") for n in (2, 3)], "stages": [stage(code(n), "primary", 60) for n in (2, 3)],
    }  # fmt: skip
    home = computed(tmp_path / "home", catalogue, {(2025, COUNTY): here, (2025, other): there})
    held = dict(table(home, "group_membership").select("school_id", "group_id").iter_rows())
    assert held == {code(1): "A", code(2): "A", code(3): f"{other}:自报"}
    row = gap(home, group_id="A")
    assert (row["county_code"], row["schools_missing"]) == (None, 2)
    assert set(table(home, "group_ranking", group_id="A")["county_code"]) == {None}


def test_a_home_without_a_register_has_no_spells(tmp_path: Path, catalogue: Catalogue) -> None:
    assert read_spells(Home(tmp_path), GroupRules.of(catalogue)) == []


def test_the_registers_of_the_how_to_page_hold(tmp_path: Path, catalogue: Catalogue) -> None:
    groups, budgets = blocks("keep-groups.md", "csv")
    for name, text in (("groups", groups), ("group_budgets", budgets)):
        header, _, rows = text.partition("\n")
        write_register(tmp_path, rows, name, header)
    spells = read_spells(Home(tmp_path), GroupRules.of(catalogue))
    assert [str(s.joined_on) for s in spells if s.entry.group_id == "J01-2"] == [
        "2021-08-20",
        "2022-08-20",
        "2025-08-20",
    ]
    assert read_budgets(Home(tmp_path)) == {(2025, "9901"): 2_300_000}
