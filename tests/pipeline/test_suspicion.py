"""What is worth a look: exact tails, bounded false discoveries, planted figures found, clean ones left alone.

The tail is held against fractions and SciPy's beta-binomial, q against ``scipy.stats.false_discovery_control``; counties are those
of a clean sample into which one thing is planted (``tests.bench.suspicion`` measures how often that is found).
"""

from __future__ import annotations

import shutil
from fractions import Fraction
from math import comb
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import betabinom, false_discovery_control

from pipeline.audit.suspicion import suspicion_table
from pipeline.audit.suspicion import tail as audited_tail
from pipeline.schema import Catalogue
from pipeline.schema.suspicion_limits import Limits
from pipeline.store.home import Home
from pipeline.store.ingest import write_parquet
from pipeline.suspicion import words
from pipeline.suspicion.judge import judged
from pipeline.suspicion.pooled import Prior, tail, with_expected
from pipeline.suspicion.table import EVIDENCE, SUSPICION, tables
from pipeline.tables.catalogue_tables import polars_schema
from tests.bench.suspicion import FIRST_YEAR, PLANTS, READ, clean_home

YEAR = FIRST_YEAR + 1


# -- the tail --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "k", "expected"), [(12, 5, 3), (40, 17, 10), (60, 60, 15), (25, 1, 5)])
def test_without_dispersion_the_tail_is_the_binomial_one_to_the_last_digit(n: int, k: int, expected: int) -> None:
    p = Fraction(expected, n)
    exact = sum(comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(k, n + 1))
    assert tail(n, k, expected, 0.0) == pytest.approx(float(exact), rel=1e-11)
    assert audited_tail(n, k, expected, 0.0) == pytest.approx(float(exact), rel=1e-11)


@pytest.mark.parametrize("dispersion", [0.002, 0.05, 0.4])
@pytest.mark.parametrize(("n", "k", "expected"), [(12, 5, 3.3), (400, 90, 61.5), (60, 60, 15.2), (25, 1, 5.0)])
def test_the_tail_is_the_beta_binomial_one(n: int, k: int, expected: float, dispersion: float) -> None:
    mean = expected / n
    a, b = mean * (1 - dispersion) / dispersion, (1 - mean) * (1 - dispersion) / dispersion
    known = betabinom.pmf(np.arange(k, n + 1), n, a, b).sum()
    assert tail(n, k, expected, dispersion) == pytest.approx(known, rel=1e-9)
    assert audited_tail(n, k, expected, dispersion) == pytest.approx(known, rel=1e-9)


def test_no_hit_is_no_sign() -> None:
    assert tail(20, 0, 5.0, 0.01) == 1.0


# -- what one expects ------------------------------------------------------------------------------------------------------


def trials(**hits: tuple[int, int]) -> pl.DataFrame:
    """County → (trials, hits), all of one group."""
    rows = [
        (2025, "90", county, "a", "b", "c", i < k)
        for county, (n, k) in hits.items() for i in range(n)
    ]  # fmt: skip
    names = ["year", "province_code", "county_code", "group_1", "group_2", "group_3", "hit"]
    return pl.DataFrame(rows, schema=names, orient="row")


def test_a_county_is_held_against_the_others_never_against_itself() -> None:
    made = with_expected(trials(one=(50, 50), two=(500, 100), three=(500, 100)), Prior(0.2, 0.0, 1.0), Limits())
    assert made.filter(pl.col("county_code") == "one")["share"].to_list() == pytest.approx([0.2] * 50)


def test_where_most_of_the_province_hits_it_is_the_custom_and_says_nothing() -> None:
    made = with_expected(trials(one=(50, 50), two=(500, 450)), Prior(0.2, 0.0, 0.5), Limits())
    assert "one" not in made["county_code"].to_list()


# -- the judgement ---------------------------------------------------------------------------------------------------------


def test_q_is_that_of_benjamini_and_hochberg_inside_a_test_province_and_year() -> None:
    draws = np.random.default_rng(5)
    rows = pl.DataFrame({
        "year": [2025] * 60, "province_code": ["90"] * 40 + ["91"] * 20, "county_code": [f"{i:06d}" for i in range(60)],
        "test_id": ["round_figures"] * 60, "p_value": [None, *(draws.random(59) ** 4).tolist()],
    })  # fmt: skip
    made = judged(rows, Limits()).sort("county_code")
    for code in ("90", "91"):
        own = made.filter((pl.col("province_code") == code) & pl.col("p_value").is_not_null())
        assert own["q_value"].to_list() == pytest.approx(false_discovery_control(own["p_value"].to_numpy()).tolist())
    assert made["is_flagged"].to_list() == [
        p is not None and q <= 0.05 and p <= Limits().cut for p, q in made.select("p_value", "q_value").iter_rows()
    ]


# -- clean counties, and one in which something was planted ----------------------------------------------------------------


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Catalogue]:
    return clean_home(tmp_path_factory.mktemp("suspicion") / "home", 3, 12)


def codes(home: Home) -> list[str]:
    return sorted(pl.read_parquet(home.table("unit"))["county_code"].unique().to_list())


def test_every_county_year_and_test_has_a_row_whether_flagged_or_not(clean: tuple[Home, Catalogue]) -> None:
    home, catalogue = clean
    table = tables(home, catalogue)[SUSPICION]
    assert table.schema == polars_schema(SUSPICION)
    assert table.height == len(codes(home)) * 2 * len(words.tests())
    assert set(table.filter(pl.col("p_value").is_null())["state"]) <= {"too_few", "no_year_before", "nothing_to_test"}
    assert table.filter(pl.col("state") == "tested")["evidence_en"].null_count() == 0
    back = table.filter(
        (pl.col("year") == FIRST_YEAR) & pl.col("test_id").is_in(["just_risen", "as_last_year", "growing"])
    )
    assert set(back["state"]) == {"no_year_before"}


def test_a_clean_county_is_left_alone(clean: tuple[Home, Catalogue]) -> None:
    made = tables(*clean)
    assert not made[SUSPICION]["is_flagged"].any()
    assert made[EVIDENCE].is_empty()


def test_the_same_inputs_give_the_same_bits(clean: tuple[Home, Catalogue]) -> None:
    first, again = tables(*clean), tables(*clean)
    assert all(first[name].equals(again[name], null_equal=True) for name in (SUSPICION, EVIDENCE))


FOUND = {
    "50% of values up to 15% below pushed above (just_above)": "just_above",
    "30% of schools copy their year": "as_last_year",
    "a twin": "twins",
    "rounded 30%": "round_figures",
    "growing 50%": "growing",
}


@pytest.mark.parametrize("what", FOUND)
def test_what_is_planted_is_found_with_its_schools_and_the_audit_agrees(
    clean: tuple[Home, Catalogue], tmp_path: Path, what: str
) -> None:
    home, catalogue = clean
    county, test = codes(home)[4], FOUND[what]
    frames = {name: pl.read_parquet(home.table(name)) for name in READ}
    PLANTS[what][1](frames, county, YEAR, np.random.default_rng(1))
    spoilt = Home(tmp_path)
    for name, frame in frames.items():
        write_parquet(frame, spoilt.table(name))
    made = tables(spoilt, catalogue)
    flagged = made[SUSPICION].filter("is_flagged")
    assert (YEAR, county, test) in flagged.select("year", "county_code", "test_id").rows()
    behind = made[EVIDENCE].filter((pl.col("county_code") == county) & (pl.col("test_id") == test))
    row = flagged.row(by_predicate=(pl.col("county_code") == county) & (pl.col("test_id") == test), named=True)
    assert behind.height >= row["observed"] > 0
    assert behind["school_id"].null_count() == 0
    audited = suspicion_table(spoilt, catalogue)
    key = ["year", "county_code", "test_id"]
    own = made[SUSPICION].select(audited.columns)
    assert own.drop("expected", "p_value", "q_value").equals(audited.drop("expected", "p_value", "q_value"))
    for column in ("expected", "p_value", "q_value"):
        pair = own.select(*key, column).join(audited.select(*key, pl.col(column).alias("audited")), on=key)
        known = pair.drop_nulls()
        assert known["audited"].to_list() == pytest.approx(known[column].to_list(), rel=1e-9)


def test_evidence_of_values_can_be_traced(clean: tuple[Home, Catalogue], tmp_path: Path) -> None:
    home, catalogue = clean
    frames = {name: pl.read_parquet(home.table(name)) for name in READ}
    PLANTS["50% of values up to 15% below pushed above (just_above)"][1](
        frames, codes(home)[4], YEAR, np.random.default_rng(1)
    )
    for name, frame in frames.items():
        write_parquet(frame, Home(tmp_path).table(name))
    rows = tables(Home(tmp_path), catalogue)[EVIDENCE].filter(pl.col("test_id") == "just_above")
    known = set(frames["indicator_attainment"]["trace_id"])
    assert rows.height > 0
    assert set(rows["trace_id"]) <= known
    assert all(t <= v < 1.02 * t or 0.98 * t < v <= t for v, t in rows.select("value", "threshold").iter_rows())


# -- other catalogues, words, settings -------------------------------------------------------------------------------------


def test_a_catalogue_without_settings_levels_or_resources_gets_what_can_be_derived(
    clean: tuple[Home, Catalogue], tmp_path: Path
) -> None:
    home, catalogue = clean
    plain = catalogue.model_copy(update={
        "settings": {k: s for k, s in catalogue.settings.items() if not k.startswith(Limits.prefix)},
        "fields": {n: f for n, f in catalogue.fields.items() if f.scope not in ("split", "whole")},
    })  # fmt: skip
    for name in READ:
        frame = pl.read_parquet(home.table(name))
        write_parquet(frame.clear() if name == "indicator_attainment" else frame, Home(tmp_path).table(name))
    made = tables(Home(tmp_path), plain)[SUSPICION]
    states = dict(
        made.filter(pl.col("year") == YEAR).group_by("test_id").agg(pl.col("state").unique().sort()).iter_rows()
    )
    assert states["just_above"] == states["just_risen"] == states["growing"] == ["nothing_to_test"]
    assert states["round_figures"] == ["tested"]
    shutil.rmtree(tmp_path)


def test_words_never_go_further_than_worth_a_look() -> None:
    limits = Limits()
    row = {"n": 20, "observed": 15, "expected": 4.0, "p_value": 1e-5}
    said = [
        f"{text.zh} {text.en}"
        for t in words.tests()
        for text in (words.label(t), words.asks(t, limits), words.found(t, row, limits))
    ]
    assert not any(bad in text.lower() for text in said for bad in ("造假", "falsif", "fraud", "cheat", "虚报", "弄虚"))
    assert not any("{" in text for text in said)
