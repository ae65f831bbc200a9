"""A fitted table to typed rows: which source rows are data, whose they are, and what their cells hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import add, mul

import polars as pl

from pipeline import findings
from pipeline.errors import FaultError
from pipeline.returns.counties import Counties
from pipeline.returns.csv_file import SourceTable, column_letter, is_blank
from pipeline.returns.layouts import Fit, header_in, headers_of, perhaps_meant
from pipeline.returns.shape import Header
from pipeline.returns.typing import Target, is_numeric, kind_of, target, typed
from pipeline.schema.entry import IDENTITY_COLUMNS, RecordType
from pipeline.schema.expressions import columns_of, for_polars
from pipeline.schema.layout import Column, DerivedColumn
from pipeline.schema.model import Catalogue

ROW = "row"
KEYS = {"row": pl.Int64(), "county_code": pl.String(), "school_id": pl.String()}


@dataclass
class SheetRows:
    """One part of one file.

    ``rows``: a row a source row (row, county_code, school_id, disposition, reason). ``frames``: typed rows by record
    type. ``findings``: without submission. ``cells``: "field@stage" → columns, headers and factor, for tracing.
    """

    part: str
    rows: pl.DataFrame
    frames: dict[RecordType, pl.DataFrame]
    findings: list[dict[str, object]]
    cells: dict[str, dict[str, object]] = field(default_factory=dict)


def record_schema(catalogue: Catalogue, record: RecordType) -> dict[str, pl.DataType]:
    """Columns of a typed row of a record type: its place, whose it is, and the cells of that kind of row."""
    cells = {f.id: pl.Float64() if is_numeric(f.type) else pl.String() for f in catalogue.cells_of(record)}
    identity = {n: pl.Float64() if n == "is_public" else pl.String() for n in IDENTITY_COLUMNS if n not in KEYS}
    return {**KEYS, **identity, **cells}


class SheetReader:
    """Reads one fitted table; one instance a table, ``read`` once."""

    def __init__(self, table: SourceTable, fit: Fit, catalogue: Catalogue, year: int) -> None:
        self.table, self.fit, self.catalogue, self.year = table, fit, catalogue, year
        self.sheet = fit.sheet
        self.found: list[dict[str, object]] = []
        self.cells: dict[str, dict[str, object]] = {}
        self.header = Header(table, fit.header_index)

    def place(self, row: int, column: int | None) -> dict[str, object]:
        """Where a finding stands: sheet, row number and cell address."""
        cell = f"{column_letter(column)}{row}" if column is not None else ""
        return {"part": self.sheet.part, "sheet": self.table.sheet, "row": row, "cell": cell, "year": self.year}

    def read(self) -> SheetRows:
        """The table's rows, typed, each with its place and its disposition."""
        self._check_headers()
        data = self._dispose(self._data_rows())
        self._check_shape(data)
        kept = data.filter(pl.col("disposition") == "accepted")
        self._years(kept)
        keys = self._keys(data.filter(pl.col("disposition") != "not_data"))
        frames = self._frames(kept, keys.filter(pl.col(ROW).is_in(kept[ROW].implode())))
        self._check_keys(frames)
        rows = self._account(data, keys)
        self._place_whom(rows)
        return SheetRows(self.sheet.part, rows, frames, self.found, self.cells)

    # -- which rows are data ------------------------------------------------------------------------------------

    def _data_rows(self) -> pl.DataFrame:
        """Non-blank rows below the header, as text: a column a file column (c0, c1, …), null where blank."""
        start = self.fit.header_index + 1
        numbered = [(i + 1, row) for i, row in enumerate(self.table.rows) if i >= start and not is_blank(row)]
        headers = headers_of(self.fit.layout, self.sheet, self.year, optional=True)
        used = sorted({p for p in (self.fit.position(h, also) for h, also in headers) if p is not None})
        columns = {f"c{c}": [_cell(row, c) for _, row in numbered] for c in used}
        misfits = [self.header.misfit(row) for _, row in numbered]
        facts = {
            ROW: [n for n, _ in numbered],
            "is_repeated": [self.header.is_repeated_by(row) for _, row in numbered],
            "is_misplaced": [misfit is not None and misfit.is_lost for misfit in misfits],
        }
        schema = {ROW: pl.Int64(), "is_repeated": pl.Boolean(), "is_misplaced": pl.Boolean()}
        return pl.DataFrame({**facts, **columns}, schema={**schema, **dict.fromkeys(columns, pl.String())})

    def _check_headers(self) -> None:
        """A warning for every header that nothing reads but that looks like one of the layout's."""
        for position, header in perhaps_meant(self.fit, self.year):
            shown = self.table.rows[self.fit.header_index][position].strip()
            where = self.place(self.fit.header_index + 1, position)
            self.found.append(findings.of_reading("header_perhaps_meant", where, found=shown, expected=header))

    def _check_shape(self, data: pl.DataFrame) -> None:
        """Findings of rows that do not have the shape of the header."""
        for number in data.filter(pl.col("disposition").is_in(["accepted", "quarantined"]))[ROW]:
            if misfit := self.header.misfit(self.table.rows[number - 1]):
                where = self.place(number, misfit.column)
                words = {"found": misfit.found, "expected": misfit.expected}
                self.found.append(findings.of_reading(misfit.rule_id, where, **words))

    def _text(self, data: pl.DataFrame, position: int) -> pl.Series:
        """A column of the file, trimmed: codes, names and years; numbers are read as they stand."""
        return data[f"c{position}"].str.strip_chars()

    def _condition(self, data: pl.DataFrame, text: str) -> pl.Series:
        """A layout's condition over its headers, true or false for each row (null is false).

        Raises FaultError when it cannot be evaluated: that is a fault of the layout, never of the file.
        """
        named = {name: self.fit.position(name) for name in columns_of(text)}
        frame = pl.DataFrame(
            {name: self._text(data, position) for name, position in named.items() if position is not None}
        )
        try:
            return frame.select(pl.sql_expr(for_polars(text)).fill_null(False).alias("x"))["x"]
        except pl.exceptions.PolarsError as error:
            where, why = f"{self.fit.layout.id}/{self.sheet.part}", str(error).splitlines()[0]
            raise FaultError(
                f"表样 {where} 的条件“{text}”无法执行：{why}",
                f"the condition “{text}” of the layout {where} could not be evaluated: {why}",
            ) from None

    def _dispose(self, data: pl.DataFrame) -> pl.DataFrame:
        """Adds ``disposition`` and ``reason``: notes and repeated headers first, then the layout's filters in order."""
        not_data = data["is_repeated"]
        for text in self.sheet.not_data:
            not_data = not_data | self._condition(data, text)
        reason = pl.select(pl.when(not_data).then(pl.lit("not_data")).otherwise(None)).to_series()
        for filter_ in self.sheet.filters:
            drop = self._condition(data, filter_.drop_when)
            reason = pl.select(pl.when(reason.is_null() & drop).then(pl.lit(filter_.id)).otherwise(reason)).to_series()
        disposition = (
            pl.when(pl.col("reason") == "not_data").then(pl.lit("not_data"))
            .when(pl.col("reason").is_not_null()).then(pl.lit("filtered"))
            .when(pl.col("is_misplaced")).then(pl.lit("quarantined"))
            .otherwise(pl.lit("accepted"))
        )  # fmt: skip
        return data.with_columns(reason.alias("reason")).with_columns(disposition=disposition)

    # -- whose rows they are ------------------------------------------------------------------------------------

    def _keys(self, rows: pl.DataFrame) -> pl.DataFrame:
        """row, county_code, school_id of source rows; what is missing or unknown in a kept row becomes a finding."""
        position = self._school_position
        schools = self._text(rows, position)
        self._remember("school_id", None, position, 1.0)
        for number in rows[ROW].filter(schools.is_null() & (rows["disposition"] == "accepted")):
            self.found.append(findings.of_reading("school_id_missing", self.place(number, position)))
        counties = self._counties(rows)
        return pl.DataFrame({ROW: rows[ROW], "county_code": counties, "school_id": schools}, schema=KEYS)

    def _position(self, column: Column) -> int | None:
        return self.fit.position(header_in(column.header, self.year), column.also)

    def _column(self, to: str) -> Column | None:
        return next((column for column in self.sheet.columns if column.to == to), None)

    @property
    def _school_position(self) -> int:
        column = self._column("school_id")
        position = self._position(column) if column else None
        assert position is not None, "a fitted sheet has its school code"
        return position

    def _counties(self, rows: pl.DataFrame) -> list[str | None]:
        by = self.sheet.division
        position = self.fit.position(header_in(by.header, self.year), by.also)
        assert position is not None, "a fitted sheet has its division"
        self._remember("county_code", None, position, 1.0)
        counties = Counties(self.catalogue, by.by, self.year)
        codes: list[str | None] = []
        for number, text, disposition in zip(rows[ROW], self._text(rows, position), rows["disposition"], strict=True):
            code, rule_id = counties.find(text)
            codes.append(code)
            if rule_id and disposition == "accepted":
                self.found.append(findings.of_reading(rule_id, self.place(number, position), found=text or ""))
        return codes

    def _years(self, kept: pl.DataFrame) -> None:
        column = self.fit.layout.year.column
        position = self.fit.position(column) if column else None
        if position is None:
            return
        years = self._text(kept, position)
        for number, found in zip(kept[ROW], years, strict=True):
            if found is not None and found != str(self.year):
                where = self.place(number, position)
                self.found.append(findings.of_reading("year_disagrees", where, found=found, expected=self.year))
                return

    # -- what their cells hold ----------------------------------------------------------------------------------

    def _frames(self, kept: pl.DataFrame, keys: pl.DataFrame) -> dict[RecordType, pl.DataFrame]:
        """Typed rows by record type: one row a source row, and for wide sheets one stage row a stage that it names."""
        values: dict[tuple[str, str | None], pl.Series] = {}
        for column in self.sheet.columns:
            if column.to == "school_id":
                continue
            position = self._position(column)
            if position is not None:
                values[column.to, column.stage] = self._typed(kept, position, target(self.catalogue, column))
        for derived in self.sheet.derived:
            values[derived.to, derived.stage] = self._derived(kept, derived, target(self.catalogue, derived))
        for name, constant in self.sheet.constants.items():
            numeric = is_numeric(kind_of(self.catalogue, name))
            cell = float(constant) if numeric else str(constant)
            values[name, None] = pl.Series([cell] * kept.height, dtype=pl.Float64 if numeric else pl.String)
        return self._records(keys, values)

    def _typed(self, kept: pl.DataFrame, position: int, what: Target) -> pl.Series:
        series, found = typed(kept[f"c{position}"], kept[ROW], position, what, self.place)
        self.found += found
        self._remember(what.to, what.stage, position, what.factor)
        return series

    def _remember(self, to: str, stage: str | None, position: int, factor: float) -> None:
        """Notes that a value comes from a column, for tracing and for the cells that a rule blames."""
        cell = self.cells.setdefault(f"{to}@{stage or ''}", {"columns": [], "headers": [], "factor": factor})
        cell["columns"].append(column_letter(position))  # type: ignore[attr-defined]
        cell["headers"].append(self.header.cells[position].strip())  # type: ignore[attr-defined]

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

    def _records(
        self, keys: pl.DataFrame, values: dict[tuple[str, str | None], pl.Series]
    ) -> dict[RecordType, pl.DataFrame]:
        sheet, fields = self.sheet, self.catalogue.fields
        own = {to: s for (to, stage), s in values.items() if stage is None and not self._belongs_to_stage(to)}
        frames: dict[RecordType, pl.DataFrame] = {sheet.record: self._frame(sheet.record, keys, own)}
        if sheet.record != "school":
            return frames
        stage_rows = []
        constant = sheet.constants.get("stage")
        by_stage = {(to, stage or str(constant)): s for (to, stage), s in values.items() if self._belongs_to_stage(to)}
        for stage in dict.fromkeys(stage for _, stage in by_stage):
            cells = {to: s for (to, of), s in by_stage.items() if of == stage}
            cells["stage"] = pl.Series([stage] * keys.height, dtype=pl.String)
            frame = self._frame("stage", keys, cells)
            reported = pl.any_horizontal(pl.col(to).is_not_null() for to in cells if to in fields)
            stage_rows.append(frame.filter(reported))
        if stage_rows:
            frames["stage"] = pl.concat(stage_rows)
        return frames

    def _belongs_to_stage(self, to: str) -> bool:
        field = self.catalogue.fields.get(to)
        return self.sheet.record == "school" and field is not None and field.scope == "stage"

    def _frame(self, record: RecordType, keys: pl.DataFrame, cells: dict[str, pl.Series]) -> pl.DataFrame:
        schema = record_schema(self.catalogue, record)
        columns = [
            cells[name].cast(kind).alias(name) if name in cells else pl.lit(None, kind).alias(name)
            for name, kind in schema.items()
            if name not in KEYS
        ]
        return keys.select(pl.col(name) for name in KEYS).with_columns(columns).select(schema.keys())

    # -- keys and account ---------------------------------------------------------------------------------------

    def _check_keys(self, frames: dict[RecordType, pl.DataFrame]) -> None:
        stages = list(self.catalogue.stages)
        own = frames[self.sheet.record]
        if self.sheet.record in ("stage", "class"):
            column = self._column("stage")
            position = self._position(column) if column else None
            listed = "、".join(column.recode if column and column.recode else stages)
            unknown = own.filter(~pl.col("stage").is_in(stages).fill_null(False))
            for number, text in zip(unknown[ROW], unknown["stage"], strict=True):
                where = self.place(number, position)
                self.found.append(findings.of_reading("stage_unknown", where, found=text or "", expected=listed))
        if self.sheet.record in ("school", "stage"):
            key = ["school_id"] if self.sheet.record == "school" else ["school_id", "stage"]
            repeated = own.filter(pl.struct(key).is_duplicated() & pl.col("school_id").is_not_null())
            for number, school in zip(repeated[ROW], repeated["school_id"], strict=True):
                where = self.place(number, self._school_position)
                self.found.append(findings.of_reading("school_id_repeated", where, found=school))

    def _account(self, data: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
        """One row a source row: whose it is and what became of it so far."""
        rows = data.select(ROW, "disposition", "reason").join(keys, on=ROW, how="left", maintain_order="left")
        orphan = pl.col("county_code").is_null() | pl.col("school_id").is_null()
        lost = (pl.col("disposition") == "accepted") & orphan
        rows = rows.with_columns(disposition=pl.when(lost).then(pl.lit("quarantined")).otherwise("disposition"))
        return rows.with_columns(pl.col("county_code").fill_null(""))

    def _place_whom(self, rows: pl.DataFrame) -> None:
        """Tells each finding of a row whose row it is."""
        keys = rows.select(ROW, "county_code", "school_id").rows()
        whose = {number: (county, school) for number, county, school in keys}
        for finding in self.found:
            county, school = whose.get(finding["row"], ("", None))
            finding["county_code"], finding["school_id"] = county or None, school


def _cell(row: list[str], column: int) -> str | None:
    """A cell as it stands; None where it is blank or the row ends before it."""
    return row[column] if column < len(row) and row[column].strip() else None
