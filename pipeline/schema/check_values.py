"""Values of a catalogue that would load and then stop, or quietly bend, a computation. Yields faults, as ``check`` does."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

from sqlglot import exp

from pipeline.schema.certainty_limits import certainty_fault
from pipeline.schema.entry import IDENTITY_COLUMNS
from pipeline.schema.expressions import ExpressionError, columns_of, tree_of
from pipeline.schema.fault import Fault, Path
from pipeline.schema.limits import COMMON_YEAR, day_in
from pipeline.schema.model import Catalogue, GapRule, Item, Setting, Standard
from pipeline.schema.rule_columns import BEFORE, MEDIAN, OWN, PER_PUPIL, ROWS

RESERVED = frozenset(
    {*IDENTITY_COLUMNS, "year", "submission_id", "part", "row", "record", "place_no"}
    | {"is_judged", "merged_into", "campuses", "stage_share"}
    | {*ROWS.values()}
)
"""Names that rows have of their own, which no field can take."""

_WORDS = """
all alter analyse analyze and anti any array as asc asof asymmetric at attach authorization begin between binary both by
cache call case cast check cluster collate collation column comment commit concurrently connect constraint copy create
cross current_date default deferrable delete desc describe detach disconnect distinct do drop else end except exclude
execute exists explain false fetch for force foreign freeze from full glob grant group having if ilike in initially
inner insert install intersect interval into is isnull join kill lambda lateral leading left like limit load localtime
localtimestamp map merge natural not notnull null offset on only optimize or order outer overlaps pivot pivot_longer
pivot_wider placing positional pragma prepare primary qualify references regexp rename reset returning revoke right
rlike rollback select semi set show similar some struct summarize symmetric table tablesample then to trailing trim true
truncate uncache union unique unpack unpivot update use user using vacuum values variadic verbose view when where window
with xor
"""

SQL_WORDS = frozenset(_WORDS.split())
"""Words that DuckDB, Polars or sqlglot does not read as the name of a column."""

NATION = "0"
"""Code under which tables hold the nation."""

HEIGHTS = {"county": 0, "prefecture": 1, "province": 2}

PERCENTAGES = ("missing_pupils_limit_pct", "expected_counties_limit_pct")
DECIMALS = ("decimals_value", "decimals_cv")
MOST_DECIMALS = 12
DAYS = ("group_collection_day", "verdict_reference_day")
MOST_TOLERANCE = 0.01

_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Ceil, exp.Floor, exp.Abs, exp.Round)
_COMPARISON = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.In, exp.Between, exp.Is)


def value_faults(catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault of the values of a catalogue."""
    yield from _arithmetic(catalogue)
    for standard in catalogue.standards.values():
        yield from _standard(standard)
    for setting in catalogue.settings.values():
        yield from _setting(setting)
        yield from certainty_fault(setting)
    yield from _levels(catalogue)


def name_faults(catalogue: Catalogue) -> Iterator[Fault]:
    """Fields that cannot have the name they have."""
    for name in catalogue.fields:
        if name in RESERVED:
            yield Fault("fields", name, ("id",), "与每行自带的列重名", "is the name of a column that every row has")
        elif name.startswith(BEFORE):
            zh, en = (
                f"“{BEFORE}”开头的名字留给上年的数",
                f"names that start with “{BEFORE}” hold figures of the year before",
            )
            yield Fault("fields", name, ("id",), zh, en)
        elif name.startswith((OWN, MEDIAN)) and name.endswith(PER_PUPIL):
            zh, en = "这样的名字留给每生值和中位数", "such names hold figures per pupil and their medians"
            yield Fault("fields", name, ("id",), zh, en)
        elif name in SQL_WORDS:
            yield Fault(
                "fields", name, ("id",), "是 SQL 的关键字，不能作字段名", "is a word of SQL, so no field can take it"
            )


def _arithmetic(catalogue: Catalogue) -> Iterator[Fault]:
    """Texts where an expression calculates. What gives a number must not give a text either."""
    texts = set(IDENTITY_COLUMNS) - {"is_public"}
    texts |= {field.id for field in catalogue.fields.values() if field.type in ("text", "code")}
    for indicator in catalogue.indicators.values():
        for key in ("numerator", "denominator"):
            yield from _texts("indicators", indicator.id, (key,), getattr(indicator, key), texts, is_number=True)
        yield from _texts("indicators", indicator.id, ("applies_when",), indicator.applies_when, texts)
    for field in catalogue.fields.values():
        is_number = field.id not in texts
        yield from _texts("fields", field.id, ("expression",), field.expression, texts, is_number=is_number)
        if field.aggregate is not None:
            for key in ("sum", "max"):
                value = getattr(field.aggregate, key)
                yield from _texts("fields", field.id, ("aggregate", key), value, texts, is_number=True)
            yield from _texts("fields", field.id, ("aggregate", "where"), field.aggregate.where, texts)
    for standard in catalogue.standards.values():
        for i, rule in enumerate(standard.scope):
            yield from _texts("standards", standard.id, ("scope", i, "when"), rule.when, texts)
    for check in catalogue.rules.values():
        yield from _texts("rules", check.id, ("condition",), check.condition, texts)


def _texts(
    section: str, entry: str, path: Path, expression: str | None, texts: Collection[str], *, is_number: bool = False
) -> Iterator[Fault]:
    if expression is None:
        return
    try:
        columns_of(expression)
    except ExpressionError:  # told as a fault of the expression itself
        return
    for column in tree_of(expression).find_all(exp.Column):
        if column.name in texts and _calculates(column, is_number):
            zh = f"“{column.name}”是文字或代码，不能参与计算，只能用于比较"
            en = f"“{column.name}” is a text or a code: it can be compared, not calculated with"
            yield Fault(section, entry, path, zh, en)


def _calculates(column: exp.Expr, is_number: bool) -> bool:
    """Whether the value of a column goes into arithmetic before any comparison, or into a result that is a number."""
    node, parent = column, column.parent
    while parent is not None:
        if isinstance(parent, _ARITHMETIC):
            return True
        is_condition = isinstance(parent, exp.Case | exp.If) and node.arg_key == "this"
        if is_condition or isinstance(parent, _COMPARISON):
            return False
        node, parent = parent, parent.parent
    return is_number


def _standard(standard: Standard) -> Iterator[Fault]:
    listed: set[str] = set()
    for i, item in enumerate(standard.items):
        if item.indicator in listed:
            yield _twice(standard, ("items", i, "indicator"), item.indicator)
        listed.add(item.indicator)
        for path, zh, en in _thresholds(item):
            yield Fault("standards", standard.id, ("items", i, "thresholds", *path), zh, en)
    if standard.gap is not None:
        yield from _gap(standard, standard.gap)


def _thresholds(item: Item) -> Iterator[tuple[Path, str, str]]:
    held: set[tuple[str, str, int]] = set()
    for j, threshold in enumerate(item.thresholds):
        key = (threshold.stage, threshold.school_type, threshold.year_from)
        if key in held:
            zh, en = (
                "学段、办学类型和起始年份相同的标准值重复",
                "a level for the same stage, school type and year stands twice",
            )
            yield (j,), zh, en
        held.add(key)
        for name, value in (("value", threshold.value), ("floor", threshold.floor)):
            if value is not None and not math.isfinite(value):
                yield (j, name), "须是有限的数", "must be a finite number"


def _gap(standard: Standard, gap: GapRule) -> Iterator[Fault]:
    for i, indicator in enumerate(gap.indicators):
        if indicator in gap.indicators[:i]:
            yield _twice(standard, ("gap", "indicators", i), indicator)
    for name, limits in (("limits", gap.limits), ("composite_limits", gap.composite_limits)):
        for stage, limit in limits.items():
            if not 0 < limit < math.inf:
                zh, en = "限值须是大于 0 的有限数", "a limit must be a finite number above 0"
                yield Fault("standards", standard.id, ("gap", name, stage), zh, en)


def _twice(standard: Standard, path: Path, name: str) -> Fault:
    return Fault("standards", standard.id, path, f"指标“{name}”重复", f"the indicator “{name}” stands twice")


def _setting(setting: Setting) -> Iterator[Fault]:
    value = setting.value
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    zh = en = ""
    if setting.key == "comparison_tolerance" and not 0 <= number < MOST_TOLERANCE:
        zh, en = f"须是不小于 0 且小于 {MOST_TOLERANCE} 的数", f"must be a number from 0 to below {MOST_TOLERANCE}"
    elif setting.key == "rank_band_width" and not 0 <= number < math.inf:
        zh, en = "须是不小于 0 的有限数", "must be a finite number of 0 or more"
    elif setting.key in PERCENTAGES and not 0 <= number <= 100:
        zh, en = "须是 0 至 100 的数", "must be a number from 0 to 100"
    elif setting.key in DAYS and not _is_day(value):
        zh, en = f"“{value}”不是月-日，如 09-01", f"“{value}” is no month-day such as 09-01"
    elif setting.key in DECIMALS and value is not None and not (is_whole and 0 <= number <= MOST_DECIMALS):
        zh, en = f"须是空值或 0 至 {MOST_DECIMALS} 的整数", f"must be null or a whole number from 0 to {MOST_DECIMALS}"
    if en:
        yield Fault("settings", setting.key, ("value",), zh, en)


def _is_day(value: object) -> bool:
    try:
        return bool(day_in(COMMON_YEAR, str(value)))
    except ValueError:
        return False


def _levels(catalogue: Catalogue) -> Iterator[Fault]:
    """A parent of a higher level on every line of its code, so that no division is above itself."""
    heights: dict[str, list[int]] = {}
    for division in catalogue.divisions:
        heights.setdefault(division.code, []).append(HEIGHTS[division.level])
    for i, division in enumerate(catalogue.divisions):
        if division.code == NATION:
            zh, en = f"代码“{NATION}”留给全国", f"the code “{NATION}” is reserved for the nation"
            yield Fault("divisions", str(i), (), zh, en)
        if any(height <= HEIGHTS[division.level] for height in heights.get(division.parent_code, [])):
            zh = f"上级“{division.parent_code}”的级别须高于本级"
            en = f"the parent “{division.parent_code}” must be of a higher level"
            yield Fault("divisions", str(i), (), zh, en)
