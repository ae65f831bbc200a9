"""Phrases of a county page on what stands around it: counties alike, groups and districts, what explains a gap."""

from __future__ import annotations

AROUND: dict[str, tuple[str, str]] = {
    # --- counties alike
    "peers": ("与最相近的县相比如何？", "How does it compare with the counties most alike?"),
    "peers.lead": (
        "{county}的“{measure}”为 {value}，在自己和 {n} 个可比的相近县中排第 {place}（1 为最好）；相近县的中位数 {median}，由 {least} 到 {most}。",
        "By “{measure}” {county} is at {value}: place {place} among itself and {n} comparable {n:county|counties} alike (1 is best); their median is {median}, from {least} to {most}.",
    ),
    "peers.none": (
        "{county}没有可以比较的数值（{state}），下面只列出相近的县。",
        "{county} has no value to compare ({state}); the counties alike are listed.",
    ),
    "peers.alone": ("相近的县都没有可以比较的数值。", "None of the counties alike has a value to compare."),
    "peers.caption": (
        "{n} 个最相近的县，最相近的在前；距离为各特征标准化差的加权均方根，越小越相近。",
        "The {n} {n:county|counties} most alike, the most alike first; the distance is the weighted root mean square of differences in standard units, smaller is more alike.",
    ),
    "col.peer_no": ("次序", "No."),
    "col.distance": ("距离", "Distance"),
    "col.features": ("可比特征", "Features compared"),
    "col.differs": ("差别最大的特征", "Differs most in"),
    "peers.value": ("{n} / {of}", "{n} of {of}"),
    # --- groups and districts
    "inside": ("教育集团和学区内部的差距有多大？", "How large are the gaps inside school groups and districts?"),
    "kind.group": ("教育集团", "school group"),
    "kind.district": ("学区", "school district"),
    "inside.covers": (
        "本县有 {groups} 个{kind}，覆盖 {schools} / {all} 所学校（{share}）、{pupils} 的学生。",
        "The county has {groups} {groups:{kind}|{kind}s}, which reach {schools} of {all} schools ({share}) and {pupils} of pupils.",
    ),
    "inside.forms": (
        "其中紧密型 {close} 个，合作型 {cooperative} 个。",
        "{close} are close, {cooperative} cooperative.",
    ),
    "inside.new": ("新建学校 {inside} / {all} 所在内。", "{inside} of {all} new schools are inside."),
    "inside.weak": ("薄弱学校 {inside} / {all} 所在内。", "{inside} of {all} weak schools are inside."),
    "inside.unknown": (
        "本县没有{kind}的登记或填报，情况不明，不是没有。",
        "Neither register nor return tells of a {kind} here: unknown, which is not none.",
    ),
    "inside.lead": (
        "牵头学校与成员差得最多的是{group}的{name}：牵头 {lead}，成员平均 {members}（{unit}）。",
        "Lead and members are farthest apart in {group}, {name}: lead {lead}, members’ mean {members} ({unit}).",
    ),
    "inside.moved": (
        "能与加入前比较的 {n} 项次中，{closer} 项差距缩小，{wider} 项扩大。",
        "Of {n} {n:comparison|comparisons} with the time before joining, {closer} {closer:has|have} narrowed and {wider} widened.",
    ),
    "inside.caption": (
        "有本学段学校的 {n} 个集团（学区）内部的校际差异系数；上限只适用于县，这里不作判定。",
        "Gap coefficients inside {n} {n:group or district|groups or districts} with schools of this stage; limits apply to counties, so nothing is judged here.",
    ),
    "leads.caption": (
        "牵头学校与成员学校，差得多的在前；{shown} / {n} 行，其余见工作簿“集团”。",
        "Lead and members, farthest apart first; {shown} of {n} rows, all are in the workbook (sheet 集团).",
    ),
    "leads.caption.all": (
        "牵头学校与成员学校各项相比，差得多的在前。",
        "Lead and members by indicator, farthest apart first.",
    ),
    "leads.workbook": (
        "牵头与成员的逐项比较见工作簿“集团”。",
        "Lead and members by indicator are in the workbook (sheet 集团).",
    ),
    "leads.details": ("牵头与成员逐项比较", "Lead and members by indicator"),
    "col.kind": ("类别", "Kind"),
    "col.unit_group": ("集团（学区）", "Group or district"),
    "col.lead_value": ("牵头", "Lead"),
    "col.members_mean": ("成员平均", "Members’ mean"),
    "col.difference": ("牵头减成员", "Lead less members"),
    "col.ratio": ("牵头 ÷ 成员", "Lead ÷ members"),
    "col.before_after": ("加入前之差 → 现在之差", "Difference before joining → now"),
    "col.moved": ("变化", "Change"),
    "col.members": ("成员校数", "Members"),
    "moved.closer": ("缩小", "narrowed"),
    "moved.wider": ("扩大", "widened"),
    "moved.same": ("不变", "the same"),
    "lead.no_lead": ("没有牵头学校", "no lead"),
    "lead.two_leads": ("不止一所牵头学校", "two leads"),
    "lead.lead_elsewhere": ("牵头学校没有这一学段或不计入", "the lead has no such stage or is not counted"),
    "lead.lead_missing": ("牵头学校缺值", "the lead’s value is missing"),
    "lead.no_members": ("没有成员", "no members"),
    "lead.members_missing": ("成员缺值过多", "too many members without a value"),
    "lead.not_applicable": ("不适用", "not applicable"),
    # --- what explains a gap
    "apart": ("差距在各类学校之间，还是在同类学校之内？", "Do the gaps lie between kinds of schools, or within them?"),
    "apart.lead": (
        "差距最大的{name}（差异系数 {cv}）：按{ways}。其余部分在同类学校之内。",
        "The widest gap, {name} (coefficient {cv}): {ways}. The rest lies within the classes.",
    ),
    "apart.way": ("{way}分，{share} 在各类之间", "by {way}, {share} lies between the classes"),
    "apart.one": ("按{ways}只有一类，不能分解。", "By {ways} there is one class only, so nothing comes apart."),
    "apart.caption": (
        "差异系数的平方中，在各类学校之间的比例；“—”为只有一类或不能计算。",
        "Share of the squared coefficient that lies between classes of schools; “—”: one class only, or not computable.",
    ),
    "classes.caption": (
        "{name}：各类学校的均值和在差异系数平方中的份额（类间与类内之和，各划分方式分别合计 100%）；份额大的在前，每种至多 {most} 类。",
        "{name}: means of the classes and their shares of the squared coefficient (between and within together; each way adds up to 100%); largest first, at most {most} a way.",
    ),
    "classes.details": ("各类学校：{name}", "The classes: {name}"),
    "col.way": ("划分方式", "Divided by"),
    "col.class": ("类别", "Class"),
    "col.pupils_share": ("学生占比", "Share of pupils"),
    "col.mean_ratio": ("与县均值之比", "Over the county’s mean"),
    "col.cv_inside": ("类内差异系数", "Coefficient inside"),
    "col.share_all": ("占差异", "Share of the gap"),
    "col.share_between": ("其中类间", "of it between"),
}
