"""A trial: files are received, read, validated and counted as a run would do it, in a home of their own that is gone at once.

So that what ``junheng check`` says is what a run will say. Nothing of it is kept, and the home it is held against (its
rosters, the year before) is only read.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from expectations.validate import validate
from pipeline import findings
from pipeline.checked import CheckedFile
from pipeline.nearest import nearest
from pipeline.release.version import code_digest
from pipeline.schema.model import Catalogue
from pipeline.schema.rule_columns import reads_before
from pipeline.store.before import facts_before
from pipeline.store.home import Home
from pipeline.store.ingest import RECORDS, ROW_SCHEMA, ingest_year, write_parquet
from pipeline.store.ledger import Counted, Ledger, counted, derive
from pipeline.store.receipts import receive
from pipeline.store.roster import read_roster

LENT = ("roster", "divisions")
"""Folders of a home that say what is expected: a trial sees them as they are."""

NEED_STAGES = ("school_without_pupils", "school_sent_nothing", "stage_sent_nothing", "fewer_schools_than_roster")
"""Rules about what did not come, which only files with rows of stages can tell."""


@dataclass(frozen=True)
class Sent:
    """A file to be tried: where it is, the collection year it would be sent for, and its bytes."""

    path: Path
    year: int
    data: bytes


@dataclass(frozen=True)
class Trial:
    """What came of files tried together: each file in the order given, and by year what would count of them alone."""

    files: tuple[CheckedFile, ...]
    counted: dict[int, Counted]


def try_files(sent: Sequence[Sent], catalogue: Catalogue, home: Home | None) -> Trial:
    """Tries files that are sent together. ``catalogue``: with the rosters of the home.

    Raises HomeError for a roster that cannot be used, FaultError for a rule that cannot be evaluated.
    """
    with _scratch(home) as scratch:
        ids = _received(scratch, sent)
        years = sorted({file.year for file in sent})
        compared = {year: _validate(scratch, catalogue, year, home) for year in years}
        ledger = derive(scratch, catalogue)
        of_year = {year: counted(scratch, catalogue, [year]) for year in years}
        cells = {year: json.loads((scratch.rows(year) / "cells.json").read_text(encoding="utf-8")) for year in years}
        found = _with_nearest_codes(_of_what_came(ledger.finding, of_year), of_year, scratch, catalogue)
    before = sum(reads_before(rule) for rule in catalogue.rules.values())
    files = [
        _checked(file, submission, ledger, found, of_year[file.year], cells[file.year].get(submission, {}))
        for file, submission in zip(sent, ids, strict=True)
    ]
    return Trial(
        tuple(
            CheckedFile(**(vars(f) | {"not_compared": 0 if compared[f.year] else before})) for f in files
        ),
        of_year,
    )  # fmt: skip


@contextmanager
def _scratch(home: Home | None) -> Iterator[Home]:
    """A home for one trial, with the rosters of another."""
    with tempfile.TemporaryDirectory(prefix="junheng-check-") as folder:
        scratch = Home(Path(folder))
        scratch.submissions.mkdir(parents=True)
        for name in LENT if home is not None else ():
            lent = home.path / name if home is not None else scratch.path
            if lent.is_dir():
                (scratch.path / name).symlink_to(lent.resolve(), target_is_directory=True)
        yield scratch


def _received(scratch: Home, sent: Sequence[Sent]) -> list[str]:
    """Receives the files, in the order given; their receipts' ids."""
    paths = []
    for number, file in enumerate(sent):
        folder = scratch.inbox / str(file.year) / f"{number:06}"
        folder.mkdir(parents=True)
        name = file.path.name.lstrip(".~$") or "file"  # what a run would pass over is checked all the same
        (folder / name).write_bytes(file.data)
        paths.append(os.fsencode(f"{file.year}/{number:06}/{name}").decode("utf-8", "backslashreplace"))
    by_path = {receipt.path: receipt.submission_id for receipt in receive(scratch)}
    return [by_path[path] for path in paths]


def _validate(scratch: Home, catalogue: Catalogue, year: int, home: Home | None) -> bool:
    """Reads and validates a year of the trial; whether it was compared with the year before."""
    ingest_year(scratch, catalogue, year)
    folder = scratch.rows(year)
    frames = {record: pl.read_parquet(folder / f"{record}.parquet") for record in RECORDS}
    cells = json.loads((folder / "cells.json").read_text(encoding="utf-8"))
    reading = pl.read_parquet(folder / "reading_findings.parquet")
    before = facts_before(home, catalogue, code_digest(), year) if home is not None else None
    is_known = before is not None and before.school.height > 0
    found = validate(frames, catalogue, cells, reading, before=before if is_known else None)
    write_parquet(found, folder / "rule_findings.parquet")
    return is_known


def _checked(
    file: Sent,
    submission: str,
    ledger: Ledger,
    found: pl.DataFrame,
    of_year: Counted,
    cells: dict[str, dict[str, dict]],
) -> CheckedFile:
    of_file = pl.col("submission_id") == submission
    status, layout = ledger.submission.filter(of_file).select("status", "layout_id").row(0)
    rows = of_year.rows.filter(of_file).select(ROW_SCHEMA.keys())
    blank, mine = frozenset(_blank(of_year, submission)), found.filter(of_file)
    return CheckedFile(
        file.path, submission, file.year, file.data, status, layout, mine, rows, cells, blank, not_compared=0
    )


def _blank(of_year: Counted, submission: str) -> Iterator[tuple[str, str]]:
    """Part and column of everything that no row of the part of a file tells."""
    for frame in of_year.typed.values():
        for (part,), rows in frame.filter(pl.col("submission_id") == submission).group_by("part"):
            nulls = rows.null_count().row(0, named=True)
            yield from ((str(part), name) for name, count in nulls.items() if count == rows.height)


def _of_what_came(found: pl.DataFrame, of_year: dict[int, Counted]) -> pl.DataFrame:
    """Findings without those of pupils and schools that are missing, where no row of a stage was tried: they are to be
    expected in another file of the county."""
    frames = [counted.typed["stage"].select("year", "county_code") for counted in of_year.values()]
    told = pl.concat(frames).unique()
    lacking = found.filter(pl.col("rule_id").is_in(NEED_STAGES)).join(told, on=told.columns, how="anti")
    return found.join(lacking.select("finding_id"), on="finding_id", how="anti", maintain_order="left")


def _with_nearest_codes(
    found: pl.DataFrame, of_year: dict[int, Counted], home: Home, catalogue: Catalogue
) -> pl.DataFrame:
    """Findings of schools that are not on the roster say which of its county's schools that the same sheet lacks has nearly
    the same code."""
    strange = found.filter((pl.col("rule_id") == "school_not_on_roster") & pl.col("nearest").is_null())
    said = {}
    for year, county in strange.select("year", "county_code").unique().iter_rows():
        roster = read_roster(home, year, catalogue)
        known = roster.schools_of(county) if roster is not None else pl.DataFrame({"school_id": [], "name": []})
        names = dict(known.select("school_id", "name").iter_rows())
        of_county = strange.filter((pl.col("year") == year) & (pl.col("county_code") == county))
        for finding_id, school, part in of_county.select("finding_id", "school_id", "part").iter_rows():
            came = set(of_year[year].rows.filter(pl.col("part") == part)["school_id"])
            near = nearest(school or "", (code for code in names if code not in came))
            said[finding_id] = f"{near} {names[near] or ''}".strip() if near else None
    if not said:
        return found
    code = pl.col("finding_id").replace_strict(said, default=None, return_dtype=pl.String)
    return found.with_columns(nearest=pl.coalesce("nearest", code))


def not_opened(path: Path, year: int, why: tuple[str, str], data: bytes = b"") -> CheckedFile:
    """A file that cannot be tried at all: one finding says why, in Chinese and English."""
    place = {"submission_id": path.name, "part": "", "sheet": "", "row": None, "cell": "", "year": year}
    found = findings.frame(
        [findings.of_reading("file_unreadable", place, found=str(path), why_zh=why[0], why_en=why[1])]
    )
    return CheckedFile(
        path,
        path.name,
        year,
        data,
        "unreadable",
        None,
        findings.with_ids(found),
        pl.DataFrame(schema=ROW_SCHEMA),
        {},
        frozenset(),
        0,
    )
