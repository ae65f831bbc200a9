"""``junheng advise``: what would bring a county's gap within its limit, by moving people or adding what cannot move."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from junheng.front import DebugOption, HomeOption, one_sentence, out

if TYPE_CHECKING:
    from pipeline.advice.adding import Spending
    from pipeline.advice.asking import Adviser, Answer
    from pipeline.advice.rotation import Rotation

WIDTH = 120
LEVELS = {"group": "集团内 inside a group", "district": "学区内 inside a district", "county": "县内 across the county"}


@one_sentence
def advise(
    home: HomeOption,
    county: Annotated[str, typer.Option(help="区县代码或名称 / county, by code or name.")],
    indicator: Annotated[str, typer.Option(help="指标标识或名称 / indicator, by id or name.")],
    year: Annotated[
        int | None, typer.Option(help="统计年份，省略为最新 / collection year; the latest if omitted.")
    ] = None,
    stage: Annotated[str | None, typer.Option(help="学段，省略为全部 / stage; all if omitted.")] = None,
    standard: Annotated[
        str | None, typer.Option(help="标准，省略用目录所定 / standard; the catalogue's if omitted.")
    ] = None,
    limit: Annotated[
        float | None, typer.Option(help="上限，省略用标准所定 / limit; the standard's if omitted.")
    ] = None,
    prefer: Annotated[
        str | None,
        typer.Option(
            help="group 或 district：先求少跨集团（学区），再求人次少 / stay inside these first, then move few."
        ),
    ] = None,
    keep: Annotated[
        float | None, typer.Option(help="每校至少留下的比例（0 至 1）/ least share of its people that a school keeps.")
    ] = None,
    unit_cost: Annotated[
        float | None, typer.Option("--unit-cost", help="每单位的费用 / cost of one unit, in yuan.")
    ] = None,
    unit_costs: Annotated[
        Path | None,
        typer.Option(
            "--unit-costs", help="各校单位费用的 CSV（school_id,yuan_per_unit）/ costs by school, a CSV file."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON.")] = False,
    debug: DebugOption = False,
) -> None:
    """怎样缩小差距 / What would bring a county's gap within its limit: the fewest moves, or the least spending.

    Reads the latest release and writes nothing. Exit codes: 0 a plan or nothing to do, 1 no plan exists (the sentence says why).
    """
    from pipeline.advice.asking import Adviser, Question
    from pipeline.store.home import open_home

    adviser = Adviser(open_home(home))
    question = Question(county, indicator, year, stage, standard, limit, prefer, keep, unit_cost, unit_costs)
    answers = adviser.answers(question)
    if as_json:
        out.print_json(json.dumps([answer.plain() for answer in answers], ensure_ascii=False))
    else:
        for answer in answers:
            _print(adviser, answer)
    raise typer.Exit(0 if all(answer.has_plan for answer in answers) else 1)


def _print(adviser: Adviser, answer: Answer) -> None:
    from pipeline.advice import words

    case = answer.case
    label, stage = adviser.catalogue.indicators[case.indicator_id].label, adviser.catalogue.stages[case.stage].label
    where = f"{case.county_code} {adviser.county_name(case.county_code)}"
    out.print(
        f"\n{where} · {label.zh} {label.en} · {stage.zh} {stage.en} · {case.year} · {case.standard_id}", markup=False
    )
    if answer.rotation is not None:
        said = words.rotation(case, answer.rotation, answer.prefer)
        out.print(f"{said.zh}\n{said.en}", markup=False)
        if answer.rotation.moves:
            _print_moves(answer, answer.rotation)
            _print_effects(adviser, answer)
    if answer.spending is not None:
        said = words.spending(case, answer.spending)
        out.print(f"{said.zh}\n{said.en}", markup=False)
        if answer.spending.schools:
            _print_added(answer, answer.spending)
    if answer.cv_after is not None:
        out.print(f"差异系数 coefficient: {case.cv or 0:.4f} → {answer.cv_after:.4f}  (≤ {case.limit:g})", markup=False)


def _wide() -> Console:
    """A console for tables, which are not squeezed where the terminal is narrow."""
    return Console(width=WIDTH, highlight=False)


def _print_moves(answer: Answer, made: Rotation) -> None:
    names = {s.school_id: s.name for s in answer.case.schools}
    table = Table("调出 from", "调入 to", "人次 people", "范围 within")
    for move in made.moves:
        giver, taker = (f"{i} {names[i]}" for i in (move.from_school_id, move.to_school_id))
        table.add_row(escape(giver), escape(taker), str(move.units), LEVELS[move.level])
    _wide().print(table)
    if made.gap:
        out.print(
            f"与最优的差距至多 {made.gap:g} / at most {made.gap:g} better is possible (moves across, or moves where staying inside is preferred)"
        )


def _print_effects(adviser: Adviser, answer: Answer) -> None:
    """What becomes of the other counts of the same people, as a range."""
    if not answer.effects:
        return
    table = Table(
        "其他指标 other indicator", "上限 limit", "现在 now", "按平均 at the average", "至多 at most",
        "未达标学校 schools below",
    )  # fmt: skip
    for effect in answer.effects:
        indicator = adviser.catalogue.indicators[effect.indicator_id]
        label = indicator.short or indicator.label
        numbers = (effect.cv_limit, effect.cv_before, effect.cv_average, effect.cv_all)
        below = ("—" if n is None else str(n) for n in (effect.schools_below_before, effect.schools_below_all))
        mark = " !" if effect.indicator_id in answer.turned else ""
        shown = ("—" if n is None else f"{n:.3f}" for n in numbers)
        table.add_row(escape(f"{label.zh} {label.en}{mark}"), *shown, " → ".join(below))
    _wide().print(table)
    out.print(
        "报表不说明谁兼有几种身份：按平均＝交流者如其学校的平均；至多＝交流者尽可能都是；! ＝可能因此超过上限\n"
        "Returns do not say who is of several kinds. At the average: as their school is on average. At most: all who move "
        "are. !: may exceed its limit by it.",
        markup=False,
    )


def _print_added(answer: Answer, made: Spending) -> None:
    names = {s.school_id: s.name for s in answer.case.schools}
    table = Table("学校 school", "现有 now", "增加 added", "整校 whole school", "现值 value", "之后 after")
    for school in made.schools:
        if school.units_added > 0:
            numbers = (
                school.units_now,
                school.units_added,
                school.units_school,
                school.value_before,
                school.value_after,
            )
            table.add_row(escape(f"{school.school_id} {names[school.school_id]}"), *(f"{n:,.2f}" for n in numbers))
    _wide().print(table)
    unit_zh, unit_en = ("元", "yuan") if answer.is_priced else ("单位", "units")
    out.print(
        f"费用：本学段份额 {made.cost:,.2f} {unit_zh}，整校 {made.cost_school:,.2f} {unit_zh}；比连续最优多至多 {made.distance:,.2f}\n"
        f"cost: {made.cost:,.2f} {unit_en} for the stage's part, {made.cost_school:,.2f} for whole schools; at most "
        f"{made.distance:,.2f} above the continuous optimum",
        markup=False,
    )
