"""The ministry's export: the same schools give the same rows and the same values as in our own return, however it is written."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl
import pytest

from pipeline.returns.reader import FileRows, read_file
from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.entry import RecordType
from pipeline.store.home import Home
from pipeline.store.ledger import derive
from tests.homes import CATALOGUES
from tests.layouts import ministry
from tests.layouts.ministry import STAGES, as_ods, as_text, as_workbook, grid, write
from tests.layouts.schools import CENTRE, NINE, TWELVE, UNITS, YEAR, Unit, as_returns, unit
from tests.pipeline.chain import compute_home, table
from tests.pipeline.computed import computed

CARRIED = frozenset({
    "teaching_rooms_sqm_per_pupil", "sports_sqm_per_pupil", "equipment_yuan_per_pupil", "computers_per_100", "books_per_pupil",
    "multimedia_rooms_per_100", "teachers_per_100", "above_degree_teachers_per_100", "mid_rank_teachers_per_100",
    "backbone_teachers_per_100", "pe_arts_teachers_per_100", "school_size",
})  # fmt: skip
"""Indicators whose cells stand in the export (``ministry.headers``); it has no lists of classes and rooms and no ledger."""

WAYS: dict[str, Callable[[str], bytes]] = {
    "CSV, headers in several rows": lambda stage: as_text(grid(stage)),
    "TSV in UTF-8 with a title": lambda stage: as_text(grid(stage, title="2025学年初学校基本情况"), "utf-8-sig", "\t"),
    "CSV, levels joined by >": lambda stage: as_text(grid(stage, joined=">")),
    "CSV, levels joined by -": lambda stage: as_text(grid(stage, joined="-")),
    "CSV, levels in lines of a cell": lambda stage: as_text(grid(stage, joined="\n")),
    "workbook, merged headers": lambda stage: as_workbook({stage: "导出"}),
    "workbook, headers not merged": lambda stage: as_workbook({stage: "导出"}, is_merged=False),
    "OpenDocument": lambda stage: as_ods(grid(stage), "Sheet1"),
}


@pytest.fixture(scope="module")
def own() -> Catalogue:
    return load_catalogue()


def read(data: bytes, catalogue: Catalogue) -> FileRows:
    return read_file(data, "export", YEAR, catalogue)


def rules(result: FileRows) -> list[str]:
    return [str(f["rule_id"]) for f in result.all_findings()]


def frames(results: Iterable[FileRows], record: RecordType) -> pl.DataFrame:
    return pl.concat([part.frames[record] for result in results for part in result.parts])


def written(home: Home, stage: str, data: bytes, name: str = "") -> None:
    write(home.inbox / str(YEAR) / (name or f"{stage}.csv"), data)


# -- rows ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_every_cell_of_every_school_is_read_however_the_export_is_written(own: Catalogue, way: str) -> None:
    results = {stage: read(WAYS[way](stage), own) for stage in STAGES}
    assert [(r.layout_id, rules(r)) for r in results.values()] == [("ministry", [])] * 3
    for stage, result in results.items():
        units = [unit for unit in UNITS if stage in unit.stages]
        held = {row["school_id"]: row for row in frames([result], "school").to_dicts()}
        by_stage = {row["school_id"]: row for row in frames([result], "stage").to_dicts()}
        assert list(held) == [unit.school_id for unit in units]
        for one in units:
            assert differing(held[one.school_id], one.school, without={"is_public"}) == {}
            assert differing(by_stage[one.school_id], one.stages[stage], without=SUMMED) == {}
            arts = sum(one.stages[stage][name] for name in SUMMED)
            assert by_stage[one.school_id]["arts_teachers_total"] == arts


SUMMED = {"music_teachers", "art_teachers", "arts_teachers"}
"""Counts of which the export gives the sum."""


def differing(row: dict[str, object], meant: dict[str, object], without: set[str]) -> dict[str, object]:
    """Cells of a typed row that are not what the school has."""

    def same(one: object, other: object) -> bool:
        return math.isclose(one, other) if isinstance(one, float) and isinstance(other, float | int) else one == other

    return {name: row[name] for name, cell in meant.items() if name not in without and not same(row[name], cell)}


def test_one_workbook_may_hold_a_sheet_a_stage(own: Catalogue) -> None:
    result = read(as_workbook({"primary": "小学", "junior": "初中", "senior": "高中"}), own)
    assert [part.part for part in result.parts] == ["primary", "junior", "senior"]
    assert rules(result) == []


# -- which stage -----------------------------------------------------------------------------------------------------


def test_a_title_tells_the_stage_where_no_header_does(own: Catalogue) -> None:
    data = as_text(grid("junior", without=["县级以上骨干教师"], title="初中阶段"))
    assert [part.part for part in read(data, own).parts] == ["junior"]


def test_the_name_of_a_sheet_tells_the_stage(own: Catalogue) -> None:
    data = as_workbook({"senior": "高中"}, without=["县级以上骨干教师"])
    assert [part.part for part in read(data, own).parts] == ["senior"]


@pytest.mark.parametrize("title", [None, "中小学校基本情况", "小学、初中基本情况"])
def test_a_file_that_does_not_tell_its_stage_is_not_guessed(own: Catalogue, title: str | None) -> None:
    result = read(as_text(grid("primary", without=["县级以上骨干教师"], title=title)), own)
    assert (result.status, rules(result)) == ("unreadable", ["part_untold"])


def test_signs_of_two_stages_tell_nothing(own: Catalogue) -> None:
    result = read(as_text(grid("primary", title="初中阶段")), own)
    (finding,) = result.all_findings()
    assert (finding["rule_id"], finding["found"]) == ("part_untold", "教基1102 > 县级以上骨干教师(小学)、初中")


def test_the_encodings_of_a_layout_decide_for_its_own_files_alone() -> None:
    catalogue = load_catalogue(CATALOGUES / "two-layouts")
    first, second = (catalogue.layouts[name] for name in ("first", "second"))
    everything_fits = first.model_copy(update={"encodings": ("latin-1",)})
    both = catalogue.model_copy(update={"layouts": {"first": everything_fits, "second": second}})
    result = read("区县,代码,班额\n990101,2199010101,42\n".encode("gb18030"), both)
    assert (result.status, result.layout_id) == ("accepted", "second")


# -- what it comes to ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def through_files(own: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("ministry") / "home")
    home.claim(own)
    for stage in STAGES:
        written(home, stage, as_text(grid(stage)))
    return compute_home(home, own, [YEAR])


@pytest.fixture(scope="module")
def through_rows(own: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Home:
    return computed(tmp_path_factory.mktemp("rows"), own, as_returns())


KEY = ["county_code", "school_id", "stage", "indicator_id"]


def test_every_indicator_that_the_export_carries_has_the_value_of_our_own_return(
    through_files: Home, through_rows: Home
) -> None:
    ours, theirs = (
        {row[:4]: row[4:] for row in table(home, "indicator_value").select(*KEY, "state", "value").rows()}
        for home in (through_rows, through_files)
    )
    assert set(theirs) == set(ours)
    for key, (state, value) in theirs.items():
        if key[-1] in CARRIED:
            assert state == ours[key][0], key
            assert value == (pytest.approx(ours[key][1], rel=1e-12) if ours[key][1] is not None else None), key
        else:
            assert state == "not_collected", key


def test_what_a_combined_school_shares_is_divided_once(through_files: Home) -> None:
    """Vectors 7 and 24 of the mistakes of running systems."""
    values = table(through_files, "indicator_value", indicator_id="teaching_rooms_sqm_per_pupil")
    junior = values.filter((pl.col("school_id") == NINE) & (pl.col("stage") == "junior"))
    assert junior["value"].to_list() == [pytest.approx(7.256140350877194)]
    shares = table(through_files, "school_stage", school_id=TWELVE, stage="primary")
    meant = next(unit for unit in UNITS if unit.school_id == TWELVE).school["books"] * 0.248447
    assert shares["books"].to_list() == [pytest.approx(meant, rel=1e-5)]


def test_degrees_count_as_the_stage_asks(through_files: Home) -> None:
    """Vector 26: postgraduates stay in the primary count, college diplomas out of the junior one."""
    rows = table(through_files, "school_stage", school_id=NINE).select("stage", "above_degree_teachers")
    cells = {unit.school_id: unit.stages for unit in UNITS}[NINE]
    degrees = {s: [row[f"{d}_teachers"] for d in ("doctor", "master", "bachelor")] for s, row in cells.items()}
    branch = {unit.school_id: unit.stages for unit in UNITS}[f"{NINE}01"]["primary"]
    more = sum(branch[f"{d}_teachers"] for d in ("doctor", "master", "bachelor", "college"))
    primary = sum(degrees["primary"]) + cells["primary"]["college_teachers"] + more
    assert dict(rows.rows()) == {"primary": primary, "junior": sum(degrees["junior"])}


def test_no_rule_of_a_whole_school_blames_a_file_of_one_stage(through_files: Home) -> None:
    found = set(table(through_files, "finding")["rule_id"])
    assert found.isdisjoint({"combined_school_has_its_stages", "parts_disagree", "branch_without_parent"})


# -- files beside one another ----------------------------------------------------------------------------------------


def taken_in(home: Home, catalogue: Catalogue) -> dict[tuple[str, str], str]:
    """Takes in what lies in the inbox; returns part and file → status."""
    from expectations.year import validate_year
    from pipeline.store.ingest import ingest_year
    from pipeline.store.receipts import receive

    receive(home)
    ingest_year(home, catalogue, YEAR)
    validate_year(home, catalogue, YEAR)
    ledger = derive(home, catalogue)
    named = ledger.submission_part.join(ledger.submission.select("submission_id", "received_seq"), on="submission_id")
    return {(r["part"], str(r["received_seq"])): r["status"] for r in named.to_dicts()}


NINE_ALONE = (unit(NINE, "澄溪县实验学校", "312", {"primary": 1200, "junior": 1500}),)


def test_a_junior_file_sent_again_leaves_the_primary_file_standing(own: Catalogue, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.claim(own)
    for stage in ("primary", "junior"):
        written(home, stage, as_text(grid(stage, units=NINE_ALONE)))
    assert set(taken_in(home, own).values()) == {"accepted"}
    again = (unit(NINE, "澄溪县实验学校", "312", {"primary": 1200, "junior": 1510}),)
    shared = Unit(NINE_ALONE[0].school | {"books": 90_000.0}, again[0].stages)
    written(home, "junior", as_text(grid("junior", units=(shared,))))
    status = taken_in(home, own)
    assert status == {("junior", "1"): "superseded", ("primary", "2"): "accepted", ("junior", "3"): "accepted"}
    ledger = derive(home, own)
    pupils = dict(ledger.units["stage"].select("stage", "pupils").rows())
    assert pupils == {"primary": 1200, "junior": 1510}
    assert ledger.units["school"]["books"].to_list() == [90_000]
    (finding,) = ledger.finding.filter(pl.col("rule_id") == "parts_disagree").to_dicts()
    assert (finding["field"], finding["found"]) == ("books", "90000")
    assert "primary.csv" in finding["expected"]


def test_without_the_junior_file_a_combined_school_is_missing_and_not_all_primary(
    own: Catalogue, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    home.claim(own)
    units = (*NINE_ALONE, next(unit for unit in UNITS if unit.school_id == CENTRE))
    written(home, "primary", as_text(grid("primary", units=units)))
    compute_home(home, own, [YEAR])
    values = table(home, "indicator_value", indicator_id="books_per_pupil")
    assert dict(values.select("school_id", "state").rows()) == {NINE: "missing", CENTRE: "ok"}


def test_a_column_of_doctorates_that_is_not_there_is_nought_and_said_so(own: Catalogue) -> None:
    result = read(as_text(grid("junior", without=["博士研究生"])), own)
    assert rules(result) == ["column_absent_as_zero"]
    assert set(frames([result], "stage")["doctor_teachers"]) == {0}


def test_branches_without_a_column_of_their_school_belong_to_the_one_their_code_names(own: Catalogue) -> None:
    result = read(as_text(grid("primary", without=["所属学校标识码"])), own)
    held = dict(frames([result], "school").select("school_id", "parent_school_id").rows())
    assert {school: parent for school, parent in held.items() if parent} == {f"{CENTRE}01": CENTRE, f"{NINE}01": NINE}
    assert rules(result) == ["parent_from_code"] * 2


def test_the_export_is_written_as_the_form_has_it() -> None:
    assert ministry.header_rows([("a",), ("b", "x"), ("b", "y")]) == [["a", "b", ""], ["", "x", "y"]]
    assert ministry.merges([("a",), ("b", "x"), ("b", "y")]) == [((0, 0), (1, 0)), ((0, 1), (0, 2))]
