"""What one entry of each catalogue file may say. Frozen; unknown keys are errors; every text exists in zh and en."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from pipeline.schema.county import CountyItem, Relaxation
from pipeline.schema.entry import Entry, Expression, Grade, Id, RecordType, StandardId, Text
from pipeline.schema.entry import Source as Source
from pipeline.schema.form import CodeList
from pipeline.schema.group_award import GroupAwards
from pipeline.schema.layout import Layout
from pipeline.schema.partition import Partition
from pipeline.schema.writing import Writing
from pipeline.schema.years import Peers, Settlement


class About(Entry):
    """``catalogue.yaml``: what this catalogue is, and the choices that belong to all of it."""

    id: StandardId
    version: str
    title: Text
    notice: Text | None = None
    default_standard: StandardId
    branch_when: Expression | None = None
    """A condition over identity columns: units for which it holds are merged into their parent."""
    branch_source: Source | None = None


class Aggregate(Entry):
    """A derived field counted, summed or maximised over other rows of the same school."""

    over: RecordType
    count: bool = False
    sum: Expression | None = None
    max: Expression | None = None
    where: Expression | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Aggregate:
        if sum([self.count, self.sum is not None, self.max is not None]) != 1:
            raise ValueError("give exactly one of count, sum, max")
        return self


class FieldDef(Entry):
    """``fields.yaml``: a quantity, defined once. A cell of a return, or derived from cells."""

    id: Id
    label: Text
    type: Literal["integer", "number", "text", "code", "boolean"]
    unit: Text | None = None
    scope: Literal["identity", "stage", "split", "whole", "class", "room", "county"]
    """identity: an attribute of the unit; stage: reported by stage; split: shared, divided over stages by weight;
    whole: of the whole school, never divided; class, room, county: a cell of a class, room or county row."""
    merge: Literal["sum", "max"] = "sum"
    """How a school's campuses add up."""
    expression: Expression | None = None
    aggregate: Aggregate | None = None
    is_built: bool = False
    """Whether it grows by building only (areas, rooms); read by the tests of suspicion."""
    form: dict[int, str] = Field(default_factory=dict)
    """Statistical form that carries the cell, by the first year of its validity."""
    meaning: Text | None = None
    source: Source

    @model_validator(mode="after")
    def _at_most_one_derivation(self) -> FieldDef:
        if self.expression is not None and self.aggregate is not None:
            raise ValueError("give expression or aggregate, not both")
        if self.is_derived and self.scope in ("identity", "class", "room", "county"):
            raise ValueError("only fields of scope stage, split or whole can be derived")
        return self

    @property
    def is_derived(self) -> bool:
        return self.expression is not None or self.aggregate is not None

    @property
    def record(self) -> RecordType:
        """The kind of row whose cell this is."""
        return {"identity": "school", "split": "school", "whole": "school"}.get(self.scope, self.scope)  # type: ignore[return-value]


class Stage(Entry):
    """``stages.yaml``: a level of schooling."""

    id: Id
    label: Text
    pupils_field: Id
    split_weight: float = Field(gt=0)
    is_judged: bool = True
    """Whether gaps and scores are computed for it (senior pupils only take their share)."""
    needed_for_split_of: tuple[str, ...] = ()
    """School types that cannot be split while this stage's pupils are unknown."""
    shared_by: tuple[str, ...] = ()
    """School types that may have the stage beside others: not split where the county's return tells nothing of it at all."""
    source: Source


class Told(Entry):
    """``ledger``: the field in whose unit the ledger tells what a school lacks of an indicator; ``pipeline.schema.shortfall``."""

    field: Id
    what: Text | None = None
    """What is to be added or removed, where the field's own label does not say it."""


class Indicator(Entry):
    """``indicators.yaml``: numerator over denominator, for a school's stage or for the whole school."""

    id: Id
    label: Text
    short: Text | None = None
    unit: Text
    direction: Literal[">=", "<="]
    scope: Literal["stage", "school"]
    numerator: Expression
    denominator: Expression
    applies_when: Expression | None = None
    whole_units: Expression | None = None
    """The whole things that the numerator counts and that can move between schools (teachers), in units; from them follows
    the least gap that whole units allow. None for areas, money and shared things."""
    ledger: Told | None = None
    """In what the ledger tells a shortfall. None: it names the item and no amount."""
    drawn_from: Expression | None = None
    """The body of people that the whole units are part of (all full-time teachers): whoever moves leaves it too, and takes
    along what other indicators drawn from the same body count."""
    missing: Literal["missing", "zero"] = "missing"
    """What a missing cell means: a missing value (never 0), or a true zero where the form says so."""
    decimals: int = Field(default=2, ge=0, le=6)
    meaning: Text | None = None
    source: Source


class ScopeRule(Entry):
    """A condition that leaves a school's stage out of a standard."""

    id: Id
    when: Expression
    reason: Text
    source: Source


class Threshold(Entry):
    """A level that an indicator must reach, by stage, school type and year ('*' and 0 mean any)."""

    stage: str = "*"
    school_type: str = "*"
    year_from: int = 0
    value: float
    floor: float | None = None
    """Lowest level that a school may have on an item it misses, in the indicator's unit; none where null."""
    source: Source | None = None


class Item(Entry):
    """One numbered demand of a standard on an indicator."""

    item_no: str
    indicator: Id
    weight: float = Field(default=1.0, gt=0)
    is_veto: bool = False
    thresholds: tuple[Threshold, ...] = ()
    source: Source


class GapRule(Entry):
    """Which indicators a standard measures gaps of, and the limits by stage."""

    indicators: tuple[Id, ...]
    limits: dict[str, float] = Field(default_factory=dict)
    composite_limits: dict[str, float] = Field(default_factory=dict)
    source: Source


class SchoolRule(Entry):
    """When a school is up to a standard."""

    label: Text
    max_unmet: int | None = None
    rest_above_floor: bool = False
    min_applicable: int = 0
    veto: bool = False
    source: Source


class Standard(Entry):
    """``standards/*.yaml``: a document that schools and counties are held against."""

    id: StandardId
    label: Text
    short: Text | None = None
    document: Text
    scope: tuple[ScopeRule, ...] = ()
    items: tuple[Item, ...]
    gap: GapRule | None = None
    school_rule: SchoolRule | None = None
    measures: tuple[Literal["mean_cv", "worst_ratio", "mean_score", "share_meeting"], ...] = ()
    county_scope: tuple[Id, ...] = ()
    """Those rules of ``scope`` that also leave a school out of what the county's items ask of schools."""
    county_items: tuple[CountyItem, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    source: Source


class ExpectationCall(Entry):
    """A Great Expectations type with its arguments."""

    type: Annotated[str, Field(pattern=r"^expect_[a-z_]+$")]
    kwargs: dict[str, Any] = Field(default_factory=dict)


class Rule(Entry):
    """``rules.yaml``: what a row of a return must satisfy."""

    id: Id
    record: RecordType
    step: Literal[1, 2, 3]
    """Stage of checking: 1 cells, 2 rows, 3 plausibility. A school that failed critically earlier is not checked later."""
    severity: Literal["critical", "warning", "info"]
    expectation: ExpectationCall | None = None
    condition: Expression | None = None
    """Must hold; rows where it is null (a part is missing) pass: missing cells have rules of their own."""
    blames: tuple[str, ...]
    expected: Text
    message: Text
    """Words with holes {found}, {expected} and any column of the row."""
    mend: Text
    implies: tuple[Id, ...] = ()
    source: Source

    @model_validator(mode="after")
    def _one_test(self) -> Rule:
        if (self.expectation is None) == (self.condition is None):
            raise ValueError("give expectation or condition")
        return self


class Setting(Entry):
    """``settings.yaml``: a choice that the texts leave open."""

    key: Id
    value: float | int | bool | str | None
    grade: Grade
    source: Text
    meaning: Text


class Division(Entry):
    """``divisions.csv``: an administrative division."""

    code: str
    name_zh: str
    name_en: str
    level: Literal["province", "prefecture", "county"]
    parent_code: str
    valid_from: int = 0
    valid_to: int = 9999
    is_fictional: bool = False


class DivisionChange(Entry):
    """``division_changes.csv``: a split, a merge, a rename or a new code."""

    year: int
    kind: Literal["split", "merge", "rename", "recode"]
    old_code: str
    new_code: str


class Catalogue(Entry):
    """A whole catalogue folder, loaded and checked. ``digest`` identifies its content."""

    about: About
    digest: str
    folder: str
    fields: dict[str, FieldDef]
    stages: dict[str, Stage]
    indicators: dict[str, Indicator]
    standards: dict[str, Standard]
    rules: dict[str, Rule]
    settings: dict[str, Setting]
    layouts: dict[str, Layout]
    codes: dict[str, CodeList] = Field(default_factory=dict)
    """Lists of codes by the column that holds them."""
    partitions: dict[str, Partition] = Field(default_factory=dict)
    """Ways to divide the schools of an area into classes."""
    writing: Writing | None = None
    """How people write values; None where the catalogue takes plain numbers only."""
    peers: Peers | None = None
    """By what counties are alike; None where the catalogue does not say."""
    settlement: Settlement | None = None
    """How schools divide into town and country; None where the catalogue does not say."""
    group_awards: GroupAwards | None = None
    """What school groups are awarded; None where the catalogue awards nothing."""
    divisions: tuple[Division, ...]
    division_changes: tuple[DivisionChange, ...] = ()
    from_rosters: tuple[Division, ...] = ()
    """Those of ``divisions`` that the rosters of a home added."""
    changes_from_home: tuple[DivisionChange, ...] = ()
    """Those of ``division_changes`` that a home added."""

    @property
    def own_changes(self) -> tuple[DivisionChange, ...]:
        """The changes of codes of the folder itself."""
        added = set(self.changes_from_home)
        return tuple(c for c in self.division_changes if c not in added)

    @property
    def own_divisions(self) -> tuple[Division, ...]:
        """The divisions of the folder itself, without those of rosters."""
        added = set(self.from_rosters)
        return tuple(d for d in self.divisions if d not in added)

    def setting(self, key: str) -> Any:
        """The value of a setting; the loader has proved that the engine's keys exist."""
        return self.settings[key].value

    def fields_of(self, *scopes: str) -> list[FieldDef]:
        """Fields of the given scopes, in catalogue order."""
        return [f for f in self.fields.values() if f.scope in scopes]

    def cells_of(self, record: RecordType) -> list[FieldDef]:
        """Fields that are cells of a kind of row, in catalogue order."""
        return [f for f in self.fields.values() if f.record == record and not f.is_derived]

    @property
    def judged_stages(self) -> list[Stage]:
        return [s for s in self.stages.values() if s.is_judged]
