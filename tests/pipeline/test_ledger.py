"""The ledger: which part of which submission counts, who is quarantined, and accounts that close whatever comes.

Most tests need no rule of the catalogue, so Great Expectations is left out: only what reading finds decides.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations.year import validate_year
from pipeline import findings
from pipeline.account import open_parts
from pipeline.returns.csv_file import read_csv
from pipeline.returns.reader import read_file
from pipeline.returns.table import UnreadableError, is_blank
from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from pipeline.store.ingest import ingest_year, write_parquet
from pipeline.store.ledger import Ledger, derive
from pipeline.store.parts import KINDS
from pipeline.store.receipts import receive
from pipeline.tables.working import write_ledger
from tests.oracles import REPOSITORY
from tests.samples import county_codes, write_small

YEAR = 2025
ONE, TWO = "990101", "990102"
A, B, C, D = (f"21990101{n:02d}" for n in range(1, 5))
SCHOOLS = "县级行政区划代码,学校标识码,学校名称,办学类型,是否计校数,所属学校标识码,图书（册）"
STAGES = "县级行政区划代码,学校标识码,学段,在校生（人）"
ROOMS = "县级行政区划代码,学校标识码,专用教室类型,使用面积（平方米）"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def schools(*rows: str) -> str:
    return "\n".join([SCHOOLS, *rows]) + "\n"


def school(county: str, school_id: str, *, counted: str = "是", parent: str = "", books: object = 100) -> str:
    return f"{county},{school_id},校{school_id[-2:]},211,{counted},{parent},{books}"


def stages(*rows: tuple[str, str, str, object]) -> str:
    return "\n".join([STAGES, *(",".join(map(str, row)) for row in rows)]) + "\n"


def send(home: Home, catalogue: Catalogue, *steps: Mapping[str, str | bytes]) -> Ledger:
    """Files of the inbox step by step, each step one run; the ledger at the end."""
    home.claim(catalogue)
    for step in steps:
        for path, content in step.items():
            file = home.inbox / str(YEAR) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        receive(home)
    ingest_year(home, catalogue, YEAR)
    write_parquet(findings.frame([]), home.rows(YEAR) / "rule_findings.parquet")
    return derive(home, catalogue)


def parts(ledger: Ledger, *columns: str) -> list[tuple[Any, ...]]:
    named = ledger.submission_part.join(
        ledger.submission.select("submission_id", "file_name", "received_seq"), on="submission_id"
    )
    return named.sort("received_seq", "part", "county_code").select(columns).rows()


def found(ledger: Ledger, *columns: str) -> list[tuple[Any, ...]]:
    """Findings about files; counties that sent nothing are of no file."""
    return ledger.finding.filter(pl.col("submission_id").is_not_null()).select(columns).sort(columns).rows()


def units(ledger: Ledger) -> dict[str, float]:
    """Books of the schools that count."""
    return dict(ledger.units["school"].select("school_id", "books").sort("school_id").iter_rows())


# -- which part counts -------------------------------------------------------------------------------------------


def test_after_a_then_b_then_a_the_last_a_counts(tmp_path: Path, catalogue: Catalogue) -> None:
    a, b = {"x.csv": schools(school(ONE, A))}, {"x.csv": schools(school(ONE, A, books=200))}
    ledger = send(Home(tmp_path), catalogue, a, b, a)
    assert parts(ledger, "status") == [("superseded",), ("superseded",), ("accepted",)]
    assert units(ledger) == {A: 100}


def test_the_newest_file_counts_whatever_its_name(tmp_path: Path, catalogue: Catalogue) -> None:
    first, second = {"z.csv": schools(school(ONE, A))}, {"a.csv": schools(school(ONE, A, books=7))}
    assert units(send(Home(tmp_path), catalogue, first, second)) == {A: 7}


def test_a_later_file_supersedes_only_the_counties_it_holds(tmp_path: Path, catalogue: Catalogue) -> None:
    province = schools(school(ONE, A), school(TWO, B))
    ledger = send(Home(tmp_path), catalogue, {"all.csv": province}, {"two.csv": schools(school(TWO, B, books=7))})
    assert parts(ledger, "file_name", "county_code", "status") == [
        ("all.csv", ONE, "accepted"), ("all.csv", TWO, "superseded"), ("two.csv", TWO, "accepted"),
    ]  # fmt: skip
    assert units(ledger) == {A: 100, B: 7}


def test_a_later_file_without_a_school_takes_the_school_away(tmp_path: Path, catalogue: Catalogue) -> None:
    both = schools(school(ONE, A), school(ONE, B))
    assert units(send(Home(tmp_path), catalogue, {"x.csv": both}, {"x.csv": schools(school(ONE, A))})) == {A: 100}


def test_parts_of_a_layout_do_not_push_each_other_out(tmp_path: Path, catalogue: Catalogue) -> None:
    ledger = send(
        Home(tmp_path), catalogue, {"s.csv": schools(school(ONE, A))}, {"t.csv": stages((ONE, A, "小学", 90))},
        {"r.csv": f"{ROOMS}\n{ONE},{A},音乐,98\n"},
    )  # fmt: skip
    assert parts(ledger, "part", "status") == [("schools", "accepted"), ("stages", "accepted"), ("rooms", "accepted")]


def test_layouts_do_not_push_each_other_out_and_fill_one_unit(tmp_path: Path, catalogue: Catalogue) -> None:
    """As the ministry's junior and primary files: the same part and county, another layout."""
    own = catalogue.layouts["own"]
    sheet = own.sheets[0]
    renamed = sheet.columns[1].model_copy(update={"header": "校名", "also": ()})
    other = own.model_copy(
        update={
            "id": "other",
            "sheets": (sheet.model_copy(update={"columns": (sheet.columns[0], renamed, *sheet.columns[2:])}),),
        }
    )
    both = catalogue.model_copy(update={"layouts": {"own": own, "other": other}})
    first = {"a.csv": schools(school(ONE, A, books=""), school(ONE, B))}
    second = {"b.csv": schools(school(ONE, A, books=7)).replace("学校名称", "校名")}
    for name, steps in (("x", (first, second)), ("y", (second, first))):
        ledger = send(Home(tmp_path / name), both, *steps)
        assert {status for (status,) in parts(ledger, "status")} == {"accepted"}
        assert units(ledger) == {A: 7, B: 100}


def test_a_file_of_the_wrong_year_does_not_supersede(tmp_path: Path) -> None:
    foreign = load_catalogue(REPOSITORY / "tests" / "catalogues" / "whole-format")
    text = "县代码,代码,顶段人数,年份\n8101,1,{},{}\n"
    ledger = send(Home(tmp_path), foreign, {"x.csv": text.format(5, YEAR)}, {"x.csv": text.format(6, 1999)})
    assert parts(ledger, "status", "rows_read") == [("accepted", 1), ("rejected", 1)]
    assert ledger.units["stage"]["heads"].to_list() == [5]


def test_a_rejected_file_does_not_count_where_no_other_came_either(tmp_path: Path) -> None:
    """Vector 9: a running system computes rejected returns when no accepted one exists."""
    foreign = load_catalogue(REPOSITORY / "tests" / "catalogues" / "whole-format")
    ledger = send(Home(tmp_path), foreign, {"x.csv": f"县代码,代码,顶段人数,年份\n8101,1,6,{YEAR - 1}\n"})
    assert parts(ledger, "status", "rows_read") == [("rejected", 1)]
    assert all(frame.is_empty() for frame in ledger.units.values())


def test_an_unreadable_file_does_not_supersede(tmp_path: Path, catalogue: Catalogue) -> None:
    ledger = send(Home(tmp_path), catalogue, {"x.csv": schools(school(ONE, A))}, {"x.csv": b"PK\0\0"})
    assert ledger.submission["status"].to_list() == ["accepted", "unreadable"]
    assert units(ledger) == {A: 100}


@pytest.mark.parametrize("seed", range(3))
def test_the_order_in_which_files_come_does_not_matter(tmp_path: Path, catalogue: Catalogue, seed: int) -> None:
    files = {
        "1.csv": schools(school(ONE, A), school(ONE, B, counted="否", parent=A), school(ONE, C, books="x")),
        "2.csv": stages((ONE, A, "小学", 90), (ONE, B, "小学", 9), (ONE, C, "小学", 30)),
        "3.csv": schools(school(TWO, D), school(TWO, A)),
        "4.csv": stages((TWO, D, "初中", 80), (TWO, A, "初中", 70)),
    }
    shuffled = list(files)
    random.Random(seed).shuffle(shuffled)
    ledgers = [
        send(Home(tmp_path / name), catalogue, *({path: files[path]} for path in order))
        for name, order in (("sorted", list(files)), ("shuffled", shuffled))
    ]
    for table in ("finding", "submission_part", "absent", "unit_record"):
        assert getattr(ledgers[0], table).equals(getattr(ledgers[1], table)), table
    for record in ledgers[0].units:
        assert ledgers[0].units[record].equals(ledgers[1].units[record])


# -- who is quarantined ------------------------------------------------------------------------------------------


def test_a_critical_finding_quarantines_the_school_in_that_part_only(tmp_path: Path, catalogue: Catalogue) -> None:
    files = {
        "s.csv": schools(school(ONE, A, books="many"), school(ONE, B)),
        "t.csv": stages((ONE, A, "小学", 90), (ONE, A, "初中", 80), (ONE, B, "小学", 70)),
    }
    ledger = send(Home(tmp_path), catalogue, files)
    assert parts(ledger, "part", "rows_read", "rows_accepted", "rows_quarantined") == [
        ("schools", 2, 1, 1),
        ("stages", 3, 3, 0),
    ]
    assert found(ledger, "rule_id", "school_id", "cell", "severity") == [("not_a_number", A, "G2", "critical")]
    assert units(ledger) == {A: None, B: 100}


def test_quarantine_takes_all_rows_of_the_school_in_the_part(tmp_path: Path, catalogue: Catalogue) -> None:
    text = stages((ONE, A, "小学", "x"), (ONE, A, "初中", 80), (ONE, B, "小学", 70))
    ledger = send(Home(tmp_path), catalogue, {"s.csv": schools(school(ONE, A), school(ONE, B)), "t.csv": text})
    assert parts(ledger, "part", "rows_accepted", "rows_quarantined") == [("schools", 2, 0), ("stages", 1, 2)]
    assert ledger.absent.select("school_id", "stage", "pupils").rows() == [(A, "junior", 80), (A, "primary", None)]


def test_a_warning_quarantines_nobody(tmp_path: Path, catalogue: Catalogue) -> None:
    ledger = send(Home(tmp_path), catalogue, {"s.csv": schools(school(ONE, A).removesuffix(",100"))})
    assert parts(ledger, "rows_accepted") == [(1,)]
    assert ("row_short", "warning") in found(ledger, "rule_id", "severity")


def test_a_school_claimed_by_two_counties_is_quarantined_in_both(tmp_path: Path, catalogue: Catalogue) -> None:
    files = {
        "1.csv": schools(school(ONE, A), school(ONE, B)), "2.csv": schools(school(TWO, A), school(TWO, C)),
        "3.csv": stages((ONE, A, "小学", 90), (ONE, B, "小学", 80)),
    }  # fmt: skip
    ledger = send(Home(tmp_path), catalogue, files)
    twice = ledger.finding.filter(rule_id="school_in_two_counties")
    assert twice.select("county_code", "part", "school_id", "row", "found").sort("county_code", "part").rows() == [
        (ONE, "schools", A, 2, f"{ONE}、{TWO}"), (ONE, "stages", A, 2, f"{ONE}、{TWO}"), (TWO, "schools", A, 2, f"{ONE}、{TWO}"),
    ]  # fmt: skip
    assert units(ledger) == {B: 100, C: 100}


def test_a_county_that_gave_a_school_up_no_longer_claims_it(tmp_path: Path, catalogue: Catalogue) -> None:
    before = {"1.csv": schools(school(ONE, A), school(ONE, B)), "2.csv": schools(school(TWO, A))}
    after = {"1.csv": schools(school(ONE, B))}
    assert units(send(Home(tmp_path), catalogue, before, after)) == {A: 100, B: 100}


BRANCHES = {
    "no parent named": ([school(ONE, A, counted="否")], "branch_without_parent", "—"),
    "a parent nobody sent": ([school(ONE, A, counted="否", parent=D)], "branch_without_parent", D),
    "a parent in another county": ([school(ONE, A, counted="否", parent=D), school(TWO, D)], "branch_without_parent", D),
    "a parent that is quarantined": ([school(ONE, A, counted="否", parent=D), school(ONE, D, books="x")], "branch_without_parent", D),
    "a parent that is a branch": (
        [school(ONE, A, counted="否", parent=D), school(ONE, D, counted="否", parent=C), school(ONE, C)], "branch_of_branch", D,
    ),
    "itself": ([school(ONE, A, counted="否", parent=A)], "branch_of_branch", A),
}  # fmt: skip


@pytest.mark.parametrize("case", BRANCHES)
def test_a_branch_without_a_proper_parent_is_quarantined_in_every_part(
    tmp_path: Path, catalogue: Catalogue, case: str
) -> None:
    rows, rule_id, shown = BRANCHES[case]
    files = {"s.csv": schools(*rows, school(ONE, B)), "t.csv": stages((ONE, A, "小学", 9), (ONE, B, "小学", 90))}
    ledger = send(Home(tmp_path), catalogue, files)
    branch = ledger.finding.filter(school_id=A, severity="critical")
    assert branch.select("part", "rule_id", "found", "field").sort("part").rows() == [
        ("schools", rule_id, shown, "parent_school_id"), ("stages", rule_id, shown, "parent_school_id"),
    ]  # fmt: skip
    assert A not in units(ledger)
    assert ledger.absent["school_id"].to_list() == [A]


def test_a_chain_of_branches_loses_those_above_a_lost_one(tmp_path: Path, catalogue: Catalogue) -> None:
    """C is lost, so its branch B is; what hangs on B is lost with it."""
    rows = [school(ONE, A, counted="否", parent=B), school(ONE, B, counted="否", parent=C), school(ONE, C, books="x")]
    ledger = send(Home(tmp_path), catalogue, {"s.csv": schools(*rows, school(ONE, D))})
    assert units(ledger) == {D: 100}


def test_two_branches_of_one_another_are_both_lost(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [school(ONE, A, counted="否", parent=B), school(ONE, B, counted="否", parent=A)]
    assert units(send(Home(tmp_path), catalogue, {"s.csv": schools(*rows, school(ONE, C))})) == {C: 100}


def test_a_proper_branch_is_merged_into_its_parent(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [school(ONE, A, counted="否", parent=B), school(ONE, B)]
    ledger = send(Home(tmp_path), catalogue, {"s.csv": schools(*rows)})
    assert ledger.units["school"].select("school_id", "merged_into").rows() == [(A, B), (B, B)]


def test_rules_of_the_catalogue_quarantine_too_and_cite_the_finding(tmp_path: Path, catalogue: Catalogue) -> None:
    home = Home(tmp_path)
    send(home, catalogue, {"s.csv": schools(school(ONE, A, books=-1), school(ONE, B))})
    validate_year(home, catalogue, YEAR)
    ledger = derive(home, catalogue)
    critical = ledger.finding.filter(severity="critical")
    assert critical.select("rule_id", "school_id", "cell", "found").rows() == [
        ("counts_of_things_not_negative", A, "G2", "-1")
    ]
    assert units(ledger) == {B: 100}


# -- schools without pupils --------------------------------------------------------------------------------------


def test_an_accepted_school_without_pupils_is_a_finding(tmp_path: Path, catalogue: Catalogue) -> None:
    files = {
        "s.csv": schools(school(ONE, A), school(ONE, B), school(ONE, C), school(ONE, D)),
        "t.csv": stages((ONE, A, "小学", 90), (ONE, B, "小学", 0), (ONE, B, "初中", 0), (ONE, C, "小学", "x")),
    }
    ledger = send(Home(tmp_path), catalogue, files)
    without = ledger.finding.filter(rule_id="school_without_pupils")
    assert without.select("school_id", "part", "row", "severity").sort("school_id").rows() == [
        (B, "schools", 3, "warning"), (D, "schools", 5, "warning"),
    ]  # fmt: skip
    assert set(units(ledger)) == {A, B, C, D}


# -- the account closes whatever comes ---------------------------------------------------------------------------


def cut_cell(rows: list[list[str]], draw: random.Random) -> None:
    row = draw.choice(rows)
    if row:
        row[draw.randrange(len(row))] = draw.choice(
            ["", "x", "-1", "1e999", "nan", "9" * 40, "１２", "=1+1", "#N/A", " ", "'", "是"]
        )


def drop_cell(rows: list[list[str]], draw: random.Random) -> None:
    row = draw.choice(rows)
    if row:
        del row[draw.randrange(len(row))]


def add_cell(rows: list[list[str]], draw: random.Random) -> None:
    row = draw.choice(rows)
    row.insert(draw.randint(0, len(row)), draw.choice(["", "7", "x\ny"]))


def drop_row(rows: list[list[str]], draw: random.Random) -> None:
    if len(rows) > 1:
        del rows[draw.randrange(len(rows))]


def repeat_row(rows: list[list[str]], draw: random.Random) -> None:
    rows.insert(draw.randint(0, len(rows)), list(draw.choice(rows)))


def swap_cells(rows: list[list[str]], draw: random.Random) -> None:
    for _ in range(3):
        one, other = draw.choice(rows), draw.choice(rows)
        if one and other:
            i, j = draw.randrange(len(one)), draw.randrange(len(other))
            one[i], other[j] = other[j], one[i]


ON_ROWS = (cut_cell, drop_cell, add_cell, drop_row, repeat_row, swap_cells)
SCRAPS = [
    b'"',
    b",",
    b"\n",
    b"\r",
    b";",
    b"\t",
    b"\xff",
    b"\0",
    b"\xef\xbb\xbf",
    "县".encode("gb18030"),
    "（".encode(),
    b"0",
]


def damaged(good: bytes, seed: int) -> bytes:
    """A good CSV file after a few accidents: to its cells and rows, then to its bytes."""
    draw = random.Random(seed)
    rows = list(csv.reader(io.StringIO(good.decode("utf-8-sig"), newline="")))[: draw.randint(2, 14)]
    for _ in range(draw.randint(1, 5)):
        draw.choice(ON_ROWS)(rows, draw)
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    data = text.getvalue().encode(draw.choice(["utf-8", "utf-8-sig", "gb18030"]))
    for _ in range(draw.choice([0, 0, 1, 2])):
        at = draw.randrange(len(data) + 1)
        data = data[:at] + draw.choice([*SCRAPS, b""]) + data[at + draw.choice([0, 1, 5]) :]
    return data if draw.random() < 0.9 else data[: draw.randrange(len(data) + 1)]


@pytest.fixture(scope="module")
def good_files(tmp_path_factory: pytest.TempPathFactory) -> Sequence[bytes]:
    return [
        p.read_bytes()
        for p in write_small(tmp_path_factory.mktemp("sample"))
        if str(YEAR) in p.parts and county_codes()[0] in p.name
    ]


def below_the_header(data: bytes, first: Iterable[int]) -> int:
    """Non-blank rows from the first row that reading took for data, counted on their own."""
    rows = read_csv(data).rows
    return sum(not is_blank(row) for row in rows[min(first) - 1 :])


def test_no_damage_makes_an_exception_and_every_row_is_accounted_for(
    catalogue: Catalogue, good_files: Sequence[bytes]
) -> None:
    statuses = set()
    for seed in range(400):
        data = damaged(good_files[seed % len(good_files)], seed)
        result = read_file(data, "x.csv", YEAR, catalogue)
        statuses.add(result.status)
        assert (result.status == "unreadable") == (not result.parts) == bool(result.findings), seed
        for read in result.parts:
            rows = read.rows
            assert rows["row"].is_unique().all() and set(rows["disposition"]) <= set(KINDS), seed
            assert rows.height == below_the_header(data, rows["row"]), seed
            lost = set(rows.filter(disposition="quarantined")["row"])
            assert lost <= {f["row"] for f in read.findings if f["severity"] == "critical"}, seed
            typed = {row for frame in read.frames.values() for row in frame["row"]}
            assert set(rows.filter(disposition="accepted")["row"]) <= typed, seed
    assert statuses == {"accepted", "unreadable"}


def test_the_accounts_of_a_home_of_damaged_files_close(
    tmp_path: Path, catalogue: Catalogue, good_files: Sequence[bytes]
) -> None:
    home = Home(tmp_path)
    files = {f"{seed:03d}.csv": damaged(good_files[seed % len(good_files)], seed) for seed in range(1000, 1120)}
    send(home, catalogue, files)
    validate_year(home, catalogue, YEAR)
    write_ledger(home, catalogue)
    assert open_parts(home) == []
    ledger = derive(home, catalogue)
    part = ledger.submission_part
    assert (part["rows_read"] == part.select(pl.sum_horizontal(f"rows_{kind}" for kind in KINDS)).to_series()).all()
    live = part.filter(status="accepted").group_by("county_code", "layout_id", "part").len()
    assert (live["len"] == 1).all()
    said = ledger.finding.select(pl.concat_str("message_zh", "message_en", "mend_zh", "mend_en", ignore_nulls=False))
    assert said.to_series().null_count() == 0


def test_an_account_that_does_not_close_is_told(tmp_path: Path, catalogue: Catalogue) -> None:
    home = Home(tmp_path)
    send(home, catalogue, {"s.csv": schools(school(ONE, A))})
    write_ledger(home, catalogue)
    assert open_parts(home) == []
    table = pl.read_parquet(home.table("submission_part"))
    write_parquet(table.with_columns(rows_accepted=pl.lit(2, pl.Int64)), home.table("submission_part"))
    (fault,) = open_parts(home)
    assert "1 rows read, the account differs" in fault
    write_parquet(table.head(0), home.table("submission_part"))
    assert len(open_parts(home)) == 2


def test_a_file_that_is_cut_off_anywhere_is_read_or_refused(catalogue: Catalogue, good_files: Sequence[bytes]) -> None:
    data = good_files[0][:3000]
    for length in range(0, len(data), 61):
        try:
            read_csv(data[:length])
        except UnreadableError as error:
            assert " / " in str(error)
        assert read_file(data[:length], "x.csv", YEAR, catalogue).status in ("accepted", "unreadable")
