"""A county page as the template takes it: facts in words. Nothing is counted here that ``facts`` does not hold."""

from __future__ import annotations

from typing import Any

from pipeline.schema.model import Catalogue
from reports import county_tables, headline, numbers, trace
from reports.facts import PageFacts
from reports.figures import MARKS, Figure, gap_figure
from reports.notices import notices
from reports.school_figure import school_figure
from reports.words import Words

KEY_SYMBOLS = {"circle": "●", "square": "■", "diamond": "◆", "square-open": "□"}


def county_context(facts: PageFacts, catalogue: Catalogue, words: Words) -> dict[str, Any]:
    """What ``county.html.j2`` shows, in one language. Sections are null where there is nothing to say."""
    title = headline.title(facts, words)
    return {
        "title": title,
        "lead": headline.lead(facts, words),
        "meta": _meta(facts, words),
        "notices": [headline.notice_text(n, words) for n in notices(facts, catalogue)],
        "tiles": _tiles(facts, words),
        "fig1": _figure_one(facts, catalogue, words),
        "gaps": county_tables.gap_table(facts, words) if facts.has_come else None,
        "fig2": _figure_two(facts, catalogue, words),
        "schools": county_tables.school_table(facts, words) if facts.schools else None,
        "left_out": county_tables.left_out_table(facts, words),
        "others": _others(facts, words),
        "findings": county_tables.finding_table(facts, catalogue, words),
        "boxes": trace.boxes(facts, catalogue, words) if facts.has_come else [],
        "files": county_tables.file_table(facts, catalogue, words),
        "legend": value_legend(facts, words),
    }


def _meta(facts: PageFacts, words: Words) -> list[tuple[str, str]]:
    source = facts.standard.gap.source if facts.standard.gap else None
    clause = words.label(source.clause) if source is not None and source.clause is not None else ""
    document = trace.named_clause(facts.standard.document, clause, words)
    return [(words("meta.year"), str(facts.year)), (words("meta.standard"), document)]


def _tiles(facts: PageFacts, words: Words) -> list[dict[str, str]]:
    """At most four: gaps, schools and pupils, school values, findings."""
    tiles = [_gap_tile(facts, words), _school_tile(facts, words)]
    if facts.schools:
        tiles.append(_value_tile(facts, words))
    return [*tiles, _finding_tile(facts, words)]


def _tile(state: str, title: str, value: str, sub: str, symbol: str = "") -> dict[str, str]:
    return {"state": state, "title": title, "value": value, "sub": sub, "symbol": symbol}


def _gap_tile(facts: PageFacts, words: Words) -> dict[str, str]:
    verdicts, n = facts.verdicts(), len(facts.gaps)
    if not facts.has_limits:
        worst = facts.worst
        sub = words("tile.measured.sub", cv=numbers.cv(worst.cv if worst else None))
        return _tile("plain", words("tile.measured"), f"{verdicts['measured']} / {n}", sub)
    open_count = verdicts["undecided"] + verdicts["incomplete"]
    rest = verdicts["single"] + verdicts["zero"] + verdicts["none"]
    state = "unmet" if verdicts["unmet"] else "met" if verdicts["met"] == n else "undecided"
    sub = words("tile.gaps.sub", over=verdicts["unmet"], open=open_count, rest=rest)
    symbol = words.symbol("single" if verdicts["single"] == n else state)
    return _tile(state, words("tile.gaps"), f"{verdicts['met']} / {n}", sub, symbol)


def _school_tile(facts: PageFacts, words: Words) -> dict[str, str]:
    c = facts.counts
    sub = words("tile.schools.sub", out=c.out_of_scope, merged=c.merged, lost=c.lost)
    value = f"{numbers.whole(c.counted)} / {numbers.whole(c.pupils)}"
    return _tile("undecided" if c.lost else "plain", words("tile.schools"), value, sub)


def _value_tile(facts: PageFacts, words: Words) -> dict[str, str]:
    shown = facts.shown()
    missing = shown["missing"] + shown["not_collected"]
    present = sum(shown.values()) - missing - shown["not_applicable"]
    of = f"{numbers.whole(sum(shown.values()))}"
    if facts.has_levels:
        sub = words(
            "tile.values.sub", below=shown["below"], unmet=shown["unmet"], missing=missing, na=shown["not_applicable"]
        )
        state = "unmet" if shown["unmet"] else "below" if shown["below"] else "met"
        return _tile(state, words("tile.values"), f"{numbers.whole(shown['met'])} / {of}", sub)
    sub = words("tile.complete.sub", missing=missing, na=shown["not_applicable"])
    return _tile("plain", words("tile.complete"), f"{numbers.whole(present)} / {of}", sub)


def _finding_tile(facts: PageFacts, words: Words) -> dict[str, str]:
    found = facts.severities()
    counts = {name: found[name] for name in ("critical", "warning", "info")}
    state = "unmet" if counts["critical"] else "below" if counts["warning"] else "plain"
    return _tile(
        state, words("tile.findings"), numbers.whole(sum(found.values())), words("tile.findings.sub", **counts)
    )


def _figure_one(facts: PageFacts, catalogue: Catalogue, words: Words) -> dict[str, Any] | None:
    figure = gap_figure(facts, words)
    if figure is None:
        return None
    title = words("fig1.title" if facts.has_limits else "fig1.title.free")
    years = (
        words("years.both", year=facts.year, last=facts.previous)
        if facts.previous
        else words("years.one", year=facts.year)
    )
    caption = words("fig1.caption", **_where(facts, words), years=years, source=_source(facts, catalogue, words))
    message = headline.title(facts, words) + ("。" if words.language == "zh" else ".")
    table = words("fig.data", n=1)
    aria = words("fig1.aria", title=title, message=message, table=table)
    return _figure(figure, 1, title, caption, aria, _key_one(facts, words), words)


def _figure(
    figure: Figure, n: int, title: str, caption: str, aria: str, key: list[dict[str, str]], words: Words
) -> dict[str, Any]:
    return {
        "id": figure.id, "label": words("fig", n=n), "title": title, "caption": caption, "aria": aria, "key": key,
        "table": words("fig.data", n=n), "height": figure.layout["height"], "narrow": figure.narrow["layout"]["height"],
        "json": figure.as_json(),
    }  # fmt: skip


def _where(facts: PageFacts, words: Words) -> dict[str, str]:
    return {"county": words.place(facts.county.name), "stage": words.stage(facts.stage)}


def _source(facts: PageFacts, catalogue: Catalogue, words: Words) -> str:
    """The statistical forms where the catalogue names them, and how many files came."""
    forms = sorted({form for gap in facts.gaps for form in trace.forms_of(gap.indicator, catalogue, facts.year)})
    count = len({part["inbox_path"] for part in facts.parts})
    files = words("source.files", n=count, title=words("trace.files"))
    return words("source.forms", forms=words.several(forms), files=files) if forms else files


def _key_one(facts: PageFacts, words: Words) -> list[dict[str, str]]:
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
    return key


def _figure_two(facts: PageFacts, catalogue: Catalogue, words: Words) -> dict[str, Any] | None:
    made = school_figure(facts, words)
    if made is None:
        return None
    kind = "binned" if made.a_mark > 1 else "area" if made.is_area else "same"
    over = words("fig2.over", cap=numbers.percent(made.cap)) if made.beyond else ""
    caption = words(
        "fig2.caption", **_where(facts, words), year=facts.year, mark=words(f"fig2.mark.{kind}", k=made.a_mark), over=over,
        source=_source(facts, catalogue, words),
    )  # fmt: skip
    title = words("fig2.title")
    message = words.sentences([_lane_message(facts, position, words) for position, _ in enumerate(facts.gaps)])
    aria = words("fig2.aria", title=title, message=message, table=words("t1.title"))
    key = [
        {"mark": KEY_SYMBOLS[MARKS[s][0]], "state": s, "text": words.state(s, "value")}
        for s in ("met", "below", "unmet")
    ]
    key.append({"mark": "┃", "state": "line", "text": words("fig2.key.mean")})
    return _figure(made.figure, 2, title, caption, aria, key, words)


def _lane_message(facts: PageFacts, position: int, words: Words) -> str:
    shown = [school.values[position].shown for school in facts.schools]
    missing = shown.count("missing") + shown.count("not_collected")
    return words(
        "fig2.aria.lane", name=words.short(facts.gaps[position].indicator), met=shown.count("met"), below=shown.count("below"),
        unmet=shown.count("unmet"), missing=missing,
    )  # fmt: skip


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
