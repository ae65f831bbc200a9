"""What counted in the collection year before, for rules that compare a return with the last one."""

from __future__ import annotations

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.store.facts import IN_YEAR, Facts, facts_of
from pipeline.store.home import Home
from pipeline.store.ingest import is_fresh
from pipeline.store.ledger import Counted, counted
from pipeline.store.units import units_of


def facts_before(home: Home, catalogue: Catalogue, code: str, year: int) -> Facts:
    """Facts of the schools that counted in the year before ``year``; without rows where that year is not known as its
    receipts, the catalogue and the code (``code``, a digest) now give it.

    Rules that read them never quarantine, so what counts in a year does not depend on the years before it.
    """
    years = [year - 1] if year - 1 in home.years() and is_fresh(home, catalogue, code, year - 1) else []
    return facts_counted(catalogue, counted(home, catalogue, years))


def facts_counted(catalogue: Catalogue, then: Counted) -> Facts:
    """Facts of the schools of what counted; counts and sums over rows that were set aside are unknown."""
    units = units_of(catalogue, then.counting, then.lost)
    set_aside = [rows.select("school_id", record=pl.lit(record)) for record, rows in then.lost.items()]
    return facts_of(catalogue, {**units, "county": then.counties}, IN_YEAR, lost=pl.concat(set_aside).unique())
