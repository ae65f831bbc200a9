"""The page of a return kit that says what is inside, in counts, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.checked import CheckedFile
from reports.kit.rows import BECAME, NOT_PASSED, RowsTold
from reports.kit.safe import for_markdown

SAMPLE = 12
"""Groups of findings that the page names; all of them are in findings.csv."""


@dataclass(frozen=True)
class Inside:
    """What a kit holds. Names of files are relative to it, empty where there is none."""

    received: str
    sha256: str
    marked: str
    is_copy: bool
    rows: RowsTold
    findings: int


def readme(checked: CheckedFile, inside: Inside, changes: Sequence[tuple[str, str, list[str]]] = ()) -> str:
    """The page in Markdown, Chinese first. ``changes``: what sending the file would change (``Preview.lines``)."""
    verdict_zh, verdict_en = checked.verdict
    sign = "✓" if checked.may_be_submitted else "✕"
    name = for_markdown(checked.path.name)
    lines = [
        f"# 退回包：{name}",
        "",
        f"**{sign} {verdict_zh}**（{checked.year} 年，表样 {checked.layout_id or '—'}）",
        "",
        _next_zh(checked, inside),
        "",
        *_files_zh(inside),
        "",
        *_accounts(checked, inside, "各表行数：读取 = 通过 + 其余各列", ("工作表", "读取")),
        *_findings(checked, "发现的问题", ("级别", "工作表", "规则", "处数", "例"), "message_zh"),
        *_changes(changes, "报送后的变化", 0),
        "---",
        "",
        f"# Return kit: {name}",
        "",
        f"**{sign} {verdict_en}** (year {checked.year}, layout {checked.layout_id or '—'})",
        "",
        _next_en(checked, inside),
        "",
        *_files_en(inside),
        "",
        *_accounts(checked, inside, "Rows, sheet by sheet: read is the sum of the others", ("sheet", "read")),
        *_findings(checked, "What was found", ("severity", "sheet", "rule", "count", "such as"), "message_en"),
        *_changes(changes, "What sending it would change", 1),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _next_zh(checked: CheckedFile, inside: Inside) -> str:
    if checked.status == "unreadable":
        return "下一步：文件没有读出任何行。请按上面的问题处理后重新检查。"
    if checked.may_be_submitted:
        return "下一步：核对提醒后即可报送。"
    where = f"打开 `{inside.marked}`，第一张表列出全部问题，点击单元格地址即可跳到该处；" if inside.marked else ""
    return (
        f"下一步：{where}在自己的原件中更正标红的单元格，再运行一次 `junheng check`，通过后报送原件（不要报送标注本）。"
    )


def _next_en(checked: CheckedFile, inside: Inside) -> str:
    if checked.status == "unreadable":
        return "Next: no row of the file could be read. Mend what is found below, then check it again."
    if checked.may_be_submitted:
        return "Next: look at the warnings, then send it."
    where = (
        f"open `{inside.marked}`: its first sheet lists every finding with a link to its cell; "
        if inside.marked
        else ""
    )
    return f"Next: {where}mend the red cells in your own file, run `junheng check` again, and send your own file, not the marked copy."


def _files_zh(inside: Inside) -> list[str]:
    how = "原工作簿的副本，样式、公式和其他表不变" if inside.is_copy else "按原单元格位置另写的工作簿（全部为文本）"
    told = [
        ("findings.csv", f"全部 {inside.findings} 条问题：工作表、单元格、现为、应为、最接近的可用值、如何更正"),
        (inside.marked, f"标注本：{how}；红＝严重，黄＝提醒，蓝＝说明，批注写明如何更正；宏和外部链接不带入"),
        (inside.rows.passed_file, f"通过的 {inside.rows.passed} 行，第一列为原行号"),
        (NOT_PASSED, f"未通过的 {inside.rows.read - inside.rows.passed} 行及原因"),
        (inside.received, f"收到的文件，一字节未改（sha256 `{inside.sha256[:16]}…`）"),
    ]
    note = "CSV 中以 = + - @ 开头的文字前加了撇号（'），以免被当作公式。"
    return [*_table(("文件", "内容"), told), "", note]


def _files_en(inside: Inside) -> list[str]:
    how = (
        "a copy of the workbook, styles, formulas and other sheets as they were"
        if inside.is_copy
        else "the same cells at the same addresses, written anew as texts"
    )
    told = [
        ("findings.csv", f"all {inside.findings} findings: sheet, cell, found, expected, nearest match, how to mend"),
        (
            inside.marked,
            f"{how}; red is critical, yellow a warning, blue a note, comments say how to mend; no macros, no links",
        ),
        (inside.rows.passed_file, f"the {inside.rows.passed} rows that passed, with their number in the first column"),
        (NOT_PASSED, f"the {inside.rows.read - inside.rows.passed} rows that did not, and why"),
        (inside.received, f"the file as received, byte for byte (sha256 `{inside.sha256[:16]}…`)"),
    ]
    note = "In CSV files, texts that begin with = + - @ have an apostrophe (') before them, so that none is taken for a formula."
    return [*_table(("file", "what it holds"), told), "", note]


def _table(header: tuple[str, str], rows: Sequence[tuple[str, str]]) -> list[str]:
    lines = [f"| {header[0]} | {header[1]} |", "| --- | --- |"]
    return lines + [f"| {for_markdown(name)} | {text} |" for name, text in rows if name]


def _accounts(checked: CheckedFile, inside: Inside, title: str, heads: tuple[str, str]) -> list[str]:
    if not checked.accounts:
        return []
    kinds = [kind for kind in BECAME if kind != "rejected" or checked.status != "accepted"]
    lines = [f"## {title}", "", f"| {heads[0]} | {heads[1]} | " + " | ".join(BECAME[k] for k in kinds) + " |"]
    lines.append("| --- |" + " ---: |" * (len(kinds) + 1))
    for account in checked.accounts:
        counts = dict(account.counts)
        if checked.status != "accepted":
            counts["rejected"], counts["accepted"] = counts["accepted"], 0
        shown = " | ".join(str(counts.get(kind, 0)) for kind in kinds)
        lines.append(f"| {for_markdown(account.sheet or account.part)} | {account.read} | {shown} |")
    return [*lines, ""]


def _findings(checked: CheckedFile, title: str, heads: Sequence[str], words: str) -> list[str]:
    if not checked.groups:
        return []
    order = {"critical": 0, "warning": 1, "info": 2}
    groups = sorted(checked.groups, key=lambda g: (order[g.severity], -g.things))
    lines = [f"## {title}", "", "| " + " | ".join(heads) + " |", "| --- | --- | --- | ---: | --- |"]
    for group in groups[:SAMPLE]:
        cells = (group.severity, group.sheet or "—", group.rule_id, str(len(group.findings)), group.findings[0][words])
        lines.append("| " + " | ".join(for_markdown(cell) for cell in cells) + " |")
    if len(groups) > SAMPLE:
        lines.append(f"| … | | | {len(groups) - SAMPLE} | findings.csv |")
    return [*lines, ""]


def _changes(changes: Sequence[tuple[str, str, list[str]]], title: str, language: int) -> list[str]:
    if not changes:
        return []
    lines = [f"## {title}", ""]
    for change in changes:
        some = "；".join(for_markdown(line) for line in change[2][:SAMPLE])
        lines.append(f"- {change[language]} {len(change[2])}：{some}{'…' if len(change[2]) > SAMPLE else ''}")
    return [*lines, ""]
