"""What a row of a home's registers may say: what a province keeps beside the returns, ``home/registers/<name>.csv``.

Here: one entry a kind of register, its columns and what is wrong with a row by itself. Not here: reading them
(``store.registers``), and what follows from them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline.schema.entry import Entry, Id


class UnitCost(Entry):
    """``unit_costs.csv``: what one unit of a field costs from a year on, and where that figure comes from."""

    field: Id
    """The field, in whose unit the ledger tells what is lacking."""
    yuan_per_unit: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    from_year: int
    """First collection year for which it holds, until the field's next row."""
    basis: Annotated[str, Field(min_length=1)]


KINDS: dict[str, type[Entry]] = {"unit_costs": UnitCost}
"""Name of a register → what one row says."""
