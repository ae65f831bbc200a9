"""The page of the rules: what each asks, what it says of the smallest file that breaks it, and how to mend it.

The examples are not written but made: the fixtures of the tests are read and judged as files of a county would be.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.findings import READING_RULES
from pipeline.schema.model import Catalogue
from pipeline.tables.catalogue_tables import both, clause_of
from tests.expectations.rule_fixtures import Together, fixtures
from tests.fixtures_home import FixtureHome, fixture_folders

MADE = "<!-- made by `make docs`; do not edit -->\n"
SEVERITIES = {"critical": "严重 critical", "warning": "提醒 warning", "info": "说明 info"}
STEPS = {1: "单格 cells", 2: "逻辑 rows", 3: "合理性 plausibility"}
Finding = Mapping[str, Any]


def rules(catalogue: Catalogue) -> str:
    """Every validation rule: those of reading, then those of the catalogue, each with an example."""
    parts = [
        MADE,
        "# 校验规则 · Validation rules\n",
        "“严重”使该校在该表的全部行被隔离；“提醒”和“说明”不影响计算。示例由最小的测试文件产生。\n\n"
        "Critical sets aside all rows of the school in that part; warnings and notes change no figure. Examples come from the smallest files that show them.\n",
        "\n## 读取时 · While reading\n",
    ]
    found = of_reading()
    for name, rule in READING_RULES.items():
        words = (rule.expected, f"{rule.mend_zh} / {rule.mend_en}", f"../tests/fixtures/reading/{name}")
        parts += _entry(name, SEVERITIES[rule.severity], found[name], *words)
    parts.append("\n## 目录规则 · Rules of the catalogue (`rules.yaml`)\n")
    examples = of_catalogue(catalogue)
    for rule_id, r in catalogue.rules.items():
        title = " · ".join((SEVERITIES[r.severity], r.record, STEPS[r.step], r.source.grade))
        words = (both(r.expected), both(r.mend), f"../tests/fixtures/rules/{rule_id}.yaml")
        parts += _entry(rule_id, title, examples[rule_id], *words, clause_of(r.source))
    return "\n".join(parts)


def _entry(
    name: str, title: str, example: Finding, expected: str, mend: str, fixture: str, clause: str | None = ""
) -> Iterator[str]:
    yield f"\n### `{name}`\n\n{title}" + (f" · {clause}" if clause else "") + "\n"
    yield (
        f"- 应为 expected：{_one_line(expected)}"
        if "{" not in expected
        else "- 应为 expected：" + _one_line(example["expected"])
    )
    yield f"- 示例 [example]({fixture})：{_one_line(example['message_zh'])} / {_one_line(example['message_en'])}"
    yield f"- 更正 mend：{_one_line(mend)}"


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("<", "&lt;").replace("|", "\\|")


def of_reading() -> dict[str, Finding]:
    """The first finding of each rule of reading, on its own fixture."""
    found: dict[str, Finding] = {}
    for name, folder in fixture_folders("reading").items():
        with tempfile.TemporaryDirectory() as home:
            found[name] = FixtureHome(folder, Path(home)).take_in().of(name)[0]
    return found


def of_catalogue(catalogue: Catalogue) -> dict[str, Finding]:
    """The first finding of each rule of the catalogue, on its own fixture."""
    with tempfile.TemporaryDirectory() as folder:
        by_fixture = Together(catalogue, fixtures(), Path(folder) / "all.xlsx").findings()
    return {name: next(f for f in by_fixture[name] if f["rule_id"] == name) for name in catalogue.rules}
