"""What is marked where in a copy of the return, and the list of findings that stands before its sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.checked import SEVERITIES, CheckedFile, Group
from pipeline.returns.table import SourceTable, cell_place

FILLS = {"critical": "F8B4A0", "warning": "FFE699", "info": "DDEBF7"}
NAMES = {"critical": "✕ 严重 critical", "warning": "△ 提醒 warning", "info": "· 说明 info"}
SHEET = "检查结果 Findings"
HEADER = (
    ("级别 severity", 16), ("工作表 sheet", 14), ("单元格 cell", 12), ("处数 count", 8), ("学校 school", 14),
    ("现为 found", 24), ("应为 expected", 28), ("最接近 nearest", 20), ("说明", 48), ("message", 48),
    ("如何更正", 40), ("how to mend", 40), ("规则 rule", 26),
)  # fmt: skip
LONGEST_COMMENT = 1_500
"""Characters of a comment: a box on a sheet must stay readable."""
MOST_COMMENTS = 3_000
"""Comments in one workbook; cells beyond are filled only. The list of findings holds all of them."""

Place = tuple[int, int]
"""0-based row and column."""


@dataclass
class Mark:
    """One marked cell: the gravest severity of its findings, and what its comment says (empty: filled only)."""

    severity: str
    texts: list[str] = field(default_factory=list)

    @property
    def comment(self) -> str:
        text = "\n\n".join(self.texts)
        return text if len(text) <= LONGEST_COMMENT else f"{text[:LONGEST_COMMENT]}…"


@dataclass(frozen=True)
class Line:
    """A line of the list of findings: its texts under ``HEADER``, and the sheet and address that it leads to."""

    severity: str
    texts: tuple[str, ...]
    sheet: str
    address: str


def marks_of(checked: CheckedFile, tables: Sequence[SourceTable]) -> dict[str, dict[Place, Mark]]:
    """Marked cells by sheet. What a whole sheet shares is commented once, at its first cell; a column that is not there has
    no cell to mark."""
    by_name = {table.sheet: table for table in tables}
    marks: dict[str, dict[Place, Mark]] = {}
    comments = 0
    for group in sorted(checked.groups, key=lambda g: SEVERITIES.index(g.severity)):
        table = by_name.get(group.sheet)
        if table is None or group.lacks_column:
            continue
        of_sheet = marks.setdefault(group.sheet, {})
        for number, finding in enumerate(group.findings):
            for order, place in enumerate(_places(finding, table)):
                mark = of_sheet.setdefault(place, Mark(group.severity))
                says = order == 0 and (number == 0 or not group.is_whole)
                if says and comments < MOST_COMMENTS:
                    comments += not mark.texts
                    mark.texts.append(comment_of(finding, group))
    return marks


def _places(finding: Mapping[str, Any], table: SourceTable) -> list[Place]:
    """The cells that a finding speaks of; the first filled cell of its row where it names none."""
    if finding["cell"]:
        own = [address for address in finding["cell"].split(",") if "!" not in address]  # others are on another sheet
        return [cell_place(address) for address in own]
    if not finding["row"] or finding["row"] > len(table.rows):
        return []
    row = table.rows[finding["row"] - 1]
    return [(finding["row"] - 1, next((i for i, cell in enumerate(row) if cell.strip()), 0))]


def comment_of(finding: Mapping[str, Any], group: Group) -> str:
    """What a comment says: the message in both languages, what was most likely meant, and how to mend it."""
    lines = [f"{NAMES[group.severity]} [{group.rule_id}]"]
    if group.is_whole:
        lines.append(f"表中 {len(group.findings)} 行全部如此 / all {len(group.findings)} rows of the sheet")
    lines += [finding["message_zh"], finding["message_en"], f"应为 expected: {finding['expected']}"]
    if finding["nearest"]:
        lines.append(f"最接近 nearest: {finding['nearest']}")
    return "\n".join([*lines, f"更正：{finding['mend_zh']}", f"Mend: {finding['mend_en']}"])


def lines_of(checked: CheckedFile, tables: Sequence[SourceTable]) -> list[Line]:
    """The list of findings, the gravest first; what a whole sheet shares is one line."""
    by_name = {table.sheet: table for table in tables}
    lines = []
    for group in sorted(checked.groups, key=lambda g: SEVERITIES.index(g.severity)):
        for finding in group.findings[:1] if group.is_whole else group.findings:
            lines.append(_line(finding, group, by_name.get(group.sheet)))
    return lines


def _line(finding: Mapping[str, Any], group: Group, table: SourceTable | None) -> Line:
    row = f"第 {finding['row']} 行 row {finding['row']}" if finding["row"] else ""
    shown = finding["cell"] or row
    address = finding["cell"].split(",")[0] if finding["cell"] else f"A{finding['row']}" if finding["row"] else "A1"
    count = len(group.findings) if group.is_whole else 1
    if group.is_whole:
        shown = "整列缺失 no such column" if group.lacks_column else f"{shown} …"
    texts = (
        NAMES[group.severity], group.sheet, shown, str(count), finding["school_id"], finding["found"], finding["expected"],
        finding["nearest"], finding["message_zh"], finding["message_en"], finding["mend_zh"], finding["mend_en"], group.rule_id,
    )  # fmt: skip
    leads = table is not None and not group.lacks_column
    return Line(group.severity, tuple(t or "" for t in texts), group.sheet, address if leads else "")
