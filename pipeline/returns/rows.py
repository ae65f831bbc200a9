"""A fitted table with one row a school, stage, class or room to typed rows: whose they are, and what their cells hold."""

from __future__ import annotations

from functools import cached_property, reduce
from operator import add, mul

import polars as pl

from pipeline import findings
from pipeline.returns.headings import levels
from pipeline.returns.layouts import header_in
from pipeline.returns.parents import with_parents_by_code
from pipeline.returns.part import KEYS, ROW, PartReader, PartRows
from pipeline.returns.typing import Target, is_numeric, kind_of, target, typed
from pipeline.schema.entry import IDENTITY_COLUMNS, RecordType
from pipeline.schema.layout import Column, DerivedColumn
from pipeline.schema.model import Catalogue

Values = dict[tuple[str, str | None], pl.Series]
"""Typed columns by target and, in sheets with one row a school, by the stage that they tell of."""


def record_schema(catalogue: Catalogue, record: RecordType) -> dict[str, pl.DataType]:
    """Columns of a typed row of a record type: its place, whose it is, and the cells of that kind of row.

    A county's row has no school: its ``school_id`` is null, and it has none of the columns that describe a school.
    """
    cells = {f.id: pl.Float64() if is_numeric(f.type) else pl.String() for f in catalogue.cells_of(record)}
    if record == "county":
        return {**KEYS, **cells}
    identity = {n: pl.Float64() if n == "is_public" else pl.String() for n in IDENTITY_COLUMNS if n not in KEYS}
    return {**KEYS, **identity, **cells}


def record_frame(
    catalogue: Catalogue, record: RecordType, keys: pl.DataFrame, cells: dict[str, pl.Series]
) -> pl.DataFrame:
    """Typed rows of a record type from their keys and those of its columns that are known; the others are null."""
    schema = record_schema(catalogue, record)
    known = {**{name: keys[name] for name in KEYS}, **cells}
    blank = {kind: pl.Series([None] * keys.height, dtype=kind) for kind in set(schema.values())}
    return pl.DataFrame([known.get(name, blank[kind]).cast(kind).alias(name) for name, kind in schema.items()])


def with_names_of_codes(catalogue: Catalogue, column: Column) -> Column:
    """A column whose cells hold names of codes, or the codes themselves, so that it reads either."""
    if not column.is_coded:
        return column
    named = {name: code for code, text in catalogue.codes[column.to].codes.items() for name in (text.zh, text.en)}
    return column.model_copy(update={"recode": named | column.recode})


class SheetReader(PartReader):
    """Reads one fitted table whose rows describe schools, or the county in one row."""

    @cached_property
    def absent(self) -> set[str]:
        """Fields whose columns the file lacks and that were taken as 0: they do not make a row tell of its stage."""
        return set()

    def read(self) -> PartRows:
        """The table's rows, typed, each with its place and its disposition."""
        data = self.data_rows()
        is_kept = data["disposition"] == "accepted"
        kept = data.filter(is_kept)
        self.check_faults(kept)
        self.check_years(kept)
        schools = self._schools(data) if self.sheet.record != "county" else None
        counties = self.counties(data)
        whose = pl.Series(schools if schools is not None else [None] * data.height, dtype=pl.String)
        columns = {ROW: data[ROW], "county_code": pl.Series(counties, dtype=pl.String), "school_id": whose}
        keys = pl.DataFrame(columns, schema=KEYS).filter(is_kept)
        frames = self._frames(kept, keys)
        self._check_keys(frames)
        rows = self.account(data, counties, schools)
        return PartRows(self.sheet.part, rows, frames, self.found, self.cells)

    def _schools(self, data: pl.DataFrame) -> list[str | None]:
        """School codes of source rows; one that is missing in a kept row becomes a finding."""
        position = self._school_position
        schools = self.codes(data, position, "school_id")
        self.remember("school_id", None, position)
        for number in data[ROW].filter(schools.is_null() & (data["disposition"] == "accepted")):
            self.report("school_id_missing", number, position)
        return schools.to_list()

    def _position(self, column: Column) -> int | None:
        return self.fit.position(header_in(column.header, self.year), column.also)

    def _column_to(self, to: str) -> Column | None:
        return next((column for column in self.sheet.columns if column.to == to), None)

    @property
    def _school_position(self) -> int:
        column = self._column_to("school_id")
        position = self._position(column) if column else None
        assert position is not None, "a fitted sheet has its school code"
        return position

    # -- what their cells hold ----------------------------------------------------------------------------------

    def _frames(self, kept: pl.DataFrame, keys: pl.DataFrame) -> dict[RecordType, pl.DataFrame]:
        """Typed rows by record type: one row a source row, and for wide sheets one stage row a stage that it names."""
        values: Values = {}
        self.numbers = kept[ROW].to_list()
        for column in self.sheet.columns:
            if column.to == "school_id":
                continue
            position = self._position(column)
            if position is not None:
                what = target(self.catalogue, with_names_of_codes(self.catalogue, column))
                values[column.to, column.stage] = self._typed(kept, position, what)
            elif column.absent == "zero" and self._has_group_of(column):
                values[column.to, column.stage] = self._absent(column, kept.height)
        for derived in self.sheet.derived:
            values[derived.to, derived.stage] = self._derived(kept, derived, target(self.catalogue, derived))
        for name, constant in self.sheet.constants.items():
            numeric = is_numeric(kind_of(self.catalogue, name))
            cell = float(constant) if numeric else str(constant)
            values[name, None] = pl.Series([cell] * kept.height, dtype=pl.Float64 if numeric else pl.String)
        return self._records(keys, values)

    def _typed(self, kept: pl.DataFrame, position: int, what: Target) -> pl.Series:
        series, found = typed(kept[f"c{position}"], self.numbers, position, what, self.place)
        self.found += found
        self.remember(what.to, what.stage, position, what.factor)
        return series

    def _has_group_of(self, column: Column) -> bool:
        """Whether the file has another column of the group in which a column would stand."""
        group = levels(header_in(column.header, self.year))[:-1]
        return any(
            levels(header_in(other.header, self.year))[:-1] == group and self._position(other) is not None
            for other in self.sheet.columns
        )

    def _absent(self, column: Column, height: int) -> pl.Series:
        """Zeros for a column that the file lacks and whose absence means a true nothing; told once."""
        what, heading = target(self.catalogue, column), self.fit.heading
        place = self.place(heading.index + heading.height, None) | {"field": column.to}
        words = {"label_zh": what.label.zh, "label_en": what.label.en}
        self.found.append(findings.of_reading("column_absent_as_zero", place, **words))
        self.absent.add(column.to)
        return pl.Series([0.0] * height, dtype=pl.Float64)

    def _derived(self, kept: pl.DataFrame, derived: DerivedColumn, what: Target) -> pl.Series:
        """The sum or product of columns; null where a part is null."""
        series = []
        for part in derived.parts:
            position = self.fit.position(part)
            assert position is not None, "a fitted sheet has every part"
            series.append(self._typed(kept, position, what))
        operation = "+" if derived.sum else "×"
        self.cells[f"{what.to}@{what.stage or ''}"] |= {"operation": operation, "factor": derived.factor}
        return reduce(add if derived.sum else mul, series) * derived.factor

    def _records(self, keys: pl.DataFrame, values: Values) -> dict[RecordType, pl.DataFrame]:
        sheet, fields = self.sheet, self.catalogue.fields
        own = {to: s for (to, stage), s in values.items() if stage is None and not self._belongs_to_stage(to)}
        frames: dict[RecordType, pl.DataFrame] = {sheet.record: record_frame(self.catalogue, sheet.record, keys, own)}
        if sheet.record != "school":
            return frames
        if sheet.parent_from_code:
            frames["school"] = self._with_parents(frames["school"])
        stage_rows = []
        constant = sheet.constants.get("stage")
        by_stage = {(to, stage or str(constant)): s for (to, stage), s in values.items() if self._belongs_to_stage(to)}
        for stage in dict.fromkeys(stage for _, stage in by_stage):
            cells = {to: s for (to, of), s in by_stage.items() if of == stage}
            cells["stage"] = pl.Series([stage] * keys.height, dtype=pl.String)
            frame = record_frame(self.catalogue, "stage", keys, cells)
            reported = pl.any_horizontal(pl.col(to).is_not_null() for to in set(cells) & set(fields) - self.absent)
            stage_rows.append(frame.filter(reported))
        if stage_rows:
            frames["stage"] = pl.concat(stage_rows)
        return frames

    def _with_parents(self, schools: pl.DataFrame) -> pl.DataFrame:
        """School rows whose branches without a parent belong to the school that their codes name; each is told."""
        filled = with_parents_by_code(self.catalogue, schools, self.sheet.parent_from_code)
        given = filled.filter(schools["parent_school_id"].is_null() & filled["parent_school_id"].is_not_null())
        for number, parent in given.select(ROW, "parent_school_id").iter_rows():
            place = self.place(number, self._school_position) | {"field": "parent_school_id"}
            self.found.append(findings.of_reading("parent_from_code", place, found=parent))
        if given.height and "parent_school_id@" not in self.cells:
            self.remember("parent_school_id", None, self._school_position)
        return filled

    def _belongs_to_stage(self, to: str) -> bool:
        field = self.catalogue.fields.get(to)
        return self.sheet.record == "school" and field is not None and field.scope == "stage"

    # -- keys ---------------------------------------------------------------------------------------------------

    def _check_keys(self, frames: dict[RecordType, pl.DataFrame]) -> None:
        """Findings of stages that are not known, and of schools (and stages) or counties that stand twice."""
        own = frames[self.sheet.record]
        if self.sheet.record in ("stage", "class"):
            self._check_stages(own)
        key = {"school": ["school_id"], "stage": ["school_id", "stage"], "county": ["county_code"]}.get(
            self.sheet.record
        )
        if key is None or not own.height:
            return
        repeated = own.filter(own.select(key).is_duplicated() & own[key[0]].is_not_null())
        rule_id, position = (
            ("county_repeated", None) if key == ["county_code"] else ("school_id_repeated", self._school_position)
        )
        for number, name in zip(repeated[ROW], repeated[key[0]], strict=True):
            self.report(rule_id, number, position, found=name)

    def _check_stages(self, own: pl.DataFrame) -> None:
        stages = list(self.catalogue.stages)
        column = self._column_to("stage")
        position = self._position(column) if column else None
        listed = "、".join(column.recode if column and column.recode else stages)
        for number, text in zip(own[ROW], own["stage"], strict=True):
            if text not in self.catalogue.stages:
                self.report("stage_unknown", number, position, found=text or "", expected=listed)
