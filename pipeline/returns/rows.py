"""A fitted table to typed rows: which source rows are data, whose they are, and what their cells hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import add, mul

import polars as pl

from pipeline import findings
from pipeline.returns.csv_file import SourceTable, column_letter
from pipeline.returns.layouts import Fit, header_in, normal
from pipeline.returns.typing import Target, is_numeric, target, typed
from pipeline.schema.expressions import columns_of, for_polars
from pipeline.schema.model import IDENTITY_COLUMNS, Catalogue, RecordType

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
        self.width = len(table.rows[fit.header_index])

    def place(self, row: int, column: int | None) -> dict[str, object]:
        """Where a finding stands: sheet, row number and cell address."""
        cell = f"{column_letter(column)}{row}" if column is not None else ""
        return {"part": self.sheet.part, "sheet": self.table.sheet, "row": row, "cell": cell, "year": self.year}

    def read(self) -> SheetRows:
        """The table's rows, typed, each with its place and its disposition."""
        data = self._data_rows()
        data = self._dispose(data)
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
        numbered = [(i + 1, row) for i, row in enumerate(self.table.rows) if i >= start and any(row)]
        ragged = []
        for number, row in numbered:
            if any(row[self.width :]):
                ragged.append(number)
                where = self.place(number, self.width)
                self.found.append(findings.of_reading("row_ragged", where, found=len(row), expected=self.width))
        used = sorted(self._used_columns())
        columns = {f"c{c}": [(row[c] if c < len(row) else "") or None for _, row in numbered] for c in used}
        header = [normal(cell) for cell in self.table.rows[self.fit.header_index]]
        repeated = [[normal(cell) for cell in row] == header for _, row in numbered]
        frame = pl.DataFrame(
            {ROW: [n for n, _ in numbered], "is_repeated": repeated, **columns},
            schema={ROW: pl.Int64, "is_repeated": pl.Boolean} | dict.fromkeys(columns, pl.String),
        )
        return frame.with_columns(is_ragged=pl.col(ROW).is_in(ragged))

    def _used_columns(self) -> set[int]:
        sheet, fit = self.sheet, self.fit
        headers = [(header_in(c.header, self.year), c.also) for c in sheet.columns]
        headers += [(part, ()) for d in sheet.derived for part in d.parts]
        headers += [(header_in(sheet.division.header, self.year), sheet.division.also)]
        conditions = [f.drop_when for f in sheet.filters] + list(sheet.not_data)
        headers += [(name, ()) for text in conditions for name in columns_of(text)]
        if fit.layout.year.column:
            headers.append((fit.layout.year.column, ()))
        return {p for p in (fit.position(h, also) for h, also in headers) if p is not None}

    def _condition(self, data: pl.DataFrame, text: str) -> pl.Series:
        """A layout's condition over its headers, true or false for each row (null is false)."""
        named = {name: self.fit.position(name) for name in columns_of(text)}
        frame = data.select(pl.col(f"c{position}").alias(name) for name, position in named.items())
        return frame.select(pl.sql_expr(for_polars(text)).fill_null(False).alias("x"))["x"]

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
            .when(pl.col("is_ragged")).then(pl.lit("quarantined"))
            .otherwise(pl.lit("accepted"))
        )  # fmt: skip
        return data.with_columns(reason.alias("reason")).with_columns(disposition=disposition)

    # -- whose rows they are ------------------------------------------------------------------------------------

    def _keys(self, rows: pl.DataFrame) -> pl.DataFrame:
        """row, county_code, school_id of source rows; what is missing or unknown in a kept row becomes a finding."""
        position = self._position_of("school_id")
        schools = rows[f"c{position}"] if position is not None else pl.Series([None] * rows.height, dtype=pl.String)
        for number in rows[ROW].filter(schools.is_null() & (rows["disposition"] == "accepted")):
            self.found.append(findings.of_reading("school_id_missing", self.place(number, position)))
        counties = self._counties(rows)
        return pl.DataFrame({ROW: rows[ROW], "county_code": counties, "school_id": schools}, schema=KEYS)

    def _position_of(self, to: str) -> int | None:
        for column in self.sheet.columns:
            if column.to == to:
                return self.fit.position(header_in(column.header, self.year), column.also)
        return None

    def _counties(self, rows: pl.DataFrame) -> list[str | None]:
        by = self.sheet.division
        position = self.fit.position(header_in(by.header, self.year), by.also)
        valid = [d for d in self.catalogue.divisions if d.level == "county" and d.valid_from <= self.year <= d.valid_to]
        known: dict[str, list[str]] = {}
        for division in valid:
            names = {division.code} if by.by == "code" else {normal(division.name_zh), normal(division.name_en)}
            for name in names:
                known.setdefault(name, []).append(division.code)
        codes: list[str | None] = []
        for number, text, disposition in rows.select(ROW, f"c{position}", "disposition").iter_rows():
            matches = known.get(text if by.by == "code" else normal(text), []) if text else []
            codes.append(matches[0] if len(matches) == 1 else None)
            if len(matches) != 1 and disposition == "accepted":
                rule = "county_missing" if not text else "county_ambiguous" if matches else "county_unknown"
                self.found.append(findings.of_reading(rule, self.place(number, position), found=text or ""))
        return codes

    def _years(self, kept: pl.DataFrame) -> None:
        column = self.fit.layout.year.column
        position = self.fit.position(column) if column else None
        if position is None:
            return
        wrong = kept.filter(pl.col(f"c{position}") != str(self.year))
        if wrong.height:
            where = self.place(wrong[ROW][0], position)
            rule = findings.of_reading("year_disagrees", where, found=wrong[f"c{position}"][0], expected=self.year)
            self.found.append(rule)

    # -- what their cells hold ----------------------------------------------------------------------------------

    def _frames(self, kept: pl.DataFrame, keys: pl.DataFrame) -> dict[RecordType, pl.DataFrame]:
        """Typed rows by record type: one row a source row, and for wide sheets one stage row a stage that it names."""
        values: dict[tuple[str, str | None], pl.Series] = {}
        for column in self.sheet.columns:
            if column.to == "school_id":
                continue
            position = self.fit.position(header_in(column.header, self.year), column.also)
            what = target(self.catalogue, column.to, column.stage, column.factor, column.sentinels, column.blank)
            if position is not None:
                raw = kept[f"c{position}"]
                raw = raw.replace(column.recode) if column.recode else raw
                values[column.to, column.stage] = self._typed(kept, position, raw, what)
        for derived in self.sheet.derived:
            what = target(self.catalogue, derived.to, derived.stage, 1.0, derived.sentinels)
            values[derived.to, derived.stage] = self._derived(
                kept, derived.parts, bool(derived.sum), derived.factor, what
            )
        for name, constant in self.sheet.constants.items():
            numeric = name in self.catalogue.fields and is_numeric(self.catalogue.fields[name].type)
            cell = float(constant) if numeric else str(constant)
            values[name, None] = pl.Series([cell] * kept.height, dtype=pl.Float64 if numeric else pl.String)
        return self._records(keys, values)

    def _typed(self, kept: pl.DataFrame, position: int, raw: pl.Series, what: Target) -> pl.Series:
        series, found = typed(raw, kept[ROW], position, what, self.place)
        self.found += found
        cell = self.cells.setdefault(
            f"{what.to}@{what.stage or ''}", {"columns": [], "headers": [], "factor": what.factor}
        )
        cell["columns"].append(column_letter(position))  # type: ignore[attr-defined]
        cell["headers"].append(self.table.rows[self.fit.header_index][position])  # type: ignore[attr-defined]
        return series

    def _derived(
        self, kept: pl.DataFrame, parts: tuple[str, ...], is_sum: bool, factor: float, what: Target
    ) -> pl.Series:
        """The sum or product of columns; null where a part is null."""
        series = []
        for part in parts:
            position = self.fit.position(part)
            assert position is not None, "a fitted sheet has every part"
            series.append(self._typed(kept, position, kept[f"c{position}"], what))
        operation = "+" if is_sum else "×"
        self.cells[f"{what.to}@{what.stage or ''}"] |= {"operation": operation, "factor": factor}
        return reduce(add if is_sum else mul, series) * factor

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
        listed = "、".join(stages)
        own = frames[self.sheet.record]
        if self.sheet.record in ("stage", "class"):
            position = self._position_of("stage")
            unknown = own.filter(~pl.col("stage").is_in(stages).fill_null(False))
            for number, text in zip(unknown[ROW], unknown["stage"], strict=True):
                where = self.place(number, position)
                self.found.append(findings.of_reading("stage_unknown", where, found=text or "", expected=listed))
        if self.sheet.record in ("school", "stage"):
            key = ["school_id"] if self.sheet.record == "school" else ["school_id", "stage"]
            repeated = own.filter(pl.struct(key).is_duplicated() & pl.col("school_id").is_not_null())
            for number, school in zip(repeated[ROW], repeated["school_id"], strict=True):
                where = self.place(number, self._position_of("school_id"))
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
        whose = {
            number: (county, school) for number, county, school in rows.select(ROW, "county_code", "school_id").rows()
        }
        for finding in self.found:
            county, school = whose.get(finding["row"], ("", None))
            finding["county_code"], finding["school_id"] = county or None, school
