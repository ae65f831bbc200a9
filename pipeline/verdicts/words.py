"""The words of verdicts and their reasons, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

from pipeline.schema.county import CountyTest, Every, Ratio, Survey, YesNo
from pipeline.schema.entry import Label
from pipeline.schema.model import Catalogue
from pipeline.schema.worded import words_of

Row = Mapping[str, Any]
SIGNS = {">=": ("≥", "≥"), "<=": ("≤", "≤"), ">": (">", ">"), "<": ("<", "<")}


_all = partial(words_of, "pipeline.verdicts")


@cache
def _templates(key: str) -> tuple[str, str]:
    return _all()[key]["zh"], _all()[key]["en"]


def say(key: str, **holes: Any) -> Label:
    """A sentence of ``words.yaml``; holes are numbers, texts, or labels that are said in each language."""
    zh, en = _templates(key)
    return Label.model_construct(zh=zh.format(**_in(holes, 0)), en=en.format(**_in(holes, 1)))


def _in(holes: Mapping[str, Any], language: int) -> dict[str, Any]:
    return {
        k: (v.en if language else v.zh) if isinstance(v, Label) else v[language] if isinstance(v, tuple) else v
        for k, v in holes.items()
    }


def joined(parts: Sequence[Label], zh: str = "；", en: str = "; ") -> Label:
    """Texts one after the other."""
    return Label.model_construct(zh=zh.join(p.zh for p in parts), en=en.join(p.en for p in parts))


def plain(text: str) -> Label:
    """A text that is the same in both languages."""
    return Label.model_construct(zh=text, en=text)


NOTHING = plain("")


def number(value: float | None, unlike: float | None = None) -> str:
    """A number as reasons show it: six digits, or as many as tell it from the bound that it misses (``unlike``)."""
    if value is None:
        return "—"
    if value == round(value) and abs(value) < 1e15:
        return f"{value:.0f}"
    for digits in (6, 9, 12, 17):
        text = f"{value:.{digits}g}" if abs(value) < 10 ** min(digits, 15) else f"{value:.0f}"
        if unlike is None or value == unlike or float(text) != unlike:
            break
    return text


def with_unit(text: str, unit: Label | None) -> Label:
    """A number with its unit, per cent without a space."""
    if unit is None or text == "—":
        return plain(text)
    if unit.zh == "%":
        return plain(f"{text}%")
    return Label.model_construct(zh=f"{text}{unit.zh}", en=f"{text} {unit.en}")


# -- one test ----------------------------------------------------------------------------------------------------------


def reason(catalogue: Catalogue, test: CountyTest, row: Row) -> Label:
    """Why a test came to its state in a county (and stage): ``row`` is one of ``result.RESULT``."""
    told = _TELL[test.kind](catalogue, test, row)
    stage = catalogue.stages.get(row["stage"])
    return say("in_stage", stage=stage.label, text=told) if stage is not None else told


def label_of(catalogue: Catalogue, test: CountyTest, test_id: str) -> Label:
    """What a row of a test is called: a gap by its indicator."""
    indicator = catalogue.indicators.get(test_id) if test.kind == "gaps" else None
    return indicator.label if indicator is not None else test.label


def _ratio(catalogue: Catalogue, test: Ratio, row: Row) -> Label:
    state, bound = row["state"], row["bound"]
    value = with_unit(number(row["value"], bound if state == "unmet" else None), test.unit)
    holes = {
        "label": test.label,
        "value": value,
        "limit": with_unit(number(bound), test.unit),
        "sign": SIGNS[test.direction],
    }
    if state == "no_data":
        lacking = [_cell(catalogue, name) for name in row["lacking"] or ()]
        return say(
            "ratio.no_data", label=test.label, lacking=joined(lacking, "、", ", ") if lacking else say("ratio.no_lack")
        )
    over = ".over" if state == "unmet" and test.direction in ("<=", "<") else ""
    told = say(f"ratio.{state}{over}", **holes)
    if row["low"] is None or state == "not_applicable":
        return told
    note = say("ratio.interval", low=f"{row['low']:.1f}%", high=f"{row['high']:.1f}%")
    return joined([told, note], "", "")


def _cell(catalogue: Catalogue, name: str) -> Label:
    """What a cell or a total that is lacking is called; a total by its name only."""
    field = catalogue.fields.get(name)
    return field.label if field is not None else plain(name)


def _survey(catalogue: Catalogue, test: Survey, row: Row) -> Label:
    state, value, bound, low, high = (row[c] for c in ("state", "value", "bound", "low", "high"))
    labels = {party.id: party.label for party in test.parties}
    way = next((way.label for way in test.ways if way.id == row["why"]), None) or say("survey.both")
    holes = {
        "label": test.label, "way": way, "sign": SIGNS[test.direction], "limit": with_unit(number(bound), test.unit),
        "value": with_unit(number(value, bound if state == "unmet" else None), test.unit),
        "low": with_unit(number(low), test.unit), "high": with_unit(number(high), test.unit),
        "lacking": joined([labels[p] for p in row["lacking"] or ()], "、", ", "),
    }  # fmt: skip
    if value is None:
        is_nobody = low is None or high is None
        return say("survey.nobody" if is_nobody else "survey.no_data" if state == "no_data" else f"survey.{state}.range", **holes)  # fmt: skip
    told = say(f"survey.{state}", **holes)
    return (
        told if low is None else joined([told, say("ratio.interval", low=f"{low:.1f}%", high=f"{high:.1f}%")], "", "")
    )


def _yes(catalogue: Catalogue, test: YesNo, row: Row) -> Label:
    state, said = row["state"], row["value"]
    key = "yes.unproved" if row["why"] == "unproved" else f"yes.{state}"
    return say(key, label=test.label, said=_truth(bool(said)), wanted=_truth(test.expected))


def _truth(value: bool) -> Label:
    return say("yes" if value else "no")


def truth(value: bool) -> Label:
    """Yes or no in both languages."""
    return _truth(value)


def _every(catalogue: Catalogue, test: Every, row: Row) -> Label:
    is_bare = test.unit is None
    sign = SIGNS[test.direction]

    def one(school: Row) -> Label:
        value = with_unit(number(school["value"], school["bound"]), test.unit)
        return say("every.one.bare" if is_bare else "every.one", name=school["name"], value=value, sign=sign, limit=number(school["bound"]))  # fmt: skip

    return _of_many("every", test.label, row, one)


def _schools(catalogue: Catalogue, test: CountyTest, row: Row) -> Label:
    def one(school: Row) -> Label:
        is_enough = school["bound"] is None or school["value"] >= school["bound"]
        key = "schools.one.floor" if is_enough else "schools.one"
        return say(key, name=school["name"], value=number(school["value"]), limit=number(school["bound"]))

    return _of_many("schools", test.label, row, one)


def _of_many(kind: str, label: Label, row: Row, one: Callable[[Row], Label]) -> Label:
    state, failing = row["state"], row["failing"] or ()
    if state == "no_data" and row["why"] == "silent":
        return say(f"{kind}.silent", label=label)
    lacking = row["lacking"] or ()
    names = say("every.names", names=("、".join(lacking), ", ".join(lacking))) if lacking else NOTHING
    rest = say("every.rest") if row["unmet"] > len(failing) else NOTHING
    named = joined([one(school) for school in failing], "、", ", ")
    n = row["units"] + row["missing"]
    return say(
        f"{kind}.{state}", label=label, n=n, k=row["unmet"], named=named, rest=rest, u=row["unknown"], m=row["missing"], lacking=names
    )  # fmt: skip


def _gaps(catalogue: Catalogue, test: CountyTest, row: Row) -> Label:
    kind, state, why = test.kind, row["state"], row["why"]
    holes = {
        "label": label_of(catalogue, test, row["test_id"]), "value": number(row["value"], row["bound"]), "limit": number(row["bound"]),
        "low": number(row["low"]), "high": number(row["high"]), "m": row["missing"],
    }  # fmt: skip
    if state in ("met", "unmet"):
        told = say(f"{kind}.{state}", **holes)
        return (
            joined([told, say("gaps.no_moves_mend")], "", "") if state == "unmet" and why == "no_moves_mend" else told
        )
    if why in ("no_schools", "single_school", "zero_mean"):
        return say(f"{kind}.{why}", **holes)
    return say("gaps.incomplete" if row["low"] is None else f"{kind}.no_data", **holes)


_TELL: dict[str, Callable[[Catalogue, Any, Row], Label]] = {
    "ratio": _ratio, "yes": _yes, "every": _every, "schools": _schools, "gaps": _gaps, "composite": _gaps,
    "survey": _survey,
}  # fmt: skip
