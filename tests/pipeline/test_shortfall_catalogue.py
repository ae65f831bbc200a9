"""What a catalogue may say of the ledger: which fields an amount can be solved for, and what is refused, with its line."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.schema import load_catalogue
from pipeline.schema.comparison import Comparison
from pipeline.schema.shortfall import Effect, effect_of, slope
from pipeline.shortfalls.need import Rule, Values, least
from pipeline.tables.compute import macros
from tests.pipeline.test_catalogue import mistaken

CATALOGUE = load_catalogue()


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for statement in macros(CATALOGUE):
        connection.execute(statement)
    return connection


# what stands in indicators.yaml, what is written instead, words to be found
REFUSED = {
    "a field that is none": ("ledger: {field: books}", "ledger: {field: bocks}", "there is no “bocks”; did you mean “books”?"),
    "a field of another row": ("ledger: {field: books}", "ledger: {field: class_pupils}", "there is no “class_pupils”"),
    "a field the indicator does not read": ("ledger: {field: books}", "ledger: {field: beds}", "must stand in the numerator or in the denominator"),
    "a field in both": ("denominator: full_time_teachers\n  ledger: {field: certified_teachers", "denominator: certified_teachers + 1\n  ledger: {field: certified_teachers", "must stand in the numerator or in the denominator"),
    "a product of fields": ("numerator: books\n", "numerator: books * pupils\n", "does not move the numerator by a fixed number"),
    "a step": ("numerator: books\n", "numerator: floor(books / 10)\n", "does not move the numerator by a fixed number"),
    "a field that cancels": ("numerator: books\n", "numerator: books - books + computers\n", "does not move the numerator by a fixed number"),
    "a field that another is made from": ("numerator: 100 * certified_teachers\n  denominator: full_time_teachers\n  ledger: {field: certified_teachers", "numerator: 100 * full_time_teachers\n  denominator: teachers_all\n  ledger: {field: full_time_teachers", "also reaches the indicator by another field"),
    "a field of the condition": ("applies_when: coalesce(boarders, 1) > 0\n  ledger: {field: beds}", "applies_when: coalesce(boarders, 1) > 0 or beds > 0\n  ledger: {field: beds}", "also reaches the indicator by another field"),
    "a denominator that must shrink": ("denominator: public_funds_budget_yuan\n  ledger: {field: training_budget_yuan}", "denominator: public_funds_budget_yuan\n  ledger: {field: public_funds_budget_yuan}", "a field of the denominator is for `<=`"),
    "a misspelt key": ("ledger: {field: books}", "ledger: {feild: books}", "did you mean “field”?"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_solved_for_is_refused_with_its_line(tmp_path: Path, case: str) -> None:
    right, wrong, words = REFUSED[case]
    error, _ = mistaken(tmp_path, "indicators.yaml", right, wrong)
    assert words in error.en
    text = (tmp_path / "catalogue" / "indicators.yaml").read_text("utf-8")
    line = text[: text.index("ledger: {", text.index(wrong))].count("\n") + 1
    assert f"indicators.yaml, line {line}," in error.en
    assert error.zh


@given(
    a=st.integers(-9, 9), b=st.integers(1, 9), x=st.integers(-50, 50), other=st.integers(-50, 50),
    form=st.sampled_from(["{a} * x + y", "y - (x / {b})", "-({a} * (x - y)) / {b}", "(x + x) * {b} - {a}", "{b} * y"]),
)  # fmt: skip
@settings(deadline=None)
def test_a_slope_is_what_the_database_finds(a: int, b: int, x: int, other: int, form: str) -> None:
    expression = form.format(a=a, b=b)
    found = slope(expression, "x")
    row = duckdb.sql(
        f"select ({expression})::double from (select {x}::double as x, {other}::double as y) union all"
        f" select ({expression})::double from (select {x + 1}::double as x, {other}::double as y)"
    ).fetchall()
    assert found == pytest.approx(row[1][0] - row[0][0], abs=1e-9)


@pytest.mark.parametrize(
    "expression", ["x * x", "1 / x", "coalesce(x, 0)", "case when y > 0 then x end", "abs(x)", "x / y", "y * x"]
)
def test_what_bends_has_no_slope(expression: str) -> None:
    assert slope(expression, "x") is None


def test_pupils_per_teacher_is_mended_by_teachers() -> None:
    """A field of the denominator: 1,000 pupils, 40 teachers, at most 17 pupils a teacher: 59 teachers, 19 more."""
    teachers = CATALOGUE.fields["full_time_teachers"]
    rule = Rule("<=", Effect(teachers, "denominator", 1.0, "add"), Comparison())
    values = Values(*(np.array([x], dtype=float) for x in (1000, 40, 17, 1)))
    assert least(rule, values).tolist() == [19.0]


def test_every_shipped_indicator_says_in_what_it_is_told() -> None:
    effects = {i.id: effect_of(i, CATALOGUE) for i in CATALOGUE.indicators.values()}
    assert all(effects.values())
    removed = {name for name, effect in effects.items() if effect and effect.change == "remove"}
    assert removed == {i.id for i in CATALOGUE.indicators.values() if i.direction == "<="}


@given(
    x=st.floats(-1e6, 1e6) | st.sampled_from([0.1 + 0.2, 4.5 - 1e-6, 2.345, 2.355, 0.0]),
    t=st.floats(-1e6, 1e6) | st.sampled_from([0.3, 4.5, 2.35, 0.0]),
)  # fmt: skip
@settings(deadline=None)
def test_comparing_here_is_comparing_in_sql(x: float, t: float, database: duckdb.DuckDBPyConnection) -> None:
    sql = "select at_least($x::double, $t::double), at_most($x::double, $t::double)"
    found = database.execute(sql, {"x": x, "t": t}).fetchone()
    assert (bool(Comparison().at_least(x, t)), bool(Comparison().at_most(x, t))) == found


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [(2.345, 2, 2.35), (2.344999, 2, 2.34), (-2.345, 2, -2.35), (0.5, 0, 1.0), (8.6667, 2, 8.67)],
)
def test_rounding_is_half_up_in_decimal(value: float, decimals: int, rounded: float) -> None:
    assert float(Comparison(1e-9, decimals).compared(value)) == rounded
    sql = f"select cast(round(cast({value!r}::double as decimal(28, 12)), {decimals}) as double)"
    assert duckdb.sql(sql).fetchall() == [(rounded,)]
