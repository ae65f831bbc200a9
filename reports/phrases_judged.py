"""Phrases of a county page about the school rule, the twenty items, the place in the province, the past and who makes a gap."""

from __future__ import annotations

JUDGED: dict[str, tuple[str, str]] = {
    # --- states of a school under a rule
    "school.met": ("达到", "meets it"),
    "school.unmet": ("未达到", "does not"),
    "school.undecided": ("待核", "open"),
    # --- lead and headline
    "h1.composite.met": (
        "{stage} {n} 项差异系数的综合值 {value} 不超过上限 {limit}",
        "the composite of {n} gap coefficients, {value}, is within the limit of {limit}",
    ),
    "h1.composite.unmet": (
        "{stage} {n} 项差异系数的综合值 {value} 超过上限 {limit}",
        "the composite of {n} gap coefficients, {value}, exceeds the limit of {limit}",
    ),
    "lead.rule": (
        "{n} 所学校中 {met} 所达到“{rule}”，{unmet} 所未达到，{open} 所因缺报待核；{spread}。",
        "Of {n} {n:school|schools}, {met} {met:meets|meet} the rule “{rule}”, {unmet} {unmet:does|do} not, {open} {open:is|are} open for "
        "missing values; {spread}.",
    ),
    "lead.pupils": ("计入学生 {pupils} 名。", "{pupils} pupils are counted."),
    "spread": ("{n} 所达 {k} 项", "{n} {n:meets|meet} {k}"),
    "spread.rest": ("其余 {n} 所不足 {k} 项", "the other {n} fewer than {k}"),
    "lead.composite": (
        "各项差异系数的平均（综合值）为 {value}，{verdict}。",
        "The mean of the gap coefficients (composite) is {value}: {verdict}.",
    ),
    # --- tiles
    "tile.rule": ("达到学校标准", "Schools up to the rule"),
    "tile.place": ("全省位次（{measure}）", "Place in the province ({measure})"),
    "tile.place.at": ("第 {n} 位", "{n}"),
    "tile.place.of": ("共 {n} 个县参加排序", "of {n} ranked counties"),
    "tile.place.none": ("不排名：{state}", "not ranked: {state}"),
    "place.better": ("比上年进 {n} 位", "up {n} on last year"),
    "place.worse": ("比上年退 {n} 位", "down {n} on last year"),
    "place.same": ("与上年同位", "as last year"),
    "place.cause": ("主要因{name}", "mostly by {name}"),
    "place.tolerance": ("键值相差 0.005 以内并为一段", "keys within 0.005 share a band"),
    "tile.expected": (
        "应有 {expected}：计入 {counted}，不计入 {out}，并入 {merged}，缺 {lost}",
        "{expected} expected: {counted} counted, {out} out of scope, {merged} merged, {lost} missing",
    ),
    # --- figure 1, more
    "fig1.key.range": ("├─┤ 缺报留下的可能范围", "├─┤ range that missing values leave"),
    "fig1.key.least": ("△ 整数分配下的最小可能值", "△ least that whole units allow"),
    "fig1.note.least": (
        "{name}：按整数分配，差异系数最小也有 {least}，高于上限 {limit}；在现有总量下，任何轮岗都不能达标。",
        "{name}: whole units allow no less than {least}, above the limit of {limit}; at the present total no rotation can meet the rule.",
    ),
    "fig1.note.range": (
        "{name}：缺 {n} 校，差异系数可能在 {low} 至 {high} 之间，{verdict}。",
        "{name}: {n} {n:school is|schools are} missing, so the coefficient lies between {low} and {high}: {verdict}.",
    ),
    "range.met": ("无论如何都不超限", "within the limit in any case"),
    "range.unmet": ("无论如何都超限", "over the limit in any case"),
    "range.undecided": ("可能超限，也可能不超限，暂不判定", "it may or may not be over, so it is undecided"),
    "range.other": ("没有上限可比", "there is no limit to hold it against"),
    "range": ("{low}–{high}", "{low}–{high}"),
    "t3.least": ("最小可能", "Least possible"),
    "composite": ("综合值（{n} 项平均）", "Composite (mean of {n})"),
    # --- figure 3
    "fig3.title": ("近年在改善吗？", "Is it getting better?"),
    "fig3.caption": (
        "各项差异系数，{county}{stage}，{first}–{last} 年；虚线为上限，次序同图 1。{breaks}断线处为没有可用数值的年份。",
        "Gap coefficients, {county}, {stage}, {first}–{last}; dashed: the limit; order as in figure 1. {breaks}Lines break where a year has no usable value.",
    ),
    "fig3.break": (
        "{years} 年区划有变，前后不可直接比较。",
        "Boundaries changed in {years}: before and after are not comparable. ",
    ),
    "fig3.aria": (
        "小折线图：{title}{message}数据见表“{table}”。",
        "Small line charts: {title} {message} The data are in the table “{table}”.",
    ),
    "fig3.aria.line": ("{name}由 {first} 变为 {last}。", "{name}: from {first} to {last}."),
    "fig3.table": ("{county}{stage}历年差异系数", "Gap coefficients of {county}, {stage}, by year"),
    # --- figure 4
    "fig4.title": ("与全省各县相比如何？", "How does it compare in the province?"),
    "fig4.caption": (
        "一点一县，菱形为本县；{measure}，{year} 年{stage}，全省 {n} 个可比的县。",
        "One mark a county, the diamond is this one; {measure}, {stage}, {year}, {n} comparable counties of the province.",
    ),
    "fig4.aria": (
        "点图：{title}{message}数据见表“{table}”。",
        "Dot plot: {title} {message} The data are in the table “{table}”.",
    ),
    "fig4.message": ("{county}为 {value}，{place}，{of}。", "{county} is at {value}, place {place} {of}."),
    "fig4.key.own": ("本县", "this county"),
    "fig4.key.peers": ("全省其他县", "other counties of the province"),
    "fig4.limit": ("上限", "limit"),
    "fig4.table": ("全省分布与本县", "The province and this county"),
    "fig4.row.own": ("{county}", "{county}"),
    "fig4.row.least": ("全省最低", "lowest in the province"),
    "fig4.row.quarter": ("四分之一位", "lower quartile"),
    "fig4.row.middle": ("全省中位", "median"),
    "fig4.row.three": ("四分之三位", "upper quartile"),
    "fig4.row.most": ("全省最高", "highest in the province"),
    # --- figure 5
    "fig5.title": ("差距最大的一项由哪些学校造成？", "Which schools carry the widest gap?"),
    "fig5.caption": (
        "{name}：各校占差异的比重 P(x−X)² ÷ Σ，{county}{stage}，{year} 年；左为低于均值，右为高于均值。右列为比重和该校数值（{unit}），均值 {mean}。",
        "{name}: each school’s share of the spread, P(x−X)² ÷ Σ, {county}, {stage}, {year}; left: below the mean, right: above. "
        "At the right: share and value ({unit}); mean {mean}.",
    ),
    "fig5.aria": (
        "条形图：{title}{message}数据见表“{table}”。",
        "Bar chart: {title} {message} The data are in the table “{table}”.",
    ),
    "fig5.message": (
        "{name}的差距有一半来自 {n} 所学校：{names}。",
        "Half of the gap in {name} comes from {n} {n:school|schools}: {names}.",
    ),
    "fig5.more": ("{names} 等", "{names} and others"),
    "fig5.raised": (
        "图中低于标准的 {n} 所如果都达到标准值，该项差异系数将由 {now} 变为 {then}。",
        "If the {n} {n:school|schools} of the figure below the level stood on it, the coefficient would go from {now} to {then}.",
    ),
    "fig5.rest": ("其余 {n} 所", "the other {n}"),
    "fig5.axis": ("占该项差异的比重", "Share of the spread"),
    "fig5.key.low": ("左：低于县均值", "left: below the county mean"),
    "fig5.key.high": ("右：高于县均值", "right: above it"),
    "fig5.hover": (
        "{name}<br>比重 {share}<br>数值 {value}，{pupils} 名学生",
        "{name}<br>share {share}<br>value {value}, {pupils} pupils",
    ),
    "fig5.table": ("每项差异系数的前 {n} 所学校", "The first {n} schools of each gap"),
    "col.share": ("占差异比重", "Share of the spread"),
    "col.value": ("数值", "Value"),
    "col.side": ("与均值比", "Against the mean"),
    "side.low": ("低于", "below"),
    "side.high": ("高于", "above"),
    # --- figure 6 and the items of a standard
    "items.title": ("各校“{standard}”逐项结果如何？", "How do the schools stand on “{standard}”?"),
    "items.lead": (
        "{n} 所学校中 {met} 所达到“{rule}”，{unmet} 所未达到，{open} 所因缺报待核。",
        "Of {n} {n:school|schools}, {met} {met:meets|meet} the rule “{rule}”, {unmet} {unmet:does|do} not, {open} {open:is|are} open for missing values.",
    ),
    "items.caption": (
        "{n} 所学校 × {k} 项，{order}；✕、△ 下为该校数值，✓ 为达到标准值。",
        "{n} {n:school|schools} × {k} items, {order}; under ✕ and △ the school’s value; ✓ is at the level.",
    ),
    "items.order.score": ("得分低的在前", "the lowest score first"),
    "items.order.met": ("达标项少的在前", "the fewest items met first"),
    "fig6.caption": (
        "一点一校，横轴为得分（0–100，各项达成度的平均），{county}{stage}，{year} 年；竖线为各校平均 {mean}。{lacking}",
        "One mark a school by its score (0–100, mean attainment), {county}, {stage}, {year}; the line is the schools’ mean, {mean}. {lacking}",
    ),
    "fig6.lacking": (
        "{n} 所因缺报没有得分，未画出，表中列出可能的范围。",
        "{n} {n:school has|schools have} no score for missing values; the table gives the range.",
    ),
    "fig6.aria": (
        "点图：各校得分。{message}数据见表“{table}”。",
        "Dot plot of scores. {message} The data are in the table “{table}”.",
    ),
    "fig6.message": ("最低 {low}，中位 {middle}，最高 {high}。", "Lowest {low}, median {middle}, highest {high}."),
    "fig6.axis": ("得分", "Score"),
    "fig6.mean": ("平均 {mean}", "mean {mean}"),
    "fig6.hover": ("{name}<br>得分 {score}，{met} / {of} 项达标", "{name}<br>score {score}, {met} of {of} items met"),
    "items.table": ("逐项结果表", "Table of items"),
    "col.score": ("得分", "Score"),
    "col.rule": ("学校标准", "School rule"),
    "t1.why": ("原因", "Why"),
    # --- reasons
    "reason.item": ("{name} {value} {sign} {bound}", "{name} {value} {sign} {bound}"),
    "reason.floor": ("{name} {value} {sign} {share}底线 {bound}", "{name} {value} {sign} {share}floor {bound}"),
    "reason.share": ("{share} ", "{share} "),
    "reason.veto": ("一票否决：{items}", "veto: {items}"),
    "reason.many": ("{n} 项未达标（至多 {most} 项）：{items}", "{n} {n:item|items} not met ({most} allowed): {items}"),
    "reason.under": ("低于底线：{items}", "under the floor: {items}"),
    "reason.few": ("适用 {n} 项，少于 {least} 项", "{n} {n:item applies|items apply}, {least} needed"),
    "reason.missing": ("缺{items}，可能改变结论", "missing: {items}; it could turn the result"),
    "reason.allowed": ("{n} 项未达标，在允许之内：{items}", "{n} not met, which is allowed: {items}"),
    "reason.all": ("{n} 项全部达标", "all {n} items met"),
    "t1.caption.rule": (
        "{n} 所计入的学校；需要关注的在前。学校标准：{rule}。",
        "{n} counted {n:school|schools}, those that need attention first. School rule: {rule}.",
    ),
    "workbook": ("下载", "Download"),
    "workbook.link": ("本县工作簿（xlsx）", "the county’s workbook (xlsx)"),
}
