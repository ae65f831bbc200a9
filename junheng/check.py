"""``junheng check``: what would be found in files if they were sent, without keeping anything."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from junheng.check_text import tell, tell_preview
from junheng.front import CatalogueOption, DebugOption, OptionalHome, fail, one_sentence, out

if TYPE_CHECKING:
    from expectations.trial import Trial
    from pipeline.checked import CheckedFile
    from pipeline.preview import Preview
    from pipeline.schema.model import Catalogue
    from pipeline.store.home import Home

LISTED = 5
"""How many findings of one rule in one sheet are listed unless all are asked for."""

FOLDER = ("是文件夹；请写出其中的文件名", "it is a folder; name the files in it")
ODD = ("不是普通文件", "it is no plain file")
TOO_LARGE = ("有 {0:,.0f} MB，超过 {1:,.0f} MB", "it has {0:,.0f} MB, more than {1:,.0f} MB")
ARCHIVE = ("是压缩包；请先解压，再写出其中的文件名", "it is an archive; unpack it and name the files in it")


@one_sentence
def check(
    files: Annotated[list[Path], typer.Argument(help="要检查的文件 / files to check.", show_default=False)],
    year: Annotated[
        int | None,
        typer.Option(help="统计年份，省略看文件夹名或封面 / collection year; else the folder's or the cover's."),
    ] = None,
    home: OptionalHome = None,
    catalogue: CatalogueOption = "",
    kit: Annotated[
        Path | None,
        typer.Option(
            help="写出退回包的文件夹：标注的工作簿、通过与未通过的行 / a folder for the return kit: the workbook marked, rows that passed and did not.",
            show_default=False,
        ),
    ] = None,
    preview: Annotated[
        bool,
        typer.Option("--preview", help="报送后会改变什么（需 --home）/ what sending it would change (needs --home)."),
    ] = False,
    show_all: Annotated[bool, typer.Option("--all", help="列出每一处 / list every finding.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON.")] = False,
    debug: DebugOption = False,
) -> None:
    """报送前自查，不留存任何内容 / Read and validate files without keeping anything.

    Files named together are checked as sent together. The home (named, or whose inbox a file lies in) gives its rosters,
    the counties that a return may name, and the year before, which plausibility rules compare with. Exit codes:
    0 clean or warnings only, 1 critical findings, 2 a file cannot be read or no layout fits.
    """
    from pipeline.schema import SHIPPED, load_catalogue

    if preview and home is None and not any(_home_of(path) for path in files):
        fail("预览要与工作目录比较，请用 --home 指定", "a preview compares with a home; name it with --home", code=1)
    loaded = load_catalogue(catalogue or SHIPPED)
    tried = _tried(files, year, loaded, home)
    results = [checked for checked, _, _ in tried]
    previews = [_preview(c, trial, of, loaded) if preview else None for c, trial, of in tried]
    kits = _kits(kit, results, loaded, previews) if kit is not None else [None] * len(results)
    if as_json:
        told = [_as_json(*of) for of in zip(results, previews, kits, strict=True)]
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for (checked, _, of), found in zip(tried, previews, strict=True):
            tell(checked, None if show_all else LISTED, has_home=of is not None)
            if found is not None:
                tell_preview(found, None if show_all else LISTED)
        for folder in dict.fromkeys(kits):
            if folder is not None:
                out.print(f"  退回包 / return kit: {folder}", markup=False)
    unreadable = any(c.status == "unreadable" for c in results)
    raise typer.Exit(2 if unreadable else 1 if any(c.things["critical"] for c in results) else 0)


def _home_of(path: Path) -> Path | None:
    """The home in whose inbox a file lies."""
    inboxes = (folder for folder in path.resolve().parents if folder.name == "inbox")
    return next((inbox.parent for inbox in inboxes), None)


def _year(path: Path, data: bytes, given: int | None, catalogue: Catalogue) -> int:
    """The year asked for, else the folder's, else the one that the file's cover names, else this year."""
    from pipeline.returns.reader import year_on_cover

    if given is not None:
        return given
    named = [part for part in reversed(path.resolve().parent.parts) if part.isdigit() and len(part) == 4]
    return int(named[0]) if named else year_on_cover(data, catalogue) or datetime.date.today().year


Tried = tuple["CheckedFile", "Trial | None", "Home | None"]
"""A file as checked, the trial it was part of, and the home it was held against."""


def _tried(files: Sequence[Path], given: int | None, catalogue: Catalogue, named: Path | None) -> list[Tried]:
    """Every file, those of one home tried together; one that cannot be opened is a result of its own."""
    from expectations.trial import Sent, not_opened, try_files
    from pipeline.store.home import Home
    from pipeline.store.roster import with_rosters

    results: dict[int, Tried] = {}
    of_home: dict[Path | None, list[tuple[int, Path, bytes]]] = {}
    for number, path in enumerate(files):
        data, why = _opened(path)
        if why is not None:
            why = (f"{path}：{why[0]}", f"{path}: {why[1]}")
            results[number] = (not_opened(path, given or datetime.date.today().year, why, data), None, None)
        else:
            folder = named or _home_of(path)
            of_home.setdefault(folder and folder.resolve(), []).append((number, path, data))
    for folder, held in of_home.items():
        home = Home(folder) if folder is not None else None
        known = with_rosters(catalogue, home) if home is not None else catalogue
        sent = [Sent(path, _year(path, data, given, known), data) for _, path, data in held]
        trial = try_files(sent, known, home)
        results |= {n: (checked, trial, home) for (n, _, _), checked in zip(held, trial.files, strict=True)}
    return [results[number] for number in range(len(files))]


def _opened(path: Path) -> tuple[bytes, tuple[str, str] | None]:
    """The bytes of a file; and why it cannot be tried, in both languages, where it cannot."""
    from pipeline.returns.limits import MAX_BYTES
    from pipeline.returns.workbook import is_archive_of_files

    if path.is_dir():
        return b"", FOLDER
    if path.exists() and not path.is_file():
        return b"", ODD
    try:
        if (size := path.stat().st_size) > MAX_BYTES:
            zh, en = (text.format(size / 2**20, MAX_BYTES / 2**20) for text in TOO_LARGE)
            return b"", (zh, en)
        data = path.read_bytes()
    except OSError as error:
        return b"", (f"{error.strerror}", f"{error.strerror}")
    return data, ARCHIVE if is_archive_of_files(data) else None


def _preview(checked: CheckedFile, trial: Trial | None, home: Home | None, catalogue: Catalogue) -> Preview | None:
    """What sending the file would change in the home; None where nothing of it can be compared."""
    from pipeline.preview import preview_of
    from pipeline.store.roster import with_rosters

    if trial is None or home is None:
        return None
    return preview_of(checked, trial.counted[checked.year], home, with_rosters(catalogue, home))


def _kits(
    folder: Path, results: Sequence[CheckedFile], catalogue: Catalogue, previews: Sequence[Preview | None]
) -> list[Path | None]:
    """Writes the kit of one file, or a kit each in folders of their own; where each lies."""
    from reports.kit import write_kits

    return list(write_kits(folder, results, catalogue, previews))


def _as_json(checked: CheckedFile, preview: Preview | None, kit: Path | None) -> dict[str, Any]:
    """One file's result; ``docs/how-to/check-before-sending.md`` describes the shape."""
    order = {"critical": 0, "warning": 1, "info": 2}
    listed = checked.findings.drop("submission_id").to_dicts()
    listed.sort(key=lambda f: (order[f["severity"]], f["row"] or 0, f["cell"] or ""))
    groups = [
        {
            "sheet": g.sheet, "rule_id": g.rule_id, "severity": g.severity, "field": g.field, "things": g.things,
            "is_whole": g.is_whole, "lacks_column": g.lacks_column,
            "finding_ids": [f["finding_id"] for f in g.findings],
        }
        for g in checked.groups
    ]  # fmt: skip
    return {
        "file": str(checked.path),
        "year": checked.year,
        "status": checked.status,
        "layout": checked.layout_id,
        "rows": checked.dispositions,
        "not_compared": checked.not_compared,
        "verdict": {
            "may_be_submitted": checked.may_be_submitted,
            "to_mend": checked.things["critical"],
            "to_look_at": checked.things["warning"],
        },
        "accounts": [{"sheet": a.sheet, "part": a.part, "read": a.read, **a.counts} for a in checked.accounts],
        "groups": groups,
        "findings": listed,
        "kit": str(kit) if kit is not None else None,
        "preview": preview.as_dict() if preview is not None else None,
    }
