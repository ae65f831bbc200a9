"""What a standard demands of a county itself: items, the tests that an item comes to, and relaxations of a demand.

Here: the keys of ``county_items`` and ``relaxations`` in ``standards/*.yaml``. Not here: what their names must stand for
(``check_county``), and how they are judged (``pipeline.verdicts``).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from pipeline.schema.entry import Entry, Expression, Id, Source, Text

Direction = Literal[">=", "<=", ">", "<"]
Limit = float | Expression
Over = Literal["unit", "unit_stage", "school", "school_stage"]
"""Rows of schools: each campus or each stage of a campus before they are merged, each school or each stage of a school after."""


class Total(Entry):
    """A number of the county made from its schools: a sum, or whether any of them is so (1 or 0)."""

    over: Over
    stage: Id | None = None
    sum: Expression | None = None
    any: Expression | None = None
    where: Expression | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Total:
        if (self.sum is None) == (self.any is None):
            raise ValueError("give exactly one of sum, any")
        return self


class _Test(Entry):
    """What every kind of test has. ``counts``: whether it decides the item, or is shown beside it only."""

    id: Id
    label: Text
    unit: Text | None = None
    counts: bool = True
    source: Source | None = None
    settings: tuple[Id, ...] = ()
    """Settings that its expressions read by their keys."""


class Ratio(_Test):
    """A number of the county held against a limit: numerator over denominator, of its own cells and of totals over its schools."""

    kind: Literal["ratio"]
    stage: Id | None = None
    totals: dict[Id, Total] = Field(default_factory=dict)
    numerator: Expression
    denominator: Expression = "1"
    percent: bool = False
    """Whether the value is 100 times the ratio."""
    direction: Direction
    limit: Limit
    applies_when: Expression | None = None
    interval: bool = False
    """Whether the value is a share of people asked, of whom an interval is given (a note, never the verdict)."""


class Every(_Test):
    """A demand on each school or stage: met when all meet it, unmet as soon as one is known not to."""

    kind: Literal["every"]
    over: Over
    where: Expression | None = None
    value: Expression
    direction: Direction
    limit: Limit
    numerator: Expression | None = None
    denominator: Expression | None = None
    """What is counted instead of schools that meet and schools in all (classes, teachers)."""


class YesNo(_Test):
    """A cell of the county that must be yes, or (``expected: false``) must be known to be no."""

    kind: Literal["yes"]
    field: Id
    expected: bool = True
    needs_evidence: bool = False
    """Whether a yes needs evidence of the item beside it: without any it is no data."""
    applies_when: Expression | None = None


class Gaps(_Test):
    """Every gap coefficient of the standard within its limit, by stage."""

    kind: Literal["gaps"]


class Composite(_Test):
    """The mean of the unrounded gap coefficients within the composite limit, by stage."""

    kind: Literal["composite"]


class Schools(_Test):
    """Every school that the standard counts meets its school rule, by stage."""

    kind: Literal["schools"]


class SurveyParty(Entry):
    """A party that is asked. ``is_required``: a survey without it is none of the county."""

    id: Id
    label: Text
    words: tuple[str, ...] = ()
    """Words of the register for it, beside its id."""
    is_required: bool = False


class SurveyWay(Entry):
    """A way in which people are asked."""

    id: Literal["questionnaire", "visit"]
    label: Text
    words: tuple[str, ...] = ()


class Survey(_Test):
    """The share of satisfied people by the register ``surveys.csv``. Where a county keeps it for a year this counts, and the test
    ``stands_for``, the rate that the return reports, stands beside it; elsewhere there is no row of it."""

    kind: Literal["survey"]
    stands_for: Id
    direction: Literal[">="]
    limit: float
    parties: tuple[SurveyParty, ...] = Field(min_length=1)
    ways: tuple[SurveyWay, ...] = Field(min_length=1)
    share_of: Id
    """The party of which a share of those asked is wanted (a note)."""
    share_from_pct: float
    residents: Id
    """The county's cell of its residents, of whom so many of each 1000 should be asked (a note)."""
    per_1000_from: float

    @model_validator(mode="after")
    def _tell_apart(self) -> Survey:
        for kind, entries in (("parties", self.parties), ("ways", self.ways)):
            words = [word for entry in entries for word in {entry.id, *entry.words}]
            twice = sorted({word for word in words if words.count(word) > 1})
            if twice:
                raise ValueError(f"{kind}: {twice[0]} stands for two / {kind}：{twice[0]} 有两种意思")
        return self


CountyTest = Annotated[Ratio | Every | YesNo | Gaps | Composite | Schools | Survey, Field(discriminator="kind")]

Part = Literal["resources", "guarantee", "quality", "recognition", "veto", "gate", "reference", "other"]


class CountyItem(Entry):
    """A demand on the county itself (never on one school). An item without tests is listed, not judged."""

    id: Id
    item_no: str
    label: Text
    part: Part = "other"
    """``reference`` is shown and does not decide."""
    declared: Id | None = None
    """The county's cell that says whether it holds the item for met."""
    declared_met_when: bool = True
    """False where the cell says that there was a case (vetoes)."""
    evidence: Text | None = None
    """Evidence that is asked for."""
    evidence_fields: tuple[Id, ...] = ()
    """Cells of the county that tell of evidence given."""
    tests: tuple[CountyTest, ...] = ()
    source: Source

    @property
    def decides(self) -> bool:
        return bool(self.tests) and self.part != "reference"


class Relaxed(Entry):
    """What a relaxation puts in the place of a test's value, limit or both."""

    value: Expression | None = None
    limit: Limit | None = None


class Relaxation(Entry):
    """A milder demand on schools for which a condition holds, for some years from a grant on."""

    id: Id
    label: Text
    when: Expression
    """Over the columns of a campus (``unit``); null: not relaxed."""
    needs: Expression | None = None
    """What else must be on file, such as a building plan."""
    item: Id | None = None
    tests: dict[Id, Relaxed] = Field(default_factory=dict)
    indicator: Id | None = None
    numerator: Expression | None = None
    """For an indicator of the school rule: the numerator that counts instead. Gap coefficients stay as reported."""
    source: Source

    @model_validator(mode="after")
    def _one_target(self) -> Relaxation:
        of_item, of_indicator = self.item is not None and bool(self.tests), self.indicator is not None
        if of_item == of_indicator or of_indicator != (self.numerator is not None):
            raise ValueError("give item and tests, or indicator and numerator")
        return self
