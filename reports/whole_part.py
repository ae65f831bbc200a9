"""What the page of a stage says of the whole county: the verdict in a paragraph a standard, what is lacking, and plans."""

from __future__ import annotations

from typing import Any

from reports.facts import PageFacts
from reports.ledger_tables import progress_text
from reports.paths import whole_path
from reports.plans import plan_texts
from reports.verdict_part import summary
from reports.words import Words


def whole_part(facts: PageFacts, words: Words) -> dict[str, Any] | None:
    """None where there is no page of the whole county. ``lacking``: whether anything is said of what is lacking."""
    whole = facts.whole
    if whole is None or not whole.has_page:
        return None
    progress, plans = _progress(facts, words), plan_texts(facts, words)
    return {
        "path": whole_path(facts.county), "verdicts": [summary(one, words) for one in whole.verdicts], "progress": progress,
        "plans": plans, "lacking": bool(progress or plans),
    }  # fmt: skip


def _progress(facts: PageFacts, words: Words) -> dict[str, str] | None:
    """The stage's progress by the first standard that has a ledger of it."""
    for ledger in facts.whole.ledgers if facts.whole is not None else ():
        row = ledger.progress.get(facts.stage.id)
        if row is not None and row["schools"]:
            told = {"standard": words.label(ledger.standard.label), "text": progress_text(row, words)}
            return {"id": ledger.standard.id, "text": words("ledger.told", **told)}
    return None
