"""Phrases of the box above the numbers: a title and a sentence for each notice of ``notices``."""

from __future__ import annotations

NOTICES: dict[str, tuple[str, str]] = {
    "notices": ("读数前须知（{n}）", "Before you read the numbers ({n})"),
    "W1": ("仅 1 所学校：", "One school only: "),
    "W1.text": (
        "差异系数恒为 0，不可比，不作判定。",
        "the gap is 0 by definition, is not comparable and is not judged.",
    ),
    "W2": ("学校数少于 {few}：", "Fewer than {few} schools: "),
    "W2.text": (
        "共 {n} 所，一所学校变化就会明显改变差异系数。",
        "with {n} of them, a change in one school moves the gap a lot.",
    ),
    "W3": ("{n} 所学校的数据不可用：", "{n} {n:school|schools} cannot be used: "),
    "W3.text": (
        "应有 {expected} 所，可用 {came} 所；其余因严重问题被隔离或未报。缺的学校可能改变结论，涉及的差异系数暂不判定。",
        "{came} of {expected} are usable; the others are quarantined for a critical finding or were not sent. "
        "They could turn the result, so the gaps they belong to are undecided.",
    ),
    "W3.none": ("没有可用的报表：", "No usable return: "),
    "W3.none.text": (
        "本县本年没有报来，或报来的整份不能用（见问题清单），不作判定。",
        "the county sent nothing this year, or what it sent cannot be used as a whole (see the findings); nothing is judged.",
    ),
    "W4": ("缺报 {n} 校：", "{n} {n:school|schools} without a value: "),
    "W4.text": (
        "{names} 缺{indicators}，按其余 {used} 所计算（不以 0 代替）。",
        "{names} {n:lacks|lack} {indicators}; computed from the other {used} (missing is never 0).",
    ),
    "W5": ("县均值低于标准 {n} 项：", "County mean below the level, {n} {n:item|items}: "),
    "W5.text": ("{indicators}。差距小不等于条件好。", "{indicators}. A small gap does not mean good conditions."),
    "W6": ("无法计算：", "Cannot be computed: "),
    "W6.text": ("“{indicator}”的均值为 0。", "the mean of {indicator} is 0."),
    "W6.missing": ("无法计算：", "Cannot be computed: "),
    "W6.missing.text": ("没有一所学校报送“{indicator}”。", "no school gave {indicator}."),
    "W7": ("接近上限：", "Close to the limit: "),
    "W7.text": (
        "{gaps}；按未四舍五入的值判定，此处多列一位小数。",
        "{gaps}; judged on values that are not rounded, so one more digit is shown.",
    ),
    "W8": ("未计入 {n} 所：", "{n} not counted: "),
    "W8.text": ("{reasons}。名单见“未计入的单位”。", "{reasons}. They are listed under “Not counted”."),
    "W8.reason": ("{reason}（{n} 所）", "{reason} ({n})"),
    "W9": ("划分共用资源 {n} 所：", "Shared resources divided in {n} {n:school|schools}: "),
    "W9.text": (
        "校舍、设备等按各学段学生数和权重 {weights} 拆分。",
        "rooms and equipment are divided by pupils of each stage, weighted {weights}.",
    ),
    "W9.weight": ("{stage} {weight}", "{stage} {weight}"),
    "W10": ("数值可疑 {n} 处：", "Doubtful values, {n}: "),
    "W10.text": (
        "{names}，待核。更正之前仍按报表计算。",
        "{names}, to be checked. The figures stand as sent until they are corrected.",
    ),
    "W11": ("区划有变：", "Boundaries changed: "),
    "W11.text": (
        "本县 {year} 年有撤并、拆分或代码变更，与上年不可直接比较。",
        "the county was split, merged or given another code in {year}; a comparison with the year before does not hold.",
    ),
    "W11.level": ("标准有变：", "The standard changed: "),
    "W11.level.text": (
        "{year} 年起{indicators}的标准值调整，学校达标情况与上年不可直接比较。",
        "from {year} it asks another level of {indicators}; schools up to it are not comparable with the year before.",
    ),
    "W13": ("一校占比大：", "One school dominates: "),
    "W13.text": (
        "{name}的学生占 {share}，加权均值主要由它决定。",
        "{name} holds {share} of the pupils and mostly decides the weighted mean.",
    ),
}
