"""Phrases of results on pages of provinces: how sure a place is, verdicts on counties, lists, awards of groups."""

from __future__ import annotations

RESULTS: dict[str, tuple[str, str]] = {
    # --- how sure a place is
    "sure.band": (
        "名次写成区间时，是报表误差留下的范围：学生数 ±{pupils}%、计数有 {chance}% 的机会差 1、面积和金额 ±{amount}%，抽取 {draws} 次，取第 {low} 至第 {high} 百分位；报表是全数，这不是抽样区间。",
        "A band of ranks is what small errors in the returns leave open: pupils ±{pupils}%, counts off by one with a chance of {chance}%, areas and money ±{amount}%; {draws} draws, from the {low}th to the {high}th percentile. Returns are a census: this is no sampling interval.",
    ),
    "sure.widest": (
        "换一种做法（去掉一个指标、去掉本县一所学校、权重另取），名次最不稳的是{county}（{cause}：{band}）。",
        "By other choices (an indicator or one of the county’s schools left out, other weights) the least settled place is {county}’s ({cause}: {band}).",
    ),
    "sure.column": (
        "“其他范围”一列是这些做法中最宽的一个，写明原因。",
        "“Other range” is the widest of these, named by its cause.",
    ),
    "col.widest": ("其他范围", "Other range"),
    "cause.reporting_error": ("报表误差", "reporting error"),
    "cause.indicator_out": ("去掉一个指标", "an indicator left out"),
    "cause.school_out": ("去掉一所学校", "a school left out"),
    "cause.weights": ("权重另取", "other weights"),
    "place.errors": ("区间为报表误差的范围", "the band is that of reporting error"),
    # --- verdicts on counties
    "determination.met": ("达到", "met"),
    "determination.unmet": ("未达到", "not met"),
    "determination.no_data": ("缺少数据", "no data"),
    "determination.not_applicable": ("没有适用的项目", "no item applies"),
    "determinations": ("哪些县达到标准的全部条件？", "Which counties meet every item of the standard?"),
    "determinations.lead": (
        "{n} 个县中，{met} 个达到“{standard}”的全部适用项目，{unmet} 个未达到，{no_data} 个缺少数据而不能判定。",
        "Of {n} {n:county|counties}, {met} {met:meets|meet} every item of “{standard}” that applies, {unmet} {unmet:does|do} not, {no_data} cannot be judged for want of data.",
    ),
    "determinations.link": ("逐县结论、理由和名单", "Verdicts county by county, reasons and lists"),
    "determinations.none": ("{n} 个县没有适用的项目。", "To {n} no item applies."),
    "determinations.relaxed": (
        "计入有效的放宽口径，达到的为 {met} 个。",
        "With the relaxations in force {met} {met:meets|meet} it.",
    ),
    "determinations.differ": (
        "{n} 个县有结论与县级申报不同的项目。",
        "In {n} {n:county|counties} items differ from what the county declares.",
    ),
    "determinations.caption": (
        "{n} 个县对照“{standard}”的结论；所有适用项目达到才算达到。",
        "Verdicts on {n} {n:county|counties} by “{standard}”; it is met only when every item that applies is.",
    ),
    "col.determination": ("全县结论", "Whole county"),
    "col.relaxed": ("按放宽口径", "With relaxations"),
    "col.items_met": ("达到项", "Items met"),
    "col.items_unmet": ("未达到项", "Items not met"),
    "col.items_missing": ("缺数据项", "Items without data"),
    "col.items_na": ("不适用项", "Items not applicable"),
    "col.items_differing": ("与申报不同", "Differ from declared"),
    "badge.relaxed": ("放宽后{symbol} {word}", "relaxed: {symbol} {word}"),
    # --- lists
    "lists": ("表扬与警示名单", "Counties of merit and of warning"),
    "lists.lead": (
        "按“{standard}”：{merit} 个县在表扬名单，{warning} 个县在警示名单，{left} 个县本年退出。",
        "By “{standard}”: {merit} {merit:county|counties} of merit, {warning} of warning, {left} left a list this year.",
    ),
    "lists.caption": (
        "名单由历年达标学校占比推出：表扬为达到目标，警示为连续偏慢或明显下降。",
        "Lists follow from the shares of schools up to the standard: merit where the target is reached, warning where progress is slow for years running or falls.",
    ),
    "list.merit": ("表扬", "merit"),
    "list.warning": ("警示", "warning"),
    "col.list": ("名单", "List"),
    "col.entered": ("进入", "Since"),
    "col.left": ("退出", "Left"),
    "col.entered.why": ("进入理由", "Why listed"),
    "col.left.why": ("退出理由", "Why it left"),
    # --- awards
    "awards": ("教育集团分档奖补", "Step awards of school groups"),
    "awards.lead": (
        "{n} 个教育集团参加排名，{ok} 个获奖，按档次应得 {due} 元，预算内可发 {paid} 元。",
        "{n} {n:group was|groups were} ranked, {ok} awarded: {due} yuan due by the table, {paid} within the budget.",
    ),
    "awards.not_ranked": ("{n} 个集团没有参加排名。", "{n} {n:group was|groups were} not ranked."),
    "awards.caption": ("按“{measure}”（{standard}）评奖。", "Awarded by “{measure}” ({standard})."),
    "award.ok": ("获奖", "awarded"),
    "award.over_budget": ("预算不足", "beyond the budget"),
    "award.too_small": ("学校数不够", "too few schools"),
    "award.no_step": ("名次在各档之外", "below the steps"),
    "award.not_ranked": ("不排名", "not ranked"),
    "group.measure.mean_score": ("学校平均得分", "mean score of schools"),
    "group.measure.score_rise": ("成员得分的提高", "rise of the members’ scores"),
    "group.measure.mean_cv": ("内部差异系数均值", "mean gap coefficient inside"),
    "group.measure.gap_narrowed": ("牵头与成员差距的缩小", "narrowing between lead and members"),
    "col.group": ("教育集团", "Group"),
    "col.step": ("档次", "Step"),
    "col.group_size": ("学校数", "Schools"),
    "col.due": ("应得（元）", "Due (yuan)"),
    "col.paid": ("预算内可发（元）", "Within the budget (yuan)"),
    "col.award": ("结果", "Result"),
}
