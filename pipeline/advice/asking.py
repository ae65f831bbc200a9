"""Advice asked of a release: one county and one indicator, by stage, with wishes of one's own."""

from __future__ import annotations

import csv
import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.advice import words
from pipeline.advice.adding import Spending, spending
from pipeline.advice.costs import unit_cost
from pipeline.advice.county import Case
from pipeline.advice.judge import Judge
from pipeline.advice.planning import NOT_BY_MOVING, held, wishes_of
from pipeline.advice.reading import cases, county_gaps, of_release
from pipeline.advice.rotation import PLANNED, WITHIN, Rotation, rotation
from pipeline.advice.side_effects import SideEffect, side_effects
from pipeline.errors import HomeError
from pipeline.release.verify import folder_of
from pipeline.schema import load_catalogue
from pipeline.schema.advice_limits import AdviceLimits
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home

PREFERENCES = ("group", "district")
COST_COLUMNS = ("school_id", "yuan_per_unit")


@dataclass(frozen=True)
class Question:
    """What is asked. Empty: the latest year, every stage, the catalogue's standard, its limit, the settings' share and weight;
    ``unit_cost``: of one unit everywhere; ``unit_costs``: a CSV file of costs by school."""

    county: str
    indicator: str
    year: int | None = None
    stage: str | None = None
    standard: str | None = None
    limit: float | None = None
    prefer: str | None = None
    keep: float | None = None
    unit_cost: float | None = None
    unit_costs: Path | None = None


@dataclass(frozen=True)
class Answer:
    """What comes of it in one stage. ``rotation`` is None where the indicator cannot move; ``spending`` is None where moving does.
    ``is_priced``: costs are in yuan, else in units."""

    case: Case
    rotation: Rotation | None
    effects: tuple[SideEffect, ...]
    turned: tuple[str, ...]
    spending: Spending | None
    cv_after: float | None
    is_priced: bool
    prefer: str = ""

    @property
    def has_plan(self) -> bool:
        """Whether what was asked for can be done, or need not be."""
        made = self.rotation or self.spending
        return made is not None and made.state in (PLANNED, WITHIN)

    def plain(self) -> dict[str, Any]:
        """The answer for JSON, with its sentences."""
        told = dataclasses.asdict(self) | {"has_plan": self.has_plan}
        if self.rotation is not None:
            said = words.rotation(self.case, self.rotation, self.prefer)
            told["rotation"] |= {"moved": self.rotation.moved, "reason_zh": said.zh, "reason_en": said.en}
            told["rotation"] |= {f"between_{k}s": self.rotation.crossing(k) for k in PREFERENCES}
        if self.spending is not None:
            said = words.spending(self.case, self.spending)
            told["spending"] |= {"units": self.spending.units, "units_school": self.spending.units_school}
            told["spending"] |= {"reason_zh": said.zh, "reason_en": said.en}
        return told


class Adviser:
    """Answers questions from a home's latest release; nothing is written."""

    def __init__(self, home: Home) -> None:
        self.folder = folder_of(home, "latest")
        self.catalogue: Catalogue = load_catalogue(self.folder / "catalogue")
        self.tables = of_release(self.folder)

    def answers(self, question: Question) -> list[Answer]:
        """An answer a stage. Raises HomeError naming what is not there, with what is nearest to it."""
        _check(question)
        try:
            rows = self._gaps(question)
            with Judge(self.catalogue) as judge:
                found = cases(self.tables, self.catalogue, rows, question.limit)
                return sorted(
                    (self._answer(c, question, judge) for c in found), key=lambda a: self._order(a.case.stage)
                )
        except (FileNotFoundError, pl.exceptions.ColumnNotFoundError):
            raise HomeError(
                f"发布 {self.folder.name} 由较早的版本生成，缺少方案所需的表或列；请再运行一次 junheng run",
                f"release {self.folder.name} was made by an earlier version and lacks tables or columns that advice needs: "
                "run junheng run once more",
            ) from None

    def county_name(self, code: str) -> str:
        names = {row["code"]: row["name_zh"] for row in self._counties()}
        return str(names.get(code, ""))

    def _order(self, stage: str) -> int:
        return list(self.catalogue.stages).index(stage)

    def _answer(self, case: Case, question: Question, judge: Judge) -> Answer:
        wishes = dataclasses.replace(
            wishes_of(self.catalogue, judge, case.limit), prefer=question.prefer or "",
            time_limit_s=AdviceLimits.of(self.catalogue).time_limit_s,
        )  # fmt: skip
        if question.keep is not None:
            wishes = dataclasses.replace(wishes, keep=question.keep)
        made = rotation(case, wishes) if case.can_move else None
        if made is not None and made.state == PLANNED:
            effects = side_effects(case, made, judge)
            turned = tuple(e.indicator_id for e in effects if e.is_turned(judge))
            kept = held(case, case.values(made.units_after), judge)
            return Answer(case, made, effects, turned, None, kept, False, wishes.prefer)
        if made is not None and made.state not in NOT_BY_MOVING:
            return Answer(case, made, (), (), None, None, False)
        costs, is_priced = self._costs(case, question)
        added = spending(case, wishes.largest, wishes.tolerance, costs)
        after = held(case, added.values, judge) if added.state == PLANNED else None
        return Answer(case, made, (), (), added, after, is_priced)

    def _costs(self, case: Case, question: Question) -> tuple[tuple[float, ...], bool]:
        """Cost of one unit by school: of the file, else the one given, else that of the register, else 1 (units are counted)."""
        price = question.unit_cost
        if price is None:
            price = unit_cost(Home(self.folder), self.catalogue, case.indicator_id, case.year)
        by_school = _costs_of(question.unit_costs) if question.unit_costs else {}
        lacking = [s.school_id for s in case.schools if s.school_id not in by_school]
        if question.unit_costs and lacking and price is None:
            raise HomeError(
                f"{question.unit_costs} 中没有学校 {lacking[0]} 的单价；请补上，或用 --unit-cost 给出其余学校的单价",
                f"{question.unit_costs} gives no cost for school {lacking[0]}: add it, or give the others' by --unit-cost",
            )
        costs = tuple(by_school.get(s.school_id, 1.0 if price is None else price) for s in case.schools)
        return costs, price is not None or bool(by_school)

    def _gaps(self, question: Question) -> pl.DataFrame:
        """The gaps that are asked about. Raises HomeError naming the first thing that is not there."""
        indicator = self._indicator(question.indicator)
        standard = self._standard(question.standard, indicator)
        county = self._county(question.county)
        gaps = county_gaps(self.tables).filter(
            pl.col("area_code") == county, pl.col("indicator_id") == indicator, pl.col("standard_id") == standard
        )
        years = gaps["year"].unique().sort().to_list()
        year = question.year if question.year is not None else max(years, default=None)
        if year not in years:
            raise _unknown("年份", "year", str(year), {str(y): "" for y in years})
        if question.stage is not None and question.stage not in gaps["stage"].to_list():
            raise _unknown("学段", "stage", question.stage, dict.fromkeys(gaps["stage"].unique().sort().to_list(), ""))
        asked = gaps.filter(pl.col("year") == year)
        if question.stage is not None:
            asked = asked.filter(pl.col("stage") == question.stage)
        if question.limit is None and asked["cv_limit"].null_count():
            raise HomeError(
                f"标准 {standard} 没有给出单项差异系数的上限，请用 --limit 给出",
                f"the standard {standard} sets no limit for a single coefficient: give one by --limit",
            )
        return asked

    def _counties(self) -> list[dict[str, Any]]:
        return self.tables("division").filter(pl.col("level") == "county").collect().to_dicts()

    def _county(self, given: str) -> str:
        rows = self._counties()
        names = {row["code"]: row["name_zh"] for row in rows}
        if given in names:
            return given
        meant = {row["code"] for row in rows if given in (row["name_zh"], row["name_en"])}
        if len(meant) != 1:
            raise _unknown("区县", "county", given, names)
        return str(meant.pop())

    def _indicator(self, given: str) -> str:
        indicators = self.catalogue.indicators.values()
        words = {
            i.id: {w for said in (i.label, i.short) if said for w in (said.zh, said.en.lower())} for i in indicators
        }
        meant = [name for name, said in words.items() if given == name or given.lower() in said]
        if not meant:
            raise _unknown("指标", "indicator", given, {i.id: i.label.zh for i in indicators})
        return meant[0]

    def _standard(self, given: str | None, indicator: str) -> str:
        """The standard asked for, else the catalogue's, else the first that measures gaps of the indicator."""
        measuring = {
            s.id: s.label.zh for s in self.catalogue.standards.values() if s.gap and indicator in s.gap.indicators
        }
        if given is not None and given not in self.catalogue.standards:
            raise _unknown("标准", "standard", given, {s.id: s.label.zh for s in self.catalogue.standards.values()})
        if not measuring or (given is not None and given not in measuring):
            listed = "、".join(measuring) or "—"
            raise HomeError(
                f"{given or '任何标准'} 不计算指标 {indicator} 的差异系数；计算它的有：{listed}",
                f"{given or 'no standard'} {'does not measure' if given else 'measures'} the gap of {indicator}; those that do: {listed}",
            )
        default = self.catalogue.about.default_standard
        return given or (default if default in measuring else next(iter(measuring)))


def _check(question: Question) -> None:
    """Refuses wishes that mean nothing."""
    if question.limit is not None and not question.limit > 0:
        raise HomeError("--limit 须大于 0", "--limit must be above 0")
    if question.keep is not None and not 0 <= question.keep <= 1:
        raise HomeError("--keep 须在 0 与 1 之间", "--keep must lie between 0 and 1")
    if question.prefer is not None and question.prefer not in PREFERENCES:
        raise _unknown("--prefer", "--prefer", question.prefer, dict.fromkeys(PREFERENCES, ""))
    if question.unit_cost is not None and not question.unit_cost > 0:
        raise HomeError("--unit-cost 须大于 0", "--unit-cost must be above 0")


def _unknown(zh: str, en: str, given: str, known: Mapping[str, str]) -> HomeError:
    """An error that names what is nearest, or what there is where nothing is near and it is little."""
    labels = {label: name for name, label in known.items() if label}
    holding = [text for text in (*known, *labels) if given and given.lower() in text.lower()]
    close = holding[:3] or difflib.get_close_matches(given, [*known, *labels], n=3, cutoff=0.5)
    near = [*dict.fromkeys(labels.get(text, text) for text in close)] or (list(known) if len(known) <= 4 else [])
    told = "、".join(f"{name} {known[name]}".strip() for name in near)
    more_zh, more_en = (f"，相近的有：{told}", f"; the nearest are: {told}") if told else ("", "")
    return HomeError(f"没有{zh}“{given}”{more_zh}", f"there is no {en} “{given}”{more_en}")


def _costs_of(path: Path) -> dict[str, float]:
    """Costs by school of a CSV file. Raises HomeError naming file and line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise HomeError(f"{path} 无法读取：{error}", f"{path} cannot be read: {error}") from None
    costs: dict[str, float] = {}
    for line, row in enumerate(rows, 2):
        try:
            school, cost = row[COST_COLUMNS[0]], float(row[COST_COLUMNS[1]])
        except (KeyError, TypeError, ValueError):
            school, cost = "", 0.0
        if not school or not 0 < cost < float("inf") or school in costs:
            listed = ",".join(COST_COLUMNS)
            raise HomeError(
                f"{path} 第 {line} 行无法使用；应有列 {listed}，每校一行，单价大于 0",
                f"line {line} of {path} cannot be used: columns {listed} are expected, one row a school, costs above 0",
            )
        costs[school] = cost
    return costs
