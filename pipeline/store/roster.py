"""The roster of a year: which counties and schools are expected, ``home/roster/<year>.csv``.

One row a division (province, prefecture, county) or school; the parent of a school is its county. UTF-8, with or without a
byte order mark. Here: its columns, reading, writing, and how its divisions enter the catalogue. Not here: what is held
against it (``roster_checks``), and what follows when something expected did not come (``expected``).

A division holds from the roster's year until the next roster says otherwise; the first roster also holds for the years
before it, the last for those after. Its schools are expected in its own year alone.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import polars as pl

from pipeline.errors import HomeError
from pipeline.returns.part import KEYS
from pipeline.returns.typing import kind_of
from pipeline.schema.entry import IDENTITY_COLUMNS
from pipeline.schema.model import Catalogue, Division
from pipeline.store.divisions.changes import CHANGES, home_changes
from pipeline.store.home import Home, replacing
from pipeline.store.roster_checks import PUPILS, SCHOOL, holds_numbers, refusal, stop_at_first_fault

FIRST_YEAR, LAST_YEAR = 0, 9999
MADE_UP_PROVINCES = range(90, 100)
"""Two-digit province codes that GB/T 2260 does not use: sample data have them, and are called invented on every page."""

LEAD = ("level", "code", "name_zh", "name_en", "parent_code")
REQUIRED = ("level", "code", "name_zh", "parent_code")


@dataclass(frozen=True)
class Roster:
    """A year's roster. ``divisions`` hold for that year alone. ``schools``: a row a school (school_id, name, county_code,
    the attributes of a unit, and ``pupils_<stage>``: last year's pupils, null where it has none), sorted by school_id.
    """

    year: int
    divisions: tuple[Division, ...]
    schools: pl.DataFrame

    @property
    def counties(self) -> tuple[Division, ...]:
        """The counties expected, in the order of the file."""
        return tuple(d for d in self.divisions if d.level == "county")

    def schools_of(self, county_code: str) -> pl.DataFrame:
        """Rows of ``schools`` of one county."""
        return self.schools.filter(pl.col("county_code") == county_code)


def attributes(catalogue: Catalogue) -> tuple[str, ...]:
    """Columns of a roster that describe a school: what the catalogue knows of a unit besides whose row it is."""
    identity = [c for c in IDENTITY_COLUMNS if c not in ("name", "stage", *KEYS)]
    return tuple(dict.fromkeys([*identity, *(f.id for f in catalogue.fields_of("identity"))]))


def pupil_columns(catalogue: Catalogue) -> dict[str, str]:
    """Stage → the column of last year's pupils."""
    return {stage: f"pupils_{stage}" for stage in catalogue.stages}


def columns(catalogue: Catalogue) -> tuple[str, ...]:
    """The header of a roster."""
    return (*LEAD, *attributes(catalogue), *pupil_columns(catalogue).values())


def roster_path(home: Home, year: int) -> Path:
    """Where the roster of a year lies, whether or not there is one."""
    return home.path / "roster" / f"{year}.csv"


def roster_years(home: Home) -> list[int]:
    """Years that have a roster, ascending. Raises HomeError for a file in the folder that is not named after a year."""
    folder = home.path / "roster"
    years = []
    for path in sorted(folder.glob("*.csv")) if folder.is_dir() else []:
        if path.name.startswith((".", "~$")) or path.name == CHANGES:
            continue
        if not (path.stem.isascii() and path.stem.isdigit() and len(path.stem) == 4):
            raise HomeError(
                f"名册 roster/{path.name} 应以年份命名，如 roster/2025.csv",
                f"the roster roster/{path.name} must be named after its year, such as roster/2025.csv",
            )
        years.append(int(path.stem))
    return sorted(years)


def roster_digest(home: Home, year: int) -> str:
    """sha256 of the roster of a year; '' where there is none."""
    path = roster_path(home, year)
    if not path.is_file():
        return ""
    stat = path.stat()
    return _digest(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _digest(path: Path, changed: int, size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_roster(home: Home, year: int, catalogue: Catalogue) -> Roster | None:
    """The roster of a year, or None where there is none.

    ``catalogue``: as it was loaded, or with rosters added. Raises HomeError for a roster that cannot be used: one sentence
    that names file, row, column, what was found and what was expected.
    """
    if not roster_path(home, year).is_file():
        return None
    path = roster_path(home, year)
    return _read(path, year, roster_digest(home, year), catalogue.own_divisions, described(catalogue))


def read_roster_file(path: Path, year: int, catalogue: Catalogue) -> Roster:
    """A roster that lies elsewhere than its home would hold it, read as that of a year. Raises as ``read_roster`` does."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return _read(path, year, digest, catalogue.own_divisions, described(catalogue))


def schools_in_file(path: Path, year: int, catalogue: Catalogue) -> pl.DataFrame:
    """Schools of a CSV in a roster's shape, with the columns of ``Roster.schools``; its divisions say only which counties
    the schools may lie in, beside those of the catalogue. Raises HomeError where the file cannot be used."""
    kinds = described(catalogue)
    rows = _table(path, path.name, (*LEAD, *(column for column, _ in kinds)))
    schools = rows.filter(pl.col("level") == SCHOOL)
    listed = rows.filter(
        pl.col("level").is_in(["county"]) & pl.col("code").is_not_null() & pl.col("name_zh").is_not_null()
    )
    own = (*catalogue.divisions, *(_division(row, year) for row in listed.iter_rows(named=True)))
    stop_at_first_fault(path.name, schools, own, kinds)
    return _schools(schools, kinds)


def described(catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """Columns that say what a school is, each with its kind: attributes of a unit, then last year's pupils."""
    kinds = [(name, kind_of(catalogue, name)) for name in attributes(catalogue)]
    return (*kinds, *((name, PUPILS) for name in pupil_columns(catalogue).values()))


def school_schema(catalogue: Catalogue) -> dict[str, pl.DataType]:
    """Columns of ``Roster.schools``."""
    return _typed(described(catalogue))


def _typed(described: tuple[tuple[str, str], ...]) -> dict[str, pl.DataType]:
    whose = dict.fromkeys(("school_id", "name", "county_code"), pl.String())
    return whose | {name: pl.Float64() if holds_numbers(kind) else pl.String() for name, kind in described}


@lru_cache(maxsize=32)
def _read(
    path: Path, year: int, digest: str, own: tuple[Division, ...], described: tuple[tuple[str, str], ...]
) -> Roster:
    """One reading for each content (``digest``) and catalogue, since every step of a run asks."""
    name = f"roster/{path.name}"
    rows = _table(path, name, (*LEAD, *(column for column, _ in described)))
    valid = tuple(d for d in own if d.valid_from <= year <= d.valid_to)
    stop_at_first_fault(name, rows, valid, described)
    divisions = rows.filter(pl.col("level") != SCHOOL)
    schools = rows.filter(pl.col("level") == SCHOOL)
    return Roster(
        year,
        tuple(_division(row, year) for row in divisions.iter_rows(named=True)),
        _schools(schools, described),
    )  # fmt: skip


def _schools(rows: pl.DataFrame, described: tuple[tuple[str, str], ...]) -> pl.DataFrame:
    named = rows.rename({"code": "school_id", "name_zh": "name", "parent_code": "county_code"})
    kinds = _typed(described).items()
    return named.select(pl.col(column).cast(kind) for column, kind in kinds).sort("school_id")


def _table(path: Path, name: str, known: tuple[str, ...]) -> pl.DataFrame:
    """The file as text, null where blank, with ``row`` as a spreadsheet counts it; blank rows are left out."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        raise HomeError(
            f"名册 {name} 第 {row} 行不是 UTF-8 编码，请另存为 UTF-8 的 CSV",
            f"the roster {name}, row {row}, is not UTF-8; save it as CSV in UTF-8",
        ) from None
    header = next(csv.reader(io.StringIO(text)), [])
    _check_header(name, [cell.strip() for cell in header], known)
    try:
        raw = pl.read_csv(io.BytesIO(text.encode()), infer_schema=False, truncate_ragged_lines=False)
    except pl.exceptions.PolarsError:
        raise _torn(name, text, len(header)) from None
    raw.columns = [cell.strip() for cell in header]
    cells = pl.col(raw.columns).str.strip_chars().replace("", None)
    rows = raw.with_columns(cells).with_row_index("row", offset=2)
    rows = rows.filter(~pl.all_horizontal(pl.col(raw.columns).is_null()))
    return rows.select("row", *(pl.col(c) if c in raw.columns else pl.lit(None, pl.String).alias(c) for c in known))


def _check_header(name: str, header: list[str], known: tuple[str, ...]) -> None:
    if missing := [column for column in REQUIRED if column not in header]:
        zh, en = "、".join(missing), ", ".join(missing)
        shown = "、".join(header) or "—"
        raise HomeError(
            f"名册 {name} 第 1 行缺少表头“{zh}”；现有：{shown}",
            f"the roster {name}, row 1, lacks “{en}”; it has: {shown}",
        )
    for cell in header:
        if cell not in known:
            raise refusal(
                name, 1, cell, cell or None, f"下列表头之一：{'、'.join(known)}", f"one of {', '.join(known)}"
            )
        if header.count(cell) > 1:
            raise refusal(name, 1, cell, cell, "每个表头只出现一次", "each header once")


def _torn(name: str, text: str, width: int) -> HomeError:
    """The sentence for a file that is no table: its first row that is longer than the header, else its quotation marks."""
    reader = csv.reader(io.StringIO(text))
    for cells in reader:
        if len(cells) > width:
            zh, en = f"有 {len(cells)} 格，表头只有 {width} 格", f"has {len(cells)} cells under a header of {width}"
            return HomeError(
                f"名册 {name} 第 {reader.line_num} 行{zh}", f"the roster {name}, row {reader.line_num}, {en}"
            )
    zh, en = "引号没有闭合", "a quotation mark is not closed"
    return HomeError(f"名册 {name} 不是有效的 CSV：{zh}", f"the roster {name} is not valid CSV: {en}")


def _division(row: Mapping[str, str | None], year: int) -> Division:
    code, name = str(row["code"]), str(row["name_zh"])
    province = code[:2]
    return Division(
        code=code, name_zh=name, name_en=row["name_en"] or name, level=row["level"],  # type: ignore[arg-type]
        parent_code=row["parent_code"] or "", valid_from=year, valid_to=year,
        is_fictional=province.isascii() and province.isdigit() and int(province) in MADE_UP_PROVINCES,
    )  # fmt: skip


def write_roster(path: Path, catalogue: Catalogue, rows: Iterable[Mapping[str, object]]) -> None:
    """Writes a roster: UTF-8 with a byte order mark, the header of ``columns``, blank where a row says nothing.

    Truth values are written as 1 and 0, whole numbers without a point. Raises KeyError for a column that a roster lacks.
    """
    header = columns(catalogue)
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            if unknown := set(row) - set(header):
                raise KeyError(f"a roster has no column {sorted(unknown)}")
            writer.writerow([_text(row.get(name)) for name in header])


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


# -- divisions ---------------------------------------------------------------------------------------------------------


def with_rosters(catalogue: Catalogue, home: Home) -> Catalogue:
    """The catalogue with the divisions of all rosters of a home, and its changes of codes, added to its own; itself where
    a home has neither.

    Given a catalogue that has them already, they are read anew. Raises HomeError for a roster that cannot be used.
    """
    rosters = [read_roster(home, year, catalogue) for year in roster_years(home)]
    found = [roster for roster in rosters if roster is not None]
    added = tuple(_added(catalogue.own_divisions, found))
    divisions = (*catalogue.own_divisions, *added)
    own = catalogue.own_changes
    changes = tuple(c for c in home_changes(home, {d.code for d in divisions}) if c not in own)
    if (added, changes) == (catalogue.from_rosters, catalogue.changes_from_home):
        return catalogue
    update = {"division_changes": (*own, *changes), "changes_from_home": changes}
    return catalogue.model_copy(update={"divisions": divisions, "from_rosters": added, **update})


def _added(own: tuple[Division, ...], rosters: list[Roster]) -> Iterator[Division]:
    """Divisions of rosters as periods, in order of code and year; what the catalogue itself holds is not said twice."""
    known = {d.code for d in own}
    held: dict[str, list[Division]] = {}
    for roster, (first, last) in zip(rosters, _spans([r.year for r in rosters]), strict=True):
        for division in roster.divisions:
            year = roster.year
            if any(d.code == division.code and d.valid_from <= year <= d.valid_to for d in own):
                continue
            span = (year, year) if division.code in known else (first, last)
            periods = held.setdefault(division.code, [])
            before = periods[-1] if periods else None
            if before is not None and before.valid_to + 1 == span[0] and _same(before, division):
                periods[-1] = before.model_copy(update={"valid_to": span[1]})
            else:
                periods.append(division.model_copy(update={"valid_from": span[0], "valid_to": span[1]}))
    for code in sorted(held):
        yield from held[code]


def _spans(years: list[int]) -> list[tuple[int, int]]:
    """First and last year in which each roster's divisions hold."""
    if not years:
        return []
    starts = [FIRST_YEAR, *years[1:], LAST_YEAR + 1]
    return [(first, after - 1) for first, after in pairwise(starts)]


def _same(a: Division, b: Division) -> bool:
    return (a.name_zh, a.name_en, a.level, a.parent_code) == (b.name_zh, b.name_en, b.level, b.parent_code)


def roster_in_force(home: Home, year: int) -> int | None:
    """The year of the roster whose counties are expected: of that year, else the nearest before, else the first."""
    years = roster_years(home)
    before = [y for y in years if y <= year]
    return before[-1] if before else years[0] if years else None
