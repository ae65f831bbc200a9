"""Receipts of a year to typed rows on disk. A file read before with the same layouts is taken from the cache."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline import findings
from pipeline.returns.limits import MAX_BYTES, too_large
from pipeline.returns.reader import READER_VERSION, FileRows, read_file, refused
from pipeline.returns.rows import record_schema
from pipeline.returns.table import UnreadableError
from pipeline.schema.entry import RecordType
from pipeline.schema.model import Catalogue
from pipeline.schema.rule_columns import reads_before
from pipeline.store import corrected
from pipeline.store.corrections import corrections_digest, read_corrections
from pipeline.store.home import Home, replacing, write_atomically
from pipeline.store.inbox import why_not_followed
from pipeline.store.receipts import Receipt, all_receipts, content_of
from pipeline.store.roster import roster_digest, roster_in_force
from pipeline.store.withdrawals import withdrawals_digest

RECORDS: tuple[RecordType, ...] = ("school", "stage", "class", "room", "county")
UNDATED = 0
"""Folder of the rows of files that lie outside every year's folder."""

SUBMISSION_SCHEMA: dict[str, pl.DataType] = {
    "submission_id": pl.String(),
    "status": pl.String(),
    "layout_id": pl.String(),
}
ROW_SCHEMA: dict[str, pl.DataType] = {
    "submission_id": pl.String(),
    "part": pl.String(),
    "row": pl.Int64(),
    "county_code": pl.String(),
    "school_id": pl.String(),
    "disposition": pl.String(),
    "reason": pl.String(),
    "sheet": pl.String(),
}


@dataclass(frozen=True)
class YearRows:
    """What was read of one year: how many files, how many of them anew, and how many source rows and findings."""

    year: int
    files: int
    read_anew: int
    rows: int
    findings: int


def reading_digest(catalogue: Catalogue, year: int) -> str:
    """What reading a file of a year depends on: layouts, cells, stages, codes, words, branches, divisions of the year, and the
    reader itself."""
    parts = [READER_VERSION]
    parts += [layout.model_dump_json() for layout in catalogue.layouts.values()]
    parts += [f.model_dump_json() for f in catalogue.fields.values() if not f.is_derived]
    parts += [stage.model_dump_json() for stage in catalogue.stages.values()]
    parts += [catalogue.writing.model_dump_json()] if catalogue.writing else []
    parts += [codes.model_dump_json() for codes in catalogue.codes.values()]
    parts += [catalogue.about.branch_when or ""]
    valid = (d for d in catalogue.divisions if d.valid_from <= year <= d.valid_to)
    parts += [f"{d.code}|{d.level}|{d.parent_code}|{d.name_zh}|{d.name_en}" for d in valid]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def typed_schema(catalogue: Catalogue, record: RecordType) -> dict[str, pl.DataType]:
    """Columns of a stored typed row: submission, part, year, then those of its record type."""
    lead = {"submission_id": pl.String(), "part": pl.String(), "year": pl.Int64()}
    return lead | record_schema(catalogue, record)


def frames_of(result: FileRows, catalogue: Catalogue, submission_id: str, year: int) -> dict[RecordType, pl.DataFrame]:
    """Typed rows of one file by record type, as a year's store would hold them, without keeping anything."""
    lead = [pl.lit(submission_id).alias("submission_id"), pl.lit(year, pl.Int64).alias("year")]
    frames: dict[RecordType, pl.DataFrame] = {}
    for record in RECORDS:
        schema = typed_schema(catalogue, record)
        parts = [p.frames[record].with_columns(*lead, part=pl.lit(p.part)) for p in result.parts if record in p.frames]
        frames[record] = pl.concat(parts).select(schema.keys()) if parts else pl.DataFrame(schema=schema)
    return frames


def ingest_year(
    home: Home, catalogue: Catalogue, year: int, progress: Callable[[int, int], None] | None = None
) -> YearRows:
    """Reads every receipt of a year into ``store/rows/<year>/``: a Parquet file a record type, rows, findings, cells.

    Typed rows are as the home's corrections of the year leave them. Raises HomeError for a correction that cannot be used.
    """
    receipts = [r for r in all_receipts(home) if (r.year or UNDATED) == year]
    digest = reading_digest(catalogue, year)
    collected: dict[str, list[pl.DataFrame]] = {}
    cells: dict[str, dict[str, object]] = {}
    anew = 0
    for number, receipt in enumerate(receipts, 1):
        cached = _cache_folder(home, receipt, digest)
        if not _is_whole(cached):
            shutil.rmtree(cached, ignore_errors=True)
            _read_into(cached, home, receipt, catalogue)
            anew += 1
        _collect(cached, receipt, collected, cells)
        if progress:
            progress(number, len(receipts))
    folder = home.rows(year)
    (folder / "fingerprint").unlink(missing_ok=True)  # until validation ends, the rows are those of no known state
    schemas: dict[str, dict[str, pl.DataType]] = {
        **{record: typed_schema(catalogue, record) for record in RECORDS},
        "submissions": SUBMISSION_SCHEMA,
        "rows": ROW_SCHEMA,
        "reading_findings": findings.SCHEMA,
    }
    frames = {name: _whole(collected.get(name, []), schema) for name, schema in schemas.items()}
    frames |= _corrections(home, catalogue, year, frames, cells, {r.submission_id: r.path for r in receipts})
    for name, frame in frames.items():
        write_parquet(frame, folder / f"{name}.parquet")
    write_atomically(folder / "cells.json", json.dumps(cells, ensure_ascii=False, sort_keys=True))
    return YearRows(year, len(receipts), anew, frames["rows"].height, frames["reading_findings"].height)


def _whole(frames: list[pl.DataFrame], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """Rows of all files as one frame."""
    return pl.concat([frame.select(schema.keys()) for frame in frames]) if frames else pl.DataFrame(schema=schema)


def _corrections(
    home: Home, catalogue: Catalogue, year: int, frames: dict[str, pl.DataFrame], cells: corrected.Cells,
    paths: dict[str, str],
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """Typed rows with the corrections of the year, reading's findings as they then are, and what corrections met."""
    wanted = [correction for correction in read_corrections(home, catalogue) if correction.year == year]
    after = corrected.apply({record: frames[record] for record in RECORDS}, wanted, catalogue, cells, paths)
    reading = corrected.settled(frames["reading_findings"], after.met, wanted)
    typed: dict[str, pl.DataFrame] = {str(record): frame for record, frame in after.frames.items()}
    return typed | {"reading_findings": reading, "corrections": after.met}


def fingerprint(home: Home, catalogue: Catalogue, code: str, year: int) -> str:
    """What the rows and findings of a year follow from: its receipts, withdrawals and corrections, its counties, the
    catalogue's digest and the code's; and those of the year before, where rules compare with it."""
    years = {year, year - 1} if compares_years(catalogue) else {year}
    ids = [r.submission_id for r in all_receipts(home) if (r.year or UNDATED) in years]
    named = [roster_in_force(home, y) for y in sorted(years)]
    counties = [roster_digest(home, roster) for roster in named if roster is not None]
    changed = [withdrawals_digest(home, [y or None for y in years]), corrections_digest(home, years)]
    return hashlib.sha256("\n".join([*ids, *counties, *changed, catalogue.digest, code]).encode()).hexdigest()


def compares_years(catalogue: Catalogue) -> bool:
    """Whether any rule of the catalogue reads the year before."""
    return any(reads_before(rule) for rule in catalogue.rules.values())


def is_fresh(home: Home, catalogue: Catalogue, code: str, year: int) -> bool:
    """Whether the rows and findings of a year on disk are those that its receipts, catalogue and code give."""
    path = home.rows(year) / "fingerprint"
    return path.exists() and path.read_text(encoding="utf-8") == fingerprint(home, catalogue, code, year)


def mark_fresh(home: Home, catalogue: Catalogue, code: str, year: int) -> None:
    """Records that a year was read and validated as things stand."""
    write_atomically(home.rows(year) / "fingerprint", fingerprint(home, catalogue, code, year))


def _cache_folder(home: Home, receipt: Receipt, digest: str) -> Path:
    where = receipt.path if receipt.year is None else receipt.year  # without a year, the finding names the path
    key = hashlib.sha256(f"{receipt.sha256}|{where}|{digest}".encode()).hexdigest()
    return home.parsed / key[:2] / key


def _is_whole(cached: Path) -> bool:
    """Whether a file's cached rows can be read; what cannot is only a cache, and is made again."""
    try:
        json.loads((cached / "file.json").read_text(encoding="utf-8"))
        for path in cached.glob("*.parquet"):
            pl.read_parquet_schema(path)
    except (OSError, ValueError, pl.exceptions.PolarsError):
        return False
    return True


def _read_into(folder: Path, home: Home, receipt: Receipt, catalogue: Catalogue) -> None:
    """Reads one file and keeps what came of it; ``file.json`` is written last and marks the folder as whole."""
    result = _read(home, receipt, catalogue)
    for record in RECORDS:
        frames = [p.frames[record].with_columns(part=pl.lit(p.part)) for p in result.parts if record in p.frames]
        if frames:
            write_parquet(pl.concat(frames), folder / f"{record}.parquet")
    rows = [p.rows.with_columns(part=pl.lit(p.part)) for p in result.parts]
    if rows:
        write_parquet(pl.concat(rows), folder / "rows.parquet")
    write_parquet(findings.frame(result.all_findings()), folder / "reading_findings.parquet")
    write_atomically(folder / "file.json", json.dumps(_summary(result), ensure_ascii=False))


def _read(home: Home, receipt: Receipt, catalogue: Catalogue) -> FileRows:
    """What a file holds; of one that is too large to open, and of an entry that was not followed, why."""
    if receipt.size > MAX_BYTES:
        return refused(too_large(receipt.size, MAX_BYTES), receipt.year)
    data = content_of(home, receipt.sha256)
    if (why := why_not_followed(data)) is not None:
        return refused(UnreadableError(why, "file_not_followed"), receipt.year)
    return read_file(data, receipt.path, receipt.year, catalogue)


def _summary(result: FileRows) -> dict[str, object]:
    cells = {part.part: part.cells for part in result.parts}
    return {"status": result.status, "layout_id": result.layout_id, "cells": cells}


def _collect(
    cached: Path, receipt: Receipt, collected: dict[str, list[pl.DataFrame]], cells: dict[str, dict[str, object]]
) -> None:
    summary = json.loads((cached / "file.json").read_text(encoding="utf-8"))
    cells[receipt.submission_id] = summary["cells"]
    submission = pl.lit(receipt.submission_id).alias("submission_id")
    year = pl.lit(receipt.year, pl.Int64).alias("year")
    for name in (*RECORDS, "rows", "reading_findings"):
        if (cached / f"{name}.parquet").exists():
            frame = pl.read_parquet(cached / f"{name}.parquet").with_columns(submission)
            collected.setdefault(name, []).append(frame.with_columns(year) if name in RECORDS else frame)
    status = {"submission_id": receipt.submission_id, "status": summary["status"], "layout_id": summary["layout_id"]}
    collected.setdefault("submissions", []).append(pl.DataFrame([status], schema=SUBMISSION_SCHEMA))


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Writes a frame as Parquet, atomically."""
    with replacing(path) as temporary:
        frame.write_parquet(temporary)


def read_years(home: Home, name: str, years: Sequence[int], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """Rows of one kind over several years, with the columns that the catalogue has today."""
    frames = [pl.read_parquet(home.rows(year) / f"{name}.parquet") for year in years]
    return pl.concat(frames).select(schema.keys()) if frames else pl.DataFrame(schema=schema)
