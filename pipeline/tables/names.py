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
    "missing_school": ("absent", "absent_scope", "finding"),
    "missing_county": ("expected_county", "came", "absent"),
    "indicator_value": ("school_stage", "school_total"),
    "indicator_attainment": ("indicator_value", "school_stage", "school_scope", "threshold"),
    "school_score": ("indicator_attainment",),
    "place": ("school_stage",),
    "expected": ("expected_county", "came"),
    "indicator_wide": ("school_stage", "school_total", "place"),
    "least_gap": ("indicator_wide", "place"),
    "gap_coefficient": ("expected", "place", "indicator_wide", "absent_scope", "least_gap"),
    "gap_school": ("indicator_wide",),
    "area_class": ("expected_county",),
    "school_contribution": ("gap_school", "place", "gap_coefficient", "indicator_value", "indicator_attainment"),
    "county_measure": ("expected", "gap_coefficient", "absent_scope", "school_score"),
    "measure_part": ("gap_coefficient", "absent_scope", "indicator_attainment", "school_score"),
    "county_ranking": ("expected", "county_measure", "measure_part"),
    "ranked_area": ("expected",),
    "school_place": ("ranked_area", "school_score"),
    "weak_school": ("expected", "school_score", "absent_scope", "ranked_area", "school_place"),
}
"""Tables made by ``pipeline/sql/<name>.sql``, each after those it reads."""

_RANKED = ("county_ranking", "indicator_value", "indicator_attainment", "school_scope", "absent_scope")

_VERDICTS = (
    "unit", "unit_stage", "unit_total", "unit_share", "school_total", "school_stage", "county_return", "absent", "came",
    "expected_county", "gap_coefficient", "school_score", "absent_scope", "indicator_attainment",
)  # fmt: skip

_BOUNDARIES = ("expected_county", "school_stage", "absent")

_YEARS = (
    *_BOUNDARIES, "expected", "place", "indicator_wide", "absent_scope", "gap_coefficient", "county_measure", "measure_part",
    "school_scope", "indicator_value", "indicator_attainment", "school_score",
)  # fmt: skip

_ADVICE_READS = (
    "gap_coefficient", "indicator_value", "indicator_attainment", "school_scope", "school_stage", "school_total", "school",
    "missing_school", "group_membership",
)  # fmt: skip

PYTHON_TABLES: dict[str, tuple[str, ...]] = {
    "rank_uncertainty": (*_RANKED, *_UNITS),
    "rank_choice": _RANKED,
    "indicator_diagnostics": _RANKED,
    "indicator_correlation": _RANKED,
    "school_shortfall": ("indicator_value", "indicator_attainment", "unit_share", "absent_scope", "expected"),
    "county_progress": ("school_shortfall", "school_score", "absent_scope", "expected"),
    "county_list": ("county_progress",),
    "group_membership": ("unit", "school_total", "absent"),
    "group_unplaced": ("unit", "school_total", "absent"),
    "group_gap": ("unit", "school_total", "absent", "indicator_value", "school_scope", "absent_scope"),
    "gap_decomposition_class": ("gap_school", "place", "unit", "group_membership", "area_class", "gap_coefficient"),
    "gap_decomposition": ("expected", "area_class", "gap_decomposition_class", "gap_coefficient"),
    "relaxation": _VERDICTS,
    "county_survey": _VERDICTS,
    "county_item_test": (*_VERDICTS, "relaxation", "county_survey"),
    "county_item": ("county_item_test", "county_return"),
    "county_determination": ("county_item",),
    "county_change": _YEARS,
    "county_gap_change": _YEARS,
    "settlement_pressure": (*_BOUNDARIES, "school_total", "indicator_attainment"),
    "county_feature": ("school_total", "county_return"),
    "county_peer": ("county_feature",),
    "county_among_peers": ("county_peer", "county_measure"),
    "group_ranking": ("unit", "school_total", "absent", "school_score", "absent_scope", "group_gap"),
    "group_coverage": ("unit", "school_total", "absent", "school_place"),
    "group_award": ("unit", "school_total", "absent", "group_ranking"),
    "rotation_plan": _ADVICE_READS,
    "rotation_move": _ADVICE_READS,
    "rotation_side_effect": _ADVICE_READS,
    "spending_plan": _ADVICE_READS,
    "spending_school": _ADVICE_READS,
}
"""Public tables made by ``pipeline/tables/<name>.py``, each after those it reads. SQL tables read none of them."""

AFTER_TABLES = ("gap_decomposition_class", "gap_decomposition")
"""Those of them that run a template, ``pipeline/sql/after/<name>.sql``: SQL that reads tables made in Python."""

SUSPICION_TABLES = ("suspicion", "suspicion_evidence")
"""Public tables that ``pipeline/suspicion`` makes. Nothing but the release reads them: no score, rank or verdict."""

SUSPICION_READS = ("unit", "unit_stage", "indicator_attainment")
