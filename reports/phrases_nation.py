"""Phrases of the nation's page."""

from __future__ import annotations

NATION: dict[str, tuple[str, str]] = {
    "nation": ("全国", "All provinces"),
    "nation.h1": (
        "{where} {n} 个县中，达到全部差异系数要求的：{within}",
        "Of {n} counties in {where}, {within} are within all limits",
    ),
    "nation.h1.free": (
        "{where} {n} 个县中，{county}的{stage}差距最大（{measure} {value}）",
        "Of {n} counties in {where}, {county} has the largest {stage} gap ({measure} {value})",
    ),
    "nation.h1.measured": (
        "{where} {n} 个县中，可以比较的：{measured}",
        "Of {n} counties in {where}, compared are {measured}",
    ),
    "nation.where": ("{n} 个省", "{n} provinces"),
    "nation.where.one": ("{province}", "{province}"),
    "nation.stage": ("{stage} {n} 个", "{n} in {stage}"),
    "nation.lead": (
        "{stage}：超限 {beyond} 个，暂不判定 {open} 个，不可比或没有学校 {single} 个。",
        "{stage}: {beyond} over, {open} undecided, {single} not comparable or without schools.",
    ),
    "nation.lead.free": (
        "{stage}：可以比较 {measured} 个，资料不全 {open} 个，不可比或没有学校 {single} 个。",
        "{stage}: {measured} compared, {open} incomplete, {single} not comparable or without schools.",
    ),
    "nation.lead.worst": ("超限最多的是{name}（{over}）。", "Most often over is {name} ({over})."),
    "nation.measured": ("{stage}可以比较", "{stage}: compared"),
    "tile.pupils": ("超限县学段的在校生", "Pupils in county stages over a limit"),
    "tile.pupils.sub": ("占各学段全部在校生的 {share}", "{share} of all pupils of the stages"),
    "grid.title": ("哪些省达标的县多？", "Where are most counties within?"),
    "grid.caption": (
        "{year} 年；一格一个省，数字为各学段都未超限的县占全部县的比例；按代码排列。",
        "{year}; a square a province: the share of its counties within the limits in every stage; by code.",
    ),
    "grid.caption.placed": (
        "{year} 年；一格一个省，数字为各学段都未超限的县占全部县的比例；方格只表示大致方位，不是地图。",
        "{year}; a square a province: the share of its counties within the limits in every stage. Squares stand roughly by direction; this is no map.",
    ),
    "grid.square": ("{name}：{n} 个县中 {within} 个", "{name}: {within} of {n} counties"),
    "areafig.bars.title": ("哪项指标超限的县最多？", "Which indicator is over most often?"),
    "bars.x": ("超限的县数", "Counties over the limit"),
    "bars.col": ("{stage}超限的县", "{stage}: counties over"),
    "bars.caption": (
        "{n} 个县中各项超限的县数，多的在前。",
        "Counties over the limit by indicator, of {n}, most first.",
    ),
    "areafig.bars.caption": (
        "{year} 年，{n} 个县中各项差异系数超限的县数；数据见下表。",
        "{year}, counties over the limit by indicator, of {n}. The data are in the table below.",
    ),
    "areafig.bars.aria": (
        "条形图：各项指标超限的县数，最多的是{name}（{over}）。数据见图下的表。",
        "Bars: counties over the limit by indicator, most in {name} ({over}). The data are in the table below.",
    ),
    "areafig.trend.title": ("在改善吗？", "Is it getting better?"),
    "trend.col": ("{stage}：未超限 / 可判定", "{stage}: within / judged"),
    "trend.caption": ("各年全部未超限的县与可判定的县。", "Counties within all limits and counties judged, by year."),
    "areafig.trend.caption": (
        "全部未超限的县占可判定的县的比例，各年各学段；数据见下表。",
        "Share of judged counties within all limits, by year and stage. The data are in the table below.",
    ),
    "areafig.trend.aria": (
        "折线图：历年全部未超限的县所占比例。{message}。数据见图下的表。",
        "Lines: share of counties within all limits by year. {message}. The data are in the table below.",
    ),
    "areafig.strips.title": ("省与省、省内各县相差多少？", "How far apart are provinces, and counties inside them?"),
    "areafig.strips.caption": (
        "{year} 年；一省一行，横线从第 10 到第 90 百分位，点为中位数，按首个学段的中位数排列；键值：{measure}。",
        "{year}; a row a province: the bar runs from the 10th to the 90th percentile, the mark is the median; sorted by the first stage’s median. Key: {measure}.",
    ),
    "strips.caption": (
        "各省的县的第 10 百分位、中位数和第 90 百分位",
        "10th percentile, median and 90th percentile of the counties by province",
    ),
    "areafig.strips.aria": (
        "分位数条：{provinces} 个省的县按“{measure}”的分布。数据见图下的表。",
        "Quantile strips: the spread of counties in {provinces} provinces by “{measure}”. The data are in the table below.",
    ),
    "coverage": ("报表收齐了吗？", "Have all returns come?"),
    "coverage.caption": (
        "{year} 年各省应报、已报和计入的县数。",
        "Counties expected, received and accepted by province, {year}.",
    ),
    "coverage.expected": ("应报", "Expected"),
    "coverage.received": ("已报", "Received"),
    "coverage.accepted": ("计入", "Accepted"),
    "coverage.share": ("计入占应报", "Accepted of expected"),
    "provinces": ("各省", "Provinces"),
    "provinces.caption": (
        "{n} 个省，按代码排列；点省名看各县，点数字看排名。",
        "{n} {n:province|provinces} by code; a name leads to the counties, a number to the ranking.",
    ),
    "filter.province": ("筛选省", "Filter provinces"),
    "col.province": ("省", "Province"),
    "col.counties.n": ("区县", "Counties"),
}
