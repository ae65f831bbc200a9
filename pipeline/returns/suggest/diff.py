"""How a file differs from its nearest layout: each difference a sentence with its remedy, the most dangerous first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from ruamel.yaml import YAML

from pipeline.forms.sheets import HEADER_ROW
from pipeline.returns.headings import code_row_below, normal
from pipeline.returns.suggest.compare import Compared, Written, compared
from pipeline.returns.suggest.draft import ACCEPT, MENTION
from pipeline.returns.suggest.file import NothingRecognisedError, tables_of
from pipeline.returns.suggest.meanings import Meaning, Meanings
from pipeline.returns.suggest.nearest import DIVISION, Expected, Nearest, Paired, expected_of, items_of, nearest_layout
from pipeline.returns.table import column_letter, is_blank
from pipeline.returns.tries import HEADER_SEARCH_ROWS
from pipeline.schema.entry import IDENTITY_COLUMNS
from pipeline.schema.layout import Sheet
from pipeline.schema.model import Catalogue

Weight = Literal["danger", "change", "harmless"]
COUNTED = "count"
"""What is counted piece by piece needs no unit to be said."""
_MOST_LISTED = 8


@dataclass(frozen=True)
class Difference:
    """One difference: its kind (``differences.yaml``), where it stands, what it means and how to mend it."""

    kind: str
    weight: Weight
    sheet: str
    cell: str
    found: str
    expected: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str


@dataclass(frozen=True)
class FileDifference:
    """A file beside its nearest layout; ``likeness``: the share of headers that it has, or nearly."""

    file: str
    layout_id: str
    likeness: float
    differences: tuple[Difference, ...]

    def as_data(self) -> dict[str, Any]:
        """For programs."""
        return {**asdict(self), "differences": [asdict(difference) for difference in self.differences]}


@lru_cache(maxsize=1)
def kinds() -> dict[str, dict[str, Any]]:
    """Kind of difference → its weight and words, in the order of the file."""
    text = (files("pipeline.returns.suggest") / "differences.yaml").read_text(encoding="utf-8")
    return {entry["id"]: entry for entry in YAML(typ="safe").load(text)}


def differences(data: bytes, name: str, catalogue: Catalogue, year: int) -> FileDifference:
    """What changed in a file against its nearest layout. Raises NothingRecognisedError where none is near."""
    near = nearest_layout(tables_of(data, name, catalogue), catalogue, year)
    if near is None:
        raise NothingRecognisedError(
            f"没有一种表样与 {name} 相近；请用 junheng layout suggest 建议一份",
            f"no layout is near {name}; suggest one with junheng layout suggest",
        )
    found = list(_Comparison(near, catalogue, year).all())
    order = list(kinds())
    found.sort(key=lambda difference: order.index(difference.kind))
    return FileDifference(name, near.layout.id, round(near.likeness, 4), tuple(found))


class _Comparison:
    """The differences of one file from one layout."""

    def __init__(self, near: Nearest, catalogue: Catalogue, year: int) -> None:
        self.near, self.catalogue, self.year = near, catalogue, year
        self.meanings = Meanings(catalogue)
        self.layout_file = f"layouts/{near.layout.id}.yaml"

    def all(self) -> Iterator[Difference]:
        for sheet in self.near.lacking:
            if not sheet.optional:
                yield self._of(None, "sheet_gone", part=sheet.part, expected=sheet.name or sheet.part)
        for table in self.near.extra:
            yield self._of(None, "sheet_new", sheet=table.sheet, found=table.sheet)
        for pair in self.near.pairs:
            yield from self._heading(pair)
            yield from self._headers(pair)
            yield from self._codes(pair)

    def _of(self, pair: Paired | None, kind: str, sheet: str = "", cell: str = "", **holes: object) -> Difference:
        entry = kinds()[kind]
        part = pair.sheet.part if pair is not None else ""
        told = {"layout": self.layout_file, "part": part, "found": "", "expected": "", **holes}
        words = [entry[key][language].format(**told) for key in ("message", "mend") for language in ("zh", "en")]
        where = pair.table.sheet if pair is not None else sheet
        return Difference(kind, entry["weight"], where, cell, str(told["found"]), str(told["expected"]), *words)

    def _heading(self, pair: Paired) -> Iterator[Difference]:
        """The name of the sheet and the row of its header."""
        if pair.table.is_of_workbook and pair.sheet.name and normal(pair.table.sheet) != normal(pair.sheet.name):
            yield self._of(pair, "sheet_renamed", found=pair.table.sheet, expected=pair.sheet.name)
        first = next((i for i, row in enumerate(pair.table.rows) if not is_blank(row)), 0)
        start = first if pair.table.is_of_workbook else 0
        row = pair.heading.index
        if row >= start + HEADER_SEARCH_ROWS:
            yield self._of(pair, "header_out_of_reach", found=row + 1, expected=HEADER_SEARCH_ROWS)
        elif self.near.layout.form is not None and pair.table.is_of_workbook and row != HEADER_ROW:
            yield self._of(pair, "header_moved", found=row + 1, expected=HEADER_ROW + 1)

    def _headers(self, pair: Paired) -> Iterator[Difference]:
        row = pair.heading.index + pair.heading.height
        written = [
            Written(cell.strip(), f"{column_letter(i)}{row}", code)
            for i, (cell, code) in enumerate(zip(pair.heading.cells, self._codes_below(pair), strict=False))
            if cell.strip()
        ]
        wanted = expected_of(pair.sheet, self.year, pair.table.is_of_workbook)
        at = {column: number for number, column in enumerate(i for i, c in enumerate(pair.heading.cells) if c.strip())}
        found = compared(wanted, written, {number: at[column] for number, column in pair.placed(wanted).items()})
        if pair.sheet.vertical is not None:  # columns beside its frame (units, notes) are nobody's business
            yield from self._of_headers(pair, replace(found, new=()))
            yield from self._of_headers(pair, compared(items_of(pair.sheet, self.year), _items(pair)))
        else:
            yield from self._of_headers(pair, found)
            moved = [written[i].text for i in found.moved]
            if moved:
                listed = "、".join(moved[:_MOST_LISTED]) + ("…" if len(moved) > _MOST_LISTED else "")
                yield self._of(pair, "columns_moved", found=listed)

    def _of_headers(self, pair: Paired, found: Compared) -> Iterator[Difference]:
        for wanted, now, score in found.renamed:
            yield self._renamed(pair, wanted, now, score)
        for wanted in found.gone:
            if wanted.is_required or wanted.to != DIVISION:
                kind = "required_gone" if wanted.is_required else "header_gone"
                yield self._of(pair, kind, expected=wanted.header, to=wanted.to)
        for now in found.new:
            yield self._new(pair, now)
        for now in found.repeated:
            yield self._of(pair, "header_repeated", cell=now.cell, found=now.text)

    def _renamed(self, pair: Paired, wanted: Expected, now: Written, score: float) -> Difference:
        before, after = wanted.wording.unit, now.wording.unit
        holes = {"expected": wanted.header, "found": now.text, "to": wanted.to, "cell": now.cell}
        if before is None or (after is not None and (after.measure, after.size) == (before.measure, before.size)):
            if (
                before is None
                and after is not None
                and self._factor_of(wanted, after.text) not in (None, wanted.factor)
            ):
                return self._changed(pair, wanted, now, "—", after.text, holes)
            return self._of(pair, "header_renamed", score=f"{score:.2f}", **holes)
        if after is None and before.measure == COUNTED and before.size == 1:
            return self._of(pair, "header_renamed", score=f"{score:.2f}", **holes)
        if after is None:
            return self._of(pair, "unit_unclear", unit_before=before.text, **holes)
        return self._changed(pair, wanted, now, before.text, after.text, holes)

    def _changed(
        self, pair: Paired, wanted: Expected, now: Written, before: str, after: str, holes: dict[str, str]
    ) -> Difference:
        factor = self._factor_of(wanted, after)
        ratio = factor / wanted.factor if factor is not None else None
        times = "?" if ratio is None else f"{max(ratio, 1 / ratio):.6g}"
        shown = "?" if factor is None else f"{factor:.12g}"
        told = {**holes, "unit_before": before, "unit_now": after, "times": times, "factor": shown}
        return self._of(pair, "unit_changed", **told)

    def _factor_of(self, wanted: Expected, unit: str) -> float | None:
        """The factor that a unit needs for a field; None where they measure different things."""
        from pipeline.returns.suggest.units import factor_of
        from pipeline.returns.suggest.words import unit_of

        factor = factor_of(unit_of(normal(unit)), (), self.meanings.field(wanted.to))
        return factor.value if factor.is_sure else None

    def _new(self, pair: Paired, now: Written) -> Difference:
        """A header that nothing reads, with the nearest cell of this kind of row that the sheet does not give yet."""
        header = self.meanings.header(now.text)
        given = {column.to for column in pair.sheet.columns}
        targets = [m for m in self.meanings.targets(pair.sheet.record, set()) if m.to not in given]
        scores = {meaning: self.meanings.score(header, meaning) for meaning in targets}
        best = max(scores, key=lambda meaning: scores[meaning], default=Meaning(""))
        if scores.get(best, 0.0) < max(MENTION, ACCEPT - 0.15):
            return self._of(pair, "header_unknown", cell=now.cell, found=now.text)
        zh, en = self.meanings.label(best)
        holes = {"to": best.to, "label_zh": zh, "label_en": en, "score": f"{scores[best]:.2f}"}
        return self._of(pair, "header_new", cell=now.cell, found=now.text, **holes)

    # -- the row of codes ------------------------------------------------------------------------------------------

    def _codes_below(self, pair: Paired) -> list[str]:
        """The code below each header; blanks where the table has no row of codes."""
        heading, rows = pair.heading, pair.table.rows
        row = heading.index + heading.height
        ids = {*IDENTITY_COLUMNS, *self.catalogue.fields}
        blank = [""] * len(heading.cells)
        if not pair.sheet.code_row or not code_row_below(pair.table, heading, ids):
            return blank
        return [cell.strip() for cell in rows[row]] + blank[len(rows[row]) :]

    def _codes(self, pair: Paired) -> Iterator[Difference]:
        if not pair.sheet.code_row:
            return
        codes = self._codes_below(pair)
        if not any(codes):
            if pair.table.is_of_workbook:
                yield self._of(pair, "code_row_gone")
            return
        by_header = {normal(name): one.to for one in expected_of(pair.sheet, self.year) for name in one.names}
        known = {*IDENTITY_COLUMNS, *self.catalogue.fields}
        row = pair.heading.index + pair.heading.height + 1
        for column, (cell, code) in enumerate(zip(pair.heading.cells, codes, strict=False)):
            to = by_header.get(normal(cell))
            place = f"{column_letter(column)}{row}"
            if code and code not in known:
                yield self._of(pair, "code_new", cell=place, found=cell.strip(), code=code)
            elif code and to not in (None, code, DIVISION):
                yield self._of(pair, "code_changed", cell=place, found=cell.strip(), code=code, expected=to)


def _items(pair: Paired) -> list[Written]:
    """The items of a vertical table: texts of its column of items that have a value or a code beside them."""
    vertical = pair.sheet.vertical
    assert vertical is not None, "asked of vertical sheets only"
    at = {key: pair.heading.positions.get(normal(h)) for key, h in _frame(pair.sheet).items()}
    item, value, code = at.get("item"), at.get("value"), at.get("code")
    if item is None:
        return []
    start = pair.heading.index + pair.heading.height
    found: dict[str, Written] = {}
    for number in range(start, len(pair.table.rows)):
        text = pair.table.cell(number, item).strip()
        told = [pair.table.cell(number, p).strip() for p in (value, code) if p is not None]
        if text and any(told):
            tag = pair.table.cell(number, code).strip() if code is not None else ""
            found.setdefault(text, Written(text, f"{column_letter(item)}{number + 1}", tag))
    return list(found.values())


def _frame(sheet: Sheet) -> dict[str, str]:
    vertical = sheet.vertical
    assert vertical is not None, "asked of vertical sheets only"
    frame: Sequence[tuple[str, str | None]] = [
        ("item", vertical.item),
        ("value", vertical.value),
        ("code", vertical.code),
    ]
    return {key: header for key, header in frame if header is not None}
