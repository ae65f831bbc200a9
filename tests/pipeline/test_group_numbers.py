"""Groups by their properties, against other ways to the same number, and on the sample: spread, ranks, awards."""

from __future__ import annotations

import csv
import math
import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import CatalogueError, HomeError
from pipeline.groups.awards import Award, awarded, read_budgets
from pipeline.groups.members import _joined
from pipeline.groups.ranking import with_rank
from pipeline.groups.spread import spread
from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.group_award import GroupAwards
from pipeline.schema.load import SHIPPED
from pipeline.store.home import Home
from tests.pipeline.chain import compute_home, table
from tests.pipeline.test_groups import write_register
from tests.samples import YEARS, write_small

SCHOOLS = st.lists(
    st.tuples(st.integers(5, 3000), st.floats(0, 1e4, allow_subnormal=False)), min_size=1, max_size=12
)  # fmt: skip


def measured(schools: Sequence[tuple[float, float]]) -> dict[str, Any]:
    rows = pl.DataFrame([("g", float(p), float(x)) for p, x in schools], schema=["g", "pupils", "value"], orient="row")
    return spread(rows, ["g"]).row(0, named=True)


# -- the gap inside --------------------------------------------------------------------------------------------------------


@given(SCHOOLS)
def test_the_gap_inside_is_that_of_another_way(schools: list[tuple[int, float]]) -> None:
    p, x = (np.array(column, dtype=np.longdouble) for column in zip(*schools, strict=True))
    mean = (p * x).sum() / p.sum()
    made = measured(schools)
    assert made["mean"] == pytest.approx(float(mean), rel=1e-12, abs=1e-300)
    sd = np.sqrt((p * (x - mean) ** 2).sum() / p.sum())
    assert made["sd"] == pytest.approx(float(sd), rel=1e-9, abs=1e-9)
    assert (made["cv"] is None) == (made["mean"] == 0)


@given(SCHOOLS.filter(lambda s: max(x for _, x in s) > 1e-6), st.floats(1e-3, 1e3))
def test_the_gap_does_not_change_with_the_unit(schools: list[tuple[int, float]], unit: float) -> None:
    scaled = measured([(p, x * unit) for p, x in schools])
    assert scaled["cv"] == pytest.approx(measured(schools)["cv"], rel=1e-9, abs=1e-12)


@given(st.integers(1, 20), st.floats(1e-6, 1e6), st.lists(st.integers(5, 3000), min_size=20, max_size=20))
def test_a_group_of_equal_schools_has_exactly_no_gap(n: int, value: float, pupils: list[int]) -> None:
    made = measured([(p, value) for p in pupils[:n]])
    assert (made["mean"], made["sd"], made["cv"]) == (value, 0.0, 0.0)


@given(SCHOOLS.filter(lambda s: max(x for _, x in s) > 1e-6), st.randoms(use_true_random=False))
def test_the_order_of_the_schools_does_not_matter(schools: list[tuple[int, float]], random: Any) -> None:
    other = list(schools)
    random.shuffle(other)
    assert measured(other)["cv"] == pytest.approx(measured(schools)["cv"], rel=1e-9, abs=1e-12)


# -- ranks and awards ------------------------------------------------------------------------------------------------------

STEPS = [
    {"id": "first", "label": "1", "rank_to": 1, "schools_from": 4, "amount_yuan": 1_000_000},
    {"id": "second", "label": "2", "rank_to": 3, "schools_from": 3, "amount_yuan": 500_000},
    {"id": "third", "label": "3", "rank_to": 6, "schools_from": 2, "amount_yuan": 300_000},
]


def rules(**changed: Any) -> GroupAwards:
    whole = {"standard": "s", "measure": "mean_score", "area_level": "county", "ties": "same_step", "steps": STEPS}
    return GroupAwards.model_validate({**whole, "source": "x", "grade": "I", **changed})


def paid(ranked: Sequence[tuple[int, int]], budget: float | None = None, **changed: Any) -> list[tuple[Any, ...]]:
    """(size, rank) of groups a, b, c… → (step, paid, state)."""
    asked = [Award("abcdefghij"[i], size, rank) for i, (size, rank) in enumerate(ranked)]
    made = sorted(awarded(asked, rules(**changed), budget), key=lambda a: a.group_id)
    return [(a.step, a.paid, a.state) for a in made]


def test_rank_and_size_give_the_step() -> None:
    assert paid([(4, 1), (3, 2), (5, 3), (2, 4), (9, 7)]) == [
        ("first", 1e6, "ok"), ("second", 5e5, "ok"), ("second", 5e5, "ok"), ("third", 3e5, "ok"), (None, 0.0, "no_step"),
    ]  # fmt: skip


def test_a_small_group_takes_the_step_that_its_size_allows() -> None:
    assert paid([(3, 1), (1, 2)]) == [("second", 5e5, "ok"), (None, 0.0, "too_small")]


def test_tied_groups_take_the_step_of_the_rank_they_share() -> None:
    assert paid([(4, 1), (4, 1), (4, 3)]) == [("first", 1e6, "ok"), ("first", 1e6, "ok"), ("second", 5e5, "ok")]


def test_tied_groups_may_share_the_amounts_of_the_ranks_they_fill() -> None:
    assert [row[1] for row in paid([(4, 1), (4, 1), (4, 3)], ties="shared_amounts")] == [750_000, 750_000, 500_000]


def test_a_budget_that_does_not_reach_for_all_of_a_rank_reaches_for_none_of_them_nor_for_those_after() -> None:
    made = paid([(4, 1), (4, 2), (4, 2), (2, 4)], budget=1_900_000)
    assert made == [
        ("first", 1e6, "ok"), ("second", 0.0, "over_budget"), ("second", 0.0, "over_budget"), ("third", 0.0, "over_budget"),
    ]  # fmt: skip
    assert [row[2] for row in paid([(4, 1), (4, 2), (4, 2)], budget=2_000_000)] == ["ok"] * 3


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 5)), max_size=12), st.floats(0, 6e6))
def test_no_more_is_paid_than_the_budget_and_equal_groups_are_paid_alike(
    groups: list[tuple[int, int]], budget: float
) -> None:
    scores = [score for _, score in groups]
    ranked = [(size, 1 + sum(other > score for other in scores)) for size, score in groups]
    made = paid(ranked, budget) if len(ranked) <= 10 else []
    assert sum(row[1] for row in made) <= budget * (1 + 1e-9)
    seen: dict[tuple[int, int], Any] = {}
    for group, row in zip(ranked, made, strict=False):
        assert seen.setdefault(group, row) == row


def test_ties_share_the_smaller_rank_and_only_ok_is_ranked() -> None:
    values = [(3.0, "ok"), (5.0, "ok"), (5.0 + 1e-14, "ok"), (None, "incomplete"), (1.0, "ok")]
    for measure, ranks in (("mean_score", [3, 1, 1, None, 4]), ("mean_cv", [2, 3, 3, None, 1])):
        rows = pl.DataFrame(
            [(2025, "group", "s", measure, "1", value, state) for value, state in values],
            schema=["year", "kind", "standard_id", "measure", "area_code", "value", "state"], orient="row",
        )  # fmt: skip
        made = with_rank(rows, "area_code", "rank", "compared")
        assert list(made["rank"]) == ranks
        assert list(made["compared"]) == [4, 4, 4, None, 4]


def edited(folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the shipped catalogue with one text changed."""
    shutil.copytree(SHIPPED, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def test_steps_that_do_not_go_down_are_refused_when_the_catalogue_is_loaded(tmp_path: Path) -> None:
    folder = edited(tmp_path / "a", "group_awards.yaml", "rank_to: 3", "rank_to: 1")
    with pytest.raises(CatalogueError, match=r"group_awards\.yaml.*second must reach further down"):
        load_catalogue(folder)
    folder = edited(tmp_path / "b", "group_awards.yaml", "standard: school-20", "standard: school-2")
    with pytest.raises(CatalogueError, match=r"group_awards\.yaml, line 5.*did you mean “school-20”"):
        load_catalogue(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"year - year_built < 5"', '"year - year_bilt < 5"', "did you mean “year_built”"),
        ('group_collection_day\n  value: "09-01"', 'group_collection_day\n  value: "9月1日"', "no month-day"),
        ('verdict_reference_day\n  value: "09-01"', 'verdict_reference_day\n  value: "02-29"', "no month-day"),
        ("value: prefecture", "value: prefectures", "did you mean “prefecture”"),
    ],
)
def test_settings_of_groups_and_days_are_checked_when_the_catalogue_is_loaded(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(CatalogueError, match=rf"settings\.yaml, line \d+.*{said}"):
        load_catalogue(edited(tmp_path / "a", "settings.yaml", old, new))


def test_a_budget_stands_once(tmp_path: Path) -> None:
    header = "year,area_code,budget_yuan,basis"
    write_register(tmp_path, "2025,9003,1000,\n2025,9004,1e6,x\n2025,9003,2000,", "group_budgets", header)
    with pytest.raises(HomeError, match=r"group_budgets\.csv, line 4.*stands at line 2 already"):
        read_budgets(Home(tmp_path))


# -- when a school joined ----------------------------------------------------------------------------------------------------


def joined(*rows: tuple[int, str, str | None]) -> dict[tuple[int, str], int | None]:
    units = pl.DataFrame(
        [(year, "1", school, group) for year, school, group in rows],
        schema={"year": pl.Int64, "county_code": pl.String, "school_id": pl.String, "group_id": pl.String}, orient="row",
    )  # fmt: skip
    return {(y, s): j for y, s, j in _joined(units, "group_id").iter_rows()}


def test_the_returns_show_who_joined_where_the_year_before_shows_them_outside() -> None:
    found = joined((2023, "a", "X"), (2023, "b", None), (2024, "a", "X"), (2024, "b", "X"), (2025, "b", "X"))
    assert (found[2024, "b"], found[2025, "b"]) == (2024, 2024)
    assert found[2024, "a"] is None


def test_a_group_that_the_returns_call_by_another_name_was_not_joined_anew() -> None:
    found = joined((2023, "a", "X"), (2023, "b", "X"), (2024, "a", "Y"), (2024, "b", "Y"))
    assert set(found.values()) == {None}


def test_a_county_that_named_no_group_the_year_before_shows_nothing() -> None:
    assert joined((2023, "a", None), (2024, "a", "X"))[2024, "a"] is None


# -- the sample --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Home:
    home = Home(tmp_path_factory.mktemp("sample") / "home")
    home.claim(catalogue)
    write_small(home.path)
    _lose_a_member(home)
    return compute_home(home, catalogue, YEARS)


def _lose_a_member(home: Home) -> None:
    """Takes the rows of one member of a group out of its county's last return: it sends nothing, and the roster expects it."""
    with (home.registers / "groups.csv").open(encoding="utf-8-sig", newline="") as stream:
        gone = next(row for row in csv.DictReader(stream) if row["role"] == "成员校" and not row["left_on"])
    for path in (home.inbox / str(YEARS[-1])).glob(f"{gone['county_code']}-*.csv"):
        lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
        kept = [line for line in lines if gone["school_id"] not in line.split(",")]
        path.write_text("".join(kept), encoding="utf-8-sig")


def test_a_member_that_sent_nothing_is_missing_in_its_group_and_in_its_district(home: Home) -> None:
    rows = table(home, "group_unplaced", reason="absent", year=YEARS[-1])
    assert sorted(rows["kind"]) == ["district", "group"]
    for row in rows.iter_rows(named=True):
        inside = table(home, "group_gap", year=YEARS[-1], group_id=row["group_id"])
        assert inside["schools_missing"].max() == 1
    coverage = table(home, "group_coverage", year=YEARS[-1], area_level="county", area_code=rows["county_code"][0])
    assert set(coverage["schools_absent"]) == {1}


def test_register_and_returns_of_the_sample_agree(home: Home) -> None:
    rows = table(home, "group_membership", kind="group")
    assert set(rows["source"]) == {"register"}
    assert rows.filter(pl.col("group_name") != pl.col("return_group_id")).is_empty()
    assert table(home, "group_unplaced", reason="not_in_register").is_empty()


def test_every_gap_of_the_sample_is_that_of_plain_arithmetic(home: Home) -> None:
    scope = {
        tuple(r)
        for r in table(home, "school_scope", is_counted=True)
        .select("year", "standard_id", "school_id", "stage")
        .iter_rows()
    }
    values = {
        tuple(r[:4]): r[4:]
        for r in table(home, "indicator_value")
        .select("year", "school_id", "stage", "indicator_id", "pupils", "value")
        .iter_rows()
    }
    held = defaultdict(list)
    for r in table(home, "group_membership").iter_rows(named=True):
        held[r["year"], r["kind"], r["group_id"]].append((r["school_id"], r["role"]))
    gone = defaultdict(set)
    for r in table(home, "group_unplaced", reason="absent").iter_rows(named=True):
        gone[r["year"], r["kind"], r["group_id"]].add(r["school_id"])
    lost = {
        tuple(r)
        for r in table(home, "absent_scope", is_counted=True)
        .select("year", "standard_id", "school_id", "stage")
        .iter_rows()
    }
    assert gone
    seen = 0
    for row in table(home, "group_gap").iter_rows(named=True):
        year, stage, standard = row["year"], row["stage"], row["standard_id"]
        here = [
            (school, role, *values[year, school, stage, row["indicator_id"]])
            for school, role in held[year, row["kind"], row["group_id"]]
            if (year, standard, school, stage) in scope
        ]
        known = [(p, x) for _, _, p, x in here if x is not None]
        absent = [s for s in gone[year, row["kind"], row["group_id"]] if (year, standard, s, stage) in lost]
        assert (row["schools"], row["schools_missing"]) == (len(known), len(here) - len(known) + len(absent))
        if not known:
            continue
        total = math.fsum(p for p, _ in known)
        mean = math.fsum(p * x for p, x in known) / total
        cv = math.sqrt(math.fsum(p * (x - mean) ** 2 for p, x in known) / total) / mean
        assert row["cv"] == pytest.approx(cv, rel=1e-9, abs=1e-12)
        others = [(p, x) for _, role, p, x in here if role != "lead" and x is not None]
        lead = [x for _, role, _, x in here if role == "lead"]
        if row["lead_state"] == "ok":
            apart = lead[0] - math.fsum(p * x for p, x in others) / math.fsum(p for p, _ in others)
            assert row["difference"] == pytest.approx(apart, rel=1e-9, abs=1e-12)
            seen += 1
    assert seen


def test_every_group_is_ranked_once_for_each_measure_and_mean_scores_are_plain_means(home: Home) -> None:
    ranks = table(home, "group_ranking", measure="mean_score")
    scores = table(home, "school_score")
    for row in ranks.filter(pl.col("state") == "ok").iter_rows(named=True):
        inside = table(home, "group_membership", year=row["year"], kind=row["kind"], group_id=row["group_id"])
        of = scores.filter(
            (pl.col("year") == row["year"]) & (pl.col("standard_id") == row["standard_id"]) & pl.col("school_id").is_in(inside["school_id"].implode())
        )  # fmt: skip
        known = [x for x in of["score"] if x is not None]
        assert row["value"] == pytest.approx(math.fsum(known) / len(known), rel=1e-12)
    assert set(ranks.filter(pl.col("state") != "ok")["rank_province"]) <= {None}


def test_awards_of_the_sample_stay_within_the_budget(home: Home) -> None:
    rows = table(home, "group_award").filter(pl.col("budget_yuan").is_not_null())
    assert rows.height
    sums = rows.group_by("year", "area_code").agg(pl.col("paid_yuan").sum(), pl.col("budget_yuan").first())
    assert sums.filter(pl.col("paid_yuan") > pl.col("budget_yuan")).is_empty()


def test_no_table_of_groups_is_empty_in_the_sample(home: Home) -> None:
    for name in ("membership", "unplaced", "gap", "ranking", "coverage", "award"):
        assert table(home, f"group_{name}").height, name
