"""Two provinces of twenty counties each over two years, damaged by hand: the release and the oracle agree on every value.

Numbers to 1e-9, states, truth values and keys without exception, in the five tables that say how schools and counties stand.
"""

from __future__ import annotations

import ast
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.homes import junheng
from tests.oracle import ledger, progress
from tests.oracle.compare import KEYS, differences, held_against
from tests.oracle.damage import damage
from tests.oracle.oracle import tables_of
from tests.oracle.released import Release
from tests.oracle.texts import (
    INDICATORS,
    JUDGED,
    SMALLER_IS_BETTER,
    STANDARDS,
    WHOLE_UNITS,
    Level,
    Standard,
    direction,
)  # fmt: skip

FIRST, LAST = 2024, 2025
PROVINCES, COUNTIES, SCHOOLS, SEED = 2, 20, 10, 5
CATALOGUE = ("indicator", "standard", "threshold", "setting")

Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the damaged sample, run once."""
    home = tmp_path_factory.mktemp("oracle") / "home"
    sample = junheng(
        "sample", "--home", home, "--provinces", PROVINCES, "--counties", COUNTIES, "--schools", SCHOOLS,
        "--years", f"{FIRST}-{LAST}", "--seed", SEED, "--processes", 1,
    )  # fmt: skip
    assert sample.exit_code == 0, sample.output
    damage(home, FIRST, LAST)
    result = junheng("run", "--home", home)
    assert result.exit_code == 0, result.output
    return home


@pytest.fixture(scope="module")
def release(home: Path) -> Tables:
    """The tables as a statistician finds them."""
    database = home / "releases" / "latest" / "junheng.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        return {name: connection.table(name).df() for name in (*KEYS, *CATALOGUE, "finding")}


@pytest.fixture(scope="module")
def oracle(home: Path, release: Tables) -> Tables:
    """The same five tables from the cells; of the release only which rows it set aside."""
    critical = release["finding"].query("severity == 'critical'")
    rows = critical[["year", "county_code", "part", "school_id"]].itertuples(index=False, name=None)
    return tables_of(home, {(int(year), county, part, school) for year, county, part, school in rows})


@pytest.mark.parametrize("table", KEYS)
def test_every_value_of_the_release_is_the_oracles(oracle: Tables, release: Tables, table: str) -> None:
    found = differences(table, oracle[table], release[table])
    assert not found, "\n".join(found)


def test_the_ledger_and_the_lists_follow_from_them(home: Path) -> None:
    """Branches, combined schools and silent stages that the smaller home has not."""
    tables = Release(home)
    rows = ledger.Ledger(tables, home).rows()
    found = held_against("school_shortfall", ledger.KEY, rows, tables["school_shortfall"])
    counties = progress.county_progress(tables)
    found += held_against("county_progress", progress.KEY, counties, tables["county_progress"])
    lists = progress.county_lists(tables["county_progress"])
    found += held_against("county_list", progress.LIST_KEY, lists, tables["county_list"])
    assert not found, "\n".join(found)
    assert rows[rows.state.eq("missing")].binding_stage.isna().any()


def test_the_oracle_imports_nothing_of_the_product() -> None:
    rooms = ("pipeline", "expectations", "reports", "assets", "junheng")
    for path in Path(__file__).parent.glob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        named = [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]
        named += [n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)]
        assert not [name for name in named if name.split(".")[0] in rooms], path.name


def test_the_sample_is_as_large_as_the_claim(release: Tables) -> None:
    counties = release["county_ranking"].groupby("year")["county_code"].nunique()
    assert dict(counties) == {FIRST: PROVINCES * COUNTIES, LAST: PROVINCES * COUNTIES}
    assert release["county_ranking"]["province_code"].nunique() == PROVINCES


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("indicator_value", "state", {"ok", "missing", "not_applicable", "not_collected"}),
        ("gap_coefficient", "state", {"ok", "single_school", "zero_mean", "no_schools", "incomplete"}),
        ("gap_coefficient", "is_met", {True, False, None}),
        ("indicator_attainment", "is_met", {True, False, None}),
        ("school_score", "has_veto", {True, False, None}),
        ("school_score", "meets_standard", {True, False, None}),
        ("county_ranking", "state", {"ok", "single_school", "zero_mean", "no_schools", "incomplete"}),
    ],
)  # fmt: skip
def test_every_state_occurs_in_the_oracle(oracle: Tables, table: str, column: str, values: set[object]) -> None:
    assert {None if pd.isna(v) else v for v in oracle[table][column]} == values


def test_bounds_bands_changes_and_empty_ranks_occur(oracle: Tables) -> None:
    gaps, ranked = oracle["gap_coefficient"], oracle["county_ranking"]
    assert ((gaps["cv_low"] < gaps["cv"]) & (gaps["cv"] < gaps["cv_high"]) & (gaps["state"] == "ok")).any()
    assert (gaps["cv_least"] > 0).any()
    assert (ranked["rank_low"] < ranked["rank_high"]).any()
    assert (ranked["rank_change"] > 0).any()
    assert (ranked["rank_change"] < 0).any()
    assert set(ranked.dropna(subset="cause_indicator")["measure"]) == {m for s in STANDARDS for m in s.measures}
    of_last = ranked[(ranked["year"] == LAST) & (ranked["state"] == "ok")]
    ranks_given = of_last.groupby("province_code")["rank_province"].count()
    assert sorted(ranks_given > 0) == [False, True], "in one province too few counties came"


# -- the catalogue says what the texts say -----------------------------------------------------------------------------


def test_the_catalogue_knows_the_same_indicators_and_directions(release: Tables) -> None:
    shipped = release["indicator"].set_index("indicator_id")
    assert set(shipped.index) == set(INDICATORS)
    assert set(shipped.index[shipped["direction"] == "<="]) == set(SMALLER_IS_BETTER)
    assert set(shipped.index[shipped["whole_units"].notna()]) == set(WHOLE_UNITS)


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda s: s.id)
def test_the_catalogue_asks_what_the_texts_ask(release: Tables, standard: Standard) -> None:
    shipped = release["threshold"].query("standard_id == @standard.id")
    levels = shipped[shipped["value"].notna()]
    assert set(levels["indicator_id"]) == {level.indicator for level in standard.levels}
    for level in standard.levels:
        for row in levels[levels["indicator_id"] == level.indicator].itertuples():
            for stage in JUDGED if row.stage == "*" else (row.stage,):
                assert row.value == level.threshold(stage, row.school_type)
                assert _same(row.floor, level.floor(stage, row.school_type, direction(level.indicator)))
                assert row.is_veto == level.veto
        assert _types(levels, level) == {kind for kind, _ in level.by_type}
    rows = release["standard"].query("standard_id == @standard.id").set_index("stage")
    for stage in JUDGED:
        limits = shipped[shipped["stage"].isin([stage, "*"]) & shipped["cv_limit"].notna()]
        assert set(limits["cv_limit"]) == ({standard.cv_limits[stage]} if standard.cv_limits else set())
        assert set(limits["indicator_id"]) == (set(standard.gaps) if standard.cv_limits else set())
        assert _same(rows.loc[stage, "composite_limit"], (standard.composite_limits or {}).get(stage))
        assert set(rows.loc[stage, "measures"].split(", ")) == set(standard.measures)


def _types(levels: pd.DataFrame, level: Level) -> set[str]:
    return set(levels[levels["indicator_id"] == level.indicator]["school_type"]) - {"*"}


def _same(shipped: float | None, text: float | None) -> bool:
    return pd.isna(shipped) if text is None else shipped == pytest.approx(text, rel=1e-12)
