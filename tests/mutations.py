"""Good files damaged in seeded random ways, and what must hold of whatever comes of them.

A mutation changes cells, headers, rows, sheets, bytes or the parts of a container. What comes must be accepted rows, findings
with a place, or an unreadable file: never an exception, and never a source row without account.
"""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import xlsxwriter

from pipeline.returns.csv_file import read_csv
from pipeline.returns.reader import FileRows, read_file
from pipeline.returns.table import is_blank
from pipeline.returns.workbook import Workbook, is_workbook
from pipeline.schema import Catalogue

Grid = list[list[str]]
Grids = dict[str, Grid]
"""Sheets of a file by name; a text file has one, named ''."""

WEIRD = (
    "", " ", "　", "0", "-1", "1e999", "nan", "inf", "１２", "12人", "1.2万", "95%", "无", "不详", "-", "—", "*", "#REF!", "=1/0",
    "=HYPERLINK(\"http://203.0.113.1\")", "<script>", "合计", "注：", "2025-01-02", "1月2日", "9" * 400, "九" * 40_000, "\x1b[31m",
    "\u202e", "\ud800".encode("utf-8", "replace").decode(), "\n", "a\nb\nc", '"', "'", ",", "\t", "0x1F", "1_000", "1,2,3", "true", "小学",
    "2199010101", "2.199E+09", "990101", "_x000D_", "00123", "½", "٣", "∞",
)  # fmt: skip
"""What may be typed into a cell."""


@dataclass(frozen=True)
class Mutation:
    """What was done to a file, in words, and its bytes afterwards."""

    what: str
    data: bytes


class Damage:
    """Damages one file again and again, by its own random numbers."""

    def __init__(self, data: bytes, seed: int) -> None:
        self.data, self.random = data, random.Random(seed)
        self.is_workbook = is_workbook(data)
        self.grids = grids_of(data)

    def __call__(self) -> Mutation:
        """One mutation: of one to three kinds."""
        if self.random.random() < 0.35:
            kind = self.random.choice(RAW if self.is_workbook else RAW[:4])
            return Mutation(kind.__name__, kind(self.data, self.random))
        grids = {name: [list(row) for row in grid] for name, grid in self.grids.items()}
        kinds = [self.random.choice(SHAPES) for _ in range(self.random.randint(1, 3))]
        for kind in kinds:
            kind(grids, self.random)
        names = "+".join(kind.__name__ for kind in kinds)
        return Mutation(names, as_workbook(grids) if self.is_workbook else self._as_text(grids))

    def _as_text(self, grids: Grids) -> bytes:
        stream = io.StringIO()
        delimiter = self.random.choice(",,,;\t")
        csv.writer(stream, delimiter=delimiter).writerows(next(iter(grids.values()), []))
        encoding = self.random.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16"))
        return stream.getvalue().encode(encoding, "replace")


def grids_of(data: bytes) -> Grids:
    """The cells of a good file as text."""
    if not is_workbook(data):
        return {"": read_csv(data).rows}
    workbook = Workbook(data)
    return {name: [list(row) for row in workbook.table(name).rows] for name in workbook.names}


def as_workbook(grids: Grids) -> bytes:
    """Grids as a workbook, whatever their sheets are named; numbers as numbers."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_numbers": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, {**options, "nan_inf_to_errors": True}) as workbook:
        for name, grid in grids.items():
            sheet = workbook.add_worksheet(name[:31])
            for number, row in enumerate(grid[:20_000]):
                sheet.write_row(number, 0, row)
        if not grids:
            workbook.add_worksheet()
    return target.getvalue()


# -- mutations of cells, rows, columns and sheets -----------------------------------------------------------------------


def _grid(grids: Grids, by: random.Random) -> Grid:
    filled = [grid for grid in grids.values() if grid and any(grid)] or [[[""]]]
    return by.choice(filled)


def change_cells(grids: Grids, by: random.Random) -> None:
    grid = _grid(grids, by)
    for _ in range(by.randint(1, 6)):
        row = by.choice(grid)
        if row:
            row[by.randrange(len(row))] = by.choice(WEIRD)


def change_column(grids: Grids, by: random.Random) -> None:
    grid, text = _grid(grids, by), by.choice(WEIRD)
    column = by.randrange(max(map(len, grid), default=1) or 1)
    for row in grid[by.randrange(3) :]:
        if column < len(row):
            row[column] = text


def change_headers(grids: Grids, by: random.Random) -> None:
    row = by.choice(_grid(grids, by)[:4])
    for _ in range(by.randint(1, 3)):
        if row:
            at = by.randrange(len(row))
            text = row[at]
            row[at] = by.choice(
                (
                    text[:-1],
                    text + "数",
                    text * 2,
                    f" {text} ",
                    f"（{text}）",
                    "",
                    by.choice(row),
                    text.replace("（", "("),
                )
            )


def drop_column(grids: Grids, by: random.Random) -> None:
    grid = _grid(grids, by)
    column = by.randrange(max(map(len, grid), default=1) or 1)
    for row in grid:
        del row[column : column + 1]


def repeat_column(grids: Grids, by: random.Random) -> None:
    grid = _grid(grids, by)
    column = by.randrange(max(map(len, grid), default=1) or 1)
    for row in grid:
        row.append(row[column] if column < len(row) else "")


def shift_rows(grids: Grids, by: random.Random) -> None:
    grid = _grid(grids, by)
    for _ in range(by.randint(1, 15)):
        grid.insert(by.randrange(3), [by.choice(WEIRD)] if by.random() < 0.3 else [])


def drop_rows(grids: Grids, by: random.Random) -> None:
    grid = _grid(grids, by)
    del grid[by.randrange(len(grid)) :: by.randint(1, 4)]


def repeat_rows(grids: Grids, by: random.Random) -> None:
    grid = _grid(grids, by)
    for _ in range(by.randint(1, 5)):
        grid.insert(by.randrange(len(grid) + 1), list(by.choice(grid)))


def shuffle_rows(grids: Grids, by: random.Random) -> None:
    by.shuffle(_grid(grids, by))


def transpose(grids: Grids, by: random.Random) -> None:
    grid = _grid(grids, by)
    width = max(map(len, grid), default=0)
    grid[:] = [[row[column] if column < len(row) else "" for row in grid[:200]] for column in range(width)]


def ragged(grids: Grids, by: random.Random) -> None:
    for row in _grid(grids, by):
        if by.random() < 0.2:
            row[:] = row[: by.randrange(len(row) + 1)] + ["x"] * by.randrange(3)


def drop_sheet(grids: Grids, by: random.Random) -> None:
    if grids:
        del grids[by.choice(list(grids))]


def rename_sheet(grids: Grids, by: random.Random) -> None:
    if grids:
        name = by.choice(list(grids))
        grids.setdefault(
            by.choice((f"{name} ", f"{name}2", "Sheet1", "学校", "学段", "封面", "目录"))[:31], grids.pop(name)
        )


def swap_sheets(grids: Grids, by: random.Random) -> None:
    if len(grids) > 1:
        one, other = by.sample(list(grids), 2)
        grids[one], grids[other] = grids[other], grids[one]


def repeat_sheet(grids: Grids, by: random.Random) -> None:
    if grids:
        name = by.choice(list(grids))
        grids.setdefault(f"{name[:25]} (2)", [list(row) for row in grids[name]])


def empty_sheet(grids: Grids, by: random.Random) -> None:
    _grid(grids, by).clear()


SHAPES: tuple[Callable[[Grids, random.Random], None], ...] = (
    change_cells, change_cells, change_cells, change_column, change_headers, change_headers, drop_column, repeat_column, shift_rows,
    drop_rows, repeat_rows, shuffle_rows, transpose, ragged, drop_sheet, rename_sheet, swap_sheets, repeat_sheet, empty_sheet,
)  # fmt: skip


# -- mutations of bytes and containers -----------------------------------------------------------------------------------


def flip_bytes(data: bytes, by: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(by.randint(1, 30)):
        if changed:
            changed[by.randrange(len(changed))] = by.randrange(256)
    return bytes(changed)


def cut_short(data: bytes, by: random.Random) -> bytes:
    return data[: by.randrange(len(data) + 1)]


def insert_bytes(data: bytes, by: random.Random) -> bytes:
    at = by.randrange(len(data) + 1)
    return data[:at] + by.randbytes(by.randint(1, 200)) + data[at:]


def cut_middle(data: bytes, by: random.Random) -> bytes:
    at = by.randrange(len(data) + 1)
    return data[:at] + data[at + by.randint(1, 2000) :]


def drop_part(data: bytes, by: random.Random) -> bytes:
    return _rewritten(data, lambda names: {by.choice(names): None})


def tear_part(data: bytes, by: random.Random) -> bytes:
    return _rewritten(data, lambda names: {by.choice(names): lambda part: part[: by.randrange(len(part) + 1)]})


def flip_part(data: bytes, by: random.Random) -> bytes:
    return _rewritten(data, lambda names: {by.choice(names): lambda part: flip_bytes(part, by)})


def swap_words(data: bytes, by: random.Random) -> bytes:
    """Numbers of rows, cells, styles and shared texts that lie."""
    pairs = [
        (b'r="', b'r="9'),
        (b"<v>", b"<v>9"),
        (b'r="A', b'r="ZZZ'),
        (b't="s"', b't="e"'),
        (b' r="', b' q="'),
        (b"<row", b"<rwo"),
    ]
    old, new = by.choice(pairs)
    return _rewritten(data, lambda names: {by.choice(names): lambda part: part.replace(old, new, by.randint(1, 50))})


Change = Callable[[bytes], bytes] | None


def _rewritten(data: bytes, choose: Callable[[list[str]], Mapping[str, Change]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        changes = choose(old.namelist())
        for name in old.namelist():
            change = changes.get(name, bytes)
            if change is not None:
                new.writestr(name, change(old.read(name)))
    return target.getvalue()


RAW: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flip_bytes, cut_short, insert_bytes, cut_middle, drop_part, tear_part, flip_part, swap_words,
)  # fmt: skip
"""The first four serve every file, the others containers."""


# -- what must hold ------------------------------------------------------------------------------------------------------

DISPOSITIONS = {"accepted", "quarantined", "filtered", "not_data"}


def read(mutation: Mutation, catalogue: Catalogue, year: int) -> FileRows:
    """Reads a damaged file and asserts what must hold of every outcome."""
    result = read_file(mutation.data, "x", year, catalogue)
    assert result.status in ("accepted", "rejected", "unreadable")
    if result.status == "unreadable":
        assert not result.parts and result.findings, "an unreadable file says why"
    for finding in result.all_findings():
        assert finding["message_zh"] and finding["message_en"] and finding["mend_zh"] and finding["mend_en"]
        assert len(str(finding["message_zh"])) < 3_000
    for part in result.parts:
        assert set(part.rows["disposition"]) <= DISPOSITIONS
        assert not part.rows.select("sheet", "row").is_duplicated().any(), "a source row stands once in its part"
        typed = {row for frame in part.frames.values() for row in frame["row"]}
        assert typed <= set(part.rows["row"]), "a typed row has a source row"
        accepted = part.rows.filter(disposition="accepted")
        told = {f["row"] for f in part.findings if f["row"] is not None}
        lost = set(accepted["row"]) - typed - told
        if _has_a_row_a_row(catalogue, str(result.layout_id), part.part):
            assert not lost, f"accepted rows neither typed nor told: {sorted(lost)[:5]}"
    _rows_accounted(mutation.data, result)
    return result


def _has_a_row_a_row(catalogue: Catalogue, layout: str, part: str) -> bool:
    """Whether a source row of a part becomes a typed row of its own: not on forms and vertical sheets."""
    sheets = catalogue.layouts[layout].sheets
    return all(not sheet.cells and not sheet.vertical for sheet in sheets if sheet.part == part)


def _rows_accounted(data: bytes, result: FileRows) -> None:
    """Every row below the last one that was read or passed over stands in the account of its sheet."""
    if result.status == "unreadable":
        return
    grids = grids_of(data)
    for part in result.parts:
        sheets = set(part.rows["sheet"]) or {""}
        for sheet in sheets & set(grids):
            first = part.rows.filter(sheet=sheet)["row"].min()
            filled = {i + 1 for i, row in enumerate(grids[sheet]) if not is_blank(row) and i + 1 >= int(str(first))}
            rows = {n for p in result.parts for n in p.rows.filter(sheet=sheet)["row"]}
            assert filled <= rows, f"{sheet}: rows {sorted(filled - rows)[:5]} are in no account"
