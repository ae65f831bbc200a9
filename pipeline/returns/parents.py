"""The parent of a branch where the file names none, but codes of branches begin with that of their school."""

from __future__ import annotations

import polars as pl

from pipeline.schema.expressions import columns_of, for_polars
from pipeline.schema.model import Catalogue

PARENT = "parent_school_id"


def with_parents_by_code(catalogue: Catalogue, schools: pl.DataFrame, digits: tuple[int, ...]) -> pl.DataFrame:
    """School rows of one table in which branches (``branch_when``) without a parent have one.

    A branch belongs to the school of the same table whose code, with one of the numbers of ``digits`` after it, is the branch's.
    One that no such school precedes stays without a parent; so does one that two precede.
    """
    when = catalogue.about.branch_when
    if when is None or not schools.height or not set(columns_of(when)) <= set(schools.columns):
        return schools
    codes = set(schools["school_id"].drop_nulls())
    is_branch = schools.select(pl.sql_expr(for_polars(when)).fill_null(False).alias("x"))["x"]
    parents = [
        parent if parent is not None or not branch or code is None else _parent(code, codes, digits)
        for code, parent, branch in zip(schools["school_id"], schools[PARENT], is_branch, strict=True)
    ]
    return schools.with_columns(pl.Series(PARENT, parents, dtype=pl.String))


def _parent(code: str, codes: set[str], digits: tuple[int, ...]) -> str | None:
    found = [code[:-n] for n in digits if code[:-n] in codes and code[-n:].isdecimal()]
    return found[0] if len(found) == 1 else None
