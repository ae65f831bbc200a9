"""What the two documents ask of a county, written down once more: items in order, and the tests that each comes to.

Sources: domain.md 1.2-1.5 and 2.1, domain-forms.md 1-2, method.md 6 of the project's papers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tests.oracle.campuses import Campus, Number
from tests.oracle.county_tests import Cells, Composite, Every, Gaps, Item, Ratio, Schools, Test, Truth, Yes, cell
from tests.oracle.units import QUOTA_YUAN

SPECIAL_YUAN = 6000.0
DESIGN_EFFECT = 1.5


def const(value: float) -> Callable[..., Number]:
    return lambda *_: value


def plus(a: Number, b: Number) -> Number:
    return None if a is None or b is None else a + b


def times(a: Number, factor: float) -> Number:
    return None if a is None else a * factor


def positive(name: str) -> Callable[[Cells], Truth]:
    return lambda c: None if c.get(name) is None else c[name] > 0


def share(test: str, top: str, bottom: str, limit: float, **more: Any) -> Ratio:
    return Ratio(test, cell(top), cell(bottom), limit=const(limit), percent=True, **more)


def declared(name: str, *papers: str, part: str = "guarantee", box: bool = False, tests: tuple[Test, ...] = ()) -> Item:
    """An item that the county declares itself; ``box``: its only proof is that declaration."""
    field, conclusion = f"is_declared_{name}", f"conclusion_{name}"
    boxes = (Yes("declared", field, evidence=True),) if box else ()
    return Item(name, part, (*boxes, *tests), field, (conclusion, *papers))


def rooms_at_least(kind: str, sqm: float) -> Callable[[Campus], Number]:
    def count(campus: Campus) -> Number:
        areas = None if campus.rooms is None else campus.rooms[kind]
        return None if areas is None or None in areas else float(sum(a is not None and a >= sqm for a in areas))

    return count


def rooms_needed(campus: Campus) -> Number:
    classes = campus.classes()
    return None if classes is None else float(math.ceil(classes / 12))


def size_limit(campus: Campus) -> Number:
    kind = campus.told("school_type")
    return None if kind is None else 2500.0 if kind in ("312", "345") else 2000.0


CLASS_LIMIT = {"primary": 45, "junior": 50}


def _known_classes(campus: Campus, stage: str) -> Number:
    """Length of a complete list of classes; a list shorter than the number of classes is not complete."""
    classes, sizes = campus.stages[stage]["classes"], campus.sizes
    if sizes is None or (classes is not None and len(sizes[stage]) < classes):
        return None
    return float(len(sizes[stage]))


def _classes_within(campus: Campus, stage: str) -> Number:
    sizes = None if campus.sizes is None else campus.sizes[stage]
    return None if sizes is None or None in sizes else float(sum((n or 0) <= CLASS_LIMIT[stage] for n in sizes))


def classes_over(campus: Campus, stage: str) -> Number:
    """Classes known to be too large; none is only known from a complete list with every size."""
    sizes = campus.sizes[stage] if campus.sizes else []
    over = sum(n is not None and n > CLASS_LIMIT[stage] for n in sizes)
    known, within = _known_classes(campus, stage), _classes_within(campus, stage)
    return float(over) if over else None if known is None or within is None else known - within


def is_small(campus: Campus) -> Truth:
    """Under 100 compulsory pupils, and rural or a teaching point; three-valued."""
    pupils, place, kind = campus.pupils(), campus.told("urban_rural"), campus.told("school_type")
    few = None if pupils is None else pupils < 100
    rural = None if place is None else str(place).startswith("2")
    somewhere = True if kind == "218" or rural else rural
    return False if few is False or somewhere is False else True if few and somewhere else None


def small_funds(year: int, cells: Cells) -> Callable[[Campus], Number]:
    """Funds as for 100 pupils by the quotas of the stages, the county's where it asks for more than the nation's."""

    def need(campus: Campus) -> Number:
        pupils = campus.pupils()
        if not pupils:
            return None
        own = [cells.get(f"{stage}_funds_quota_yuan") for stage in ("primary", "junior")]
        heads = [campus.stages[s]["pupils"] if s in campus.stages else 0 for s in ("primary", "junior")]
        if any(q is None for q in own):
            return None
        local = 100 * sum(h * (q or 0) for h, q in zip(heads, own, strict=True)) / pupils
        nation = sum(h * QUOTA_YUAN[s][year >= 2023] for s, h in zip(("primary", "junior"), heads, strict=True)) * 100
        return max(local, nation / pupils)

    return need


SUBJECTS = ("chinese", "mathematics", "science", "pe", "arts", "moral")


def _level(subject: str) -> Ratio:
    return Ratio(f"{subject}_level", cell(f"monitoring_{subject}_level"), limit=const(3))


def _difference(subject: str) -> Ratio:
    """A rate: a number above 1 is a slip of per cent and says nothing. It must lie below 0.15."""

    def rate(c: Cells) -> Number:
        told = c.get(f"monitoring_{subject}_difference")
        return told if told is not None and told <= 1 else None

    return Ratio(f"{subject}_difference", rate, way="<", limit=const(0.15))


def _survey(test: str, top: str, bottom: str) -> Ratio:
    return share(test, top, bottom, 85, interval=True, counts=False)


def _stage_row(name: str) -> Callable[[Campus, str], Number]:
    return lambda campus, stage: campus.stages[stage][name]


def _some(name: str) -> Callable[[Campus, str], Truth]:
    return lambda campus, stage: None if campus.stages[stage][name] is None else campus.stages[stage][name] > 0


def _of_school(name: str) -> Callable[[Cells], Number]:
    return lambda school: school.get(name)


def _each_school(test: str, field: str, **more: Any) -> Every:
    return Every(test, "school", _of_school(field), const(more.pop("limit", 1)), **more)


def _training(test: str, top: str, bottom: str, **more: Any) -> Every:
    return Every(test, "school", _of_school(top), lambda s: times(s.get(bottom), 0.05), **more)


def _veto(name: str) -> Item:
    field = f"has_veto_{name}"
    return Item(f"veto_{name}", "veto", (Yes("none_known", field, expected=False),), field, (), declared_met=False)


def _rural_share(c: Cells) -> Number:
    rural, all_of_them = c["rural_graduates"], c["all_graduates"]
    return None if rural is None or not all_of_them else 100 * rural / all_of_them


QUALITY_2017 = (
    Item("basic_balance_certificate", "gate", (
        Ratio("years_held", lambda c: plus(c["year"], times(c.get("basic_balance_year"), -1)), limit=const(3)),
    )),
    Item("all_gaps_within_limits", "resources", (Gaps(),)),
    Item("all_schools_meet_the_rule", "resources", (Schools(),)),
    declared("school_layout", box=True),
    declared("unified_standards", "funds_quota_document", tests=tuple(
        Yes(what, f"is_unified_{what}") for what in ("building", "posts", "funds", "equipment")
    )),
    declared("music_art_rooms", tests=(
        Every("music", "unit", rooms_at_least("music", 96), rooms_needed),
        Every("art", "unit", rooms_at_least("art", 90), rooms_needed),
    )),
    declared("school_size", tests=(Every("size", "unit", lambda u: u.pupils(), size_limit, "<="),)),
    declared("class_size", tests=(
        Every("classes", "unit_stage", classes_over, const(0), "<=", parts=(_classes_within, _known_classes)),
    )),
    declared("small_school_funds", "funds_quota_document", tests=(
        Every("each_small_school", "unit", lambda u: u.told("public_funds_yuan"), small_funds, where=is_small),
    )),
    declared("special_school_funds", tests=(
        Ratio("special_schools", cell("special_school_funds_yuan"), cell("special_school_pupils"),
              limit=const(SPECIAL_YUAN), applies=positive("special_school_pupils")),
        Ratio("other_disabled_pupils", cell("funds"), cell("disabled"), limit=const(SPECIAL_YUAN), applies=positive("disabled")),
    )),
    declared("teacher_pay", tests=(
        Ratio("pay", cell("teacher_pay_yuan"), cell("civil_servant_pay_yuan"), limit=const(1)),
        Yes("performance_pay", "is_performance_pay_full"),
    )),
    declared("teacher_training", tests=(
        Every("trained", "unit_stage", _stage_row("teachers_trained_360h"), _stage_row("teachers_training_due"),
              where=_some("teachers_training_due"), parts=(_stage_row("teachers_trained_360h"), _stage_row("teachers_training_due"))),
    )),
    declared("post_allocation", "quota_document", box=True, tests=(
        Ratio("within_total", cell("county_allotted_staff"), cell("county_quota_staff"), "<=", const(1)),
    )),
    declared("teacher_rotation", "backbone_document", tests=(
        share("rotated", "rotated_teachers", "rotation_eligible_teachers", 10, applies=positive("rotation_eligible_teachers")),
        share("backbone", "rotated_backbone_teachers", "rotated_teachers", 20, applies=positive("rotated_teachers")),
    )),
    declared("teacher_certificates", tests=(
        Every("certified", "unit_stage", _stage_row("certified_teachers"), _stage_row("full_time_teachers"),
              where=_some("full_time_teachers"), parts=(_stage_row("certified_teachers"), _stage_row("full_time_teachers"))),
    )),
    declared("nearby_enrolment", tests=(
        Ratio("city", cell("nearby_city_pct"), limit=const(100), applies=lambda c: c["has_city"]),
        Ratio("town", cell("nearby_town_pct"), limit=const(95), applies=lambda c: c["has_town"]),
    )),
    declared("senior_quota_places", tests=(
        share("allotted", "senior_places_allotted", "senior_places", 50, applies=positive("senior_places")),
        Ratio("rural", cell("senior_places_allotted_rural"), cell("senior_places_allotted"), limit=_rural_share, percent=True,
              applies=positive("senior_places_allotted"), counts=False),
    )),
    declared("left_behind_and_migrant_children", tests=(
        Ratio("migrant", lambda c: plus(c.get("migrant_in_public"), c.get("migrant_in_bought_places")),
              cell("migrant_eligible_children"), limit=const(85), percent=True, applies=positive("migrant_eligible_children")),
        Yes("left_behind", "is_declared_left_behind_and_migrant_children", evidence=True),
    )),
    declared("junior_retention", part="quality", tests=(
        Ratio("retention", cell("graduated"), cell("cohort"), limit=const(95), percent=True, applies=positive("entered"), stage="junior"),
    )),
    declared("disabled_enrolment", part="quality", tests=(
        share("enrolled", "disabled_enrolled", "disabled_children", 95, applies=positive("disabled_children")),
    )),
    declared("charter_and_information_management", part="quality", tests=(
        _each_school("charter", "has_charter"), _each_school("information", "has_information_management"),
    )),
    declared("training_funds", part="quality", tests=(
        _training("budget", "training_budget_yuan", "public_funds_budget_yuan"),
        _training("final", "training_final_yuan", "public_funds_final_yuan", counts=False),
    )),
    declared("technology_in_teaching", part="quality", box=True),
    declared("moral_education_and_culture", part="quality", tests=(_each_school("rated_good", "is_moral_education_good"),)),
    declared("full_curriculum", part="quality", tests=(
        _each_school("curriculum", "has_full_curriculum"), _each_school("labour_base", "has_labour_base", counts=False),
        _each_school("labour_hours", "labour_hours_pct", limit=50, counts=False),
        _each_school("labour_teacher", "has_labour_teacher", counts=False),
    )),
    declared("study_burden", part="quality", box=True),
    declared("quality_monitoring", part="quality", tests=tuple(t for s in SUBJECTS for t in (_level(s), _difference(s)))),
    Item("social_recognition", "recognition", (
        Ratio("reported", cell("social_recognition_pct"), limit=const(85)),
        _survey("questionnaires", "questionnaires_satisfied", "questionnaires_valid"),
        _survey("questionnaires_of_parents", "questionnaires_satisfied_parents", "questionnaires_valid_parents"),
        _survey("visits", "visited_satisfied", "people_visited"),
        _survey("visits_of_parents", "visited_satisfied_parents", "people_visited_parents"),
        Ratio("sample", lambda c: times(c.get("questionnaires_sent"), 1000), cell("resident_population"), limit=const(1), counts=False),
        share("sample_of_parents", "questionnaires_sent_parents", "questionnaires_sent", 50, counts=False),
    ), "is_declared_social_recognition"),
    *(_veto(name) for name in (
        "exam_enrolment", "unlawful_choice", "key_schools", "posts", "accident_or_falsification", "burden",
    )),
)  # fmt: skip
BASIC_2012 = (
    Item("composite_gap_within_limit", "resources", (Composite(),)),
    Item("all_schools_basic_standard", "gate", (
        Ratio("below", cell("schools_below_basic_standard"), way="<=", limit=const(0)),
    ), "is_declared_all_schools_basic_standard"),
    Item("county_work_score", "gate", (Ratio("score", cell("work_score"), limit=const(85)),), "is_declared_county_work_score"),
    Item("public_satisfaction", "reference", (
        Ratio("satisfied", cell("public_satisfaction_pct"), limit=const(85)),
    ), "is_declared_public_satisfaction"),
)  # fmt: skip
ITEMS: dict[str, tuple[Item, ...]] = {"basic-2012": BASIC_2012, "quality-2017": QUALITY_2017}
