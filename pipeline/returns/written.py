"""One cell as people write it: the number, the code or the nothing that it says, and how it was read; else why it is not.

The grammar never guesses: what two readers could take for two values is refused, with the rule that tells the remedy. Which
words there are is the catalogue's (``schema.writing``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from pipeline.schema.entry import Label
from pipeline.schema.writing import Writing, compared, half_width

PLAIN = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$"
"""A number that needs no grammar. Not among them, though some parsers take them: 1e5, inf, nan, 0x10, 1_000."""

KINDS = {
    "full_width": Label(zh="全角字符", en="full-width characters"),
    "separators": Label(zh="千分位分隔", en="thousands separators"),
    "unit": Label(zh="带单位", en="a unit"),
    "multiplier": Label(zh="以千、万、亿计", en="thousands or ten thousands in words"),
    "numeral": Label(zh="以罗马或汉字数字表示", en="numerals in words"),
    "percent": Label(zh="百分数", en="per cent"),
    "no_value": Label(zh="表示没有数值的写法", en="words for no value"),
    "leading_zero": Label(zh="补回前导零", en="a leading zero put back"),
    "code_as_number": Label(zh="代码成为数值", en="a code stored as a number"),
    "marks": Label(zh="夹带控制符", en="stray marks"),
    "merged": Label(zh="合并单元格", en="merged cells"),
}
"""Ways in which a cell may differ from the plain value that it says."""

_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]{1,3}(?: [0-9]{3})+(?:\.[0-9]+)?|[0-9]+\.?[0-9]*|\.[0-9]+)(?![0-9,.])"
)
_ERROR = re.compile(r"^#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|SPILL!|CALC!|GETTING_DATA)$", re.IGNORECASE)
_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATE = re.compile(
    r"^(?:[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?(?:[ T]?[0-9:.]+)?|[0-9]{4}年[0-9]{1,2}月|[0-9]{1,2}月[0-9]{1,2}日"
    rf"|[0-9]{{1,2}}[- ]?(?:{_MONTH})|(?:{_MONTH})[- ]?[0-9]{{2}})$",
    re.IGNORECASE,
)
_FRACTION = re.compile(r"^[0-9]+ ?/ ?[0-9]+$")
_SCIENTIFIC = re.compile(r"^([1-9])(?:\.([0-9]*))?e\+?([0-9]{1,2})$", re.IGNORECASE)
_WHOLE_CODE = re.compile(r"^([0-9]+)\.0*$")
_MARKS = re.compile(r"_x000[0-9a-d]_", re.IGNORECASE)
_LONGEST = 100
"""Characters of a cell that may be a number or a code; a longer text is neither."""
_MOST_ZEROS = 2
"""How many leading zeros a spreadsheet is taken to have lost at most."""


@dataclass(frozen=True)
class AsNumber:
    """What a column's numbers are: their unit (in Chinese; None where the field has none), whether it is a ratio, by what a
    plain number is multiplied, and whether a cell may name its unit (parts of a product may not)."""

    unit: str | None
    is_ratio: bool
    factor: float
    may_name_unit: bool


@dataclass(frozen=True)
class Read:
    """What a cell says: its text as plain (None where it says that there is no value) and the kinds of writing.

    ``in_field_unit``: the cell named its unit in full, so that the column's factor must not be applied.
    """

    text: str | None
    kinds: tuple[str, ...]
    in_field_unit: bool = False


@dataclass(frozen=True)
class Refused:
    """Why a cell is not read: a reading rule, and what stands in its hole {expected}."""

    rule_id: str
    expected: str = ""


def read_number(text: str, what: AsNumber, writing: Writing) -> Read | Refused:
    """The number that a text which is not plain stands for."""
    if len(text) > _LONGEST:
        return Refused("not_a_number")
    shown, kinds = _cleaned(text)
    word = _as_word(text, shown, writing)
    if word is not None:
        return word
    numeral = writing.numeral_words.get(what.unit or "", {}).get(compared(shown))
    if numeral is not None and what.factor == 1:
        return Read(str(numeral), (*kinds, "numeral"), True)
    signed = shown.replace("\u2212", "-")
    found = _NUMBER.match(signed)
    suffix = compared(signed[found.end() :]) if found else ""
    if found is None or not _follows(suffix, what, writing):
        return _why_not(shown, suffix if found else None, what, writing)
    digits = found.group().replace(",", "").replace(" ", "")
    kinds += ("separators",) if len(digits) < len(found.group()) else ()
    return _scaled(Decimal(digits), suffix, kinds, what, writing)


def _cleaned(text: str) -> tuple[str, tuple[str, ...]]:
    """A text in half width without stray marks, and which of the two it had."""
    bare = _MARKS.sub("", text).strip()
    unmarked = bare[1:] if bare[:1] in ("'", "‘", "’") and bare[1:2].isdigit() else bare
    shown = half_width(unmarked)
    is_narrow = unmarked.isascii() or all(c in unmarked for c in shown if c != " ")
    is_marked = len(bare) < len(text.strip()) or len(unmarked) < len(bare)
    return shown, (("marks",) if is_marked else ()) + (() if is_narrow else ("full_width",))


def _as_word(text: str, shown: str, writing: Writing) -> Read | Refused | None:
    """What a cell without any number in it says; None where it may hold one."""
    word = compared(shown)
    if not word or word in writing.no_value_words or compared(text) in writing.no_value_words:
        return Read(None, ("no_value",) if word else ("marks",))
    if word in writing.ambiguous_words:
        return Refused("value_ambiguous")
    if _ERROR.match(shown):
        return Refused("cell_error")
    return Refused("value_date") if _DATE.match(shown) else None


def _parts(suffix: str, writing: Writing) -> tuple[int, str]:
    """What a suffix multiplies by, and the rest of it."""
    words = sorted(writing.multipliers, key=len, reverse=True)
    first = next((word for word in words if suffix.startswith(compared(word))), None)
    return (writing.multipliers[first], suffix[len(compared(first)) :]) if first else (1, suffix)


def _is_percent(suffix: str, what: AsNumber, writing: Writing) -> bool:
    return what.is_ratio and suffix in writing.unit_words.get(writing.percent_unit, frozenset())


def _follows(suffix: str, what: AsNumber, writing: Writing) -> bool:
    """Whether what stands behind a number agrees with the unit that its column is read in.

    A bare unit must be the column's own: 12元 below 万元 says one thing or the other. Ten thousands without a unit say
    nothing about a column that is counted in ten thousands already.
    """
    if not suffix:
        return True
    if not what.may_name_unit:
        return False
    times, unit = _parts(suffix, writing)
    if not unit:
        return what.factor == 1 and what.unit != writing.percent_unit and not what.is_ratio
    if _is_percent(suffix, what, writing):
        return True
    agrees = unit in writing.unit_words.get(what.unit or "", frozenset())
    if what.unit == writing.percent_unit:
        return agrees and times == 1
    return agrees and (times > 1 or what.factor == 1)


def _scaled(number: Decimal, suffix: str, kinds: tuple[str, ...], what: AsNumber, writing: Writing) -> Read:
    """A number with what its suffix makes of it."""
    if not suffix:
        return Read(format(number, "f"), kinds)
    if _is_percent(suffix, what, writing):
        return Read(format(number / 100, "f"), (*kinds, "percent"), True)
    times, unit = _parts(suffix, writing)
    if what.unit == writing.percent_unit:
        return Read(format(number, "f"), (*kinds, "percent"), True)
    more = ("multiplier",) * (times > 1) + ("unit",) * bool(unit)
    return Read(format(number * times, "f"), kinds + more, True)


def _why_not(shown: str, suffix: str | None, what: AsNumber, writing: Writing) -> Refused:
    """The rule that names the remedy for a cell that is no number of its column. ``suffix``: None where none begins it."""
    text = shown.replace("\u2212", "-")
    if _FRACTION.match(text):
        return Refused("value_fraction")
    ends = "|".join(re.escape(half_width(word)) for word in writing.between) or "-"
    if re.match(rf"^[0-9][0-9.,]* ?(?:{ends}|-) ?[0-9][0-9.,]*\D*$", text):
        return Refused("value_range")
    words = writing.approximate_words
    if words and re.search(r"[0-9]", text) and words.search(compared(text)):
        return Refused("value_approximate")
    if suffix is None or not suffix:
        return Refused("not_a_number")
    if suffix in writing.unit_words.get(writing.percent_unit, frozenset()):
        return Refused("percent_out_of_place", what.unit or "")
    times, unit = _parts(suffix, writing)
    is_unit = unit in writing.every_unit or (times > 1 and not unit)
    return Refused("unit_disagrees", _unit_of(what, writing)) if is_unit else Refused("not_a_number")


def _unit_of(what: AsNumber, writing: Writing) -> str:
    """The unit that a plain number of a column has."""
    by = next((word for word, times in writing.multipliers.items() if times == what.factor), None)
    times = "" if what.factor == 1 else by or f"{what.factor:g}"
    return f"{times}{what.unit or ''}"


def read_code(text: str, column: str, writing: Writing) -> Read | Refused:
    """The code that a text stands for. A lost zero is put back only where the code is sound with it and not without."""
    if len(text) > _LONGEST:
        return Read(text, ())
    shown, kinds = _cleaned(text)
    word = compared(shown)
    if not word or word in writing.words_for_none:
        return Read(None, ("no_value",) if word else ("marks",))
    if _DATE.match(shown):
        return Refused("code_became_date")
    if not shown.isascii():
        return Read(_MARKS.sub("", text).strip(), tuple(kind for kind in kinds if kind == "marks"))
    lost = _SCIENTIFIC.match(shown)
    if lost:
        digits = lost[1] + (lost[2] or "")
        if len(digits) != int(lost[3]) + 1:
            return Refused("code_digits_lost")
        return Read(digits, (*kinds, "code_as_number"))
    whole = _WHOLE_CODE.match(shown)
    code, kinds = (whole[1], (*kinds, "code_as_number")) if whole else (shown, kinds)
    padded = _padded(code, writing.code_patterns.get(column))
    return Read(padded or code, (*kinds, "leading_zero") if padded else kinds)


def _padded(code: str, pattern: re.Pattern[str] | None) -> str | None:
    """A code of digits with the zeros that make it sound; None where it is sound, or where no zero or more than one way does."""
    if pattern is None or not code.isdecimal() or pattern.match(code):
        return None
    sound = [full for zeros in range(1, _MOST_ZEROS + 1) if pattern.match(full := "0" * zeros + code)]
    return sound[0] if len(sound) == 1 else None


def may_be_date(text: str) -> bool:
    """Whether a text is a date and nothing else, as a spreadsheet makes it of 1-2."""
    return text[:1].isdigit() and _DATE.match(half_width(text)) is not None
