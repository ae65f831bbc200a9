"""Reading: bytes to rows. What is taken, where each finding stands, and whose it is; nothing is guessed, nothing raises."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from pipeline.errors import FaultError
from pipeline.returns.csv_file import decode, delimiter_of, read_csv
from pipeline.returns.part import PartRows
from pipeline.returns.reader import FileRows, read_file
from pipeline.returns.table import UnreadableError, column_letter
from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.layout import Filter
from tests.oracles import REPOSITORY

YEAR = 2025
COUNTY, SCHOOL = "990101", "2199010101"
HEADER = "县级行政区划代码,学校标识码,学校名称,办学类型,是否计校数,教学仪器设备资产值（万元）,图书（册）"
ROW = f"{COUNTY},{SCHOOL},明德小学,211,是,12.5,3000"


@pytest.fixture(scope="module")
def own() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def foreign() -> Catalogue:
    return load_catalogue(REPOSITORY / "tests" / "catalogues" / "whole-format")


@pytest.fixture(scope="module")
def alagoas() -> Catalogue:
    return load_catalogue(REPOSITORY / "tests" / "catalogues" / "alagoas")


def read(catalogue: Catalogue, *lines: str, year: int | None = YEAR, encoding: str = "utf-8") -> FileRows:
    return read_file("\n".join(lines).encode(encoding), "county.csv", year, catalogue)


def part(result: FileRows) -> PartRows:
    assert len(result.parts) == 1, result.findings
    return result.parts[0]


def schools(result: FileRows) -> list[dict[str, Any]]:
    return part(result).frames["school"].to_dicts()


def the_finding(result: FileRows) -> dict[str, Any]:
    (finding,) = result.all_findings()
    return finding


def placed(result: FileRows) -> list[tuple[Any, ...]]:
    """What was found, in which cell, and whose it is."""
    return [(f["rule_id"], f["cell"], f.get("county_code"), f.get("school_id")) for f in result.all_findings()]


def dispositions(result: FileRows) -> list[tuple[int, str, str | None]]:
    return part(result).rows.select("row", "disposition", "reason").rows()


# -- encodings and delimiters ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_return_is_read_in_the_encodings_that_senders_use(own: Catalogue, encoding: str) -> None:
    assert schools(read(own, HEADER, ROW, encoding=encoding))[0]["name"] == "明德小学"


def test_latin_1_is_read_where_the_layout_says_so(alagoas: Catalogue) -> None:
    layout = alagoas.layouts["inep-schools"]
    headers = [
        "NU_ANO_CENSO",
        "CO_MUNICIPIO",
        *(c.header for c in layout.sheets[0].columns if isinstance(c.header, str)),
    ]
    headers += [*layout.sheets[0].derived[0].parts, "TP_SITUACAO_FUNCIONAMENTO", "TP_DEPENDENCIA"]
    cells = ["2022", "2700102", "27000001", "Escola São João d'Água", "10", "2", "3", "1", "1", "1", "0", "1", "3"]
    result = read(alagoas, ";".join(headers), ";".join(cells), year=2022, encoding="latin-1")
    assert schools(result)[0]["name"] == "Escola São João d'Água"
    assert result.all_findings() == []


def test_the_first_encoding_that_fits_every_byte_is_taken() -> None:
    assert decode("县".encode("gb18030")) == ("县", "gb18030")
    assert decode("县".encode()) == ("县", "utf-8")
    assert decode(b"\xef\xbb\xbf" + "县".encode())[0] == "县"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_usual_delimiter_is_found(own: Catalogue, delimiter: str) -> None:
    result = read(own, HEADER.replace(",", delimiter), ROW.replace(",", delimiter))
    assert schools(result)[0]["books"] == 3000
    assert result.all_findings() == []


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        (["a;b;c", "1,5;2,5;x", "2,5;3,5;y"], ";"),
        (["a,b,c", "d'Água,l'été,1", "x;y,x;y,2"], ","),
        (["统计表", "a,b,c", "1,2,3"], ","),
        (["a,b,c,d", "1,2", "3,4", "5;6,7"], ","),
        (['a,b', '"x;y\nz;w",1', '"x;y\nz;w",2'], ","),
        (["only one column", "a; b"], ";"),
        (["one", "two"], ","),
    ],
)  # fmt: skip
def test_the_delimiter_is_the_one_that_makes_even_rows(lines: list[str], delimiter: str) -> None:
    assert delimiter_of("\n".join(lines)) == delimiter


def test_letters_of_columns_are_those_of_a_spreadsheet() -> None:
    assert [column_letter(n) for n in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


# -- files that are no return ------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"\n\n", b" , \n,,\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_unreadable_and_said_so(own: Catalogue, data: bytes) -> None:
    result = read_file(data, "x.csv", YEAR, own)
    assert (result.status, the_finding(result)["rule_id"]) == ("unreadable", "file_empty")


@pytest.mark.parametrize("lines", [[HEADER], ["2025年统计表", HEADER], [HEADER, ",,,,,,", "  "]])
def test_a_header_without_rows_is_an_empty_file(own: Catalogue, lines: list[str]) -> None:
    result = read(own, *lines)
    assert (result.status, the_finding(result)["rule_id"]) == ("unreadable", "file_empty")


@pytest.mark.parametrize("data", [b"\xd0\xcf\x11\xe0\0\0", b"MZ\x90\0\x03\0"])
def test_a_binary_file_is_unreadable_and_said_so(own: Catalogue, data: bytes) -> None:
    result = read_file(data, "x.csv", YEAR, own)
    assert (result.status, the_finding(result)["rule_id"]) == ("unreadable", "file_unreadable")
    assert "二进制" in the_finding(result)["message_zh"]


def test_what_is_wrong_with_a_file_does_not_depend_on_its_name(own: Catalogue) -> None:
    for data in (b"", b"\0", b"a,b\n1,2\n"):
        assert read_file(data, "a.csv", YEAR, own) == read_file(data, "b.csv", YEAR, own)


def test_a_file_outside_a_year_folder_is_named(own: Catalogue) -> None:
    result = read_file(b"x", "stray.csv", None, own)
    assert result.status == "unreadable"
    assert the_finding(result)["rule_id"] == "year_unknown"
    assert "stray.csv" in the_finding(result)["message_en"]


def test_an_open_quotation_mark_makes_a_file_unreadable_and_names_its_row(own: Catalogue) -> None:
    result = read(own, HEADER, ROW, f'{COUNTY},2199010102,"明德,211,是,1,2', ROW)
    assert (result.status, the_finding(result)["rule_id"]) == ("unreadable", "file_unreadable")
    assert "row 3 is never closed" in the_finding(result)["message_en"]


def test_a_cell_too_large_for_csv_is_a_result_and_no_exception() -> None:
    with pytest.raises(UnreadableError, match="not valid CSV"):
        read_csv(b"a,b\n" + b"x" * 200_000 + b",1\n")


# -- header and layout -------------------------------------------------------------------------------------------


def test_titles_may_stand_above_the_header(own: Catalogue) -> None:
    result = read(own, "某县2025年学校情况,,,,,,", "", "单位：万元,,,,,,", HEADER, "", ROW)
    assert schools(result)[0]["row"] == 6
    assert dispositions(result) == [(6, "accepted", None)]


def test_a_header_below_the_search_is_not_found(own: Catalogue) -> None:
    assert the_finding(read(own, *["题,,,,,,"] * 10, HEADER, ROW))["rule_id"] == "layout_unknown"


def test_full_width_and_half_width_headers_are_the_same(own: Catalogue) -> None:
    half = HEADER.replace("（", "(").replace("）", ")").replace("图书", "图 书")
    assert schools(read(own, half, ROW)) == schools(read(own, HEADER, ROW))


def test_another_spelling_of_a_header_serves(own: Catalogue) -> None:
    assert schools(read(own, HEADER.replace("县级行政区划代码", "区划代码"), ROW))[0]["county_code"] == COUNTY


def test_a_header_repeated_below_is_not_data(own: Catalogue) -> None:
    result = read(own, HEADER, ROW, HEADER + ",,", ROW.replace(SCHOOL, "2199010102"))
    assert [d for _, d, _ in dispositions(result)] == ["accepted", "not_data", "accepted"]
    assert result.all_findings() == []


def test_an_unknown_layout_names_the_nearest_and_what_it_lacks(own: Catalogue) -> None:
    result = read(own, HEADER.replace("学校名称", "名字"), ROW)
    finding = the_finding(result)
    assert (result.status, result.layout_id, finding["rule_id"]) == ("unreadable", None, "layout_unknown")
    assert finding["found"] == "own/schools − 学校名称"
    assert "学校名称" in finding["message_zh"]


def test_a_file_with_no_known_header_lists_the_layouts(own: Catalogue) -> None:
    finding = the_finding(read(own, "a,b", "1,2"))
    assert (finding["rule_id"], finding["expected"]) == ("layout_unknown", "、".join(own.layouts))


@pytest.mark.parametrize(("twice", "cell"), [("学校名称", "H1"), ("图书(册)", "H1"), ("县级行政区划代码", "H1")])
def test_a_header_that_stands_twice_is_told_with_its_cell_even_an_optional_one(
    own: Catalogue, twice: str, cell: str
) -> None:
    result = read(own, f"{HEADER},{twice}", f"{ROW},1")
    finding = the_finding(result)
    assert (result.status, finding["rule_id"], finding["cell"]) == ("unreadable", "header_repeated", cell)


def test_a_column_that_nothing_reads_may_stand_twice(own: Catalogue) -> None:
    assert read(own, f"{HEADER},备注,备注", f"{ROW},a,b").status == "accepted"


# -- rows --------------------------------------------------------------------------------------------------------


def test_blank_rows_do_not_count_and_rows_keep_their_numbers(own: Catalogue) -> None:
    result = read(own, HEADER, "", ROW, ",,,,,,", " ,,,,,,", ROW.replace(SCHOOL, "2199010102"), "")
    assert [row for row, _, _ in dispositions(result)] == [3, 6]


def test_quoted_line_breaks_keep_the_row_numbers_of_a_spreadsheet(own: Catalogue) -> None:
    result = read(
        own, HEADER, ROW.replace("明德小学", '"明德\n小学"'), ROW.replace(SCHOOL, "2199010102").replace("3000", "x")
    )
    assert schools(result)[0]["name"] == "明德\n小学"
    assert placed(result) == [("not_a_number", "G3", COUNTY, "2199010102")]


def test_carriage_returns_end_rows_too(own: Catalogue) -> None:
    assert [row["row"] for row in schools(read_file(f"{HEADER}\r{ROW}\r".encode(), "x", YEAR, own))] == [2]


def test_a_row_longer_than_the_header_is_quarantined(own: Catalogue) -> None:
    result = read(own, HEADER, ROW + ",,7", ROW.replace(SCHOOL, "2199010102") + ",,")
    assert placed(result) == [("row_ragged", "I2", COUNTY, SCHOOL)]
    assert [d for _, d, _ in dispositions(result)] == ["quarantined", "accepted"]


def test_a_row_shorter_than_the_header_is_a_warning(own: Catalogue) -> None:
    result = read(own, HEADER, ROW.removesuffix(",3000"))
    finding = the_finding(result)
    assert (finding["rule_id"], finding["severity"], finding["cell"]) == ("row_short", "warning", "G2")
    assert (finding["found"], finding["expected"]) == ("6", "7")
    assert schools(result)[0]["books"] is None


def test_rows_swallowed_by_a_quotation_mark_are_told_and_quarantined(own: Catalogue) -> None:
    eaten = [ROW.replace("明德", '"明德'), ROW, ROW.replace("明德小学", '明德小学"')]
    result = read(own, HEADER, *eaten, ROW.replace(SCHOOL, "2199010109"))
    assert placed(result) == [("rows_in_a_cell", "C2", COUNTY, SCHOOL)]
    assert [(row, d) for row, d, _ in dispositions(result)] == [(2, "quarantined"), (3, "accepted")]


def test_a_note_below_the_table_makes_no_finding_however_wide(foreign: Catalogue) -> None:
    result = read(foreign, WIDE, wide("1"), "2021,,合计,,,,,,,,,,,," + ",,,9,9", year=2021)
    assert dispositions(result)[-1] == (3, "not_data", "not_data")
    assert result.all_findings() == []


# -- whose rows --------------------------------------------------------------------------------------------------


def test_a_row_without_a_school_code_is_quarantined(own: Catalogue) -> None:
    result = read(own, HEADER, ROW.replace(SCHOOL, " "))
    assert placed(result) == [("school_id_missing", "B2", COUNTY, None)]
    assert dispositions(result) == [(2, "quarantined", None)]


@pytest.mark.parametrize(
    ("written", "rule_id"), [("", "county_missing"), ("999999", "county_unknown"), ("99", "county_unknown")]
)
def test_a_row_without_a_known_county_is_quarantined(own: Catalogue, written: str, rule_id: str) -> None:
    result = read(own, HEADER, ROW.replace(COUNTY, written, 1))
    assert placed(result) == [(rule_id, "A2", None, SCHOOL)]
    assert part(result).rows.rows() == [(2, "quarantined", None, "", SCHOOL, "")]


@pytest.mark.parametrize(
    ("name", "year", "code", "rule_id"),
    [
        ("东县", 2021, "8101", None),
        ("East County", 2021, "8101", None),
        ("ＥＡＳＴ　county", 2021, "8101", None),
        ("西县", 2019, "8102", None),
        ("西县", 2020, "8103", None),
        ("南县", 2021, None, "county_ambiguous"),
        ("北县", 2021, None, "county_unknown"),
        ("乙市", 2021, None, "county_unknown"),
    ],
)
def test_a_county_is_known_by_its_name_in_the_year(
    foreign: Catalogue, name: str, year: int, code: str | None, rule_id: str | None
) -> None:
    header = WIDE if year >= 2021 else WIDE.replace("区县名称", "县名").replace("图书（册）", "图书")
    result = read(foreign, header, wide("1", county=name, year=year), year=year)
    assert part(result).rows["county_code"].to_list() == [code or ""]
    assert [f["rule_id"] for f in result.all_findings()] == ([rule_id] if rule_id else [])


@pytest.mark.parametrize(("year", "known"), [(2019, "8102"), (2020, "8103")])
def test_a_code_is_known_only_in_the_years_it_is_valid(foreign: Catalogue, year: int, known: str) -> None:
    result = read(foreign, "县代码,代码,顶段人数,年份", f"8102,1,5,{year}", f"8103,2,5,{year}", year=year)
    assert [r["county_code"] for r in part(result).rows.to_dicts() if r["disposition"] == "accepted"] == [known]
    assert [f["rule_id"] for f in result.all_findings()] == ["county_unknown"]


def test_a_school_twice_in_a_table_is_told_at_both_rows(own: Catalogue) -> None:
    assert placed(read(own, HEADER, ROW, ROW)) == [
        ("school_id_repeated", "B2", COUNTY, SCHOOL),
        ("school_id_repeated", "B3", COUNTY, SCHOOL),
    ]


def test_a_stage_twice_is_told_and_two_stages_are_not(own: Catalogue) -> None:
    header = "县级行政区划代码,学校标识码,学段,在校生（人）"
    rows = [f"{COUNTY},{SCHOOL},{stage},100" for stage in ("小学", "初中", "小学")]
    assert [(f["rule_id"], f["row"]) for f in read(own, header, *rows).all_findings()] == [
        ("school_id_repeated", 2), ("school_id_repeated", 4),
    ]  # fmt: skip


@pytest.mark.parametrize(("written", "found"), [("小學", "小學"), ("", "")])
def test_an_unknown_stage_lists_those_there_are(own: Catalogue, written: str, found: str) -> None:
    finding = the_finding(
        read(own, "县级行政区划代码,学校标识码,学段,在校生（人）", f"{COUNTY},{SCHOOL},{written},100")
    )
    assert (finding["rule_id"], finding["cell"], finding["found"]) == ("stage_unknown", "C2", found)
    assert finding["expected"] == "小学、初中、高中"


# -- the year ----------------------------------------------------------------------------------------------------


def test_a_year_in_the_file_that_is_not_the_folders_rejects_the_file(foreign: Catalogue) -> None:
    result = read(foreign, WIDE, wide("1"), wide("2", year=2020), year=2021)
    assert result.status == "rejected"
    assert placed(result) == [("year_disagrees", "A3", "8101", "2")]
    assert (the_finding(result)["found"], the_finding(result)["expected"]) == ("2020", "2021")


def test_the_year_of_a_row_that_is_left_out_does_not_matter(foreign: Catalogue) -> None:
    result = read(foreign, WIDE, wide("1"), wide("2", year=1999, state="停办"), year=2021)
    assert result.status == "accepted"


def test_a_layout_that_names_a_year_column_needs_it(foreign: Catalogue) -> None:
    finding = the_finding(read(foreign, WIDE.replace("年份,", "编制年,"), wide("1"), year=2021))
    assert (finding["rule_id"], finding["found"]) == ("layout_unknown", "wide/schools − 年份")


# -- cells -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "三千",
        "3000本书",
        "1,23",
        "30 00",
        "②",
        "10²",
        "NaN",
        "nan",
        "inf",
        "-Infinity",
        "1e999",
        "1e3",
        "0x10",
        "1_000",
    ],
)
def test_a_cell_that_is_no_plain_number_is_a_finding_and_no_value(own: Catalogue, text: str) -> None:
    quoted = ROW.replace("3000", f'"{text}"')
    result = read(own, HEADER, quoted)
    finding = the_finding(result)
    assert placed(result) == [("not_a_number", "G2", COUNTY, SCHOOL)]
    assert (finding["found"], finding["field"], finding["severity"]) == (text, "books", "critical")
    assert f"“{text}”" in finding["message_zh"] and f"“{text}”" in finding["message_en"]
    assert schools(result)[0]["books"] is None


@pytest.mark.parametrize(
    ("text", "value"), [("3000", 3000), ("3000.0", 3000), ("0", 0), ("-5", -5), (" 12 ", 12), ("", None), (" ", None)]
)
def test_plain_numbers_are_read_and_blank_is_no_value(own: Catalogue, text: str, value: float | None) -> None:
    result = read(own, HEADER, ROW.replace("3000", text))
    assert schools(result)[0]["books"] == value
    assert result.all_findings() == []


def test_a_fraction_in_a_whole_number_is_a_finding(own: Catalogue) -> None:
    result = read(own, HEADER, ROW.replace("3000", "3000.5"))
    assert placed(result) == [("not_whole", "G2", COUNTY, SCHOOL)]
    assert schools(result)[0]["books"] is None


def test_a_factor_is_applied(own: Catalogue) -> None:
    result = read(own, HEADER, ROW)
    assert schools(result)[0]["equipment_yuan"] == 125_000
    assert part(result).cells["equipment_yuan@"] == {
        "sheet": "", "columns": ["F"], "headers": ["教学仪器设备资产值（万元）"], "factor": 10_000.0,
    }  # fmt: skip


@pytest.mark.parametrize(("hundreds", "seats"), [("1.25", 125), ("0.07", 7), ("3", 300), ("1.255", None)])
def test_a_whole_number_is_judged_after_its_factor(foreign: Catalogue, hundreds: str, seats: float | None) -> None:
    result = read(foreign, WIDE, wide("1", seats=hundreds), year=2021)
    assert schools(result)[0]["seats"] == seats
    assert [f["rule_id"] for f in result.all_findings()] == ([] if seats else ["not_whole"])


def test_codes_and_names_are_trimmed(own: Catalogue) -> None:
    result = read(
        own, HEADER, ROW.replace(COUNTY, f" {COUNTY}", 1).replace(SCHOOL, f"{SCHOOL}　").replace("211", " 211 ")
    )
    assert result.all_findings() == []
    assert (schools(result)[0]["county_code"], schools(result)[0]["school_id"], schools(result)[0]["school_type"]) == (
        COUNTY,
        SCHOOL,
        "211",
    )


@pytest.mark.parametrize(("text", "value"), [("是", 1), ("否", 0), ("1", 1), (" 是", 1), ("", None)])
def test_a_recode_turns_words_into_values(own: Catalogue, text: str, value: float | None) -> None:
    assert schools(read(own, HEADER, ROW.replace("是", text)))[0]["is_counted_school"] == value


def test_a_word_that_no_recode_knows_lists_the_options(own: Catalogue) -> None:
    result = read(own, HEADER, ROW.replace("是", "对"))
    finding = the_finding(result)
    assert placed(result) == [("not_an_option", "E2", COUNTY, SCHOOL)]
    assert (finding["found"], finding["expected"]) == ("对", "是、否")


def test_a_truth_value_is_1_or_0(foreign: Catalogue) -> None:
    result = read(foreign, WIDE, wide("1", counted="2"), year=2021)
    assert [(f["rule_id"], f["cell"]) for f in result.all_findings()] == [("not_an_option", "E2")]
    assert schools(result)[0]["is_counted"] is None


# -- a wide sheet: derived columns, constants, filters, headers by year ------------------------------------------

WIDE = "年份,区县名称,代码,名称(全称),计校,图书（册）,低段人数,高段人数,经费（万元）,座位（百）,旧屏,新屏,长,宽,状态"


def wide(
    school: str, *, county: str = "东县", year: int = 2021, counted: str = "是", volumes: str = "50", lower: str = "10",
    upper: str = "20", seats: str = "1", screens: tuple[str, str] = ("2", "3"), sides: tuple[str, str] = ("2.5", "4"),
    state: str = "在办",
) -> str:  # fmt: skip
    return ",".join(
        [str(year), county, school, "校", counted, volumes, lower, upper, "1", seats, *screens, *sides, state]
    )


def stage_rows(result: FileRows) -> list[tuple[str, float | None]]:
    return part(result).frames["stage"].select("stage", "heads").rows()


def test_a_wide_row_becomes_a_school_and_a_row_a_stage(foreign: Catalogue) -> None:
    result = read(foreign, WIDE, wide("1"), year=2021)
    assert stage_rows(result) == [("lower", 10), ("upper", 20)]
    assert (
        schools(result)[0] | {"screens": 5, "floor_sqm": 5, "origin": "宽表", "is_public": 1, "money_yuan": 10_000}
        == schools(result)[0]
    )
    assert part(result).cells["screens@"] == {
        "sheet": "", "columns": ["K", "L"], "headers": ["旧屏", "新屏"], "factor": 1.0, "operation": "+",
    } | {"factor": 1.0}  # fmt: skip
    assert part(result).cells["heads@upper"]["columns"] == ["H"]


def test_a_header_is_that_of_its_year(foreign: Catalogue) -> None:
    old = WIDE.replace("区县名称", "县名").replace("图书（册）", "图书")
    assert schools(read(foreign, old, wide("1", year=2015), year=2015))[0]["volumes"] == 50
    assert read(foreign, old, wide("1", year=2021), year=2021).status == "unreadable"
    assert schools(read(foreign, old, wide("1", year=2001), year=2001))[0]["volumes"] == 50


@pytest.mark.parametrize(("screens", "sides"), [(("", "3"), ("", "4")), (("2", ""), ("2", "")), (("", ""), ("", ""))])
def test_a_derived_value_is_null_where_a_part_is(
    foreign: Catalogue, screens: tuple[str, str], sides: tuple[str, str]
) -> None:
    row = schools(read(foreign, WIDE, wide("1", screens=screens, sides=sides), year=2021))[0]
    assert (row["screens"], row["floor_sqm"]) == (None, None)


def test_a_part_that_is_no_number_is_told_at_its_own_cell(foreign: Catalogue) -> None:
    result = read(foreign, WIDE, wide("1", screens=("2", "多"), sides=("2.5", "x")), year=2021)
    assert [(f["rule_id"], f["cell"], f["field"]) for f in result.all_findings()] == [
        ("not_a_number", "L2", "screens"), ("not_a_number", "N2", "floor_sqm"),
    ]  # fmt: skip


def test_a_sentinel_is_a_warning_and_no_value_nowhere_a_zero(foreign: Catalogue) -> None:
    result = read(foreign, WIDE, wide("1", upper="888", screens=("-9", "3")), year=2021)
    assert [(f["rule_id"], f["severity"], f["cell"], f["found"]) for f in result.all_findings()] == [
        ("value_rejected_by_source", "warning", "H2", "888"), ("value_rejected_by_source", "warning", "K2", "-9"),
    ]  # fmt: skip
    assert "rejected" in result.all_findings()[0]["message_en"]
    assert stage_rows(result) == [("lower", 10)]
    assert schools(result)[0]["screens"] is None


def test_a_blank_is_zero_only_where_the_layout_says_so(foreign: Catalogue) -> None:
    assert stage_rows(read(foreign, WIDE, wide("1", lower="", upper=""), year=2021)) == [("upper", 0)]


def test_filtered_rows_keep_their_reason_and_make_no_findings(foreign: Catalogue) -> None:
    rows = [wide("1"), wide("2", state="停办", volumes="x"), wide("", state="境外", county="无"), wide("合计")]
    result = read(foreign, WIDE, *rows, year=2021)
    assert dispositions(result) == [
        (2, "accepted", None), (3, "filtered", "closed"), (4, "filtered", "abroad"), (5, "not_data", "not_data"),
    ]  # fmt: skip
    assert result.all_findings() == []


def test_a_constant_stage_serves_a_whole_sheet(foreign: Catalogue) -> None:
    result = read(foreign, "县代码,代码,顶段人数,年份", "8101,1,7,2021", year=2021)
    assert stage_rows(result) == [("top", 7)]
    assert result.parts[0].part == "tops"


def test_a_condition_of_a_layout_that_cannot_be_evaluated_is_a_fault_of_the_layout(foreign: Catalogue) -> None:
    layout = foreign.layouts["wide"]
    bad = Filter(id="bad", drop_when="状态 = '在办' and abs(代码) > 1", reason=layout.label)
    sheet = layout.sheets[0].model_copy(update={"filters": (bad,)})
    broken = foreign.model_copy(update={"layouts": {"wide": layout.model_copy(update={"sheets": (sheet,)})}})
    with pytest.raises(FaultError, match="wide/schools"):
        read(broken, WIDE, wide("1"), year=2021)


def test_the_cells_that_say_whose_row_it_is_are_remembered(own: Catalogue) -> None:
    cells = part(read(own, HEADER, ROW)).cells
    assert (cells["county_code@"]["columns"], cells["school_id@"]["columns"]) == (["A"], ["B"])


def test_rows_are_accounted_for_and_typed(own: Catalogue) -> None:
    result = part(read(own, HEADER, ROW))
    assert result.rows.schema == {
        "row": pl.Int64, "disposition": pl.String, "reason": pl.String, "county_code": pl.String, "school_id": pl.String,
        "sheet": pl.String,
    }  # fmt: skip
    assert result.frames["school"].schema["books"] == pl.Float64


def test_a_slip_in_an_optional_header_is_told_and_not_silently_a_missing_column(own: Catalogue) -> None:
    headers = ["县级行政区划代码", "学校（机构）标识码", "学校名称", "办学类型", "教学用计算机（台)数"]
    text = ",".join(headers) + "\n990101,2199010001,一小,211,30\n"
    result = read_file(text.encode(), "x.csv", 2025, own)
    found = [f for f in result.all_findings() if f["rule_id"] == "header_perhaps_meant"]
    assert [(f["cell"], f["found"], f["expected"], f["severity"]) for f in found] == [
        ("E1", "教学用计算机（台)数", "教学用计算机（台）", "warning")
    ]
