"""The facts of the verdict on a county: each standard's determination, its items, their tests and the relaxations.

Here: reading and choosing; the verdicts, values, limits and reasons are those of the tables. Not here: words (``verdict_tables``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.schema.model import Catalogue, Standard
from reports.reader import Groups, Reader, Rows


@dataclass(frozen=True)
class Verdicts:
    """Rows of the latest year by (county, standard); ``determinations`` holds one row each."""

    determinations: Groups
    items: Groups
    tests: Groups
    relaxations: Groups


NO_VERDICTS = Verdicts(Groups({}), Groups({}), Groups({}), Groups({}))


@dataclass(frozen=True)
class CountyVerdict:
    """What a county comes to under one standard. ``row``: of ``county_determination``; ``items``: in their order to read in,
    those that differ from what the county declares first; ``tests``: by item; ``relaxations``: granted to the county or its
    schools, whether they hold or not."""

    standard: Standard
    row: dict[str, Any]
    items: tuple[dict[str, Any], ...]
    tests: tuple[dict[str, Any], ...]
    relaxations: tuple[dict[str, Any], ...]

    @property
    def is_relaxed(self) -> bool:
        """Whether a relaxation turns any item, even where the whole stays as it is."""
        return any(item["verdict"] != item["verdict_relaxed"] for item in self.items)

    @property
    def differing(self) -> tuple[dict[str, Any], ...]:
        return tuple(item for item in self.items if item["differs"])


def read_verdicts(reader: Reader) -> Verdicts:
    """Reads the groups; tables without rows give empty ones."""
    key = ["county_code", "standard_id"]
    return Verdicts(*(reader.groups(sql, key, year=reader.year) for sql in (_WHOLE, _ITEMS, _TESTS, _RELAXATIONS)))


def verdicts_of(catalogue: Catalogue, verdicts: Verdicts, county: str) -> tuple[CountyVerdict, ...]:
    """The county under every standard that is held against counties, that of the pages first."""
    first = catalogue.about.default_standard
    order = [first, *(name for name in catalogue.standards if name != first)]
    found = ((catalogue.standards[name], verdicts.determinations.get((county, name))) for name in order)
    return tuple(_one(standard, rows, verdicts, county) for standard, rows in found if rows)


def _one(standard: Standard, rows: Rows, verdicts: Verdicts, county: str) -> CountyVerdict:
    key = (county, standard.id)
    groups = (verdicts.items, verdicts.tests, verdicts.relaxations)
    return CountyVerdict(standard, rows[0], *(tuple(group.get(key)) for group in groups))


COUNTED = ("items_met", "items_unmet", "items_missing", "items_not_applicable")


def check_verdicts(verdicts: Sequence[CountyVerdict]) -> None:
    """Asserts that the counts of a determination are those of its items."""
    for one in verdicts:
        deciding = [item for item in one.items if item["decides"]]
        assert sum(one.row[name] for name in COUNTED) == one.row["items"] == len(deciding), "items do not add up"
        states = ("met", "unmet", "no_data", "not_applicable")
        for name, state in zip(COUNTED, states, strict=True):
            assert one.row[name] == sum(item["verdict"] == state for item in deciding), f"{name} is not what is listed"


_WHOLE = "select * from county_determination where year = $year order by county_code, standard_id"

_ITEMS = "select * from county_item where year = $year order by county_code, standard_id, position, item_order, item_id"

_TESTS = """
select t.*, i.position, i.item_no
from county_item_test as t
inner join county_item as i
    on i.year = t.year and i.standard_id = t.standard_id and i.county_code = t.county_code and i.item_id = t.item_id
where t.year = $year
order by t.county_code, t.standard_id, i.position, i.item_order, t.item_id, t.counts desc, t.stage, t.test_id
"""

_RELAXATIONS = """
select r.*, coalesce(s.name, nullif(r.school_id, '')) as name
from relaxation as r
left join school as s on s.year = r.year and s.school_id = r.school_id
where r.year = $year
order by r.county_code, r.standard_id, r.is_needed desc, r.expires, r.relaxation_id, r.school_id, r.starts
"""
