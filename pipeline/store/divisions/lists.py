"""Files of official lists to their rows: where the header stands, which columns it names, which rows are notes.

A list is a CSV file or a workbook, in any encoding that returns may have. Not here: what codes mean (``codes``).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pipeline.errors import HomeError
from pipeline.returns.csv_file import read_csv
from pipeline.returns.headings import normal
from pipeline.returns.table import SourceTable, UnreadableError, is_blank
from pipeline.returns.workbook import Workbook, is_workbook

DEEPEST_HEADER = 20
"""A header stands within so many rows; a title or two may stand above it."""


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """How official lists are written (``words.yaml``)."""
    path = files("pipeline") / "store" / "divisions" / "words.yaml"
    return dict(YAML(typ="safe").load(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Listed:
    """A row of a list: what stands in it, without the white space around it, and where it stands (``row`` as a
    spreadsheet counts it). ``parent``, ``name_en`` and ``level`` are empty where the list does not say."""

    code: str
    name: str
    parent: str
    name_en: str
    level: str
    file: str
    row: int
    has_mark: bool = False

    def refusal(self, what: str, found: str, zh: str, en: str) -> HomeError:
        """The sentence about one cell of this row. ``what``: which kind of column."""
        return refusal(self.file, self.row, what, found, zh, en)


@dataclass(frozen=True)
class LeftOut:
    """A row that was not taken. ``reason`` names the words."""

    reason: str
    code: str
    name: str
    file: str
    row: int


def refusal(file: str, row: int, column: str, found: str, zh: str, en: str) -> HomeError:
    """The sentence about one cell: file, row, column, what was found, what was expected."""
    shown = (f"“{found}”", f"“{found}”") if found else ("空白", "a blank")
    return HomeError(
        f"名单 {file} 第 {row} 行“{column}”列为{shown[0]}，应为{zh}",
        f"the list {file}, row {row}, column “{column}” holds {shown[1]}, expected {en}",
    )


def tables_of(path: Path, encodings: Sequence[str]) -> list[SourceTable]:
    """Every table of a file. Raises HomeError where it cannot be opened."""
    try:
        data = path.read_bytes()
        if not is_workbook(data):
            return [read_csv(data, encodings)]
        workbook = Workbook(data)
        return [workbook.table(name) for name in workbook.names]
    except OSError as error:
        zh, en = f"无法读取 {path}：{error.strerror}", f"cannot read {path}: {error.strerror}"
        raise HomeError(zh, en) from None
    except UnreadableError as error:
        zh, en = f"无法打开 {path.name}：{error}", f"{path.name} cannot be opened: {error}"
        raise HomeError(zh, en) from None


def read_lists(paths: Sequence[Path], encodings: Sequence[str]) -> tuple[list[Listed], list[LeftOut]]:
    """Rows of all files, in their order, and the notes among them.

    Raises HomeError for a file without a header of a code and a name, and for a row that has one of the two alone.
    """
    listed: list[Listed] = []
    left: list[LeftOut] = []
    for path in paths:
        held = [table for table in tables_of(path, encodings) if not all(is_blank(row) for row in table.rows)]
        found = [(table, header) for table in held if (header := _header(table)) is not None]
        if not found:
            first = next((row for table in held for row in table.rows if not is_blank(row)), [])
            shown = "、".join(cell.strip() for cell in first if cell.strip())
            expected = words()["headers"]
            one, other = expected["code"][0], expected["name"][0]
            raise refusal(
                path.name, 1, "A", shown, f"含“{one}”和“{other}”的表头", f"a header with “{one}” and “{other}”"
            )
        for table, (index, columns) in found:
            for row in _rows(table, index, columns, path.name):
                (listed if isinstance(row, Listed) else left).append(row)  # type: ignore[arg-type]
    return listed, left


def _header(table: SourceTable) -> tuple[int, dict[str, int]] | None:
    """0-based row of the header and the column of each thing it names: of several spellings the first on the list."""
    spellings = {what: [normal(text) for text in texts] for what, texts in words()["headers"].items()}
    for index, row in enumerate(table.rows[:DEEPEST_HEADER]):
        at = {normal(cell): i for i, cell in reversed(list(enumerate(row)))}
        columns = {
            what: at[next(text for text in texts if text in at)]
            for what, texts in spellings.items()
            if any(text in at for text in texts)
        }
        if "code" in columns and "name" in columns:
            return index, columns
    return None


def _rows(table: SourceTable, index: int, columns: dict[str, int], file: str) -> Iterator[Listed | LeftOut]:
    heads = {what: table.cell(index, column).strip() for what, column in columns.items()}
    for i in range(index + 1, len(table.rows)):
        if is_blank(table.rows[i]):
            continue
        cells = {what: _text(table.cell(i, column)) for what, column in columns.items()}
        if _is_note(cells["code"], cells["name"]):
            said = next(cell.strip() for cell in table.rows[i] if cell.strip())
            yield LeftOut("note", "", said, file, i + 1)
            continue
        code = unicodedata.normalize("NFKC", cells["code"])
        if not code:
            raise refusal(file, i + 1, heads["code"], "", f"“{cells['name']}”的代码", f"the code of “{cells['name']}”")
        name, has_mark = _unmarked(cells["name"])
        if not name:
            raise refusal(file, i + 1, heads["name"], "", f"{code} 的名称", f"the name of {code}")
        parent = unicodedata.normalize("NFKC", cells.get("parent", ""))
        rest = (parent, cells.get("name_en", ""), cells.get("level", ""))
        yield Listed(code, name, *rest, file, i + 1, has_mark)


def _text(cell: str) -> str:
    """A cell without the white space around it, of whatever width (lists indent names to show levels)."""
    return cell.strip().strip("\u200b\ufeff").strip()


def _is_note(code: str, name: str) -> bool:
    """Whether a row is a note: text where the code should stand and no name, or a note's first word in either."""
    begins = tuple(words()["notes"])
    if any(text.casefold().startswith(begins) for text in (code, name) if text) and not code.isdigit():
        return True
    return bool(code) and not name and not code.isdigit()


def _unmarked(name: str) -> tuple[str, bool]:
    marks = "".join(words()["marks"])
    bare = name.rstrip(marks).strip()
    return bare, bare != name
