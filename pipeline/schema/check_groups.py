"""What is wrong with the settings of groups and with ``group_awards.yaml``: names that stand for nothing, a day that is none."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from pipeline.schema.fault import Fault, of_expression, unknown
from pipeline.schema.group_award import SECTION
from pipeline.schema.group_rules import PREFIX, GroupRules
from pipeline.schema.model import Catalogue

LEVELS = ("county", "prefecture", "province", "nation")


def group_faults(catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault of what groups are judged by."""
    awards, rules = catalogue.group_awards, GroupRules.of(catalogue)
    if awards is not None and awards.standard not in catalogue.standards:
        yield unknown(SECTION, SECTION, ("standard",), awards.standard, list(catalogue.standards))
    if rules.weak_standard is not None and rules.weak_standard not in catalogue.standards:
        yield _unknown("weak_standard", rules.weak_standard, list(catalogue.standards))
    if rules.target_level not in LEVELS:
        yield _unknown("target_level", rules.target_level, LEVELS)
    known = {"year", *(f.id for f in catalogue.fields_of("identity", "split", "whole", "stage"))}
    yield from of_expression("settings", f"{PREFIX}new_school_when", ("value",), rules.new_school_when, known)
    try:
        datetime.date.fromisoformat(f"2001-{rules.collection_day}")
    except ValueError:
        zh, en = (
            f"“{rules.collection_day}”不是月-日，如 09-01",
            f"“{rules.collection_day}” is no month-day such as 09-01",
        )
        yield Fault("settings", f"{PREFIX}collection_day", ("value",), zh, en)


def _unknown(setting: str, name: str, known: list[str] | tuple[str, ...]) -> Fault:
    return unknown("settings", PREFIX + setting, ("value",), name, known)
