"""Phrases that all pages share, and the words of states."""

from __future__ import annotations

FRAME: dict[str, tuple[str, str]] = {
    "site": ("均衡 · 校际差距监测", "Junheng · gaps between schools"),
    "skip": ("跳到正文", "Skip to content"),
    "home": ("首页", "Home"),
    "all": ("全部区县", "All counties"),
    "twin": ("English", "中文"),
    "fictional": (
        "虚构样本：本页的地区、学校和数字都是编造的示例数据，不代表任何真实地方。",
        "Invented sample data: the places, schools and figures of this page are made up and stand for no real place.",
    ),
    "footer.release": ("发布号", "Release"),
    "footer.see_home": ("见首页", "see the home page"),
    "footer.method": (
        "差异系数 = 标准差 ÷ 均值，按学生数加权；与上限、标准比较时用未四舍五入的值。",
        "Gap coefficient = standard deviation ÷ mean, weighted by pupils; comparisons use values that are not rounded.",
    ),
    "footer.data": (
        "数据来自报送的统计报表，页面由发布库生成；引用时请写明发布号。",
        "Figures come from the returns that were sent; pages are made from the release database. Cite the release number.",
    ),
    "how": ("数字怎么来的", "How the numbers are made"),
    "noscript": (
        "图由脚本绘制。没有看到图时，下面的数据表含全部数字。",
        "The figure is drawn by a script. If you do not see it, the table below carries every number.",
    ),
    "unzip": (
        "没有找到绘图程序：如在压缩包内直接打开，请先解压全部文件。下面的数据表含全部数字。",
        "The drawing library was not found: if you opened this page inside a zip file, unpack it first. The table below carries every number.",
    ),
    "csv": ("下载 CSV", "Download CSV"),
    "filter": ("筛选", "Filter"),
    "filter.state": ("状态", "State"),
    "filter.all": ("全部", "All"),
    "filter.count": ("显示 %n / %m 行", "%n of %m rows shown"),
    "sort": ("排序", "sort"),
    "key": ("图例", "Key"),
    "fig": ("图 {n}", "Figure {n}"),
    "table": ("表 {n}", "Table {n}"),
    "fig.data": ("图 {n} 数据表", "Data of figure {n}"),
    "none": ("无", "none"),
}

STATES: dict[str, tuple[str, str]] = {
    "gap.met": ("未超限", "within"),
    "gap.unmet": ("超限", "over"),
    "gap.undecided": ("缺报，暂不判定", "undecided: data missing"),
    "gap.measured": ("无上限", "no limit"),
    "gap.incomplete": ("缺报较多，仅供参考", "much missing"),
    "gap.single": ("不可比", "not comparable"),
    "gap.zero": ("无法计算", "cannot be computed"),
    "gap.none": ("不适用", "not applicable"),
    "gap.zero_mean": ("均值为 0", "the mean is 0"),
    "gap.poor": ("均而不优", "evenly low"),
    "value.met": ("达到标准", "at the level"),
    "value.below": ("低于标准，不低于底线", "below the level, above the floor"),
    "value.below.short": ("低于标准", "below the level"),
    "value.unmet": ("未达标", "not met"),
    "value.missing": ("缺报", "missing"),
    "value.not_collected": ("全县未采集", "not collected in the county"),
    "value.not_applicable": ("不适用", "not applicable"),
    "value.measured": ("没有标准值", "no level set"),
    "value.single": ("不可比", "not comparable"),
    "finding.critical": ("严重", "critical"),
    "finding.warning": ("提醒", "warning"),
    "finding.info": ("说明", "info"),
}
