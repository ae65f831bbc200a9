"""Official lists of divisions: the shapes in which they are published, what is left out and told, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from pipeline.errors import HomeError
from pipeline.store.divisions.codes import OfficialList, official_list
from pipeline.store.divisions.compare import proposed
from tests import oracles

ENCODINGS = ("utf-8", "gb18030")

CIVIL = """,2025年县以上行政区划代码,
,行政区划代码,单位名称
,110000,北京市
,110101, 　 东城区
,110105, 　 朝阳区
,130000,河北省
,130100,　石家庄市
,130102,　　长安区
,130105,　　新华区
,420000,湖北省
,429004,　仙桃市
,440000,广东省
,441900,　东莞市▲
,710000,台湾省
,注：1.香港、澳门略。,
"""
"""As the civil-affairs bureau publishes it: a title, indented names, municipalities without prefectures, a note."""

STATISTICS = """统计用区划代码,名称,城乡分类代码
110000000000,北京市,
110100000000,市辖区,
110101000000,东城区,
110101001000,东华门街道,111
110105000000,朝阳区,
130000000000,河北省,
130100000000,石家庄市,
130101000000,市辖区,
130102000000,长安区,
130105000000,新华区,
420000000000,湖北省,
429000000000,省直辖县级行政区划,
429004000000,仙桃市,
440000000000,广东省,
441900000000,东莞市,
441900003000,东城街道,112
710000000000,台湾省,
"""


def read(
    tmp_path: Path, text: str, name: str = "list.csv", encoding: str = "utf-8", zones: bool = True
) -> OfficialList:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return official_list([path], ENCODINGS, zones)


def parents(found: OfficialList) -> dict[str, str]:
    return {d.code: d.parent_code for d in found.divisions}


def left(found: OfficialList) -> dict[str, int]:
    reasons = [row.reason for row in found.left_out]
    return {reason: reasons.count(reason) for reason in reasons}


def test_the_bureaus_of_civil_affairs_and_of_statistics_give_the_same_divisions(tmp_path: Path) -> None:
    civil, statistics = read(tmp_path, CIVIL), read(tmp_path, STATISTICS)
    assert civil.divisions == statistics.divisions
    assert parents(civil) == {
        "11": "", "13": "", "42": "", "44": "", "71": "", "1301": "13", "4419": "44", "110101": "11", "110105": "11",
        "130102": "1301", "130105": "1301", "429004": "42", "441900": "4419",
    }  # fmt: skip
    assert left(civil) == {"note": 1}
    assert left(statistics) == {"gathering": 2, "town": 2, "districts": 1}
    assert civil.told["alone"] == ("441900 东莞市",)
    assert civil.told["direct"] == ("110101 东城区", "110105 朝阳区", "429004 仙桃市")
    assert civil.told["empty"] == ("71 台湾省",)
    assert civil.told["mark"] == ("441900 东莞市",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_has_the_encodings_that_returns_have(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, CIVIL, encoding=encoding).count("county") == 6


def test_a_list_may_be_a_workbook(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "list.xlsx")
    sheet = book.add_worksheet("区划")
    for row, line in enumerate(CIVIL.splitlines()):
        for column, cell in enumerate(line.split(",")):
            sheet.write(row, column, int(cell) if cell.isdigit() else cell)
    book.close()
    assert official_list([tmp_path / "list.xlsx"], ENCODINGS).divisions == read(tmp_path, CIVIL).divisions


def test_a_plain_list_names_its_parents_whatever_its_codes(tmp_path: Path) -> None:
    found = read(
        tmp_path, "code,name,parent\n27,Alagoas,\n2701,Sertão,27\n2700102,Água Branca,2701\n2700201,Anadia,27\n"
    )
    assert [(d.code, d.level, d.parent_code) for d in found.divisions] == [
        ("27", "province", ""), ("2701", "prefecture", "27"), ("2700102", "county", "2701"), ("2700201", "county", "27"),
    ]  # fmt: skip


def test_a_list_of_counties_alone_needs_no_parents(tmp_path: Path) -> None:
    found = read(tmp_path, "code,name,level\nA-1,One,county\nA-2,Two,county\n")
    assert [(d.code, d.level) for d in found.divisions] == [("A-1", "county"), ("A-2", "county")]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (("130102", "13010"), "row 8, column “代码 code” holds “13010”, expected 2, 4, 6 or 12 digits"),
        (("130100,", "130200,"), "row 8, column “代码 code” holds “130102”, expected a code whose parent 1301"),
        (
            ("130000,河北省", "530000,云南省"),
            "row 7, column “代码 code” holds “130100”, expected a code whose parent 13",
        ),
        (("130105", "130102"), "row 9, column “代码 code” holds “130102”, expected a code that row 8 (“长安区”)"),
        ((",130105,", ",,"), "row 9, column “行政区划代码” holds a blank, expected the code of “新华区”"),
        (("130105,　　新华区", "130105,"), "row 9, column “单位名称” holds a blank, expected the name of 130105"),
        (
            ("行政区划代码,单位名称", "甲,乙"),
            "row 1, column “A” holds “2025年县以上行政区划代码”, expected a header with",
        ),
    ],
)
def test_a_mistake_is_one_sentence_with_file_row_and_column(tmp_path: Path, damage: tuple[str, str], said: str) -> None:
    with pytest.raises(HomeError) as refused:
        read(tmp_path, CIVIL.replace(*damage))
    assert refused.value.en.startswith("the list list.csv, ") and said in refused.value.en
    assert "名单 list.csv 第" in refused.value.zh


def test_a_parent_that_is_not_on_a_plain_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="row 3, column “上级 parent” holds “Z”"):
        read(tmp_path, "code,name,parent\nA,One,\nB,Two,Z\n")
    with pytest.raises(HomeError, match="three levels at most"):
        read(tmp_path, "code,name,parent\nA,One,B\nB,Two,A\n")


def test_the_real_list_of_2023_is_taken_whole() -> None:
    files = [
        oracles.external("data", "divisions", f"modood_2023_{part}.csv") for part in ("provinces", "cities", "areas")
    ]
    found = official_list(files, ENCODINGS)
    assert [found.count(level) for level in ("province", "prefecture", "county")] == [31, 333, 2978]
    codes = {d.code for d in found.divisions}
    assert all(d.parent_code in codes for d in found.divisions if d.level != "province")
    assert left(found) == {"gathering": 9}, "市辖区, 县 and 直辖县级行政区划 are no governments"
    assert len(found.told["zone"]) == 124
    assert found.told["alone"] == ("441900 东莞市", "442000 中山市", "460400 儋州市")
    held = parents(found)
    assert (held["110101"], held["500229"], held["429004"], held["659001"], held["441900"]) == (
        "11",
        "50",
        "42",
        "65",
        "4419",
    )
    names = {d.code: d.name_zh for d in found.divisions}
    assert names["429021"] == "神农架林区" and names["110105"] == names["220104"] == "朝阳区", (
        "names repeat; codes do not"
    )
    without = official_list(files, ENCODINGS, zones=False)
    assert without.count("county") == 2978 - 124 and left(without)["zone"] == 124


def test_two_lists_propose_new_codes_and_new_names_but_never_guess_between_two(tmp_path: Path) -> None:
    before = read(tmp_path, CIVIL).divisions
    now = read(tmp_path, CIVIL.replace("130102,　　长安区", "130122,　　长安区").replace("东城区", "东华区")).divisions
    found = [(c.year, c.kind, c.old_code, c.new_code) for c in proposed(before, now, 2026)]
    assert found == [(2026, "recode", "130102", "130122"), (2026, "rename", "110101", "110101")]
    twice = CIVIL.replace("130102,　　长安区", "130122,　　长安区\n,130123,　　长安区")
    assert proposed(before, read(tmp_path, twice).divisions, 2026) == ()
