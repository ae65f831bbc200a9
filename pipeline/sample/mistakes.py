"""Plants real mistakes in true returns.

Here: the meaning of the words of ``mistakes.yaml``. Not here: the kinds, the rules that are to find them, and which workbook gets
which (``plans``).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.forms.cells import Verbatim
from pipeline.sample.draws import Draws
from pipeline.sample.parameters import Spec, parameters
from pipeline.sample.plans import Plan, Planted
from pipeline.schema.layout import Layout, Sheet

Row = dict[str, Any]
Parts = dict[str, list[Row]]
Neighbour = Callable[[], Parts]
"""The true rows of a neighbouring county, made when they are asked for."""


@dataclass
class Book:
    """A return that may be spoilt: its rows by part, and what a mistake may copy from."""

    rows: Parts
    before: Mapping[str, Sequence[Row]]
    year: int
    cover_year: int
    file: str
    layout: Layout
    touched: set[str] = field(default_factory=set)
    """Codes of schools that already carry a mistake: two in one school would hide each other."""

    @classmethod
    def of(cls, rows: Parts, before: Mapping[str, Sequence[Row]], year: int, file: str, layout: Layout) -> Book:
        """A copy of true rows."""
        return cls(copy.deepcopy(rows), before, year, year, file, layout)

    def sheet(self, part: str) -> Sheet:
        """The layout's sheet of a part."""
        return next(sheet for sheet in self.layout.sheets if sheet.part == part)


def plant(book: Book, plans: Sequence[Plan], neighbour: Neighbour, draws: Draws) -> list[Planted]:
    """Plants mistakes in a return and says what was done; where no row fits, another form of its kind is tried."""
    planted: list[Planted] = []
    for plan in plans:
        found: list[Planted] = []
        for form in (plan.form, *(f for f in plan.kind["forms"] if f is not plan.form)):
            work = Planting(book, replace(plan, form=form), neighbour, draws)
            found = found or getattr(work, f"do_{form['how']}")()
        book.touched |= {p.school_id for p in found if p.school_id}
        planted += found
    return planted


@dataclass(frozen=True)
class Planting:
    """One mistake being planted; the methods ``do_…`` are what ``how`` names."""

    book: Book
    plan: Plan
    neighbour: Neighbour
    draws: Draws

    @property
    def part(self) -> str:
        return str(self.plan.form["part"])

    @property
    def rows(self) -> list[Row]:
        return self.book.rows[self.part]

    # --- choosing a row

    def choose(self) -> int | None:
        """The number of a row that fits ``where`` and whose school is still true."""
        able = [i for i, row in enumerate(self.rows) if self._fits(row)]
        if not able:
            return None
        drawn = float(self.draws.uniform("mistake", self.plan.number)[0])
        return able[min(len(able) - 1, int(drawn * len(able)))]

    def _fits(self, row: Row) -> bool:
        where = self.plan.form.get("where", {})
        code = row.get("school_id", "")
        holds = [
            code not in self.book.touched,
            all(_number(row.get(name)) > least for name, least in where.get("above", {}).items()),
            all(row.get(name) == value for name, value in where.get("equals", {}).items()),
            all(not row.get(name) for name in where.get("none", ())),
            "type" not in where or self._school(code).get(self._identity("type_to")) in where["type"],
            not where.get("counted") or row.get(self._identity("counted_to")) == parameters("structure")["yes_no"][1],
            not where.get("single") or self._is_single(code),
            not where.get("judged") or row.get(self._identity("stage_to")) in parameters("structure")["stages"][:2],
        ]
        return all(holds)

    def _identity(self, name: str) -> str:
        return str(parameters("structure")["identity"][name])

    def _school(self, code: str) -> Row:
        schools = next(sheet.part for sheet in self.book.layout.sheets if sheet.record == "school")
        return next((row for row in self.book.rows[schools] if row["school_id"] == code), {})

    def _is_single(self, code: str) -> bool:
        """Nobody's parent, and of one stage: a change to it touches no other school."""
        schools, stages = (
            next(sheet.part for sheet in self.book.layout.sheets if sheet.record == record)
            for record in ("school", "stage")
        )
        children = [row for row in self.book.rows[schools] if row.get(self._identity("parent_to")) == code]
        return not children and sum(row["school_id"] == code for row in self.book.rows[stages]) == 1

    # --- saying what was done

    def note(self, row: int | str, name: str, was: Any, written: Any, school: str = "", part: str = "") -> Planted:
        """A row of the key."""
        sheet = self.book.sheet(part or self.part)
        at = str(_place(sheet, row, name)) if isinstance(row, int) else row
        return Planted(
            number=self.plan.number,
            kind=self.plan.kind["id"],
            form=self.plan.form["id"],
            year=self.book.year,
            county_code=Path(self.book.file).stem,
            file=self.book.file,
            sheet=sheet.name or sheet.label.zh,
            row=at,
            field=name,
            school_id=school,
            was=_shown(was),
            written=_shown(written),
            expected=" ".join(self.plan.form.get("expects", ())),
            undetectable=self.plan.form.get("undetectable", {}).get("en", ""),
        )

    # --- what is done

    def do_cells(self) -> list[Planted]:
        """Changes cells of one row."""
        at = self.choose()
        if at is None:
            return []
        row = self.rows[at]
        true, school = dict(row), row.get("school_id", "")
        for change in self.plan.form["change"]:
            self._change(row, true, change)
        names = [name for name in row if row[name] is not true.get(name)]
        return [self.note(at, name, true.get(name), row[name], school) for name in names]

    def _change(self, row: Row, true: Row, change: Spec) -> None:
        if "swap" in change:
            one, two = change["swap"]
            row[one], row[two] = true[two], true[one]
            return
        name = change["to"]
        value = true.get(change.get("from", name))
        if "sum" in change:
            value = sum(true[part] for part in change["sum"])
        if "text" in change:
            row[name] = Verbatim(change["text"].format(value=_shown(true.get(name))))
        elif change.get("blank"):
            row[name] = None
        elif change.get("neighbour"):
            others = next(iter(self.neighbour().values()), [])
            row[name] = others[0]["school_id"] if others else "9999999999"
        elif "set" in change:
            row[name] = change["set"]
        elif "times" in change or "plus" in change:
            made = value * change.get("times", 1) + change.get("plus", 0)
            row[name] = round(made) if change.get("whole") else round(made, 6)
        else:
            row[name] = value

    def do_drop_row(self) -> list[Planted]:
        """Leaves one row out."""
        at = self.choose()
        if at is None:
            return []
        row = self.rows.pop(at)
        return [self.note("", "", _first_words(row), "", row.get("school_id", ""))]

    def do_drop_stage(self) -> list[Planted]:
        """Leaves out the only stage row of a school, but not its classes."""
        return self.do_drop_row()

    def do_drop_school(self) -> list[Planted]:
        """Leaves out the row of a school whose stages stay."""
        return self.do_drop_row()

    def do_repeat_row(self) -> list[Planted]:
        """Writes a row twice, the second time at the end."""
        at = self.choose()
        if at is None:
            return []
        row = self.rows[at]
        self.rows.append(dict(row))
        return [self.note(len(self.rows) - 1, "school_id", "", _first_words(row), row["school_id"])]

    def do_mangle_code(self) -> list[Planted]:
        """Writes the code of a school wrongly in one row."""
        at = self.choose()
        if at is None:
            return []
        row, true = self.rows[at], str(self.rows[at]["school_id"])
        row["school_id"] = Verbatim(self.plan.form["as"].format(value=float(true), text9=true[:-1]))
        return [self.note(at, "school_id", true, row["school_id"], true)]

    def do_copy_last_year(self) -> list[Planted]:
        """The rows of last year once more, in every part."""
        if not self.book.before:
            return []
        for part in self.book.rows:
            self.book.rows[part] = copy.deepcopy(list(self.book.before[part]))
        return [self.note("*", "", f"{self.book.year}", f"{self.book.year - 1}")]

    def do_copy_last_year_school(self) -> list[Planted]:
        """All rows of one school as they were last year."""
        at = self.choose()
        if at is None or not self.book.before:
            return []
        school = self.rows[at]["school_id"]
        for part, rows in self.book.rows.items():
            if rows and "school_id" in rows[0]:
                old = [dict(row) for row in self.book.before[part] if row["school_id"] == school]
                first = next((i for i, row in enumerate(rows) if row["school_id"] == school), len(rows))
                kept = [row for row in rows if row["school_id"] != school]
                self.book.rows[part] = kept[:first] + old + kept[first:]
        return [self.note("*", "", f"{self.book.year}", f"{self.book.year - 1}", school)]

    def do_neighbours_school(self) -> list[Planted]:
        """A school of the next county with its stages and classes, at the end of each sheet."""
        others = self.neighbour()
        if not others:
            return []
        stages = next(sheet.part for sheet in self.book.layout.sheets if sheet.record == "stage")
        counted = [row["school_id"] for row in others[stages]]
        school = counted[int(float(self.draws.uniform("mistake", self.plan.number)[0]) * len(counted)) % len(counted)]
        for part, rows in others.items():
            self.book.rows[part] += [dict(row) for row in rows if row.get("school_id") == school]
        return [self.note(len(self.rows) - 1, "school_id", "", school, school)]

    def do_truncate(self) -> list[Planted]:
        """The last third of the schools is cut off, in every part."""
        schools = [row["school_id"] for row in self.rows]
        kept = set(schools[: len(schools) - len(schools) // 3])
        for part, rows in self.book.rows.items():
            self.book.rows[part] = [row for row in rows if row.get("school_id") is None or row["school_id"] in kept]
        lost = [code for code in schools if code not in kept]
        return [self.note("", "school_id", code, "", code) for code in lost]

    def do_empty_sheet(self) -> list[Planted]:
        """A sheet without any row."""
        count = len(self.rows)
        self.book.rows[self.part] = []
        return [self.note("*", "", f"{count} rows", "0 rows")]

    def do_wrong_year(self) -> list[Planted]:
        """The cover names the year before."""
        self.book.cover_year = self.book.year - 1
        return [self.note("", "", self.book.year, self.book.cover_year)]


def _place(sheet: Sheet, row: int, name: str) -> str:
    """Where the cell of a row stands in the written form: a spreadsheet's address, or the code of an item."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    from pipeline.forms.sheets import HEADER_ROW, first_data_row

    number = next((i for i, column in enumerate(sheet.columns) if column.to == name), 0)
    if sheet.vertical is not None:
        return str(xl_rowcol_to_cell(HEADER_ROW + 1 + number, 3))
    return str(xl_rowcol_to_cell(first_data_row(sheet) + row, number))


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _shown(value: Any) -> str:
    if isinstance(value, Verbatim):
        return _shown(value.value)
    return "" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)


def _first_words(row: Row) -> str:
    return " ".join(_shown(value) for value in list(row.values())[:5])
