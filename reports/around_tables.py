"""Sections of a county page on what stands around it: counties alike, school groups and districts, what explains a gap.

Each gives a record for the template, or null where the release tells nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.schema.model import Catalogue, Indicator
from reports import numbers
from reports.around import Row as Found
from reports.county_tables import MANY, file_stem
from reports.facts import Gap, PageFacts
from reports.measures import name_of, value_text
from reports.tables import Cell, Column, Row, Table
from reports.words import Words

MOST_LEADS = 60
"""Rows of the comparison of leads and members on a page; the workbook has them all. A page with many schools has none."""

MOST_CLASSES, FEW_CLASSES = 12, 6
"""Classes of a way to divide that a page shows, and one with many schools."""

STATES = {
    "single_school": "single",
    "single_member": "single",
    "zero_mean": "zero",
    "no_schools": "none",
    "incomplete": "incomplete",
}

Made = dict[str, Any]


def around(facts: PageFacts, catalogue: Catalogue, words: Words) -> Made:
    """The three sections."""
    return {
        "peers": peers(facts, words), "inside": inside(facts, catalogue, words), "apart": apart(facts, catalogue, words)
    }  # fmt: skip


def _is_long(facts: PageFacts) -> bool:
    """Whether the page has so many schools that these sections say less."""
    return len(facts.schools) > MANY


# --- counties alike ----------------------------------------------------------------------------------------------------


def peers(facts: PageFacts, words: Words) -> Made | None:
    """The place among the counties most alike, in a sentence, and these counties; null where none is known."""
    found, measure = facts.around.peers, facts.around.measure
    if not found or measure is None:
        return None
    columns = [
        Column(words("col.peer_no"), True), Column(words("col.county")), Column(name_of(measure, facts.standard, words), True),
        Column(words("col.distance"), True), Column(words("col.features"), True), Column(words("col.differs")), Column(words("col.area_code")),
    ]  # fmt: skip
    rows = [_peer_row(facts, row, measure, words) for row in found]
    table = Table(
        "peers-table", words("peers.caption", n=len(rows)), columns, rows, f"{file_stem(facts)}-peers.csv", lead=1
    )
    return {"lead": _peer_lead(facts, measure, words), "table": table}


def _peer_lead(facts: PageFacts, measure: str, words: Words) -> str:
    row, county = facts.around.among, words.place(facts.county.name)
    if row is None or row["state"] != "ok":
        state = words.state(STATES.get(row["state"] if row else "incomplete", "incomplete"), "gap")
        return words("peers.none", county=county, state=state)
    if row["place"] is None:
        return words("peers.alone")
    values = {name: value_text(measure, row[f"peers_{name}"]) for name in ("median", "least", "most")}
    return words(
        "peers.lead", county=county, measure=name_of(measure, facts.standard, words), value=value_text(measure, row["value"]),
        n=row["peers_compared"], place=row["place"], **values,
    )  # fmt: skip


def _peer_row(facts: PageFacts, row: Found, measure: str, words: Words) -> Row:
    place = facts.around.places.get(row["peer_code"])
    name, href = row["peer_code"], ""
    if place is not None:
        name = words.place(place.name)
        href = f"county/{place.province_code}/{place.code}-{facts.stage.id}.html"
    value = Cell(value_text(measure, row["value"]), numbers.raw(row["value"]))
    if row["state"] != "ok":
        state = STATES.get(row["state"], "incomplete")
        value = Cell("", "", state, words.symbol(state), words.state(state, "gap"))
    differs = words.of(row, "feature")
    share = numbers.percent(row["differs_most_pct"] / 100) if row["differs_most_pct"] is not None else ""
    province = "" if place is None or row["is_same_province"] or place.province is None else words.place(place.province)
    return Row([
        Cell(str(row["peer_no"])), Cell(name, href=href, badge=province), value,
        Cell(numbers.fixed(row["distance"], 2), numbers.raw(row["distance"])),
        Cell(words("peers.value", n=row["features_compared"], of=row["features"]), str(row["features_compared"])),
        Cell(differs or numbers.DASH, differs, badge=share), Cell(row["peer_code"]),
    ], code=row["peer_code"])  # fmt: skip


# --- groups and districts ----------------------------------------------------------------------------------------------


def inside(facts: PageFacts, catalogue: Catalogue, words: Words) -> Made | None:
    """Coverage and the gap of lead and members in sentences; the gaps inside, and lead and members by indicator, as tables."""
    coverage = [row for row in facts.around.coverage if row["state"] != "not_reported" or row["kind"] == "group"]
    if not facts.around.inside and not any(row["groups"] for row in coverage):
        return None
    told = [coverage_text(row, words) for row in coverage]
    leads = [row for row in facts.around.inside if row["lead_state"] != "not_applicable"]
    ok = [row for row in leads if row["lead_state"] == "ok"]
    if ok and ok[0]["ratio"] is not None:
        told.append(_lead_text(catalogue.indicators[ok[0]["indicator_id"]], ok[0], words))
    moved = [row["narrowed_by"] for row in ok if row["narrowed_by"] is not None]
    if moved:
        closer, wider = sum(m > 0 for m in moved), sum(m < 0 for m in moved)
        told.append(words("inside.moved", n=len(moved), closer=closer, wider=wider))
    if leads and _is_long(facts):
        told.append(words("leads.workbook"))
    return {
        "lead": words.sentences(told), "gaps": _inside_table(facts, words) if facts.around.inside else None,
        "leads": _lead_table(facts, catalogue, leads, words) if leads and not _is_long(facts) else None,
    }  # fmt: skip


def coverage_text(row: Found, words: Words) -> str:
    """What the groups or districts of a county reach; that it is unknown where nothing is told."""
    kind = words(f"kind.{row['kind']}")
    if row["groups"] is None:
        return words("inside.unknown", kind=kind)
    said = [words(
        "inside.covers", groups=row["groups"], kind=kind, schools=row["schools_in"], all=row["schools_told"],
        share=numbers.percent(row["share_schools"]), pupils=numbers.percent(row["share_pupils"]),
    )]  # fmt: skip
    if row["groups_close"] is not None and row["groups_cooperative"] is not None:
        said.append(words("inside.forms", close=row["groups_close"], cooperative=row["groups_cooperative"]))
    for name in ("new", "weak"):
        if row[f"{name}_schools"]:
            said.append(words(f"inside.{name}", inside=row[f"{name}_schools_in"] or 0, all=row[f"{name}_schools"]))
    return words.sentences(said)


def _lead_text(indicator: Indicator, row: Found, words: Words) -> str:
    values = {
        name: numbers.fixed(row[column], indicator.decimals)
        for name, column in (("lead", "lead_value"), ("members", "members_mean"))
    }
    return words(
        "inside.lead", group=row["group_name"], name=words.short(indicator), unit=words.label(indicator.unit), **values
    )


def _inside_table(facts: PageFacts, words: Words) -> Table:
    """A row a group or district, a column an indicator: the gap coefficient inside."""
    by_group: dict[tuple[str, str], dict[str, Found]] = {}
    for row in facts.around.inside:
        by_group.setdefault((row["kind"], row["group_id"]), {})[row["indicator_id"]] = row
    gaps = facts.gaps
    columns = [Column(words("col.unit_group")), Column(words("col.kind")), Column(words("col.n"), True)]
    columns += [Column(words.short(gap.indicator), True, is_narrow=True) for gap in gaps]
    rows = []
    for (kind, group), of in sorted(by_group.items(), key=lambda p: (p[0][0] != "group", p[0][1])):
        any_row = next(iter(of.values()))
        most = max(row["schools"] + row["schools_missing"] for row in of.values())
        cells = [Cell(any_row["group_name"]), Cell(words(f"kind.{kind}")), Cell(str(most))]
        rows.append(
            Row([*cells, *(_inside_cell(of.get(gap.indicator.id), _is_long(facts), words) for gap in gaps)], code=group)
        )
    caption = words("inside.caption", n=len(rows))
    return Table("inside-table", caption, columns, rows, f"{file_stem(facts)}-groups.csv")


def _inside_cell(row: Found | None, is_long: bool, words: Words) -> Cell:
    if row is None:
        return Cell(numbers.DASH, "")
    if row["state"] == "ok":
        return Cell(numbers.cv(row["cv"]), None if is_long else numbers.raw(row["cv"]))
    state = STATES.get(row["state"], "incomplete")
    return Cell("", "", state, words.symbol(state), words.state(state, "gap"))


def _lead_table(facts: PageFacts, catalogue: Catalogue, leads: Sequence[Found], words: Words) -> Table:
    shown = leads[:MOST_LEADS]
    columns = [
        Column(words("col.group")), Column(words("col.indicator")), Column(words("col.lead_value"), True),
        Column(words("col.members_mean"), True), Column(words("col.difference"), True), Column(words("col.ratio"), True),
        Column(words("col.members"), True), Column(words("col.before_after"), True, is_narrow=True), Column(words("col.moved")),
    ]  # fmt: skip
    rows = [_lead_row(catalogue.indicators[row["indicator_id"]], row, words) for row in shown]
    is_all = len(shown) == len(leads)
    caption = words("leads.caption.all") if is_all else words("leads.caption", shown=len(shown), n=len(leads))
    return Table("leads-table", caption, columns, rows, f"{file_stem(facts)}-leads.csv")


def _lead_row(indicator: Indicator, row: Found, words: Words) -> Row:
    digits = indicator.decimals
    head = [
        Cell(row["group_name"]),
        Cell(words.short(indicator), words.label(indicator.label), badge=words.label(indicator.unit)),
    ]
    values = [_value(row["lead_value"], digits), _value(row["members_mean"], digits)]
    if row["lead_state"] == "ok":
        compared = [_value(row["difference"], digits), _value(row["ratio"], 2)]
    else:
        why, state = (
            words(f"lead.{row['lead_state']}"),
            "missing" if row["lead_state"].endswith("_missing") else "not_applicable",
        )
        compared = [Cell(numbers.DASH, ""), Cell("", why, state, words.symbol(state), why, True)]
    before, after = row["difference_before"], row["difference_followed"]
    past = numbers.DASH if before is None else f"{numbers.fixed(before, digits)} → {numbers.fixed(after, digits)}"
    moved = Cell(numbers.DASH, "")
    if row["narrowed_by"] is not None:
        by = row["narrowed_by"]
        name, mark = ("closer", "↓") if by > 0 else ("wider", "↑") if by < 0 else ("same", "→")
        moved = Cell(f"{mark} {words(f'moved.{name}')}", numbers.raw(by))
    return Row(
        [*head, *values, *compared, Cell(str(row["members"])), Cell(past, numbers.raw(before)), moved],
        code=row["group_id"],
    )


def _value(value: float | None, decimals: int) -> Cell:
    return Cell(numbers.fixed(value, decimals), numbers.raw(value))


# --- what explains a gap -----------------------------------------------------------------------------------------------


def apart(facts: PageFacts, catalogue: Catalogue, words: Words) -> Made | None:
    """How much of each gap lies between classes of schools: of the widest in words, of all as a table; its classes beside."""
    ways = [name for name in catalogue.partitions if any(row["divided_by"] == name for row in facts.around.divisions)]
    by_gap = {(row["indicator_id"], row["divided_by"]): row for row in facts.around.divisions}
    worst = facts.worst
    if worst is None or not ways or not any(_share(by_gap.get((worst.indicator.id, w))) is not None for w in ways):
        return None
    labels = {name: words.label(catalogue.partitions[name].label) for name in ways}
    columns = [Column(words("col.indicator")), Column(words("col.cv"), True), *(Column(labels[w], True) for w in ways)]
    rows = [
        Row([
            Cell(words.short(gap.indicator), words.label(gap.indicator.label)), Cell(numbers.cv(gap.cv, gap.limit), numbers.raw(gap.cv)),
            *(_share_cell(by_gap.get((gap.indicator.id, w))) for w in ways),
        ], trace=gap.trace_id)
        for gap in facts.gaps
        if gap.is_shown
    ]  # fmt: skip
    return {
        "lead": _apart_lead(worst, {labels[w]: _share(by_gap.get((worst.indicator.id, w))) for w in ways}, words),
        "table": Table("apart-table", words("apart.caption"), columns, rows, f"{file_stem(facts)}-between.csv"),
        "classes": _class_table(facts, worst, labels, words),
        "details": words("classes.details", name=words.short(worst.indicator)),
    }  # fmt: skip


def _share(row: Found | None) -> float | None:
    """The share between classes, null where the schools are of one class or it is not computable."""
    return None if row is None or row["state"] != "ok" or row["classes"] < 2 else row["share_between"]


def _share_cell(row: Found | None) -> Cell:
    share = _share(row)
    return Cell(numbers.percent(share, 1), numbers.raw(share))


def _apart_lead(worst: Gap, shares: dict[str, float | None], words: Words) -> str:
    known = [(way, share) for way, share in shares.items() if share is not None]
    said = [words("apart.way", way=way, share=numbers.percent(share)) for way, share in known]
    joined = "；".join(said) if words.language == "zh" else "; ".join(said)
    text = words("apart.lead", name=words.short(worst.indicator), cv=numbers.cv(worst.cv, worst.limit), ways=joined)
    one = [way for way, share in shares.items() if share is None]
    return words.sentences([text, words("apart.one", ways=words.several(one)) if one else ""])


def _class_table(facts: PageFacts, worst: Gap, labels: dict[str, str], words: Words) -> Table | None:
    most = FEW_CLASSES if _is_long(facts) else MOST_CLASSES
    digits = worst.indicator.decimals
    columns = [
        Column(words("col.way")), Column(words("col.class")), Column(words("col.n"), True), Column(words("col.pupils_share"), True),
        Column(words("col.mean"), True), Column(words("col.mean_ratio"), True), Column(words("col.cv_inside"), True),
        Column(words("col.share_all"), True), Column(words("col.share_between"), True),
    ]  # fmt: skip
    rows = []
    for way, label in labels.items():
        mine = [r for r in facts.around.classes if (r["indicator_id"], r["divided_by"]) == (worst.indicator.id, way)]
        for row in mine[:most] if len(mine) > 1 else ():
            rows.append(Row([
                Cell(label), Cell(words.of(row, "class")), Cell(str(row["schools"])),
                Cell(numbers.percent(row["pupils_share"], 1), numbers.raw(row["pupils_share"])), _value(row["mean"], digits),
                _value(row["mean_ratio"], 2), Cell(numbers.cv(row["cv"]), numbers.raw(row["cv"])),
                Cell(numbers.percent(row["share"], 1), numbers.raw(row["share"])),
                Cell(numbers.percent(row["share_between"], 1), numbers.raw(row["share_between"])),
            ], group=way, code=row["class_code"]))  # fmt: skip
    caption = words("classes.caption", name=words.short(worst.indicator), most=most)
    return Table("classes-table", caption, columns, rows, f"{file_stem(facts)}-classes.csv") if rows else None
