"""Typed rows against the catalogue's rules: findings with place and words in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from expectations import suites
from expectations.scaled import said_per_pupil, scaled
from pipeline import findings
from pipeline.nearest import code_near
from pipeline.returns.cells import addresses_of, is_by_stage
from pipeline.schema.entry import IDENTITY_COLUMNS, RecordType
from pipeline.schema.expressions import columns_of, conjuncts, for_polars
from pipeline.schema.model import Catalogue, Rule
from pipeline.schema.rule_columns import (
    BEFORE,
    ROWS,
    ROWS_LABELS,
    SCALED,
    per_pupil,
    read_by,
    reads_before,
    sums_of_county,
)
from pipeline.store.facts import Facts, facts_of, with_before, with_facts
from pipeline.store.medians import with_medians

YEAR_LABEL = {"year": ("统计年份", "collection year")}

CellMap = Mapping[str, Mapping[str, Mapping[str, Mapping[str, Any]]]]
"""submission → part → "field@stage" → columns of the file."""

SCHOOL = ["submission_id", "part", "school_id"]
ROW = ["submission_id", "part", "row"]
FAILED = ["submission_id", "part", "school_id", "row"]


def validate(
    frames: Mapping[RecordType, pl.DataFrame],
    catalogue: Catalogue,
    cells: CellMap,
    already: pl.DataFrame | None = None,
    keep: Path | None = None,
    before: Facts | None = None,
) -> pl.DataFrame:
    """Findings (``pipeline.findings.SCHEMA``) of all rules over typed rows, step by step.

    ``frames``: typed rows by record type, any number of submissions of one year. ``already``: findings of reading; a
    school that failed critically there or in an earlier step is not checked further. ``keep``: where suites and results
    are kept. ``before``: what counted the year before; without it, rules that compare with it are not run.
    Raises FaultError when a rule could not be evaluated.
    """
    found = [already if already is not None else findings.frame([])]
    rules = [r for r in catalogue.rules.values() if before is not None or not reads_before(r)]
    failed = _critical(found[0])
    elsewhere = _told_elsewhere(frames, catalogue, cells)
    for step in (1, 2, 3):
        new = []
        sound = {record: _sound(frame, record, failed) for record, frame in frames.items()}
        facts: Facts | None = None
        for record, frame in sound.items():
            chosen = [r for r in rules if r.record == record and r.step == step]
            if chosen and frame.height:
                facts = facts or facts_of(catalogue, sound, lost=pl.concat([_lost(frames, failed), elsewhere]).unique())
                wide = _with_what_rules_read(frame, record, chosen, facts, before)
                new.append(_run(wide, chosen, catalogue, cells, f"{record}-{step}", keep))
        if new:
            found.append(pl.concat(new))
            failed = pl.concat([failed, _critical(found[-1])]).unique()
    return pl.concat(found[1:]) if len(found) > 1 else findings.frame([])


def _critical(found: pl.DataFrame) -> pl.DataFrame:
    """Whose rows a critical finding sets aside: a school's in that part, or a county's own row."""
    return found.filter(pl.col("severity") == "critical").select(FAILED).unique()


def _sound(frame: pl.DataFrame, record: RecordType, failed: pl.DataFrame) -> pl.DataFrame:
    """Rows that no critical finding sets aside."""
    if record not in ROWS:
        return frame.join(failed, on=ROW, how="anti", maintain_order="left")
    named = frame.filter(pl.col("school_id").is_not_null())
    return named.join(failed, on=SCHOOL, how="anti", maintain_order="left")


def _lost(frames: Mapping[RecordType, pl.DataFrame], failed: pl.DataFrame) -> pl.DataFrame:
    """Schools of which rows of a kind were set aside: submission_id, school_id, record."""
    parts = [f.select("submission_id", "part").unique().with_columns(record=pl.lit(r)) for r, f in frames.items()]
    hit = failed.filter(pl.col("school_id").is_not_null()).join(pl.concat(parts), on=["submission_id", "part"])
    return hit.select("submission_id", "school_id", "record").unique()


def _told_elsewhere(frames: Mapping[RecordType, pl.DataFrame], catalogue: Catalogue, cells: CellMap) -> pl.DataFrame:
    """Schools of which a file by stage tells only in part, as those of their type may have stages that it lacks: what is
    summed over their stages is unknown there. Columns as ``_lost`` has them."""
    schema = {"submission_id": pl.String(), "school_id": pl.String(), "record": pl.String()}
    fields = [field.id for field in catalogue.fields_of("stage")]
    by_stage = [(s, p) for s, parts in cells.items() for p, told in parts.items() if is_by_stage(told, fields)]
    parts = pl.DataFrame(by_stage, {"submission_id": pl.String(), "part": pl.String()}, orient="row")
    if not by_stage or "school" not in frames or "stage" not in frames:
        return pl.DataFrame(schema=schema)
    schools = frames["school"].join(parts, on=["submission_id", "part"], how="semi")
    may_have = [
        schools.filter(pl.col("school_type").is_in([*stage.shared_by, *stage.needed_for_split_of]))
        .select("submission_id", "school_id")
        .with_columns(stage=pl.lit(stage.id))
        for stage in catalogue.stages.values()
    ]
    key = ["submission_id", "school_id", "stage"]
    lacking = pl.concat(may_have).join(frames["stage"].select(key), on=key, how="anti")
    return lacking.select("submission_id", "school_id", record=pl.lit("stage")).unique()


def _with_what_rules_read(
    frame: pl.DataFrame, record: RecordType, rules: list[Rule], facts: Facts, before: Facts | None
) -> pl.DataFrame:
    names = {name for rule in rules for name in read_by(rule)} | {"name"}
    wide = with_medians(with_facts(frame, record, names, facts), record, names, facts)
    return with_before(wide, record, names, before) if before is not None else wide


def _run(
    frame: pl.DataFrame, rules: list[Rule], catalogue: Catalogue, cells: CellMap, name: str, keep: Path | None
) -> pl.DataFrame:
    batch = suites.batch_of(frame, rules)
    rows = []
    for rule, numbers in suites.failures(batch, rules, name, keep):
        failed = frame[numbers]
        for row, blamed in zip(failed.iter_rows(named=True), _blamed(rule, failed), strict=True):
            rows.append(_finding(rule, row, blamed, catalogue, cells))
    return findings.frame(rows)


def _blamed(rule: Rule, failed: pl.DataFrame) -> Iterator[Sequence[str]]:
    """Of the cells a rule blames, those of the parts of its condition that do not hold, row by row of those that failed;
    cells that the condition does not read are always blamed."""
    parts = conjuncts(rule.condition) if rule.condition else ()
    held = failed.select(pl.sql_expr(for_polars(part)).fill_null(True).alias(part) for part in parts)
    never_read = set(rule.blames).difference(*(columns_of(part) for part in parts))
    for row in range(failed.height):
        read = {name for part in parts if not held[part][row] for name in columns_of(part)}
        yield [name for name in rule.blames if name in read | never_read] or rule.blames


def _finding(
    rule: Rule, row: dict[str, Any], blamed: Sequence[str], catalogue: Catalogue, cells: CellMap
) -> dict[str, object]:
    expected = rule.expected.zh if rule.expected.zh == rule.expected.en else f"{rule.expected.zh} / {rule.expected.en}"
    blamed = _there(blamed, row, cells)
    places = _cells_of(blamed, row, cells)
    sheet = str(places[0]["sheet"]) if places else ""
    return {
        **{name: row.get(name) for name in ("submission_id", "part", "year", "county_code", "school_id", "row")},
        "rule_id": rule.id,
        "severity": rule.severity,
        "sheet": sheet,
        "cell": ",".join(address for cell in places for address in addresses_of(cell, row, sheet)),
        "field": ",".join(blamed),
        "found": "；".join(_shown(name, row[name], catalogue, "zh") for name in blamed),
        "expected": expected,
        "nearest": code_near(blamed[0], row[blamed[0]], catalogue) if len(blamed) == 1 else None,
        "message_zh": _words(rule, row, blamed, catalogue, "zh"),
        "message_en": _words(rule, row, blamed, catalogue, "en"),
        "mend_zh": rule.mend.zh,
        "mend_en": rule.mend.en,
    }


def _there(blamed: Sequence[str], row: dict[str, Any], cells: CellMap) -> Sequence[str]:
    """The blamed cells without those that are blank because the file has no such column, where others remain: a quantity
    that comes in one of two ways is not missing in the other."""
    return [name for name in blamed if row[name] is not None or _cells_of([name], row, cells)] or blamed


def _cells_of(blamed: Sequence[str], row: dict[str, Any], cells: CellMap) -> list[Mapping[str, Any]]:
    """What reading noted of the blamed cells that the file holds: of the row's stage, or of any."""
    part = cells.get(row["submission_id"], {}).get(row["part"], {})
    found = (part.get(f"{name}@{row.get('stage') or ''}") or part.get(f"{name}@") for name in blamed)
    return [cell for cell in found if cell]


def _words(rule: Rule, row: dict[str, Any], blamed: Sequence[str], catalogue: Catalogue, language: str) -> str:
    """The rule's message with its holes filled; {found} pairs each blamed label with its value.

    A school without a name is called by its code.
    """
    holes = {name: _shown(name, value, catalogue, language) for name, value in row.items()}
    pairs = (f"{_label(name, catalogue, language)} {holes[name]}" for name in blamed)
    if row.get("name") is None:
        holes["name"] = holes.get("school_id", "")
    holes["found"] = ("，" if language == "zh" else ", ").join(pairs)
    holes["expected"] = getattr(rule.expected, language)
    labels = {name: _label(name, catalogue, language) for name in blamed}
    holes[SCALED] = scaled(blamed, row, labels, language)
    return str(getattr(rule.message, language)).format_map(holes)


def _label(name: str, catalogue: Catalogue, language: str) -> str:
    """What a column is called; a value of the year before is said to be one."""
    number = 0 if language == "zh" else 1
    if name.startswith(BEFORE):
        said = _label(name.removeprefix(BEFORE), catalogue, language)
        return ("上年", "the year before: ")[number] + said
    if name in (held := per_pupil(catalogue, "school") | per_pupil(catalogue, "stage")):
        return said_per_pupil(name, _label(held[name], catalogue, language), language)
    if name in catalogue.fields:
        return str(getattr(catalogue.fields[name].label, language))
    if name in (sums := sums_of_county(catalogue)):
        stage, cell = sums[name]
        of_stage = (getattr(catalogue.stages[stage].label, language), _label(cell, catalogue, language))
        return ("学段表" + "".join(of_stage), "the stage rows: {}, {}".format(*of_stage))[number]
    return (IDENTITY_COLUMNS | ROWS_LABELS | YEAR_LABEL)[name][number]


def _shown(name: str, value: Any, catalogue: Catalogue, language: str) -> str:
    if value is None:
        return "空" if language == "zh" else "blank"
    if name == "stage" and value in catalogue.stages:
        return str(getattr(catalogue.stages[value].label, language))
    return f"{value:.10g}" if isinstance(value, float) else findings.plain(value)
