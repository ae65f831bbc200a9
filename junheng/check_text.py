"""What ``junheng check`` prints: findings by sheet and rule, a verdict, and what sending a file would change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from junheng.front import out

if TYPE_CHECKING:
    from pipeline.checked import CheckedFile, Group
    from pipeline.preview import Preview

MARKS = {"critical": "✕ 严重 critical", "warning": "△ 提醒 warning", "info": "· 说明 info"}

NOT_COMPARED = (
    "· 未与上年比较：{0} 条规则需要上年的数据，用 --home 指定工作目录 / "
    "not compared with the year before: {0} rules need it; name a home that holds it with --home"
)
NO_YEAR_BEFORE = (
    "· 未与上年比较：{0} 条规则需要上年的数据，工作目录里没有计入的 {1} 年数据 / "
    "not compared with the year before: {0} rules need it, and nothing of {1} counts in the home"
)


def say(text: str, indent: int = 0) -> None:
    """Prints one line as it stands."""
    out.print(" " * indent + text, markup=False)


def place(finding: Mapping[str, Any]) -> str:
    """Sheet and cell; the row where there is no cell."""
    row = f"第 {finding['row']} 行 row {finding['row']}" if finding["row"] else ""
    texts = [text for text in (finding["sheet"], finding["cell"] or row) if text]
    return "!".join(texts) or "全文件 whole file"


def tell(checked: CheckedFile, most: int | None, has_home: bool = False) -> None:
    """One file: its groups of findings, of each the first ``most`` (None: all), and the verdict.

    ``has_home``: it was held against a home, which may have nothing of the year before.
    """
    rows = sum(checked.dispositions.values())
    layout = checked.layout_id or "—"
    say(f"{checked.path}  ·  表样 layout {layout}  ·  {checked.year}  ·  {rows} 行 rows")
    sheet = None
    for group in checked.groups:
        if group.sheet != sheet:
            sheet = group.sheet
            say(f"—— {sheet or '全文件 whole file'} ——", 2)
        _tell_group(group, most)
    _tell_verdict(checked)
    if checked.not_compared:
        text = NO_YEAR_BEFORE if has_home else NOT_COMPARED
        say(text.format(checked.not_compared, checked.year - 1), 2)


def _tell_group(group: Group, most: int | None) -> None:
    first, count = group.findings[0], len(group.findings)
    say(f"{MARKS[group.severity]}  [{group.rule_id}]  × {count}", 2)
    expected = f"应为 expected: {first['expected']}  ·  " if len({f["expected"] for f in group.findings}) == 1 else ""
    say(f"{expected}更正 mend: {first['mend_zh']} / {first['mend_en']}", 6)
    if group.is_whole:
        zh, en = whole_words(group)
        say(f"{zh} / {en}", 6)
        return
    shown = group.findings if most is None else group.findings[:most]
    for finding in shown:
        say(f"{place(finding)}  {finding['message_zh']}", 6)
        say(f"{finding['message_en']}", 10)
        if not expected:
            say(f"应为 expected: {finding['expected']}", 10)
        if finding["nearest"]:
            say(f"最接近 nearest: {finding['nearest']}", 10)
    if count > len(shown):
        more = count - len(shown)
        say(f"…… 另有 {more} 处，加 --all 全部列出 / {more} more; --all lists them", 6)


def whole_words(group: Group) -> tuple[str, str]:
    """What is said once for a whole sheet, with the first message as the example."""
    first, count = group.findings[0], len(group.findings)
    if group.lacks_column:
        zh, en = f"表中没有这一列，{count} 行都因此有此问题", f"the sheet lacks this column, so {count} rows have it"
    else:
        zh, en = f"表中检查到的 {count} 行全部如此", f"all {count} rows that were checked have it"
    return f"{zh}，如：{first['message_zh']}", f"{en}, such as: {first['message_en']}"


def _tell_verdict(checked: CheckedFile) -> None:
    zh, en = checked.verdict
    say(f"{'✓' if checked.may_be_submitted else '✕'} {zh} / {en}", 2)


def tell_preview(preview: Preview, most: int | None) -> None:
    """What sending the file would change; of each kind of change the first ``most``."""
    say(f"报送后的变化 / what sending it would change: {preview.against.zh} / {preview.against.en}", 2)
    for zh, en, lines in preview.lines():
        say(f"{zh} {len(lines)} / {en} {len(lines)}", 4)
        shown = lines if most is None else lines[:most]
        for line in shown:
            say(line, 8)
        if len(lines) > len(shown):
            more = len(lines) - len(shown)
            say(f"…… 另有 {more} 项，加 --all 全部列出 / {more} more; --all lists them", 8)
