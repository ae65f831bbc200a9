"""Corrections on typed rows: values that were mended before any rule sees them, and what became of each correction.

A correction holds where the value that stands there is its ``old`` one; only there it is applied. Here: rows of a year with
their corrections, reading's findings that they settle, and the verdict over what counts. Not here: files of corrections.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline import findings
from pipeline.returns.cells import addresses_of
from pipeline.schema.correction import ATTRIBUTES, Correction, Value, record_of
from pipeline.schema.entry import Label, RecordType
from pipeline.schema.model import Catalogue

Frames = Mapping[RecordType, pl.DataFrame]
Cells = Mapping[str, Mapping[str, Any]]
"""submission → part → "field@stage" → where its values stand."""

SAME_WITHIN = 1e-12
"""Relative distance that the floating-point error of a unit's factor may leave between a value and its guard."""

MET_SCHEMA: dict[str, pl.DataType] = {
    "correction_id": pl.String(), "submission_id": pl.String(), "part": pl.String(), "county_code": pl.String(),
    "record": pl.String(), "school_id": pl.String(), "row": pl.Int64(), "found": pl.String(), "is_given": pl.Boolean(),
    "is_held": pl.Boolean(), "sheet": pl.String(), "cell": pl.String(),
}  # fmt: skip
"""A row a typed row that a correction speaks of. ``found``: what stood there; ``is_held``: whether that was its old value."""

CRITICAL, SETTLED = "critical", "info"
NOT_APPLIED = ("correction_not_applied", "correction_without_row")
"""Rules of corrections that do not hold: another value counts, or no row that they speak of."""


@dataclass(frozen=True)
class Corrected:
    """Typed rows of a year as they are after its corrections, and the rows that corrections met (``MET_SCHEMA``)."""

    frames: dict[RecordType, pl.DataFrame]
    met: pl.DataFrame


def shown(value: Value) -> str:
    """A value of a correction or a typed row as text; the same for a number however it was written."""
    if value is None:
        return "空 blank"
    return f"{float(value):.15g}" if isinstance(value, bool | int | float) else value


def apply(
    frames: Frames, corrections: Iterable[Correction], catalogue: Catalogue, cells: Cells, paths: Mapping[str, str]
) -> Corrected:
    """Typed rows of one year with the corrections of that year. ``paths``: submission → its path inside the inbox."""
    changed = dict(frames)
    met: list[dict[str, Any]] = []
    for correction in corrections:
        for record in _records(correction, catalogue):
            rows = list(_meant(changed[record], record, correction, cells, paths))
            met += [seen for _, seen in rows]
            held = [index for index, seen in rows if seen["is_held"]]
            if held:
                changed[record] = _with_new(changed[record], held, correction)
    return Corrected(changed, pl.DataFrame(met, schema=MET_SCHEMA, orient="row"))


def _records(correction: Correction, catalogue: Catalogue) -> Sequence[RecordType]:
    """Kinds of rows that hold the value: what a school is stands in rows of every kind, its own row first."""
    return (
        ("school", "stage", "class", "room") if correction.field in ATTRIBUTES else (record_of(correction, catalogue),)
    )


def _meant(
    frame: pl.DataFrame, record: RecordType, correction: Correction, cells: Cells, paths: Mapping[str, str]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Positions of the rows that a correction speaks of, each with what stood there."""
    asked = pl.lit(True)
    if record != "county":
        asked = asked & (pl.col("school_id") == correction.school)
    if correction.county is not None:
        asked = asked & (pl.col("county_code") == correction.county)
    if correction.stage is not None:
        asked = asked & (pl.col("stage") == correction.stage)
    for row in frame.with_row_index("__index").filter(asked).iter_rows(named=True):
        place = _mapped(cells, row, correction.field)
        is_there = _is_at(correction, row, place, paths) and all(_same(row[n], v) for n, v in correction.row.items())
        found = row[correction.field]
        is_held = _same(found, correction.old)
        is_echo = correction.field in ATTRIBUTES and record != "school" and (found is None or not is_held)
        if is_there and not is_echo:
            yield (
                row["__index"],
                {
                    "correction_id": correction.id, "record": record, "found": shown(found), "is_given": found is not None,
                    "is_held": is_held, "sheet": str(place["sheet"]) if place else "",
                    "cell": ",".join(addresses_of(place, row)) if place else "",
                    **{name: row[name] for name in ("submission_id", "part", "county_code", "school_id", "row")},
                },
            )  # fmt: skip


def _mapped(cells: Cells, row: Mapping[str, Any], field: str) -> Mapping[str, Any] | None:
    """Where a field of a typed row stands in its file, where reading noted it."""
    part = cells.get(row["submission_id"], {}).get(row["part"], {})
    found: Mapping[str, Any] | None = part.get(f"{field}@{row.get('stage') or ''}") or part.get(f"{field}@")
    return found


def _is_at(
    correction: Correction, row: Mapping[str, Any], place: Mapping[str, Any] | None, paths: Mapping[str, str]
) -> bool:
    """Whether a row stands in the file, sheet and cell that a correction names, where it names them."""
    path = paths.get(row["submission_id"], "")
    if correction.file is not None and correction.file not in (path, path.rpartition("/")[2]):
        return False
    if correction.sheet is not None and (place is None or place["sheet"] != correction.sheet):
        return False
    return correction.cell is None or (place is not None and correction.cell in addresses_of(place, row))


def _same(found: Value, given: Value) -> bool:
    if found is None or given is None:
        return found is given
    if isinstance(found, str) or isinstance(given, str):
        return found == given
    return abs(found - given) <= SAME_WITHIN * abs(given)


def _with_new(frame: pl.DataFrame, indices: Sequence[int], correction: Correction) -> pl.DataFrame:
    """Rows with the new value at some positions."""
    name, new = correction.field, correction.new
    value = new if new is None or isinstance(new, str) else float(new)
    at = pl.int_range(pl.len()).is_in(list(indices))
    return frame.with_columns(pl.when(at).then(pl.lit(value, frame.schema[name])).otherwise(name).alias(name))


def settled(found: pl.DataFrame, met: pl.DataFrame, corrections: Iterable[Correction]) -> pl.DataFrame:
    """Reading's findings; a critical one about the very cell that was corrected becomes a note that says so."""
    by_id = {correction.id: correction for correction in corrections}
    fixed: dict[tuple[str, str, int], list[tuple[str, list[str]]]] = {}
    for row in met.filter("is_held").iter_rows(named=True):
        place = (row["submission_id"], row["part"], row["row"])
        fixed.setdefault(place, []).append((row["correction_id"], row["cell"].split(",")))
    if not fixed:
        return found
    return findings.frame(_settled(row, fixed, by_id) for row in found.iter_rows(named=True))


def _settled(
    row: dict[str, Any],
    fixed: Mapping[tuple[str, str, int], list[tuple[str, list[str]]]],
    by_id: Mapping[str, Correction],
) -> dict[str, Any]:
    if row["severity"] != CRITICAL:
        return row
    for name, addresses in fixed.get((row["submission_id"], row["part"], row["row"]), []):
        correction = by_id[name]
        if row["cell"] in addresses if row["cell"] else row["field"] == correction.field:
            new = shown(correction.new)
            return row | {
                "severity": SETTLED,
                "message_zh": f"{row['message_zh']}；已由更正 {name} 改为 {new}",
                "message_en": f"{row['message_en']}; the correction {name} made it {new}",
            }
    return row


# -- what became of them -----------------------------------------------------------------------------------------------


def verdicts(
    corrections: Sequence[Correction],
    met: pl.DataFrame,
    parts: pl.DataFrame,
    newest: pl.DataFrame,
    catalogue: Catalogue,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The table ``correction``, and findings of corrections that do not hold for the value that counts.

    ``met``: rows that corrections met, of all years. ``parts``: with status and received_seq. ``newest``: a row a year and
    county: its newest part, under which a correction that meets nothing is told. Of several counting rows the newest receipt's
    counts, of one receipt the first part's.
    """
    order = [(layout.id, s.part, n) for layout in catalogue.layouts.values() for n, s in enumerate(layout.sheets)]
    nth = pl.DataFrame(order, {"layout_id": pl.String, "part": pl.String, "nth": pl.Int64}, orient="row")
    live = parts.filter(pl.col("status") == "accepted").join(nth, on=["layout_id", "part"], how="left")
    live = live.select("submission_id", "part", "county_code", "received_seq", "nth")
    counting = met.join(live, on=["submission_id", "part", "county_code"])
    own_first = pl.col("record") == "school"
    told = counting.filter(pl.col("is_given") | pl.col("is_held")).with_columns(own_first.alias("__own"))
    by = ["__own", "received_seq", "nth", "part", "row"]
    ranked = told.sort(by, descending=[name in by[:2] for name in by], nulls_last=True)
    first = {row["correction_id"]: row for row in reversed(ranked.to_dicts())}
    blank = {row["correction_id"]: row for row in counting.filter(~pl.col("is_given")).to_dicts()}
    homes = {(row["year"], row["county_code"]): row for row in newest.iter_rows(named=True)}
    rows, found = [], []
    for correction in corrections:
        seen = first.get(correction.id) or blank.get(correction.id)
        rows.append(_row(correction, seen))
        if seen is None or not seen["is_held"]:
            found.append(_finding(correction, seen, homes.get((correction.year, correction.county))))
    return pl.DataFrame(rows, schema=CORRECTION_SCHEMA, orient="row").sort("correction_id"), findings.frame(found)


CORRECTION_SCHEMA: dict[str, pl.DataType] = {
    "correction_id": pl.String(), "year": pl.Int64(), "county_code": pl.String(), "school_id": pl.String(),
    "stage": pl.String(), "field": pl.String(), "row_key": pl.String(), "old_value": pl.String(), "new_value": pl.String(),
    "reason": pl.String(), "source": pl.String(), "corrected_on": pl.String(), "author": pl.String(),
    "is_applied": pl.Boolean(), "submission_id": pl.String(), "sheet": pl.String(), "cell": pl.String(),
}  # fmt: skip


def _row(correction: Correction, seen: Mapping[str, Any] | None) -> dict[str, Any]:
    where = {name: seen[name] if seen else None for name in ("submission_id", "sheet", "cell")}
    return {
        "correction_id": correction.id, "year": correction.year,
        "county_code": seen["county_code"] if seen else correction.county, "school_id": correction.school,
        "stage": correction.stage, "field": correction.field,
        "row_key": "; ".join(f"{n} = {shown(v)}" for n, v in sorted(correction.row.items())) or None,
        "old_value": None if correction.old is None else shown(correction.old),
        "new_value": None if correction.new is None else shown(correction.new),
        "reason": _both(correction.reason), "source": _both(correction.source),
        "corrected_on": correction.date.isoformat(), "author": correction.author,
        "is_applied": bool(seen and seen["is_held"]), **where,
    }  # fmt: skip


def _both(label: Label) -> str:
    return label.zh if label.zh == label.en else f"{label.zh} / {label.en}"


def _finding(
    correction: Correction, seen: Mapping[str, Any] | None, home: Mapping[str, Any] | None
) -> dict[str, object]:
    words = {
        "label_zh": correction.id, "label_en": correction.id, "why_zh": correction.reason.zh, "why_en": correction.reason.en,
    }  # fmt: skip
    place: dict[str, object] = {
        "year": correction.year, "county_code": correction.county, "school_id": correction.school,
        "field": correction.field, "sheet": "", "cell": "",
    }  # fmt: skip
    if seen is not None:
        kept = ("submission_id", "part", "county_code", "row", "sheet", "cell")
        place |= {name: seen[name] for name in kept}
        holes = words | {"found": seen["found"], "expected": shown(correction.old)}
        return findings.of_reading(NOT_APPLIED[0], place, **holes)
    place |= {name: home[name] if home else None for name in ("submission_id", "part")}
    row = [f"{name} = {shown(value)}" for name, value in sorted(correction.row.items())]
    at = [correction.file, correction.sheet, correction.cell]
    asked = [correction.year, correction.school or correction.county, correction.stage, correction.field, *row, *at]
    holes = words | {"found": " ".join(str(text) for text in asked if text), "expected": shown(correction.old)}
    return findings.of_reading(NOT_APPLIED[1], place, **holes)
