"""How sure a rank is: ranges held against plain loops, drawn returns against the pipeline's own SQL, and the traps."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipeline.certainty import uncertainty
from pipeline.certainty.cells import Cells, Needed, Return, drawn, in_order
from pipeline.certainty.draws import returns
from pipeline.certainty.errors import kind_of
from pipeline.certainty.replay import replay
from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.certainty_limits import Certainty
from pipeline.store.home import Home
from pipeline.store.ingest import write_parquet
from pipeline.tables import compute
from pipeline.tables.names import SQL_TABLES
from tests import oracles
from tests.pipeline.chain import only, table
from tests.pipeline.computed import computed
from tests.pipeline.good_school import GoodSchool, county_of
from tests.pipeline.varied import varied

YEAR = 2025
COUNTIES = ("990101", "990102", "990201", "990202")
BASIC, QUALITY, TWENTY = "basic-2012", "quality-2017", "school-20"
FEW = Certainty(draws=7)
DRAW = 3


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Home:
    """Four counties: three of a dozen schools, one of four."""
    counties = {(YEAR, c): varied(c, 4 if c == COUNTIES[-1] else 12, n) for n, c in enumerate(COUNTIES)}
    return computed(tmp_path_factory.mktemp("certainty"), catalogue, counties)


def ranges(home: Home, **where: object) -> list[dict[str, Any]]:
    return table(home, "rank_uncertainty", **where).to_dicts()


def counted(home: Home, standard: str, stage: str, county: str) -> pl.DataFrame:
    """Values of the schools that a standard counts."""
    scope = table(home, "school_scope", standard_id=standard, stage=stage, is_counted=True)
    values = table(home, "indicator_value", county_code=county, stage=stage)
    return values.join(scope, on=["year", "school_id", "stage"], how="semi")


def coefficients(values: pl.DataFrame, indicators: tuple[str, ...], without: str = "") -> dict[str, float]:
    """The gap coefficient of each indicator by NumPy, a school left out."""
    kept = values.filter(pl.col("school_id") != without)
    found = {}
    for name in indicators:
        rows = kept.filter(pl.col("indicator_id") == name)
        found[name] = oracles.weighted_cv(rows["value"].to_list(), rows["pupils"].to_list()).cv
    return found


def rank_of(value: float, others: list[float]) -> int:
    return 1 + sum(round(other, 12) < round(value, 12) for other in others)


# -- ranges against plain loops ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["primary", "junior"])
def test_ranks_without_each_indicator_are_those_of_a_plain_loop(home: Home, catalogue: Catalogue, stage: str) -> None:
    names = catalogue.standards[BASIC].gap.indicators  # type: ignore[union-attr]
    cv = {c: coefficients(counted(home, BASIC, stage, c), names) for c in COUNTIES}
    for county in COUNTIES:
        row = only(
            home,
            "rank_uncertainty",
            standard_id=BASIC,
            measure="mean_cv",
            stage=stage,
            county_code=county,
            cause="indicator_out",
        )
        found = {}
        for out in names:
            means = {c: math.fsum(x for n, x in cv[c].items() if n != out) / (len(names) - 1) for c in COUNTIES}
            found[out] = rank_of(means.pop(county), list(means.values()))
        assert row["rank_low"] == min(row["rank"], *found.values())
        assert row["rank_high"] == max(row["rank"], *found.values())
        for end, pick in (("low", min), ("high", max)):
            by = row[f"{end}_by"]
            moves = row[f"rank_{end}"] != row["rank"]
            assert (by is None) is not moves
            assert by is None or found[by] == pick(found.values())


@pytest.mark.parametrize(("standard", "measure"), [(BASIC, "mean_cv"), (QUALITY, "worst_ratio")])
def test_ranges_without_each_school_are_those_of_a_plain_loop(
    home: Home, catalogue: Catalogue, standard: str, measure: str
) -> None:
    gap = catalogue.standards[standard].gap
    assert gap is not None
    ranked = table(home, "county_ranking", standard_id=standard, measure=measure, stage="primary")
    for county in COUNTIES[:3]:
        values = counted(home, standard, "primary", county)
        others = ranked.filter(pl.col("county_code") != county)["value"].to_list()
        found = []
        for school in values["school_id"].unique():
            cv = list(coefficients(values, gap.indicators, without=school).values())
            found.append(math.fsum(cv) / len(cv) if measure == "mean_cv" else max(cv) / gap.limits["primary"])
        row = only(
            home,
            "rank_uncertainty",
            standard_id=standard,
            measure=measure,
            stage="primary",
            county_code=county,
            cause="school_out",
        )
        assert row["draws"] == len(found)
        assert math.isclose(row["value_low"], min(row["value"], *found), rel_tol=1e-9)
        assert math.isclose(row["value_high"], max(row["value"], *found), rel_tol=1e-9)
        assert row["rank_low"] == min(row["rank"], *(rank_of(v, others) for v in found))
        assert row["rank_high"] == max(row["rank"], *(rank_of(v, others) for v in found))


def test_scores_without_each_item_are_those_of_a_plain_loop(home: Home) -> None:
    for county in COUNTIES:
        rows = table(home, "indicator_attainment", standard_id=TWENTY, stage="junior", county_code=county)
        row = only(
            home,
            "rank_uncertainty",
            standard_id=TWENTY,
            measure="mean_score",
            stage="junior",
            county_code=county,
            cause="indicator_out",
        )
        means = []
        for out in rows["indicator_id"].unique():
            applies = rows.filter((pl.col("indicator_id") != out) & (pl.col("state") != "not_applicable"))
            by_school = applies.group_by("school_id").agg(pl.col("attainment").mean())
            means.append(100 * float(by_school["attainment"].mean()))  # type: ignore[arg-type]
        assert math.isclose(row["value_low"], min(row["value"], *means), rel_tol=1e-9)
        assert math.isclose(row["value_high"], max(row["value"], *means), rel_tol=1e-9)


def test_the_worse_of_both_stages_is_taken_without_an_indicator_and_without_a_school(
    home: Home, catalogue: Catalogue
) -> None:
    gap = catalogue.standards[QUALITY].gap
    assert gap is not None
    for county in COUNTIES[:3]:
        by_stage = {s: counted(home, QUALITY, s, county) for s in gap.limits}

        def worst(without: str = "", out: str = "", values: Mapping[str, pl.DataFrame] = by_stage) -> float:
            return max(
                cv / gap.limits[stage]
                for stage, rows in values.items()
                for name, cv in coefficients(rows, gap.indicators, without).items()
                if name != out
            )

        schools = {s for rows in by_stage.values() for s in rows["school_id"]}
        for cause, found in (
            ("indicator_out", [worst(out=name) for name in gap.indicators]),
            ("school_out", [worst(without=school) for school in schools]),
        ):
            row = only(
                home,
                "rank_uncertainty",
                standard_id=QUALITY,
                measure="worst_ratio",
                stage="both",
                county_code=county,
                cause=cause,
            )
            assert math.isclose(row["value_low"], min(row["value"], *found), rel_tol=1e-9)
            assert math.isclose(row["value_high"], max(row["value"], *found), rel_tol=1e-9)


def test_drawn_weights_keep_a_mean_within_its_parts_and_about_where_it_is(home: Home, catalogue: Catalogue) -> None:
    names = catalogue.standards[BASIC].gap.indicators  # type: ignore[union-attr]
    for row in ranges(home, standard_id=BASIC, measure="mean_cv", cause="weights"):
        cv = coefficients(counted(home, BASIC, row["stage"], row["county_code"]), names).values()
        assert min(cv) <= row["value_low"] < row["value"] < row["value_high"] <= max(cv)
        # The variance of a Dirichlet mean is Σ (x − mean)² / (n (10 n + 1)); 5 % and 95 % lie 1.645 of its roots away.
        mean, n = row["value"], len(cv)
        spread = 1.645 * math.sqrt(sum((x - mean) ** 2 for x in cv) / (n * (10 * n + 1)))
        assert math.isclose(row["value_high"] - row["value_low"], 2 * spread, rel_tol=0.2)


def test_every_range_holds_the_published_rank_and_value(home: Home) -> None:
    published = table(home, "county_ranking")
    rows = table(home, "rank_uncertainty")
    assert rows.height == 4 * published.height
    key = ["year", "standard_id", "measure", "stage", "county_code"]
    joined = rows.join(published.select(*key, "rank_province", pl.col("value").alias("of_ranking")), on=key)
    assert joined.filter(pl.col("rank").ne_missing(pl.col("rank_province"))).is_empty()
    found = joined.filter(pl.col("state") == "ok")
    assert found.height > rows.height / 2
    assert found.filter((pl.col("value") - pl.col("of_ranking")).abs() > 0).is_empty()
    inside = (
        (pl.col("rank_low") <= pl.col("rank")) & (pl.col("rank") <= pl.col("rank_high")) & (pl.col("rank_low") >= 1)
    )
    inside = inside & (pl.col("rank_high") <= pl.col("compared")) & (pl.col("value_low") <= pl.col("value"))
    assert found.filter(~(inside & (pl.col("value") <= pl.col("value_high")))).is_empty()


# -- states ------------------------------------------------------------------------------------------------------------


def test_weights_do_not_apply_to_what_is_no_mean(home: Home) -> None:
    states = {(r["measure"], r["state"]) for r in ranges(home, cause="weights")}
    assert states == {
        ("mean_cv", "ok"), ("mean_score", "ok"), ("worst_ratio", "not_applicable"), ("share_meeting", "not_applicable"),
    }  # fmt: skip


def test_a_county_of_fewer_than_five_schools_has_no_range_without_a_school(home: Home) -> None:
    small = {r["state"] for r in ranges(home, county_code=COUNTIES[-1], cause="school_out")}
    assert small == {"too_few_schools"}
    assert {r["state"] for r in ranges(home, county_code=COUNTIES[0], cause="school_out")} == {"ok"}


def test_a_county_that_is_not_ranked_has_no_range(tmp_path: Path, catalogue: Catalogue) -> None:
    alone = {(YEAR, COUNTIES[0]): varied(COUNTIES[0], 12, 1), (YEAR, COUNTIES[1]): varied(COUNTIES[1], 1, 2)}
    home = computed(tmp_path, catalogue, alone)
    assert {r["state"] for r in ranges(home, county_code=COUNTIES[1], standard_id=BASIC)} == {"not_ranked"}
    ranked = ranges(home, county_code=COUNTIES[0], standard_id=BASIC, measure="mean_cv", stage="primary")
    assert {(r["rank"], r["rank_low"], r["rank_high"], r["compared"]) for r in ranked} == {(1, 1, 1, 1)}


def test_errors_are_drawn_in_the_latest_years_that_a_setting_names(home: Home, catalogue: Catalogue) -> None:
    """One year is there, so a setting of one year draws it; of none, nothing."""
    given = catalogue.settings
    for years, states in ((1, {"ok"}), (0, {"not_drawn"})):
        setting = given["certainty_years"].model_copy(update={"value": years})
        draws = given["certainty_draws"].model_copy(update={"value": 3})
        changed = catalogue.model_copy(
            update={"settings": {**given, "certainty_years": setting, "certainty_draws": draws}}
        )
        found = uncertainty.table(home, changed)
        assert set(found.filter(pl.col("cause") == "reporting_error")["state"]) == states


# -- equal counties ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def equal(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Home:
    """Three counties of schools that are all alike."""
    return computed(
        tmp_path_factory.mktemp("equal"),
        catalogue,
        {
            (YEAR, county): county_of(
                *(GoodSchool(f"3{county}{n:03d}", "312", {"primary": 600, "junior": 400}) for n in range(6))
            )
            for county in COUNTIES[:3]
        },
    )


def test_equal_counties_share_the_first_rank_under_every_cause_but_errors(equal: Home) -> None:
    for row in ranges(equal, measure="mean_cv"):
        if row["cause"] != "reporting_error":
            assert (row["rank_low"], row["rank"], row["rank_high"]) == (1, 1, 1)
            assert (row["value_low"], row["value"], row["value_high"]) == (0, 0, 0)
            assert row["low_by"] is row["high_by"] is None
        else:
            assert row["value_low"] == 0 < row["value_high"]


def test_equal_counties_are_defined_in_diagnostics_and_choices(equal: Home) -> None:
    for name in ("rank_choice", "indicator_diagnostics", "indicator_correlation"):
        frame = table(equal, name)
        floats = frame.select(pl.col(pl.Float64))
        assert frame.height and not any(floats[c].is_nan().any() for c in floats.columns)
    # Items that apply nowhere (beds, where nobody boards) are compared nowhere.
    assert set(table(equal, "indicator_diagnostics").filter(pl.col("compared") > 0)["state"]) == {"all_equal"}
    assert set(table(equal, "indicator_correlation")["correlation"]) == {None}
    moved = table(equal, "rank_choice")
    assert set(moved["mean_shift"]) == {0.0}
    assert set(moved["rank_correlation"]) == {None}


# -- errors in returns -------------------------------------------------------------------------------------------------


def test_a_cell_has_the_error_of_its_type_and_unit(catalogue: Catalogue) -> None:
    kinds = {name: kind_of(field, catalogue) for name, field in catalogue.fields.items()}
    assert kinds["pupils"] == kinds["boarders"] == kinds["class_pupils"] == "pupils"
    assert kinds["full_time_teachers"] == kinds["computers"] == kinds["classes"] == "count"
    assert kinds["teaching_rooms_sqm"] == kinds["equipment_yuan"] == kinds["room_sqm"] == "amount"
    assert kinds["year_built"] is kinds["pupils_all"] is kinds["room_kind"] is kinds["gdp_per_head_yuan"] is None


def a_return(home: Home, county: str = COUNTIES[0]) -> Return:
    return next(iter(returns(home, {(YEAR, county)})))


def test_errors_stay_within_their_bounds_and_whole_numbers_whole(home: Home, catalogue: Catalogue) -> None:
    asked = Certainty(draws=400)
    cells = drawn(a_return(home), Needed.of(catalogue, catalogue.indicators), catalogue, asked, asked.draws)
    pupils, teachers = (cells.rows["stage"].columns[n] for n in ("pupils", "full_time_teachers"))
    area = cells.units["teaching_rooms_sqm"]
    assert pupils.shape[0] == teachers.shape[0] == area.shape[0] == asked.draws + 1
    assert (np.abs(pupils - pupils[0]) <= 0.01 * pupils[0] + 0.5).all() and (pupils % 1 == 0).all()
    assert set(np.unique(teachers - teachers[0])) == {-1.0, 0.0, 1.0}
    assert 0.015 < (teachers != teachers[0]).mean() < 0.025
    share = area[1:] / area[0] - 1
    assert 0.019 < np.abs(share).max() <= 0.02 and abs(share.mean()) < 0.001
    # An error of one per cent of a class is less than half a pupil, unless it has fifty.
    classes = cells.rows["class"].columns["class_pupils"]
    assert (classes == classes[0])[:, classes[0] < 50].all()


def test_draws_hang_neither_on_the_order_of_rows_nor_on_other_counties(home: Home, catalogue: Catalogue) -> None:
    given = a_return(home, COUNTIES[1])
    needed = Needed.of(catalogue, catalogue.indicators)
    turned = replace(given, unit=given.unit.reverse(), rows={k: f.reverse() for k, f in given.rows.items()})
    first, second = (replay(drawn(g, needed, catalogue, FEW, FEW.draws), needed, catalogue) for g in (given, turned))
    assert first.keys == second.keys
    for name, values in first.values.items():
        assert np.array_equal(values, second.values[name], equal_nan=True)
    both = {g.county: g for g in returns(home, {(YEAR, c) for c in COUNTIES})}
    assert both[COUNTIES[1]].unit.equals(given.unit)


def test_two_runs_agree_to_the_bit(home: Home, catalogue: Catalogue) -> None:
    assert uncertainty.table(home, catalogue).equals(uncertainty.table(home, catalogue))


def _column(cells: Cells, record: str, name: str, draw: int) -> np.ndarray:
    column = cells.units[name] if record == "school" else cells.rows[record].columns[name]
    return column[min(draw, len(column) - 1)] if column.ndim == 2 else column


def write_draw(home: Home, folder: Path, catalogue: Catalogue, draw: int) -> Home:
    """A home whose returns are one draw of those of another, computed by the pipeline's own SQL up to the values."""
    shutil.copytree(home.path, folder)
    made = Home(folder)
    needed = Needed.of(catalogue, catalogue.indicators)
    parts: dict[str, list[pl.DataFrame]] = {"unit": [], "unit_stage": [], "unit_class": [], "unit_room": []}
    for given in returns(home, {(YEAR, c) for c in COUNTIES}):
        cells = drawn(given, needed, catalogue, FEW, FEW.draws)
        for record, frame in (("school", given.unit), *given.rows.items()):
            ordered = frame.sort("school_id") if record == "school" else in_order(frame, record, catalogue)
            changed = [
                pl.Series(name, _column(cells, record, name, draw), pl.Float64).fill_nan(None)
                for name in needed.cells_of(record)  # type: ignore[arg-type]
                if name in frame.columns and frame[name].dtype == pl.Float64
            ]
            parts["unit" if record == "school" else f"unit_{record}"].append(ordered.with_columns(changed))
    for name, frames in parts.items():
        write_parquet(pl.concat(frames).select(pl.read_parquet(home.table(name)).columns), made.table(name))
    for name in SQL_TABLES:
        compute.make(name, made, catalogue)
        if name == "indicator_value":
            return made
    raise AssertionError


def test_a_draw_gives_the_values_that_the_pipeline_gives_of_the_drawn_returns(
    home: Home, catalogue: Catalogue, tmp_path: Path
) -> None:
    """Errors go through the real formulas: the same cells through DuckDB give the same value of every school and indicator."""
    needed = Needed.of(catalogue, catalogue.indicators)
    expected = table(write_draw(home, tmp_path / "drawn", catalogue, DRAW), "indicator_value")
    compared = 0
    for given in returns(home, {(YEAR, c) for c in COUNTIES}):
        found = replay(drawn(given, needed, catalogue, FEW, FEW.draws), needed, catalogue)
        for row in expected.filter(pl.col("county_code") == given.county).iter_rows(named=True):
            values = found.values[row["indicator_id"]]
            value = values[min(DRAW, len(values) - 1), found.keys.index((row["school_id"], row["stage"]))]
            assert math.isnan(value) if row["value"] is None else math.isclose(value, row["value"], rel_tol=1e-12), row
            compared += 1
    assert compared == expected.height > 500
    returned = table(home, "indicator_value")
    assert (returned["value"] != expected["value"]).mean() > 0.3  # type: ignore[operator]


def test_ranks_under_errors_are_those_of_the_drawn_values(home: Home, catalogue: Catalogue) -> None:
    """The band of a rank, once more from the drawn values by plain loops."""
    needed, asked = Needed.of(catalogue, catalogue.indicators), Certainty.of(catalogue)
    names = catalogue.standards[BASIC].gap.indicators  # type: ignore[union-attr]
    means = []
    for county in COUNTIES:
        found = replay(drawn(a_return(home, county), needed, catalogue, asked, asked.draws), needed, catalogue)
        scope = set(counted(home, BASIC, "primary", county)["school_id"])
        at = [i for i, (school, stage) in enumerate(found.keys) if stage == "primary" and school in scope]
        of_county = []
        for draw in range(1, 41):
            pupils = found.pupils[draw, at]
            cvs = [oracles.weighted_cv(found.values[n][draw, at], pupils).cv for n in names]
            of_county.append(math.fsum(cvs) / len(cvs))
        means.append(of_county)
    ranks = [[rank_of(own[d], [m[d] for m in means if m is not own]) for d in range(40)] for own in means]
    for county, found_ranks, values in zip(COUNTIES, ranks, means, strict=True):
        row = only(
            home,
            "rank_uncertainty",
            standard_id=BASIC,
            measure="mean_cv",
            stage="primary",
            county_code=county,
            cause="reporting_error",
        )
        assert row["draws"] == 500
        assert sum(row["rank_low"] <= r <= row["rank_high"] for r in found_ranks) >= 0.75 * 40
        assert sum(row["value_low"] <= v <= row["value_high"] for v in values) >= 0.75 * 40
        assert row["value_high"] - row["value_low"] < 0.2 * row["value"]


# -- choices and diagnostics -------------------------------------------------------------------------------------------


def test_choices_move_the_ranks_as_a_plain_computation_says(home: Home, catalogue: Catalogue) -> None:
    gap = catalogue.standards[QUALITY].gap
    assert gap is not None
    cv = {c: list(coefficients(counted(home, QUALITY, "primary", c), gap.indicators).values()) for c in COUNTIES}
    limit, n = gap.limits["primary"], len(gap.indicators)
    columns = list(zip(*cv.values(), strict=True))

    def deviation(column: tuple[float, ...]) -> float:
        return float(np.std(column, ddof=1))

    by_hand: dict[str, list[float]] = {
        "geometric": [math.exp(math.fsum(math.log(x + 0.01) for x in row) / n) for row in cv.values()],
        "maximum": [max(row) for row in cv.values()],
        "distance_to_limit": [math.sqrt(math.fsum(max(0, x / limit - 1) ** 2 for x in row) / n) for row in cv.values()],
        "z_score": [math.fsum((x - np.mean(c)) / deviation(c) for x, c in zip(row, columns, strict=True)) for row in cv.values()],
        "min_max": [math.fsum((x - min(c)) / (max(c) - min(c)) for x, c in zip(row, columns, strict=True)) for row in cv.values()],
    }  # fmt: skip
    published = table(home, "county_ranking", standard_id=QUALITY, measure="mean_cv", stage="primary").sort(
        "county_code"
    )
    before = published["rank_province"].to_list()
    for option, values in by_hand.items():
        row = only(home, "rank_choice", standard_id=QUALITY, measure="mean_cv", stage="primary", option=option)
        after = [rank_of(v, [w for j, w in enumerate(values) if j != i]) for i, v in enumerate(values)]
        shifts = [abs(a - b) for a, b in zip(after, before, strict=True)]
        assert row["mean_shift"] == sum(shifts) / len(shifts)
        assert (row["largest_shift"], row["counties_moved"]) == (max(shifts), sum(s > 0 for s in shifts))
        assert row["moved_most_county"] == (COUNTIES[shifts.index(max(shifts))] if any(shifts) else None)
        assert row["compared"] == len(COUNTIES)


def test_a_measure_is_not_compared_with_itself_and_weights_not_with_a_maximum(home: Home) -> None:
    rows = table(home, "rank_choice")
    options = {
        key: set(part["option"]) - set(part.filter(pl.col("choice") == "indicator_out")["option"])
        for key, part in rows.partition_by("standard_id", "measure", as_dict=True).items()
    }
    scales = {"dirichlet", "z_score", "min_max"}
    assert options == {
        (BASIC, "mean_cv"): scales | {"geometric", "maximum", "distance_to_limit"},
        (BASIC, "worst_ratio"): {"geometric", "maximum", "distance_to_limit"},
        (QUALITY, "mean_cv"): scales | {"geometric", "maximum", "distance_to_limit"},
        (QUALITY, "worst_ratio"): {"arithmetic", "geometric", "distance_to_limit"},
        (TWENTY, "mean_score"): scales,
        (QUALITY, "share_meeting"): set(),
        (TWENTY, "share_meeting"): set(),
    }
    assert not rows.filter(pl.col("stage") == "both").height


@pytest.mark.parametrize("standard", [BASIC, TWENTY])
def test_diagnostics_are_those_of_numpy(home: Home, catalogue: Catalogue, standard: str) -> None:
    measure = "mean_score" if standard == TWENTY else "mean_cv"
    ranked = table(home, "county_ranking", standard_id=standard, measure=measure, stage="junior").sort("county_code")
    composite = ranked["value"].to_numpy()
    rows = table(home, "indicator_diagnostics", standard_id=standard, measure=measure, stage="junior")
    assert math.isclose(rows["effective_weight"].sum(), 1, rel_tol=1e-12)
    assert math.isclose(rows["variance_share"].sum(), 1, rel_tol=1e-9)
    figures = {}
    for row in rows.filter(pl.col("compared") == len(COUNTIES)).iter_rows(named=True):
        name = row["indicator_id"]
        if standard == TWENTY:
            level = table(home, "indicator_attainment", standard_id=standard, stage="junior", indicator_id=name)
            mean = level.group_by("county_code").agg(pl.col("attainment").mean() * 100).sort("county_code")
            figures[name] = mean["attainment"].to_numpy()
        else:
            gaps = table(
                home, "gap_coefficient", standard_id=standard, area_level="county", stage="junior", indicator_id=name
            )
            figures[name] = gaps.sort("area_code").filter(pl.col("area_code").is_in(COUNTIES))["cv"].to_numpy()
        assert math.isclose(row["mean"], figures[name].mean(), rel_tol=1e-9)
        assert math.isclose(row["sd"], figures[name].std(), rel_tol=1e-9, abs_tol=1e-12)
        if row["state"] == "ok":
            assert math.isclose(row["correlation"], np.corrcoef(figures[name], composite)[0, 1], rel_tol=1e-9)
    pairs = table(home, "indicator_correlation", standard_id=standard, measure=measure, stage="junior", state="ok")
    assert pairs.height >= 20
    for row in pairs.filter(pl.col("compared") == len(COUNTIES)).iter_rows(named=True):
        a, b = figures[row["indicator_id"]], figures[row["other_indicator_id"]]
        assert math.isclose(row["correlation"], np.corrcoef(a, b)[0, 1], rel_tol=1e-7, abs_tol=1e-9)


def test_shares_of_schools_up_to_a_standard_without_an_item_count_those_that_only_it_held_back(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    """Two of six schools miss two items of seven, one each other: leaving one of the two out lets both through."""
    schools = [GoodSchool(f"3{COUNTIES[0]}{n:03d}") for n in range(6)]
    for one in schools[:2]:
        one.of_stages(backbone_teachers=9, pe_teachers=0, music_teachers=0, art_teachers=0, arts_teachers=8.9)
    others = county_of(*(GoodSchool(f"3{COUNTIES[1]}{n:03d}") for n in range(6)))
    home = computed(tmp_path, catalogue, {(YEAR, COUNTIES[0]): county_of(*schools), (YEAR, COUNTIES[1]): others})
    row = only(
        home, "rank_uncertainty", standard_id=QUALITY, measure="share_meeting", stage="primary", county_code=COUNTIES[0],
        cause="indicator_out",
    )  # fmt: skip
    assert (row["value"], row["value_low"], row["value_high"]) == (4 / 6, 4 / 6, 1)
    assert (row["rank"], row["rank_low"], row["rank_high"]) == (2, 1, 2)
    assert row["low_by"] in ("backbone_teachers_per_100", "pe_arts_teachers_per_100")
    left = only(
        home, "rank_uncertainty", standard_id=QUALITY, measure="share_meeting", stage="primary", county_code=COUNTIES[0],
        cause="school_out",
    )  # fmt: skip
    assert (left["value_low"], left["value_high"]) == (3 / 5, 4 / 5)


def test_a_home_in_which_nothing_is_ranked_has_no_ranges_and_no_diagnostics(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    nothing: dict[str, list[dict[str, Any]]] = {}
    home = computed(tmp_path, catalogue, {(YEAR, COUNTIES[0]): nothing})
    assert set(table(home, "rank_uncertainty")["state"]) <= {"not_ranked"}
    for name in ("rank_choice", "indicator_diagnostics", "indicator_correlation"):
        assert table(home, name).is_empty()
