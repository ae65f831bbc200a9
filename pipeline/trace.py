"""From a value back to its cells: value ← formula ← fields ← file, sheet, cell; and the clause it is held against."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import duckdb
import polars as pl

from pipeline.errors import HomeError
from pipeline.release.verify import folder_of
from pipeline.returns.csv_file import SourceTable, read_csv
from pipeline.schema import load_catalogue
from pipeline.schema.entry import Label
from pipeline.schema.expressions import columns_of
from pipeline.schema.model import Catalogue, FieldDef
from pipeline.store.home import Home
from pipeline.store.receipts import content_of


@dataclass(frozen=True)
class Cell:
    """One cell of a return that a field's value came from. ``factor`` is what the text was multiplied by."""

    file: str
    sha256: str
    sheet: str
    address: str
    header: str
    text: str
    unit: str
    stage: str
    factor: float


@dataclass(frozen=True)
class FieldTrace:
    """A field of the formula: its value in the computed row, how it was made, its cells, and the fields below it."""

    name: str
    label: Label
    value: float | str | None
    note: Label | None
    cells: list[Cell] = field(default_factory=list)
    below: list[FieldTrace] = field(default_factory=list)


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

    def _rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        frame: pl.DataFrame = self.connection.sql(query, params=list(parameters)).pl()
        return frame.to_dicts()

    @cached_property
    def _cell_map(self) -> dict[str, Any]:
        return dict(json.loads((self.home.rows(self.year) / "cells.json").read_text(encoding="utf-8")))

    def traces(self, school_id: str, indicator_id: str, stage: str | None) -> list[Trace]:
        """A trace per stage of the school (or the one asked for). Raises HomeError naming what is not there."""
        if indicator_id not in self.catalogue.indicators:
            known = "、".join(self.catalogue.indicators)
            raise HomeError(
                f"没有指标“{indicator_id}”；可用：{known}",
                f"there is no indicator “{indicator_id}”; there are: {known}",
            )
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
        texts = [
            indicator.numerator,
            indicator.denominator,
            *([indicator.applies_when] if indicator.applies_when else []),
        ]
        names = list(dict.fromkeys(name for text in texts for name in columns_of(text)))
        stage = row["stage"] if indicator.scope == "stage" else None
        units = self._rows(
            "select school_id from school where year = ? and (school_id = ? or (is_merged and parent_school_id = ?)) order by 1",
            self.year, row["school_id"], row["school_id"],
        )  # fmt: skip
        rows = list(self._typed_rows([unit["school_id"] for unit in units]))
        fields = [self._field(name, values, stage, rows) for name in names]
        held = self._rows(
            "select t.*, s.name_zh, s.name_en from threshold t left join standard s using (standard_id, stage) "
            "where indicator_id = ? and t.stage in (?, '*') and school_type in (?, '*') order by standard_id",
            row["indicator_id"], row["stage"], values.get("school_type") or "",
        )  # fmt: skip
        return Trace(
            row["trace_id"], str(values.get("name") or row["school_id"]), indicator.label, indicator.unit.zh, row["stage"],
            row["value"], row["state"], indicator.numerator, indicator.denominator, row["numerator"], row["denominator"],
            fields, held, self.release_id,
        )  # fmt: skip

    def _field(self, name: str, values: dict[str, Any], stage: str | None, rows: list[dict[str, Any]]) -> FieldTrace:
        definition = self.catalogue.fields.get(name)
        value = values.get(name)
        if definition is None:
            pupils = {s.pupils_field for s in self.catalogue.stages.values()}
            below = [
                self._field(p, values, stage, rows) for p in pupils if name == "pupils" and p in self.catalogue.fields
            ]
            return FieldTrace(name, Label(zh=name, en=name), value, None, below=below)
        if definition.is_derived:
            return self._derived(definition, values, stage, rows)
        wanted = stage if definition.scope == "stage" else None
        return FieldTrace(
            name, definition.label, value, _note(definition, stage), list(self._cells(name, wanted, rows))
        )

    def _derived(
        self, definition: FieldDef, values: dict[str, Any], stage: str | None, rows: list[dict[str, Any]]
    ) -> FieldTrace:
        if definition.expression is not None:
            names = [n for n in columns_of(definition.expression) if n in self.catalogue.fields]
            note = Label(zh=f"= {definition.expression}", en=f"= {definition.expression}")
            wanted = stage if definition.scope == "stage" else None
            below = [self._field(name, values, wanted, rows) for name in names]
            return FieldTrace(definition.id, definition.label, values.get(definition.id), note, below=below)
        aggregate = definition.aggregate
        assert aggregate is not None
        how = f"sum {aggregate.sum}" if aggregate.sum else f"max {aggregate.max}" if aggregate.max else "count"
        where = f" where {aggregate.where}" if aggregate.where else ""
        text = f"= {how} over {aggregate.over}{where}"
        read = [t for t in (aggregate.sum, aggregate.max, aggregate.where) if t]
        names = list(dict.fromkeys(n for t in read for n in columns_of(t) if n in self.catalogue.fields))
        of_stage = stage if definition.scope == "stage" else None
        cells = [cell for n in names for cell in self._cells(n, of_stage, rows)]
        return FieldTrace(definition.id, definition.label, values.get(definition.id), Label(zh=text, en=text), cells)

    def _typed_rows(self, units: list[str]) -> Iterator[dict[str, Any]]:
        """Typed rows of the units, of parts that count in the release."""
        live = self._rows(
            "select submission_id, part, county_code from submission_part where year = ? and status = 'accepted'",
            self.year,
        )
        counting = {(row["submission_id"], row["part"], row["county_code"]) for row in live}
        for record in ("school", "stage", "class", "room"):
            path = self.home.rows(self.year) / f"{record}.parquet"
            frame = pl.scan_parquet(path).filter(pl.col("school_id").is_in(units)).collect()
            for row in frame.iter_rows(named=True):
                if (row["submission_id"], row["part"], row["county_code"]) in counting:
                    yield row

    def _cells(self, name: str, stage: str | None, rows: list[dict[str, Any]]) -> Iterator[Cell]:
        """The cells of a field in typed rows: all stages, or one."""
        for row in rows:
            if stage is not None and row["stage"] is not None and row["stage"] != stage:
                continue
            part = self._cell_map.get(row["submission_id"], {}).get(row["part"], {})
            found = part.get(f"{name}@{row['stage'] or ''}") or part.get(f"{name}@")
            if found is None or name not in row:
                continue
            source = self._submission(row["submission_id"])
            for letter, header in zip(found["columns"], found["headers"], strict=True):
                text = self._text(source["sha256"], letter, row["row"])
                yield Cell(
                    source["inbox_path"], source["sha256"], "", f"{letter}{row['row']}", header, text,
                    row["school_id"], row["stage"] or "", float(found["factor"]),
                )  # fmt: skip

    @lru_cache(maxsize=64)  # noqa: B019 - a tracer lives as long as one command
    def _submission(self, submission_id: str) -> dict[str, Any]:
        return self._rows("select * from submission where submission_id = ?", submission_id)[0]

    @lru_cache(maxsize=8)  # noqa: B019 - a tracer lives as long as one command
    def _table(self, sha256: str) -> SourceTable:
        encodings = dict.fromkeys(e for layout in self.catalogue.layouts.values() for e in layout.encodings)
        return read_csv(content_of(self.home, sha256), list(encodings))

    def _text(self, sha256: str, letter: str, row: int) -> str:
        column = 0
        for character in letter:
            column = column * 26 + ord(character) - 64
        cells = self._table(sha256).rows[row - 1]
        return cells[column - 1] if column <= len(cells) else ""


def _note(definition: FieldDef, stage: str | None) -> Label | None:
    """What was done to the cells besides adding campuses up."""
    if definition.scope == "split" and stage is not None:
        return Label(zh="共用资源：按学段权重 × 学生数的比例拆分", en="shared: divided over stages by weight × pupils")
    return None
