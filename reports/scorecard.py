"""Facts of the school rule: which counted schools are up to a standard, by how many items, and what each item came to.

Here: records and counts, for every standard with a school rule. Not here: any verdict (``school_score`` and
``indicator_attainment`` hold them) and words (``reasons``, ``item_table``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.schema.model import Catalogue, Indicator, Item, SchoolRule, Standard
from reports.facts import Shown


@dataclass(frozen=True)
class ItemValue:
    """A school's value on an item. ``level`` and ``floor`` are those of the school, in the indicator's unit."""

    indicator: Indicator
    value: float | None
    level: float | None
    floor: float | None
    shown: Shown
    is_veto: bool
    trace_id: str

    @property
    def is_missing(self) -> bool:
        return self.shown in ("missing", "not_collected")

    @property
    def is_failed(self) -> bool:
        return self.shown in ("below", "unmet")

    @property
    def is_under_floor(self) -> bool:
        """Whether the item has a floor and the school is under it."""
        return self.shown == "unmet" and self.floor is not None


@dataclass(frozen=True)
class Result:
    """What a school comes to under a standard; ``meets`` is null while missing items could decide it."""

    school_id: str
    name: str
    pupils: float
    applicable: int
    met: int
    missing: int
    score: float | None
    score_min: float | None
    score_max: float | None
    has_veto: bool | None
    meets: bool | None
    items: tuple[ItemValue | None, ...]

    def of(self, *, missing: bool = False) -> tuple[ItemValue, ...]:
        """The items that are failed, or those without a value, in the order of the standard."""
        return tuple(i for i in self.items if i is not None and (i.is_missing if missing else i.is_failed))

    @property
    def state(self) -> str:
        return "undecided" if self.meets is None else "met" if self.meets else "unmet"


@dataclass(frozen=True)
class Scorecard:
    """A standard's schools of a county's stage, the lowest score first. ``columns``: the standard's items with a level."""

    standard: Standard
    rule: SchoolRule
    columns: tuple[tuple[Item, Indicator], ...]
    results: tuple[Result, ...]

    @property
    def counts(self) -> Counter[str]:
        """Schools by what they come to: met, unmet, undecided."""
        return Counter(result.state for result in self.results)

    @property
    def distribution(self) -> list[tuple[int, int]]:
        """Items met → schools, most items first."""
        return sorted(Counter(result.met for result in self.results).items(), reverse=True)

    @property
    def has_scores(self) -> bool:
        """Whether the standard ranks counties by the score of their schools, so that the score is worth showing."""
        return "mean_score" in self.standard.measures

    def result_of(self, school_id: str) -> Result | None:
        return next((result for result in self.results if result.school_id == school_id), None)


def scorecard(
    catalogue: Catalogue, standard: Standard, scores: Sequence[Mapping[str, Any]], items: Sequence[Mapping[str, Any]]
) -> Scorecard | None:
    """The scorecard of a standard from its rows; none where it has no school rule or counts no school.

    Raises AssertionError when the items of a school do not add up to what its score says.
    """
    if standard.school_rule is None or not scores:
        return None
    by_school: dict[str, dict[str, ItemValue]] = {}
    for row in items:
        by_school.setdefault(row["school_id"], {})[row["indicator_id"]] = _item(catalogue, row)
    present = {name for values in by_school.values() for name in values}
    columns = tuple((i, catalogue.indicators[i.indicator]) for i in standard.items if i.indicator in present)
    results = tuple(_result(row, by_school.get(row["school_id"], {}), columns) for row in scores)
    return Scorecard(standard, standard.school_rule, columns, results)


def _item(catalogue: Catalogue, row: Mapping[str, Any]) -> ItemValue:
    return ItemValue(
        catalogue.indicators[row["indicator_id"]], row["value"], row["threshold"], row["floor"], shown_of(row),
        bool(row["is_veto"]), row["trace_id"],
    )  # fmt: skip


def shown_of(row: Mapping[str, Any]) -> Shown:
    """What a row of ``indicator_attainment`` comes to."""
    if row["state"] != "ok":
        state: Shown = row["state"]
        return state
    if row["is_met"]:
        return "met"
    return "below" if row["floor"] is not None and row["is_above_floor"] else "unmet"


def _result(
    row: Mapping[str, Any], values: Mapping[str, ItemValue], columns: Sequence[tuple[Item, Indicator]]
) -> Result:
    items = tuple(values.get(indicator.id) for _, indicator in columns)
    result = Result(
        row["school_id"], row["name"] or row["school_id"], float(row["pupils"]), int(row["applicable"]), int(row["met"]),
        int(row["missing"]), row["score"], row["score_min"], row["score_max"], row["has_veto"], row["meets"], items,
    )  # fmt: skip
    shown = Counter(item.shown for item in items if item is not None)
    assert shown["met"] == result.met, f"{result.school_id}: items met do not add up"
    assert shown["missing"] + shown["not_collected"] == result.missing, (
        f"{result.school_id}: missing items do not add up"
    )
    assert sum(shown.values()) - shown["not_applicable"] == result.applicable, (
        f"{result.school_id}: items do not add up"
    )
    return result
