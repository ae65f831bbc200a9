"""The tiles of a county page: at most four, each a number of the facts with its parts."""

from __future__ import annotations

from reports import headline, numbers
from reports.facts import Composite, PageFacts
from reports.measures import name_of
from reports.scorecard import Scorecard
from reports.standing import Standing, is_over
from reports.words import Words

MOST = 4
STATES = {
    "ok": "measured",
    "no_schools": "none",
    "incomplete": "incomplete",
    "single_school": "single",
    "zero_mean": "zero",
}
"""State of a ranking row → state of a gap, whose word the tile says."""


def tiles(facts: PageFacts, words: Words) -> list[dict[str, str]]:
    """Gaps, schools up to the rule, schools and pupils, place in the province; what there is none of makes room."""
    card, standing = facts.card, facts.standing
    made = [_gap_tile(facts, words)]
    if card is not None:
        made.append(_rule_tile(card, words))
    made.append(_school_tile(facts, words))
    if standing is not None and facts.has_come:
        made.append(_place_tile(standing, words))
    if facts.schools and card is None:
        made.append(_value_tile(facts, words))
    return [*made, _finding_tile(facts, words)][:MOST]


def _rule_tile(card: Scorecard, words: Words) -> dict[str, str]:
    c, n = card.counts, len(card.results)
    state = "met" if c["met"] == n else "unmet" if c["unmet"] else "undecided"
    return _tile(state, words("tile.rule"), f"{c['met']} / {n}", headline.spread(card, words), words.symbol(state))


def _place_tile(standing: Standing, words: Words) -> dict[str, str]:
    title = words("tile.place", measure=name_of(standing.measure, standing.standard, words))
    if standing.rank_low is None:
        state = words.state(STATES.get(standing.state, "incomplete"), "gap")
        return _tile("plain", title, numbers.DASH, words("tile.place.none", state=state))
    parts = [words("tile.place.of", n=standing.compared), *_change(standing, words)]
    if standing.rank_low != standing.rank_high:
        parts.append(words("place.errors" if standing.has_errors else "place.tolerance"))
    sub = ("；" if words.language == "zh" else "; ").join(parts)
    return _tile("unmet" if is_over(standing) else "plain", title, headline.place(standing, words), sub)


def _change(standing: Standing, words: Words) -> list[str]:
    if standing.change is None:
        return []
    key = "place.same" if not standing.change else "place.better" if standing.change > 0 else "place.worse"
    parts = [words(key, n=abs(standing.change))]
    if standing.cause is not None and standing.change:
        parts.append(words("place.cause", name=words.short(standing.cause)))
    return ["，".join(parts) if words.language == "zh" else ", ".join(parts)]


def _composite_tile(composite: Composite, n: int, words: Words) -> dict[str, str]:
    state = composite.verdict if composite.verdict in ("met", "unmet", "undecided") else "plain"
    sub = f"{words('col.limit')} {numbers.limit_text(composite.limit)}：{words.state(composite.verdict, 'gap')}"
    symbol = words.symbol(composite.verdict)
    return _tile(state, words("composite", n=n), numbers.cv(composite.value, composite.limit), sub, symbol)


def _tile(state: str, title: str, value: str, sub: str, symbol: str = "") -> dict[str, str]:
    return {"state": state, "title": title, "value": value, "sub": sub, "symbol": symbol}


def _gap_tile(facts: PageFacts, words: Words) -> dict[str, str]:
    verdicts, n, composite = facts.verdicts(), len(facts.gaps), facts.composite
    if composite is not None and composite.limit is not None and not facts.has_limits:
        return _composite_tile(composite, n, words)
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
    sub = words("tile.expected", expected=c.units, counted=c.counted, out=c.out_of_scope, merged=c.merged, lost=c.lost)
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
