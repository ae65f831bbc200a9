"""The sentences and tiles at the head of a province's page."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.schema.model import Catalogue
from reports import numbers, province_tables
from reports.area_facts import NO_DATA, NOT_COMPARABLE, AreaFacts, Rank
from reports.families import Family
from reports.measures import name_of, order_of, value_text
from reports.rank_figures import drawn
from reports.result_tables import sure_words
from reports.words import Words


def title(facts: AreaFacts, words: Words) -> str:
    """The finding of the page with a number."""
    holes = {
        "province": words.place(facts.province.name), "n": len(facts.lines), "stage": words.stage(facts.stage),
        "within": facts.count("within"), "before": facts.before("within"), "last": facts.previous or "",
    }  # fmt: skip
    if facts.has_limits:
        kind = "single" if facts.limit is not None else "composite"
        key = f"province.h1.{kind}" + (".last" if facts.previous and any(x.before for x in facts.lines) else "")
        return words(key, **holes)
    schools, meeting = sum(x.schools for x in facts.lines if x.judged), sum(x.meeting for x in facts.lines)
    if facts.standard.school_rule is not None and schools:
        standard = words.label(facts.standard.short or facts.standard.label)
        return words("province.h1.schools", schools=schools, meeting=meeting, standard=standard, **holes)
    return (
        words("province.h1.free", **holes, **largest(facts, words))
        if drawn(facts)
        else words("province.h1.none", **holes)
    )


def largest(facts: AreaFacts, words: Words) -> dict[str, str]:
    """The county that comes last, its measure and value, for sentences."""
    line, rank = drawn(facts)[0]
    measure = facts.measure or ""
    return {
        "county": words.place(line.county.name), "measure": name_of(measure, facts.standard, words),
        "value": value_text(measure, rank.value),
    }  # fmt: skip


def lead(facts: AreaFacts, words: Words) -> str:
    """What fails, what is not judged, and the indicator that fails most."""
    said = []
    if facts.has_limits:
        key = "province.lead.beyond" if facts.limit is not None else "province.lead.beyond.composite"
        said.append(words(key, beyond=facts.count("beyond"), n=len(facts.lines)))
    else:
        said.append(words("province.lead.measured", measured=facts.count("measured"), n=len(facts.lines)))
    rest = (
        ("open", "province.lead.open"),
        ("absent", "province.lead.absent"),
        ("single", "province.lead.single"),
        ("none", "province.lead.none"),
    )
    said += [words(key, n=facts.count(verdict)) for verdict, key in rest if facts.count(verdict)]
    order = province_tables.ordered(facts)
    if order and facts.limit is not None and facts.tally(order[0].id).beyond:
        names = [
            words("named.count", name=words.short(i), n=facts.tally(i.id).beyond)
            for i in order[:3]
            if facts.tally(i.id).beyond
        ]
        said.append(words("province.lead.worst", names=words.several(names)))
    if facts.measure and not facts.has_limits and drawn(facts):
        said.append(words("province.lead.last", **largest(facts, words)))
    return words.sentences(said)


def tiles(facts: AreaFacts, family: Family, words: Words) -> list[dict[str, str]]:
    """At most four: counties within, in each stage and in all; not judged; pupils beyond; who crossed."""
    n = len(facts.lines)
    if not facts.has_limits:
        return _free_tiles(facts, words)
    by_stage = [words("tile.stage", stage=words.label(f.stage.label), n=f.count("within")) for f in family.stages]
    both = words("tile.both", n=family.within_all()) if len(family.stages) > 1 else ""
    sub = words.sentences([("，" if words.language == "zh" else ", ").join([*by_stage, both] if both else by_stage)])
    beyond = facts.pupils("beyond")
    pupils = sum(line.pupils for line in facts.lines)
    rest = facts.count(*NO_DATA, *NOT_COMPARABLE)
    made = [
        tile("met", words("tile.within"), f"{facts.count('within')} / {n}", sub, words.symbol("met")),
        tile(
            "unmet" if facts.count("beyond") else "plain", words("tile.beyond"), f"{facts.count('beyond')} / {n}",
            words("tile.pupils.beyond", pupils=numbers.whole(beyond), share=numbers.percent(beyond / pupils if pupils else None)),
            words.symbol("unmet") if facts.count("beyond") else "",
        ),
        tile(
            "undecided" if rest else "plain", words("tile.rest"), f"{rest} / {n}",
            words("tile.rest.sub", open=facts.count("open"), absent=facts.count("absent"), single=facts.count("single"), none=facts.count("none")),
        ),
    ]  # fmt: skip
    if facts.previous is not None:
        out, into = len(facts.crossed("out")), len(facts.crossed("in"))
        value = words("tile.crossed.value", out=out, into=into)
        made.append(tile("plain", words("tile.crossed", last=facts.previous), value, words("tile.crossed.sub")))
    return made


def _free_tiles(facts: AreaFacts, words: Words) -> list[dict[str, str]]:
    n, rest = len(facts.lines), facts.count(*NO_DATA, *NOT_COMPARABLE)
    made = [
        tile("plain", words("tile.compared"), f"{n - rest} / {n}", words("tile.rest.sub", open=facts.count("open"), absent=facts.count("absent"), single=facts.count("single"), none=facts.count("none"))),
    ]  # fmt: skip
    judged = [line for line in facts.lines if line.judged]
    if facts.standard.school_rule is not None and judged:
        met, schools = sum(x.meeting for x in judged), sum(x.schools for x in judged)
        share = numbers.percent(met / schools, 1)
        made.append(tile("plain", words("tile.meeting"), f"{numbers.whole(met)} / {numbers.whole(schools)}", share))
    for measure in facts.standard.measures[:2]:
        pairs = facts.ranked(measure)
        if pairs:
            values = sorted(r.value or 0.0 for _, r in pairs)
            middle = (
                values[len(values) // 2]
                if len(values) % 2
                else (values[len(values) // 2 - 1] + values[len(values) // 2]) / 2
            )
            sub = words("tile.range", low=value_text(measure, values[0]), high=value_text(measure, values[-1]))
            title = words("tile.median", measure=name_of(measure, facts.standard, words))
            made.append(tile("plain", title, value_text(measure, middle), sub))
    return made[:4]


def tile(state: str, title: str, value: str, sub: str, symbol: str = "") -> dict[str, str]:
    """A tile: its state colours it, its symbol says it."""
    return {"state": state, "title": title, "value": value, "sub": sub, "symbol": symbol}


def rank_key(
    facts: AreaFacts, catalogue: Catalogue, measure: str, words: Words, ranks: Mapping[str, Rank] | None = None
) -> str:
    """The order key and what a band means, above the table; ``ranks``: by county, where they are not those of the page."""
    said = [
        words("rank.key", measure=name_of(measure, facts.standard, words), order=order_of(measure, words), id=measure)
    ]
    if measure == "share_meeting":
        said.append(words("rank.key.unknown"))
    width = catalogue.settings.get("rank_band_width")
    pairs = facts.ranked(measure)
    if ranks is not None:
        pairs = [(line, ranks[line.county.code]) for line in facts.lines if line.county.code in ranks]
    text = "" if width is None else f"{float(str(width.value)):g}"
    return words.sentences(
        [*said, sure_words(catalogue, pairs, text, words, has_column=ranks is None and measure == facts.measure)]
    )
