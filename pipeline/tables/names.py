"""Names of all tables and what each is made from. Light: the order of work is decided here without heavy imports."""

from __future__ import annotations

LEDGER_TABLES = ("submission", "submission_part", "submission_filter", "finding")
"""Public tables that the ledger writes."""

UNIT_TABLES = {"school": "unit", "stage": "unit_stage", "class": "unit_class", "room": "unit_room"}
"""Record type → working table of the counting rows of that type."""

CATALOGUE_TABLES = ("setting", "division", "indicator", "standard", "threshold")
"""Public tables that state the catalogue."""

_UNITS = ("unit", "unit_stage", "unit_class", "unit_room", "unit_record")

SQL_TABLES: dict[str, tuple[str, ...]] = {
    "school": ("unit",),
    "unit_total": _UNITS,
    "unit_share": (*_UNITS, "unit_total"),
    "school_total": ("unit", "unit_total", "unit_share"),
    "school_stage": ("unit", "unit_share", "school_total"),
    "school_scope": ("school_stage",),
    "absent_scope": ("absent",),
    "indicator_value": ("school_stage", "school_total"),
    "place": ("school_stage",),
    "indicator_wide": ("school_stage", "school_total", "place"),
    "gap_coefficient": ("expected_county", "came", "place", "indicator_wide", "absent_scope"),
}
"""Tables made by ``pipeline/sql/<name>.sql``, each after those it reads."""
