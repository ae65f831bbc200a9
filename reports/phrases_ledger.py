"""Phrases about what schools lack: the ledger, the county's progress, plans that would close a gap; and the page of a whole county."""

from __future__ import annotations

LEDGER: dict[str, tuple[str, str]] = {
    # --- page of the whole county
    "whole.link": ("全县结论与台账", "Whole county: verdict and ledger"),
    "whole.h1": ("{county}：{finding}", "{county}: {finding}"),
    "whole.h1.unmet": ("{standard} {n} 项中 {k} 项未达到", "{k} of {n} items not met ({standard})"),
    "whole.h1.met": ("{standard} {n} 项全部达到", "all {n} items met ({standard})"),
    "whole.h1.no_data": (
        "{standard} {n} 项中 {k} 项缺少数据，暂不判定",
        "{k} of {n} items lack data, so it is undecided ({standard})",
    ),
    "whole.h1.not_applicable": ("{standard}没有适用的项目", "no item applies ({standard})"),
    "whole.h1.ledger": (
        "各校对照{standard}还有 {n} 项差额",
        "schools lack {n} {n:thing|things} ({standard})",
    ),
    "whole.lead.other": ("{standard}：{verdict}。", "{standard}: {verdict}."),
    "whole.scope": ("全县，不分学段", "the whole county, all stages"),
    # --- the ledger
    "ledger.title": ("还缺什么：{standard}", "What is lacking: {standard}"),
    "ledger.stage.title": ("还缺什么，怎么补？", "What is lacking, and what would mend it?"),
    "ledger.stage.see": ("各校台账", "the ledger of schools"),
    "ledger.told": ("{standard}：{text}", "{standard}: {text}"),
    "ledger.share": (
        "{n} 所学校中 {k} 所达标（{share}{high}），目标 {year} 年达到 {target}：{state}{before}。",
        "{k} of {n} schools {k:is|are} up to the standard ({share}{high}); the target is {target} by {year}: {state}{before}.",
    ),
    "ledger.share.high": ("，{n} 所未知，都达标则为 {share}", "; {n} unknown, {share} if all of them are"),
    "ledger.before": ("（上年 {share}）", " ({share} a year before)"),
    "ledger.open": (
        "未补齐 {n} 项：新增 {new}，延续 {old}，上年情况未知 {unknown}；上年以来补齐 {closed} 项、不再考核 {ended} 项，另缺报 {missing} 项。",
        "{n} {n:shortfall is|shortfalls are} open: {new} new, {old} persisting, {unknown} of unknown past; since the year before {closed} closed "
        "and {ended} no longer asked; {missing} more missing.",
    ),
    "ledger.pace.falling": (
        "一年净减 {pace} 项，照此还需 {years} 年。",
        "Net fall in a year: {pace}; at this pace {years} more {years:year|years}.",
    ),
    "ledger.pace.not_falling": ("一年来没有减少。", "They have not become fewer in a year."),
    "ledger.pace.none_left": ("已没有差额。", "None is left."),
    "ledger.pace.no_year_before": ("没有上年可比。", "There is no year before to compare with."),
    "ledger.pace.no_data": ("数据不足，算不出速度。", "The data do not allow a pace."),
    "ledger.cost": (
        "按登记的单价，补到底线约需 {floor} 元，补到标准约需 {full} 元{unpriced}。",
        "At the registered unit costs, about {floor} yuan to the floor and {full} yuan to the standard{unpriced}.",
    ),
    "ledger.cost.unpriced": ("（{n} 项没有单价，不在内）", " ({n} without a unit cost left out)"),
    "ledger.cost.none": ("没有登记单价，未计费用。", "No unit cost is registered, so no cost is told."),
    "progress.reached": ("✓ 已达到", "✓ reached"),
    "progress.on_track": ("✓ 可按期达到", "✓ on track"),
    "progress.slow": ("△ 偏慢", "△ slow"),
    "progress.no_data": ("缺 数据不足", "? no data"),
    # --- by stage
    "ledger.stages.caption": ("分学段的进展，{county}，{year} 年。", "Progress by stage, {county}, {year}."),
    "ledger.col.stage": ("学段", "Stage"),
    "ledger.col.schools": ("学校", "Schools"),
    "ledger.col.meeting": ("达标", "Meeting"),
    "ledger.col.unknown": ("未知", "Unknown"),
    "ledger.col.share": ("达标占比", "Share"),
    "ledger.col.before": ("上年占比", "A year before"),
    "ledger.col.state": ("对照目标", "Target"),
    "ledger.col.open": ("未补齐", "Open"),
    "ledger.col.closed": ("已补齐", "Closed"),
    "ledger.col.rate": ("补齐率", "Closing rate"),
    "ledger.col.cost": ("补到标准（元）", "To the standard (yuan)"),
    "ledger.all": ("全部学校", "all schools"),
    # --- school by item
    "ledger.caption": (
        "{n} 所学校 × {k} 项：到标准还差多少（单位在表头；为整校数量，各学段共用的只列一次）；未补齐项多的在前。",
        "{n} {n:school|schools} × {k} items: what is lacking to the standard (unit in the header; of the whole school, what stages share told "
        "once); those with most open items first.",
    ),
    "ledger.more": (
        "此处列出前 {n} 所，全部见本县工作簿“台账”。",
        "The first {n} schools are shown; the county’s workbook has them all.",
    ),
    "ledger.none": ("没有未达标或缺报的项目。", "No school lacks anything."),
    "ledger.col.items": ("未补齐项", "Open items"),
    "ledger.col.yuan": ("费用（元）", "Cost (yuan)"),
    "ledger.mark.new": ("✕新", "✕ new"),
    "ledger.mark.persisting": ("✕续", "✕ old"),
    "ledger.mark.unknown": ("✕", "✕"),
    "ledger.mark.closed": ("✓补", "✓ done"),
    "ledger.mark.ended": ("—止", "— end"),
    "ledger.mark.missing": ("缺", "?"),
    "ledger.word.new": ("新增", "new"),
    "ledger.word.persisting": ("延续", "persisting"),
    "ledger.word.unknown": ("未达标，上年情况未知", "lacking, the year before unknown"),
    "ledger.word.closed": ("已补齐", "closed"),
    "ledger.word.ended": ("不再考核", "no longer asked"),
    "ledger.word.missing": ("缺报", "missing"),
    "ledger.remove": ("须减 {amount}", "remove {amount}"),
    # --- plans
    "plan.lead": ("{name}：{reason}。", "{name}: {reason}."),
    "plan.command": ("方案明细：", "The plan in full: "),
    "plan.title": ("超限的差距怎样缩小", "What would bring the gaps within their limit"),
}
