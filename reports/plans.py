"""Plans that would bring a gap within its limit, as sentences with the command that tells the plan in full."""

from __future__ import annotations

from typing import Any

from pipeline.schema.model import Catalogue
from reports.facts import PageFacts
from reports.plan_facts import TOLD
from reports.words import Words


def plan_texts(facts: PageFacts, catalogue: Catalogue, words: Words) -> list[dict[str, Any]]:
    """A sentence a plan for gaps that are over their limit or undecided, in the order of the page's gaps."""
    asked = [gap.indicator.id for gap in facts.of("unmet", "undecided")]
    rows = [row for row in facts.plans if row["indicator_id"] in asked and row["state"] in TOLD[row["plan"]]]
    rows.sort(key=lambda row: (asked.index(row["indicator_id"]), row["plan_order"]))
    return [
        {
            "text": words("plan.lead", name=words.short(catalogue.indicators[row["indicator_id"]]), reason=words.of(row, "reason")),
            "command": f"junheng advise --county {facts.county.code} --indicator {row['indicator_id']} --stage {facts.stage.id}",
        }
        for row in rows
    ]  # fmt: skip
