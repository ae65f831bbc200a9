"""Changes of codes over the years that a home knows beside its catalogue: ``home/roster/changes.csv``.

Its rows are those of the catalogue's ``division_changes.csv``: the year from which the new code holds, the kind (split,
merge, rename, recode), the old code and the new. A county that was split, merged or given another code is not compared with
the year before; one that only has another name is.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import get_args

from pipeline.errors import HomeError
from pipeline.schema.model import DivisionChange
from pipeline.store.home import Home, write_atomically

CHANGES = "changes.csv"
COLUMNS = ("year", "kind", "old_code", "new_code")
KINDS: tuple[str, ...] = get_args(DivisionChange.model_fields["kind"].annotation)
PLAIN_KIND = "rename"
"""The kind that leaves the county what it was."""


def changes_path(home: Home) -> Path:
    """Where a home keeps its changes of codes, whether or not there are any."""
    return home.path / "roster" / CHANGES


def changes_digest(home: Home) -> str:
    """sha256 of a home's changes; '' where there are none."""
    path = changes_path(home)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def home_changes(home: Home, codes: Collection[str]) -> tuple[DivisionChange, ...]:
    """The changes of a home, in the order of the file. ``codes``: those of every division of any year.

    Raises HomeError: one sentence that names file, row, column, what was found and what was expected.
    """
    path = changes_path(home)
    if not path.is_file():
        return ()
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise HomeError(
            f"roster/{CHANGES} 不是 UTF-8 编码，请另存为 UTF-8 的 CSV",
            f"roster/{CHANGES} is not UTF-8; save it as CSV in UTF-8",
        ) from None
    rows = list(csv.reader(io.StringIO(text)))
    header = [cell.strip() for cell in rows[0]] if rows else []
    if header != list(COLUMNS):
        raise _refusal(1, "", "、".join(header), f"表头 {'、'.join(COLUMNS)}", f"the header {', '.join(COLUMNS)}")
    filled = [(number, row) for number, row in enumerate(rows[1:], 2) if any(cell.strip() for cell in row)]
    return tuple(dict.fromkeys(_change(number, row, codes) for number, row in filled))


def _change(number: int, row: list[str], codes: Collection[str]) -> DivisionChange:
    cells = [cell.strip() for cell in row]
    if len(cells) != len(COLUMNS):
        raise _refusal(number, "", ",".join(cells), f"{len(COLUMNS)} 格", f"{len(COLUMNS)} cells")
    year, kind, old, new = cells
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise _refusal(number, "year", year, "年份，如 2025", "a year such as 2025")
    if kind not in KINDS:
        raise _refusal(number, "kind", kind, f"{'、'.join(KINDS)} 之一", f"one of {', '.join(KINDS)}")
    for column, code in (("old_code", old), ("new_code", new)):
        if code not in codes:
            raise _refusal(number, column, code, "名册或目录中的区划代码", "a division of a roster or the catalogue")
    return DivisionChange(year=int(year), kind=kind, old_code=old, new_code=new)  # type: ignore[arg-type]


def _refusal(row: int, column: str, found: str, zh: str, en: str) -> HomeError:
    at = (f"“{column}”列", f", column “{column}”,") if column else ("", "")
    shown = f"“{found}”" if found else "空白 / a blank"
    return HomeError(
        f"区划变更 roster/{CHANGES} 第 {row} 行{at[0]}为{shown}，应为{zh}",
        f"the changes of divisions roster/{CHANGES}, row {row}{at[1]} holds {shown}, expected {en}",
    )


def add_changes(home: Home, changes: Iterable[DivisionChange], known: Iterable[DivisionChange]) -> None:
    """Writes a home's changes: those ``known`` and the new ones, sorted, each once; atomically."""
    rows = sorted({(c.year, c.kind, c.old_code, c.new_code) for c in (*known, *changes)})
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([COLUMNS, *rows])
    write_atomically(changes_path(home), stream.getvalue())


def followed(code: str, year: int, changes: Iterable[DivisionChange]) -> str | None:
    """The code that a county of the year before has in ``year``: its own unless a change of that year says otherwise;
    None where it was split, so that nobody can tell."""
    new = {c.new_code for c in changes if c.year == year and c.old_code == code and c.kind != PLAIN_KIND}
    return code if not new else new.pop() if len(new) == 1 else None
