"""The figures of a county page as the template takes them: figure, key, caption, text alternative, notes."""

from __future__ import annotations

from statistics import median
from typing import Any

from pipeline.schema.model import Catalogue
from reports import headline, numbers, trace
from reports.contribution_figure import contribution_figure
from reports.facts import Gap, PageFacts
from reports.figures import KEY_SYMBOLS, MARKS, Figure, gap_figure
from reports.history_figure import history_figure
from reports.measures import name_of, value_text
from reports.school_figure import school_figure
from reports.score_figure import SCORE_DECIMALS, score_figure
from reports.scorecard import Scorecard
from reports.standing import is_over
from reports.standing_figure import standing_figure
from reports.words import Words

HALF = 0.5
"""The part of a gap that the text alternative of figure 5 accounts for."""

NAMED = 4
"""Schools that the sentence of figure 5 names."""

Key = list[dict[str, str]]


def figures(facts: PageFacts, catalogue: Catalogue, words: Words) -> dict[str, dict[str, Any] | None]:
    """Figures 1 to 5 by name; null where a figure has nothing to show. Numbers run over those that are there."""
    made = {
        "fig1": figure_one(facts, catalogue, words),
        "fig2": figure_two(facts, catalogue, words),
        "fig3": figure_three(facts, words),
        "fig4": figure_four(facts, words),
        "fig5": figure_five(facts, words),
    }
    _number([figure for figure in made.values() if figure], 1, words)
    return made


def _number(made: list[dict[str, Any]], first: int, words: Words) -> None:
    """Gives the figures of a page their running numbers, in the order in which they stand."""
    for n, figure in enumerate(made, first):
        figure["label"], figure["table"] = words("fig", n=n), words("fig.data", n=n)


def _figure(
    figure: Figure, title: str, caption: str, aria: str, key: Key, notes: list[str] | None = None
) -> dict[str, Any]:
    return {
        "id": figure.id, "label": "", "title": title, "caption": caption, "aria": aria, "key": key, "table": "",
        "height": figure.layout["height"], "narrow": figure.narrow["layout"]["height"], "json": figure.as_json(),
        "notes": notes or [],
    }  # fmt: skip


def where(facts: PageFacts, words: Words) -> dict[str, str]:
    """County and stage, as captions name them."""
    return {"county": words.place(facts.county.name), "stage": words.stage(facts.stage)}


def figure_one(facts: PageFacts, catalogue: Catalogue, words: Words) -> dict[str, Any] | None:
    """The gaps, largest first."""
    figure = gap_figure(facts, words)
    if figure is None:
        return None
    title = words("fig1.title" if facts.has_limits else "fig1.title.free")
    years = (
        words("years.both", year=facts.year, last=facts.previous)
        if facts.previous
        else words("years.one", year=facts.year)
    )
    caption = words("fig1.caption", **where(facts, words), years=years, source=_source(facts, catalogue, words))
    message = headline.title(facts, words) + ("。" if words.language == "zh" else ".")
    aria = words("fig1.aria", title=title, message=message, table=words("fig.data", n=1))
    return _figure(figure, title, caption, aria, _key_one(facts, words), [*_notes_one(facts, words)])


def _notes_one(facts: PageFacts, words: Words) -> list[str]:
    """What the marks of figure 1 mean for each gap: out of reach of any rotation, or open for missing values."""
    notes = [
        words(
            "fig1.note.least", name=words.short(g.indicator), least=numbers.cv(g.least, g.limit),
            limit=numbers.limit_text(g.limit),
        )
        for g in facts.gaps if g.is_out_of_reach
    ]  # fmt: skip
    groups: dict[tuple[int, str], list[Gap]] = {}
    for gap in facts.gaps:
        if gap.is_open:
            groups.setdefault((gap.schools_missing, _open_key(gap)), []).append(gap)
    for (n, key), gaps in groups.items():
        for gap in gaps[:3]:
            notes.append(words(
                "fig1.note.range", name=words.short(gap.indicator), n=n, low=numbers.cv(gap.low, gap.limit),
                high=numbers.cv(gap.high, gap.limit), verdict=words(key),
            ))  # fmt: skip
    return notes


def _open_key(gap: Gap) -> str:
    return f"range.{gap.verdict}" if gap.verdict in ("met", "unmet", "undecided") else "range.other"


def _source(facts: PageFacts, catalogue: Catalogue, words: Words) -> str:
    """The statistical forms where the catalogue names them, and how many files came."""
    forms = sorted({form for gap in facts.gaps for form in trace.forms_of(gap.indicator, catalogue, facts.year)})
    count = len({part["inbox_path"] for part in facts.parts})
    files = words("source.files", n=count, title=words("trace.files"))
    return words("source.forms", forms=words.several(forms), files=files) if forms else files


def _key_one(facts: PageFacts, words: Words) -> Key:
    key = []
    for state in ("unmet", "met", "undecided", "measured", "incomplete"):
        if any(g.verdict == state and g.is_shown for g in facts.gaps):
            text = words.state(state, "gap")
            key.append({"mark": KEY_SYMBOLS[MARKS[state][0]], "state": state, "text": text})
    if facts.previous is not None and any(g.last is not None and g.is_shown for g in facts.gaps):
        key.append({"mark": "○", "state": "last", "text": words("fig1.key.last", year=facts.previous)})
        key.append({"mark": "", "state": "", "text": words("fig1.key.arrow", year=facts.previous)})
    if facts.limit is not None:
        key.append({"mark": "┆", "state": "line", "text": words("fig1.key.limit")})
    if any(g.is_open for g in facts.gaps):
        key.append({"mark": "", "state": "undecided", "text": words("fig1.key.range")})
    if any(g.least is not None and g.is_shown for g in facts.gaps):
        key.append({"mark": "", "state": "line", "text": words("fig1.key.least")})
    return key


def figure_two(facts: PageFacts, catalogue: Catalogue, words: Words) -> dict[str, Any] | None:
    """The schools on every gap."""
    made = school_figure(facts, words)
    if made is None:
        return None
    kind = "binned" if made.a_mark > 1 else "area" if made.is_area else "same"
    over = words("fig2.over", cap=numbers.percent(made.cap)) if made.beyond else ""
    caption = words(
        "fig2.caption", **where(facts, words), year=facts.year, mark=words(f"fig2.mark.{kind}", k=made.a_mark), over=over,
        source=_source(facts, catalogue, words),
    )  # fmt: skip
    title = words("fig2.title")
    message = words.sentences([_lane_message(facts, position, words) for position, _ in enumerate(facts.gaps)])
    aria = words("fig2.aria", title=title, message=message, table=words("t1.title"))
    key = [_state_key(s, words.state(s, "value")) for s in ("met", "below", "unmet")]
    key.append({"mark": "┃", "state": "line", "text": words("fig2.key.mean")})
    return _figure(made.figure, title, caption, aria, key)


def _state_key(state: str, text: str) -> dict[str, str]:
    return {"mark": KEY_SYMBOLS[MARKS[state][0]], "state": state, "text": text}


def _lane_message(facts: PageFacts, position: int, words: Words) -> str:
    shown = [school.values[position].shown for school in facts.schools]
    missing = shown.count("missing") + shown.count("not_collected")
    return words(
        "fig2.aria.lane", name=words.short(facts.gaps[position].indicator), met=shown.count("met"), below=shown.count("below"),
        unmet=shown.count("unmet"), missing=missing,
    )  # fmt: skip


def figure_three(facts: PageFacts, words: Words) -> dict[str, Any] | None:
    """The last years."""
    figure = history_figure(facts.past, words)
    if figure is None:
        return None
    years, title = facts.past.years, words("fig3.title")
    said = words("fig3.break", years=words.several([str(b) for b in facts.past.breaks])) if facts.past.breaks else ""
    caption = words("fig3.caption", **where(facts, words), first=years[0], last=years[-1], breaks=said)
    message = words.sentences([
        words(
            "fig3.aria.line", name=words.short(line.gap.indicator), first=numbers.cv(line.points[0]), last=numbers.cv(line.points[-1])
        )
        for line in facts.past.lines
    ])  # fmt: skip
    aria = words("fig3.aria", title=title, message=message, table=words("fig3.table", **where(facts, words)))
    return _figure(figure, title, caption, aria, [])


def figure_four(facts: PageFacts, words: Words) -> dict[str, Any] | None:
    """The county among those of its province."""
    standing = facts.standing
    if standing is None:
        return None
    name = words.place(facts.county.name)
    figure = standing_figure(standing, facts.county.code, name, words)
    if figure is None:
        return None
    title = words("fig4.title")
    caption = words(
        "fig4.caption", measure=name_of(standing.measure, standing.standard, words), year=facts.year, stage=words.stage(facts.stage),
        n=len(standing.peers),
    )  # fmt: skip
    message = words(
        "fig4.message", county=name, value=value_text(standing.measure, standing.value), place=headline.place(standing, words),
        of=words("tile.place.of", n=standing.compared),
    )  # fmt: skip
    aria = words("fig4.aria", title=title, message=message, table=words("fig4.table"))
    key = [
        {"mark": "◆", "state": "unmet" if is_over(standing) else "met", "text": words("fig4.key.own")},
        {"mark": "●", "state": "last", "text": words("fig4.key.peers")},
    ]
    return _figure(figure, title, caption, aria, key)


def figure_five(facts: PageFacts, words: Words) -> dict[str, Any] | None:
    """Who carries the widest gap."""
    if not facts.contributions:
        return None
    first = facts.contributions[0]
    figure, title, name = contribution_figure(first, words), words("fig5.title"), words.short(first.gap.indicator)
    caption = words(
        "fig5.caption", **where(facts, words), name=name, year=facts.year, unit=words.label(first.gap.indicator.unit),
        mean=numbers.fixed(first.gap.mean, first.gap.indicator.decimals),
    )  # fmt: skip
    count = first.schools_for(HALF)
    names = words.several([share.school.name for share in first.shares[: min(count, NAMED)]])
    names = words("fig5.more", names=names) if count > NAMED else names
    message = words("fig5.message", name=name, n=count, names=names)
    aria = words("fig5.aria", title=title, message=message, table=words("fig5.table", n=len(first.top)))
    notes = [message]
    if first.if_raised is not None:
        n, then = first.if_raised
        now = numbers.cv(first.gap.cv, first.gap.limit, near=first.gap.is_near)
        notes.append(words("fig5.raised", n=n, now=now, then=numbers.cv(then, first.gap.limit)))
    key = [
        {"mark": "■", "state": "unmet", "text": words("fig5.key.low")},
        {"mark": "■", "state": "met", "text": words("fig5.key.high")},
    ]
    return _figure(figure, title, caption, aria, key, [words.sentences(notes)])


def figure_six(facts: PageFacts, card: Scorecard, n: int, words: Words) -> dict[str, Any] | None:
    """The schools by score; ``n``: its number on the page."""
    figure = score_figure(card, words) if card.has_scores else None
    if figure is None:
        return None
    scores = sorted(r.score for r in card.results if r.score is not None)
    low, middle, high, mean = (
        numbers.fixed(v, SCORE_DECIMALS) for v in (scores[0], median(scores), scores[-1], sum(scores) / len(scores))
    )
    lacking = len(card.results) - len(scores)
    caption = words(
        "fig6.caption", **where(facts, words), year=facts.year, mean=mean,
        lacking=words("fig6.lacking", n=lacking) if lacking else "",
    )  # fmt: skip
    message = words("fig6.message", low=low, middle=middle, high=high)
    aria = words("fig6.aria", message=message, table=words("items.table"))
    states = [
        s for s in ("met", "unmet", "undecided") if any(r.state == s and r.score is not None for r in card.results)
    ]
    key = [_state_key(s, words.state(s, "school")) for s in states]
    made = _figure(figure, words("items.title", standard=words.label(card.standard.label)), caption, aria, key)
    _number([made], n, words)
    return made
