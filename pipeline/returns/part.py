"""What reading one table has in common, whether it has one row a school or one row a field: which source rows are data,
which county they are of, what became of them, and where each finding stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import polars as pl

from pipeline import findings
from pipeline.errors import FaultError
from pipeline.returns.counties import Counties
from pipeline.returns.cover import Cover
from pipeline.returns.layouts import Fit, header_in, headers_of, perhaps_meant, spellings
from pipeline.returns.left_out import LeftOut
from pipeline.returns.merged import Merged
from pipeline.returns.record import Normalised
from pipeline.returns.shape import Shape
from pipeline.returns.table import SourceTable, column_letter, is_blank
from pipeline.returns.written import Read, Refused, read_code
from pipeline.schema.entry import IDENTITY_COLUMNS, Label, RecordType
from pipeline.schema.expressions import columns_of, for_polars
from pipeline.schema.model import Catalogue

ROW = "row"
MOST_ROWS = 24
"""How many rows a finding about many of them lists."""
KEYS = {"row": pl.Int64(), "county_code": pl.String(), "school_id": pl.String()}


@dataclass
class PartRows:
    """One part of one file.

    ``rows``: a row a source row (row, disposition, reason, county_code, school_id, sheet). ``frames``: typed rows by
    record type. ``findings``: without submission. ``cells``: "field@stage" → where its values stand (``cells``).
    """

    part: str
    rows: pl.DataFrame
    frames: dict[RecordType, pl.DataFrame]
    findings: list[dict[str, object]]
    cells: dict[str, dict[str, object]] = field(default_factory=dict)


class PartReader:
    """Reads one fitted table; one instance a table, ``read`` once."""

    def __init__(self, table: SourceTable, fit: Fit, catalogue: Catalogue, year: int, cover: Cover | None) -> None:
        self.table, self.fit, self.catalogue, self.year, self.cover = table, fit, catalogue, year, cover
        self.sheet = fit.sheet
        self.found: list[dict[str, object]] = []
        self.cells: dict[str, dict[str, object]] = {}
        self.shape = Shape(table, fit.heading, fit.data_from)

    def place(self, row: int, column: int | None) -> dict[str, object]:
        """Where a finding stands: sheet, row number and cell address."""
        cell = f"{column_letter(column)}{row}" if column is not None else ""
        return {"part": self.sheet.part, "sheet": self.table.sheet, "row": row, "cell": cell, "year": self.year}

    def report(self, rule_id: str, row: int, column: int | None, **words: object) -> None:
        self.found.append(findings.of_reading(rule_id, self.place(row, column), **words))

    def remember(self, to: str, stage: str | None, position: int, factor: float = 1.0) -> None:
        """Notes that a value comes from a column, for tracing and for the cells that a rule blames."""
        fresh: dict[str, object] = {"sheet": self.table.sheet, "columns": [], "headers": [], "factor": factor}
        cell = self.cells.setdefault(f"{to}@{stage or ''}", fresh)
        cell["columns"].append(column_letter(position))  # type: ignore[attr-defined]
        cell["headers"].append(self.fit.heading.cells[position].strip())  # type: ignore[attr-defined]

    # -- which rows are data ------------------------------------------------------------------------------------

    def data_rows(self) -> pl.DataFrame:
        """Non-blank rows below the header, with their disposition and its reason: a column of text a file column that is
        read (c0, c1, …), null where blank or where a cell shows no value."""
        self._check_headers()
        rows = self.table.rows
        numbers = [i + 1 for i in range(self.fit.data_from, len(rows)) if not is_blank(rows[i])]
        texts = self._merged(numbers, [rows[n - 1] for n in numbers])
        misfits = [None if self.table.is_of_workbook else self.shape.misfit(row) for row in texts]
        repeated = pl.Series([self.shape.is_repeated_by(row) for row in texts], dtype=pl.Boolean)
        misplaced = [misfit is not None and misfit.is_lost for misfit in misfits]
        frame = self._cells(numbers, texts)
        reason = self._reasons(frame, repeated)
        self._leave_out(numbers, texts, reason)
        disposition = [
            why if why == "not_data" else "filtered" if why else "quarantined" if lost else "accepted"
            for why, lost in zip(reason, misplaced, strict=True)
        ]
        for number, misfit, became in zip(numbers, misfits, disposition, strict=True):
            if misfit is not None and became in ("accepted", "quarantined"):
                self.report(misfit.rule_id, number, misfit.column, found=misfit.found, expected=misfit.expected)
        self._tell_hidden([n for n, became in zip(numbers, disposition, strict=True) if became == "accepted"])
        return frame.with_columns(
            pl.Series("disposition", disposition, pl.String), pl.Series("reason", reason, pl.String)
        )

    def _merged(self, numbers: list[int], texts: list[list[str]]) -> list[list[str]]:
        """The rows with what cells merged over several of them say: a name or a code holds for each, a number for none."""
        writing = self.catalogue.writing
        if writing is None or not self.table.merges or self.sheet.vertical is not None:
            return texts
        names = {c.to: self._position_of(c.to) for c in self.sheet.columns if c.to in IDENTITY_COLUMNS}
        by = self.sheet.division
        if by.header is not None:
            names["county_code"] = self.fit.position(header_in(by.header, self.year), by.also)
        held = {p: to for to, p in names.items() if p is not None}
        labels = {p: self.fit.heading.cells[p].strip() for p in self._used()}
        merged = Merged(self.table, self.fit.data_from, held, labels, self.place)
        filled = merged.filled(numbers, texts)
        self.found += merged.found
        return filled

    def _position_of(self, to: str) -> int | None:
        """Column of the file that holds a column of rows, where the sheet has one."""
        column = next((column for column in self.sheet.columns if column.to == to), None)
        return self.fit.position(header_in(column.header, self.year), column.also) if column is not None else None

    def _leave_out(self, numbers: list[int], texts: list[list[str]], reason: list[str | None]) -> None:
        """Marks rows of totals and notes between the data, which no layout needs to name, as no data; and tells of them."""
        writing, position = self.catalogue.writing, self._position_of("school_id")
        if writing is None or position is None or self.sheet.vertical is not None:
            return
        left_out = LeftOut(writing, position)
        for i, (number, row) in enumerate(zip(numbers, texts, strict=True)):
            if reason[i] is None and left_out.takes(number, row):
                reason[i] = "not_data"
        for first, words in left_out.told():
            self.report("rows_left_out", first, None, **words)

    def _tell_hidden(self, kept: list[int]) -> None:
        """A warning for a hidden sheet, and one for the hidden rows of data of a sheet: they were read like others."""
        if self.table.is_hidden:
            place = self.place(1, None) | {"row": None}
            self.found.append(findings.of_reading("hidden_sheet", place, found=self.table.sheet))
        hidden = [number for number in kept if number in self.table.hidden_rows] if self.table.hidden_rows else []
        if hidden:
            listed = "、".join(str(number) for number in hidden[:MOST_ROWS]) + "…" * (len(hidden) > MOST_ROWS)
            self.report("hidden_rows", hidden[0], None, found=listed, count=len(hidden))

    def _used(self) -> list[int]:
        """Columns of the file that something reads."""
        headers = headers_of(self.fit.layout, self.sheet, self.year, optional=True)
        return sorted({p for p in (self.fit.position(h, also) for h, also in headers) if p is not None})

    def _cells(self, numbers: list[int], texts: list[list[str]]) -> pl.DataFrame:
        """Row numbers and the cells that something reads, null where blank or without a value."""
        used, width = self._used(), len(self.fit.heading.cells)
        cells: list[list[int | str | None]] = []
        for number, row in zip(numbers, texts, strict=True):
            even = row if len(row) >= width else row + [""] * (width - len(row))
            cells.append([number, *(t if (t := even[c]) and not t.isspace() else None for c in used)])
        if self.table.faults:
            at, of = {n - 1: i for i, n in enumerate(numbers)}, {c: i for i, c in enumerate(used, 1)}
            for row_index, column in self.table.faults:
                if row_index in at and column in of:
                    cells[at[row_index]][of[column]] = None
        schema = {ROW: pl.Int64(), **dict.fromkeys((f"c{c}" for c in used), pl.String())}
        return pl.DataFrame(cells, schema=schema, orient="row")

    def _check_headers(self) -> None:
        """A warning for every header that nothing reads but that looks like one of the layout's."""
        heading = self.fit.heading
        below = self.table.rows[heading.index + heading.height : self.fit.data_from]
        codes = [cell.strip() for cell in below[0]] if below else []
        for position, header in perhaps_meant(self.fit, self.year, codes):
            words = {"found": heading.cells[position].strip(), "expected": header}
            self.report("header_perhaps_meant", heading.index + heading.height, position, **words)

    def check_faults(self, kept: pl.DataFrame) -> None:
        """A finding for each cell that is read but shows no value: an error, or a formula that was never computed."""
        if not self.table.faults:
            return
        used, numbers = set(self._used()), set(kept[ROW])
        for (row, column), rule_id in self.table.faults.items():
            if column in used and row + 1 in numbers:
                self.report(rule_id, row + 1, column, found=self.table.cell(row, column))

    def text(self, data: pl.DataFrame, position: int) -> pl.Series:
        """A column of the file, trimmed: codes, names and years; numbers are read as they stand."""
        return data[f"c{position}"].str.strip_chars()

    def codes(self, data: pl.DataFrame, position: int, to: str) -> pl.Series:
        """A column of codes, each as it would be typed with care; what that changed is told, and what cannot be read."""
        texts, writing = self.text(data, position), self.catalogue.writing
        pattern = writing.code_patterns.get(to) if writing else None
        if writing is None or all(_is_sound(text, pattern) for text in texts if text):
            return texts
        normalised = Normalised(to, Label(zh=IDENTITY_COLUMNS[to][0], en=IDENTITY_COLUMNS[to][1]), position, self.place)
        codes: list[str | None] = []
        for number, text, disposition in zip(data[ROW], texts, data["disposition"], strict=True):
            said = read_code(text, to, writing) if text is not None and disposition == "accepted" else Read(text, ())
            if isinstance(said, Refused):
                self.report(said.rule_id, number, position, found=text or "")
                said = Read(text if said.rule_id == "code_digits_lost" else None, ())
            elif said.kinds:
                normalised.note(number, text or "", said.text, said.kinds)
            codes.append(said.text)
        self.found += normalised.findings()
        return pl.Series(texts.name, codes, dtype=pl.String)

    def _condition(self, data: pl.DataFrame, text: str) -> pl.Series:
        """A layout's condition over its headers, true or false for each row (null is false).

        Raises FaultError when it cannot be evaluated: that is a fault of the layout, never of the file.
        """
        sheet, year = self.sheet, self.year
        named = {name: self.fit.position(name, spellings(sheet, year, name)) for name in columns_of(text)}
        frame = pl.DataFrame(
            {name: self.text(data, position) for name, position in named.items() if position is not None}
        )
        try:
            return frame.select(pl.sql_expr(for_polars(text)).fill_null(False).alias("x"))["x"]
        except pl.exceptions.PolarsError as error:
            where, why = f"{self.fit.layout.id}/{self.sheet.part}", str(error).splitlines()[0]
            raise FaultError(
                f"表样 {where} 的条件“{text}”无法执行：{why}",
                f"the condition “{text}” of the layout {where} could not be evaluated: {why}",
            ) from None

    def _reasons(self, data: pl.DataFrame, repeated: pl.Series) -> list[str | None]:
        """Why a row is left out, null where it is not: notes and repeated headers first, then the filters in order."""
        not_data = repeated
        for text in self.sheet.not_data:
            not_data = not_data | self._condition(data, text)
        reasons: list[str | None] = ["not_data" if left_out else None for left_out in not_data]
        for filter_ in self.sheet.filters:
            drop = self._condition(data, filter_.drop_when)
            reasons = [why or (filter_.id if left_out else None) for why, left_out in zip(reasons, drop, strict=True)]
        return reasons

    # -- whose rows they are ------------------------------------------------------------------------------------

    def counties(self, rows: pl.DataFrame) -> list[str | None]:
        """The county of each source row, by a column of the sheet or by the cover; what is wrong becomes a finding."""
        by = self.sheet.division
        position = self.fit.position(header_in(by.header, self.year), by.also) if by.header is not None else None
        if position is None:
            return self._county_of_cover(rows.height)
        self.remember("county_code", None, position)
        counties = Counties(self.catalogue, by.by, self.year, by.digits)
        label = Label(zh=IDENTITY_COLUMNS["county_code"][0], en=IDENTITY_COLUMNS["county_code"][1])
        normalised = Normalised("county_code", label, position, self.place)
        codes: list[str | None] = []
        texts, above = self.text(rows, position), self._divisions_above(rows)
        for number, text, within, disposition in zip(rows[ROW], texts, above, rows["disposition"], strict=True):
            code, rule_id = counties.find(text, within)
            if rule_id == "county_unknown" and text and disposition == "accepted":
                code, kinds = counties.find_written(text, self.catalogue.writing)
                if code is not None:
                    normalised.note(number, text, code, kinds)
                    rule_id = None
            codes.append(code)
            if rule_id and disposition == "accepted":
                self.report(rule_id, number, position, found=text or "", expected="、".join(within.values()))
        self.found += normalised.findings()
        return codes

    def _divisions_above(self, rows: pl.DataFrame) -> list[dict[str, str]]:
        """Row by row, what the divisions are called in which the county lies, by level, where the file says so."""
        named: list[dict[str, str]] = [{} for _ in range(rows.height)]
        for level, header in self.sheet.division.within.headers.items():
            position = self.fit.position(header)
            for of_row, text in zip(named, self.text(rows, position) if position is not None else (), strict=False):
                of_row |= {level: text} if text is not None else {}
        return named

    def _county_of_cover(self, height: int) -> list[str | None]:
        assert self.cover is not None and self.sheet.division.cell is not None, "a fitted sheet has its division"
        code, told = self.cover.county(self.sheet.division)
        if told.row is not None:
            label = self.sheet.division.cell.label or ""
            where: dict[str, object] = {"sheet": told.sheet, "columns": [told.column], "headers": [label]}
            self.cells["county_code@"] = {**where, "factor": 1.0, "row": told.row}
        return [code] * height

    def check_years(self, kept: pl.DataFrame) -> None:
        """A finding for the first row that names another year than the inbox folder."""
        column = self.fit.layout.year.column
        position = self.fit.position(column) if column else None
        if position is None:
            return
        for number, found in zip(kept[ROW], self.text(kept, position), strict=True):
            if found is not None and found != str(self.year):
                self.report("year_disagrees", number, position, found=found, expected=self.year)
                return

    def account(self, data: pl.DataFrame, counties: list[str | None], schools: list[str | None] | None) -> pl.DataFrame:
        """One row a source row: whose it is and what became of it so far. ``schools``: None where rows name none.

        Also tells each finding of a row whose row it is.
        """
        whose = schools if schools is not None else [None] * data.height
        kinds = data["disposition"].to_list()
        counties = [None if kind == "not_data" else county for kind, county in zip(kinds, counties, strict=True)]
        whose = [None if kind == "not_data" else school for kind, school in zip(kinds, whose, strict=True)]
        orphaned = [c is None or (schools is not None and s is None) for c, s in zip(counties, whose, strict=True)]
        became = [
            "quarantined" if kind == "accepted" and orphan else kind
            for kind, orphan in zip(kinds, orphaned, strict=True)
        ]
        of_row = dict(zip(data[ROW], zip(counties, whose, strict=True), strict=True))
        for finding in self.found:
            finding["county_code"], finding["school_id"] = of_row.get(finding["row"], (None, None))
        return pl.DataFrame(
            {
                ROW: data[ROW],
                "disposition": pl.Series(became, dtype=pl.String),
                "reason": data["reason"],
                "county_code": pl.Series([county or "" for county in counties], dtype=pl.String),
                "school_id": pl.Series(whose, dtype=pl.String),
                "sheet": pl.Series([self.table.sheet] * data.height, dtype=pl.String),
            }
        )


def _is_sound(text: str, pattern: re.Pattern[str] | None) -> bool:
    """Whether a code needs no second look."""
    return text.isascii() and text.isdigit() and (pattern is None or pattern.match(text) is not None)
