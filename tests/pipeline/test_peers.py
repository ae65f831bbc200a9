"""The counties most alike: distances recomputed pair by pair in plain Python, and what must hold of them whatever the figures."""

from __future__ import annotations

import math
import statistics
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import CatalogueError
from pipeline.schema import load_catalogue
from pipeline.schema.load import SHIPPED
from pipeline.store.home import Home
from pipeline.years.features import standardised
from pipeline.years.peers import Measure, among, peers_of
from tests.pipeline import grown
from tests.pipeline.chain import table

Figures = dict[str, tuple[float | None, float | None, float | None]]
"""County → what it has of three features, of which the second is compared by ratios."""

FEATURES, WEIGHTS, TRANSFORMS = ("a", "b", "c"), (1.0, 2.0, 1.0), ("none", "log", "none")
TOLERANCE = 1e-9
HALF = Measure(FEATURES, WEIGHTS, 10, 60.0, TOLERANCE)


def features(figures: Figures, times: tuple[float, float, float] = (1, 1, 1)) -> pl.DataFrame:
    """The rows that the distance is taken over, each feature in units ``times`` smaller."""
    rows = [
        (2025, county, name, transform, None if value is None else value * unit)
        for county, values in figures.items()
        for name, transform, value, unit in zip(FEATURES, TRANSFORMS, values, times, strict=True)
    ]
    schema = {
        "year": pl.Int64,
        "county_code": pl.String,
        "feature_id": pl.String,
        "transform": pl.String,
        "value": pl.Float64,
    }
    return standardised(pl.DataFrame(rows, schema=schema, orient="row"), TOLERANCE)


def peers(figures: Figures, measure: Measure = HALF, times: tuple[float, float, float] = (1, 1, 1)) -> pl.DataFrame:
    return peers_of(features(figures, times), measure)


def brute(figures: Figures, measure: Measure = HALF) -> dict[str, list[tuple[float, str, int]]]:
    """County → distance, peer and features compared, nearest first: written from the definition."""
    z: dict[tuple[str, int], float] = {}
    for k, transform in enumerate(TRANSFORMS):
        known = {c: v[k] for c, v in figures.items() if v[k] is not None}
        x = {c: math.log(v) if transform == "log" else v for c, v in known.items() if transform == "none" or v > 0}  # type: ignore[operator, arg-type]
        middle = statistics.median(x.values()) if x else 0.0
        far = [abs(v - middle) for v in x.values()]  # type: ignore[operator]
        least = TOLERANCE * max((abs(v) for v in x.values()), default=0.0)  # type: ignore[arg-type]
        scale = 1.482602218505602 * statistics.median(far) if far and statistics.median(far) > least else 0.0
        if not scale and far and math.fsum(far) / len(far) > least:
            scale = math.sqrt(math.pi / 2) * math.fsum(far) / len(far)
        z |= {(c, k): (v - middle) / scale if scale else 0.0 for c, v in x.items()}  # type: ignore[operator]
    found: dict[str, list[tuple[float, str, int]]] = {}
    for one in figures:
        near = []
        for other in figures:
            both = [k for k in range(3) if (one, k) in z and (other, k) in z]
            if one == other or not both or len(both) / 3 < measure.least_pct / 100:
                continue
            squares = math.fsum(WEIGHTS[k] * (z[one, k] - z[other, k]) ** 2 for k in both)
            near.append((round(math.sqrt(squares / sum(WEIGHTS[k] for k in both)), 12), other, len(both)))
        found[one] = sorted(near)[: measure.peers]
    return found


PLAIN: Figures = {
    "01": (1.0, 100.0, 5.0), "02": (2.0, 200.0, 5.0), "03": (3.0, 400.0, 5.0), "04": (4.0, 800.0, 5.0), "05": (9.0, 1600.0, 5.0),
}  # fmt: skip
"""Medians 3, log 400 and 5; deviations 2, 1, 0, 1, 6 and 2, 1, 0, 1, 2 times log 2, of which 1 is the median; the last separates none."""


def test_distances_are_those_worked_out_by_hand() -> None:
    made = peers(PLAIN).filter(pl.col("county_code") == "03")
    one, two = 1 / 1.482602218505602, 2 / 1.482602218505602
    assert made["peer_code"].to_list() == ["02", "04", "01", "05"], "ties go by code"
    nearest = math.sqrt((1 * one**2 + 2 * one**2 + 0) / 4)
    assert made["distance"].to_list() == pytest.approx(
        [nearest, nearest, 2 * nearest, math.sqrt(((6 * one) ** 2 + 2 * two**2) / 4)], rel=1e-12
    )
    assert made["peers_found"].to_list() == [4] * 4 and set(made["features_compared"]) == {3}
    assert made["differs_most_in"].to_list() == ["b", "b", "b", "a"]
    assert made["differs_most_pct"][0] == pytest.approx(200 / 3)


def test_equal_counties_are_at_distance_0_not_undefined() -> None:
    made = peers(dict.fromkeys(("01", "02", "03"), (1.0, 2.0, 3.0)))
    assert made.height == 6 and set(made["distance"]) == {0.0} and made["differs_most_in"].null_count() == 6


def test_a_feature_in_which_most_are_equal_still_separates_the_others() -> None:
    made = features({f"{i:02d}": (0.0 if i < 4 else 10.0, None, None) for i in range(5)}).filter(
        pl.col("feature_id") == "a"
    )
    assert made["standardised"].to_list() == pytest.approx([0, 0, 0, 0, 10 / (math.sqrt(math.pi / 2) * 2)])


def test_counties_that_share_too_few_features_are_not_compared() -> None:
    figures: Figures = PLAIN | {"06": (3.0, None, None), "07": (3.0, 300.0, None), "08": (3.0, -1.0, 5.0)}
    made = peers(figures)
    assert not made.filter((pl.col("county_code") == "06") | (pl.col("peer_code") == "06")).height
    told = made.filter((pl.col("county_code") == "03") & pl.col("peer_code").is_in(["07", "08"]))
    assert told["features_compared"].to_list() == [2, 2], "what has no logarithm is missing"


def test_no_more_than_the_wanted_number_is_taken_and_fewer_are_told() -> None:
    three = Measure(FEATURES, WEIGHTS, 3, 60.0, TOLERANCE)
    made = peers(PLAIN, three)
    assert made.group_by("county_code").len()["len"].to_list() == [3] * 5
    assert set(peers(PLAIN)["peers_found"]) == {4}, "ten were wanted, four there are"


NUMBER = st.one_of(st.none(), st.floats(0.01, 1e6).map(lambda x: float(f"{x:.4g}")))
COUNTIES = st.lists(st.tuples(NUMBER, NUMBER, NUMBER), min_size=2, max_size=14).map(
    lambda rows: {f"{i:02d}": row for i, row in enumerate(rows)}
)


@settings(max_examples=80, deadline=None)
@given(COUNTIES)
def test_peers_are_those_of_the_definition(figures: Figures) -> None:
    made = peers(figures)
    for county, near in brute(figures).items():
        rows = made.filter(pl.col("county_code") == county)
        assert rows["distance"].to_list() == pytest.approx([d for d, _, _ in near], rel=1e-9, abs=1e-9)
        assert county not in rows["peer_code"].to_list()
        assert rows["peer_no"].to_list() == list(range(1, len(near) + 1))


@settings(max_examples=60, deadline=None)
@given(COUNTIES)
def test_a_distance_is_the_same_from_either_side(figures: Figures) -> None:
    made = peers(figures, Measure(FEATURES, WEIGHTS, 99, 60.0, TOLERANCE))
    turned = made.rename({"county_code": "peer_code", "peer_code": "county_code"})
    both = made.join(turned, on=["county_code", "peer_code"], suffix="_back")
    assert both.height == made.height and both["distance"].equals(both["distance_back"])


@settings(max_examples=60, deadline=None)
@given(COUNTIES, st.tuples(*[st.sampled_from([0.001, 0.25, 1.0, 10000.0])] * 3))
def test_the_unit_of_a_feature_does_not_matter(figures: Figures, times: tuple[float, float, float]) -> None:
    wide = Measure(FEATURES, WEIGHTS, 99, 60.0, TOLERANCE)
    one, other = peers(figures, wide), peers(figures, wide, times)
    both = one.join(other, on=["county_code", "peer_code"], suffix="_scaled")
    assert both.height == one.height == other.height
    assert both["distance_scaled"].to_list() == pytest.approx(both["distance"].to_list(), rel=1e-6, abs=1e-6)


# -- a place among them --------------------------------------------------------------------------------------------------------


def measured(values: dict[str, tuple[float | None, str]], is_lower_better: bool) -> pl.DataFrame:
    rows = [(2025, "s", "m", "t", county, value, is_lower_better, state) for county, (value, state) in values.items()]
    names = ["year", "standard_id", "measure", "stage", "county_code", "value", "is_lower_better", "state"]
    kinds = [pl.Int64, *[pl.String] * 4, pl.Float64, pl.Boolean, pl.String]
    return pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)), orient="row")


@pytest.mark.parametrize(
    ("is_lower_better", "places"), [(True, [1, 1, 3, 4, None, None]), (False, [3, 3, 2, 1, None, None])]
)
def test_place_among_peers_counts_only_what_is_ok(is_lower_better: bool, places: list[int | None]) -> None:
    values: dict[str, tuple[float | None, str]] = {
        "01": (0.2, "ok"), "02": (0.2, "ok"), "03": (0.3, "ok"), "04": (0.5, "ok"), "05": (0.1, "incomplete"), "06": (0.1, "ok"),
    }  # fmt: skip
    pairs = [(2025, a, b) for a in values for b in values if a != b and "06" not in (a, b) and (a, b) != ("04", "05")]
    known = pl.DataFrame(
        pairs, schema={"year": pl.Int64, "county_code": pl.String, "peer_code": pl.String}, orient="row"
    )
    made = among(measured(values, is_lower_better), known).sort("county_code")
    assert made["place"].to_list() == places
    assert made["peers_compared"].to_list() == [3, 3, 3, 3, 0, 0] and made["peers"].to_list() == [4, 4, 4, 3, 4, 0]
    assert made.row(0, named=True)["peers_median"] == pytest.approx(0.3)
    assert (made["peers_least"][0], made["peers_most"][0]) == (0.2, 0.5)


def test_the_tables_of_a_home_agree_with_their_features(tmp_path: Path) -> None:
    home: Home = grown.grown_home(tmp_path / "home", grown.grown_catalogue())
    found, pairs = table(home, "county_feature", year=grown.NOW), table(home, "county_peer", year=grown.NOW)
    missing = found.filter(pl.col("value").is_null())
    assert missing.select("county_code", "feature_id").rows() == [(grown.TAKES_IN, "gdp_per_head")]
    z = {(r["county_code"], r["feature_id"]): (r["standardised"], r["weight"]) for r in found.iter_rows(named=True)}
    names = list(dict.fromkeys(found["feature_id"]))
    assert pairs.height == 7 * 6, "seven counties came, each has the six others"
    for row in pairs.iter_rows(named=True):
        both = [(z[row["county_code"], n], z[row["peer_code"], n]) for n in names]
        known = [(a, b, w) for (a, w), (b, _) in both if a is not None and b is not None]
        distance = math.sqrt(sum(w * (a - b) ** 2 for a, b, w in known) / sum(w for *_, w in known))
        assert row["distance"] == pytest.approx(distance, rel=1e-12) and row["features_compared"] == len(known)
    ranked = table(
        home, "county_among_peers", year=grown.NOW, standard_id="basic-2012", measure="mean_cv", stage="primary"
    )
    assert sorted(ranked["place"]) == list(range(1, 8)), "each is held against all the others"


# -- the catalogue -------------------------------------------------------------------------------------------------------------

MISTAKES = {
    "an unknown cell in a feature": ("peers.yaml", "expression: gdp_per_head_yuan", "expression: gdp_per_had_yuan", "did you mean “gdp_per_head_yuan”?"),
    "a feature twice": ("peers.yaml", "- id: rural_share", "- id: pupils", "“pupils” stands twice"),
    "a sum of two kinds": ("peers.yaml", "count: true}", "count: true, sum: pupils}", "give exactly one of count, sum"),
    "an unknown place": ("settlement.yaml", "urban_rural like '11%'", "urban_rurl like '11%'", "did you mean “urban_rural”?"),
    "an unknown standard": ("settlement.yaml", "standard: school-20", "standard: school-2", "did you mean “school-20”?"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_these_files_is_told_with_file_and_line(tmp_path: Path, name: str) -> None:
    import shutil

    file, old, new, said = MISTAKES[name]
    folder = tmp_path / "catalogue"
    shutil.copytree(SHIPPED, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as error:
        load_catalogue(folder)
    assert said in error.value.en and f"{file}, line" in error.value.en
