"""What a file would change if it were sent: its schools and figures against what counts now for the same county and year.

Where nothing of the county came yet in the year, against the year before. Only what the file tells of is compared: the
schools of its parts, the fields that its columns hold. Nothing is kept. Not here: how the file was tried
(``expectations.trial``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import polars as pl

from pipeline.checked import CheckedFile
from pipeline.release.version import code_digest
from pipeline.returns.typing import is_numeric
from pipeline.schema.entry import Label
from pipeline.schema.model import Catalogue
from pipeline.schema.rule_columns import ROWS, ROWS_LABELS
from pipeline.store.before import facts_counted
from pipeline.store.facts import Facts
from pipeline.store.home import Home
from pipeline.store.ingest import is_fresh
from pipeline.store.ledger import Counted, counted

MOVED_BY = 1 / 3
"""From which share of its value on a figure is said to have moved."""

Basis = Literal["this_year", "year_before", "nothing"]


@dataclass(frozen=True)
class School:
    """A school by code and name; ``was`` and ``now`` where something of it changes."""

    school_id: str
    name: str
    was: str = ""
    now: str = ""


@dataclass(frozen=True)
class Moved:
    """A figure of a school (and stage) that changes by more than a third, or that comes or goes. ``by``: share of the
    value then; null where that was 0 or there was none. A ``now`` of null would be blank."""

    school_id: str
    name: str
    stage: str | None
    field: str
    label: Label
    was: float
    now: float | None
    by: float | None


@dataclass(frozen=True)
class Preview:
    """What would change. ``against`` says in words what the file is compared with, ``compared_year`` which year that is."""

    basis: Basis
    against: Label
    compared_year: int | None = None
    new: tuple[School, ...] = ()
    gone: tuple[School, ...] = ()
    renamed: tuple[School, ...] = ()
    retyped: tuple[School, ...] = ()
    of_other_county: tuple[School, ...] = ()
    quarantined: tuple[School, ...] = ()
    moved: tuple[Moved, ...] = ()
    emptied: tuple[Moved, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON: labels as ``{zh, en}``."""
        plain = asdict(replace(self, against=None, moved=(), emptied=()))  # type: ignore[arg-type]
        figures = {
            name: [{**vars(m), "label": m.label.model_dump()} for m in getattr(self, name)]
            for name in ("moved", "emptied")
        }
        return plain | {"against": self.against.model_dump()} | figures

    def lines(self) -> Iterator[tuple[str, str, list[str]]]:
        """Each kind of change that there is: its name in both languages, and a line a change."""
        kinds = (
            ("新增学校", "new schools", self.new),
            ("不再出现的学校", "schools gone", self.gone),
            ("改名", "renamed", self.renamed),
            ("办学类型改变", "retyped", self.retyped),
            ("改属他县", "moved to another county", self.of_other_county),
            ("将被隔离的学校", "schools that would be quarantined", self.quarantined),
        )
        for zh, en, schools in kinds:
            if schools:
                yield zh, en, [_line_of_school(school) for school in schools]
        for zh, en, figures in (
            ("变动超过三分之一的数", "figures that move by more than a third", self.moved),
            ("变为空白的数", "figures that become blank", self.emptied),
        ):
            if figures:
                yield zh, en, [_line_of_figure(figure) for figure in figures]


def _line_of_school(school: School) -> str:
    change = f"：{school.was} → {school.now}" if school.was or school.now else ""
    return f"{school.school_id} {school.name}{change}"


def _line_of_figure(moved: Moved) -> str:
    share = "" if moved.by is None else f"（{moved.by:+.0%}）"
    now = "空白 blank" if moved.now is None else f"{moved.now:.10g}"
    stage = f" {moved.stage}" if moved.stage else ""
    return f"{moved.school_id} {moved.name}{stage}  {moved.label.zh} {moved.label.en}：{moved.was:.10g} → {now}{share}"


# -- what it is compared with ------------------------------------------------------------------------------------------


def preview_of(checked: CheckedFile, of_file: Counted, home: Home, catalogue: Catalogue) -> Preview:
    """What one file would change in a home. ``of_file``: what counts of the trial it was part of."""
    counties = sorted({code for code in checked.rows["county_code"] if code})
    if not counties:
        zh, en = "文件没有可以归到区县的行，没有可比的", "no row of the file belongs to a county: nothing to compare"
        return Preview("nothing", Label(zh=zh, en=en))
    stale = []
    for year, basis in ((checked.year, "this_year"), (checked.year - 1, "year_before")):
        if year not in home.years():
            continue
        if not is_fresh(home, catalogue, code_digest(), year):
            stale.append(year)
            break  # an older year would be the wrong thing to compare with
        then = counted(home, catalogue, [year])
        if _live(then).filter(pl.col("county_code").is_in(counties)).height:
            return _compared(checked, of_file, then, catalogue, counties, year, basis)  # type: ignore[arg-type]
    if stale:
        zh = f"{stale[0]} 年在这个工作目录中还没有按现在的程序、目录和收件计算过：请先运行 junheng run，再预览"
        en = f"{stale[0]} has not been run in this home with its files, catalogue and program as they are now: junheng run first"
        return Preview("nothing", Label(zh=zh, en=en))
    zh = f"工作目录里没有本县 {checked.year} 年和 {checked.year - 1} 年的数据，没有可比的"
    en = f"the home holds nothing of this county for {checked.year} or {checked.year - 1}: nothing to compare"
    return Preview("nothing", Label(zh=zh, en=en))


def _live(then: Counted) -> pl.DataFrame:
    """Parts that count."""
    return then.parts.filter((pl.col("status") == "accepted") & (pl.col("county_code") != ""))


def _compared(
    checked: CheckedFile,
    of_file: Counted,
    then: Counted,
    catalogue: Catalogue,
    counties: Sequence[str],
    year: int,
    basis: Basis,
) -> Preview:
    mine = _of_submission(of_file, checked.submission_id)
    sent = {school for school in checked.rows["school_id"] if school}
    then = _about(then, counties, sent)
    now, was = facts_counted(catalogue, mine), facts_counted(catalogue, then)
    pool = _comparable(checked, mine, then, counties)
    names = dict(was.school.select("school_id", "name").iter_rows())
    names |= {school: name for school, name in now.school.select("school_id", "name").iter_rows() if name}
    known = set(was.school["school_id"])
    moved, emptied = _figures(checked, catalogue, now, was, names)
    if basis == "this_year":
        zh, en = f"与现在计入的本县 {year} 年数据比较", f"against what counts now for this county in {year}"
    else:
        zh = f"本县 {checked.year} 年尚无数据，与上一年（{year}）比较"
        en = f"nothing of this county counts yet in {checked.year}: against the year before, {year}"
    return Preview(
        basis,
        Label(zh=zh, en=en),
        year,
        new=_schools(set(now.school["school_id"]) - known, names),
        gone=_schools(pool - sent, names),
        renamed=_changed(was, now, "name", names),
        retyped=_changed(was, now, "school_type", names),
        of_other_county=_changed(was, now, "county_code", names),
        quarantined=_quarantined(checked, names),
        moved=moved,
        emptied=emptied,
    )


def _of_submission(of_file: Counted, submission: str) -> Counted:
    """What counts of one file of a trial."""
    mine = pl.col("submission_id") == submission
    return _only(of_file, mine, of_file.counties.filter(mine))


def _about(then: Counted, counties: Sequence[str], schools: set[str]) -> Counted:
    """What counted of these counties, and of these schools wherever they were."""
    chosen = pl.col("county_code").is_in(counties) | pl.col("school_id").is_in(sorted(schools))
    return _only(then, chosen, then.counties.filter(pl.col("county_code").is_in(counties)))


def _only(of: Counted, chosen: pl.Expr, own: pl.DataFrame) -> Counted:
    """Of what counts, the chosen rows; ``own``: the counties' own rows."""
    counting, lost = (
        {record: rows.filter(chosen) for record, rows in frames.items()} for frames in (of.counting, of.lost)
    )
    return replace(of, counting=counting, lost=lost, counties=own)


def _comparable(checked: CheckedFile, mine: Counted, then: Counted, counties: Sequence[str]) -> set[str]:
    """Schools that counted in the parts that the file replaces; where it replaces none (another layout, another year with
    other parts), those of which rows of the same kinds and stages counted."""
    parts = set(checked.rows["part"])
    same = _live(then).filter(
        pl.col("county_code").is_in(counties)
        & pl.col("part").is_in(sorted(parts))
        & (pl.col("layout_id") == checked.layout_id)
    )
    if same.height:
        key = ["submission_id", "part", "county_code"]
        rows = then.rows.join(same.select(key), on=key).filter(pl.col("disposition").is_in(["accepted", "quarantined"]))
        return {school for school in rows["school_id"] if school}
    found: set[str] = set()
    for record, frame in mine.counting.items():
        held = then.counting[record].filter(pl.col("county_code").is_in(counties))
        if record in ("stage", "class"):
            held = held.filter(pl.col("stage").is_in(frame["stage"].unique().to_list()))
        elif record == "school" and mine.counting["stage"].height:
            continue  # a file of one stage holds a row for each of its schools: the stage rows say which
        found |= set(held["school_id"].drop_nulls()) if frame.height else set()
    return found


# -- what differs ------------------------------------------------------------------------------------------------------


def _schools(ids: set[str], names: dict[str, str]) -> tuple[School, ...]:
    return tuple(School(school, names.get(school) or "") for school in sorted(ids))


def _changed(was: Facts, now: Facts, column: str, names: dict[str, str]) -> tuple[School, ...]:
    """Schools of which a column says another thing than it did; blank then or now is no change."""
    if column not in was.school.columns or column not in now.school.columns:
        return ()
    joined = now.school.select("school_id", now=column).join(was.school.select("school_id", was=column), on="school_id")
    rows = joined.filter(pl.col("was") != pl.col("now")).sort("school_id")
    return tuple(School(s, names.get(s) or "", str(then), str(here)) for s, here, then in rows.iter_rows())


def _quarantined(checked: CheckedFile, names: dict[str, str]) -> tuple[School, ...]:
    """Schools of which rows would be set aside."""
    ids = checked.rows.filter(pl.col("disposition") == "quarantined")["school_id"].drop_nulls().unique()
    return _schools(set(ids), names)


def _figures(
    checked: CheckedFile, catalogue: Catalogue, now: Facts, was: Facts, names: dict[str, str]
) -> tuple[tuple[Moved, ...], tuple[Moved, ...]]:
    """Figures that moved, the most first, and those that would become blank: of the fields that the file has a column for,
    and the number of its rows of each kind."""
    given = {key.split("@")[0] for part in checked.cells.values() for key in part}
    counts = {ROWS[record] for record in ("class", "room") if now.school[ROWS[record]].sum()}
    moved: list[Moved] = []
    emptied: list[Moved] = []
    for here, then, key in ((now.school, was.school, ["school_id"]), (now.stage, was.stage, ["school_id", "stage"])):
        common = [c for c in here.columns if c in then.columns and c not in key]
        chosen = [c for c in common if (c in given and _is_figure(catalogue, c)) or (c in counts and len(key) == 1)]
        joined = here.select(*key, *chosen).join(then.select(*key, *chosen), on=key, suffix="__was")
        for column in chosen:
            for row in joined.select(*key, now=column, was=f"{column}__was").iter_rows(named=True):
                figure = _moved(row, column, catalogue, names)
                if figure is not None:
                    (emptied if figure.now is None else moved).append(figure)
    moved.sort(key=lambda m: (-abs(m.by) if m.by is not None else float("-inf"), m.school_id, m.stage or "", m.field))
    emptied.sort(key=lambda m: (m.field, m.school_id, m.stage or ""))
    return tuple(moved), tuple(emptied)


def _is_figure(catalogue: Catalogue, column: str) -> bool:
    field = catalogue.fields.get(column)
    return field is not None and is_numeric(field.type) and field.type != "boolean"


def _moved(row: dict[str, Any], column: str, catalogue: Catalogue, names: dict[str, str]) -> Moved | None:
    was, now = row["was"], row["now"]
    if was is None or (now is not None and abs(now - was) <= MOVED_BY * abs(was)):
        return None
    by = (now - was) / abs(was) if now is not None and was else None
    label = catalogue.fields[column].label if column in catalogue.fields else None
    if label is None:
        zh, en = ROWS_LABELS[column]
        label = Label(zh=zh, en=en)
    return Moved(row["school_id"], names.get(row["school_id"]) or "", row.get("stage"), column, label, was, now, by)
