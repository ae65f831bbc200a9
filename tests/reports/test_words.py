"""Words and numbers: both languages whole, plurals right, digits honest."""

from __future__ import annotations

import re
import string

import pytest

from reports import numbers
from reports.phrases import PHRASES
from reports.words import SYMBOLS, Words
from tests.oracles import REPOSITORY


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_phrase_is_said_in_both_languages() -> None:
    for key, (zh, en) in PHRASES.items():
        assert zh and en, key
        assert holes(zh) <= holes(en) or holes(en) <= holes(zh), key


def test_every_phrase_is_used_and_every_used_phrase_exists() -> None:
    sources = [
        p
        for p in (REPOSITORY / "reports").rglob("*")
        if p.suffix in (".py", ".j2") and not p.name.startswith("phrases")
    ]
    text = "\n".join(p.read_text(encoding="utf-8") for p in sources)
    made = ("gap.", "value.", "finding.", "school.", "W", "col.", *set(re.findall(r'f"([a-z0-9_.]+\.)\{', text)))
    made += tuple(re.findall(r"\bwords\(\s*f[\"']([a-z_.]+)\{", text))
    unused = [k for k in PHRASES if f'"{k}"' not in text and not k.startswith(made)]
    assert not unused
    used = set(re.findall(r"\b(?:w|words)\(\s*\"([a-zA-Z0-9._]+)\"", text))
    assert used <= set(PHRASES), used - set(PHRASES)


def test_every_state_has_a_symbol_and_a_word() -> None:
    for state in SYMBOLS:
        assert any(f"{kind}.{state}" in PHRASES for kind in ("gap", "value", "finding", "school", "verdict")), state


def test_plurals_fit_their_number() -> None:
    words = Words("en")
    assert "1 warning," in words("tile.findings.sub", critical=0, warning=1, info=0)
    assert "2 warnings," in words("tile.findings.sub", critical=0, warning=2, info=0)


@pytest.mark.parametrize(
    ("value", "limit", "shown"),
    [
        (0.5018, 0.5, "0.502"),
        (0.5004, 0.5, "0.5004"),
        (0.50004, 0.5, "0.50004"),
        (0.5, 0.5, "0.500"),
        (0.4996, 0.5, "0.4996"),
    ],
)
def test_a_coefficient_never_looks_equal_to_a_limit_that_it_is_not(value: float, limit: float, shown: str) -> None:
    assert numbers.cv(value, limit) == shown


def test_numbers_round_half_up_in_decimal_with_separators() -> None:
    assert numbers.fixed(2.675, 2) == "2.68" and numbers.fixed(1234567.5, 0) == "1,234,568"
    assert numbers.fixed(-0.001, 2) == "0.00" and numbers.fixed(-1.25, 1) == "−1.3" and numbers.fixed(None, 2) == "—"
    assert (
        numbers.percent(0.125, 1) == "12.5%"
        and numbers.level_text(7.5) == "7.5"
        and numbers.level_text(2000.0) == "2,000"
    )
    assert numbers.limit_text(0.5) == "0.50" and numbers.limit_text(0.655) == "0.655"
