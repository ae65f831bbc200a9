"""The statistical workbook of one school, written cell by cell as the official forms have it, not by our layout files.

Addresses are an independent reading of the forms: ``NEW`` of 2021 and later, ``OLD`` of 2012 to 2020. A frame of printed
letters and numbers, texts for numbers and the like are put on by ``Style``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import coordinate_from_string

from tests.layouts.schools import Unit

Cells = dict[tuple[str, str], Any]
"""(form, address) → what stands there."""

TYPE_NAMES = {
    "211": "小学", "218": "小学教学点", "311": "初级中学", "312": "九年一贯制学校", "341": "完全中学", "345": "十二年一贯制学校",
}  # fmt: skip
DEGREES = ("doctor_teachers", "master_teachers", "bachelor_teachers", "college_teachers")
RANKS = ("senior_rank_teachers", "associate_rank_teachers", "intermediate_rank_teachers")
ARTS = ("music_teachers", "art_teachers", "arts_teachers")
BRACKETS = (25, 30, 35, 40, 45, 50, 55, 60, 65, 10_000)
"""The largest class of each bracket."""


@dataclass(frozen=True)
class Style:
    """How a workbook is written: with printed letters above and numbers beside, numbers as texts, asterisks where an item does
    not apply, ends of lines as programs escape them, titles padded, names of forms with a title."""

    letters: bool = False
    numbers: bool = False
    as_text: bool = False
    asterisks: bool = False
    escapes: bool = False
    padded: bool = False
    titled: bool = False


PLAIN = Style()
AS_EXPORTED = Style(letters=True, numbers=True, as_text=True, asterisks=True, escapes=True, padded=True, titled=True)


def brackets(unit: Unit, stage: str) -> list[int]:
    """How many of a stage's classes are in each bracket."""
    sizes = [row["class_pupils"] for row in unit.classes if row["stage"] == stage]
    lower = (0, *BRACKETS)
    return [sum(low < size <= high for size in sizes) for low, high in zip(lower, BRACKETS, strict=False)]


def new_forms(unit: Unit, year: int) -> Cells:
    """The 教基 forms of a school."""
    school = unit.school
    cells: Cells = {
        ("教基1001", "A1"): f"教基1001 学校（机构）基本情况（{year}/{year + 1}学年初）", ("教基1001", "C3"): "1",
        ("教基1001", "A4"): "学校（机构）名称", ("教基1001", "B4"): "01", ("教基1001", "C4"): school["name"],
        ("教基1001", "A5"): "学校（机构）标识码", ("教基1001", "B5"): "02", ("教基1001", "C5"): school["school_id"],
        ("教基1001", "A7"): "学校驻地代码", ("教基1001", "B7"): "04", ("教基1001", "C7"): f"{school['county_code']}001002",
        ("教基1001", "A9"): "城乡类型", ("教基1001", "B9"): "06", ("教基1001", "C9"): school["urban_rural"],
        ("教基1001", "A20"): "举办者代码", ("教基1001", "B20"): "17", ("教基1001", "C20"): school["operator_code"],
        ("教基1001", "A22"): "是否计校数", ("教基1001", "B22"): "19", ("教基1001", "C22"): "是" if school["is_counted_school"] else "否",
        ("教基1001", "A23"): "所属学校标识码", ("教基1001", "B23"): "20", ("教基1001", "C23"): school["parent_school_id"],
        ("教基1001", "A27"): "办学类型", ("教基1001", "B27"): "24", ("教基1001", "C27"): TYPE_NAMES[school["school_type"]],
        ("教基1102", "A12"): "小学县级及以上骨干教师", ("教基1102", "A13"): "初中县级及以上骨干教师",
        ("教基4149", "C4"): "教职工", ("教基4149", "D4"): "专任教师", ("教基4149", "C6"): school.get("staff"),
        ("教基5170", "F10"): school["teaching_rooms_sqm"], ("教基5170", "F17"): school["indoor_sports_sqm"],
        ("教基5176", "D7"): school["sports_field_sqm"], ("教基5176", "D12"): school["books"],
        ("教基5176", "D17"): school["multimedia_rooms"], ("教基5176", "D19"): school["equipment_yuan"] / 10_000,
    }  # fmt: skip
    everyone = sum(row["full_time_teachers"] for row in unit.stages.values())
    cells["教基4149", "D6"] = everyone
    for stage, form, at in (("primary", "教基3112", "I6"), ("junior", "教基3115", "E6"), ("senior", "教基3118", "E6")):
        cells[form, "A1"] = f"{form} 学生数"
        cells[form, at] = unit.stages.get(stage, {}).get("pupils")
    for stage, backbone, classes in (("primary", "D12", "教基2106"), ("junior", "D13", "教基2107")):
        row = unit.stages.get(stage)
        if row is None:
            continue
        cells["教基1102", backbone] = row["backbone_teachers"]
        cells[classes, "C5"] = row["classes"]
        cells |= {(classes, f"C{6 + n}"): many or None for n, many in enumerate(brackets(unit, stage))}
    for stage, rank, form, degree, pe, arts in (
        ("primary", 8, "教基4155", 9, "L", "NOP"), ("junior", 17, "教基4156", 10, "U", "VWX"),
    ):  # fmt: skip
        row = unit.stages.get(stage)
        if row is None:
            continue
        cells |= {("教基4153", f"C{rank + n}"): row[name] for n, name in enumerate(RANKS)}
        cells |= {(form, "C6"): row["full_time_teachers"], (form, f"{pe}4"): "体育与健康"}
        degrees = DEGREES if stage == "primary" else DEGREES[:3]
        cells |= {(form, f"C{degree + n}"): row[name] or None for n, name in enumerate(degrees)}
        cells |= {(form, f"{pe}6"): row["pe_teachers"] or None}
        cells |= {(form, f"{column}6"): row[name] or None for column, name in zip(arts, ARTS, strict=True)}
    if "primary" in unit.stages:
        cells["教基4155", "M4"], cells["教基4155", "M5"] = "艺术", "计"
        cells["教基4155", "M6"] = sum(unit.stages["primary"][name] for name in ARTS)
    return cells


def old_forms(unit: Unit, year: int) -> Cells:
    """The 基础基 forms of a school."""
    school = unit.school
    cells: Cells = {
        ("基础基111", "A1"): f"基础基111 学校（机构）基本情况 {year}/{year + 1} 学年初", ("基础基111", "A3"): "学校（机构）标识码",
        ("基础基111", "C3"): school["school_id"], ("基础基111", "A4"): "学校（机构）名称", ("基础基111", "C4"): school["name"],
        ("基础基111", "A5"): "学校（机构）地址代码", ("基础基111", "A6"): "驻地代码", ("基础基111", "C6"): f"{school['county_code']}100200",
        ("基础基111", "A7"): "城乡分类代码", ("基础基111", "C7"): school["urban_rural"], ("基础基111", "E7"): "办学类型",
        ("基础基111", "F7"): f"{school['school_type']} {TYPE_NAMES[school['school_type']]}", ("基础基111", "A8"): "举办者",
        ("基础基111", "C8"): "民办" if school["operator_code"] == "999" else "县级教育部门", ("基础基111", "A9"): "是否计校数",
        ("基础基111", "C9"): "是" if school["is_counted_school"] else "否", ("基础基111", "A10"): "所属学校标识码",
        ("基础基111", "C10"): school["parent_school_id"], ("基础基412", "D7"): school.get("staff"),
        ("基础基512", "E10"): school["teaching_rooms_sqm"], ("基础基512", "E16"): school["indoor_sports_sqm"],
        ("基础基522", "F9"): school["sports_field_sqm"], ("基础基522", "O9"): school["equipment_yuan"] / 10_000,
        ("基础基522", "L9"): school["multimedia_rooms"] - 1, ("基础基522", "N9"): 1, ("基础基531", "D8"): school["books"],
    }  # fmt: skip
    cells["基础基412", "E7"] = sum(row["full_time_teachers"] for row in unit.stages.values())
    for stage, form, at in (
        ("primary", "基础基312", "H7"),
        ("junior", "基础基313", "G7"),
        ("senior", "基础基314", "G7"),
    ):
        cells[form, "A1"] = f"{form} 学生数"
        cells[form, at] = unit.stages.get(stage, {}).get("pupils")
    for stage, backbone, classes, total in (("primary", "D30", "基础基212", 6), ("junior", "D31", "基础基213", 7)):
        row = unit.stages.get(stage)
        if row is None:
            continue
        cells["基础基112", backbone] = row["backbone_teachers"]
        cells[classes, f"E{total}"] = row["classes"]
        cells |= {(classes, f"E{total + 2 + n}"): many or None for n, many in enumerate(brackets(unit, stage))}
    for stage, rank, form, degree, pe, arts in (
        ("primary", 9, "基础基423", 11, "M", "NPQ"), ("junior", 18, "基础基424", 12, "V", "WXY"),
    ):  # fmt: skip
        row = unit.stages.get(stage)
        if row is None:
            continue
        cells |= {("基础基422", f"D{rank + n}"): row[name] for n, name in enumerate(RANKS)}
        degrees = [row["doctor_teachers"] + row["master_teachers"], row["bachelor_teachers"], row["college_teachers"]]
        cells |= {(form, f"D{degree + n}"): many or None for n, many in enumerate(degrees)}
        cells |= {(form, "D8"): row["full_time_teachers"], (form, f"{pe}8"): row["pe_teachers"] or None}
        cells |= {(form, f"{column}8"): row[name] or None for column, name in zip(arts, ARTS, strict=True)}
    return cells


@dataclass
class Sheets:
    """A workbook as it is being written: cells by form, and more sheets by name with their rows."""

    cells: Cells
    style: Style = PLAIN
    more: dict[str, list[list[Any]]] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        """Writes an xlsx workbook."""
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for form in dict.fromkeys(form for form, _ in self.cells):
            of_form = {at: value for (name, at), value in self.cells.items() if name == form}
            self._write(book.create_sheet(f"{form} 基本数据" if self.style.titled else form), form, of_form)
        for name, rows in self.more.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        path.parent.mkdir(parents=True, exist_ok=True)
        book.save(path)
        return path

    def _write(self, sheet: Any, form: str, cells: dict[str, Any]) -> None:
        across, down = int(self.style.numbers), int(self.style.letters)
        places = {at: coordinate_from_string(at) for at in cells}
        last_row = max(row for _, row in places.values())
        last_column = max(openpyxl.utils.column_index_from_string(letters) for letters, _ in places.values())
        if self.style.letters:
            for column in range(1, max(last_column, 4) + 1):
                sheet.cell(1, column + across, get_column_letter(column))
        if self.style.numbers:
            for row in range(1, max(last_row, 4) + 1):
                sheet.cell(row + down, 1, str(row) if self.style.as_text else row)
        if "A1" not in cells and self.style.padded:
            cells = cells | {"A1": f"{form} 统计表" + " " * 150 + "单位：人"}
            places["A1"] = ("A", 1)
        for at, value in cells.items():
            letters, row = places[at]
            column = openpyxl.utils.column_index_from_string(letters)
            if (shown := self._shown(value, form)) is not None:
                sheet.cell(row + down, column + across, shown)

    def _shown(self, value: Any, form: str) -> Any:
        if value is None:
            return None
        if isinstance(value, str):
            return f"{value}_x000D_\n" if self.style.escapes else value
        whole = int(value) if float(value).is_integer() else value
        return str(whole) if self.style.as_text else whole


def with_asterisks(cells: Cells, form: str, addresses: Iterable[str]) -> Cells:
    """The same cells, with an asterisk where an item does not apply."""
    return cells | {(form, at): "*" for at in addresses if cells.get((form, at)) is None}
