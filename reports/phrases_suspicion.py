"""Phrases about figures that are worth a look: on the county page and on the statistician's page."""

from __future__ import annotations

SUSPICION: dict[str, tuple[str, str]] = {
    "look.title": ("值得一看", "Worth a look"),
    "look.lead": (
        "下列数字在全省中少见，请到校核对。少见不等于有误：它不进入任何得分、名次和结论。检验的方法和误报的多少见",
        "These figures are rare in the province and should be checked at the schools. Rare is not wrong: nothing here enters a score, a rank "
        "or a verdict. How they are found, and how often a clean county is named: ",
    ),
    "look.link": ("数据页", "the data page"),
    "look.details": ("{n} 条证据", "{n} {n:piece|pieces} of evidence"),
    "look.caption": ("“{test}”背后的学校和数字。", "The schools and figures behind “{test}”."),
    "look.more": (
        "只列前 {n} 条，其余见发布库的 suspicion_evidence 表。",
        "The first {n}; the others are in the table suspicion_evidence.",
    ),
    "look.col.school": ("学校", "School"),
    "look.col.stage": ("学段", "Stage"),
    "look.col.item": ("指标或栏目", "Indicator or cell"),
    "look.col.value": ("当年", "This year"),
    "look.col.before": ("上年", "Last year"),
    "look.col.level": ("标准", "Level"),
    "look.col.other": ("另一所学校", "The other school"),
    "look.col.same": ("相同 / 比较的数字", "Same of figures compared"),
    "look.col.expected": ("应相同", "Expected same"),
    "look.whole": ("全校", "whole school"),
    "look.tests": ("值得一看的数字", "Figures worth a look"),
    "look.tests.text": (
        "每县每年做六项检验，看有没有在全省中少见的数字。按没有差错的示例校准：六项合计，被点到的县不到 2%；做过手脚的示例能查出多少，见说明文件 "
        "suspicion.md。被点到的只是值得一看，不进入任何得分、名次和结论。",
        "Six tests look in every county and year for figures that are rare in the province. They are calibrated on samples without mistakes: all six "
        "together name under 2 % of clean counties; how much of what is planted they find stands in the guide suspicion.md. What is named is "
        "worth a look, no more: nothing of it enters a score, a rank or a verdict.",
    ),
    "look.tests.caption": ("六项检验，{year} 年。", "The six tests, {year}."),
    "look.col.test": ("检验", "Test"),
    "look.col.asks": ("看什么，与什么相比", "What is looked at, against what"),
    "look.col.tested": ("检验的县", "Counties tested"),
    "look.col.flagged": ("点到的县", "Counties named"),
}
