"""Findings: their shape, and the words of what reading itself can find.

One row is one thing wrong (or worth knowing) about a cell, a row, a school or a file of a return. Rules that a
statistician edits stand in the catalogue; the words of those that reading cannot do without stand in ``reading_rules/``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

import polars as pl

from pipeline.schema.nodes import nodes

Severity = Literal["critical", "warning", "info"]

SCHEMA: dict[str, pl.DataType] = {
    "submission_id": pl.String(),
    "part": pl.String(),
    "rule_id": pl.String(),
    "severity": pl.String(),
    "year": pl.Int64(),
    "county_code": pl.String(),
    "school_id": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "cell": pl.String(),
    "field": pl.String(),
    "found": pl.String(),
    "expected": pl.String(),
    "nearest": pl.String(),
    "message_zh": pl.String(),
    "message_en": pl.String(),
    "mend_zh": pl.String(),
    "mend_en": pl.String(),
}
"""Columns of a finding before it has an id; ``row`` and ``cell`` are the addresses a spreadsheet shows. ``nearest`` is what
was most likely meant by a value that is not one of those allowed (``pipeline.nearest``), null where nothing is near."""


@dataclass(frozen=True)
class ReadingRule:
    """Words of a finding that reading makes: severity, expected, message and remedy in both languages."""

    severity: Severity
    expected: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str


def _loaded() -> dict[str, ReadingRule]:
    """Every rule of ``reading_rules/``, by the order of files and entries."""
    found = {}
    for path in sorted((files("pipeline") / "reading_rules").iterdir(), key=lambda path: path.name):
        for entry in nodes(path.read_text(encoding="utf-8")):
            expected, message, mend = entry["expected"], entry["message"], entry["mend"]
            same = expected["zh"] == expected["en"]
            shown = expected["zh"] if same else f"{expected['zh']} / {expected['en']}"
            words = (shown, message["zh"], message["en"], mend["zh"], mend["en"])
            found[str(entry["id"])] = ReadingRule(entry["severity"], *words)
    return found


READING_RULES = _loaded()


LONGEST = 300
"""Characters of a text of a return that a finding repeats."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
"""Characters that would change how a terminal or page shows what stands around them."""


def plain(text: object) -> str:
    """A text of a return as a finding repeats it: no longer than a reader needs, control characters as their codes."""
    whole = str(text)
    shown = _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", whole[:LONGEST])
    return shown if len(whole) <= LONGEST else f"{shown}…（{len(whole)}）"


def of_reading(rule_id: str, place: Mapping[str, object], **holes: object) -> dict[str, object]:
    """A finding of a reading rule: ``place`` gives submission, row, cell and so on; ``holes`` fill the words."""
    rule = READING_RULES[rule_id]
    holes = {name: plain(value) for name, value in holes.items()}
    expected = rule.expected.format(**holes) if "{" in rule.expected else rule.expected
    holes = {"expected": expected, **holes}
    return {
        **dict(place),
        "rule_id": rule_id,
        "severity": rule.severity,
        "found": holes.get("found", ""),
        "expected": expected,
        "message_zh": rule.zh.format(**holes),
        "message_en": rule.en.format(**holes),
        "mend_zh": rule.mend_zh,
        "mend_en": rule.mend_en,
    }


def frame(rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """Findings as a frame of SCHEMA; columns a finding does not have are null."""
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA, orient="row")


def with_ids(findings: pl.DataFrame) -> pl.DataFrame:
    """Adds ``finding_id``: a hash of what was found where, the same in every run over the same inputs."""
    key = ["submission_id", "part", "rule_id", "school_id", "sheet", "row", "cell", "field", "found", "expected"]
    of_no_file = pl.when(pl.col("submission_id").is_null())
    whose = [of_no_file.then(pl.format("|{}|{}", "year", "county_code")).otherwise(pl.lit("")).fill_null("")]
    parts = [pl.col(k).cast(pl.String).fill_null("") for k in key]
    text = findings.select(pl.concat_str([pl.concat_str(parts, separator="|"), *whose]))
    ids = [hashlib.sha256(value.encode()).hexdigest()[:16] for value in text.to_series()]
    order = ["submission_id", "part", "row", "cell", "rule_id", "finding_id"]
    numbered = findings.with_columns(pl.Series("finding_id", ids, dtype=pl.String))
    return numbered.unique("finding_id", keep="first", maintain_order=True).sort(order)
