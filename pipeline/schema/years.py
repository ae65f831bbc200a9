"""What ``peers.yaml`` and ``settlement.yaml`` may say: by what counties are alike, and how schools divide into town and country."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from pipeline.schema.entry import Entry, Expression, Grade, Id, StandardId, Text


class SchoolSum(Entry):
    """A number of a county made from its schools: a row of ``school_total`` each."""

    id: Id
    count: bool = False
    sum: Expression | None = None
    where: Expression | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> SchoolSum:
        if self.count == (self.sum is not None):
            raise ValueError("give exactly one of count, sum")
        return self


class Feature(Entry):
    """One way in which counties are alike or not: an expression over the county's own cells and the sums of its schools."""

    id: Id
    label: Text
    unit: Text | None = None
    expression: Expression
    transform: Literal["none", "log"] = "none"
    """log: counties are compared by ratios, so that 1,000 against 2,000 weighs as much as 10,000 against 20,000."""
    weight: float = Field(default=1.0, gt=0)
    grade: Grade
    source: Text


class Peers(Entry):
    """``peers.yaml``: the sums that features read, and the features."""

    sums: tuple[SchoolSum, ...] = ()
    features: tuple[Feature, ...]


class SettlementClass(Entry):
    """A class of places; a school belongs to the first whose condition holds."""

    id: Id
    label: Text
    when: Expression


class OverSize(Entry):
    """The item by which a school is too large: unmet in the standard, with the limits that stand there."""

    standard: StandardId
    indicator: Id


class Settlement(Entry):
    """``settlement.yaml``: the classes, and which columns of ``school_stage`` tell of classes and sizes."""

    classes: tuple[SettlementClass, ...]
    school_classes: Expression
    """Classes of the stage."""
    known_classes: Expression
    """Classes of which the size is known."""
    within_limit: Expression
    """Of these, classes within the limit."""
    over_size: OverSize | None = None
    grade: Grade
    source: Text
