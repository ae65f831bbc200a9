"""Makes the facts of a county page from what ``release`` read: choosing, counting and ordering, nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pipeline.schema.model import Catalogue, Indicator, Item, Stage, Standard
from reports.around import surroundings
from reports.contributions import contributions
from reports.facts import Composite, Counts, Gap, LeftOut, PageFacts, School, Value, Verdict, check
from reports.judged import YEARS
from reports.past import breaks_of, changed_levels, past
from reports.release import County, Release
from reports.scorecard import scorecard
from reports.standing import standing
from reports.whole_facts import whole_facts


def page_facts(release: Release, catalogue: Catalogue, county: County, stage: Stage) -> PageFacts:
    """The facts of one county and stage in the latest year. Raises AssertionError when counts do not add up."""
    key = (county.code, stage.id)
    standard = catalogue.standards[catalogue.about.default_standard]
    rows = release.gaps.get(key, [])
    values = release.values.get(key, [])
    counted_rows = [row for row in release.schools.get(key, []) if row["is_counted"]]
    names = {row["school_id"]: row["name"] or row["school_id"] for row in counted_rows}
    previous = _previous(catalogue, release, county, rows)
    gaps = _gaps(catalogue, standard, release.year, previous, rows, _lacking(values, names))
    left_out = _left_out(release, key)
    schools = _schools(counted_rows, values, gaps)
    facts = PageFacts(
        county=county, stage=stage, year=release.year, previous=previous, standard=standard, gaps=gaps,
        others=tuple(
            (other, _gaps(catalogue, other, release.year, previous, rows, {}))
            for other in catalogue.standards.values()
            if other.gap is not None and other.id != standard.id
        ),
        schools=schools,
        left_out=left_out,
        counts=_counts(release, key, gaps),
        has_come=any(row["counties_came"] for row in rows if row["year"] == release.year),
        findings=tuple(release.findings.get((county.code,), [])),
        parts=tuple(release.parts.get((county.code,), [])),
        suspected=tuple(release.suspected.get((county.code,), [])),
        evidence=tuple(release.evidence.get((county.code,), [])),
        missing=tuple(release.missing.schools.get(key, [])),
        around=surroundings(release.around, county.code, stage.id),
        corrections=tuple(
            row for row in release.corrections.get((county.code,), []) if row["stage"] in (None, stage.id)
        ),
        **_judged(catalogue, release, county, stage, gaps, schools),
    )  # fmt: skip
    check(facts)
    return facts


def _judged(
    catalogue: Catalogue, release: Release, county: County, stage: Stage, gaps: Sequence[Gap], schools: Sequence[School]
) -> dict[str, Any]:
    """The facts that scores, rankings and earlier years tell."""
    key, judged = (county.code, stage.id), release.judged
    standard = catalogue.standards[catalogue.about.default_standard]
    first = [standard, *(s for s in catalogue.standards.values() if s.id != standard.id)]
    cards = (
        scorecard(catalogue, s, judged.scores.get((s.id, *key)), judged.items.get((s.id, *key)))
        for s in first if s.school_rule is not None
    )  # fmt: skip
    breaks = breaks_of(catalogue, county.code, range(release.year - YEARS, release.year + 1))
    return {
        "composites": tuple(_composite(catalogue, row) for row in judged.composites.get(key)),
        "cards": tuple(card for card in cards if card is not None),
        "standing": standing(
            catalogue, standard, judged.standing.get(key), judged.peers, stage.id, county.province_code
        ),
        "past": past(judged.history.get(key), gaps, breaks, release.year),
        "contributions": contributions(gaps, schools),
        "whole": whole_facts(release, catalogue, county),
        "plans": tuple(judged.plans.get(key)),
        "new_levels": changed_levels(catalogue, standard.id, release.year),
    }


COMPOSITE_STATES: dict[str, Verdict] = {
    "no_schools": "none", "single_school": "single", "zero_mean": "zero", "incomplete": "incomplete",
}  # fmt: skip


def _composite(catalogue: Catalogue, row: dict[str, Any]) -> Composite:
    verdict: Verdict = COMPOSITE_STATES.get(row["verdict"], row["verdict"])
    value = row["mean_cv"] if row["state"] == "ok" else None
    return Composite(
        catalogue.standards[row["standard_id"]], value, row["composite_limit"], row["low"], row["high"],
        row["schools_missing"] > 0, verdict,
    )  # fmt: skip


def _previous(catalogue: Catalogue, release: Release, county: County, rows: Iterable[dict[str, Any]]) -> int | None:
    """Last year, where this county has coefficients of it and was not split or merged since."""
    if release.previous is None or breaks_of(catalogue, county.code, range(release.previous + 1, release.year + 1)):
        return None
    return release.previous if any(row["year"] == release.previous and row["cv"] is not None for row in rows) else None


def _lacking(values: Sequence[dict[str, Any]], names: dict[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in values:
        if row["shown"] in ("missing", "not_collected"):
            found.setdefault(row["indicator_id"], []).append(names.get(row["school_id"], row["school_id"]))
    return {name: tuple(schools) for name, schools in found.items()}


def _gaps(
    catalogue: Catalogue, standard: Standard, year: int, previous: int | None, rows: Sequence[dict[str, Any]],
    lacking: dict[str, tuple[str, ...]],
) -> tuple[Gap, ...]:  # fmt: skip
    """The standard's gaps, largest first; those without a usable coefficient last, in the order of the standard."""
    mine = [row for row in rows if row["standard_id"] == standard.id]
    now = {row["indicator_id"]: row for row in mine if row["year"] == year}
    before = {row["indicator_id"]: row for row in mine if row["year"] == previous}
    items = {item.indicator: item for item in standard.items}
    names = standard.gap.indicators if standard.gap else ()
    gaps = [
        _gap(catalogue.indicators[name], items.get(name), now[name], before.get(name), lacking.get(name, ()))
        for name in names
        if name in now
    ]
    order = {name: position for position, name in enumerate(names)}
    return tuple(
        sorted(gaps, key=lambda g: (not g.is_shown, -(g.cv or 0.0) if g.is_shown else 0.0, order[g.indicator.id]))
    )


def _gap(
    indicator: Indicator, item: Item | None, row: dict[str, Any], last: dict[str, Any] | None, lacking: tuple[str, ...]
) -> Gap:
    usable = last is not None and last["state"] == "ok"
    return Gap(
        indicator=indicator, item=item, verdict=_verdict(row), schools=int(row["schools"]), pupils=float(row["pupils"]),
        schools_missing=int(row["schools_missing"]), pupils_missing=float(row["pupils_missing"]), mean=row["mean"],
        sd=row["sd"], cv=row["cv"], low=row["cv_low"], high=row["cv_high"], least=row["cv_least"],
        limit=row["cv_limit"], last=last["cv"] if last and usable else None,
        level=row["level"], floor=row["floor"], mean_is_up=row["mean_is_up"], trace_id=row["trace_id"], lacking=lacking,
    )  # fmt: skip


def _verdict(row: dict[str, Any]) -> Verdict:
    state = row["state"]
    if state == "no_schools":
        return "none"
    if state == "single_school":
        return "single"
    if row["is_met"] is False:
        return "unmet"
    if state == "zero_mean" or (row["schools"] == 0 and row["counties_came"]):
        return "zero"
    if row["cv_limit"] is None:
        return "measured" if state == "ok" else "incomplete"
    if row["is_met"] is None:
        return "undecided"
    return "met" if row["is_met"] else "unmet"


def _schools(
    rows: Sequence[dict[str, Any]], values: Sequence[dict[str, Any]], gaps: Sequence[Gap]
) -> tuple[School, ...]:
    """Counted schools, those that need attention first: by items failed, then missing, then the share in the widest gap."""
    by_school: dict[str, dict[str, Value]] = {}
    for row in values:
        by_school.setdefault(row["school_id"], {})[row["indicator_id"]] = _value(row)
    schools = [
        School(
            row["school_id"], row["name"] or row["school_id"], float(row["pupils"]), bool(row["is_split"]),
            tuple(by_school[row["school_id"]][gap.indicator.id] for gap in gaps),
        )
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(schools, key=lambda s: _attention(s, gaps)))


def _attention(school: School, gaps: Sequence[Gap]) -> tuple[int, int, int, float, str]:
    share = 0.0
    if gaps and gaps[0].mean is not None and school.values and school.values[0].value is not None:
        share = school.pupils * (school.values[0].value - gaps[0].mean) ** 2
    missing = school.count("missing", "not_collected")
    return (-school.count("unmet"), -school.count("below"), -missing, -share, school.school_id)


def _value(row: dict[str, Any]) -> Value:
    value, level = row["value"], row["level"]
    over, under = (value, level) if row["direction"] == ">=" else (level, value)
    ratio = over / under if over is not None and under else None
    return Value(row["indicator_id"], value, level, ratio, row["shown"], row["trace_id"])


def _left_out(release: Release, key: tuple[str, str]) -> tuple[LeftOut, ...]:
    rows = release.schools.get(key, [])
    found = [
        LeftOut("scope", row["school_id"], row["name"] or row["school_id"], row["pupils"], row)
        for row in rows
        if not row["is_counted"]
    ]
    parents = {row["school_id"]: row for row in rows if row["campuses"] > 1}
    for row in release.merged.get(key[:1], []):
        if row["parent_school_id"] in parents:
            parent = parents[row["parent_school_id"]]
            found.append(
                LeftOut("merged", row["school_id"], row["name"] or row["school_id"], None, {"parent": parent["name"]})
            )
    for row in release.lost.get(key[:1], []):
        found.append(LeftOut("lost", row["school_id"], row["name"] or row["school_id"], None, row))
    return tuple(found)


def _counts(release: Release, key: tuple[str, str], gaps: Sequence[Gap]) -> Counts:
    rows = release.schools.get(key, [])
    inside = [row for row in rows if row["is_counted"]]
    outside = [row for row in rows if not row["is_counted"]]
    lost = min((gap.schools_missing - len(gap.lacking) for gap in gaps), default=0)
    pupils_by = {row["school_id"]: float(row["pupils"]) for row in inside}
    return Counts(
        counted=len(inside), out_of_scope=len(outside), merged=sum(row["campuses"] - 1 for row in rows), lost=lost,
        pupils=sum(pupils_by.values()), pupils_out=sum(float(row["pupils"]) for row in outside),
        pupils_lost=_pupils_lost(release, key, gaps, pupils_by) if lost else 0.0,
        split=sum(bool(row["is_split"]) for row in inside),
    )  # fmt: skip


def _pupils_lost(release: Release, key: tuple[str, str], gaps: Sequence[Gap], pupils_by: dict[str, float]) -> float:
    """Pupils of schools that are not there: what the first gap misses beyond the counted schools that lack its value."""
    if not gaps:
        return 0.0
    lacking = [
        pupils_by.get(row["school_id"], 0.0)
        for row in release.values.get(key, [])
        if row["indicator_id"] == gaps[0].indicator.id and row["shown"] in ("missing", "not_collected")
    ]
    return max(0.0, gaps[0].pupils_missing - sum(lacking))
