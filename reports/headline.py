"""The sentences at the head of a county page: the finding with a number, the lead, and the notices in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.schema.model import Indicator
from reports import numbers
from reports.facts import Gap, PageFacts
from reports.measures import band_text
from reports.notices import Notice
from reports.scorecard import Scorecard
from reports.standing import Standing
from reports.words import Words

SPREAD = 3
"""Counts of items that the lead and the tile tell one by one."""


def finding(facts: PageFacts, words: Words) -> str:
    """What the page found, in one clause, with a number."""
    key, values = _finding(facts)
    limit = words("limit.of", limit=numbers.limit_text(facts.limit)) if facts.limit is not None else ""
    worst = facts.worst
    composite = facts.composite
    if key.startswith("h1.composite") and composite is not None:
        values["value"], limit = numbers.cv(composite.value, composite.limit), numbers.limit_text(composite.limit)
    if key == "h1.largest" and worst is not None:
        values = {"name": words.short(worst.indicator), "cv": numbers.cv(worst.cv)}
    return words(key, stage=words.label(facts.stage.label), limit=limit, **values)


def _finding(facts: PageFacts) -> tuple[str, dict[str, Any]]:
    """Which headline fits, and its numbers; the order is that of what a reader must know first."""
    n, verdicts, counts = len(facts.gaps), facts.verdicts(), facts.counts
    if not facts.has_come:
        return "h1.absent", {}
    if verdicts["none"] == n:
        return "h1.no_schools", {}
    if verdicts["single"] == n:
        return "h1.single", {}
    if verdicts["unmet"]:
        return "h1.over", {"n": n, "over": verdicts["unmet"]}
    if facts.has_limits and verdicts["met"] == n:
        return "h1.within", {"n": n}
    if facts.has_limits and verdicts["met"]:
        return "h1.partly", {"n": n, "met": verdicts["met"], "open": n - verdicts["met"]}
    if verdicts["undecided"]:
        return "h1.undecided", {
            "n": verdicts["undecided"],
            "came": min(g.schools for g in facts.gaps),
            "expected": counts.counted + counts.lost,
        }
    composite = facts.composite
    if (
        composite is not None
        and composite.value is not None
        and composite.verdict in ("met", "unmet")
        and composite.limit
    ):
        return f"h1.composite.{composite.verdict}", {"n": n}
    return ("h1.largest", {}) if facts.worst is not None else ("h1.nothing", {})


def title(facts: PageFacts, words: Words) -> str:
    """The H1: county and finding."""
    county = words.place(facts.county.name, once=True)
    return words("h1", county=county, stage=words.stage(facts.stage), finding=finding(facts, words))


def lead(facts: PageFacts, words: Words) -> str:
    """One or two sentences that name what fails, what passes and what is open, with numbers."""
    if not facts.has_come or not facts.counts.counted:
        return ""
    parts = _judged(facts, words) if facts.has_limits else _stated(facts, words)
    n, pupils = facts.counts.counted, numbers.whole(facts.counts.pupils)
    if facts.card is None:
        return words.sentences([*parts, words("lead.schools", n=n, pupils=pupils)])
    return words.sentences([*parts, rule_sentence(facts.card, words), words("lead.pupils", pupils=pupils)])


def rule_sentence(card: Scorecard, words: Words) -> str:
    """How many schools meet the school rule, and how many items they meet."""
    c = card.counts
    return words(
        "lead.rule", n=len(card.results), met=c["met"], unmet=c["unmet"], open=c["undecided"],
        rule=words.label(card.rule.label), spread=spread(card, words),
    )  # fmt: skip


def spread(card: Scorecard, words: Words) -> str:
    """How many schools meet how many items: the three best counts, the others together."""
    pairs = card.distribution
    shown, rest = pairs[:SPREAD], sum(n for _, n in pairs[SPREAD:])
    parts = [words("spread", n=n, k=k) for k, n in shown]
    if rest:
        parts.append(words("spread.rest", n=rest, k=shown[-1][0]))
    return ("、" if words.language == "zh" else ", ").join(parts)


def place(standing: Standing, words: Words) -> str:
    """The place in the province: a band where it is wider than one place, else a single place."""
    if standing.rank_low is None:
        return numbers.DASH
    return words("tile.place.at", n=band_text(standing.rank_low, standing.rank_high))


def _judged(facts: PageFacts, words: Words) -> list[str]:
    groups = [
        ("lead.over", facts.of("unmet")),
        ("lead.met", facts.of("met")),
        ("lead.open", facts.of("undecided", "incomplete")),
    ]
    parts = [words(key, names=_named(gaps, words)) for key, gaps in groups if gaps]
    rest = facts.of("zero", "none") if facts.of("single") else facts.of("zero", "none", "single")
    if rest:
        parts.append(words("lead.rest", names=words.several([words.short(g.indicator) for g in rest])))
    return parts


def _stated(facts: PageFacts, words: Words) -> list[str]:
    shown = [g for g in facts.gaps if g.is_shown]
    parts = [words("lead.largest", names=_named(shown[1:], words))] if len(shown) > 1 else []
    composite = facts.composite
    if composite is not None and composite.limit is not None:
        verdict = words.state(composite.verdict, "gap")
        return [*parts, words("lead.composite", value=numbers.cv(composite.value, composite.limit), verdict=verdict)]
    return [*parts, words("lead.no_limit")]


def _named(gaps: Sequence[Gap], words: Words) -> str:
    return words.several([gap_named(g, words) for g in gaps])


def gap_named(gap: Gap, words: Words) -> str:
    """An indicator's short name with its coefficient."""
    name = words.short(gap.indicator)
    return words("named", name=name, cv=numbers.cv(gap.cv, gap.limit, near=gap.is_near)) if gap.cv is not None else name


def notice_text(notice: Notice, words: Words) -> dict[str, str]:
    """A notice as title, sentence and link."""
    values = {key: _said(key, value, words) for key, value in notice.values.items()}
    title, text = words(notice.code, **values), words(f"{notice.code}.text", **values)
    return {"code": notice.code.split(".")[0], "title": title, "text": text, "link": notice.link}


def _said(key: str, value: Any, words: Words) -> Any:
    """A value of a notice as it is printed."""
    said = {
        "indicator": lambda v: words.short(v),
        "names": lambda v: words.several([str(name) for name in v], 6),
        "indicators": lambda v: words.several([words.short(indicator) for indicator in v]),
        "gaps": lambda v: words.several([_near(gap, words) for gap in v]),
        "share": lambda v: numbers.percent(v),
        "reasons": lambda v: ("；" if words.language == "zh" else "; ").join(
            words("W8.reason", reason=reason[words.language], n=reason["n"]) for reason in v
        ),
        "weights": lambda v: (" ∶ " if words.language == "zh" else " : ").join(
            words("W9.weight", stage=words.label(s), weight=numbers.level_text(w)) for s, w in v
        ),
    }
    return said[key](value) if key in said else value


def _near(gap: Gap, words: Words) -> str:
    indicator: Indicator = gap.indicator
    return words("named", name=words.short(indicator), cv=numbers.cv(gap.cv, gap.limit, near=True))
