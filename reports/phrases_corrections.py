"""Phrases of corrections: the sign at a corrected value, and the list at the foot of a county page."""

from __future__ import annotations

CORRECTIONS: dict[str, tuple[str, str]] = {
    "fix.sign": ("更正：{field} {old} → {new}（{reason}）", "corrected: {field} {old} → {new} ({reason})"),
    "fix.question": ("更正", "Corrections"),
    "fix.caption": (
        "✎ 对本县所报数值的更正 {n} 条，其中 {applied} 条已应用。",
        "✎ {n} {n:correction|corrections} of what the county sent, {applied} applied.",
    ),
    "fix.blank": ("空", "blank"),
    "fix.county": ("县级填报", "the county itself"),
    "fix.applied": ("已应用", "applied"),
    "fix.not_applied": ("未应用：原值不符", "not applied: another value stands there"),
    "col.fix.field": ("更正的值", "Value corrected"),
    "col.fix.old": ("原值", "As sent"),
    "col.fix.new": ("更正为", "Corrected to"),
    "col.fix.source": ("依据", "On whose word"),
    "col.fix.author": ("更正人、日期", "By whom, when"),
    "col.fix.state": ("状态", "State"),
}
