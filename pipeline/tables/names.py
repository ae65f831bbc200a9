"""Names of all tables and what each is made from. Light: the order of work is decided here without heavy imports."""

from __future__ import annotations

LEDGER_TABLES = ("submission", "submission_part", "submission_filter", "finding", "correction", "county_status")
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
    "missing_school": ("absent", "finding"),
    "missing_county": ("expected_county", "came", "absent"),
    "indicator_value": ("school_stage", "school_total"),
    "indicator_attainment": ("indicator_value", "school_stage", "school_scope", "threshold"),
    "school_score": ("indicator_attainment",),
    "place": ("school_stage",),
    "expected": ("expected_county", "came"),
    "indicator_wide": ("school_stage", "school_total", "place"),
    "least_gap": ("indicator_wide", "place"),
    "gap_coefficient": ("expected", "place", "indicator_wide", "absent_scope", "least_gap"),
    "county_measure": ("expected", "gap_coefficient", "absent_scope", "school_score"),
    "measure_part": ("gap_coefficient", "absent_scope", "indicator_attainment", "school_score"),
    "county_ranking": ("expected", "county_measure", "measure_part"),
}
"""Tables made by ``pipeline/sql/<name>.sql``, each after those it reads."""

_ADVICE_READS = (
    "gap_coefficient", "indicator_value", "indicator_attainment", "school_scope", "school_stage", "school_total", "school",
    "missing_school",
)  # fmt: skip

PYTHON_TABLES: dict[str, tuple[str, ...]] = {
    "rotation_plan": _ADVICE_READS,
    "rotation_move": _ADVICE_READS,
    "rotation_side_effect": _ADVICE_READS,
    "spending_plan": _ADVICE_READS,
    "spending_school": _ADVICE_READS,
}
"""Public tables made by ``pipeline/tables/<name>.py``, each after those it reads. SQL tables read none of them."""

SUSPICION_TABLES = ("suspicion", "suspicion_evidence")
"""Public tables that ``pipeline/suspicion`` makes. Nothing but the release reads them: no score, rank or verdict."""

SUSPICION_READS = ("unit", "unit_stage", "indicator_attainment")
