"""Settings that a room reads by a prefix: every shipped one is read, and a catalogue without them gets the same values."""

from __future__ import annotations

from dataclasses import fields

import pytest

from pipeline.schema import load_catalogue
from pipeline.schema.advice_limits import AdviceLimits
from pipeline.schema.certainty_limits import Certainty
from pipeline.schema.group_rules import GroupRules
from pipeline.schema.ledger_limits import LedgerLimits
from pipeline.schema.limits import FromSettings
from pipeline.schema.suspicion_limits import Limits
from pipeline.schema.verdict_limits import VerdictLimits
from pipeline.schema.years_limits import YearsLimits

SHIPPED = load_catalogue()
KINDS: list[type[FromSettings]] = [
    AdviceLimits, Certainty, GroupRules, LedgerLimits, Limits, VerdictLimits, YearsLimits,
]  # fmt: skip
NAMES_OF_A_CATALOGUE = {
    "group_lead_words", "group_member_words", "group_close_words", "group_cooperative_words", "group_new_school_when",
    "group_weak_standard", "group_target", "verdict_relaxation_granted_in",
}  # fmt: skip
"""Settings that speak of one catalogue or country; others get none."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_shipped_setting_of_a_prefix_is_read(kind: type[FromSettings]) -> None:
    shipped = {key for key in SHIPPED.settings if key.startswith(kind.prefix)}
    assert shipped == {kind.prefix + field.name for field in fields(kind)}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_catalogue_without_the_settings_gets_the_shipped_values(kind: type[FromSettings]) -> None:
    bare = SHIPPED.model_copy(update={"settings": {}})
    own, others = kind.of(SHIPPED), kind.of(bare)
    for field in fields(kind):
        if kind.prefix + field.name not in NAMES_OF_A_CATALOGUE:
            assert getattr(own, field.name) == getattr(others, field.name), field.name
