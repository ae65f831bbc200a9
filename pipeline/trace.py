"""From a value back to its cells: value ← formula ← fields ← file, sheet, cell; and the clause it is held against."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import duckdb
import polars as pl

from pipeline.errors import HomeError
from pipeline.release.verify import folder_of
from pipeline.returns.cells import places_of
from pipeline.returns.reader import read_tables
from pipeline.returns.rows import record_schema
from pipeline.returns.table import SourceTable, cell_place
from pipeline.schema import load_catalogue
from pipeline.schema.entry import IDENTITY_COLUMNS, Label, RecordType
from pipeline.schema.expressions import columns_of, for_polars
from pipeline.schema.model import Aggregate, Catalogue, FieldDef
from pipeline.store.home import Home
from pipeline.store.ingest import is_fresh
from pipeline.store.receipts import content_of

Row = dict[str, Any]
NO_VALUE = "空 blank"
"""What a cell was read as that says something, but no value."""
RECORD = "__record"
UNIT = "__unit"
"""In a typed row here: its kind, and what is known of its unit."""

_HELD_AGAINST = """
select t.*, s.name_zh, s.name_en from threshold as t left join standard as s using (standard_id, stage)
where t.indicator_id = $indicator and t.stage in ($stage, '*') and t.school_type in ($type, '*') and t.year_from <= $year
qualify row_number() over (
    partition by t.standard_id order by t.stage = $stage desc, t.school_type = $type desc, t.year_from desc
) = 1
order by t.standard_id
"""
"""The threshold of each standard that applies; which goes before which as in the county pages (``reports.release``)."""


@dataclass(frozen=True)
class Cell:
    """One cell of a return that a field's value came from. ``factor`` is what the text was multiplied by; where columns
    were added or multiplied first, the factor stands in the field's note. ``read_as``: the value of the typed row where the
    text is not plain, so that ``１２人`` shows as 12; None where the text says it itself."""

    file: str
    sha256: str
    sheet: str
    address: str
    header: str
    text: str
    unit: str
    stage: str
    factor: float
    read_as: float | str | None = None


@dataclass(frozen=True)
class Mended:
    """A correction that was applied: what stood in the return, what counts instead, and why."""

    correction_id: str
    school_id: str | None
    stage: str | None
    old_value: str | None
    new_value: str | None
    reason: str
    source: str
    corrected_on: str
    author: str


@dataclass(frozen=True)
class FieldTrace:
    """A field of the formula: its value in the computed row, how it was made, its cells (as they were sent), corrections of
    them, and the fields below it."""

    name: str
    label: Label
    value: float | str | None
    note: Label | None
    cells: list[Cell] = field(default_factory=list)
    below: list[FieldTrace] = field(default_factory=list)
    corrections: list[Mended] = field(default_factory=list)


@dataclass(frozen=True)
class Trace:
    """One value and everything under it. ``held_against``: rows of the threshold table that apply to it."""

    trace_id: str
    school_name: str
    label: Label
    unit: str
    stage: str
    value: float | None
    state: str
    numerator: str
    denominator: str
    numerator_value: float | None
    denominator_value: float | None
    fields: list[FieldTrace]
    held_against: list[dict[str, Any]]
    release_id: str


class Tracer:
    """Follows values of one year of a home's latest release."""

    def __init__(self, home: Home, year: int, release_id: str = "latest") -> None:
        self.home, self.year = home, year
        folder = folder_of(home, release_id)
        self.release_id = folder.name
        self.catalogue: Catalogue = load_catalogue(folder / "catalogue")
        self.connection = duckdb.connect(str(folder / "junheng.duckdb"), read_only=True)
        self._refuse_another_state()

    def _refuse_another_state(self) -> None:
        """Cells are read from the store; they are the release's only while the store is as the release found it."""
        code = str(self._rows("select code_digest from release_info")[0]["code_digest"])
        if self.home.rows(self.year).exists() and not is_fresh(self.home, self.catalogue, code, self.year):
            raise HomeError(
                f"发布 {self.release_id} 之后收件、撤回、更正、目录或程序有变化，或上次运行失败；请先运行 junheng run 再溯源",
                f"receipts, withdrawals, corrections, catalogue or code changed since release {self.release_id}, or a run failed: run junheng run, then trace",
            )

    def _rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        frame: pl.DataFrame = self.connection.sql(query, params=list(parameters)).pl()
        return frame.to_dicts()

    @cached_property
    def _cell_map(self) -> dict[str, Any]:
        return dict(json.loads((self.home.rows(self.year) / "cells.json").read_text(encoding="utf-8")))

    def traces(self, school_id: str, indicator_id: str, stage: str | None) -> list[Trace]:
        """A trace per stage of the school (or the one asked for). Raises HomeError naming what is not there."""
        if indicator_id not in self.catalogue.indicators:
            zh, en = f"没有指标“{indicator_id}”；可用：", f"there is no indicator “{indicator_id}”; there are: "
            known = "、".join(self.catalogue.indicators)
            raise HomeError(zh + known, en + known)
        found = self._rows(
            "select * from indicator_value where year = ? and school_id = ? and indicator_id = ? order by stage",
            self.year, school_id, indicator_id,
        )  # fmt: skip
        found = [row for row in found if stage is None or row["stage"] == stage]
        if not found:
            raise HomeError(*self._why_not(school_id, stage))
        return [self._trace(row) for row in found]

    def _why_not(self, school_id: str, stage: str | None) -> tuple[str, str]:
        units = self._rows("select * from school where year = ? and school_id = ?", self.year, school_id)
        if units and units[0]["is_merged"]:
            parent = units[0]["parent_school_id"]
            return (
                f"{school_id} 不计校数，已并入 {parent}；请查询该校",
                f"{school_id} is not counted as a school and was merged into {parent}; trace that one",
            )
        if units:
            return (
                f"{self.year} 年学校 {school_id} 在学段 {stage or '—'} 没有学生",
                f"school {school_id} has no pupils in stage {stage or '—'} in {self.year}",
            )
        quarantined = self._rows(
            "select 1 from finding where year = ? and school_id = ? and severity = 'critical'", self.year, school_id
        )
        if quarantined:
            return (
                f"{self.year} 年学校 {school_id} 因严重问题被隔离，见 finding 表",
                f"school {school_id} was quarantined in {self.year} for a critical finding; see the table finding",
            )
        return f"{self.year} 年没有学校 {school_id}", f"there is no school {school_id} in {self.year}"

    def _trace(self, row: dict[str, Any]) -> Trace:
        indicator = self.catalogue.indicators[row["indicator_id"]]
        table, key = ("school_stage", " and stage = ?") if indicator.scope == "stage" else ("school_total", "")
        keys = [self.year, row["school_id"], *([row["stage"]] if key else [])]
        values = self._rows(f"select * from {table} where year = ? and school_id = ?{key}", *keys)[0]
        texts = [t for t in (indicator.numerator, indicator.denominator, indicator.applies_when) if t]
        names = list(dict.fromkeys(name for text in texts for name in columns_of(text)))
        stage = row["stage"] if indicator.scope == "stage" else None
        units = self._rows(
            "select * from school where year = ? and (school_id = ? or (is_merged and parent_school_id = ?)) order by 1",
            self.year, row["school_id"], row["school_id"],
        )  # fmt: skip
        rows = list(self._typed_rows(units))
        fields = [self._field(name, values, stage, rows) for name in names]
        known = {"indicator": row["indicator_id"], "stage": row["stage"], "type": values.get("school_type") or ""}
        held = self.connection.sql(_HELD_AGAINST, params=known | {"year": self.year}).pl().to_dicts()
        return Trace(
            row["trace_id"], str(values.get("name") or row["school_id"]), indicator.label, indicator.unit.zh, row["stage"],
            row["value"], row["state"], indicator.numerator, indicator.denominator, row["numerator"], row["denominator"],
            fields, held, self.release_id,
        )  # fmt: skip

    def _field(self, name: str, values: Row, stage: str | None, rows: list[Row]) -> FieldTrace:
        definition = self.catalogue.fields.get(name)
        if definition is None:
            return self._column(name, values, stage, rows)
        if definition.is_derived:
            return self._derived(definition, values, stage, rows)
        read = list(self._read(definition, values, stage, rows))
        notes = [self._operation(name, read), self._divided(definition, stage, read, rows)]
        wanted = stage if definition.scope == "stage" else None
        cells = list(self._cells(name, wanted, read))
        mended = self._mended([name], wanted, read)
        return FieldTrace(name, definition.label, values.get(name), _joined(notes), cells, corrections=mended)

    def _mended(self, names: Iterable[str], stage: str | None, rows: list[Row]) -> list[Mended]:
        """Corrections that were applied to these fields in typed rows: of all stages, or of one."""
        wanted, schools = set(names), {row["school_id"] for row in rows}
        columns = [f.name for f in dataclasses.fields(Mended)]
        return [
            Mended(**{name: row[name] for name in columns})
            for row in self._corrections
            if row["field"] in wanted
            and row["school_id"] in schools
            and (stage is None or row["stage"] in (None, stage))
        ]

    @cached_property
    def _corrections(self) -> list[dict[str, Any]]:
        applied = "select * from correction where year = ? and is_applied order by correction_id"
        return self._rows(applied, self.year)

    def _column(self, name: str, values: Row, stage: str | None, rows: list[Row]) -> FieldTrace:
        """A column that is not a field: who the school is, or the pupils of whichever stage."""
        label = Label(zh=name, en=name)
        if name in IDENTITY_COLUMNS:
            zh, en = IDENTITY_COLUMNS[name]
            kind = "stage" if name == "stage" else "school"
            own = [row for row in rows if row["school_id"] == values["school_id"] and row[RECORD] == kind]
            cells, mended = list(self._cells(name, stage, own)), self._mended([name], None, own)
            return FieldTrace(name, Label(zh=zh, en=en), values.get(name), None, cells, corrections=mended)
        pupils = dict.fromkeys(s.pupils_field for s in self.catalogue.stages.values())
        of = [p for p in pupils if name == "pupils" and p in self.catalogue.fields]
        return FieldTrace(name, label, values.get(name), None, below=[self._field(p, values, stage, rows) for p in of])

    def _read(self, definition: FieldDef, values: Row, stage: str | None, rows: list[Row]) -> Iterator[Row]:
        """The rows that a field's value was read from: an attribute is the school's own, a shared field is of the campuses
        that have the stage, and a whole school's stage field leaves out stages that are not judged."""
        for row in rows:
            if definition.scope == "identity" and row["school_id"] != values["school_id"]:
                continue
            if definition.scope == "split" and stage and stage not in self._stages_of(row["school_id"], rows):
                continue
            if definition.scope == "stage" and stage is None and self._is_judged(row["stage"]) is False:
                continue
            yield row

    def _is_judged(self, stage: str | None) -> bool | None:
        return self.catalogue.stages[stage].is_judged if stage in self.catalogue.stages else None

    def _stages_of(self, school_id: str, rows: list[Row]) -> set[str]:
        """Stages in which a unit reported pupils."""
        known = [(row, self.catalogue.stages.get(row["stage"])) for row in rows if row["school_id"] == school_id]
        return {s.id for row, s in known if s is not None and row[RECORD] == "stage" and (row[s.pupils_field] or 0) > 0}

    def _divided(self, definition: FieldDef, stage: str | None, read: list[Row], rows: list[Row]) -> Label | None:
        """Says that a shared field was divided, where a campus has pupils in more than one stage."""
        units = {row["school_id"] for row in read}
        if definition.scope != "split" or stage is None or all(len(self._stages_of(u, rows)) < 2 for u in units):
            return None
        return Label(zh="共用资源：按学段权重 × 学生数的比例拆分", en="shared: divided over stages by weight × pupils")

    def _operation(self, name: str, rows: list[Row]) -> Label | None:
        """How the columns of a file made the field, where it is their sum or product."""
        made = [found for row in rows if name in row and (found := self._mapped(name, row)) and "operation" in found]
        if not made:
            return None
        text = f" {made[0]['operation']} ".join(made[0]["headers"])
        factor = float(made[0]["factor"])
        return _formula(text if factor == 1 else f"({text}) × {factor:g}")

    def _derived(self, definition: FieldDef, values: Row, stage: str | None, rows: list[Row]) -> FieldTrace:
        of_stage = stage if definition.scope == "stage" else None
        value = values.get(definition.id)
        if definition.expression is not None:
            names = [n for n in columns_of(definition.expression) if n in {*self.catalogue.fields, *IDENTITY_COLUMNS}]
            wanted = stage if definition.scope in ("stage", "split") else None
            below = [self._field(name, values, wanted, rows) for name in names]
            return FieldTrace(definition.id, definition.label, value, _formula(definition.expression), below=below)
        aggregate = definition.aggregate
        assert aggregate is not None
        how = f"sum {aggregate.sum}" if aggregate.sum else f"max {aggregate.max}" if aggregate.max else "count"
        where = f" where {aggregate.where}" if aggregate.where else ""
        text = f"{how} over {aggregate.over}{where}"
        cells = list(self._aggregated(aggregate, of_stage, rows))
        mended = self._mended(self._read_by(aggregate), of_stage, rows)
        return FieldTrace(definition.id, definition.label, value, _formula(text), cells, corrections=mended)

    def _aggregated(self, aggregate: Aggregate, stage: str | None, rows: list[Row]) -> Iterator[Cell]:
        """Cells of the rows that an aggregate took; for a bare count the first cell of each row."""
        kind = [row for row in rows if row[RECORD] == aggregate.over and stage in (None, row["stage"])]
        held = self._held(aggregate, kind)
        names = self._read_by(aggregate)
        for name in names:
            yield from self._cells(name, stage, held)
        for row in held if not names else ():
            of_row = [*(f.id for f in self.catalogue.cells_of(aggregate.over)), "school_id"]
            first = next((name for name in of_row if self._mapped(name, row)), None)
            if first is not None:
                yield from self._cells(first, stage, [row])

    def _read_by(self, aggregate: Aggregate) -> list[str]:
        """Fields that an aggregate reads, each once."""
        read = [t for t in (aggregate.sum, aggregate.max, aggregate.where) if t]
        return list(dict.fromkeys(n for t in read for n in columns_of(t) if n in self.catalogue.fields))

    def _held(self, aggregate: Aggregate, rows: list[Row]) -> list[Row]:
        """The rows for which an aggregate's condition holds; null is not held. Conditions read the unit's attributes."""
        if not aggregate.where or not rows:
            return rows
        schema = record_schema(self.catalogue, "school") | record_schema(self.catalogue, aggregate.over)
        known = [row | row[UNIT] | {"is_judged": self._is_judged(row["stage"]), "year": self.year} for row in rows]
        columns: dict[str, Any] = {**schema, "is_judged": pl.Boolean(), "year": pl.Int64()}
        frame = pl.DataFrame([{name: row.get(name) for name in columns} for row in known], schema=columns)
        held = frame.with_columns(pl.sql_expr(for_polars(aggregate.where)).alias("__held"))["__held"]
        return [row for row, holds in zip(rows, held, strict=True) if holds]

    def _typed_rows(self, units: list[Row]) -> Iterator[Row]:
        """Typed rows of the units, of parts that count in the release, with their kind and their unit's attributes."""
        live = self._rows("select * from submission_part where year = ? and status = 'accepted'", self.year)
        counting = {(row["submission_id"], row["part"], row["county_code"]) for row in live}
        by_id = {u["school_id"]: {n: u[n] for n in IDENTITY_COLUMNS if n in u} for u in units}
        fields = [f.id for f in self.catalogue.fields_of("identity")]
        records: tuple[RecordType, ...] = ("school", "stage", "class", "room")
        for record in records:
            path = self.home.rows(self.year) / f"{record}.parquet"
            frame = pl.scan_parquet(path).filter(pl.col("school_id").is_in(list(by_id))).collect()
            for row in frame.iter_rows(named=True):
                if (row["submission_id"], row["part"], row["county_code"]) not in counting:
                    continue
                unit = by_id[row["school_id"]]
                unit |= {n: row[n] for n in fields if record == "school" and unit.get(n) is None}
                yield row | {RECORD: record, UNIT: unit}

    def _mapped(self, name: str, row: Row) -> dict[str, Any] | None:
        """The columns of its file that a typed row's field was read from."""
        part = self._cell_map.get(row["submission_id"], {}).get(row["part"], {})
        found: dict[str, Any] | None = part.get(f"{name}@{row['stage'] or ''}") or part.get(f"{name}@")
        return found

    def _cells(self, name: str, stage: str | None, rows: list[Row]) -> Iterator[Cell]:
        """The cells of a field in typed rows: all stages, or one."""
        for row in rows:
            if stage is not None and row["stage"] is not None and row["stage"] != stage:
                continue
            found = self._mapped(name, row)
            if found is None or name not in row:
                continue
            source = self._submission(row["submission_id"])
            factor = 1.0 if "operation" in found else float(found["factor"])
            for (sheet, address), header in zip(places_of(found, row), found["headers"], strict=True):
                text = self._text(source, sheet, address)
                yield Cell(
                    source["inbox_path"], source["sha256"], sheet, address, header, text,
                    row["school_id"], row["stage"] or "", factor, None if "operation" in found else _read_as(text, row[name], factor),
                )  # fmt: skip

    @lru_cache(maxsize=64)  # noqa: B019 - a tracer lives as long as one command
    def _submission(self, submission_id: str) -> dict[str, Any]:
        return self._rows("select * from submission where submission_id = ?", submission_id)[0]

    @lru_cache(maxsize=8)  # noqa: B019 - a tracer lives as long as one command
    def _tables(self, sha256: str, layout_id: str | None) -> dict[str, SourceTable]:
        tables = read_tables(content_of(self.home, sha256), self.catalogue, layout_id)
        return {table.sheet: table for table in tables}

    def _text(self, source: Row, sheet: str, address: str) -> str:
        return self._tables(source["sha256"], source["layout_id"])[sheet].cell(*cell_place(address))


def _read_as(text: str, value: float | str | None, factor: float) -> float | str | None:
    """A typed value that its cell does not show plainly; None where it does."""
    if value is None:
        return NO_VALUE if text.strip() else None
    if text.strip() == value:
        return None
    try:
        return None if float(text) * factor == value else value
    except ValueError:
        return value


def _joined(notes: Iterable[Label | None]) -> Label | None:
    """Notes as one."""
    given = [note for note in notes if note is not None]
    return Label(zh="；".join(n.zh for n in given), en="; ".join(n.en for n in given)) if given else None


def _formula(text: str) -> Label:
    return Label(zh=f"= {text}", en=f"= {text}")
