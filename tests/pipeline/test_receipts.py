"""Receipts: every byte kept by its hash, a receipt an arrival, nothing ever taken back."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from pipeline.errors import HomeError
from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home, open_home, replacing, write_atomically
from pipeline.store.inbox import inbox_files, why_not_followed
from pipeline.store.ingest import UNDATED, ingest_year
from pipeline.store.receipts import all_receipts, content_of, receive, year_of
from tests.oracles import REPOSITORY


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def home(tmp_path: Path, catalogue: Catalogue) -> Home:
    home = Home(tmp_path / "home")
    home.claim(catalogue)
    return home


def put(home: Home, path: str, content: bytes = b"x") -> Path:
    file = home.inbox / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def test_bytes_are_kept_by_their_hash(home: Home) -> None:
    put(home, "2025/a.csv", b"one")
    (receipt,) = receive(home)
    assert receipt.sha256 == hashlib.sha256(b"one").hexdigest()
    assert (home.submissions / receipt.sha256).read_bytes() == b"one"
    assert content_of(home, receipt.sha256) == b"one"
    assert (receipt.year, receipt.path, receipt.file_name, receipt.size, receipt.seq) == (
        2025,
        "2025/a.csv",
        "a.csv",
        3,
        1,
    )


def test_the_same_content_again_makes_no_receipt(home: Home) -> None:
    put(home, "2025/a.csv")
    assert len(receive(home)) == 1
    assert receive(home) == []
    put(home, "2025/a.csv")
    assert receive(home) == []


def test_a_then_b_then_a_makes_three_receipts(home: Home) -> None:
    for content in (b"A", b"B", b"A"):
        put(home, "2025/a.csv", content)
        assert len(receive(home)) == 1
    receipts = all_receipts(home)
    assert [r.seq for r in receipts] == [1, 2, 3]
    assert len({r.submission_id for r in receipts}) == 3
    assert receipts[0].sha256 == receipts[2].sha256
    assert len(list(home.submissions.iterdir())) == 2


def test_the_same_bytes_under_two_names_are_kept_once_with_two_receipts(home: Home) -> None:
    put(home, "2025/a.csv")
    put(home, "2025/sub/b.csv")
    assert [r.path for r in receive(home)] == ["2025/a.csv", "2025/sub/b.csv"]
    assert len(list(home.submissions.iterdir())) == 1


def test_receipts_only_grow(home: Home) -> None:
    put(home, "2025/a.csv", b"A")
    receive(home)
    before = home.receipts.read_bytes()
    put(home, "2025/a.csv", b"B")
    (home.inbox / "2025" / "b.csv").write_bytes(b"C")
    receive(home)
    assert home.receipts.read_bytes().startswith(before)


def test_a_file_that_left_the_inbox_keeps_its_receipt_and_its_bytes(home: Home) -> None:
    file = put(home, "2025/a.csv", b"A")
    receive(home)
    file.unlink()
    assert receive(home) == []
    assert content_of(home, all_receipts(home)[0].sha256) == b"A"


def test_ids_of_receipts_follow_from_what_came_and_not_from_when(tmp_path: Path, catalogue: Catalogue) -> None:
    ids = []
    for name, order in (("x", (0, 1)), ("y", (1, 0))):
        home = Home(tmp_path / name)
        home.claim(catalogue)
        for number in order:
            put(home, f"2025/{number}.csv", b"%d" % number)
            receive(home)
        ids.append({r.path: r.submission_id for r in all_receipts(home)})
    assert ids[0] == ids[1]


def test_only_the_years_asked_for_are_looked_at(home: Home) -> None:
    for path in ("2024/a.csv", "2025/a.csv", "stray.csv"):
        put(home, path)
    assert [r.path for r in receive(home, [2025])] == ["2025/a.csv"]
    assert [r.path for r in receive(home, [None])] == ["stray.csv"]
    assert [r.path for r in receive(home)] == ["2024/a.csv"]


@pytest.mark.parametrize(
    ("path", "year"),
    [
        ("2025/a.csv", 2025),
        ("2025/x/y.csv", 2025),
        ("2025", None),
        ("a/2025/b.csv", None),
        ("20255/a", None),
        ("²⁰²⁵/a", None),
        ("２０２５/a", None),
    ],
)
def test_the_year_is_the_first_folder(path: str, year: int | None) -> None:
    assert year_of(path) == year


def test_hidden_files_and_lock_files_are_no_returns(home: Home) -> None:
    for path in ("2025/.a.csv", "2025/~$a.xlsx", "2025/.tmp/a.csv", "2025/a.csv"):
        put(home, path)
    assert list(inbox_files(home)) == ["2025/a.csv"]


def test_a_link_is_received_as_a_link_and_never_followed(home: Home, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("学校标识码,密\n", encoding="utf-8")
    put(home, "2025/a.csv")
    (home.inbox / "2025" / "link.csv").symlink_to(secret)
    (home.inbox / "2025" / "loop").symlink_to(home.inbox, target_is_directory=True)
    os.mkfifo(home.inbox / "2025" / "pipe.csv")
    new = {receipt.path: receipt for receipt in receive(home)}
    assert sorted(new) == ["2025/a.csv", "2025/link.csv", "2025/loop", "2025/pipe.csv"]
    kept = content_of(home, new["2025/link.csv"].sha256)
    assert why_not_followed(kept) == f"链接 → {secret} / a link → {secret}"
    assert why_not_followed(content_of(home, new["2025/pipe.csv"].sha256)) == "管道 / a pipe"
    assert receive(home) == []


def test_odd_names_of_files_come_back_as_they_are(home: Home) -> None:
    for name in ("换 行\u2028\x85.csv", '引号".csv', "a\nb.csv"):
        put(home, f"2025/{name}")
    receive(home)
    assert {r.file_name for r in all_receipts(home)} == {"换 行\u2028\x85.csv", '引号".csv', "a\nb.csv"}
    assert receive(home) == []


def test_a_name_in_gbk_is_taken_too(home: Home, catalogue: Catalogue) -> None:
    put(home, "2025/" + os.fsdecode("县.csv".encode("gb18030")), b"a,b\n1,2\n")
    (receipt,) = receive(home)
    assert receipt.path == "2025/\\xcf\\xd8.csv"
    assert receive(home) == []
    assert ingest_year(home, catalogue, 2025).files == 1


def test_damaged_bytes_of_the_store_are_noticed(home: Home, catalogue: Catalogue) -> None:
    put(home, "2025/a.csv", b"A")
    (receipt,) = receive(home)
    (home.submissions / receipt.sha256).write_bytes(b"B")
    with pytest.raises(HomeError, match="missing or damaged"):
        ingest_year(home, catalogue, 2025)
    (home.submissions / receipt.sha256).unlink()
    with pytest.raises(HomeError, match="missing or damaged"):
        content_of(home, receipt.sha256)


@pytest.mark.parametrize("damage", ['{"seq": 1}\n', "\n", "[]\n"])
def test_a_damaged_list_of_receipts_is_noticed(home: Home, damage: str) -> None:
    put(home, "2025/a.csv")
    receive(home)
    with home.receipts.open("a", encoding="utf-8") as stream:
        stream.write(damage)
    with pytest.raises(HomeError, match="list of receipts"):
        all_receipts(home)


# -- what is read, and read once -----------------------------------------------------------------------------------


def test_a_file_unchanged_is_not_read_again(home: Home, catalogue: Catalogue) -> None:
    put(home, "2025/a.csv", b"a,b\n1,2\n")
    receive(home)
    assert [ingest_year(home, catalogue, 2025).read_anew for _ in range(2)] == [1, 0]
    put(home, "2025/b.csv", b"a,b\n3,4\n")
    receive(home)
    read = ingest_year(home, catalogue, 2025)
    assert (read.files, read.read_anew) == (2, 1)


def test_bytes_that_came_before_are_not_read_again_under_another_name(home: Home, catalogue: Catalogue) -> None:
    for path in ("2025/a.csv", "2025/b.csv"):
        put(home, path, b"a,b\n1,2\n")
    receive(home)
    assert ingest_year(home, catalogue, 2025).read_anew == 1


def test_a_change_of_layouts_reads_again_and_a_change_of_rules_does_not(home: Home, catalogue: Catalogue) -> None:
    put(home, "2025/a.csv", b"a,b\n1,2\n")
    receive(home)
    ingest_year(home, catalogue, 2025)
    assert ingest_year(home, catalogue.model_copy(update={"rules": {}}), 2025).read_anew == 0
    assert ingest_year(home, catalogue.model_copy(update={"layouts": {}}), 2025).read_anew == 1


def test_files_outside_the_years_are_each_told_by_their_own_name(home: Home, catalogue: Catalogue) -> None:
    import polars as pl

    for path in ("one.csv", "two.csv"):
        put(home, path)
    receive(home)
    read = ingest_year(home, catalogue, UNDATED)
    assert (read.rows, read.findings) == (0, 2)
    messages = pl.read_parquet(home.rows(UNDATED) / "reading_findings.parquet")["message_en"].to_list()
    assert [("one.csv" in m, "two.csv" in m) for m in messages] == [(True, False), (False, True)]


# -- the home ------------------------------------------------------------------------------------------------------


def test_a_home_refuses_another_catalogue(home: Home, catalogue: Catalogue) -> None:
    home.claim(catalogue)
    with pytest.raises(HomeError, match="belongs to the catalogue “china-compulsory”, not to “whole-format”"):
        home.claim(load_catalogue(REPOSITORY / "tests" / "catalogues" / "whole-format"))


def test_a_folder_that_is_no_home_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="is not a Junheng home"):
        open_home(tmp_path)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", "old")
    with pytest.raises(RuntimeError), replacing(tmp_path / "a") as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a", "old")]


def test_what_a_killed_run_left_of_a_line_is_cut_and_the_file_received_again(home: Home) -> None:
    put(home, "2025/a.csv")
    receive(home)
    with home.receipts.open("a", encoding="utf-8") as stream:
        stream.write('{"submission_id"')
    put(home, "2025/b.csv")
    assert [r.path for r in receive(home)] == ["2025/b.csv"]
    assert [r.path for r in all_receipts(home)] == ["2025/a.csv", "2025/b.csv"]
    assert home.receipts.read_text(encoding="utf-8").count("\n") == 2
