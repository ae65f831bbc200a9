"""What a reader must know before the numbers: the warnings of reports.md 2.6 that can be told from the tables today.

A notice is an id, its severity and the numbers of its sentence; the sentence itself stands in ``words`` under its id.
To add one: a function here, a phrase there, and its place in ``NOTICES``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.schema.model import Catalogue, Indicator
from reports.facts import PageFacts

FEW_SCHOOLS = 5
"""W2: with fewer schools a change in one moves the gap."""

DOMINANT_SHARE = 0.5
"""W13: a school with more of the pupils than this decides the weighted mean."""


@dataclass(frozen=True)
class Notice:
    """``code``: W1 to W13; ``count``: what the headline of the box adds up; ``values``: what the phrase puts in."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)
    link: str = ""


def notices(facts: PageFacts, catalogue: Catalogue) -> list[Notice]:
    """Warnings of a page, those that change a verdict first."""
    return [notice for make in NOTICES for notice in make(facts, catalogue)]


def _incomplete(facts: PageFacts, _: Catalogue) -> Iterator[Notice]:
    lost = facts.counts.lost
    if not facts.has_come:
        yield Notice("W3.none")
    elif lost:
        expected = facts.counts.counted + lost
        yield Notice("W3", {"n": lost, "came": facts.counts.counted, "expected": expected}, "#left-out")


def _single(facts: PageFacts, _: Catalogue) -> Iterator[Notice]:
    if facts.of("single"):
        yield Notice("W1")


def _uncomputable(facts: PageFacts, _: Catalogue) -> Iterator[Notice]:
    for gap in facts.gaps:
        if gap.verdict != "zero" and gap.mean != 0:
            continue
        yield Notice("W6" if gap.schools else "W6.missing", {"indicator": gap.indicator, "n": gap.schools}, "#gaps")


def _lacking(facts: PageFacts, _: Catalogue) -> Iterator[Notice]:
    """One notice for all indicators that the same schools lack."""
    groups: dict[tuple[tuple[str, ...], int], list[Indicator]] = {}
    for gap in facts.gaps:
        if gap.lacking and gap.schools:
            groups.setdefault((gap.lacking, gap.schools), []).append(gap.indicator)
    for (names, used), indicators in groups.items():
        yield Notice("W4", {"indicators": indicators, "n": len(names), "names": names, "used": used}, "#schools")


def _few(facts: PageFacts, _: Catalogue) -> Iterator[Notice]:
    if 2 <= facts.counts.counted < FEW_SCHOOLS:
        yield Notice("W2", {"n": facts.counts.counted, "few": FEW_SCHOOLS})


def _near(facts: PageFacts, _: Catalogue) -> Iterator[Notice]:
    near = [gap for gap in facts.of("met", "unmet", "undecided") if gap.is_near]
    if near:
        yield Notice("W7", {"gaps": near}, "#gaps")


def _evenly_poor(facts: PageFacts, _: Catalogue) -> Iterator[Notice]:
    low = [gap for gap in facts.of("met", "unmet", "undecided", "measured") if gap.mean_is_up is False]
    if low:
        yield Notice("W5", {"indicators": [gap.indicator for gap in low], "n": len(low)}, "#gaps")


def _dominant(facts: PageFacts, _: Catalogue) -> Iterator[Notice]:
    largest = max(facts.schools, key=lambda s: (s.pupils, s.school_id), default=None)
    if largest is not None and facts.counts.counted > 1 and largest.pupils > DOMINANT_SHARE * facts.counts.pupils:
        yield Notice("W13", {"name": largest.name, "share": largest.pupils / facts.counts.pupils})


def _left_out(facts: PageFacts, _: Catalogue) -> Iterator[Notice]:
    if facts.counts.out_of_scope:
        rules = Counter((u.row["reason_zh"], u.row["reason_en"]) for u in facts.left_out if u.kind == "scope")
        reasons = [{"zh": zh, "en": en, "n": n} for (zh, en), n in rules.most_common()]
        yield Notice("W8", {"n": facts.counts.out_of_scope, "reasons": reasons}, "#left-out")


def _split(facts: PageFacts, catalogue: Catalogue) -> Iterator[Notice]:
    if facts.counts.split:
        weights = [(stage.label, stage.split_weight) for stage in catalogue.stages.values()]
        yield Notice("W9", {"n": facts.counts.split, "weights": weights}, "#schools")


def _suspicious(facts: PageFacts, catalogue: Catalogue) -> Iterator[Notice]:
    """Values that a plausibility rule doubts: kept unless they are corrected."""
    doubted = [
        row
        for row in facts.findings
        if row["severity"] == "warning" and (rule := catalogue.rules.get(row["rule_id"])) is not None and rule.step == 3
    ]
    if doubted:
        names = tuple(dict.fromkeys(str(row["name"] or row["school_id"] or row["sheet"] or "") for row in doubted))
        yield Notice("W10", {"n": len(doubted), "names": names}, "#findings")


def _not_comparable(facts: PageFacts, _: Catalogue) -> Iterator[Notice]:
    if facts.year in facts.past.breaks:
        yield Notice("W11", {"year": facts.year})
    if facts.new_levels:
        yield Notice("W11.level", {"indicators": list(facts.new_levels), "year": facts.year})


NOTICES: tuple[Callable[[PageFacts, Catalogue], Iterator[Notice]], ...] = (
    _incomplete, _single, _uncomputable, _lacking, _few, _not_comparable, _suspicious, _near, _evenly_poor, _dominant, _left_out,
    _split,
)  # fmt: skip
"""In the order of the box."""
