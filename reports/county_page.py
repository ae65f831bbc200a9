"""A county page as the template takes it: facts in words. Nothing is counted here that ``facts`` does not hold."""

from __future__ import annotations

from typing import Any

from pipeline.schema.model import Catalogue
from reports import county_tables, figure_tables, headline, numbers, trace
from reports.around_tables import around
from reports.corrections import correction_table, signs
from reports.county_figures import figure_six, figures
from reports.county_tiles import tiles
from reports.facts import PageFacts
from reports.item_table import item_table
from reports.missing_schools import county_missing
from reports.notices import notices
from reports.school_table import school_table
from reports.scorecard import Scorecard
from reports.suspicion_tables import worth_a_look
from reports.whole_part import whole_part
from reports.words import Words

ITEM_STATES = ("met", "below", "unmet", "not_applicable", "missing")
"""The states that an item of a school can have."""


def county_context(facts: PageFacts, catalogue: Catalogue, words: Words) -> dict[str, Any]:
    """What ``county.html.j2`` shows, in one language. Sections are null where there is nothing to say."""
    title = headline.title(facts, words)
    drawn = figures(facts, catalogue, words)
    items = _items(facts, sum(figure is not None for figure in drawn.values()), words)
    return {
        "title": title,
        "lead": headline.lead(facts, words),
        "meta": _meta(facts, words),
        "notices": [headline.notice_text(n, words) for n in notices(facts, catalogue)],
        "tiles": tiles(facts, words),
        "whole": whole_part(facts, words),
        "gaps": county_tables.gap_table(facts, words) if facts.has_come else None,
        "history": figure_tables.history_table(facts, words) if drawn["fig3"] else None,
        "province": figure_tables.standing_table(facts, words) if drawn["fig4"] else None,
        "shares": figure_tables.contribution_table(facts, words) if drawn["fig5"] else None,
        "items": items,
        "around": around(facts, catalogue, words),
        "has_figures": any(drawn.values()) or any(item["figure"] for item in items),
        "schools": school_table(facts, signs(facts, catalogue, words), words) if facts.schools else None,
        "missing": county_missing(
            facts.missing,
            facts.counts.pupils,
            facts.stage,
            facts.year,
            catalogue,
            words,
            county_tables.file_stem(facts),
        ),
        "left_out": county_tables.left_out_table(facts, words),
        "others": _others(facts, words),
        "findings": county_tables.finding_table(facts, catalogue, words),
        "look": worth_a_look(facts, catalogue, words),
        "corrections": correction_table(facts, catalogue, words),
        "boxes": trace.boxes(facts, catalogue, words) if facts.has_come else [],
        "files": county_tables.file_table(facts, catalogue, words),
        "legend": value_legend(facts, words),
        "item_legend": [(s, words.symbol(s), words.state(s, "value")) for s in ITEM_STATES],
    } | drawn


def _items(facts: PageFacts, figures_before: int, words: Words) -> list[dict[str, Any]]:
    """The standards whose items stand school by school: all but the page's own, of which T1 tells, unless it has scores."""
    made = []
    n = figures_before
    for card in facts.cards:
        if not card.has_scores and not _has_more(facts, card):
            continue
        figure = figure_six(facts, card, n + 1, words) if n == figures_before else None
        n += figure is not None
        c = card.counts
        lead = words(
            "items.lead", n=len(card.results), met=c["met"], unmet=c["unmet"], open=c["undecided"],
            rule=words.label(card.rule.label),
        )  # fmt: skip
        made.append({
            "id": card.standard.id, "title": words("items.title", standard=words.label(card.standard.label)), "lead": lead,
            "figure": figure, "table": item_table(card, county_tables.file_stem(facts), words),
        })  # fmt: skip
    return made


def _has_more(facts: PageFacts, card: Scorecard) -> bool:
    """Whether the standard holds schools to items that T1 does not show."""
    shown = {gap.indicator.id for gap in facts.gaps}
    return card.standard.id != facts.standard.id or any(indicator.id not in shown for _, indicator in card.columns)


def _meta(facts: PageFacts, words: Words) -> list[tuple[str, str]]:
    source = facts.standard.gap.source if facts.standard.gap else None
    clause = words.label(source.clause) if source is not None and source.clause is not None else ""
    document = trace.named_clause(facts.standard.document, clause, words)
    return [(words("meta.year"), str(facts.year)), (words("meta.standard"), document)]


def _others(facts: PageFacts, words: Words) -> list[dict[str, Any]]:
    """Other standards that measure gaps, each with what it limits."""
    sections = []
    for standard, gaps in facts.others:
        if not any(gap.is_shown for gap in gaps):
            continue
        name = words.label(standard.label)
        composite = standard.gap.composite_limits.get(facts.stage.id) if standard.gap else None
        texts = [words("t5.no_limit", name=name)] if all(gap.limit is None for gap in gaps) else []
        if composite is not None:
            texts.append(words("t5.composite", limit=numbers.limit_text(composite)))
        sections.append(
            {"table": county_tables.other_table(facts, standard, gaps, words), "text": words.sentences(texts)}
        )
    return sections


def value_legend(facts: PageFacts, words: Words) -> list[tuple[str, str, str]]:
    """The states of values as (state, symbol, word), each once."""
    if not facts.has_levels:
        states = ["missing", "not_applicable"]
    else:
        states = ["met", "below", "unmet", "not_applicable", "missing", "single"]
    return [(s, words.symbol(s), words.state(s, "value")) for s in states]
