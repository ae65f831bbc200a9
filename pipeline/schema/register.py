"""What a row of a home's registers may say: what a province keeps beside the returns, ``home/registers/<name>.csv``.

Here: one entry a kind of register, its columns and what is wrong with a row by itself. Not here: reading them
(``store.registers``), and what follows from them.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from pipeline.schema.entry import Entry, Id


class RelaxationGrant(Entry):
    """``relaxations.csv``: a relaxation of a standard granted to a school, or to every school of a county that it fits.

    ``basis``: the paper that grants it. It holds from ``starts`` on; on the day ``expires`` it no longer does (blank: as many
    years later as the setting says).
    """

    county_code: Annotated[str, Field(min_length=1)]
    school_id: str = ""
    relaxation_id: Id
    basis: Annotated[str, Field(min_length=1)]
    starts: date
    expires: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> RelaxationGrant:
        if self.expires is not None and self.expires <= self.starts:
            raise ValueError("expires must be later than starts")
        return self


KINDS: dict[str, type[Entry]] = {"relaxations": RelaxationGrant}
"""Name of a register → what one row says."""
