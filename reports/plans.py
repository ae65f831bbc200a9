"""Plans that would bring a gap within its limit, as sentences with the command that tells the plan in full."""

from __future__ import annotations

from typing import Any

from reports.facts import PageFacts
from reports.plan_facts import TOLD
from reports.words import Words


def plan_texts(facts: PageFacts, words: Words) -> list[dict[str, Any]]:
    """A sentence or two for each gap that is over its limit or undecided, in the order of the page's gaps."""
    told = []
    for gap in facts.of("unmet", "undecided"):
        name = gap.indicator.id
        rows = [row for row in facts.plans if row["indicator_id"] == name and row["state"] in TOLD[row["plan"]]]
        if rows:
            reasons = ("；" if words.language == "zh" else "; ").join(words.of(row, "reason") for row in rows)
            command = f"junheng advise --county {facts.county.code} --indicator {name} --stage {facts.stage.id}"
            told.append(
                {"text": words("plan.lead", name=words.short(gap.indicator), reason=reasons), "command": command}
            )
    return told
