"""The return kit: byte for byte what came, rows that passed and did not, and a copy of the workbook with its cells marked."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from python_calamine import CalamineWorkbook

from expectations.trial import Sent, not_opened, try_files
from pipeline.checked import CheckedFile
from pipeline.errors import HomeError
from pipeline.forms import write_return
from pipeline.returns.table import cell_place
from pipeline.schema import load_catalogue
from pipeline.store.home import Home
from pipeline.store.roster import with_rosters
from reports.kit import write_kits
from reports.kit.marks import FILLS
from reports.kit.safe import for_csv, for_markdown
from tests.samples import county_codes, write_small

CATALOGUE = load_catalogue()
YEAR = 2025
COUNTY = next(d for d in CATALOGUE.divisions if d.code == "990101")


def checked(path: Path) -> CheckedFile:
    return try_files([Sent(path, YEAR, path.read_bytes())], CATALOGUE, None).files[0]


def kit_of(path: Path, folder: Path) -> tuple[CheckedFile, Path]:
    result = checked(path)
    write_kits(folder, [result], CATALOGUE)
    return result, folder


def colours(cell: Any) -> tuple[Any, ...]:
    return cell.fill.patternType, cell.fill.fgColor.rgb, cell.font.b, cell.number_format


def table(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


SCHOOLS = [
    {"school_id": f"219900000{n}", "name": name, "school_type": "211", "urban_rural": "111", "is_public": 1.0}
    for n, name in enumerate(("甲小学", "乙小学", "=cmd|calc", "<b>丁</b>小学", "戊小学"), 1)
]


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own form with five schools, a type that is none, a formula that leads out, a comment and a sheet of the sender."""
    path = tmp_path_factory.mktemp("kit") / "return.xlsx"
    write_return(path, CATALOGUE, YEAR, COUNTY, {"schools": SCHOOLS})
    book = openpyxl.load_workbook(path)
    sheet = book["学校"]
    sheet["C4"], sheet["C5"] = "九年一贯", "初中"
    sheet["C5"].comment = Comment("sender's own", "x")
    sheet["B7"].fill = PatternFill("solid", fgColor="FF00FF00")
    own = book.create_sheet("我们的")
    own["A1"], own["A2"], own["A3"] = '=HYPERLINK("http://x.example","y")', "=1+1", "=[1]Sheet1!A1"
    own["A4"] = "a link"
    own["A4"].hyperlink = "http://x.example/"
    check = DataValidation(type="whole", operator="greaterThan", formula1="0")
    check.add("B1")
    own.add_data_validation(check)
    book.save(path)
    return path


@pytest.fixture(scope="module")
def kit(workbook: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[CheckedFile, Path]:
    return kit_of(workbook, tmp_path_factory.mktemp("kits") / "kit")


def test_what_was_received_is_there_byte_for_byte(kit: tuple[CheckedFile, Path], workbook: Path) -> None:
    assert (kit[1] / "received" / workbook.name).read_bytes() == workbook.read_bytes()


def test_every_source_row_either_passed_or_did_not_and_says_why(kit: tuple[CheckedFile, Path]) -> None:
    result, folder = kit
    lost = table(folder / "not-passed.csv")[1:]
    book = openpyxl.load_workbook(folder / "passed.xlsx")
    passed = [row[0].value for sheet in book for row in sheet.iter_rows() if row[0].value]
    assert len(lost) + len(passed) == result.rows.height == sum(a.read for a in result.accounts)
    for account in result.accounts:
        assert account.read == sum(account.counts.values())
    assert all(row[5] and row[6] for row in lost), "a reason in both languages"
    assert "school_type_known" in {rule for row in lost for rule in row[9].split(",")}


def test_the_copy_is_marked_and_commented_and_otherwise_as_it_was(
    kit: tuple[CheckedFile, Path], workbook: Path
) -> None:
    result, folder = kit
    before, after = openpyxl.load_workbook(workbook), openpyxl.load_workbook(folder / "marked.xlsx")
    assert after.sheetnames == ["检查结果 Findings", *before.sheetnames]
    marked = after["学校"]["C4"]
    assert marked.value == "九年一贯" and marked.fill.fgColor.rgb == f"FF{FILLS['critical']}"
    said = marked.comment.text
    assert "312 九年一贯制学校" in said and said.index("更正") < said.index("Mend")
    assert after["学校"]["C5"].comment.text.startswith("sender's own")
    assert after["学校"]["B7"].fill.fgColor.rgb == "FF00FF00"
    assert after["学校"].column_dimensions["B"].width == before["学校"].column_dimensions["B"].width
    counts = [len(book["学校"].data_validations.dataValidation) for book in (before, after)]
    assert counts[0] == counts[1] > 0 and len(after["我们的"].data_validations.dataValidation) == 1
    touched = {
        (f["sheet"], place) for f in result.findings.iter_rows(named=True) for place in (f["cell"] or "").split(",")
    }
    for sheet in before:
        for row in sheet.iter_rows():
            for cell in row:
                twin = after[sheet.title][cell.coordinate]
                assert twin.value == cell.value, cell.coordinate
                assert (
                    (sheet.title, cell.coordinate) in touched or sheet.title == "学校" or colours(twin) == colours(cell)
                )


def test_nothing_in_the_copy_leads_outside(kit: tuple[CheckedFile, Path]) -> None:
    own = openpyxl.load_workbook(kit[1] / "marked.xlsx")["我们的"]
    assert [own[a].data_type for a in ("A1", "A2", "A3")] == ["s", "f", "s"]
    assert own["A4"].hyperlink is None and own["A4"].value == "a link"


def test_the_list_of_findings_leads_to_their_cells(kit: tuple[CheckedFile, Path]) -> None:
    book = openpyxl.load_workbook(kit[1] / "marked.xlsx")
    listed = book["检查结果 Findings"]
    rows = list(listed.iter_rows(min_row=3))
    assert len(rows) == sum(1 if g.is_whole else len(g.findings) for g in kit[0].groups)
    at = next(row for row in rows if row[12].value == "school_type_known")
    assert at[2].hyperlink.location == f"'学校'!{at[2].value}"
    assert all(cell.data_type != "f" for row in listed.iter_rows() for cell in row)


def test_the_copy_opens_in_the_reader_too(kit: tuple[CheckedFile, Path]) -> None:
    names = CalamineWorkbook.from_filelike(io.BytesIO((kit[1] / "marked.xlsx").read_bytes())).sheet_names
    assert "学校" in names
    assert checked(kit[1] / "marked.xlsx").layout_id == kit[0].layout_id


def test_the_page_says_the_counts_the_verdict_and_the_next_step(kit: tuple[CheckedFile, Path]) -> None:
    result, folder = kit
    text = (folder / "README.md").read_text(encoding="utf-8")
    verdict_zh, verdict_en = result.verdict
    assert verdict_zh in text and verdict_en in text
    assert text.index("下一步") < text.index("Next:")
    for name in ("findings.csv", "marked.xlsx", "not-passed.csv", "passed.xlsx", "received/return.xlsx"):
        assert name in text
        assert (folder / name).is_file()
    assert "<b>" not in text, "what a return holds is never mark-up"


def test_findings_csv_holds_every_finding(kit: tuple[CheckedFile, Path]) -> None:
    rows = table(kit[1] / "findings.csv")
    assert len(rows) - 1 == kit[0].findings.height
    assert {"nearest", "mend_zh", "mend_en"} <= set(rows[0])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "+86"),
        ("-3.5", "-3.5"),
        ("-cmd", "'-cmd"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("甲", "甲"),
    ],
)
def test_no_text_becomes_a_formula(text: str, written: str) -> None:
    assert for_csv(text) == written


def test_mark_up_is_only_text() -> None:
    assert for_markdown("<b>|*x*\n`y`") == r"\<b\>\|\*x\* \`y\`"


def test_a_text_file_gets_a_fresh_workbook_of_the_same_cells(tmp_path: Path) -> None:
    write_small(tmp_path / "home")
    path = tmp_path / "home" / "inbox" / str(YEAR) / f"{county_codes()[-1]}-schools.csv"
    home = tmp_path / "home"
    books = next(i for i, head in enumerate(table(path)[0]) if head.startswith("图书"))
    lines = table(path)
    lines[3][books] = "很多"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(lines)
    known = with_rosters(CATALOGUE, Home(home))
    result = try_files([Sent(path, YEAR, path.read_bytes())], known, Home(home)).files[0]
    write_kits(tmp_path / "kit", [result], known)
    rows = table(path)
    sheet = openpyxl.load_workbook(tmp_path / "kit" / "marked.xlsx").worksheets[1]
    assert [[c.value or "" for c in row] for row in sheet.iter_rows(max_col=len(rows[0]))] == rows
    finding = next(f for f in result.findings.iter_rows(named=True) if f["rule_id"] == "not_a_number")
    row, column = cell_place(finding["cell"])
    cell = sheet.cell(row + 1, column + 1)
    assert cell.fill.fgColor.rgb == f"FF{FILLS['critical']}" and "很多" in cell.comment.text
    passed = table(tmp_path / "kit" / "passed.csv")
    assert passed[0][1:] == rows[0] and len(passed) + len(table(tmp_path / "kit" / "not-passed.csv")) == len(rows) + 1
    numbers = [int(row[0]) for row in passed[1:]]
    assert all(rows[n - 1] == row[1:] for n, row in zip(numbers, passed[1:], strict=True))


@pytest.mark.parametrize("data", [b"\0\1\2", b"PK\x03\x04 torn", b"", b"a,b\n1,2\n"])
def test_a_file_that_cannot_be_read_gets_a_kit_too(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(data)
    result, folder = kit_of(path, tmp_path / "kit")
    assert result.status == "unreadable" and not result.may_be_submitted
    assert (folder / "README.md").is_file() and len(table(folder / "findings.csv")) == 2
    assert not data or (folder / "received" / "x.xlsx").read_bytes() == data


def test_what_is_not_there_gets_a_kit_without_what_was_received(tmp_path: Path) -> None:
    write_kits(tmp_path / "kit", [not_opened(tmp_path / "x", YEAR, ("无", "none"))], CATALOGUE)
    assert not (tmp_path / "kit" / "received").exists()


def test_a_kit_is_replaced_but_nothing_else_is(workbook: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kit"
    kit_of(workbook, folder)
    before = {p.name for p in folder.iterdir()}
    kit_of(workbook, folder)
    assert {p.name for p in folder.iterdir()} == before, "the same kit again"
    (folder / "my-notes.txt").write_text("x")
    with pytest.raises(HomeError, match=r"my-notes\.txt"):
        write_kits(folder, [checked(workbook)], CATALOGUE)
    assert (folder / "my-notes.txt").read_text() == "x"
    assert [p.name for p in tmp_path.iterdir()] == ["kit"], "no half kit lies beside it"


def test_a_kit_that_fails_leaves_no_trace(workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from reports.kit import folder as module

    def broken(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_rows", broken)
    with pytest.raises(HomeError, match="No space"):
        write_kits(tmp_path / "kit", [checked(workbook)], CATALOGUE)
    assert not list(tmp_path.iterdir())


def test_several_files_have_a_kit_each(workbook: Path, tmp_path: Path) -> None:
    folders = write_kits(tmp_path / "kits", [checked(workbook), checked(workbook)], CATALOGUE)
    assert len(set(folders)) == 2 and all((f / "README.md").is_file() for f in folders)
    manifest = json.loads((tmp_path / "kits" / "kit.json").read_text(encoding="utf-8"))
    assert len(manifest["files"]) == len([p for p in (tmp_path / "kits").rglob("*") if p.is_file()]) - 1
