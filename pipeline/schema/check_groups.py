"""What is wrong with the settings of groups and with ``group_awards.yaml``: names that stand for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.schema.fault import Fault, of_expression, unknown
from pipeline.schema.group_award import SECTION
from pipeline.schema.group_rules import GroupRules
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
    yield from of_expression("settings", f"{rules.prefix}new_school_when", ("value",), rules.new_school_when, known)


def _unknown(setting: str, name: str, known: list[str] | tuple[str, ...]) -> Fault:
    return unknown("settings", GroupRules.prefix + setting, ("value",), name, known)
