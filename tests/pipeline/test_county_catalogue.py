"""Mistakes in what a standard says of counties: each names file, line and entry, and what is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.errors import CatalogueError
from pipeline.schema import load_catalogue
from pipeline.schema.load import SHIPPED

MISTAKES = {
    "a cell that is none": ("field: is_performance_pay_full", "field: is_performance_pay_ful", "did you mean “is_performance_pay_full”"),
    "a declaration that is none": ("declared: is_declared_teacher_pay\n", "declared: is_declared_pay\n", "is_declared_pay"),
    "evidence that is none": ("evidence_fields: [conclusion_teacher_pay]", "evidence_fields: [conclusion_pay]", "conclusion_pay"),
    "an unknown column of schools": ("value: has_charter,", "value: has_chart,", "did you mean “has_charter”"),
    "an unknown column of a limit": ("limit: music_rooms_needed}", "limit: music_rooms_need}", "music_rooms_needed"),
    "an unknown total": ("numerator: funds\n", "numerator: fund\n", "did you mean “funds”"),
    "a setting that is none": ("settings: [retention_formula]", "settings: [retention_formel]", "retention_formula"),
    "a stage that is none": ("{over: unit_stage, stage: junior, sum: died}", "{over: unit_stage, stage: middle, sum: died}", "there is no “middle”"),
    "a stage of a whole campus": ("{over: unit, sum: special_needs_funds_yuan}", "{over: unit, stage: junior, sum: special_needs_funds_yuan}", "rows of stages only"),
    "a sum and an any": ("{over: unit_stage, stage: junior, sum: died}", "{over: unit_stage, stage: junior, sum: died, any: died > 0}", "exactly one of sum, any"),
    "a kind of test that is none": ("kind: gaps,", "kind: gap,", "county_items"),
    "a test that needs what the standard has not": ("kind: gaps,", "kind: composite,", "composite_limits"),
    "a test that stands twice": ("{id: posts, kind: yes", "{id: building, kind: yes", "stands twice"),
    "an item that stands twice": ("- id: teacher_rotation\n", "- id: teacher_pay\n", "stands twice"),
    "a rule of the scope that is none": ("county_scope: [special_school,", "county_scope: [special_schools,", "did you mean “special_school”"),
    "a survey that stands for no test": ("stands_for: reported", "stands_for: report", "did you mean “reported”"),
    "a survey of residents unknown": ("residents: resident_population", "residents: resident_populations", "did you mean “resident_population”"),
    "a survey with a share of no party": ("share_of: parent", "share_of: parents", "did you mean “parent”"),
    "a word for two parties": ("words: [学生]", "words: [家长]", "stands for two"),
    "a relaxation of no item": ("item: school_size\n", "item: school_sizes\n", "did you mean “school_size”"),
    "a relaxation of no test": ("tests: {size: {limit", "tests: {sizes: {limit", "did you mean “size”"),
    "a relaxation of no indicator": ("indicator: sports_sqm_per_pupil\n    when", "indicator: sports_sqm\n    when", "sports_sqm_per_pupil"),
    "a relaxation of two things": ("    indicator: sports_sqm_per_pupil\n    when", "    item: school_size\n    tests: {size: {limit: 1}}\n    indicator: sports_sqm_per_pupil\n    when", "item and tests, or indicator and numerator"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_names_file_line_and_what_is_wrong(tmp_path: Path, old: str, new: str, said: str) -> None:
    shutil.copytree(SHIPPED, tmp_path / "catalogue")
    path = tmp_path / "catalogue" / "standards" / "quality-2017.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as found:
        load_catalogue(tmp_path / "catalogue")
    assert found.value.en.startswith("catalogue file standards/quality-2017.yaml, line ")
    assert said in found.value.en
    line = int(found.value.en.split("line ")[1].split(",")[0])
    start = path.read_text(encoding="utf-8").splitlines().index("county_items:")
    assert line > start - 5
