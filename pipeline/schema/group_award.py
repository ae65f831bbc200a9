"""``group_awards.yaml``: what school groups are awarded, by rank and size. A catalogue without the file awards nothing."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import Field, model_validator

from pipeline.schema.entry import Entry, Grade, Id, StandardId, Text

SECTION = "group_awards"


class AwardStep(Entry):
    """One step: groups ranked up to ``rank_to`` that have ``schools_from`` schools or more get ``amount_yuan``."""

    id: Id
    label: Text
    rank_to: int = Field(ge=1)
    schools_from: int = Field(default=1, ge=1)
    amount_yuan: float = Field(gt=0)


class GroupAwards(Entry):
    """The table of awards: what groups are ranked by, among whom, what happens in a tie, and the steps from the highest down."""

    standard: StandardId
    measure: Literal["mean_score", "score_rise", "mean_cv", "gap_narrowed"]
    area_level: Literal["county", "prefecture", "province", "nation"]
    ties: Literal["same_step", "shared_amounts"]
    """same_step: tied groups all take the step of the rank they share; shared_amounts: they share the amounts of the ranks they fill."""
    steps: tuple[AwardStep, ...] = Field(min_length=1)
    source: Text
    grade: Grade

    @model_validator(mode="after")
    def _go_down(self) -> GroupAwards:
        for higher, lower in pairwise(self.steps):
            if lower.rank_to <= higher.rank_to or lower.amount_yuan > higher.amount_yuan:
                raise ValueError(
                    f"step {lower.id} must reach further down than {higher.id} and give no more / "
                    f"{lower.id} 的名次须在 {higher.id} 之后，金额不得更高"
                )
        return self
