"""``junheng sample``: made-up provinces as workbooks in a home's inbox."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from junheng.front import DebugOption, HomeOption, err, one_sentence, out

if TYPE_CHECKING:
    from pipeline.sample import Asked, Written

DEFAULT_YEARS = "2022-2025"


@one_sentence
def sample(
    home: HomeOption,
    provinces: Annotated[int, typer.Option(min=1, max=10, help="省数（1至10）/ provinces, 1 to 10.")] = 1,
    counties: Annotated[int, typer.Option(min=1, help="平均每省县数 / counties of a province on average.")] = 25,
    schools: Annotated[
        int, typer.Option(min=5, help="平均每县学校和教学点数 / schools and teaching points of a county on average.")
    ] = 57,
    years: Annotated[
        str, typer.Option(help="年份，如 2022-2025 / collection years, such as 2022-2025.")
    ] = DEFAULT_YEARS,
    seed: Annotated[int, typer.Option(min=0, help="随机种子；相同则字节相同 / same seed, same bytes.")] = 1,
    errors: Annotated[
        float, typer.Option(min=0, help="每100份报表植入的错误数 / mistakes planted for every 100 workbooks.")
    ] = 0,
    processes: Annotated[
        int, typer.Option(min=0, help="进程数，0 为全部核 / processes, 0 for one a core; the bytes are the same.")
    ] = 0,
    debug: DebugOption = False,
) -> None:
    """写出虚构省份的示例报表 / Write sample returns of made-up provinces into the home's inbox, and their roster.

    Beside the home, never inside it: HOME-truth (what the returns would hold without mistakes) and HOME-key.csv (the mistakes).
    """
    from pipeline.sample import Asked

    asked = Asked(home, provinces, counties, schools, years_of(years), seed, errors)
    tell(asked, write(asked, processes))


def years_of(text: str) -> tuple[int, ...]:
    """The years of ``2022-2025`` or ``2025``. Raises HomeError for anything else."""
    from pipeline.errors import HomeError

    found = re.fullmatch(r"\s*(\d{4})\s*(?:[-–~至]\s*(\d{4})\s*)?", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not 2012 <= first <= last <= 2099:
        raise HomeError(
            f"年份“{text}”应写作 2022-2025 或 2025（2012 至 2099）",
            f"the years “{text}” should read 2022-2025 or 2025, between 2012 and 2099",
        )
    return tuple(range(first, last + 1))


def write(asked: Asked, processes: int) -> Written:
    """Writes a sample with progress on stderr."""
    import os

    from pipeline.sample import write_sample
    from pipeline.schema import load_catalogue

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("写示例报表 / writing sample returns", total=None)
        workers = processes or len(os.sched_getaffinity(0))
        return write_sample(
            asked, load_catalogue(), workers, lambda done, total: progress.update(task, completed=done, total=total)
        )


def tell(asked: Asked, written: Written) -> None:
    """Says what was written, in counts, and that it is made up."""
    years = f"{asked.years[0]}–{asked.years[-1]}" if len(asked.years) > 1 else f"{asked.years[0]}"
    out.print(
        f"✓ 已写入 {written.workbooks} 份虚构的示例报表 / wrote {written.workbooks} made-up sample returns: {asked.home / 'inbox'}",
        markup=False,
    )
    out.print(
        f"  {written.provinces} 省 {written.counties} 县 {written.schools} 所学校和教学点，{years} 年，{written.rows} 行 / "
        f"provinces {written.provinces}, counties {written.counties}, schools and points {written.schools}, "
        f"years {years}, rows {written.rows}"
    )
    out.print(
        f"  植入错误 {written.mistakes} 处，清单 / mistakes planted {written.mistakes}, listed in {written.key}",
        markup=False,
    )
    out.print(f"  无误的原值 / the truth without mistakes: {written.truth}", markup=False)
    out.print("  地名、校名、数据全部虚构，不对应任何真实地方 / all of it is invented and stands for no real place")
