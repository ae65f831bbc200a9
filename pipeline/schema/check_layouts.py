"""What a layout says of the rest of its catalogue must hold: targets, stages, parts, constants, conditions."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.schema.entry import IDENTITY_COLUMNS
from pipeline.schema.fault import Fault, of_expression, unknown
from pipeline.schema.fault import Path as Inside
from pipeline.schema.layout import Layout, Sheet
from pipeline.schema.model import Catalogue

TARGETS = frozenset(IDENTITY_COLUMNS) - {"county_code"}
"""Identity columns that a column of a file can become; the county follows from the division."""


def layout_faults(catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault of the layouts, in file order."""
    for layout in catalogue.layouts.values():
        parts = [sheet.part for sheet in layout.sheets]
        for i, sheet in enumerate(layout.sheets):
            if sheet.part in parts[:i]:
                zh, en = f"部分“{sheet.part}”重复", f"the part “{sheet.part}” stands twice"
                yield Fault("layouts", layout.id, ("sheets", i, "part"), zh, en)
            yield from _names(layout, i, sheet)
            yield from _of_one_school(layout, i, sheet)
            yield from _SheetCheck(catalogue, layout.id, i, sheet).faults()
    for name in catalogue.codes:
        if name not in TARGETS | set(catalogue.fields):
            yield unknown("codes", name, ("id",), name, TARGETS | set(catalogue.fields))


def _names(layout: Layout, number: int, sheet: Sheet) -> Iterator[Fault]:
    """A sheet is found by one name, and a text file says in a column whose rows it holds."""
    taken = [*layout.ignore_sheets, *(other.name for other in layout.sheets[:number] if other.name)]
    if sheet.name in taken:
        zh = f"工作表名“{sheet.name}”已用于另一张表或已列为不读取"
        en = f"the name “{sheet.name}” is that of another sheet or of one that is ignored"
        yield Fault("layouts", layout.id, ("sheets", number, "name"), zh, en)
    if layout.formats == ("csv",) and sheet.division.header is None:
        zh, en = (
            "文本文件没有封面，请写明所属区县的列名（header）",
            "a text file has no cover: give the header of its county",
        )
        yield Fault("layouts", layout.id, ("sheets", number, "division"), zh, en)


def _of_one_school(layout: Layout, number: int, sheet: Sheet) -> Iterator[Fault]:
    """Cells by address tell of one school, in a workbook."""
    if not sheet.cells:
        return
    at = ("sheets", number, "cells")
    if not layout.one_school or "csv" in layout.formats or sheet.record != "school":
        zh = "按单元格地址读取的表样只能是一校一份的工作簿（one_school: true、formats: [xlsx]、record: school）"
        en = "cells by address need a workbook of one school (one_school: true, formats: [xlsx], record: school)"
        yield Fault("layouts", layout.id, at, zh, en)
    if sheet.division.cell is None:
        zh, en = "请写明所属区县所在的单元格（division.cell）", "say in which cell the county stands (division.cell)"
        yield Fault("layouts", layout.id, ("sheets", number, "division"), zh, en)
    taken: dict[tuple[str, str], int] = {}
    for i, cell in enumerate(sheet.cells):
        for address in cell.places:
            if (cell.sheet, address) in taken:
                zh = f"{cell.sheet} 的单元格 {address} 已被读取：一个单元格只能计一次"
                en = f"the cell {address} of {cell.sheet} is read already: a cell counts once"
                yield Fault("layouts", layout.id, (*at, i), zh, en)
            taken[cell.sheet, address] = i


class _SheetCheck:
    """The checks of one sheet of a layout."""

    def __init__(self, catalogue: Catalogue, layout_id: str, number: int, sheet: Sheet) -> None:
        self.catalogue, self.layout_id, self.sheet = catalogue, layout_id, sheet
        self.at: Inside = ("sheets", number)
        mapped = [(("columns", i), c.to, c.stage) for i, c in enumerate(sheet.columns)]
        mapped += [(("derived", i), d.to, d.stage) for i, d in enumerate(sheet.derived)]
        mapped += [(("cells", i), c.to, c.stage) for i, c in enumerate(sheet.cells)]
        self.mapped: list[tuple[Inside, str, str | None]] = list(mapped)

    @property
    def _has_stage_column(self) -> bool:
        """Whether a vertical sheet says in a column of each row which stage it tells of."""
        return self.sheet.vertical is not None and any(column.to == "stage" for column in self.sheet.columns)

    def fault(self, path: Inside, zh: str, en: str) -> Fault:
        return Fault("layouts", self.layout_id, (*self.at, *path), zh, en)

    def unknown(self, path: Inside, name: str, known: frozenset[str] | set[str] | dict[str, object]) -> Fault:
        return unknown("layouts", self.layout_id, (*self.at, *path), name, known)

    def faults(self) -> Iterator[Fault]:
        seen: set[tuple[str, str | None]] = set()
        for path, to, stage in self.mapped:
            yield from self._target((*path, "to"), to, stage)
            yield from self._stage((*path, "stage"), to, stage)
            if (to, stage) in seen:
                yield self.fault((*path, "to"), f"“{to}”已由另一列给出", f"“{to}” is given by another column already")
            seen.add((to, stage))
        yield from self._constants()
        yield from self._coded()
        yield from self._keys({to for to, _ in seen})
        for i, filter_ in enumerate(self.sheet.filters):
            yield from self._condition(("filters", i, "drop_when"), filter_.drop_when)
        for i, condition in enumerate(self.sheet.not_data):
            yield from self._condition(("not_data", i), condition)

    def _target(self, path: Inside, to: str, stage: str | None) -> Iterator[Fault]:
        field = self.catalogue.fields.get(to)
        cells = {f.id for f in self.catalogue.fields.values() if not f.is_derived}
        if to not in TARGETS | cells:
            yield self.unknown(path, to, TARGETS | cells)
        elif to in TARGETS and self.sheet.record == "county":
            zh, en = f"县级表不含学校的“{to}”", f"a sheet about the county holds no “{to}” of a school"
            yield self.fault(path, zh, en)
        elif field is not None and field.scope == "stage" and self.sheet.record == "school":
            if stage is None and "stage" not in self.sheet.constants and not self._has_stage_column:
                zh, en = f"“{to}”按学段填报，请写明 stage", f"“{to}” is reported by stage: say which stage"
                yield self.fault(path, zh, en)
        elif field is not None and field.record != self.sheet.record:
            zh = f"“{to}”属于 {field.record} 记录，不属于 {self.sheet.record}"
            en = f"“{to}” is a cell of a {field.record} row, not of a {self.sheet.record} row"
            yield self.fault(path, zh, en)

    def _stage(self, path: Inside, to: str, stage: str | None) -> Iterator[Fault]:
        if stage is None:
            return
        field = self.catalogue.fields.get(to)
        if stage not in self.catalogue.stages:
            yield self.unknown(path, stage, set(self.catalogue.stages))
        elif self.sheet.record != "school" or field is None or field.scope != "stage":
            zh = f"“{to}”不按学段填报，或本表每行已是一个学段，不能写 stage"
            en = f"“{to}” is not a cell by stage of a sheet with one row a school, so it takes no stage"
            yield self.fault(path, zh, en)

    def _constants(self) -> Iterator[Fault]:
        for name, value in self.sheet.constants.items():
            path: Inside = ("constants", name)
            yield from self._target(path, name, None)
            if name == "stage" and value not in self.catalogue.stages:
                yield self.unknown(path, str(value), set(self.catalogue.stages))
            if any(to == name for _, to, _ in self.mapped):
                yield self.fault(path, f"“{name}”已由一列给出", f"“{name}” is given by a column already")

    def _coded(self) -> Iterator[Fault]:
        for i, cell in enumerate(self.sheet.cells):
            if cell.is_coded and cell.to not in self.catalogue.codes:
                yield self.unknown(("cells", i, "is_coded"), cell.to, set(self.catalogue.codes))

    def _keys(self, targets: set[str]) -> Iterator[Fault]:
        if self.sheet.vertical is not None and (
            self.sheet.record not in ("county", "school") or self.sheet.derived or self.sheet.constants
        ):
            zh, en = (
                "竖表只用于县级或学校记录，且不能有派生列和常量",
                "only a sheet about the county or about schools can be vertical, without derived columns and constants",
            )
            yield self.fault(("vertical",), zh, en)
        for name in self.sheet.vertical.headings if self.sheet.vertical is not None else ():
            if name not in targets:
                yield self.unknown(("vertical", "headings", name), name, targets)
        if self.sheet.record == "county":
            return
        vertical = self.sheet.vertical
        on_cover = vertical is not None and vertical.school_cell is not None
        named = [c.optional for c in self.sheet.columns if c.to == "school_id"]
        named += [c.optional for c in self.sheet.cells if c.to == "school_id"]
        if not on_cover and not any(vertical is not None or not is_optional for is_optional in named):
            yield self.fault(
                ("columns",), "没有给出必有的学校标识码列", "no column is mapped to school_id, or only an optional one"
            )
        if self.sheet.record in ("stage", "class") and "stage" not in targets | set(self.sheet.constants):
            zh, en = "没有给出学段列或学段常量", "neither a stage column nor a stage constant is given"
            yield self.fault(("columns",), zh, en)

    def _condition(self, path: Inside, text: str) -> Iterator[Fault]:
        """Conditions read the file's own headers, unknown here: only the dialect is checked."""
        yield from of_expression("layouts", self.layout_id, (*self.at, *path), text, None)
