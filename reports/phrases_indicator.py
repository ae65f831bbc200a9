"""Phrases of the indicator pages."""

from __future__ import annotations

INDICATOR: dict[str, tuple[str, str]] = {
    "ind.index.title": (
        "{n} 个指标，用于 {standards} 个标准",
        "{n} {n:indicator|indicators} in {standards} {standards:standard|standards}",
    ),
    "ind.index.lead": (
        "一个量只定义一次，不论各标准给它什么序号；点名称看口径、标准值、算法和全部区县的分布。",
        "A quantity is defined once, whatever number a standard gives it. A name leads to its definition, levels, query and spread.",
    ),
    "ind.index.question": ("每个指标怎么算，哪些标准用它？", "How is each computed, and which standards use it?"),
    "ind.index.caption": (
        "{n} 个指标；“有值”为 {year} 年应有的学校数值中已有的比例。",
        "{n} indicators; present is the share of the values owed that there are, {year}.",
    ),
    "ind.title.over": (
        "{name}：{n} 个县级差异系数中 {over} 个超过上限",
        "{name}: {over} of {n} county gaps exceed their limit",
    ),
    "ind.title.within": (
        "{name}：{n} 个县级差异系数都不超过上限",
        "{name}: all {n} county gaps are within their limit",
    ),
    "ind.title.met": (
        "{name}：{n} 个学校数值中 {met} 个达到标准",
        "{name}: {met} of {n} school values are at the level",
    ),
    "ind.title.free": ("{name}：最大的差异系数为 {cv}", "{name}: the largest gap coefficient is {cv}"),
    "ind.col.formula": ("算式", "Formula"),
    "ind.col.direction": ("方向", "Direction"),
    "ind.col.used": ("用于", "Used by"),
    "ind.col.present": ("有值", "Present"),
    "ind.col.limit": ("差异系数上限", "Gap limit"),
    "ind.col.ok": ("有值", "Present"),
    "ind.col.step": ("区间", "Step"),
    "ind.col.county": ("区县", "County"),
    "ind.col.counties": ("县", "Counties"),
    "ind.col.schools": ("应有值的学校", "Values owed"),
    "ind.col.p10": ("第 10 百分位", "10th percentile"),
    "ind.col.p50": ("中位数", "Median"),
    "ind.col.p90": ("第 90 百分位", "90th percentile"),
    "ind.col.most": ("最大", "Largest"),
    "ind.no_limit": ("没有上限", "no limit"),
    "ind.definition": ("怎么算？", "How is it computed?"),
    "ind.missing.missing": (
        "分子或分母缺任何一部分，该校的值就是缺报，不是 0。",
        "Where any part of numerator or denominator is missing, the school’s value is missing, never 0.",
    ),
    "ind.missing.zero": (
        "分子中的空白表示真实的 0（表样如此规定）。",
        "A blank in the numerator is a true 0, because the form says so.",
    ),
    "ind.zero": (
        "真实的 0 照样计入；分母为 0 时不适用。",
        "A true 0 counts as any other value; where the denominator is 0 the indicator does not apply.",
    ),
    "ind.applies": (
        "只在以下条件成立时适用，否则为不适用：{when}",
        "It applies only where the following holds, else it is not applicable: {when}",
    ),
    "ind.scope.school": (
        "按整校计算（表 school_total），同一个值写进该校的每个学段。",
        "Computed for the whole school (table school_total); the same value stands in each of its stages.",
    ),
    "ind.scope.stage": ("按学段计算（表 school_stage）。", "Computed for a school’s stage (table school_stage)."),
    "ind.split": (
        "{fields}由各学段共用，先按权重拆分到学段，不取整。",
        "Shared by the stages of a school and split by weight first, without rounding: {fields}.",
    ),
    "ind.whole_units": (
        "分子是只能整个调配的人或物，所以另给 cv_least：用整数能达到的最小差异系数。",
        "The numerator counts things that come whole, so cv_least is given too: the least coefficient that whole units allow.",
    ),
    "ind.factor": (
        "单位陷阱：{name}在库中的单位是{unit}，报表按更大的单位填写，读入时乘以 {factor}；若直接按{unit}填写，数值会放大 {factor} 倍。",
        "Unit trap: {name} is kept in {unit}; the form asks for a larger unit and reading multiplies by {factor}. Figures typed in {unit} come out {factor} times too large.",
    ),
    "ind.levels": ("各标准要求多少？", "What do the standards demand?"),
    "ind.levels.none": ("没有标准列出这个指标。", "No standard names this indicator."),
    "ind.levels.caption": (
        "标准值、底线和差异系数上限，附条款和可靠程度。",
        "Level, floor and limit of the gap, with clause and grade.",
    ),
    "ind.states": ("有多少学校有值？", "How many schools have a value?"),
    "ind.states.caption": (
        "学校数值的状态，{year} 年，不论是否计入。",
        "States of school values in {year}, counted or not.",
    ),
    "ind.fields": ("用到哪些字段，取自哪里？", "Which fields does it read, and from where?"),
    "ind.query": ("怎么自己算一遍？", "How to compute it yourself?"),
    "ind.query.value": (
        "从字段重算每校的值，与表中的值并列：",
        "Every school’s value from the fields, beside the value of the table:",
    ),
    "ind.query.gap": ("从各校的值重算各县的差异系数：", "Every county’s coefficient from the values of its schools:"),
    "ind.gaps.question": ("各县的差距分布如何？", "How are the gaps of counties spread?"),
    "ind.gaps.caption": (
        "各县校际差异系数（越小越均衡），{year} 年；{mark}，每格 0.05，最右一格含 {top} 以上的全部。来源：表 gap_coefficient。",
        "Gap coefficients of counties (smaller is more even), {year}; {mark}, in steps of 0.05; the last step takes all from {top}. Source: table gap_coefficient.",
    ),
    "ind.gaps.over": ("{n} 个县，{over} 个超限", "{n} counties, {over} over"),
    "ind.gaps.free": ("{n} 个县，中位数 {p50}", "{n} counties, median {p50}"),
    "ind.gap_sums.caption": ("各县差异系数的概括，{year} 年。", "What the coefficients of counties come to, {year}."),
    "ind.widest.question": ("哪些县差距最大？", "Which counties are widest?"),
    "ind.widest.caption": (
        "每个标准和学段各列差异系数最大的几个县，{year} 年；点县名看是哪些学校。",
        "The counties with the largest coefficients of each standard and stage, {year}; a name leads to the schools.",
    ),
    "ind.values.question": ("学校离标准有多远？", "How far are schools from the level?"),
    "ind.values.caption": (
        "计入学校的数值占标准值的百分比，{year} 年；{mark}，每格 10 个百分点，最右一格含 {top} 以上的全部。来源：表 indicator_attainment。",
        "Values of counted schools as a share of the level, {year}; {mark}, in steps of 10 points; the last step takes all from {top}. Source: table indicator_attainment.",
    ),
    "ind.values.caption.less": (
        "计入学校的数值占标准值的百分比（越小越好，不超过 100% 为达到），{year} 年；{mark}，每格 10 个百分点，最右一格含 {top} 以上的全部。来源：表 indicator_attainment。",
        "Values of counted schools as a share of the level (less is better, up to 100% is met), {year}; {mark}, in steps of 10 points; the last step takes all from {top}. Source: table indicator_attainment.",
    ),
    "ind.values.met": ("{n} 个应有值中 {met} 个达到标准", "{met} of {n} at the level"),
    "ind.value_sums.caption": (
        "计入学校对照各标准，{year} 年；百分位的单位为{unit}。",
        "Counted schools against each standard, {year}; percentiles are in: {unit}.",
    ),
    "ind.key.level": ("标准值（100%）", "the level (100%)"),
    "ind.mark.county": ("一点一县", "one mark a county"),
    "ind.marks.county": ("一点至多代表 {k} 个县", "a mark stands for up to {k} counties"),
    "ind.mark.school": ("一点一校", "one mark a school"),
    "ind.marks.school": ("一点至多代表 {k} 所学校", "a mark stands for up to {k} schools"),
    "ind.step": ("{low} 至 {high}", "{low} to {high}"),
    "ind.step.last": ("{low} 及以上", "{low} and more"),
    "ind.steps.caption": ("图中每格的个数。", "How many are in each step of the figure."),
    "ind.lane": ("{name}：{text}。", "{name}: {text}."),
    "ind.aria": (
        "点图：{title}{message}数据见图下表格“{table}”。",
        "Dot plot: {title} {message} The data are in the table “{table}” below.",
    ),
}
