"""What a rule may read beside the cells of its own row. The loader checks rules against it; ``store.facts`` makes it.

A row of a school's stage, for example, knows the derived fields of its stage, the cells of its school, how many classes
are listed for it, and its own figures of the year before.
"""

from __future__ import annotations

from string import Formatter

from pipeline.schema.entry import IDENTITY_COLUMNS, RecordType
from pipeline.schema.expressions import columns_of
from pipeline.schema.model import Catalogue, FieldDef, Rule

BEFORE = "before_"
"""What stands before the name of a column that holds the value which counted the year before."""

ROWS: dict[RecordType, str] = {
    "school": "school_rows",
    "stage": "stage_rows",
    "class": "class_rows",
    "room": "room_rows",
}
"""Columns that count the rows a file holds of a school; in rows of a stage or a class, those of the same stage; in the
county's row, those of the county."""

ROWS_LABELS = {
    "school_rows": ("学校行数", "school rows"),
    "stage_rows": ("学段行数", "stage rows"),
    "class_rows": ("班级明细行数", "class rows"),
    "room_rows": ("专用教室行数", "room rows"),
}

SUM = "sum_"
"""What stands before a stage and a cell of its rows in the name of a column that adds them up over a county's file."""

OWN, MEDIAN, PER_PUPIL = "own_", "median_", "_per_pupil"
"""What stands around a cell in the names of columns that hold it per pupil: the row's own, and the median of the rows of its
county (and stage) in the same file. A cell of 0 has neither; fewer than three rows have no median."""

SCALED = "scaled"
"""Hole of a message: what a blamed cell would be in another unit, beside its value of the year before or its median."""

_ROWS_SEEN: dict[RecordType, tuple[RecordType, ...]] = {
    "school": ("stage", "class", "room"),
    "stage": ("school", "class"),
    "class": ("school", "stage"),
    "room": ("school",),
    "county": ("school", "stage", "class", "room"),
}

KEYS = ("submission_id", "part", "county_code", "school_id", "stage")
"""Columns that say whose row it is, and so have no value of the year before."""


def own_columns(catalogue: Catalogue, record: RecordType) -> set[str]:
    """Columns that a typed row of a record type has of its own."""
    cells = {f.id for f in catalogue.fields.values() if f.record == record and not f.is_derived}
    return {"year", *IDENTITY_COLUMNS, *cells}


def derived_of_school(catalogue: Catalogue) -> set[str]:
    """Derived fields of the whole school."""
    return {f.id for f in catalogue.fields_of("split", "whole") if f.is_derived}


def derived_of_stage(catalogue: Catalogue) -> set[str]:
    """Derived fields of a stage that need nothing of what its school shares out: shares are worked out after the rules."""
    return {f.id for f in catalogue.fields_of("stage") if f.is_derived and not _reads_shared(catalogue, f)}


def _reads_shared(catalogue: Catalogue, field: FieldDef) -> bool:
    read = columns_of(field.expression) if field.expression else ()
    known = [catalogue.fields[name] for name in read if name in catalogue.fields]
    return any(
        f.scope == "split" or (f.scope == "stage" and f.is_derived and _reads_shared(catalogue, f)) for f in known
    )


def sums_of_county(catalogue: Catalogue) -> dict[str, tuple[str, str]]:
    """Columns that add up a cell over a county's rows of a stage, as ``sum_<stage>_<field>`` → stage and field."""
    cells = [f.id for f in catalogue.cells_of("stage") if f.type in ("integer", "number")]
    return {f"{SUM}{stage}_{cell}": (stage, cell) for stage in catalogue.stages for cell in cells}


def per_pupil(catalogue: Catalogue, record: RecordType) -> dict[str, str]:
    """Columns that hold a cell per pupil, the row's own or the median of its county → the cell."""
    if record not in ("school", "stage"):
        return {}
    cells = [f.id for f in catalogue.cells_of(record) if f.type in ("integer", "number") and f.scope != "identity"]
    return {f"{lead}{cell}{PER_PUPIL}": cell for cell in cells for lead in (OWN, MEDIAN)}


def columns_now(catalogue: Catalogue, record: RecordType) -> set[str]:
    """Columns of this year that a rule of a record type may read."""
    own = own_columns(catalogue, record)
    rows = {ROWS[other] for other in _ROWS_SEEN[record]}
    if record not in ROWS:
        return own | rows | sums_of_county(catalogue).keys()
    school = own_columns(catalogue, "school") | derived_of_school(catalogue)
    stage = own_columns(catalogue, "stage") if record == "class" else set()
    derived = derived_of_stage(catalogue) if record == "stage" else set()
    return own | rows | school | stage | derived | per_pupil(catalogue, record).keys()


def columns_before(catalogue: Catalogue, record: RecordType) -> set[str]:
    """Columns with a value of the year before: of schools, stages (and their schools) and counties; rows of lists have none."""
    if record in ("class", "room"):
        return set()
    names = own_columns(catalogue, record)
    if record in ("school", "stage"):
        names |= own_columns(catalogue, "school") | derived_of_school(catalogue)
    if record == "stage":
        names |= derived_of_stage(catalogue)
    return {BEFORE + name for name in names - {*KEYS, "year"}}


def rule_columns(catalogue: Catalogue, record: RecordType) -> set[str]:
    """Every column that a rule of a record type may read."""
    return columns_now(catalogue, record) | columns_before(catalogue, record)


def columns_of_argument(key: str, value: object) -> list[str]:
    """Columns that one argument of an expectation names."""
    if key in ("column", "column_A", "column_B", "sum_total"):
        return [str(value)] if isinstance(value, str) else []
    return [str(v) for v in value] if key in ("column_list", "column_set") and isinstance(value, list) else []


def columns_of_call(rule: Rule) -> list[str]:
    """Columns named by the arguments of a rule's expectation."""
    arguments = rule.expectation.kwargs.items() if rule.expectation else ()
    return [name for key, value in arguments for name in columns_of_argument(key, value)]


def read_by(rule: Rule) -> set[str]:
    """Every column that a rule reads: to test, to blame, and to fill its words."""
    texts = (rule.message.zh, rule.message.en)
    holes = {hole for text in texts for _, hole, _, _ in Formatter().parse(text) if hole}
    condition = columns_of(rule.condition) if rule.condition else ()
    return {*condition, *columns_of_call(rule), *rule.blames, *holes} - {"found", "expected", SCALED}


def reads_before(rule: Rule) -> bool:
    """Whether a rule compares with the year before."""
    return any(name.startswith(BEFORE) for name in read_by(rule))


def reads_median(rule: Rule) -> bool:
    """Whether a rule compares with the other rows of its county."""
    return any(name.startswith(MEDIAN) and name.endswith(PER_PUPIL) for name in read_by(rule))
