"""Through the whole chain, from cells to the ledger: what it says is enough, a unit less is not, and it stands once a school.

Numbers by hand from ``method.md`` 9 and the vectors 11 and 12 of ``reference/mistakes.md``.
"""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from pipeline.schema import load_catalogue
from pipeline.store.home import Home
from tests.pipeline.chain import only, table
from tests.pipeline.computed import computed
from tests.pipeline.good_school import GoodSchool, county_of

YEAR, COUNTY, QUALITY, TWENTY = 2025, "990101", "quality-2017", "school-20"
CATALOGUE = load_catalogue()
WEIGHTS = {"primary": 1.0, "junior": 1.1, "senior": 1.32}

SHARED = {
    "teaching_rooms_sqm": "teaching_rooms_sqm_per_pupil", "sports_field_sqm": "sports_sqm_per_pupil",
    "equipment_yuan": "equipment_yuan_per_pupil", "books": "books_per_pupil", "multimedia_rooms": "multimedia_rooms_per_100",
}  # fmt: skip
WHOLE = {
    "staff": "staff_ratio", "public_funds_yuan": "public_funds_ratio", "training_budget_yuan": "training_funds_pct",
    "health_staff": "health_staff_ratio", "beds": "beds_per_boarder",
}  # fmt: skip
BY_STAGE = {
    "backbone_teachers": "backbone_teachers_per_100", "pe_teachers": "pe_arts_teachers_per_100",
    "bachelor_teachers": "above_degree_teachers_per_100", "certified_teachers": "certified_teachers_pct",
    "teachers_trained_360h": "training_360h_pct",
}  # fmt: skip
COUNTED = {"books", "multimedia_rooms", "staff", "health_staff", "beds", *BY_STAGE}
KINDS = {
    "211": ("primary",), "311": ("junior",), "312": ("primary", "junior"), "341": ("junior", "senior"),
    "345": ("primary", "junior", "senior"),
}  # fmt: skip


def poor_schools(seed: int, count: int = 45) -> list[GoodSchool]:
    """Schools of every kind that lack something of nearly everything; whole numbers of things."""
    draw = random.Random(seed)
    found = []
    for n in range(count):
        kind = list(KINDS)[n % len(KINDS)]
        heads = {name: draw.randint(30, 1900) for name in KINDS[kind]}
        one, total = GoodSchool(f"{kind[:2]}99{n:06d}", kind, heads), sum(heads.values())
        one.school |= {
            "boarders": draw.randint(1, total),
            "beds": draw.randint(0, total),
            "health_staff": draw.randint(0, 1),
        }
        one.school |= {"staff": draw.randint(0, total // 15), "public_funds_yuan": float(draw.randint(0, 700 * total))}
        one.school |= {"training_budget_yuan": float(draw.randint(0, 60_000)), "books": draw.randint(0, 40 * total)}
        one.school |= {
            "multimedia_rooms": draw.randint(0, max(1, total // 40)),
            "equipment_yuan": draw.uniform(0, 2600) * total,
        }
        one.school |= {
            "teaching_rooms_sqm": draw.uniform(0, 6) * total,
            "sports_field_sqm": draw.uniform(0, 11) * total,
        }
        for name, row in one.stages.items():
            many = heads[name] // 12 + 1
            row |= {
                "full_time_teachers": many,
                "teachers_training_due": many,
                "certified_teachers": draw.randint(0, many),
            }
            row |= dict.fromkeys(
                (
                    "doctor_teachers",
                    "master_teachers",
                    "college_teachers",
                    "music_teachers",
                    "art_teachers",
                    "arts_teachers",
                ),
                0,
            )
            row |= {
                cell: draw.randint(0, max(1, many // 3))
                for cell in ("backbone_teachers", "pe_teachers", "bachelor_teachers", "teachers_trained_360h")
            }
        found.append(one)
    return found  # fmt: skip


def home_of(folder: Path, schools: list[GoodSchool]) -> Home:
    return computed(folder, CATALOGUE, {(YEAR, COUNTY): county_of(*schools)})


def changed(schools: list[GoodSchool], ledger: pl.DataFrame, less: bool) -> list[GoodSchool]:
    """The schools with what the ledger says added (a unit, or a millionth, less of it where ``less``)."""
    cells = {indicator: cell for cells in (SHARED, WHOLE, BY_STAGE) for cell, indicator in cells.items()}
    for one in schools:
        for row in ledger.filter(pl.col("school_id") == one.school["school_id"], pl.col("shortfall") > 0).iter_rows(
            named=True
        ):
            cell = cells.get(row["indicator_id"])
            if cell is not None:
                taken = (1 if cell in COUNTED else 1e-6 * row["shortfall"]) if less else 0
                place = one.school if row["stage"] == "all" else one.stages[row["stage"]]
                place[cell] += row["shortfall"] - taken
    return schools


@pytest.fixture(scope="module")
def poor(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return home_of(tmp_path_factory.mktemp("poor"), poor_schools(1))


def told(home: Home) -> pl.DataFrame:
    """Rows of school-20 that the chain tests speak of, with a shortfall."""
    names = [*SHARED.values(), *WHOLE.values(), *BY_STAGE.values()]
    rows = table(home, "school_shortfall", standard_id=TWENTY)
    return rows.filter(pl.col("indicator_id").is_in(names), pl.col("shortfall") > 0)


@pytest.mark.parametrize("less", [False, True])
def test_in_the_whole_chain_the_amount_is_enough_and_less_is_not(poor: Home, tmp_path: Path, less: bool) -> None:
    lacking = told(poor)
    assert {*lacking["indicator_id"]} == {*SHARED.values(), *WHOLE.values(), *BY_STAGE.values()}
    again = told(home_of(tmp_path, changed(poor_schools(1), lacking, less)))
    if not less:
        assert again.is_empty()
    else:
        key = ["school_id", "stage", "indicator_id"]
        assert lacking.join(again, on=key, how="anti").is_empty()
        counted = again.filter(pl.col("unit").is_in(["人 / teachers", "册 / volumes", "间 / rooms", "张 / beds"]))
        assert (counted["shortfall"] == 1).all()


def test_a_combined_school_lacks_what_the_binding_stage_asks(poor: Home) -> None:
    rows = table(poor, "school_shortfall", standard_id=TWENTY, indicator_id="teaching_rooms_sqm_per_pupil")
    heads = {s.school["school_id"]: (s.school, {n: r["pupils"] for n, r in s.stages.items()}) for s in poor_schools(1)}
    levels = {"primary": 4.5, "junior": 5.8}
    assert rows.height > 10
    for row in rows.iter_rows(named=True):
        school, by_stage = heads[row["school_id"]]
        weighted = sum(WEIGHTS[name] * pupils for name, pupils in by_stage.items())
        hardest = max((levels[name] / WEIGHTS[name], name) for name in by_stage if name in levels)
        assert row["stage"] == "all"
        assert row["binding_stage"] == hardest[1]
        assert row["shortfall"] == pytest.approx(weighted * hardest[0] - school["teaching_rooms_sqm"], rel=1e-9)


def test_rooms_of_both_stages_are_needed_once_each_kind_on_its_own(tmp_path: Path) -> None:
    both = GoodSchool("3199000001", "312", {"primary": 960, "junior": 720})
    both.with_classes({"primary": [40] * 24, "junior": [40] * 18}).with_rooms(*[("music", 96.0), ("art", 90.0)] * 2)
    art = GoodSchool("2199000002", "211", {"primary": 400})
    art.with_classes({"primary": [40] * 10}).with_rooms(("music", 96.0), ("music", 96.0))
    home = home_of(tmp_path, [both, art])
    for kind in ("music", "art"):
        row = only(home, "school_shortfall", school_id="3199000001", indicator_id=f"{kind}_rooms_ratio")
        assert (row["stage"], row["shortfall"], row["change"]) == ("all", 2, "add")
    lacking = table(home, "school_shortfall", school_id="2199000002")
    assert lacking.select("indicator_id", "shortfall").rows() == [("art_rooms_ratio", 1)]


def test_what_must_shrink_is_told_as_such(tmp_path: Path) -> None:
    big = GoodSchool("2199000001", "211", {"primary": 2100}, d_grade_area_sqm=35.5)
    big.with_classes({"primary": [45] * 40 + [50] * 6})
    home = home_of(tmp_path, [big])
    found = {
        row["indicator_id"]: (row["change"], row["shortfall"], row["field"])
        for row in table(home, "school_shortfall", standard_id=TWENTY).iter_rows(named=True)
    }
    assert found["school_size"] == ("remove", 100, "largest_campus_pupils")
    assert found["d_grade_area_sqm"] == ("remove", 35.5, "d_grade_area_sqm")
    assert found["classes_within_limit_pct"] == ("add", 6, "classes_in_limit")


def test_the_floor_is_nearer_than_the_standard_and_none_where_there_is_none(poor: Home) -> None:
    rows = table(poor, "school_shortfall").filter(pl.col("shortfall").is_not_null())
    floored = rows.filter(pl.col("floor").is_not_null())
    assert (floored["shortfall_floor"] <= floored["shortfall"]).all()
    assert floored["shortfall_floor"].null_count() == 0
    assert rows.filter(pl.col("floor").is_null())["shortfall_floor"].null_count() == rows["floor"].null_count()


def test_a_missing_value_is_missing_and_never_0(tmp_path: Path) -> None:
    one = GoodSchool("3199000001", "312", {"primary": 300, "junior": 300}, books=None)
    one.stages["junior"]["backbone_teachers"] = None
    other = GoodSchool("2199000002", "211", {"primary": 300})
    rows = table(home_of(tmp_path, [one, other]), "school_shortfall", standard_id=TWENTY)
    assert rows.select("indicator_id", "stage", "state").rows() == [
        ("books_per_pupil", "all", "missing"),
        ("backbone_teachers_per_100", "junior", "missing"),
    ]
    amounts = ("value", "shortfall", "shortfall_floor", "shortfall_before", "cost_yuan", "cost_floor_yuan")
    assert all(rows[name].null_count() == 2 for name in amounts)


def test_with_campuses_it_is_put_where_it_serves_best(tmp_path: Path) -> None:
    """A nine-year school with a primary campus of its own: what primary lacks goes there undivided."""
    main = GoodSchool("3199000001", "312", {"primary": 200, "junior": 300})
    main.school["sports_field_sqm"] = 5000.0
    branch = GoodSchool("2199000002", "211", {"primary": 400}, parent_school_id="3199000001", is_counted_school=0)
    branch.school["sports_field_sqm"] = 100.0
    home = home_of(tmp_path / "one", [main, branch])
    whole = 200 + 1.1 * 300
    lacking = 7.5 * 600 - 5000 * 200 / whole - 100
    row = only(home, "school_shortfall", standard_id=QUALITY, indicator_id="sports_sqm_per_pupil")
    assert row["binding_stage"] == "primary"
    assert row["shortfall"] == pytest.approx(lacking, rel=1e-12)

    # Now junior lacks too: what mends junior at the main campus brings primary its share, the rest goes to the branch.
    main.school["sports_field_sqm"] = 1000.0
    home = home_of(tmp_path / "both", [main, branch])
    at_main = 10.2 * 300 / (1.1 * 300 / whole) - 1000
    rest = 7.5 * 600 - (1000 + at_main) * 200 / whole - 100
    row = only(home, "school_shortfall", standard_id=QUALITY, indicator_id="sports_sqm_per_pupil")
    assert row["shortfall"] == pytest.approx(at_main + rest, rel=1e-9)
    main.school["sports_field_sqm"] += at_main
    branch.school["sports_field_sqm"] += rest
    home = home_of(tmp_path / "mended", [main, branch])
    assert table(home, "school_shortfall", indicator_id="sports_sqm_per_pupil").is_empty()


def test_a_stage_row_is_written_for_what_belongs_to_the_stage(poor: Home) -> None:
    stages = table(poor, "school_shortfall").group_by("indicator_id").agg(pl.col("stage").unique())
    told_by = dict(stages.rows())
    assert all(told_by[name] == ["all"] for name in (*SHARED.values(), *WHOLE.values()))
    assert all("all" not in told_by[name] for name in BY_STAGE.values())
