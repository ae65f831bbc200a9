"""Where the value of a typed row stands in its file: what reading noted of a field (``PartRows.cells``) and the row."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


def row_of(cell: Mapping[str, Any], row: Mapping[str, Any]) -> int:
    """Number of the row in which a field's cells stand: the row's own, but on a cover or in a vertical sheet another."""
    if "rows" in cell:
        return int(cell["rows"].get(row.get("school_id") or row["county_code"], row["row"]))
    return int(cell.get("row", row["row"]))


def places_of(cell: Mapping[str, Any], row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Sheet and address of each of a field's cells for one typed row: a form names them one by one."""
    if "places" in cell:
        return [(sheet, address) for sheet, address in cell["places"]]
    return [(cell["sheet"], f"{letter}{row_of(cell, row)}") for letter in cell["columns"]]


def addresses_of(cell: Mapping[str, Any], row: Mapping[str, Any], on: str | None = None) -> list[str]:
    """Addresses of a field's cells, such as C12, for one typed row; those on another sheet than ``on`` with its name."""
    places = places_of(cell, row)
    return [address if on in (None, sheet) else f"{sheet}!{address}" for sheet, address in places]


def is_by_stage(part: Mapping[str, Any], stage_fields: Collection[str]) -> bool:
    """Whether all rows of a part are of one stage by its layout: it holds cells reported by stage, and neither a cell nor a
    column says which. ``part``: "field@stage" → where the field's values stand."""
    return "stage@" not in part and any(f"{name}@" in part for name in stage_fields)
