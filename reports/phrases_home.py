"""Phrases of the home page."""

from __future__ import annotations

HOME: dict[str, tuple[str, str]] = {
    "home.h1.counties": ("{n} 个县的校际差距", "Gaps between the schools of {n} counties"),
    "home.what": ("这是什么", "What this is"),
    "home.what.1": (
        "本站用学校报送的统计报表，计算每个县校与校之间的差距（校际差异系数），并与标准的上限比较。",
        "From the returns that schools send, this site computes the gap between the schools of each county and holds it against the standard.",
    ),
    "home.what.2": (
        "每县每学段一页：先说结论，再看是哪几项、哪些学校，最后可以追到算式、条款和来源文件。",
        "There is a page for each county and stage: the finding, then which items and which schools, then the formula, the clause and the source files.",
    ),
    "home.what.3": (
        "缺报不当作 0；缺的数据可能改变结论时，写“暂不判定”。",
        "Missing is never 0; where missing data could turn a result, the page says so instead of judging.",
    ),
    "home.facts": ("本次发布", "This release"),
    "home.release": ("发布号 {release}，{built}", "Release {release}, {built}"),
    "home.tile.files": ("计入的文件", "Files that count"),
    "home.tile.files.sub": (
        "读到 {read} 行：计入 {accepted}，隔离 {quarantined}，按规则略去 {filtered}，非数据 {other}",
        "{read} rows read: {accepted} accepted, {quarantined} quarantined, {filtered} left out by rule, {other} not data",
    ),
    "home.table": ("各县结果", "Results by county"),
    "home.col.result": ("{stage}结果", "{stage}: result"),
    "home.col.worst": ("{stage}最大差距", "{stage}: largest gap"),
    "home.refused": ("没有接收的文件", "Files that were not accepted"),
    "home.refused.caption": (
        "{n} 份文件整件没有计入，原因和更正办法如下。",
        "{n} {n:file counts|files count} for nothing; why, and how to mend it.",
    ),
    "home.status.rejected": ("退回", "rejected"),
    "home.status.unreadable": ("无法读取", "unreadable"),
    "home.col.status": ("状态", "Status"),
    "home.nation": ("全国图表：分省、分指标、历年", "All provinces: by province, by indicator, over the years"),
    "home.letters": ("按拼音查找区县", "Counties from A to Z"),
    "home.download.workbooks": ("每省、每县一本 Excel 工作簿", "A workbook for every province and county"),
    "home.downloads": ("下载数据", "Downloads"),
    "home.download.database": ("发布库（DuckDB，全部公开表）", "The release database (DuckDB, every public table)"),
    "home.download.tables": ("逐表 Parquet 及说明", "Every table as Parquet, with descriptions"),
    "home.download.manifest": (
        "清单：输入、版本、每个文件的 sha256",
        "The manifest: inputs, versions and the sha256 of every file",
    ),
    "home.method.1": (
        "学校的数值 x：分子除以分母，指标的定义见发布库 indicator 表；P 为该校该学段的在校生。",
        "A school’s value x is a numerator over a denominator, as table indicator defines it; P is the school’s pupils of the stage.",
    ),
    "home.method.2": (
        "均值 X = Σ(P·x) ÷ ΣP；标准差 S = √( Σ P·(x − X)² ÷ ΣP )；差异系数 CV = S ÷ X。这是普查，不抽样，除数为学生数。",
        "Mean X = Σ(P·x) ÷ ΣP; S = √( Σ P·(x − X)² ÷ ΣP ); gap coefficient CV = S ÷ X. It is a census, not a sample, so the divisor is pupils.",
    ),
    "home.method.3": (
        "与上限、标准比较时不四舍五入（只留 {tolerance} 的相对容差抵消浮点误差）；页面上的数字才取整。",
        "Comparisons use unrounded values (with a relative tolerance of {tolerance} for floating-point error); numbers are rounded only to be shown.",
    ),
    "home.method.4": (
        "一个学段只有 1 所学校时不可比；缺值的学校不以 0 代替，缺值可能改变结论时不作判定。",
        "With one school a gap is not comparable; a missing value is never taken as 0, and where it could turn the result none is given.",
    ),
    "home.states": ("状态与符号", "States and symbols"),
    "home.settings": ("文件没有规定、由本目录选定的做法（{n} 项）", "Choices that the texts leave open ({n})"),
    "home.settings.caption": (
        "取值、含义、依据及可靠程度（V1、V2、I、U）。",
        "Value, meaning, source and grade (V1, V2, I, U).",
    ),
    "home.col.setting": ("设置", "Setting"),
    "home.col.value": ("取值", "Value"),
    "home.col.meaning": ("含义", "Meaning"),
    "home.col.source": ("依据", "Source"),
    "home.col.grade": ("可靠程度", "Grade"),
    "home.setting.off": ("未启用", "off"),
    "home.catalogue": ("目录：{title}（{version}）", "Catalogue: {title} ({version})"),
}
