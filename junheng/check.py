"""``junheng check``: what would be found in files, without keeping anything."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from junheng.front import CatalogueOption, DebugOption, OptionalHome, one_sentence, out

if TYPE_CHECKING:
    from pipeline.returns.reader import FileRows
    from pipeline.schema.model import Catalogue

MARKS = {"critical": "✕ 严重 critical", "warning": "△ 提醒 warning", "info": "· 说明 info"}

NOT_COMPARED = (
    "· 未与上年比较：{0} 条规则需要上年的数据，用 --home 指定工作目录 / "
    "not compared with the year before: {0} rules need it; name a home that holds it with --home"
)


@one_sentence
def check(
    files: Annotated[list[Path], typer.Argument(help="要检查的文件 / files to check.", show_default=False)],
    year: Annotated[
        int | None,
        typer.Option(help="统计年份，省略看文件夹名或封面 / collection year; else the folder's or the cover's."),
    ] = None,
    home: OptionalHome = None,
    catalogue: CatalogueOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON.")] = False,
    debug: DebugOption = False,
) -> None:
    """报送前自查，不留存任何内容 / Read and validate files without keeping anything.

    The home (named, or whose inbox a file lies in) gives its rosters, the counties that a return may name, and the year
    before, which plausibility rules compare with. Exit codes:
    0 clean or warnings only, 1 critical findings, 2 a file cannot be read or no layout fits.
    """
    from pipeline.schema import SHIPPED, load_catalogue

    loaded = load_catalogue(catalogue or SHIPPED)
    results = [_check_one(path, year, loaded, home or _home_of(path)) for path in files]
    if as_json:
        out.print_json(json.dumps(results, ensure_ascii=False))
    else:
        for result in results:
            _print(result)
    critical = any(f["severity"] == "critical" for r in results for f in r["findings"])
    unreadable = any(r["status"] == "unreadable" for r in results)
    raise typer.Exit(2 if unreadable else 1 if critical else 0)


def _home_of(path: Path) -> Path | None:
    """The home in whose inbox a file lies."""
    inboxes = (folder for folder in path.resolve().parents if folder.name == "inbox")
    return next((inbox.parent for inbox in inboxes), None)


def _year(path: Path, given: int | None, catalogue: Catalogue) -> int:
    """The year asked for, else the folder's, else the one that the file's cover names, else this year."""
    from pipeline.returns.reader import year_on_cover

    if given is not None:
        return given
    named = [part for part in reversed(path.resolve().parent.parts) if part.isdigit() and len(part) == 4]
    if named:
        return int(named[0])
    told = year_on_cover(path.read_bytes(), catalogue) if path.is_file() else None
    return told or datetime.date.today().year


def _check_one(path: Path, given: int | None, catalogue: Catalogue, of_home: Path | None) -> dict[str, Any]:
    """One file's status, rows and findings; ``not_compared`` counts the rules that a year before would be needed for."""
    import polars as pl

    from expectations import validate
    from pipeline import findings
    from pipeline.release.version import code_digest
    from pipeline.schema.rule_columns import reads_before
    from pipeline.store.before import facts_before
    from pipeline.store.home import Home
    from pipeline.store.ingest import frames_of
    from pipeline.store.roster import with_rosters

    home = Home(of_home.resolve()) if of_home else None
    catalogue = with_rosters(catalogue, home) if home else catalogue
    year = _year(path, given, catalogue)
    result = _read(path, year, catalogue)
    reading = findings.frame([{**f, "submission_id": path.name} for f in result.all_findings()])
    frames = frames_of(result, catalogue, path.name, year)
    cells = {path.name: {part.part: part.cells for part in result.parts}}
    before = facts_before(home, catalogue, code_digest(), year) if home else None
    is_known = before is not None and before.school.height > 0
    by_rules = (
        [validate(frames, catalogue, cells, reading, before=before if is_known else None)] if result.parts else []
    )
    found = pl.concat([reading, *by_rules])
    rows = Counter(d for part in result.parts for d in part.rows["disposition"])
    listed = findings.with_ids(found).drop("submission_id").to_dicts()
    order = {"critical": 0, "warning": 1, "info": 2}
    listed.sort(key=lambda f: (order[f["severity"]], f["row"] or 0, f["cell"] or ""))
    return {
        "file": str(path),
        "year": year,
        "status": result.status,
        "layout": result.layout_id,
        "rows": dict(rows),
        "not_compared": 0 if is_known else sum(reads_before(rule) for rule in catalogue.rules.values()),
        "findings": listed,
    }


def _read(path: Path, year: int, catalogue: Catalogue) -> FileRows:
    """The file's rows; one that is not there or cannot be opened is unreadable, like one that holds no table."""
    from pipeline.findings import of_reading
    from pipeline.returns.reader import FileRows, read_file

    try:
        return read_file(path.read_bytes(), path.name, year, catalogue)
    except OSError as error:
        place = {"part": "", "sheet": "", "row": None, "cell": "", "year": year}
        found = of_reading(
            "file_unreadable",
            place,
            found=str(path),
            why_zh=f"{path}（{error.strerror}）",
            why_en=f"{path} ({error.strerror})",
        )
        return FileRows("unreadable", None, findings=[found])


def _place(finding: dict[str, Any]) -> str:
    """Sheet and cell; the row where there is no cell."""
    row = f"第 {finding['row']} 行 row {finding['row']}" if finding["row"] else ""
    texts = [text for text in (finding["sheet"], finding["cell"] or row) if text]
    return "!".join(texts) or "全文件 whole file"


def _print(result: dict[str, Any]) -> None:
    counts = Counter(f["severity"] for f in result["findings"])
    layout = result["layout"] or "—"
    rows = sum(result["rows"].values())
    out.print(f"{result['file']}  ·  表样 layout {layout}  ·  {result['year']}  ·  {rows} 行 rows", markup=False)
    for finding in result["findings"]:
        place = _place(finding)
        out.print(f"  {MARKS[finding['severity']]}  {place}  [{finding['rule_id']}]", markup=False)
        out.print(f"      {finding['message_zh']}", markup=False)
        out.print(f"      {finding['message_en']}", markup=False)
        out.print(
            f"      应为 expected: {finding['expected']}  ·  更正 mend: {finding['mend_zh']} / {finding['mend_en']}",
            markup=False,
        )
    verdict = ", ".join(f"{MARKS[s]} {counts[s]}" for s in MARKS if counts[s]) or "✓ 没有发现问题 / nothing found"
    out.print(f"  {verdict}", markup=False)
    if result["not_compared"]:
        out.print(f"  {NOT_COMPARED.format(result['not_compared'])}", markup=False)
