"""A second opinion: schools, indicators, gaps, scores and rankings recomputed in Polars and held against what SQL made.

Here: the computation once more, written from the method and the catalogue alone (``schools``, ``values``, ``gaps``,
``bounds``, ``verdicts``, ``scores``, ``measures``, ``ranks``), its expressions (``formulas``) and the comparison (``compare``). Not here, on purpose: anything of ``pipeline.sql`` or
``pipeline.tables``, so that a fault there cannot hide in both. An asset check calls ``audit``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from pipeline.audit.compare import Disagreement, TableAudit, compare, united
from pipeline.audit.gaps import GAP_KEY, absent_schools, gap_parts, gap_table
from pipeline.audit.inputs import read_table
from pipeline.audit.ranks import RANK_KEY, build_ranking
from pipeline.audit.schools import Schools, build_schools
from pipeline.audit.scores import ATTAINMENT_KEY, SCORE_KEY, build_attainment, build_scores
from pipeline.audit.suspicion import KEY as SUSPICION_KEY
from pipeline.audit.suspicion import suspicion_table
from pipeline.audit.values import SCOPE_KEY, VALUE_COLUMNS, VALUE_KEY, build_scope, build_values
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.store.roster import with_rosters

__all__ = ["AuditResult", "Disagreement", "TableAudit", "audit"]

GAP_NOISE: dict[str, str | float] = {
    "sd": "mean", "cv": 1.0, "cv_low": 1.0, "cv_high": 1.0, "cv_least": 1.0, "theil": 1.0,
}  # fmt: skip
"""Sums of differences: rounding leaves them uncertain by a part of the values that cancel, however small they are."""

RANK_NOISE: dict[str, str | float] = {"value": 1.0, "value_before": 1.0}


@dataclass(frozen=True)
class AuditResult:
    """What came of the comparison: one entry a table, in the order of the computation."""

    tables: tuple[TableAudit, ...]

    @property
    def agrees(self) -> bool:
        """Whether every row stands on both sides and every compared cell is the same."""
        return all(table.agrees for table in self.tables)

    @property
    def cells(self) -> int:
        """Cells compared, keys not counted."""
        return sum(table.cells_compared for table in self.tables)

    @property
    def largest_difference(self) -> float:
        """The largest relative difference of two numbers in any table."""
        return max(table.largest_relative_difference for table in self.tables)

    @property
    def disagreements(self) -> list[str]:
        """What differs, in both languages; at most 20 sentences a table."""
        return [str(found) for table in self.tables for found in table.disagreements]

    def table(self, name: str) -> TableAudit:
        """The entry of one table. Raises KeyError for a table that is not audited."""
        return {table.table: table for table in self.tables}[name]


def audit(home: Home, catalogue: Catalogue) -> AuditResult:
    """Recomputes nine tables of a home from the units that count and compares them with the Parquet files made by SQL.

    Tables: school_total, school_stage (a row a school, and stage), school_scope, indicator_value, gap_coefficient,
    indicator_attainment, school_score, county_ranking, suspicion (its counts, chances and flags).
    Raises HomeError when the home lacks one of the tables.
    """
    catalogue = with_rosters(catalogue, home)
    schools = build_schools(home, catalogue)
    scope = build_scope(schools.stage, catalogue)
    values = build_values(schools, catalogue)
    parts = gap_parts(home, catalogue)
    gaps = gap_table(catalogue, schools, scope, values, parts)
    attainment = build_attainment(schools, scope, values, catalogue)
    scores = build_scores(attainment, catalogue)
    absent = absent_schools(catalogue, parts)
    suspected = suspicion_table(home, catalogue)
    ranking = build_ranking(gaps, scores, attainment, absent, parts.area, parts.expected, catalogue)
    return AuditResult((
        _compare_schools("school_total", ["year", "school_id"], schools.total, home),
        _compare_schools("school_stage", ["year", "school_id", "stage"], schools.stage, home),
        compare("school_scope", _made_by_sql("school_scope", scope, home), scope, SCOPE_KEY),
        united(_compare_values(values, schools, home)),
        compare("gap_coefficient", _made_by_sql("gap_coefficient", gaps, home), gaps, GAP_KEY, GAP_NOISE),
        compare("indicator_attainment", _made_by_sql("indicator_attainment", attainment, home), attainment, ATTAINMENT_KEY),
        compare("school_score", _made_by_sql("school_score", scores, home), scores, SCORE_KEY),
        compare("county_ranking", _made_by_sql("county_ranking", ranking, home), ranking, RANK_KEY, RANK_NOISE),
        compare("suspicion", _made_by_sql("suspicion", suspected, home), suspected, SUSPICION_KEY),
    ))  # fmt: skip


def _made_by_sql(table: str, own: pl.DataFrame, home: Home) -> pl.DataFrame:
    """SQL's table with the columns that the audit computes; a column that SQL lacks is null throughout."""
    return read_table(home, table, own.schema)


def _compare_schools(table: str, key: list[str], own: pl.DataFrame, home: Home) -> TableAudit:
    return compare(table, _made_by_sql(table, own, home), own, key)


def _compare_values(values: dict[str, pl.DataFrame], schools: Schools, home: Home) -> Iterator[TableAudit]:
    """Indicator by indicator: the table is the longest of all, and one indicator's rows stand in the order of schools."""
    rows = schools.stage.select("year", "school_id", "stage")
    table = read_table(home, "indicator_value", {**rows.schema, "indicator_id": pl.String(), **VALUE_COLUMNS})
    by_indicator = {str(key[0]): part for key, part in table.partition_by("indicator_id", as_dict=True).items()}
    for name in dict.fromkeys([*values, *by_indicator]):
        own = table.clear()
        if name in values:
            own = rows.with_columns(pl.lit(name).alias("indicator_id")).hstack(values[name]).select(table.columns)
        yield compare("indicator_value", by_indicator.get(name, table.clear()), own, VALUE_KEY)
