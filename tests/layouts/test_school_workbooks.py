"""Schools sent as the statistical workbooks of 2021+ and of 2012–2020, cell by cell, come to what our own return gives."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.returns.reader import FileRows, read_file, year_on_cover
from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from pipeline.trace import Tracer
from tests.homes import run_home
from tests.layouts.schools import CENTRE, COUNTY, NINE, TWELVE, UNITS, Unit, as_returns
from tests.layouts.statistical import AS_EXPORTED, PLAIN, Sheets, Style, new_forms, old_forms, with_asterisks
from tests.pipeline.chain import compute_home, run_chain, table

NEW, OLD = 2025, 2019
MAKERS = {NEW: new_forms, OLD: old_forms}
CARRIED = {
    "teaching_rooms_sqm_per_pupil", "sports_sqm_per_pupil", "equipment_yuan_per_pupil", "books_per_pupil",
    "multimedia_rooms_per_100", "teachers_per_100", "above_degree_teachers_per_100", "mid_rank_teachers_per_100",
    "backbone_teachers_per_100", "pe_arts_teachers_per_100", "classes_within_limit_pct", "school_size", "staff_ratio",
}  # fmt: skip
"""Indicators of which the forms hold every cell. The others are not collected where nothing but these workbooks comes."""
Values = dict[tuple[str, str, str], tuple[float | None, str]]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def of_year(year: int) -> tuple[Unit, ...]:
    """The set of schools, with staff: the forms carry it."""
    return tuple(replace(u, school=u.school | {"staff": 90.0 + number}) for number, u in enumerate(UNITS))


def write_all(home: Path, units: Iterable[Unit], year: int, style: Style = PLAIN) -> None:
    for unit in units:
        Sheets(MAKERS[year](unit, year), style).write(home / "inbox" / str(year) / f"{unit.school_id}.xlsx")


def values_of(home: Home) -> Values:
    rows = table(home, "indicator_value").iter_rows(named=True)
    return {(r["school_id"], r["stage"], r["indicator_id"]): (r["value"], r["state"]) for r in rows}


def same(one: float | None, other: float | None) -> bool:
    return one is other if one is None or other is None else math.isclose(one, other, rel_tol=1e-12)


def read(path: Path, catalogue: Catalogue, year: int = NEW) -> FileRows:
    return read_file(path.read_bytes(), path.name, year, catalogue)


def found_in(result: FileRows) -> list[tuple[Any, Any, Any]]:
    return [(f["rule_id"], f["sheet"], f["cell"]) for f in result.all_findings()]


def school_of(result: FileRows) -> dict[str, Any]:
    return result.parts[0].frames["school"].row(0, named=True)


def stages_of(result: FileRows) -> dict[str, dict[str, Any]]:
    return {row["stage"]: row for row in result.parts[0].frames["stage"].iter_rows(named=True)}


# -- the same schools through both paths -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> dict[int, Values]:
    """What our own return gives, by year."""
    made = {}
    for year in MAKERS:
        counties = {county: parts for (_, county), parts in as_returns(of_year(year), year).items()}
        made[year] = values_of(run_chain(tmp_path_factory.mktemp(f"own{year}"), {year: counties}, catalogue))
    return made


@pytest.mark.parametrize("style", [PLAIN, AS_EXPORTED], ids=["plain", "as exported"])
@pytest.mark.parametrize("year", MAKERS)
def test_workbooks_of_single_schools_give_the_values_of_our_own_return(
    tmp_path: Path, catalogue: Catalogue, own: dict[int, Values], year: int, style: Style
) -> None:
    home = Home(tmp_path / "home")
    home.claim(catalogue)
    write_all(home.path, of_year(year), year, style)
    got = values_of(compute_home(home, catalogue, [year]))
    assert got.keys() == own[year].keys()
    differing = {
        key: (got[key], own[year][key])
        for key in got
        if key[2] in CARRIED and (not same(got[key][0], own[year][key][0]) or got[key][1] != own[year][key][1])
    }
    assert differing == {}
    assert {state for (_, _, indicator), (_, state) in got.items() if indicator not in CARRIED} <= {
        "not_collected",
        "not_applicable",
        "missing",
    }
    assert any(state == "ok" for indicator in CARRIED for (_, _, i), (_, state) in got.items() if i == indicator)


# -- traps: vectors 25 and 26, subtotals, blanks ---------------------------------------------------------------------


def nine() -> Unit:
    return next(unit for unit in of_year(NEW) if unit.school_id == NINE)


@pytest.mark.parametrize("year", MAKERS)
def test_the_cells_of_junior_arts_are_four_distinct_ones_and_stay_within_the_teachers(
    tmp_path: Path, catalogue: Catalogue, year: int
) -> None:
    """Vector 25: another system added one of the four cells four times."""
    row = nine().stages["junior"]
    result = read(Sheets(MAKERS[year](nine(), year)).write(tmp_path / "a.xlsx"), catalogue, year)
    got = stages_of(result)["junior"]
    arts = row["music_teachers"] + row["art_teachers"] + row["arts_teachers"]
    assert (got["pe_teachers"], got["arts_teachers_total"]) == (row["pe_teachers"], arts)
    assert got["pe_teachers"] + got["arts_teachers_total"] <= got["full_time_teachers"]


@pytest.mark.parametrize("year", MAKERS)
def test_a_nine_year_school_keeps_its_postgraduates_and_its_gymnasium(
    tmp_path: Path, catalogue: Catalogue, year: int
) -> None:
    """Vector 26: postgraduates belong to the primary count, 专科 does not to the junior one; equipment is 万元 times 10,000."""
    unit = nine()
    result = read(Sheets(MAKERS[year](unit, year)).write(tmp_path / "a.xlsx"), catalogue, year)
    for stage, row in unit.stages.items():
        got = stages_of(result)[stage]
        postgraduates = got["postgraduate_teachers"] or sum(got[f"{d}_teachers"] or 0 for d in ("doctor", "master"))
        assert postgraduates == row["doctor_teachers"] + row["master_teachers"]
        assert got["bachelor_teachers"] == row["bachelor_teachers"]
    school = school_of(result)
    assert {n: school[n] for n in ("teaching_rooms_sqm", "indoor_sports_sqm", "equipment_yuan")} == {
        n: unit.school[n] for n in ("teaching_rooms_sqm", "indoor_sports_sqm", "equipment_yuan")
    }


def test_the_subtotal_of_the_arts_is_left_out(tmp_path: Path, catalogue: Catalogue) -> None:
    cells = new_forms(nine(), NEW) | {("教基4155", "M6"): 99}
    got = stages_of(read(Sheets(cells).write(tmp_path / "a.xlsx"), catalogue))["primary"]
    assert got["arts_teachers_total"] == sum(
        nine().stages["primary"][f"{n}_teachers"] for n in ("music", "art", "arts")
    )


def test_a_blank_is_zero_only_inside_a_table_whose_total_is_given(tmp_path: Path, catalogue: Catalogue) -> None:
    cells = new_forms(nine(), NEW) | dict.fromkeys([("教基4155", "L6"), ("教基1102", "D12"), ("教基5176", "D17")])
    cells |= {("教基4156", "C6"): None, ("教基4156", "U6"): None}
    result = read(Sheets(cells).write(tmp_path / "a.xlsx"), catalogue)
    primary, junior = (stages_of(result)[stage] for stage in ("primary", "junior"))
    assert (primary["pe_teachers"], primary["backbone_teachers"]) == (0.0, None)
    assert (junior["pe_teachers"], school_of(result)["multimedia_rooms"]) == (None, None)


def test_an_asterisk_is_no_value_and_leaves_a_sum_to_the_others(tmp_path: Path, catalogue: Catalogue) -> None:
    primary = next(unit for unit in of_year(NEW) if unit.school_id == CENTRE)
    junior = ["C6", "C10", "C11", "C12", "U6", "V6", "W6", "X6"]
    cells = with_asterisks(new_forms(primary, NEW), "教基4156", junior) | {("教基4155", "P6"): "*"}
    cells = with_asterisks(with_asterisks(cells, "教基3115", ["E6"]), "教基1102", ["D13"])
    result = read(Sheets(cells).write(tmp_path / "a.xlsx"), catalogue)
    row = primary.stages["primary"]
    assert list(stages_of(result)) == ["primary"]
    assert stages_of(result)["primary"]["arts_teachers_total"] == row["music_teachers"] + row["art_teachers"]
    assert found_in(result) == []


def test_a_zero_on_a_form_of_another_stage_makes_no_stage(tmp_path: Path, catalogue: Catalogue) -> None:
    primary = next(unit for unit in of_year(NEW) if unit.school_id == CENTRE)
    cells = new_forms(primary, NEW) | {("教基1102", "D13"): 0, ("教基4156", "C6"): 0}
    assert list(stages_of(read(Sheets(cells).write(tmp_path / "a.xlsx"), catalogue))) == ["primary"]


def test_brackets_count_classes_up_to_the_limit_of_the_stage(tmp_path: Path, catalogue: Catalogue) -> None:
    result = read(Sheets(new_forms(nine(), NEW)).write(tmp_path / "a.xlsx"), catalogue)
    for stage, limit in (("primary", 45), ("junior", 50)):
        sizes = [row["class_pupils"] for row in nine().classes if row["stage"] == stage]
        assert stages_of(result)[stage]["classes_within_limit_reported"] == sum(size <= limit for size in sizes)


# -- what is told, and where ------------------------------------------------------------------------------------------


def test_findings_name_the_physical_cell_where_letters_and_numbers_are_printed(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    cells = new_forms(nine(), NEW) | {("教基3112", "I6"): "很多"}
    style = Style(letters=True, numbers=True)
    result = read(Sheets(cells, style).write(tmp_path / "a.xlsx"), catalogue)
    assert ("not_a_number", "教基3112", "J7") in found_in(result)


def test_a_part_that_exceeds_its_total_is_told(tmp_path: Path, catalogue: Catalogue) -> None:
    cells = new_forms(nine(), NEW) | {("教基4155", "N6"): 900}
    assert ("form_part_over_total", "教基4155", "N6") in found_in(
        read(Sheets(cells).write(tmp_path / "a.xlsx"), catalogue)
    )


def test_a_cell_whose_row_or_column_says_something_else_is_not_read(tmp_path: Path, catalogue: Catalogue) -> None:
    cells = new_forms(nine(), NEW) | {("教基1102", "A12"): "小学校医"}
    result = read(Sheets(cells).write(tmp_path / "a.xlsx"), catalogue)
    assert stages_of(result)["primary"]["backbone_teachers"] is None
    assert ("form_guard_missing", "教基1102", "D12") in found_in(result)


def test_of_a_form_and_its_continuation_the_one_that_says_so_is_read(tmp_path: Path, catalogue: Catalogue) -> None:
    cells = {
        (form.replace("教基1102", "教基1102(续)"), at): value for (form, at), value in new_forms(nine(), NEW).items()
    }
    cells |= {("教基1102", "A12"): "是否有校医院", ("教基1102", "D12"): "1", ("教基1102", "D13"): "0"}
    result = read(Sheets(cells).write(tmp_path / "a.xlsx"), catalogue)
    assert stages_of(result)["primary"]["backbone_teachers"] == nine().stages["primary"]["backbone_teachers"]


def test_the_school_s_own_explanations_are_kept_word_for_word(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [["基础基112续表1"], ["序号", "校验公式", "情况说明"], ["1", "R21>R22", "本校今年停招一个年级_x000D_"]]
    book = Sheets(old_forms(nine(), OLD), more={"基础基112续表1": rows, "基础基991": [["别的表", 5]]})
    result = read(book.write(tmp_path / "a.xlsx"), catalogue, OLD)
    told = {f["rule_id"]: f for f in result.all_findings()}
    assert "本校今年停招一个年级" in told["form_explanation"]["found"]
    assert (told["form_explanation"]["severity"], told["form_explanation"]["cell"]) == ("info", "C3")
    assert told["forms_unread"]["found"] == "基础基991"


@pytest.mark.parametrize(
    ("spoilt", "rule_id"),
    [
        ({("教基1001", "C5"): None}, "form_identity_missing"),
        ({("教基1001", "A7"): "别的项目"}, "form_identity_missing"),
        ({("教基1001", "C7"): "123456789012"}, "county_unknown"),
        ({("教基1001", "A1"): "2023/2024学年初"}, "year_disagrees"),
    ],
)
def test_a_workbook_of_an_unknown_school_county_or_year_is_set_aside_and_told(
    tmp_path: Path, catalogue: Catalogue, spoilt: dict[tuple[str, str], Any], rule_id: str
) -> None:
    result = read(Sheets(new_forms(nine(), NEW) | spoilt).write(tmp_path / "a.xlsx"), catalogue)
    finding = next(f for f in result.all_findings() if f["rule_id"] == rule_id)
    assert (finding["severity"], finding["sheet"]) == ("critical", "教基1001")
    assert result.status == ("rejected" if rule_id == "year_disagrees" else "accepted")
    if result.status == "accepted":
        assert set(result.parts[0].rows["disposition"]) <= {"quarantined", "not_data"}


def test_a_form_that_the_school_should_have_and_lacks_is_told(tmp_path: Path, catalogue: Catalogue) -> None:
    cells = {key: value for key, value in new_forms(nine(), NEW).items() if key[0] not in ("教基4155", "教基3118")}
    result = read(Sheets(cells).write(tmp_path / "a.xlsx"), catalogue)
    assert found_in(result) == [("form_missing", "教基4155", "")]


def test_a_hidden_form_is_read_and_told(tmp_path: Path, catalogue: Catalogue) -> None:
    path = Sheets(new_forms(nine(), NEW)).write(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    book["教基3112"].sheet_state = "hidden"
    book["教基5176"].row_dimensions[7].hidden = True
    book.save(path)
    result = read(path, catalogue)
    assert stages_of(result)["primary"]["pupils"] == nine().stages["primary"]["pupils"]
    assert [(f["rule_id"], f["sheet"], f["row"]) for f in result.all_findings()] == [
        ("hidden_sheet", "教基3112", None),
        ("hidden_rows", "教基5176", 7),
    ]


def test_the_year_of_a_file_outside_every_folder_is_read_from_its_forms(tmp_path: Path, catalogue: Catalogue) -> None:
    path = Sheets(old_forms(nine(), OLD), AS_EXPORTED).write(tmp_path / "a.xlsx")
    assert year_on_cover(path.read_bytes(), catalogue) == OLD


# -- in a home: the ledger, and the way back to the cells ---------------------------------------------------------------


def test_single_schools_of_a_county_stand_beside_each_other_and_resending_one_leaves_the_rest(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    home = Home(tmp_path / "home")
    home.claim(catalogue)
    known = (unit for unit in of_year(NEW) if all(row["pupils"] is not None for row in unit.stages.values()))
    units = [unit for unit in known if unit.school["county_code"] == COUNTY]
    write_all(home.path, units, NEW)
    compute_home(home, catalogue, [NEW])
    assert set(table(home, "submission_part")["status"]) == {"accepted"}
    stage = units[0].stages["primary"] | {"pupils": 990}
    again = replace(units[0], stages={"primary": stage})
    Sheets(new_forms(again, NEW)).write(home.inbox / str(NEW) / "again.xlsx")
    compute_home(home, catalogue, [NEW])
    parts = table(home, "submission_part").join(table(home, "submission"), on="submission_id")
    superseded = parts.filter(parts["status"] == "superseded")["file_name"].to_list()
    assert superseded == [f"{CENTRE}.xlsx"]
    assert table(home, "unit").height == len(units)
    assert table(home, "unit_stage", school_id=CENTRE)["pupils"].to_list() == [990]


def test_a_value_leads_back_to_the_cells_of_the_forms_sums_included(tmp_path: Path) -> None:
    chosen = [unit for unit in of_year(NEW) if unit.school_id in (CENTRE, NINE, TWELVE)]
    write_all(tmp_path, chosen, NEW, AS_EXPORTED)
    run_home(tmp_path, {})
    tracer = Tracer(Home(tmp_path), NEW)

    def cells(indicator: str, stage: str) -> set[tuple[str, str, str]]:
        (found,) = tracer.traces(TWELVE, indicator, stage)
        queue, seen = list(found.fields), set()
        while queue:
            field = queue.pop()
            queue += field.below
            seen |= {(cell.sheet, cell.address, cell.text) for cell in field.cells}
        return seen

    junior = next(unit for unit in chosen if unit.school_id == TWELVE).stages["junior"]
    arts = {("教基4156 基本数据", at) for at in ("V7", "W7", "X7", "Y7")}
    got = cells("pe_arts_teachers_per_100", "junior")
    assert {(sheet, address) for sheet, address, _ in got} >= arts
    assert ("教基3115 基本数据", "F7", str(junior["pupils"])) in got
    assert ("教基5176 基本数据", "E20") in {(s, a) for s, a, _ in cells("equipment_yuan_per_pupil", "primary")}
