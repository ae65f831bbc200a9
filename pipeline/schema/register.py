"""What a row of a home's registers may say: what a province keeps beside the returns, ``home/registers/<name>.csv``.

Here: one entry a kind of register, its columns and what is wrong with a row by itself. Not here: reading them
(``store.registers``), and what follows from them.
"""

from __future__ import annotations

import datetime
import re
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from pipeline.schema.entry import Entry, Id


class UnitCost(Entry):
    """``unit_costs.csv``: what one unit of a field costs from a year on, and where that figure comes from."""

    field: Id
    """The field, in whose unit the ledger tells what is lacking."""
    yuan_per_unit: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    from_year: int
    """First collection year for which it holds, until the field's next row."""
    basis: Annotated[str, Field(min_length=1)]


def _as_date(value: Any) -> Any:
    """Takes 2024/9/1 and 2024.9.1, as spreadsheets save a day, besides 2024-09-01."""
    found = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", value.strip()) if isinstance(value, str) else None
    return "{:04d}-{:02d}-{:02d}".format(*map(int, found.groups())) if found else value


Day = Annotated[datetime.date, BeforeValidator(_as_date)]
Code = Annotated[str, Field(min_length=1, max_length=64)]


class GroupEntry(Entry):
    """``groups.csv``: a school in a school group or a school district, from the day it joined until the day it left.

    ``role`` and ``form`` are words of the settings ``group_*_words``; a district has neither. ``county_code``: the county whose
    groups (districts) the register keeps; blank for the school's own. ``former_group_id``: what the group was called before it
    was renamed, so that a school that was in it then did not join anew. A day before ``left_on`` counts, that day no more.
    """

    kind: Literal["group", "district"]
    group_id: Code
    group_name: Code
    county_code: Code | None = None
    school_id: Code
    role: str | None = None
    form: str | None = None
    joined_on: Day | None = None
    left_on: Day | None = None
    former_group_id: Code | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> GroupEntry:
        if self.joined_on and self.left_on and self.left_on <= self.joined_on:
            raise ValueError(f"left on {self.left_on}, not after it joined / 退出日期 {self.left_on} 不晚于加入日期")
        if self.kind == "district" and (self.role or self.form):
            raise ValueError("a district has no role and no form / 学区没有角色和形式")
        if self.kind == "group" and not self.role:
            raise ValueError("a school of a group needs a role / 集团学校须填角色")
        if self.former_group_id == self.group_id:
            raise ValueError("former_group_id is the group itself / 原编号与现编号相同")
        return self


class RelaxationGrant(Entry):
    """``relaxations.csv``: a relaxation of a standard granted to a school, or to every school of a county that it fits.

    ``basis``: the paper that grants it. It holds from ``starts`` on; on the day ``expires`` it no longer does (blank: as many
    years later as the setting says).
    """

    county_code: Annotated[str, Field(min_length=1)]
    school_id: str = ""
    relaxation_id: Id
    basis: Annotated[str, Field(min_length=1)]
    starts: Day
    expires: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> RelaxationGrant:
        if self.expires is not None and self.expires <= self.starts:
            raise ValueError("expires must be later than starts")
        return self


class GroupBudget(Entry):
    """``group_budgets.csv``: what an area may spend on the awards of school groups in a collection year."""

    year: int = Field(ge=1000, le=9999)
    area_code: Code
    budget_yuan: float = Field(ge=0, allow_inf_nan=False)
    basis: str | None = None


class SurveyEntry(Entry):
    """``surveys.csv``: people of one party who were asked in one way, at a school or (``school_id`` blank) outside schools.

    ``party`` and ``way`` are words of the survey that a standard describes. Of a visit, ``sent`` and ``valid`` are the people
    visited. A count left blank is not known, never 0.
    """

    year: int = Field(ge=1000, le=9999)
    county_code: Code
    school_id: str = ""
    party: Code
    way: Code
    sent: int | None = Field(default=None, ge=0)
    valid: int | None = Field(default=None, ge=0)
    satisfied: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _parts_within(self) -> SurveyEntry:
        given = [(n, v) for n in ("satisfied", "valid", "sent") if (v := getattr(self, n)) is not None]
        for (part, few), (whole, many) in pairwise(given):
            if few > many:
                raise ValueError(f"{part} {few} is above {whole} {many} / {part} {few} 大于 {whole} {many}")
        return self


KINDS: dict[str, type[Entry]] = {
    "group_budgets": GroupBudget,
    "groups": GroupEntry,
    "relaxations": RelaxationGrant,
    "surveys": SurveyEntry,
    "unit_costs": UnitCost,
}
"""Name of a register → what one row says."""
