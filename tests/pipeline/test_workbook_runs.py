"""Workbooks through the store: what counts, what is set aside, the accounts, the county's own table, and traces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations.validate import validate
from pipeline import findings
from pipeline.account import open_parts
from pipeline.returns.reader import read_file, read_tables
from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from pipeline.store.ingest import frames_of, ingest_year, write_parquet
from pipeline.store.ledger import Ledger, derive
from pipeline.store.receipts import receive
from pipeline.tables.working import write_ledger
from pipeline.trace import Tracer
from tests.homes import run_home
from tests.pipeline.test_workbooks import (
    COUNTY,
    COVER,
    ITEMS,
    ONE,
    STAGES,
    TWO,
    YEAR,
    county,
    return_of,
    school,
    written,
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def send(home: Home, catalogue: Catalogue, **files: Any) -> Ledger:
    """Workbooks in the inbox, received in this order and read."""
    home.claim(catalogue)
    for name, sheets in files.items():
        path = home.inbox / str(YEAR) / f"{name}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(sheets))
        receive(home)
    ingest_year(home, catalogue, YEAR)
    write_parquet(findings.frame([]), home.rows(YEAR) / "rule_findings.parquet")
    return derive(home, catalogue)


def account(ledger: Ledger, part: str) -> dict[str, Any]:
    (row,) = ledger.submission_part.filter(pl.col("part") == part, pl.col("status") == "accepted").to_dicts()
    return row


def test_what_the_county_reported_of_itself_is_a_row_of_its_own_table(tmp_path: Path, catalogue: Catalogue) -> None:
    home = Home(tmp_path)
    ledger = send(home, catalogue, a=return_of())
    assert ledger.county_return.select("year", "county_code", "resident_population").rows() == [(YEAR, COUNTY, 305_000)]
    assert "school_id" not in ledger.county_return.columns
    write_ledger(home, catalogue)
    assert pl.read_parquet(home.table("county_return")).height == 1
    assert open_parts(home) == []


def test_a_later_workbook_takes_the_place_of_the_county_sheet_too(tmp_path: Path, catalogue: Catalogue) -> None:
    later = county(["resident_population", "", "", 40])
    ledger = send(Home(tmp_path), catalogue, a=return_of(), b=later)
    assert ledger.county_return["resident_population"].to_list() == [400_000]


def test_a_critical_finding_of_the_county_sets_its_whole_sheet_aside_and_no_school(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    rows = county(["resident_population", "", "", 30.5], ["farming_population", "", "", "十二"])
    ledger = send(Home(tmp_path), catalogue, a=rows)
    kept = account(ledger, "county")
    assert (kept["rows_read"], kept["rows_accepted"], kept["rows_quarantined"]) == (2, 0, 2)
    assert ledger.county_return.height == 0
    assert account(ledger, "schools")["rows_quarantined"] == 0


def test_an_unknown_item_sets_only_its_own_row_aside(tmp_path: Path, catalogue: Catalogue) -> None:
    ledger = send(Home(tmp_path), catalogue, a=county(["resident_population", "", "", 30.5], ["x", "航天港", "", 2]))
    assert (account(ledger, "county")["rows_accepted"], account(ledger, "county")["rows_quarantined"]) == (1, 1)
    assert ledger.county_return.height == 1


def test_findings_made_across_files_name_the_sheet_too(tmp_path: Path, catalogue: Catalogue) -> None:
    other = [*COVER[:3], ["县级行政区划代码", "990102"]]
    ledger = send(Home(tmp_path), catalogue, a=return_of(), b=return_of(封面=other))
    claimed = ledger.finding.filter(pl.col("rule_id") == "school_in_two_counties")
    assert set(claimed["sheet"]) == {"学校", "学段", "班级", "专用教室"}


def test_a_rule_names_sheet_and_cell_of_what_it_blames(catalogue: Catalogue) -> None:
    result = read_file(written(return_of(学段=[STAGES, [ONE, "小学", -5]])), "x", YEAR, catalogue)
    cells = {"x": {part.part: part.cells for part in result.parts}}
    found = validate(frames_of(result, catalogue, "x", YEAR), catalogue, cells)
    assert ("学段", "C2") in found.select("sheet", "cell").rows()


def test_a_value_is_traced_to_file_sheet_and_cell(tmp_path: Path, catalogue: Catalogue) -> None:
    sheets = return_of(
        学校=[["图书"], [], ["学校（机构）标识码", "学校名称", "办学类型", "图书（册）"], school(books=3000)[:4]]
    )
    path = tmp_path / "return.xlsx"
    path.write_bytes(written(sheets))
    home = run_home(tmp_path / "home", {YEAR: [path]})
    indicator = next(i.id for i in catalogue.indicators.values() if i.numerator == "books" and i.scope == "stage")
    (trace,) = Tracer(Home(home), YEAR).traces(ONE, indicator, "primary")
    books = next(field for field in trace.fields if field.name == "books")
    assert [(c.sheet, c.address, c.text) for c in books.cells] == [("学校", "D4", "3000")]


def test_every_sheet_can_be_gone_back_to_the_cover_too(catalogue: Catalogue) -> None:
    tables = {table.sheet: table for table in read_tables(written(return_of()), catalogue)}
    assert tables["封面"].cell(3, 1) == COUNTY
    assert tables["县级"].rows[0] == ITEMS
    assert TWO not in tables["学校"].rows[1]
