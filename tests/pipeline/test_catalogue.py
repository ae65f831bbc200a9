"""Catalogues: every mistake names file, entry and line; the whole format loads; the code knows no id of a catalogue."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from pipeline.errors import CatalogueError
from pipeline.schema import SHIPPED, load_catalogue
from pipeline.schema.check import ENGINE_SETTINGS
from pipeline.schema.nodes import nodes
from pipeline.tables.registry import public_tables
from tests.oracles import REPOSITORY

CATALOGUES = REPOSITORY / "tests" / "catalogues"
WHOLE = CATALOGUES / "whole-format"


def mistaken(tmp_path: Path, file: str, right: str, wrong: str, base: Path = SHIPPED) -> tuple[CatalogueError, int]:
    """The error of a copy of a catalogue in which one text was replaced once, and the line where it stands."""
    folder = tmp_path / "catalogue"
    shutil.copytree(base, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert right in text
    (folder / file).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as error:
        load_catalogue(folder)
    return error.value, text[: text.index(right)].count("\n") + 1


NAME = "{to: name, header: 学校名称}"
MUSIC_NEED = "- id: music_rooms_needed\n"

# file, what stands there, what is written instead, the entry to be named, words to be found, lines from the text to the mistake
MISTAKES = {
    "a misspelt key": ("stages.yaml", "split_weight: 1.1\n", "splitweight: 1.1\n", "junior", "“splitweight”; did you mean “split_weight”?", 0),
    "a misspelt key inside": ("indicators.yaml", "clause: {zh: 第二十条, en: art. 20}, grade: V2}", "clauze: {zh: 第二十条, en: art. 20}, grade: V2}", "", "“source.clauze”; did you mean “clause”?", 0),
    "a misspelt key of a layout's column": ("layouts/own.yaml", "recode: {是", "recodes: {是", "own", "did you mean “recode”?", 0),
    "a missing key": ("stages.yaml", "  label: {zh: 小学, en: Primary}\n", "", "primary", "“label” is missing", -1),
    "a value out of the list": ("rules.yaml", "severity: warning", "severity: warn", "school_name_given", "'critical', 'warning' or 'info'", 0),
    "text for a number": ("stages.yaml", "split_weight: 1.32", "split_weight: much", "senior", "'much'", 0),
    "an unknown field in an indicator": ("indicators.yaml", "numerator: books", "numerator: bocks", "", "there is no “bocks”; did you mean “books”?", 0),
    "an unknown field in a condition": ("rules.yaml", "parent_school_id <> school_id", "parent_school <> school_id", "parent_is_another_school", "did you mean “parent_school_id”?", 0),
    "an unknown column in an expectation": ("rules.yaml", "column: urban_rural,", "column: urban,", "urban_rural_known", "there is no “urban”", 0),
    "an unknown cell to blame": ("rules.yaml", "blames: [school_type]", "blames: [school_typ]", "school_type_given", "did you mean “school_type”?", 0),
    "an unknown hole in a message": ("rules.yaml", "{name} 没有填办学类型", "{nam} 没有填办学类型", "school_type_given", "there is no “nam”; did you mean “name”?", 0),
    "an open brace in a message": ("rules.yaml", "{name} 没有填办学类型", "{name 没有填办学类型", "school_type_given", "unmatched braces", 0),
    "a rule that lets some rows off": ("rules.yaml", "{column: name}", "{column: name, mostly: 0.9}", "school_name_given", "must not depend on other rows", 0),
    "an unknown rule implied": ("rules.yaml", "  blames: [name]\n", "  blames: [name]\n  implies: [nothing]\n", "school_name_given", "there is no “nothing”", 1),
    "a rule with two tests": ("rules.yaml", "  blames: [name]\n", "  blames: [name]\n  condition: name is not null\n", "school_name_given", "give expectation or condition", -5),
    "an unknown indicator in a standard": ("standards/quality-2017.yaml", "    indicator: ", "    indicator: x_", "quality-2017", "there is no “x_", 0),
    "an unknown indicator in a gap": ("standards/basic-2012.yaml", "gap:\n  indicators:\n    - ", "gap:\n  indicators:\n    - x_", "basic-2012", "there is no “x_", 2),
    "an unknown stage in a threshold": ("standards/school-20.yaml", "stage: primary", "stage: primry", "school-20", "there is no “primry”; did you mean “primary”?", 0),
    "an unknown default standard": ("catalogue.yaml", "default_standard: quality-2017", "default_standard: quality-2071", "china-compulsory", "did you mean “quality-2017”?", 0),
    "a branch told by something unknown": ("catalogue.yaml", "branch_when: is_counted_school", "branch_when: is_counted", "china-compulsory", "did you mean “is_counted_school”?", 0),
    "a duplicate id": ("stages.yaml", "- id: junior", "- id: primary", "primary", "the same id as the entry at line 2 of stages.yaml", 0),
    "bad YAML": ("fields.yaml", "- id: operator_code\n", "- id: [operator_code\n", "", "is not valid YAML", 1),
    "a tab in YAML": ("settings.yaml", "  value: 5\n", "\tvalue: 5\n", "", "is not valid YAML", 0),
    "a key twice": ("settings.yaml", "  value: 5\n", "  value: 5\n  value: 6\n", "", "is not valid YAML", 1),
    "a function outside the dialect": ("fields.yaml", "ceil(classes_compulsory / 12)", "greatest(classes_compulsory / 12, 1)", "music_rooms_needed", "uses “greatest”, which is not allowed", 0),
    "an unknown function": ("fields.yaml", "ceil(classes_compulsory / 12)", "roundup(classes_compulsory / 12)", "music_rooms_needed", "uses “roundup”", 0),
    "an expression that does not parse": ("fields.yaml", "ceil(classes_compulsory / 12)", "ceil(classes_compulsory / 12", "music_rooms_needed", "does not parse", 0),
    "a field derived from itself": ("fields.yaml", "ceil(classes_compulsory / 12)", "ceil(music_rooms_needed / 12)", "music_rooms_needed", "in a circle", 0),
    "a field with the name of a row's own column": ("fields.yaml", "- id: operator_code", "- id: submission_id", "submission_id", "a column that every row has", 0),
    "an aggregate over school rows": ("fields.yaml", "{over: class, count: true}", "{over: school, count: true}", "classes_listed", "stage, class or room rows", 0),
    "a missing engine setting": ("settings.yaml", "key: comparison_tolerance", "key: tolerance", "comparison_tolerance", "the computation needs this setting", None),
    "a division with an unknown parent": ("divisions.csv", ",9902,,,true", ",9909,,,true", "990201", "there is no “9909”; did you mean “9902”?", 0),
    "a division on two lines": ("divisions.csv", "990102,鹤塘区", "990101,鹤塘区", "990101", "the same code stands on another line", 0),
    "a division of an unknown level": ("divisions.csv", "county,9901", "town,9901", "990101", "'province', 'prefecture' or 'county'", 0),
    "a division with a stray separator": ("divisions.csv", "990102,鹤塘区,Hetang District", "990102,鹤塘区,Hetang, District", "990102", "cells beyond the header", 0),
    "a misspelt column of divisions": ("divisions.csv", "is_fictional", "fictional", "99", "did you mean “is_fictional”?", 1),
    "a layout target that does not exist": ("layouts/own.yaml", NAME, "{to: namme, header: 学校名称}", "own", "there is no “namme”; did you mean “name”?", 0),
    "a layout target that is derived": ("layouts/own.yaml", NAME, "{to: pupils_all, header: 学校名称}", "own", "there is no “pupils_all”", 0),
    "a layout target of the wrong record": ("layouts/own.yaml", NAME, "{to: class_name, header: 学校名称}", "own", "a cell of a class row, not of a school row", 0),
    "a cell by stage without its stage": ("layouts/own.yaml", NAME, "{to: pupils, header: 学校名称}", "own", "say which stage", 0),
    "a stage for a cell that has none": ("layouts/own.yaml", NAME, "{to: name, header: 学校名称, stage: primary}", "own", "takes no stage", 0),
    "an unknown stage of a column": ("layouts/own.yaml", NAME, "{to: pupils, header: 学校名称, stage: primry}", "own", "did you mean “primary”?", 0),
    "two columns for one cell": ("layouts/own.yaml", NAME, "{to: school_id, header: 学校名称}", "own", "given by another column already", 0),
    "the county as a column": ("layouts/own.yaml", NAME, "{to: county_code, header: 学校名称}", "own", "there is no “county_code”", 0),
    "no column for the school": ("layouts/own.yaml", "{to: school_id,", "{to: stage,", "own", "no column is mapped to school_id", -1),
    "no column for the stage": ("layouts/own.yaml", "- {to: stage, header: 学段,", "- {to: district_id, header: 学段,", "own", "neither a stage column nor a stage constant", -3),
    "a part twice": ("layouts/own.yaml", "part: stages", "part: schools", "own", "the part “schools” stands twice", 0),
    "a province that is its own parent": ("divisions.csv", "province,,,,true", "province,99,,,true", "99", "the parent “99” must be of a higher level", 0),
    "a prefecture below a prefecture": ("divisions.csv", "prefecture,99,", "prefecture,9902,", "9901", "the parent “9902” must be of a higher level", 0),
    "a division with the code of the nation": ("divisions.csv", "990202,", "0,", "0", "reserved for the nation", 0),
    "an indicator twice in a gap": ("standards/basic-2012.yaml", "    - sports_sqm_per_pupil\n", "    - teaching_rooms_sqm_per_pupil\n", "basic-2012", "“teaching_rooms_sqm_per_pupil” stands twice", 0),
    "an indicator in two items": ("standards/school-20.yaml", "indicator: backbone_teachers_per_100", "indicator: above_degree_teachers_per_100", "school-20", "“above_degree_teachers_per_100” stands twice", 0),
    "a composite limit of nothing": ("standards/basic-2012.yaml", "composite_limits: {primary: 0.65", "composite_limits: {primary: 0", "basic-2012", "a finite number above 0", 0),
    "a field named by a word of SQL": ("fields.yaml", "- id: operator_code", "- id: order", "order", "is a word of SQL", 0),
    "a field with the name of a working column": ("fields.yaml", "- id: operator_code", "- id: campuses", "campuses", "a column that every row has", 0),
    "a text in arithmetic": ("indicators.yaml", "numerator: books\n", "numerator: 100 * name\n", "", "“name” is a text or a code", 0),
    "a body of people for what cannot move": ("indicators.yaml", "numerator: books\n", "numerator: books\n  drawn_from: full_time_teachers\n", "", "is for indicators that name whole_units", 1),
    "a text as a numerator": ("indicators.yaml", "numerator: books\n", "numerator: operator_code\n", "", "“operator_code” is a text or a code", 0),
    "a text as the result of a case": ("indicators.yaml", "numerator: books\n", "numerator: case when books > 0 then name end\n", "", "“name” is a text or a code", 0),
    "two levels for one stage": ("standards/quality-2017.yaml", "{stage: junior, value: 5.3", "{stage: primary, value: 5.3", "quality-2017", "a level for the same stage, school type and year", 0),
    "a level that is no number": ("standards/quality-2017.yaml", "value: 4.2", "value: .nan", "quality-2017", "must be a finite number", 0),
    "a floor without end": ("standards/quality-2017.yaml", "floor: 3.57", "floor: -.inf", "quality-2017", "must be a finite number", 0),
    "a limit without end": ("standards/quality-2017.yaml", "limits: {primary: 0.50", "limits: {primary: .inf", "quality-2017", "a finite number above 0", 0),
    "a text in arithmetic of a condition": ("rules.yaml", "boarders = 0 or beds is", "1 + name = 0 or beds is", "", "“name” is a text or a code", 0),
    "a critical rule across years": ("rules.yaml", "record: stage\n  step: 3\n  severity: warning\n  condition: \"abs(pupils", "record: stage\n  step: 3\n  severity: critical\n  condition: \"abs(pupils", "pupils_steady", "can only warn or inform", 2),
    "a rule that blames no cell of its row": ("rules.yaml", "blames: [staff, teachers_all]", "blames: [teachers_all]", "staff_cover_teachers", "at least one cell of its own row", 0),
    "a list has no year before": ("rules.yaml", "pupils, column_B: class_pupils", "pupils, column_B: before_class_pupils", "class_within_stage", "there is no “before_class_pupils”", 0),
    "a field named like one of the year before": ("fields.yaml", "- id: operator_code", "- id: before_operator_code", "before_operator_code", "figures of the year before", 0),
    "a field named like a count of rows": ("fields.yaml", "- id: operator_code", "- id: stage_rows", "stage_rows", "a column that every row has", 0),
    "a class of schools told by something unknown": ("partitions.yaml", "when: is_public = 1", "when: is_publik = 1", "ownership", "did you mean “is_public”?", 0),
    "a class of schools twice": ("partitions.yaml", "{id: town,", "{id: city,", "urban_rural", "the class “city” stands twice", 0),
    "a way to divide with the name of a level": ("partitions.yaml", "- id: district", "- id: prefecture", "prefecture", "is the name of a level of divisions", 0),
    "a way to divide in two ways": ("partitions.yaml", "  members: group\n", "  members: group\n  each: group_id\n", "group", "give exactly one of classes, each, members", -2),
    "a text in an aggregate": ("fields.yaml", "sum: case when room_sqm >= 96 then 1", "sum: case when room_sqm >= 96 then room_kind", "", "“room_kind” is a text or a code", 0),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told_with_file_entry_and_line(tmp_path: Path, case: str) -> None:
    file, right, wrong, entry, words, offset = MISTAKES[case]
    error, line = mistaken(tmp_path, file, right, wrong)
    assert words in error.en
    expected = 1 if offset is None else line + offset
    assert f"catalogue file {file}, line {expected}," in error.en
    assert f"目录文件 {file} 第 {expected} 行" in error.zh
    if entry:
        assert f"entry “{entry}”" in error.en and f"条目“{entry}”" in error.zh


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("origin: 宽表", "orign: 宽表", "there is no “orign”; did you mean “origin”?"),
        ("constants: {stage: top}", "constants: {stage: topp}", "there is no “topp”; did you mean “top”?"),
        ("is_public: true", "group_heads: 3", "a cell of a class row, not of a school row"),
        ("is_public: true", "volumes: 3", "“volumes” is given by a column already"),
        ("sum: [旧屏, 新屏]", "sum: [旧屏, 新屏], product: [长]", "give sum or product"),
        ("状态 = '停办'", "greatest(状态, '停办') = '停办'", "uses “greatest”"),
        ("代码 = '合计'", "代码 = = '合计'", "does not parse"),
        ("{to: screens,", "{to: screns,", "there is no “screns”; did you mean “screens”?"),
    ],
)
def test_a_mistake_in_the_rarer_parts_of_a_layout_is_told(tmp_path: Path, right: str, wrong: str, words: str) -> None:
    error, line = mistaken(tmp_path, "layouts/wide.yaml", right, wrong, WHOLE)
    assert words in error.en
    assert f"catalogue file layouts/wide.yaml, line {line}, entry “wide”" in error.en


def test_a_change_between_unknown_divisions_is_told(tmp_path: Path) -> None:
    error, _ = mistaken(tmp_path, "division_changes.csv", "8102,8103", "8102,8109", WHOLE)
    assert "catalogue file division_changes.csv, line 2" in error.en
    assert "there is no “8109”" in error.en


def test_two_fields_that_read_one_another_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    shutil.copytree(SHIPPED, folder)
    text = (folder / "fields.yaml").read_text(encoding="utf-8")
    for own, other in (("music", "art"), ("art", "music")):
        at = text.index(f"- id: {own}_rooms_needed")
        text = text[:at] + text[at:].replace("classes_compulsory", f"{other}_rooms_needed", 1)
    (folder / "fields.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"fields\.yaml.*_rooms_needed.*in a circle"):
        load_catalogue(folder)


@pytest.mark.parametrize("key", ENGINE_SETTINGS)
def test_each_setting_that_the_engine_reads_must_be_given(tmp_path: Path, key: str) -> None:
    error, _ = mistaken(tmp_path, "settings.yaml", f"key: {key}", "key: something_else")
    assert f"settings.yaml, line 1, entry “{key}”" in error.en


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("comparison_tolerance", "0.01", "a number from 0 to below 0.01"),
        ("comparison_tolerance", "null", "a number from 0 to below 0.01"),
        ("certainty_draws", "0", "a whole number of 1 to 100000"),
        ("certainty_tail_pct", "50", "a finite number of 0 to 49"),
        ("certainty_years", "1.5", "null or a whole number of 0 or more"),
        ("certainty_least_schools", "true", "a whole number of 2 or more"),
        ("missing_pupils_limit_pct", "-1", "a number from 0 to 100"),
        ("expected_counties_limit_pct", "101", "a number from 0 to 100"),
        ("expected_counties_limit_pct", ".nan", "a number from 0 to 100"),
        ("decimals_value", "2.5", "null or a whole number from 0 to 12"),
        ("decimals_value", "13", "null or a whole number from 0 to 12"),
        ("decimals_cv", "true", "null or a whole number from 0 to 12"),
    ],
)
def test_a_setting_of_the_engine_out_of_its_range_is_told(tmp_path: Path, key: str, value: str, words: str) -> None:
    lines = (SHIPPED / "settings.yaml").read_text(encoding="utf-8").splitlines()
    at = lines.index(f"- key: {key}")
    right = f"{lines[at]}\n{lines[at + 1]}"
    error, line = mistaken(tmp_path, "settings.yaml", right, f"{lines[at]}\n  value: {value}")
    assert f"settings.yaml, line {line + 1}, entry “{key}”: must be {words}" in error.en


def test_a_text_may_be_compared_in_a_numerator(tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    shutil.copytree(SHIPPED, folder)
    path = folder / "indicators.yaml"
    compared = "case school_type when '211' then 100 * books end + case when name like '%a' then 1 else is_public end"
    text = path.read_text(encoding="utf-8").replace("numerator: books\n", f'numerator: "{compared}"\n', 1)
    text = text.replace("  ledger: {field: books}\n", "", 1)  # no amount of books makes such a numerator grow
    path.write_text(text, encoding="utf-8")
    assert compared in {indicator.numerator for indicator in load_catalogue(folder).indicators.values()}


@pytest.mark.parametrize(
    "file",
    ["catalogue.yaml", "fields.yaml", "stages.yaml", "indicators.yaml", "rules.yaml", "settings.yaml", "divisions.csv"],
)
def test_a_missing_file_is_named(tmp_path: Path, file: str) -> None:
    shutil.copytree(SHIPPED, tmp_path / "catalogue")
    (tmp_path / "catalogue" / file).unlink()
    with pytest.raises(CatalogueError, match=re.escape(f"lacks {file}")):
        load_catalogue(tmp_path / "catalogue")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"there is no catalogue folder .*nowhere"):
        load_catalogue(tmp_path / "nowhere")


@pytest.mark.parametrize("file", ["stages.yaml", "divisions.csv"])
def test_a_file_in_gb18030_is_told_with_its_line(tmp_path: Path, file: str) -> None:
    shutil.copytree(SHIPPED, tmp_path / "catalogue")
    path = tmp_path / "catalogue" / file
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    with pytest.raises(CatalogueError, match=rf"{file}, line \d, is not UTF-8"):
        load_catalogue(tmp_path / "catalogue")


def test_a_control_character_is_an_error_too(tmp_path: Path) -> None:
    error, _ = mistaken(tmp_path, "stages.yaml", "Primary", "Prim\0ary")
    assert "stages.yaml is not valid YAML" in error.en


def test_a_file_that_is_no_list_of_entries_is_told(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "catalogue")
    (tmp_path / "catalogue" / "stages.yaml").write_text("primary: {}\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"stages\.yaml must be a list"):
        load_catalogue(tmp_path / "catalogue")


def test_a_mistake_in_merged_keys_has_the_line_of_the_merge(tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    shutil.copytree(WHOLE, folder)
    text = "- id: lower\n  label: &l {zh: 低, en: Low}\n  pupils_field: heads\n  split_weight: 1\n  source:\n    <<: *l\n    grade: I\n"
    (folder / "stages.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"stages\.yaml, line 5, entry “lower”: there is no key “source\.(zh|en)”"):
        load_catalogue(folder)


# -- what loads --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "folder", [SHIPPED, *sorted(p for p in CATALOGUES.iterdir() if p.is_dir())], ids=lambda p: p.name
)
def test_a_catalogue_loads_the_same_every_time(folder: Path) -> None:
    assert load_catalogue(folder) == load_catalogue(str(folder))


def test_the_whole_format_loads() -> None:
    catalogue = load_catalogue(WHOLE)
    wide = catalogue.layouts["wide"].sheets[0]
    by_target = {(c.to, c.stage): c for c in wide.columns}
    assert by_target["volumes", None].header == {2012: "图书", 2021: "图书（册）"}
    assert by_target["is_counted", None].recode == {"是": "1", "否": "0"}
    assert by_target["heads", "upper"].sentinels["888"].en == "rejected"
    assert [(d.to, d.sum, d.product) for d in wide.derived] == [
        ("screens", ("旧屏", "新屏"), ()), ("floor_sqm", (), ("长", "宽")),
    ]  # fmt: skip
    assert wide.constants == {"origin": "宽表", "is_public": True}
    assert len(wide.not_data) == 2
    assert [(c.year, c.kind, c.old_code, c.new_code) for c in catalogue.division_changes] == [
        (2020, "recode", "8102", "8103")
    ]
    assert [(d.valid_from, d.valid_to) for d in catalogue.divisions if d.name_zh == "西县"] == [(0, 2019), (2020, 9999)]
    assert catalogue.about.notice is not None and catalogue.about.notice.zh == catalogue.about.notice.en
    assert catalogue.setting("decimals_cv") is None


def test_the_digest_changes_with_a_byte_and_not_with_the_folder(tmp_path: Path) -> None:
    shutil.copytree(WHOLE, tmp_path / "a")
    assert load_catalogue(tmp_path / "a").digest == load_catalogue(WHOLE).digest
    with (tmp_path / "a" / "settings.yaml").open("a", encoding="utf-8") as stream:
        stream.write("# a remark\n")
    assert load_catalogue(tmp_path / "a").digest != load_catalogue(WHOLE).digest


# -- the code knows no id ----------------------------------------------------------------------------------------

ROOMS = ("pipeline", "expectations", "reports", "assets", "junheng")
TEMPLATES = (".sql", ".jinja", ".j2", ".css", ".js")
OTHER_SENSES = r"primary key|prepare primary"
"""Phrases in which an id of some catalogue is a word in another sense: here SQL's. (A stage is called primary; so is a word that no field may take.)"""


def ids() -> set[str]:
    """Ids of indicators, fields and stages, shipped and foreign, but for those that name a column of the contract's tables."""
    found: set[str] = set()
    for folder in (SHIPPED, CATALOGUES / "alagoas", CATALOGUES / "caschools"):
        catalogue = load_catalogue(folder)
        found |= {*catalogue.indicators, *catalogue.fields, *catalogue.stages}
    columns = {column.name for table in public_tables().values() for column in table.own_columns}
    return found - columns


def words_of_python(path: Path) -> set[str]:
    """Names, attributes, keywords and words of string constants that are not docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    docstrings |= {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            found.add(node.arg)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            found |= _words(node.value)
    return found


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", re.sub(OTHER_SENSES, " ", text)))


def words_of_template(path: Path) -> set[str]:
    """Words of a template outside its comments."""
    text = re.sub(r"\{#.*?#\}|/\*.*?\*/|--[^\n]*", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return _words(text)


def code_files() -> list[Path]:
    files = [path for room in ROOMS for path in (REPOSITORY / room).rglob("*") if "catalogue" not in path.parts]
    return sorted(path for path in files if path.suffix in (".py", *TEMPLATES))


def test_no_id_of_a_catalogue_stands_in_the_code() -> None:
    known = ids()
    offenders = {}
    for path in code_files():
        words = words_of_python(path) if path.suffix == ".py" else words_of_template(path)
        if words & known:
            offenders[path.relative_to(REPOSITORY).as_posix()] = sorted(words & known)
    assert not offenders


def test_the_search_for_ids_would_find_one(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        '"""books"""\nx = f(computers=1).equipment_yuan + "sum(sports_field_sqm)"\n', encoding="utf-8"
    )
    (tmp_path / "a.sql").write_text(
        "-- books\nselect junior, {{ senior }} {# staff #} from t /* beds */\n", encoding="utf-8"
    )
    assert words_of_python(tmp_path / "a.py") >= {"computers", "equipment_yuan", "sports_field_sqm"}
    assert "books" not in words_of_python(tmp_path / "a.py")
    assert words_of_template(tmp_path / "a.sql") == {"select", "junior", "senior", "from", "t"}
    assert len(code_files()) > 60


@pytest.mark.parametrize("path", sorted(SHIPPED.parent.rglob("*.yaml")), ids=lambda path: path.name)
def test_the_fast_parser_gives_what_the_thorough_one_gives_lines_too(path: Path) -> None:
    def flat(node: object) -> object:
        if isinstance(node, CommentedMap):
            return {key: (node.lc.data[key][0], flat(value)) for key, value in node.items()}
        if isinstance(node, CommentedSeq):
            return [(node.lc.item(i)[0], flat(value)) for i, value in enumerate(node)]
        return node

    text = path.read_text(encoding="utf-8")
    assert flat(nodes(text)) == flat(YAML(typ="rt").load(text))


@pytest.mark.parametrize(
    "text", ["a: no", "a: 0o17", "a: 1_000", "a: 2020-01-01", "a: &x 1\nb: *x", "a: .inf", "- ~", "a: 'yes'"]
)
def test_what_the_fast_parser_does_not_take_is_left_to_the_thorough_one(text: str) -> None:
    assert nodes(text) == YAML(typ="rt").load(text)


@pytest.mark.parametrize("text", ["a: 1\na: 2", "a: [1", "a: 'x"])
def test_mistakes_are_told_by_the_thorough_one(text: str) -> None:
    with pytest.raises(YAMLError):
        nodes(text)
