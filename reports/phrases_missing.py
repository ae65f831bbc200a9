"""Phrases that say what is missing: schools of a county, counties of an area."""

from __future__ import annotations

MISSING: dict[str, tuple[str, str]] = {
    "missing.title": ("缺什么", "What is missing"),
    "missing.county": (
        "{stage}缺 {n} 所学校，约 {pupils} 名学生（占应有学生的 {share}）。",
        "In {stage}, {n} {n:school is|schools are} missing, with about {pupils} pupils ({share} of those there should be).",
    ),
    "missing.county.over": (
        "超过 {limit}%，本县该学段缺值的差异系数按不完整处理，不参加排名。",
        "That is more than {limit}%: gaps that lack them are incomplete and are not ranked.",
    ),
    "missing.county.under": (
        "没有超过 {limit}%，仍可排名；判定按缺的学校可能取值的范围给出。",
        "That is not more than {limit}%: the county may be ranked, and verdicts allow for any value the missing schools may have.",
    ),
    "missing.county.unknown": (
        "其中 {n} 所的学生数不明。",
        "The pupils of {n} of them are not known.",
    ),
    "missing.county.caption": (
        "{year} 年应有而不可用的学校（{n} 所；没有报来的，在校生取上年）",
        "Schools that should be there and cannot be used, {year} ({n}; pupils of last year where nothing came)",
    ),
    "missing.area": (
        "{stage}：应报 {expected} 个区县，有数据的 {came} 个。",
        "{stage}: {came} of {expected} counties expected told of it.",
    ),
    "missing.area.short": (
        "不足 {limit}%，本地区结果不完整，区县不排名次。",
        "That is under {limit}%: the area is incomplete, and its counties have no ranks.",
    ),
    "missing.area.caption": (
        "缺报的区县和学校（{n} 行；没有报来的，在校生取名册中的上年数）",
        "Counties and schools that are missing ({n} {n:row|rows}; pupils of last year by the roster where nothing came)",
    ),
    "missing.area.caption.first": (
        "缺报的区县和学校（{n} 行中的前 {shown} 行；没有报来的，在校生取名册中的上年数）",
        "Counties and schools that are missing (the first {shown} of {n} rows; pupils of last year by the roster where nothing came)",
    ),
    "missing.none_came": ("没有任何可用数据", "nothing that can be used"),
    "missing.some": ("部分学校不可用：{names}", "some schools cannot be used: {names}"),
    "missing.quarantined": ("有严重问题，被隔离", "quarantined for a critical finding"),
    "missing.sent_nothing": ("名册中有，没有报来", "on the roster, nothing came"),
    "missing.more": ("全部名单", "The whole list"),
    "missing.counties": (
        "{stage}缺 {n} 个区县：{names}。",
        "In {stage}, {n} {n:county is|counties are} missing: {names}.",
    ),
    "col.missing.what": ("缺什么", "What is missing"),
    "col.missing.schools": ("缺的学校", "Schools missing"),
    "col.missing.why": ("为什么", "Why"),
}
