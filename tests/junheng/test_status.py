"""``junheng status`` and ``junheng withdraw``: what came, what counts, what is missing, and what is taken out and put back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from pipeline.store.receipts import all_receipts
from pipeline.tables.working import write_ledger
from tests.homes import junheng
from tests.pipeline.test_ledger import ONE, TWO, A, B, school, schools, send, stages


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def home(tmp_path: Path, catalogue: Catalogue) -> Home:
    """Two counties came, one of them twice; one row is quarantined; two counties sent nothing."""
    made = Home(tmp_path)
    first = {"one.csv": schools(school(ONE, A)), "two.csv": schools(school(TWO, B, books="x"))}
    second = {"one.csv": schools(school(ONE, A, books=7)), "stages.csv": stages((ONE, A, "小学", 90))}
    send(made, catalogue, first, second, {"odd.csv": "a,b\n1,2\n"})
    write_ledger(made, catalogue)
    return made


def told(home: Home, *more: object) -> dict[str, Any]:
    result = junheng("status", "--home", home.path, "--json", *more)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.output))


def test_counties_of_concern_stand_first_and_totals_last(home: Home) -> None:
    found = told(home)
    assert [c["county_code"] for c in found["counties"]] == ["990201", "990202", TWO, ONE]
    two, one = found["counties"][2:]
    assert (two["rows_quarantined"], two["findings_critical"], one["parts_superseded"]) == (1, 1, 1)
    assert found["totals"]["parts_accepted"] == 3
    assert found["refused"] == [{"path": "2025/odd.csv", "status": "unreadable"}]


def test_of_each_county_it_is_told_which_files_came_when_and_what_is_missing(home: Home) -> None:
    (one,) = told(home, "--county", ONE)["counties"]
    assert [(c["path"], c["statuses"]) for c in one["received"]] == [
        ("2025/stages.csv", ["accepted"]), ("2025/one.csv", ["accepted"]), ("2025/one.csv", ["superseded"]),
    ]  # fmt: skip
    assert one["received"][0]["received_at"].startswith("20")
    assert one["stages_missing"] == []
    assert {"classes", "rooms"} <= set(one["parts_missing"])


def test_the_table_fits_a_hundred_columns(home: Home) -> None:
    result = junheng("status", "--home", home.path, "--history")
    assert result.exit_code == 0, result.output
    head, *rest = result.output.splitlines()
    table = rest[: next(i for i, line in enumerate(rest) if "odd.csv" in line or line.startswith("没有计入"))]
    assert max(cell_len(line) for line in table) <= 100
    assert "2025" in head and "澄溪县" in result.output and "全部" in result.output


def test_files_that_wait_and_files_that_went_are_told(home: Home) -> None:
    inbox = home.inbox / "2025"
    (inbox / "new.csv").write_text(schools(school(ONE, A)), encoding="utf-8")
    (home.inbox / "2024").mkdir()
    shutil.move(inbox / "stages.csv", home.inbox / "2024" / "stages.csv")
    junheng("status", "--home", home.path)
    from pipeline.store.receipts import receive

    receive(home, [2024])
    found = told(home, "--year", 2025)
    assert found["waiting"] == ["2025/new.csv"]
    (gone,) = found["gone"]
    assert (gone["path"], gone["counts"], gone["now_at"]) == ("2025/stages.csv", True, ["2024/stages.csv"])


def test_before_the_first_run_only_names_are_known(tmp_path: Path) -> None:
    (tmp_path / "inbox" / "2026").mkdir(parents=True)
    (tmp_path / "inbox" / "2026" / "a.csv").write_text("x", encoding="utf-8")
    found = told(Home(tmp_path))
    assert (found["year"], found["is_known"], found["waiting"]) == (2026, False, ["2026/a.csv"])
    assert len(found["counties"]) > 1
    shown = junheng("status", "--home", tmp_path)
    assert "2026/a.csv" in shown.output and "junheng run" in shown.output


def test_an_empty_home_and_no_home_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    assert told(Home(tmp_path))["year"] is None
    result = junheng("status", "--home", tmp_path / "nowhere")
    assert result.exit_code == 1 and "is not a Junheng home" in result.output


def test_an_unknown_county_names_the_nearest(home: Home) -> None:
    result = junheng("status", "--home", home.path, "--county", "990109")
    assert result.exit_code == 1
    assert ONE in result.output


# -- withdraw ------------------------------------------------------------------------------------------------------


def test_withdraw_says_what_counts_instead_and_status_keeps_the_history(home: Home, catalogue: Catalogue) -> None:
    result = junheng("withdraw", "--home", home.path, "2025/one.csv", "--reason", "填错了", "--by", "李")
    assert result.exit_code == 0, result.output
    assert "2025/one.csv #3" in result.output and "2025/one.csv #1" in result.output and "junheng run" in result.output
    assert "junheng run" in junheng("status", "--home", home.path).output
    write_ledger(home, catalogue)
    (one,) = told(home, "--county", ONE)["counties"]
    assert (one["parts_withdrawn"], one["parts_superseded"]) == (1, 0)
    result = junheng("withdraw", "--home", home.path, "--undo", "2025/one.csv", "--reason", "核对无误")
    assert result.exit_code == 0, result.output
    history = told(home, "--history")["history"]
    assert [(e["what"], e["note"], e["by"]) for e in history][-2:] == [
        ("withdrawn", "填错了", "李"),
        ("put back", "核对无误", ""),
    ]


def test_withdraw_without_reason_or_of_what_is_not_there_is_one_sentence(home: Home) -> None:
    for arguments, said in (
        (["2025/one.csv"], "--reason"),
        (["2025/won.csv", "--reason", "x"], "2025/one.csv"),
        (["2025/one.csv", "--reason", "x", "--part", "rooms"], "schools"),
        (["2025/one.csv", "--reason", "x", "--county", TWO], ONE),
        (["--undo", "2025/one.csv", "--reason", "x"], "not withdrawn"),
    ):
        result = junheng("withdraw", "--home", home.path, *arguments)
        assert result.exit_code == 1 and said in result.output, result.output
        assert "Traceback" not in result.output
    assert not home.withdrawals.exists()


def test_a_part_of_one_county_alone_is_withdrawn(home: Home, catalogue: Catalogue) -> None:
    newest = all_receipts(home)[2].submission_id
    result = junheng("withdraw", "--home", home.path, newest[:8], "--reason", "x", "--part", "schools", "--county", ONE)
    assert result.exit_code == 0, result.output


def test_nothing_is_withdrawn_while_a_run_is_at_work(home: Home) -> None:
    from pipeline.store.home import only_run_of

    with only_run_of(home):
        result = junheng("withdraw", "--home", home.path, "2025/one.csv", "--reason", "x")
    assert result.exit_code == 1 and "another run" in result.output
