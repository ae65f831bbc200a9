"""The phrases of the pages: key → (Chinese, English). A hole of one language may be absent from the other, never unknown."""

from __future__ import annotations

from reports.phrases_area import AREA
from reports.phrases_around import AROUND
from reports.phrases_corrections import CORRECTIONS
from reports.phrases_data import DATA
from reports.phrases_frame import FRAME, STATES
from reports.phrases_home import HOME
from reports.phrases_indicator import INDICATOR
from reports.phrases_judged import JUDGED
from reports.phrases_ledger import LEDGER
from reports.phrases_method import METHOD
from reports.phrases_missing import MISSING
from reports.phrases_nation import NATION
from reports.phrases_notices import NOTICES
from reports.phrases_results import RESULTS
from reports.phrases_suspicion import SUSPICION
from reports.phrases_verdict import VERDICT

COUNTY: dict[str, tuple[str, str]] = {
    # --- headline and lead
    "h1": ("{county}：{finding}", "{county}, {stage}: {finding}"),
    "h1.over": (
        "{stage} {n} 项差异系数中 {over} 项超过上限{limit}",
        "{over} of {n} gap coefficients exceed the limit{limit}",
    ),
    "h1.within": (
        "{stage} {n} 项差异系数全部不超过上限{limit}",
        "all {n} gap coefficients are within the limit{limit}",
    ),
    "h1.partly": (
        "{stage} {n} 项差异系数中 {met} 项不超过上限{limit}，{open} 项暂不判定",
        "{met} of {n} gap coefficients are within the limit{limit}, {open} undecided",
    ),
    "h1.single": ("{stage}仅 1 所学校，差异系数不可比", "1 school only, so gaps cannot be compared"),
    "h1.absent": ("{stage}没有可用的报表", "there is no usable return"),
    "h1.no_schools": ("没有计入比较的{stage}学校", "no school to compare"),
    "h1.undecided": (
        "{stage} {n} 项差异系数暂不判定：应有 {expected} 所，可用 {came} 所",
        "{n} gap coefficients undecided: {came} of {expected} schools usable",
    ),
    "h1.largest": ("{stage}差距最大的是{name}（{cv}）", "the largest gap is in {name} ({cv})"),
    "h1.nothing": ("{stage}差异系数无法计算", "no gap coefficient can be computed"),
    "lead.over": ("超限的是{names}。", "Over the limit: {names}."),
    "lead.met": ("未超限的是{names}。", "Within it: {names}."),
    "lead.open": (
        "暂不判定的是{names}：缺报的学校可能改变结论。",
        "Undecided: {names}; the missing schools could turn the result.",
    ),
    "lead.rest": ("不能比较或无法计算的是{names}。", "Not comparable or not computable: {names}."),
    "lead.largest": ("其余依次为{names}。", "Then come {names}."),
    "lead.no_limit": (
        "所用标准没有差异系数上限，因此只陈述差距，不作判定。",
        "The standard sets no limit for gaps, so they are stated, not judged.",
    ),
    "lead.schools": (
        "共计入 {n} 所学校、{pupils} 名学生。",
        "{n} {n:school|schools} with {pupils} pupils {n:is|are} counted.",
    ),
    "named": ("{name}（{cv}）", "{name} ({cv})"),
    "limit.of": (" {limit}", " of {limit}"),
    # --- meta
    "meta.stage": ("学段", "Stage"),
    "meta.year": ("统计年份", "Collection year"),
    "meta.release": ("发布号", "Release"),
    "meta.standard": ("标准", "Standard"),
    "meta.clause": ("{document}，{clause}", "{document}, {clause}"),
    # --- tiles
    "tile.gaps": ("差异系数未超限", "Gaps within the limit"),
    "tile.gaps.sub": (
        "超限 {over} 项，暂不判定 {open} 项，不可比 {rest} 项",
        "{over} over, {open} undecided, {rest} not comparable",
    ),
    "tile.measured": ("测得的差异系数", "Gaps measured"),
    "tile.measured.sub": ("没有上限；最大 {cv}", "no limit; the largest is {cv}"),
    "tile.schools": ("计入学校 / 学生", "Schools / pupils counted"),
    "tile.values": ("学校数值达到标准", "School values at the level"),
    "tile.values.sub": (
        "△ {below} 个，✕ {unmet} 个，缺报 {missing} 个，不适用 {na} 个",
        "△ {below}, ✕ {unmet}, missing {missing}, not applicable {na}",
    ),
    "tile.complete": ("有值的学校数值", "School values present"),
    "tile.complete.sub": ("缺报 {missing} 个，不适用 {na} 个", "{missing} missing, {na} not applicable"),
    "tile.findings": ("报表中发现的问题", "Findings in the returns"),
    "tile.findings.sub": (
        "严重 {critical}，提醒 {warning}，说明 {info}",
        "{critical} critical, {warning} {warning:warning|warnings}, {info} info",
    ),
    # --- figure 1
    "fig1.title": ("哪几项差距过大？", "Which gaps are too large?"),
    "fig1.title.free": ("哪几项差距最大？", "Which gaps are largest?"),
    "fig1.caption": (
        "校际差异系数（无单位，越小越均衡），{county}{stage}，{years}；由大到小排列。来源：{source}。",
        "Gap coefficient between schools (no unit; smaller is more even), {county}, {stage}, {years}; largest first. Source: {source}.",
    ),
    "fig1.aria": (
        "点图：{title}{message}数据见图下表格“{table}”。",
        "Dot plot: {title} {message} The data are in the table “{table}” below.",
    ),
    "fig.beyond": (
        "有 {n} 个值远超出图的范围，写在图边。",
        "{n} {n:value lies|values lie} far beyond the figure and {n:is|are} written at its edge.",
    ),
    "fig1.axis": ("校际差异系数（越小越均衡）", "Gap coefficient (smaller is more even)"),
    "fig1.limit": ("上限 {limit}", "limit {limit}"),
    "fig1.key.last": ("{year} 年", "{year}"),
    "fig1.key.arrow": ("↑ 扩大、↓ 缩小、→ 持平：与 {year} 年相比", "↑ wider, ↓ narrower, → the same as in {year}"),
    "fig1.key.limit": ("上限；着色处为超限", "limit; tinted: over it"),
    "fig1.hover": (
        "{name}<br>差异系数 {cv}<br>均值 X {mean} {unit}，标准差 S {sd}<br>{n} 所学校{last}",
        "{name}<br>gap coefficient {cv}<br>mean X {mean} {unit}, S {sd}<br>{n} schools{last}",
    ),
    "fig1.hover.last": ("<br>{year} 年 {cv}", "<br>{year}: {cv}"),
    "years.both": ("{year} 年与 {last} 年", "{year} and {last}"),
    "years.one": ("{year} 年", "{year}"),
    # --- figure 2
    "fig2.title": ("差距来自哪些学校？", "Which schools make the gap?"),
    "fig2.caption": (
        "学校数值占标准值的百分比，{county}{stage}，{year} 年；{mark}；次序同图 1。竖线为按学生数加权的均值。{over}来源：{source}。",
        "School value as a share of the standard’s level, {county}, {stage}, {year}; {mark}; order as in figure 1. "
        "The bar is the pupil-weighted mean. {over}Source: {source}.",
    ),
    "fig2.mark.area": ("一点一校，点的面积与学生数成正比", "one mark a school, its area in proportion to pupils"),
    "fig2.mark.same": ("一点一校", "one mark a school"),
    "fig2.mark.binned": (
        "学校较多，一点约代表 {k} 所，按 5 个百分点分组",
        "many schools: a mark stands for up to {k}, in steps of 5 points",
    ),
    "fig2.over": ("高于 {cap} 的点画在右边界外。", "Marks beyond {cap} stand at the right edge. "),
    "fig2.aria": (
        "分布图：{title}{message}数据见表“{table}”。",
        "Strip plot: {title} {message} The data are in the table “{table}”.",
    ),
    "fig2.aria.lane": (
        "{name}：{met} 所达到标准，{below} 所低于标准不低于底线，{unmet} 所未达标，{missing} 所缺报。",
        "{name}: {met} at the level, {below} below it but above the floor, {unmet} not met, {missing} missing.",
    ),
    "fig2.axis": ("学校数值 ÷ 标准值", "School value ÷ level of the standard"),
    "fig2.level": ("标准 100%", "level 100%"),
    "fig2.floor": ("底线 {floor}", "floor {floor}"),
    "fig2.beyond": ("≥{cap}：{n} 所", "≥{cap}: {n}"),
    "fig2.hover": (
        "{name}<br>{value} {unit}，为标准的 {ratio}<br>{pupils} 名学生",
        "{name}<br>{value} {unit}, {ratio} of the level<br>{pupils} pupils",
    ),
    "fig2.hover.bin": ("{ratio}：{n} 所", "{ratio}: {n} {n:school|schools}"),
    "fig2.key.mean": ("县均值（按学生数加权）", "county mean (weighted by pupils)"),
    # --- tables
    "t3.title": ("{county}{stage}各项差异系数", "Gap coefficients of {county}, {stage}"),
    "t1.title": ("各校数值", "Values of every school"),
    "t1.question": ("每所学校的数值是多少？", "What is the value of every school?"),
    "t1.caption": (
        "{n} 所计入的学校；需要关注的在前：先按未达标项数，再按低于标准项数、缺报项数。",
        "{n} counted {n:school|schools}, those that need attention first: by items not met, then below the level, then missing.",
    ),
    "t1.caption.free": (
        "{n} 所计入的学校；在差距最大的一项中偏离均值最多的在前。",
        "{n} counted {n:school|schools}; those that deviate most in the largest gap come first.",
    ),
    "t2.question": ("哪些单位没有计入，为什么？", "Which units are not counted, and why?"),
    "t2.caption": (
        "不参加校际比较的 {n} 个单位及依据。",
        "{n} {n:unit|units} outside the comparison, with the clause.",
    ),
    "t2.caption.lost": (
        "被隔离的学校按全县列出，其中属于本学段的有 {n} 所。",
        "Quarantined schools are listed for the whole county; {n} belong to this stage.",
    ),
    "t2.merged": ("并入 {name} 计算", "merged into {name}"),
    "t2.lost": (
        "报表有严重问题，已隔离，更正后重新计入",
        "quarantined for a critical finding until the return is mended",
    ),
    "t2.none": ("本学段所有学校都已计入。", "Every school of the stage is counted."),
    "t4.question": ("报表有哪些问题，怎么改？", "What is wrong with the returns, and how is it mended?"),
    "t4.caption": (
        "{county}本年报表（各学段）的 {n} 条问题，严重的在前。",
        "{n} {n:finding|findings} in this year’s returns of {county}, all stages; the gravest first.",
    ),
    "t4.more": (
        "此处列出前 {n} 条，其余见本县工作簿“问题清单”。",
        "The first {n} are shown; the county’s workbook lists them all.",
    ),
    "t4.none": ("本县计入的报表没有发现问题。", "Nothing was found in the returns of this county that count."),
    "t5.question": ("按其他标准，差距如何？", "What are the gaps by other standards?"),
    "t5.no_limit": (
        "{name}不限制单项差异系数，故此处只列数值。",
        "{name} sets no limit for a single gap coefficient, so the values are only stated.",
    ),
    "t5.composite": (
        "它限制的是各项的综合差异系数（上限 {limit}），列在表末。",
        "It limits the composite of all items ({limit}), the last row of the table.",
    ),
    "col.indicator": ("指标", "Indicator"),
    "col.item": ("条款序号", "Item"),
    "col.cv": ("差异系数", "Gap coefficient"),
    "col.limit": ("上限", "Limit"),
    "col.verdict": ("判定", "Result"),
    "col.last": ("{year} 年", "{year}"),
    "col.mean": ("均值 X", "Mean X"),
    "col.level": ("标准值", "Level"),
    "col.sd": ("标准差 S", "S"),
    "col.n": ("学校数", "Schools"),
    "col.lacking": ("缺值学校", "Schools missing"),
    "col.school": ("学校", "School"),
    "col.pupils": ("在校生", "Pupils"),
    "col.result": ("达标项", "Items met"),
    "col.reason": ("原因", "Reason"),
    "col.clause": ("依据", "Clause"),
    "col.code": ("标识码", "Code"),
    "col.area_code": ("区划代码", "Code"),
    "col.severity": ("程度", "Severity"),
    "col.message": ("问题", "What was found"),
    "col.place": ("位置", "Place"),
    "col.found": ("发现", "Found"),
    "col.expected": ("应为", "Expected"),
    "col.mend": ("如何更正", "How to mend it"),
    "col.file": ("文件", "File"),
    "col.part": ("部分", "Part"),
    "col.rows": ("读到行数", "Rows read"),
    "col.rows_accepted": ("计入", "Accepted"),
    "col.rows_quarantined": ("隔离", "Quarantined"),
    "col.sha": ("内容摘要", "sha256"),
    "place.row": ("第 {n} 行", "row {n}"),
    "split": ("拆", "split"),
    "split.long": ("共用资源按学段划分的学校", "school whose shared resources are divided by stage"),
    # --- trace
    "trace.title": ("这些数字怎么来的？", "Where do these numbers come from?"),
    "trace.lead": (
        "每项差异系数一格；溯源号可用于查询和电话核对。",
        "A box for each coefficient; quote the trace id when you ask about it.",
    ),
    "trace.id": ("溯源号", "Trace id"),
    "trace.formula": ("算式", "Formula"),
    "trace.mean": ("均值", "Mean"),
    "trace.sd": ("标准差", "Standard deviation"),
    "trace.value": ("每校的数值", "A school’s value"),
    "trace.used": ("计入", "Used"),
    "trace.used.text": (
        "{n} 所学校、{pupils} 名学生；缺值 {missing} 所、{lost} 名学生",
        "{n} {n:school|schools}, {pupils} pupils; missing: {missing} {missing:school|schools}, {lost} pupils",
    ),
    "trace.limit": ("判定", "Held against"),
    "trace.limit.text": ("{cv} {sign} 上限 {limit}：{verdict}", "{cv} {sign} limit {limit}: {verdict}"),
    "trace.limit.none": ("没有上限", "no limit"),
    "trace.clause": ("依据", "Clause"),
    "trace.cells": ("取自报表", "Cells of the return"),
    "trace.meaning": ("口径", "Definition"),
    "trace.files": ("来源文件", "Source files"),
    "trace.files.caption": ("本县本年计入的文件（各学段）。", "Files of this county that count this year, all stages."),
    "source.forms": ("{forms}；{files}", "{forms}; {files}"),
    "source.files": ("{n} 份报送文件（名单见“{title}”）", "{n} {n:file|files} that came (listed under “{title}”)"),
}

PHRASES: dict[str, tuple[str, str]] = {
    **FRAME, **STATES, **COUNTY, **JUDGED, **NOTICES, **HOME, **AREA, **MISSING, **NATION, **METHOD, **DATA, **INDICATOR, **CORRECTIONS, **SUSPICION,
    **VERDICT, **LEDGER,
    **RESULTS, **AROUND,
}  # fmt: skip
