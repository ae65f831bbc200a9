"""Files that would do harm are findings: too large, bombs, links, other kinds, far cells, words that would act elsewhere."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from pipeline.returns import limits
from pipeline.returns.reader import FileRows, read_file
from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from pipeline.store.ingest import ingest_year
from pipeline.store.receipts import receive
from tests.fixtures_home import read_findings, write_repeating

YEAR = 2025
HEADER = ["学校标识码", "学校名称", "办学类型", "图书（册）"]
SCHOOL = ["2199010101", "甲校", "211", 100]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def book(fill: Callable[[Any], None] = lambda sheet: None, **options: Any) -> bytes:
    """A return with one school, and what ``fill`` does to its sheet of schools."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, **options}) as workbook:
        cover, sheet = workbook.add_worksheet("封面"), workbook.add_worksheet("学校")
        cover.write_row(0, 0, ["统计年份", YEAR])
        cover.write_row(1, 0, ["县级行政区划代码", "990101"])
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, SCHOOL)
        fill(sheet)
    return target.getvalue()


def rewritten(data: bytes, change: Callable[[str, bytes], bytes], *, level: int = 9) -> bytes:
    """A container with its parts changed."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as new,
    ):
        for entry in old.infolist():
            new.writestr(entry.filename, change(entry.filename, old.read(entry)))
    return target.getvalue()


def read(data: bytes, catalogue: Catalogue) -> FileRows:
    return read_file(data, "x", YEAR, catalogue)


def rules(result: FileRows) -> list[str]:
    return [str(finding["rule_id"]) for finding in result.all_findings()]


def schools(result: FileRows) -> list[str]:
    (part,) = (part for part in result.parts if part.part == "schools")
    return part.frames["school"]["school_id"].to_list()


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7 x", b"Rar!\x1a\x07\x00", b"\x1f\x8b\x08", b"\x89PNG\r\n\x1a\n", b"PAR1", b"{\\rtf1"]
)
def test_a_file_of_another_kind_is_called_what_it_is(catalogue: Catalogue, data: bytes) -> None:
    assert rules(read(data, catalogue)) == ["file_of_another_kind"]


@pytest.mark.parametrize(
    "page", ["<html><body><table><tr><td>1</td></tr></table>", "\ufeff<!DOCTYPE html>\n<p>", " <table border=1>"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_web_page_saved_as_a_workbook_is_called_a_page(catalogue: Catalogue, page: str, encoding: str) -> None:
    (finding,) = read(page.encode(encoding), catalogue).all_findings()
    assert (finding["rule_id"], finding["found"]) == ("file_of_another_kind", "HTML")


def test_a_file_above_the_limit_is_not_opened(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_BYTES", 1000)
    (finding,) = read(b"a,b\n" * 300, catalogue).all_findings()
    assert finding["rule_id"] == "file_too_large"


def test_a_bomb_is_refused_before_it_unpacks(catalogue: Catalogue) -> None:
    bomb = rewritten(book(), lambda name, data: data + b" " * (600 << 20) if name.endswith("sheet2.xml") else data)
    assert len(bomb) < 2 << 20
    tracemalloc.start()
    assert rules(read(bomb, catalogue)) == ["file_too_large"]
    assert tracemalloc.get_traced_memory()[1] < 50 << 20
    tracemalloc.stop()


def test_a_bomb_that_lies_about_its_size_is_refused_all_the_same(catalogue: Catalogue) -> None:
    bomb = bytearray(
        rewritten(book(), lambda name, data: data + b" " * (600 << 20) if name.endswith("sheet2.xml") else data)
    )
    true = (600 << 20).to_bytes(4, "little")[2:]
    entry = bomb.rfind(b"xl/worksheets/sheet2.xml") - 46
    assert bomb[entry : entry + 4] == b"PK\x01\x02" and bomb[entry + 26 : entry + 28] == true
    bomb[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    assert rules(read(bytes(bomb), catalogue)) == ["file_too_large"]


def test_a_container_of_thousands_of_parts_is_refused(catalogue: Catalogue) -> None:
    target = io.BytesIO(book())
    with zipfile.ZipFile(target, "a") as archive:
        for number in range(limits.MAX_ENTRIES + 1):
            archive.writestr(f"x/{number}", b"")
    assert rules(read(target.getvalue(), catalogue)) == ["container_too_large"]


@pytest.mark.parametrize("row", [1_048_575, 40_000])
@pytest.mark.parametrize("column", [20, 16_383])
def test_a_stray_value_far_away_costs_nothing_and_loses_nothing(catalogue: Catalogue, row: int, column: int) -> None:
    began = time.process_time()
    result = read(book(lambda sheet: sheet.write(row, column, "x")), catalogue)
    assert time.process_time() - began < 20
    assert result.status == "accepted" and schools(result)[0] == "2199010101"
    rows = next(part.rows for part in result.parts if part.part == "schools")
    assert rows["row"].to_list() == [2, row + 1]


def test_a_million_empty_rows_are_no_rows(catalogue: Catalogue) -> None:
    def million(name: str, data: bytes) -> bytes:
        rows = b"".join(b'<row r="%d" ht="20"/>' % number for number in range(3, 1_048_577))
        return data.replace(b"</sheetData>", rows + b"</sheetData>") if name.endswith("sheet2.xml") else data

    result = read(rewritten(book(), million), catalogue)
    assert schools(result) == ["2199010101"]
    assert sum(part.rows.height for part in result.parts) == 1


def test_a_sheet_of_too_many_cells_is_refused(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.returns.workbook.MAX_CELLS", 1000)
    data = book(lambda sheet: [sheet.write_row(row, 0, [1] * 50) for row in range(10_000, 10_050)])
    assert rules(read(data, catalogue)) == ["sheet_too_large"]


@pytest.mark.parametrize(("rows", "columns"), [(1_000_000, 1_000), (10_000, 1_100)])
def test_a_few_bytes_that_repeat_themselves_without_end_are_refused(
    catalogue: Catalogue, rows: int, columns: int, tmp_path: Path
) -> None:
    write_repeating(tmp_path / "x.ods", f"{{rows: {rows}, columns: {columns}}}")
    (rule_id,) = rules(read((tmp_path / "x.ods").read_bytes(), catalogue))
    assert rule_id in ("sheet_too_large", "file_unreadable")  # the library itself refuses what no memory could hold


def test_formulas_and_links_are_read_as_their_values_and_never_followed(catalogue: Catalogue) -> None:
    def fill(sheet: Any) -> None:
        sheet.write_formula(1, 1, '=HYPERLINK("http://203.0.113.1/x","甲校")', None, "甲校")
        sheet.write_formula(1, 3, "=[1]other.xlsx!A1", None, 7)

    result = read(book(fill), catalogue)
    frame = next(part.frames["school"] for part in result.parts if part.part == "schools")
    assert frame.select("name", "books").row(0) == ("甲校", 7.0)


def test_a_finding_repeats_no_more_of_a_cell_than_a_reader_needs_and_no_control_characters(
    catalogue: Catalogue,
) -> None:
    text = (
        ",".join(["县级行政区划代码", *HEADER]) + "\n990101,2199010101,甲校,211,\x1b[31m\u202e" + "九" * 100_000 + "\n"
    )
    (finding,) = [f for f in read(text.encode(), catalogue).all_findings() if f["rule_id"] == "not_a_number"]
    assert len(str(finding["message_zh"])) < 500
    assert "\x1b" not in str(finding["message_zh"]) and "\\u001b[31m\\u202e九" in str(finding["found"])


def test_one_bad_file_does_not_stop_the_others(catalogue: Catalogue, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.claim(catalogue)
    folder = home.inbox / str(YEAR)
    folder.mkdir()
    good = ",".join(["县级行政区划代码", *HEADER]) + "\n990101,2199010101,甲校,211,100\n"
    odd = "=cmd|'/c calc'!A1 <script>alert(1)</script> .csv".replace("/", "∕")
    (folder / odd).write_text(good, encoding="utf-8")
    (folder / ("长" * 80 + ".csv")).write_bytes(b"\xff\xd8\xff\xe0")
    (folder / "a\nb.csv").write_text("x\n", encoding="utf-8")
    (folder / "link.csv").symlink_to("/etc/hostname")
    (folder / "locked.csv").write_text(good, encoding="utf-8")
    receive(home)
    read_anew = ingest_year(home, catalogue, YEAR)
    assert (read_anew.files, read_anew.rows) == (5, 2)
    assert sorted(read_findings(home, YEAR)) == ["file_not_followed", "file_of_another_kind", "layout_unknown"]
