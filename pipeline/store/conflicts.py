"""Where counting parts or layouts tell of the same school twice: which counts, and where they differ.

A combined school stands in each stage's file of the ministry's export, and the same school may come in two layouts. Cell by
cell the newest receipt that gives a value counts (of one receipt, the first part); of class and room lists, which have no
cells in common, the newest layout that tells of the school's list. Nothing is added up, nothing is dropped without a word.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from pipeline import findings
from pipeline.returns.cells import addresses_of
from pipeline.returns.workbook import shown
from pipeline.schema.entry import IDENTITY_COLUMNS, Label, RecordType
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home

Frames = dict[RecordType, pl.DataFrame]

KEY: dict[RecordType, list[str]] = {"school": ["year", "school_id"], "stage": ["year", "school_id", "stage"]}
LISTS: dict[RecordType, Label] = {
    "class": Label(zh="班级", en="class lists"),
    "room": Label(zh="专用教室", en="room lists"),
}
WITHIN = 1e-9
"""Relative distance within which two figures are the same: one may have been given in another unit."""


def newest_first(frame: pl.DataFrame, submission: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Typed rows with those of the newest receipt of a county first, and of a receipt in the order of the layout's parts."""
    order = [(layout.id, s.part, n) for layout in catalogue.layouts.values() for n, s in enumerate(layout.sheets)]
    parts = pl.DataFrame(order, {"layout_id": pl.String, "part": pl.String, "nth": pl.Int64}, orient="row")
    receipts = submission.select("submission_id", "layout_id", "received_seq")
    wide = frame.join(receipts, on="submission_id", how="left").join(parts, on=["layout_id", "part"], how="left")
    by = ["year", "county_code", "received_seq", "nth", "part", "submission_id", "row"]
    return wide.sort(by, descending=[name == "received_seq" for name in by]).select(frame.columns)


def settled(
    home: Home, catalogue: Catalogue, submission: pl.DataFrame, counting: Frames
) -> tuple[Frames, pl.DataFrame]:
    """Counting rows, newest first and with one list a school; and findings of what parts tell differently."""
    found: list[dict[str, object]] = []
    frames = {record: newest_first(frame, submission, catalogue) for record, frame in counting.items()}
    for record, kind in LISTS.items():
        frames[record], twice = _one_list_each(frames[record], submission, kind)
        found += twice
    told = _Told(home, catalogue, submission)
    for record in KEY:
        found += told.differences(frames[record], record)
    return frames, findings.frame(found)


def _one_list_each(
    rows: pl.DataFrame, submission: pl.DataFrame, kind: Label
) -> tuple[pl.DataFrame, list[dict[str, object]]]:
    """Rows of lists without those of layouts that an older receipt brought, and a finding a school that has such."""
    school = ["year", "school_id"]
    layouts = rows.join(submission.select("submission_id", "layout_id"), on="submission_id", maintain_order="left")
    first = pl.col("layout_id").first().over(school)
    marked = layouts.with_columns(winner=first)
    older = marked.filter(pl.col("layout_id") != pl.col("winner"))
    if not older.height:
        return rows, []
    told = older.group_by(*school, maintain_order=True).agg(
        pl.col("layout_id").unique().sort(), pl.col("winner").first()
    )
    kept = marked.filter(pl.col("layout_id") == pl.col("winner"))
    places = kept.unique(school, keep="first", maintain_order=True).drop("layout_id", "winner").join(told, on=school)
    words = {"kind_zh": kind.zh, "kind_en": kind.en}
    found = [
        findings.of_reading(
            "list_told_twice", _place(row), found="、".join(row["layout_id"]), expected=row["winner"], **words
        )
        for row in places.sort(*school).iter_rows(named=True)
    ]
    return kept.select(rows.columns), found


def _place(row: Mapping[str, Any]) -> dict[str, object]:
    keys = ("submission_id", "part", "year", "county_code", "school_id", "row")
    return {key: row[key] for key in keys} | {"sheet": "", "cell": "", "field": ""}


class _Told:
    """What several rows tell of one school, or of one stage of it."""

    def __init__(self, home: Home, catalogue: Catalogue, submission: pl.DataFrame) -> None:
        self.home, self.catalogue = home, catalogue
        self.files = dict(submission.select("submission_id", "file_name").iter_rows())
        self.cells: dict[int, dict[str, Any]] = {}

    def differences(self, rows: pl.DataFrame, record: RecordType) -> Iterator[dict[str, object]]:
        """A finding for each cell that a row tells otherwise than the first that gives it."""
        key = KEY[record]
        several = rows.filter(pl.struct(key).is_duplicated())
        if not several.height:
            return
        cells = [f.id for f in self.catalogue.cells_of(record)]
        if record == "school":
            cells += [name for name in IDENTITY_COLUMNS if name not in ("school_id", "county_code", "stage")]
        for _, group in several.sort(key, maintain_order=True).group_by(key, maintain_order=True):
            told = group.to_dicts()
            for name in cells:
                yield from self._of_cell(told, name)

    def _of_cell(self, told: list[dict[str, Any]], name: str) -> Iterator[dict[str, object]]:
        given = [row for row in told if row[name] is not None]
        for other in given[1:]:
            if not _is_same(given[0][name], other[name]):
                yield self._difference(given[0], other, name)

    def _difference(self, row: dict[str, Any], other: dict[str, Any], name: str) -> dict[str, object]:
        field = self.catalogue.fields.get(name)
        label = field.label if field else Label(zh=IDENTITY_COLUMNS[name][0], en=IDENTITY_COLUMNS[name][1])
        sheet, cell = self._stands(row, name)
        words = {"label_zh": label.zh, "label_en": label.en, "here": self._where(row, name)}
        values = {"found": shown(row[name]), "other": shown(other[name]), "there": self._where(other, name)}
        place = _place(row) | {"sheet": sheet, "cell": cell, "field": name}
        return findings.of_reading("parts_disagree", place, **words, **values)

    def _where(self, row: dict[str, Any], name: str) -> str:
        """File, sheet and cell in which a row gives a value."""
        sheet, cell = self._stands(row, name)
        return " ".join(text for text in (self.files.get(row["submission_id"], ""), sheet, cell) if text)

    def _stands(self, row: dict[str, Any], name: str) -> tuple[str, str]:
        year = row["year"]
        if year not in self.cells:
            self.cells[year] = json.loads((self.home.rows(year) / "cells.json").read_text(encoding="utf-8"))
        part = self.cells[year].get(row["submission_id"], {}).get(row["part"], {})
        cell = part.get(f"{name}@{row['stage'] or ''}") or part.get(f"{name}@")
        return (str(cell["sheet"]), "、".join(addresses_of(cell, row, on=cell["sheet"]))) if cell else ("", "")


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=WITHIN)
    return one == other
