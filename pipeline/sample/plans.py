"""Which workbook gets which mistake, and the key of all that were planted.

Here: kinds in turn over workbooks, and the rows of the key. Not here: what a mistake does (``mistakes``).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import cycle
from pathlib import Path

from pipeline.sample.draws import Draws
from pipeline.sample.parameters import Spec, parameters
from pipeline.store.home import replacing


@dataclass(frozen=True)
class Plan:
    """One mistake to come: its number in the sample, its kind and its form."""

    number: int
    kind: Spec
    form: Spec


@dataclass(frozen=True)
class Planted:
    """One row of the key. ``was`` and ``written`` are in the unit of the form; ``expected`` lists rules, parted by spaces."""

    number: int
    kind: str
    form: str
    year: int
    county_code: str
    file: str
    sheet: str
    row: str
    field: str
    school_id: str
    was: str
    written: str
    expected: str
    undetectable: str


def plan_mistakes(
    seed: int, errors: float, counties: Sequence[str], years: Sequence[int]
) -> dict[tuple[str, int], list[Plan]]:
    """Which workbook, by county and year, gets which mistakes: ``errors`` for every 100 workbooks, kinds in turn."""
    workbooks = [(county, year) for year in years for county in counties]
    order = [workbooks[i] for i in Draws(seed).permutation(len(workbooks), "mistakes")]
    kinds = parameters("mistakes")
    desk = _Desk(order, years[0])
    for number in range(round(errors * len(workbooks) / 100)):
        kind = kinds[number % len(kinds)]
        form = kind["forms"][number // len(kinds) % len(kind["forms"])]
        is_alone = form.get("alone", kind.get("alone", False))
        is_later = form.get("later", kind.get("later", False))
        desk.give(Plan(number + 1, kind, form), is_later=is_later, is_alone=is_alone)
    return desk.plans


class _Desk:
    """Hands mistakes to workbooks: an untouched one each while there are any, then one after the other once more."""

    def __init__(self, order: Sequence[tuple[str, int]], first_year: int) -> None:
        self.plans: dict[tuple[str, int], list[Plan]] = {}
        self.alone: set[tuple[str, int]] = set()
        self.any, self.later = iter(order), iter([book for book in order if book[1] > first_year])
        self.again = cycle(order)
        self.workbooks = len(order)

    def give(self, plan: Plan, *, is_later: bool, is_alone: bool) -> None:
        fresh = self.later if is_later else self.any
        book = next((book for book in fresh if book not in self.plans), None)
        if book is None:
            tried = [next(self.again) for _ in range(min(self.workbooks, len(self.alone) + 1))]
            book = next((book for book in tried if book not in self.alone), tried[0])
        self.plans.setdefault(book, []).append(plan)
        if is_alone:
            self.alone.add(book)


def write_key(path: Path, planted: Sequence[Planted]) -> None:
    """The key of a sample: a row for each cell or row that was spoilt, in the order of the mistakes."""
    names = [f.name for f in fields(Planted)]
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(names)
        for entry in sorted(planted, key=lambda p: p.number):
            writer.writerow([getattr(entry, name) for name in names])
