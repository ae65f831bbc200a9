"""A fitted sheet with one row a field to one typed row a county: each filled row is a source row with a place of its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property

import polars as pl

from pipeline.returns.headings import normal
from pipeline.returns.layouts import header_in
from pipeline.returns.part import KEYS, ROW, PartReader, PartRows
from pipeline.returns.rows import record_frame
from pipeline.returns.table import column_letter
from pipeline.returns.typing import target, typed
from pipeline.schema.layout import Column

Item = tuple[int, str, Column]
"""A source row that gives a field: its number, its county, and the column of the layout it stands for."""


class VerticalReader(PartReader):
    """Reads one vertical sheet about the county."""

    def read(self) -> PartRows:
        """The sheet's values as one typed row a county; ``row`` of that row is the first source row it is made of."""
        data = self.data_rows()
        items = self._items(data)
        data = self._dispose(data, items)
        kept = data.filter(pl.col("disposition") == "accepted")
        self.check_faults(kept)
        self.check_years(kept)
        counties = self.counties(data)
        accepted = zip(data[ROW], counties, items, data["disposition"], strict=True)
        given = [
            (n, county, column) for n, county, column, kind in accepted if kind == "accepted" and county and column
        ]
        frames = {self.sheet.record: self._typed(data, given)}
        rows = self.account(data, counties, None)
        return PartRows(self.sheet.part, rows, frames, self.found, self.cells)

    @cached_property
    def _value_position(self) -> int:
        position = self.fit.position(self.sheet.vertical.value) if self.sheet.vertical else None
        assert position is not None, "a fitted vertical sheet has its values"
        return position

    def _items(self, data: pl.DataFrame) -> list[Column | None]:
        """What each source row stands for: by the id in its code, else by the name of its item; None where neither is known."""
        vertical = self.sheet.vertical
        assert vertical is not None, "only vertical sheets are read here"
        by_code = {column.to: column for column in self.sheet.columns}
        by_item = {
            normal(name): column
            for column in reversed(self.sheet.columns)
            for name in (header_in(column.header, self.year), *column.also)
        }
        places = [self.fit.position(header) if header else None for header in (vertical.code, vertical.item)]
        blank = [None] * data.height
        codes, names = (self.text(data, p).to_list() if p is not None else blank for p in places)
        return [
            by_code.get(code or "") or by_item.get(normal(name or "")) for code, name in zip(codes, names, strict=True)
        ]

    def _dispose(self, data: pl.DataFrame, items: list[Column | None]) -> pl.DataFrame:
        """Rows of no known item: a heading or a note where no value stands, else a finding and no value."""
        values = data[f"c{self._value_position}"]
        became: list[str] = []
        reasons: list[str | None] = []
        facts = zip(data[ROW], items, values, data["disposition"], data["reason"], strict=True)
        for number, column, value, disposition, reason in facts:
            if column is None and disposition == "accepted":
                has_value = value is not None or (number - 1, self._value_position) in self.table.faults
                disposition, reason = ("quarantined", None) if has_value else ("not_data", "not_data")
                if has_value:
                    self.report("item_unknown", number, self._value_position, found=self._named(number))
            became.append(disposition)
            reasons.append(reason)
        columns = [pl.Series("disposition", became, pl.String), pl.Series("reason", reasons, pl.String)]
        return data.with_columns(columns)

    def _named(self, number: int) -> str:
        """What a row calls itself: its texts left of the value."""
        texts = (text.strip() for text in self.table.rows[number - 1][: self._value_position])
        return " ".join(text for text in texts if text)

    def _typed(self, data: pl.DataFrame, given: list[Item]) -> pl.DataFrame:
        """One row a county. A field that stands twice is told at each place and has no value."""
        times = Counter((county, column.to) for _, county, column in given)
        texts: dict[int | None, str | None] = dict(zip(data[ROW], data[f"c{self._value_position}"], strict=True))
        first: dict[str, int] = {}
        of_field: dict[str, list[Item]] = defaultdict(list)
        for number, county, column in given:
            first.setdefault(county, number)
            of_field[column.to].append((number, county, column))
        for number, county, column in given:
            if times[county, column.to] > 1:
                found = header_in(column.header, self.year)
                self.report("item_repeated", number, self._value_position, found=found)
        once = {to: {c: n for n, c, _ in items if times[c, to] == 1} for to, items in of_field.items()}
        grid = [[texts.get(places.get(county)) for places in once.values()] for county in first]
        raw = pl.DataFrame(grid, schema=dict.fromkeys(once, pl.String()), orient="row")
        cells = {to: self._field(items[0][2], raw[to], once[to], list(first)) for to, items in of_field.items()}
        keys = {ROW: list(first.values()), "county_code": list(first), "school_id": [None] * len(first)}
        return record_frame(self.catalogue, self.sheet.record, pl.DataFrame(keys, schema=KEYS), cells)

    def _field(self, column: Column, raw: pl.Series, places: dict[str, int], counties: list[str]) -> pl.Series:
        """The values of one field, county by county; null for a county whose return does not give it.

        ``places``: the source row of each county that gives it.
        """
        what = target(self.catalogue, column)
        numbers = [places.get(county, 0) for county in counties]  # a blank cell is never told of, so 0 is never shown
        series, found = typed(raw, numbers, self._value_position, what, self.place)
        self.found += found
        self.cells[f"{column.to}@"] = {
            "sheet": self.table.sheet,
            "columns": [column_letter(self._value_position)],
            "headers": [header_in(column.header, self.year)],
            "factor": what.factor,
            "rows": places,
        }
        return series
