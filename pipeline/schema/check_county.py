"""What a standard says of counties must hang together: items, tests, their expressions, and relaxations."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pipeline.schema.county import CountyItem, CountyTest, Every, Limit, Ratio, Relaxation, Survey, Total, YesNo
from pipeline.schema.fault import Fault, Path, of_expression, unknown
from pipeline.schema.model import Catalogue, Standard

SECTION = "standards"
SURVEY_WAY = "verdict_survey_way"
"""Setting: the way of asking on which a survey is judged."""


def county_faults(catalogue: Catalogue, columns: Collection[str]) -> Iterator[Fault]:
    """Every fault of the county items and relaxations of the standards. ``columns``: what a condition on rows of schools may read."""
    of_schools = {*columns, *_own_stage(catalogue)}
    for standard in catalogue.standards.values():
        rules = [rule.id for rule in standard.scope]
        for i, name in enumerate(standard.county_scope):
            if name not in rules:
                yield unknown(SECTION, standard.id, ("county_scope", i), name, rules)
        for i, item in enumerate(standard.county_items):
            yield from _item(catalogue, standard, item, ("county_items", i), of_schools)
        for i, relaxation in enumerate(standard.relaxations):
            yield from _relaxation(catalogue, standard, relaxation, ("relaxations", i), of_schools)
    yield from _once(catalogue)


def _own_stage(catalogue: Catalogue) -> Iterator[str]:
    for field in catalogue.fields_of("stage"):
        for stage in catalogue.judged_stages:
            yield f"{field.id}_{stage.id}"


def _cells(catalogue: Catalogue) -> set[str]:
    return {f.id for f in catalogue.fields_of("county")}


def _item(
    catalogue: Catalogue, standard: Standard, item: CountyItem, path: Path, of_schools: Collection[str]
) -> Iterator[Fault]:
    cells, seen = _cells(catalogue), set[str]()
    named = [("declared", item.declared)] if item.declared is not None else []
    for key, name in [*named, *((("evidence_fields"), n) for n in item.evidence_fields)]:
        if name not in cells:
            yield unknown(SECTION, standard.id, (*path, key), name, cells)
    for i, test in enumerate(item.tests):
        at = (*path, "tests", i)
        if test.id in seen:
            zh, en = f"判定“{test.id}”重名", f"the test “{test.id}” stands twice"
            yield Fault(SECTION, standard.id, (*at, "id"), zh, en)
        seen.add(test.id)
        if isinstance(test, Survey):
            yield from _survey(catalogue, standard, item, test, at)
        else:
            yield from _test(catalogue, standard, test, at, of_schools)


def _survey(catalogue: Catalogue, standard: Standard, item: CountyItem, test: Survey, at: Path) -> Iterator[Fault]:
    """A survey stands for a ratio of its item, and reads a cell of the county; a standard has one survey."""
    ratios = [t.id for t in item.tests if isinstance(t, Ratio)]
    parties = [party.id for party in test.parties]
    for key, name, known in (
        ("stands_for", test.stands_for, ratios), ("share_of", test.share_of, parties), ("residents", test.residents, _cells(catalogue)),
    ):  # fmt: skip
        if name not in known:
            yield unknown(SECTION, standard.id, (*at, key), name, known)
    first = next(t for i in standard.county_items for t in i.tests if isinstance(t, Survey))
    if first is not test:
        yield Fault(
            SECTION, standard.id, (*at, "kind"), "一个标准只能有一项调查（survey）", "a standard has one survey at most"
        )
    setting = catalogue.settings.get(SURVEY_WAY)
    ways = ["both", *(way.id for way in test.ways)]
    if setting is not None and setting.value not in ways:
        yield unknown("settings", SURVEY_WAY, ("value",), str(setting.value), ways)


def _test(
    catalogue: Catalogue, standard: Standard, test: CountyTest, at: Path, of_schools: Collection[str]
) -> Iterator[Fault]:
    for i, key in enumerate(test.settings):
        if key not in catalogue.settings:
            yield unknown(SECTION, standard.id, (*at, "settings", i), key, catalogue.settings)
    beside = _cells(catalogue) | set(test.settings)
    if isinstance(test, Every):
        for key, text in _texts(test, ("where", "value", "numerator", "denominator")):
            yield from of_expression(SECTION, standard.id, (*at, key), text, {*of_schools, *beside})
        yield from _limit(standard, test.limit, at, {*of_schools, *beside})
    elif isinstance(test, Ratio):
        yield from _ratio(catalogue, standard, test, at, of_schools)
    elif isinstance(test, YesNo):
        if test.field not in _cells(catalogue):
            yield unknown(SECTION, standard.id, (*at, "field"), test.field, _cells(catalogue))
        yield from of_expression(SECTION, standard.id, (*at, "applies_when"), test.applies_when, beside | {"year"})
    else:
        yield from _needs(standard, test, at)


def _ratio(
    catalogue: Catalogue, standard: Standard, test: Ratio, at: Path, of_schools: Collection[str]
) -> Iterator[Fault]:
    for name, total in test.totals.items():
        if name in _cells(catalogue) or name in test.settings:
            zh, en = f"“{name}”已是县级单元格或设置的名称", f"“{name}” is the name of a cell or setting already"
            yield Fault(SECTION, standard.id, (*at, "totals", name), zh, en)
        yield from _total(catalogue, standard, total, (*at, "totals", name), of_schools)
    known = {"year", *_cells(catalogue), *test.settings, *test.totals}
    for key, text in _texts(test, ("numerator", "denominator", "applies_when")):
        yield from of_expression(SECTION, standard.id, (*at, key), text, known)
    yield from _limit(standard, test.limit, at, known)


def _total(
    catalogue: Catalogue, standard: Standard, total: Total, at: Path, of_schools: Collection[str]
) -> Iterator[Fault]:
    for key, text in _texts(total, ("sum", "any", "where")):
        yield from of_expression(SECTION, standard.id, (*at, key), text, of_schools)
    judged = {stage.id for stage in catalogue.judged_stages}
    if total.stage is not None and total.stage not in judged:
        yield unknown(SECTION, standard.id, (*at, "stage"), total.stage, judged)
    if total.stage is not None and not total.over.endswith("_stage"):
        zh, en = "stage 只用于按学段的行", "stage goes with rows of stages only"
        yield Fault(SECTION, standard.id, (*at, "stage"), zh, en)


def _texts(entry: object, keys: Collection[str]) -> Iterator[tuple[str, str | None]]:
    for key in keys:
        yield key, getattr(entry, key)


def _limit(standard: Standard, limit: Limit | None, at: Path, known: Collection[str]) -> Iterator[Fault]:
    if isinstance(limit, str):
        yield from of_expression(SECTION, standard.id, (*at, "limit"), limit, known)


def _needs(standard: Standard, test: CountyTest, at: Path) -> Iterator[Fault]:
    """Tests of gaps and of schools need the standard to have them."""
    gap = standard.gap
    needs = {
        "gaps": (gap is not None and bool(gap.limits), "gap 的 limits", "gap with limits"),
        "composite": (gap is not None and bool(gap.composite_limits), "gap 的 composite_limits", "gap with composite_limits"),
        "schools": (standard.school_rule is not None, "school_rule", "a school_rule"),
    }  # fmt: skip
    held, zh, en = needs[test.kind]
    if not held:
        yield Fault(
            SECTION, standard.id, (*at, "kind"), f"判定 {test.kind} 需要标准给出 {zh}", f"the test {test.kind} needs the standard to give {en}",
        )  # fmt: skip


def _relaxation(
    catalogue: Catalogue, standard: Standard, relaxation: Relaxation, at: Path, of_schools: Collection[str]
) -> Iterator[Fault]:
    for key, text in _texts(relaxation, ("when", "needs", "numerator")):
        yield from of_expression(SECTION, standard.id, (*at, key), text, of_schools)
    listed = [item.indicator for item in standard.items]
    if relaxation.indicator is not None and relaxation.indicator not in listed:
        yield unknown(SECTION, standard.id, (*at, "indicator"), relaxation.indicator, listed)
    if relaxation.item is None:
        return
    items = {item.id: item for item in standard.county_items}
    if relaxation.item not in items:
        yield unknown(SECTION, standard.id, (*at, "item"), relaxation.item, items)
        return
    tests = {test.id: test for test in items[relaxation.item].tests if isinstance(test, Every)}
    for name, put in relaxation.tests.items():
        if name not in tests:
            yield unknown(SECTION, standard.id, (*at, "tests", name), name, tests)
            continue
        known = {*of_schools, *_cells(catalogue), *tests[name].settings}
        yield from of_expression(SECTION, standard.id, (*at, "tests", name, "value"), put.value, known)
        yield from _limit(standard, put.limit, (*at, "tests", name), known)


def _once(catalogue: Catalogue) -> Iterator[Fault]:
    """Ids of items and of relaxations: of items once in a standard, of relaxations once in all, since the register names them."""
    relaxations = set[str]()
    for standard in catalogue.standards.values():
        items = set[str]()
        for i, item in enumerate(standard.county_items):
            if item.id in items:
                yield _twice(standard, ("county_items", i, "id"), item.id)
            items.add(item.id)
        for i, relaxation in enumerate(standard.relaxations):
            if relaxation.id in relaxations:
                yield _twice(standard, ("relaxations", i, "id"), relaxation.id)
            relaxations.add(relaxation.id)


def _twice(standard: Standard, at: Path, name: str) -> Fault:
    return Fault(SECTION, standard.id, at, f"“{name}”重名", f"“{name}” stands twice")
