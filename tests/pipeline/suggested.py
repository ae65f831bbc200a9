"""How well layouts are suggested: a file of a known layout, its headers reworded, and the layout hidden from the catalogue."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.returns.csv_file import read_csv
from pipeline.returns.layouts import header_in
from pipeline.returns.suggest.draft import LayoutDraft
from pipeline.returns.suggest.file import suggest
from pipeline.schema import load_catalogue
from pipeline.schema.layout import Sheet
from pipeline.schema.model import Catalogue
from tests.samples import LAYOUT, county_codes, write_small

YEAR = 2025

Reword = Callable[[str, random.Random], str]


def as_it_is(header: str, _: random.Random) -> str:
    return header


def other_brackets(header: str, chance: random.Random) -> str:
    """Units in other brackets, after a slash, or said as 单位：."""
    way = chance.choice(["({})", "【{}】", "/{}", "（单位：{}）", "[{}]"])
    return re.sub(r"（([^（）]*)）$", lambda m: way.format(m.group(1)), header)


def without_unit(header: str, _: random.Random) -> str:
    return re.sub(r"（[^（）]*）$", "", header)


def counted(header: str, chance: random.Random) -> str:
    """数, 人数, 总数 appended to what is counted, the unit left out."""
    found = re.search(r"（([人个台册间张所份])）$", header)
    if not found:
        return header
    return header[: found.start()] + chance.choice(["数", "总数", "人数" if found.group(1) == "人" else "数量"])


def particles(header: str, _: random.Random) -> str:
    """的 and the commas of lists dropped, 及 and 和 exchanged."""
    return header.replace("的", "").replace("、", "").translate(str.maketrans("及和", "和及"))


def numbered(header: str, chance: random.Random) -> str:
    """A number before the header, spaces inside it."""
    return f"{chance.randint(1, 40)}. {header[:2]} {header[2:]}"


REWORDINGS: dict[str, Reword] = {
    "as it is": as_it_is,
    "other brackets": other_brackets,
    "without unit": without_unit,
    "counted": counted,
    "particles": particles,
    "numbered": numbered,
}


@dataclass
class Tally:
    """Columns matched right, wrongly, and left to a person; and of those right, how many with their factor."""

    right: int = 0
    wrong: int = 0
    left: int = 0
    wrong_factors: int = 0
    mistakes: tuple[str, ...] = ()

    @property
    def columns(self) -> int:
        return self.right + self.wrong + self.left

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.right + other.right,
            self.wrong + other.wrong,
            self.left + other.left,
            self.wrong_factors + other.wrong_factors,
            self.mistakes + other.mistakes,
        )


def hidden(catalogue: Catalogue, *layouts: str) -> Catalogue:
    """The catalogue without some of its layouts."""
    kept = {name: layout for name, layout in catalogue.layouts.items() if name not in layouts}
    return catalogue.model_copy(update={"layouts": kept})


def files_of_own_layout(folder: Path) -> dict[str, bytes]:
    """Part of our own layout → one small file of it: the sample's, and every item of the county."""
    write_small(folder)
    code = county_codes()[0]
    sheets = {sheet.part: sheet for sheet in load_catalogue().layouts[LAYOUT].sheets}
    found = {}
    for part, sheet in sheets.items():
        path = folder / "inbox" / str(YEAR) / f"{code}-{part}.csv"
        found[part] = path.read_bytes() if path.exists() else _county_file(sheet, code)
    return found


def _county_file(sheet: Sheet, code: str) -> bytes:
    catalogue = load_catalogue()
    said = {"boolean": "是", "text": "已印发", "number": "12.5", "integer": "12"}
    rows = [["县级行政区划代码", "项目", "填报值"]]
    rows += [[code, header_in(c.header, YEAR), said.get(catalogue.fields[c.to].type, "12")] for c in sheet.columns]
    return as_csv(rows)


def as_csv(rows: list[list[str]]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode()


def reworded(data: bytes, sheet: Sheet, how: Reword, seed: int = 1) -> tuple[bytes, dict[str, str]]:
    """A file with its headers (of a vertical sheet: its items) in other words, and new header → the one it was."""
    chance = random.Random(seed)
    rows = [list(row) for row in read_csv(data).rows if row]
    keys = {"县级行政区划代码", "项目", "填报值"}
    was: dict[str, str] = {}
    places = [(n, 1) for n in range(1, len(rows))] if sheet.vertical else [(0, c) for c in range(len(rows[0]))]
    for row, column in places:
        header = rows[row][column]
        if header not in keys:
            rows[row][column] = how(header, chance)
        was[rows[row][column]] = header
    return as_csv(rows), was


def tally(draft: LayoutDraft, sheet: Sheet, was: dict[str, str]) -> Tally:
    """What was suggested, held against the layout that was hidden."""
    truth = {header_in(c.header, YEAR): c for c in sheet.columns}
    found = Tally()
    for suggested in draft.sheets:
        for column in suggested.columns:
            meant = truth.get(was.get(column.header, column.header))
            if meant is None:
                continue
            if not column.is_taken or column.best is None:
                found += Tally(left=1, mistakes=(f"– {column.header}",))
            elif (column.best.meaning.to, column.best.meaning.stage) == (meant.to, meant.stage):
                found += Tally(right=1, wrong_factors=int(column.factor != meant.factor))
            else:
                found += Tally(wrong=1, mistakes=(f"{column.header} → {column.best.meaning.to}, not {meant.to}",))
    return found


def measured(files: dict[str, bytes], how: Reword) -> Tally:
    """The tally of all sheets of our own layout, with headers in other words and every layout hidden."""
    catalogue = load_catalogue()
    found = Tally()
    for sheet in catalogue.layouts[LAYOUT].sheets:
        data, was = reworded(files[sheet.part], sheet, how)
        found += tally(suggest(data, f"{sheet.part}.csv", hidden(catalogue, *catalogue.layouts), YEAR), sheet, was)
    return found
