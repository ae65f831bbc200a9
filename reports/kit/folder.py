"""The folder of a return kit: written whole or not at all, and replaced only where it is a kit of ours."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pipeline.checked import CheckedFile
from pipeline.errors import HomeError
from pipeline.preview import Preview
from pipeline.returns.reader import read_tables
from pipeline.returns.table import SourceTable, UnreadableError
from pipeline.schema.model import Catalogue
from reports.kit.fresh import write_fresh
from reports.kit.marked import load, write_marked
from reports.kit.marks import lines_of, marks_of
from reports.kit.readme import Inside, readme
from reports.kit.rows import write_rows
from reports.kit.safe import write_csv

MANIFEST = "kit.json"
MADE_BY = "junheng return kit"
MARKED, RECEIVED, FINDINGS = "marked.xlsx", "received", "findings.csv"
COLUMNS = (
    "severity", "sheet", "row", "cell", "rule_id", "school_id", "county_code", "field", "found", "expected", "nearest",
    "message_zh", "message_en", "mend_zh", "mend_en", "finding_id",
)  # fmt: skip


def write_kits(
    folder: Path, files: Sequence[CheckedFile], catalogue: Catalogue, previews: Sequence[Preview | None] = ()
) -> list[Path]:
    """Writes the kit of one file into ``folder``, of several into folders inside it, named after the files.

    Raises HomeError where ``folder`` holds anything that is not a kit of ours, or cannot be written.
    """
    _refuse(folder)
    shown = list(previews) or [None] * len(files)
    names = [""] if len(files) == 1 else [f"{n:03}-{Path(f.path.name).stem}"[:80] for n, f in enumerate(files, 1)]
    target = folder.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as scratch:
            whole = Path(scratch) / "kit"
            for name, checked, preview in zip(names, files, shown, strict=True):
                _write(whole / name, checked, catalogue, preview)
            inside = sorted(p.relative_to(whole).as_posix() for p in whole.rglob("*") if p.is_file())
            manifest = {"made_by": MADE_BY, "version": 1, "files": {n: _sha(whole / n) for n in inside}}
            (whole / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            _put_in_place(whole, target, Path(scratch) / "before")
    except OSError as error:
        zh, en = f"无法写出退回包 {folder}：{error.strerror}", f"cannot write the kit {folder}: {error.strerror}"
        raise HomeError(zh, en) from None
    return [folder / name for name in names]


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _refuse(folder: Path) -> None:
    """Stops where something else than a kit of ours would be replaced."""
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir() or folder.is_symlink():
        raise HomeError(
            f"{folder} 不是文件夹；请为退回包另选一个文件夹", f"{folder} is no folder; choose a folder for the kit"
        )
    there = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir())
    known = _known(folder)
    stranger = next((name for name in there if name not in known), None)
    if stranger is not None:
        raise HomeError(
            f"{folder} 中已有其他文件（如 {stranger}）；请为退回包另选一个空文件夹",
            f"{folder} holds other files already (such as {stranger}); choose an empty folder for the kit",
        )


def _known(folder: Path) -> set[str]:
    """Files of a kit that was written here before; none where there was no kit."""
    try:
        held = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return {*held["files"], MANIFEST} if held["made_by"] == MADE_BY else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _put_in_place(whole: Path, target: Path, aside: Path) -> None:
    """Moves a finished kit to its place; the one before it is out of the way for a moment only."""
    if target.exists():
        target.replace(aside)
    try:
        whole.chmod(0o755)
        whole.replace(target)
    except OSError:
        if aside.exists():
            aside.replace(target)
        raise


def _write(folder: Path, checked: CheckedFile, catalogue: Catalogue, preview: Preview | None) -> None:
    """One kit into a new folder."""
    folder.mkdir(parents=True, exist_ok=True)
    received = ""
    if checked.data:
        received = f"{RECEIVED}/{os.fsencode(checked.path.name).decode('utf-8', 'backslashreplace')}"
        (folder / RECEIVED).mkdir()
        (folder / received).write_bytes(checked.data)
    tables = _tables(checked, catalogue)
    listed = checked.findings.sort("sheet", "row", "cell", "rule_id", nulls_last=False)
    write_csv(folder / FINDINGS, COLUMNS, listed.select(COLUMNS).iter_rows())
    is_copy = _write_marked(folder / MARKED, checked, tables) if tables else False
    rows = write_rows(folder, checked, tables, catalogue)
    marked = MARKED if tables else ""
    sha = hashlib.sha256(checked.data).hexdigest()
    inside = Inside(received, sha, marked, is_copy, rows, checked.findings.height)
    changes = list(preview.lines()) if preview is not None else []
    (folder / "README.md").write_text(readme(checked, inside, changes), encoding="utf-8")


def _tables(checked: CheckedFile, catalogue: Catalogue) -> list[SourceTable]:
    """The tables of a file that was read; none of one that could not be."""
    if checked.status == "unreadable" and checked.rows.is_empty() and not _has_place(checked):
        return []
    try:
        return read_tables(checked.data, catalogue, checked.layout_id)
    except UnreadableError:
        return []


def _has_place(checked: CheckedFile) -> bool:
    """Whether a finding names a sheet or a row, so that there is something to mark."""
    return any(f["sheet"] or f["row"] for f in checked.findings.iter_rows(named=True))


def _write_marked(path: Path, checked: CheckedFile, tables: Sequence[SourceTable]) -> bool:
    """Writes the marked workbook; whether it is a copy of the one received."""
    marks, lines = marks_of(checked, tables), lines_of(checked, tables)
    zh, en = checked.verdict
    title = f"{'✓' if checked.may_be_submitted else '✕'} {checked.path.name}: {zh} / {en}"
    workbook = load(checked.data)
    if workbook is not None:
        write_marked(path, workbook, marks, lines, title)
    else:
        write_fresh(path, tables, marks, lines, title)
    return workbook is not None
