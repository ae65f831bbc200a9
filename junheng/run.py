"""``junheng run``: take in what changed, compute, check, publish."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from junheng.front import CatalogueOption, DebugOption, HomeOption, err, one_sentence, out

NOTHING_CHANGED = 3


@one_sentence
def run(
    home: HomeOption,
    year: Annotated[int | None, typer.Option(help="只收这一年的文件 / take in files of this year only.")] = None,
    catalogue: CatalogueOption = "",
    strict: Annotated[
        bool, typer.Option("--strict", help="有更正不能应用即失败 / fail when a correction does not hold.")
    ] = False,
    debug: DebugOption = False,
) -> None:
    """收取变化的文件，计算并发布 / Take in what changed, compute, publish a release.

    Files lie in HOME/inbox/<year>/. What is new: files, withdrawals, corrections, rosters, catalogue, code.
    Exit codes: 0 published, 1 failed (the latest release stays as it was), 3 nothing changed.
    """
    publish(home, catalogue, year, strict=strict)


def publish(home: Path, catalogue: str = "", year: int | None = None, *, strict: bool = False) -> None:
    """Runs the pipeline with progress on stderr and says what was published. Raises typer.Exit(3) if nothing changed."""
    with _Bars() as bars:
        bars.start()
        from assets.run import run as materialise

        outcome = materialise(home, catalogue, year, bars.tell, strict=strict)
    if outcome.release_id is None:
        out.print(
            f"没有变化，最新发布仍为 {outcome.latest_id} / nothing changed; the latest release is {outcome.latest_id}"
        )
        raise typer.Exit(NOTHING_CHANGED)
    _report(home, outcome.release_id)


class _Bars:
    """Progress of a run: files of the year being read, then steps of the publication."""

    def __enter__(self) -> _Bars:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self.progress = Progress(*columns, console=err, transient=True)
        self.progress.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self.progress.__exit__(None, None, None)

    def start(self) -> None:
        self.files = self.progress.add_task("读取文件 / reading files", total=None)
        self.steps = self.progress.add_task("计算与发布 / computing, publishing", total=None)
        self.done = 0

    def tell(self, step: str, done: int, total: int) -> None:
        """A listener of ``assets.progress``."""
        from assets.run import steps_of

        if step == "files":
            self.progress.update(self.files, completed=done, total=total)
        elif step != "years":
            self.done += 1
            name = f"{step}"
            self.progress.update(self.steps, completed=self.done, total=steps_of("publish"), description=name)


def _report(home: Path, release_id: str) -> None:
    """What the release holds, in a few lines: counts that say whether the data are right, not only that a run ended."""
    import duckdb

    folder = home / "releases" / release_id
    with duckdb.connect(str(folder / "junheng.duckdb"), read_only=True) as connection:
        schools, rows = connection.execute("select count(*), count(distinct year) from school").fetchall()[0]
        parts = connection.execute(
            "select sum(rows_read), sum(rows_accepted), sum(rows_quarantined), sum(rows_filtered), sum(rows_not_data) "
            "from submission_part"
        ).fetchall()[0]
        found = connection.execute("select severity, count(*) from finding group by 1 order by 1").fetchall()
        fixed = dict(connection.execute("select is_applied, count(*) from correction group by 1").fetchall())
        gaps = connection.execute(
            "select state, count(*) from gap_coefficient where area_level = 'county' group by 1 order by 1"
        ).fetchall()
    read, accepted, quarantined, filtered, not_data = (int(n or 0) for n in parts)
    out.print(f"✓ 已发布 {release_id} / published {release_id}")
    out.print(f"  学校 {schools}（{rows} 年）/ {schools} schools, {rows} year(s)")
    out.print(
        f"  行数：读 {read} = 接受 {accepted} + 隔离 {quarantined} + 略去 {filtered} + 非数据 {not_data} / "
        f"rows: {read} read = {accepted} accepted + {quarantined} quarantined + {filtered} filtered + {not_data} not data"
    )
    out.print("  问题 / findings: " + (", ".join(f"{s} {n}" for s, n in found) or "0"))
    if fixed:
        done, open_ = fixed.get(True, 0), fixed.get(False, 0)
        out.print(f"  更正：应用 {done}，未应用 {open_} / corrections: {done} applied, {open_} not applied")
    out.print("  县级差异系数 / county gap coefficients: " + (", ".join(f"{s} {n}" for s, n in gaps) or "0"))
    out.print(f"  网页 / pages: {folder / 'site' / 'index.html'}", markup=False)
    out.print(f"  数据库 / database: {folder / 'junheng.duckdb'}", markup=False)
