"""What is done to the sample's returns, so that every state occurs. Each trouble hits one county of the last year; what was
done is returned as words. Counties are chosen by their rosters, never by code, so another sample serves as well."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.oracle.books import Book
from tests.oracle.cells import Expected, Row, read_roster

PRIMARY, JUNIOR, SENIOR = "小学", "初中", "高中"


@dataclass(frozen=True)
class County:
    """A county of the roster with its schools, the smallest first."""

    code: str
    schools: list[Row]

    def of(self, *kinds: str, counted: int | None = 1) -> list[str]:
        """Ids of schools of these types, counted as schools (1), branches (0) or either (None)."""
        return [
            s["school_id"]
            for s in self.schools
            if s["school_type"] in kinds and counted in (None, s["is_counted_school"])
        ]

    def with_stage(self, stage: str) -> list[str]:
        return [s["school_id"] for s in self.schools if s["pupils"].get(stage)]


class Damage:
    """Hands out counties, each to one trouble, and opens their workbooks of one year."""

    def __init__(self, home: Path, year: int) -> None:
        self.home, self.year = home, year
        self.roster: Expected = read_roster(self.roster_path)
        self.used: set[str] = set()
        self.done: list[str] = []

    @property
    def roster_path(self) -> Path:
        return self.home / "roster" / f"{self.year}.csv"

    def county(self, trouble: str, fits: Callable[[County], object]) -> County:
        """The first county not yet hit whose schools allow the trouble."""
        for county in self._counties():
            if county.code not in self.used and fits(county):
                self.used.add(county.code)
                self.done.append(f"{self.year} {county.code}: {trouble}")
                return county
        raise LookupError(f"no county left for: {trouble}")

    def _counties(self) -> Iterator[County]:
        for code in self.roster.counties:
            inside = [s for s in self.roster.schools.values() if s["county"] == code]
            yield County(code, sorted(inside, key=lambda s: (sum(s["pupils"].values()), s["school_id"])))

    def path(self, county: County) -> Path:
        return self.home / "inbox" / str(self.year) / f"{county.code}.xlsx"

    def book(self, county: County) -> Book:
        return Book(self.path(county))

    def forget(self, schools: list[str]) -> None:
        """Takes schools off the year's roster."""
        with self.roster_path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        with self.roster_path.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0].keys())
            writer.writeheader()
            writer.writerows(r for r in rows if not (r["level"] == "school" and r["code"] in schools))


def damage(home: Path, first: int, last: int) -> list[str]:
    """Does everything below to a fresh sample; returns what was done, one line a trouble."""
    early, late = Damage(home, first), Damage(home, last)
    for trouble in (
        _not_sent, _branches, _combined, _no_junior_schools, _zeros, _blanks, _not_collected,
        _absent_schools, _lists, _quarantine, _levels, _roster,
    ):  # fmt: skip
        trouble(late)
    early.used |= late.used
    early.path(early.county("did not send", lambda c: True)).unlink()
    return early.done + late.done


def _not_sent(d: Damage) -> None:
    """One county of the first and one of the last province."""
    provinces = sorted({d.roster.province(c) for c in d.roster.counties})
    for province in (provinces[0], provinces[-1]):
        d.path(d.county("did not send", lambda c, p=province: d.roster.province(c.code) == p)).unlink()


def _branches(d: Damage) -> None:
    county = d.county("a branch leaves a cell blank", lambda c: c.of("211", "311", counted=0))
    with d.book(county) as book:
        book.put("学校", county.of("211", "311", counted=0)[0], "indoor_sports_sqm", None)
    county = d.county("the parent of a branch is lost", lambda c: c.of("211", "311", counted=0))
    with d.book(county) as book:
        branch = county.of("211", "311", counted=0)[0]
        book.drop(book.cells("学校", branch, "parent_school_id")[0].value)
    county = d.county("a branch sends nothing", lambda c: c.of("211", "311", counted=0))
    with d.book(county) as book:
        book.drop(county.of("211", "311", counted=0)[0])
    county = d.county("a branch makes a critical mistake", lambda c: c.of("211", "311", counted=0))
    with d.book(county) as book:
        book.put("学段", county.of("211", "311", counted=0)[0], "bachelor_teachers", 900)


def _combined(d: Damage) -> None:
    county = d.county("a combined school leaves out its senior pupils", lambda c: c.of("345", "341"))
    with d.book(county) as book:
        book.drop(county.of("345", "341")[0], ("学段",), SENIOR)
    county = d.county("a nine-year school leaves out its junior stage", lambda c: c.of("312"))
    with d.book(county) as book:
        book.drop(county.of("312")[0], ("学段", "班级"), JUNIOR)
    county = d.county("a nine-year school has no primary pupils", lambda c: c.of("312"))
    with d.book(county) as book:
        for column in ("pupils", "classes"):
            book.put("学段", county.of("312")[0], column, 0, PRIMARY)


def _no_junior_schools(d: Damage) -> None:
    county = d.county("no junior school in roster and return", lambda c: not c.of("312", "341", "345") and c.of("311"))
    gone = county.with_stage("junior")
    with d.book(county) as book:
        for school in gone:
            book.drop(school)
    d.forget(gone)


def _zeros(d: Damage) -> None:
    county = d.county("no backbone teacher in primary", lambda c: len(c.of("211")) > 2)
    with d.book(county) as book:
        book.put("学段", None, "backbone_teachers", 0, PRIMARY)
    county = d.county("no backbone teacher in primary, one school blank", lambda c: len(c.of("211")) > 2)
    with d.book(county) as book:
        book.put("学段", None, "backbone_teachers", 0, PRIMARY)
        book.put("学段", county.of("211")[0], "backbone_teachers", None, PRIMARY)
    county = d.county("a school without any teacher", lambda c: len(c.of("211")) > 2)
    with d.book(county) as book:
        for cell in book.cells("学段", county.of("211")[0], "full_time_teachers", PRIMARY):
            for column in range(cell.column, cell.column + 16):
                cell.parent.cell(cell.row, column).value = 0


def _blanks(d: Damage) -> None:
    county = d.county("small schools leave cells blank", lambda c: len(c.of("211")) > 4)
    with d.book(county) as book:
        for school, column in zip(
            county.of("211"), ("indoor_sports_sqm", "d_grade_area_sqm", "boarders", "urban_rural", "beds"), strict=False
        ):
            book.put("学校", school, column, None)
        book.put("学段", county.of("211")[0], "arts_teachers", None)
    county = d.county("the largest school leaves cells blank", lambda c: len(c.of("211")) > 3)
    with d.book(county) as book:
        for column in ("equipment_yuan", "staff", "health_staff", "training_budget_yuan"):
            book.put("学校", county.of("211")[-1], column, None)
        book.put("学段", county.of("211")[-1], "intermediate_rank_teachers", None)
    county = d.county(
        "the only junior school leaves cells blank", lambda c: len(c.with_stage("junior")) == 1 and c.of("311")
    )
    with d.book(county) as book:
        book.put("学校", county.of("311")[0], "books", None)


def _not_collected(d: Damage) -> None:
    county = d.county("columns that nobody fills in", lambda c: len(c.of("211")) > 2)
    with d.book(county) as book:
        book.put("学校", None, "public_funds_yuan", None)
        book.put("学校", None, "beds", None)
        book.put("学段", None, "teachers_trained_360h", None)
        book.put("学段", None, "backbone_teachers", None, PRIMARY)
    county = d.county("a sheet that nobody fills in: rooms", lambda c: len(c.of("211")) > 2)
    with d.book(county) as book:
        book.drop(None, ("专用教室",))
    county = d.county("a sheet that nobody fills in: classes", lambda c: len(c.of("211")) > 2)
    with d.book(county) as book:
        book.drop(None, ("班级",))


def _absent_schools(d: Damage) -> None:
    county = d.county(
        "a small school, a point, a large school are absent", lambda c: len(c.of("211")) > 3 and c.of("218", counted=0)
    )
    with d.book(county) as book:
        for school in (county.of("211")[0], county.of("218", counted=0)[-1], county.of("211")[-1]):
            book.drop(school)
    county = d.county("the smallest school is absent", lambda c: len(c.of("211")) > 4)
    with d.book(county) as book:
        book.drop(county.of("211")[0])
    county = d.county("the junior school is absent", lambda c: c.of("311") and len(c.with_stage("junior")) < 3)
    with d.book(county) as book:
        book.drop(county.of("311")[0])
    county = d.county("a school sends nothing but its school row", lambda c: len(c.of("211")) > 3)
    with d.book(county) as book:
        book.drop(county.of("211")[0], ("学段", "班级", "专用教室"))


def _lists(d: Damage) -> None:
    county = d.county("short lists, classes and rooms without a size", lambda c: len(c.of("211")) > 3)
    with d.book(county) as book:
        first, second, *_ = county.of("211")
        book.drop(first, ("班级",))
        book.cells("班级", second, "class_pupils")[0].value = None
        book.cells("专用教室", None, "room_sqm")[0].value = None


def _quarantine(d: Damage) -> None:
    county = d.county("critical mistakes", lambda c: len(c.of("211")) > 3)
    with d.book(county) as book:
        first, second, third, fourth, *_ = county.of("211")
        book.put("学校", first, "indoor_sports_sqm", 99999)
        book.put("学段", second, "bachelor_teachers", 900)
        book.put("学段", third, "pupils", None)
        book.cells("班级", fourth, "class_pupils")[0].value = -3
    county = d.county("a room without area", lambda c: len(c.of("211")) > 3)
    with d.book(county) as book:
        book.cells("专用教室", None, "room_sqm")[0].value = 0


def _levels(d: Damage) -> None:
    """Exactly on levels: 2,000 yuan a pupil everywhere, 50 and 49 pupils at a point, dangerous area, sizes of classes."""
    county = d.county("equipment equal to a cent", lambda c: len(c.of("211")) > 2 and not c.of("312", "341", "345"))
    with d.book(county) as book:
        for school in county.schools:
            pupils = sum(cell.value for cell in book.cells("学段", school["school_id"], "pupils"))
            book.put("学校", school["school_id"], "equipment_yuan", round(pupils * 0.2, 2))
        book.put("学校", county.of("211")[0], "d_grade_area_sqm", 120)
        book.put("班级", county.of("211")[-1], "class_pupils", 45)
    county = d.county("points of 49 and 50 pupils", lambda c: len(c.of("218", counted=0)) > 1)
    with d.book(county) as book:
        for school, pupils in zip(county.of("218", counted=0)[-2:], (49, 50), strict=True):
            book.put("学段", school, "pupils", pupils)


def _roster(d: Damage) -> None:
    county = d.county("a school that the roster does not know came", lambda c: len(c.of("211")) > 3)
    d.forget(county.of("211")[1:2])
