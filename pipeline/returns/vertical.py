"""A fitted sheet with one row a field to one typed row a county, a school or a school's stage: each filled row is a source
row with a place of its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property

import polars as pl

from pipeline.returns.cover import cover_text
from pipeline.returns.headings import normal
from pipeline.returns.layouts import header_in
from pipeline.returns.part import KEYS, ROW, PartReader, PartRows
from pipeline.returns.rows import record_frame
from pipeline.returns.table import column_letter
from pipeline.returns.typing import is_numeric, kind_of, target, typed
from pipeline.schema.entry import IDENTITY_COLUMNS, RecordType
from pipeline.schema.layout import Column

Owner = tuple[str | None, str | None, str | None]
"""Whose value a row holds: county, school (None for the county itself), stage (None for the whole school)."""
Item = tuple[int, Owner, Column]
"""A source row that gives a field: its number, whose it is, and the column of the layout it stands for."""


class VerticalReader(PartReader):
    """Reads one vertical sheet about the county, or about schools."""

    def read(self) -> PartRows:
        """The sheet's values, typed; ``row`` of a typed row is the first source row it is made of."""
        data = self.data_rows()
        items = self._items(data)
        data = self._dispose(data, items)
        kept = data.filter(pl.col("disposition") == "accepted")
        self.check_faults(kept)
        self.check_years(kept)
        schools = self._schools(data, items) if self.sheet.record == "school" else None
        counties = self.counties(data)
        stages = self._stages(data, items)
        whose = zip(counties, schools or [None] * data.height, stages, strict=True)
        accepted = zip(data[ROW], whose, items, data["disposition"], strict=True)
        given = [(n, owner, column) for n, owner, column, kind in accepted if kind == "accepted" and column]
        given = [item for item in given if item[1][0] and (schools is None or item[1][1])]
        frames = self._frames(data, given)
        rows = self.account(data, counties, schools)
        return PartRows(self.sheet.part, rows, frames, self.found, self.cells)

    @cached_property
    def _value_position(self) -> int:
        position = self.fit.position(self.sheet.vertical.value) if self.sheet.vertical else None
        assert position is not None, "a fitted vertical sheet has its values"
        return position

    @cached_property
    def _beside(self) -> dict[str, int]:
        """Columns of the file that say whose value a row holds: identity columns of the layout whose header stands there."""
        if self.sheet.record == "county":
            return {}
        columns = (c for c in self.sheet.columns if c.to in IDENTITY_COLUMNS)
        found = {c.to: self.fit.position(header_in(c.header, self.year), c.also) for c in columns}
        return {to: position for to, position in found.items() if position is not None}

    # -- what each row stands for -------------------------------------------------------------------------------

    def _items(self, data: pl.DataFrame) -> list[Column | None]:
        """What each source row stands for: by the id in its code, else by the name of its item; None where neither is known."""
        vertical = self.sheet.vertical
        assert vertical is not None, "only vertical sheets are read here"
        columns = [column for column in self.sheet.columns if column.to not in self._beside]
        by_code = {column.to: column for column in columns if column.stage is None}
        by_item = {
            normal(name): column
            for column in reversed(columns)
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

    # -- whose value it holds -----------------------------------------------------------------------------------

    def _schools(self, data: pl.DataFrame, items: list[Column | None]) -> list[str | None]:
        """School codes of source rows: by a column, else by the item that gives it, else by the cover."""
        kept = data["disposition"] == "accepted"
        if "school_id" in self._beside:
            position = self._beside["school_id"]
            schools = self.text(data, position)
            self.remember("school_id", None, position)
            for number in data[ROW].filter(schools.is_null() & kept):
                self.report("school_id_missing", number, position)
            return schools.to_list()
        values = self.text(data, self._value_position)
        given = [
            (n, value)
            for n, value, item in zip(data[ROW], values, items, strict=True)
            if item and item.to == "school_id"
        ]
        if given:
            place = {"sheet": self.table.sheet, "columns": [column_letter(self._value_position)], "headers": [""]}
            self.cells["school_id@"] = place | {"factor": 1.0, "row": given[0][0]}
        school = given[0][1] if given else self._school_of_cover()
        if school is None:
            first = next((n for n, is_kept in zip(data[ROW], kept, strict=True) if is_kept), None)
            if first is not None:
                self.report("school_id_missing", given[0][0] if given else first, self._value_position)
        return [school] * data.height

    def _school_of_cover(self) -> str | None:
        cell = self.sheet.vertical.school_cell if self.sheet.vertical else None
        if cell is None or self.cover is None:
            return None
        told = cover_text(self.cover.workbook, cell)
        if told.row is not None:
            place = {"sheet": told.sheet, "columns": [told.column], "headers": [cell.label or ""]}
            self.cells["school_id@"] = place | {"factor": 1.0, "row": told.row}
        return told.text or None

    def _stages(self, data: pl.DataFrame, items: list[Column | None]) -> list[str | None]:
        """Which stage each source row tells of: none for what belongs to the whole school or to the county."""
        of_items = [item.stage if item is not None else None for item in items]
        if "stage" not in self._beside:
            return of_items
        column = next(column for column in self.sheet.columns if column.to == "stage")
        position = self._beside["stage"]
        stages: list[str | None] = []
        listed = "、".join(column.recode or self.catalogue.stages)
        facts = zip(data[ROW], self.text(data, position), items, of_items, data["disposition"], strict=True)
        for number, text, item, own, disposition in facts:
            field = self.catalogue.fields.get(item.to) if item is not None else None
            needs = own is None and field is not None and field.scope == "stage"
            stage = column.recode.get(text or "", text) if needs else own
            if needs and disposition == "accepted" and stage not in self.catalogue.stages:
                self.report("stage_unknown", number, position, found=text or "", expected=listed)
            stages.append(stage)
        return stages

    # -- its typed rows -----------------------------------------------------------------------------------------

    def _frames(self, data: pl.DataFrame, given: list[Item]) -> dict[RecordType, pl.DataFrame]:
        """Typed rows: a row a county; or a row a school, and a row each of its stages."""
        once = self._once([item for item in given if item[2].to != "school_id"])
        kinds: list[tuple[RecordType, list[Item]]] = [
            (self.sheet.record, [item for item in once if item[1][2] is None]),
            ("stage", [item for item in once if item[1][2] is not None]),
        ]
        owned = {owner[2] is not None for owner in self._first}
        return {r: self._typed(data, r, items) for r, items in kinds if r == self.sheet.record or True in owned}

    def _once(self, given: list[Item]) -> list[Item]:
        """Items that stand once. One that stands twice is told at each place and has no value."""
        times = Counter((owner, column.to) for _, owner, column in given)
        for number, owner, column in given:
            if times[owner, column.to] > 1:
                found = header_in(column.header, self.year)
                self.report("item_repeated", number, self._value_position, found=found)
        self._first: dict[Owner, int] = {}
        tells_of_school = bool(self._beside.keys() - {"school_id", "stage"})
        for number, owner, _ in given:
            self._first.setdefault(owner, number)
            if tells_of_school:
                self._first.setdefault((owner[0], owner[1], None), number)
        return [item for item in given if times[item[1], item[2].to] == 1]

    def _typed(self, data: pl.DataFrame, record: RecordType, once: list[Item]) -> pl.DataFrame:
        """One row an owner that gives anything, be it only what stands twice."""
        of_stage = record == "stage"
        owners = [owner for owner in self._first if (owner[2] is not None) == of_stage]
        texts: dict[int, str | None] = dict(zip(data[ROW], data[f"c{self._value_position}"], strict=True))
        by_field: dict[str, dict[str | None, list[Item]]] = defaultdict(lambda: defaultdict(list))
        for item in once:
            by_field[item[2].to][item[1][2]].append(item)
        cells = {} if of_stage else self._attributes(data, owners)
        for to, by_stage in by_field.items():
            values: dict[Owner, object] = {}
            for stage, items in by_stage.items():
                values |= self._field(texts, stage, items)
            kind = pl.Float64 if is_numeric(kind_of(self.catalogue, to)) else pl.String
            cells[to] = pl.Series([values.get(owner) for owner in owners], dtype=kind)
        if of_stage:
            cells["stage"] = pl.Series([stage for _, _, stage in owners], dtype=pl.String)
        keys = {
            ROW: [self._first[owner] for owner in owners],
            "county_code": [county for county, _, _ in owners],
            "school_id": [school for _, school, _ in owners],
        }
        return record_frame(self.catalogue, record, pl.DataFrame(keys, schema=KEYS), cells)

    def _attributes(self, data: pl.DataFrame, owners: list[Owner]) -> dict[str, pl.Series]:
        """What columns beside the items say of each school, by the first of its rows."""
        cells = {}
        numbers = [self._first[owner] for owner in owners]
        for column in self.sheet.columns:
            position = self._beside.get(column.to)
            if position is None or column.to in ("school_id", "stage"):
                continue
            texts = dict(zip(data[ROW], data[f"c{position}"], strict=True))
            raw = pl.Series([texts[number] for number in numbers], dtype=pl.String)
            cells[column.to], found = typed(raw, numbers, position, target(self.catalogue, column), self.place)
            self.found += found
            self.remember(column.to, None, position)
        return cells

    def _field(self, texts: dict[int, str | None], stage: str | None, items: list[Item]) -> dict[Owner, object]:
        """The values of one field, owner by owner, and where they stand."""
        what = target(self.catalogue, items[0][2])
        raw = pl.Series([texts[number] for number, _, _ in items], dtype=pl.String)
        series, found = typed(raw, [number for number, _, _ in items], self._value_position, what, self.place)
        self.found += found
        self.cells[f"{what.to}@{stage or ''}"] = {
            "sheet": self.table.sheet,
            "columns": [column_letter(self._value_position)],
            "headers": [header_in(items[0][2].header, self.year)],
            "factor": what.factor,
            "rows": {school or county: number for number, (county, school, _), _ in items},
        }
        return {owner: value for (_, owner, _), value in zip(items, series, strict=True)}
