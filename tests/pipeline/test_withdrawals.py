"""What counts of files that came again, moved, went, or were withdrawn and put back: derived from lists that only grow."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from pipeline import findings
from pipeline.errors import HomeError
from pipeline.release.package import inputs_digest
from pipeline.schema import Catalogue, load_catalogue
from pipeline.standing import standing
from pipeline.store.home import Home
from pipeline.store.ingest import fingerprint, ingest_year, write_parquet
from pipeline.store.ledger import Ledger, derive
from pipeline.store.receipts import all_receipts, receive
from pipeline.store.withdrawals import all_withdrawals, in_force, reinstate, withdraw
from pipeline.withdrawing import effects, find_receipt
from tests.pipeline.test_ledger import ONE, TWO, A, B, found, parts, school, schools, send, stages, units

FIRST, SECOND = {"x.csv": schools(school(ONE, A))}, {"x.csv": schools(school(ONE, A, books=200))}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def anew(home: Home, catalogue: Catalogue, *years: int) -> Ledger:
    """The ledger after another run over what was received."""
    receive(home)
    for year in years or (2025,):
        ingest_year(home, catalogue, year)
        write_parquet(findings.frame([]), home.rows(year) / "rule_findings.parquet")
    return derive(home, catalogue)


def ids(home: Home) -> list[str]:
    return [receipt.submission_id for receipt in all_receipts(home)]


def taken_out(ledger: Ledger) -> list[tuple[str, str]]:
    of = ledger.finding.filter(pl.col("rule_id").str.starts_with("withdrawn"))
    return of.select("rule_id", "expected").rows()


# -- withdrawn and put back ----------------------------------------------------------------------------------------


def test_after_a_withdrawal_the_submission_before_counts_again_and_a_finding_says_so(
    home: Home, catalogue: Catalogue
) -> None:
    send(home, catalogue, FIRST, SECOND)
    withdraw(home, ids(home)[1], "填错了")
    ledger = anew(home, catalogue)
    assert parts(ledger, "status") == [("accepted",), ("withdrawn",)]
    assert units(ledger) == {A: 100}
    assert taken_out(ledger) == [("withdrawn_for_another", "2025/x.csv #1")]
    (said,) = ledger.finding.filter(rule_id="withdrawn_for_another").to_dicts()
    assert "填错了" in said["message_zh"] and "填错了" in said["message_en"]
    assert (said["severity"], said["county_code"], said["year"]) == ("info", ONE, 2025)


def test_a_withdrawal_without_another_file_is_a_warning_and_nothing_counts(home: Home, catalogue: Catalogue) -> None:
    send(home, catalogue, FIRST)
    withdraw(home, ids(home)[0], "误报")
    ledger = anew(home, catalogue)
    assert parts(ledger, "status") == [("withdrawn",)]
    assert units(ledger) == {}
    assert found(ledger, "rule_id", "severity") == [("withdrawn_without_another", "warning")]


def test_a_withdrawal_and_its_reversal_leave_what_was_there(home: Home, catalogue: Catalogue) -> None:
    before = send(home, catalogue, FIRST, SECOND)
    digest, print_ = inputs_digest(home, catalogue), fingerprint(home, catalogue, "code", 2025)
    withdraw(home, ids(home)[1], "填错了")
    assert inputs_digest(home, catalogue) != digest
    assert fingerprint(home, catalogue, "code", 2025) != print_
    reinstate(home, ids(home)[1], "核对无误")
    after = anew(home, catalogue)
    for table in ("submission", "submission_part", "finding", "county_status"):
        one, other = getattr(before, table), getattr(after, table)
        assert one.equals(other), table
    assert inputs_digest(home, catalogue) == digest
    assert fingerprint(home, catalogue, "code", 2025) == print_
    assert [entry.action for entry in all_withdrawals(home)] == ["withdraw", "undo"]


def test_withdrawing_the_older_of_two_changes_nothing_that_counts(home: Home, catalogue: Catalogue) -> None:
    send(home, catalogue, FIRST, SECOND)
    withdraw(home, ids(home)[0], "旧件")
    ledger = anew(home, catalogue)
    assert parts(ledger, "status") == [("withdrawn",), ("accepted",)]
    assert units(ledger) == {A: 200}


def test_one_county_of_a_file_can_be_withdrawn(home: Home, catalogue: Catalogue) -> None:
    send(home, catalogue, {"x.csv": schools(school(ONE, A), school(TWO, B))})
    withdraw(home, ids(home)[0], "县里重报", county_code=TWO)
    ledger = anew(home, catalogue)
    assert parts(ledger, "county_code", "status") == [(ONE, "accepted"), (TWO, "withdrawn")]
    assert units(ledger) == {A: 100}


def test_two_counties_of_a_file_withdrawn_are_two_findings(home: Home, catalogue: Catalogue) -> None:
    send(home, catalogue, {"x.csv": schools(school(ONE, A), school(TWO, B))})
    withdraw(home, ids(home)[0], "重报")
    assert len(taken_out(anew(home, catalogue))) == 2


def test_a_part_that_is_put_back_alone_was_withdrawn_alone(home: Home, catalogue: Catalogue) -> None:
    send(home, catalogue, FIRST)
    name = ids(home)[0]
    withdraw(home, name, "误报")
    with pytest.raises(HomeError, match=r"not withdrawn.*the whole file"):
        reinstate(home, name, "x", part="schools")
    reinstate(home, name, "x")
    with pytest.raises(HomeError, match="withdrawn: nothing"):
        reinstate(home, name, "x")


def test_a_withdrawal_needs_a_reason_and_is_made_once(home: Home, catalogue: Catalogue) -> None:
    send(home, catalogue, FIRST)
    name = ids(home)[0]
    with pytest.raises(HomeError, match="--reason"):
        withdraw(home, name, "  ")
    withdraw(home, name, "误报")
    with pytest.raises(HomeError, match="was withdrawn already"):
        withdraw(home, name, "again", part="schools")
    assert len(in_force(home)) == 1


def test_a_torn_last_line_was_never_a_withdrawal_and_damage_is_told(home: Home, catalogue: Catalogue) -> None:
    send(home, catalogue, FIRST, SECOND)
    withdraw(home, ids(home)[1], "误报")
    with home.withdrawals.open("a", encoding="utf-8") as stream:
        stream.write('{"seq": 2, "action": "undo"')
    assert len(in_force(home)) == 1
    withdraw(home, ids(home)[0], "也误报")
    assert [entry.seq for entry in all_withdrawals(home)] == [1, 2]
    home.withdrawals.write_text("[]\n", encoding="utf-8")
    with pytest.raises(HomeError, match="list of withdrawals"):
        in_force(home)


def test_a_withdrawal_is_new_to_the_sensor_and_undone_it_is_not(home: Home, catalogue: Catalogue) -> None:
    from pipeline.release.version import code_digest
    from pipeline.store.ingest import mark_fresh

    send(home, catalogue, FIRST, SECOND)
    mark_fresh(home, catalogue, code_digest(), 2025)
    assert standing(home, catalogue).stale == {}
    withdraw(home, ids(home)[1], "误报")
    assert set(standing(home, catalogue).stale) == {2025}
    reinstate(home, ids(home)[1], "没有误报")
    assert standing(home, catalogue).stale == {}


# -- which submission is meant ------------------------------------------------------------------------------------


def test_a_submission_is_named_by_id_path_or_file_name(home: Home, catalogue: Catalogue) -> None:
    send(home, catalogue, FIRST, SECOND)
    newest = ids(home)[1]
    for name in (newest, newest[:6], "2025/x.csv", "inbox/2025/x.csv", str(home.inbox / "2025" / "x.csv"), "x.csv"):
        assert find_receipt(home, name).submission_id == newest, name
    withdraw(home, newest, "误报")
    assert find_receipt(home, "2025/x.csv").submission_id == ids(home)[0]
    assert find_receipt(home, "2025/x.csv", withdrawn=True).submission_id == newest


def test_an_unknown_or_ambiguous_submission_names_the_nearest(home: Home, catalogue: Catalogue) -> None:
    send(home, catalogue, FIRST, {"sub/x.csv": schools(school(TWO, B))})
    with pytest.raises(HomeError, match=r"may mean 2 submissions.*2025/sub/x.csv"):
        find_receipt(home, "x.csv")
    with pytest.raises(HomeError, match=r"nearest are.*2025/x.csv"):
        find_receipt(home, "2025/y.csv")
    with pytest.raises(HomeError, match="junheng status lists"):
        find_receipt(home, "完全不同的名字")
    with pytest.raises(HomeError, match="is not withdrawn"):
        find_receipt(home, "2025/x.csv", withdrawn=True)


def test_the_effect_of_a_withdrawal_names_what_counts_before_and_after(home: Home, catalogue: Catalogue) -> None:
    send(home, catalogue, FIRST, SECOND)
    from pipeline.store.withdrawals import withdrawn_scopes

    before, receipt = withdrawn_scopes(home), all_receipts(home)[1]
    withdraw(home, receipt.submission_id, "误报")
    (effect,) = effects(home, catalogue, receipt, before)
    assert (effect.part, effect.county_code) == ("schools", ONE)
    assert effect.before is not None and effect.after is not None
    assert (effect.before.seq, effect.after.seq) == (2, 1)


# -- sent again, moved, gone ---------------------------------------------------------------------------------------


def test_after_a_then_b_then_a_all_that_is_computed_starts_from_the_same_rows(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    """Figures follow from these frames alone; only the tables of submissions tell of the two that came between."""
    a = FIRST | {"t.csv": stages((ONE, A, "小学", 90), (ONE, B, "初中", 60))}
    b = SECOND | {"t.csv": stages((ONE, A, "小学", 80))}
    once, back = send(Home(tmp_path / "a"), catalogue, a), send(Home(tmp_path / "aba"), catalogue, a, b, a)
    for record, frame in once.units.items():
        assert frame.equals(back.units[record]), record
    for name in ("absent", "unit_record", "came", "expected_county", "county_return", "correction"):
        assert getattr(once, name).equals(getattr(back, name)), name
    told = [ledger.finding.drop("finding_id", "submission_id") for ledger in (once, back)]
    assert told[0].filter(severity="critical").equals(told[1].filter(severity="critical"))
    assert back.submission.height == 6


def test_the_same_file_twice_is_received_once(home: Home, catalogue: Catalogue) -> None:
    ledger = send(home, catalogue, FIRST, FIRST)
    assert parts(ledger, "status") == [("accepted",)]


def test_the_same_content_under_two_names_counts_once(home: Home, catalogue: Catalogue) -> None:
    ledger = send(home, catalogue, FIRST, {"y.csv": FIRST["x.csv"]})
    assert parts(ledger, "file_name", "status") == [("x.csv", "superseded"), ("y.csv", "accepted")]
    assert units(ledger) == {A: 100}


def test_a_correction_in_march_of_one_part_leaves_the_others(home: Home, catalogue: Catalogue) -> None:
    autumn = {"s.csv": schools(school(ONE, A)), "t.csv": stages((ONE, A, "小学", 90))}
    ledger = send(home, catalogue, autumn, {"march.csv": stages((ONE, A, "小学", 95))})
    assert parts(ledger, "file_name", "status") == [
        ("s.csv", "accepted"), ("t.csv", "superseded"), ("march.csv", "accepted"),
    ]  # fmt: skip
    assert ledger.units["stage"]["pupils"].to_list() == [95]


def test_a_file_moved_to_another_year_counts_in_both_until_it_is_withdrawn(home: Home, catalogue: Catalogue) -> None:
    home.claim(catalogue)
    wrong = home.inbox / "2024" / "x.csv"
    wrong.parent.mkdir(parents=True)
    wrong.write_text(FIRST["x.csv"], encoding="utf-8")
    anew(home, catalogue, 2024)
    (home.inbox / "2025").mkdir()
    shutil.move(wrong, home.inbox / "2025" / "x.csv")
    both = anew(home, catalogue, 2024, 2025)
    assert both.submission_part.select("year", "status").sort("year").rows() == [(2024, "accepted"), (2025, "accepted")]
    withdraw(home, ids(home)[0], "放错年份")
    ledger = anew(home, catalogue, 2024, 2025)
    assert ledger.units["school"].select("year", "school_id").rows() == [(2025, A)]


def test_a_file_removed_from_the_inbox_still_counts(home: Home, catalogue: Catalogue) -> None:
    send(home, catalogue, FIRST)
    (home.inbox / "2025" / "x.csv").unlink()
    assert units(anew(home, catalogue)) == {A: 100}


# -- files about one school ----------------------------------------------------------------------------------------


def one_school(catalogue: Catalogue) -> Catalogue:
    own = catalogue.layouts["own"].model_copy(update={"one_school": True})
    return catalogue.model_copy(update={"layouts": catalogue.layouts | {"own": own}})


def test_files_about_one_school_do_not_push_other_schools_out(home: Home, catalogue: Catalogue) -> None:
    a, b, again = schools(school(ONE, A)), schools(school(ONE, B)), schools(school(ONE, A, books=7))
    ledger = send(home, one_school(catalogue), {"a.csv": a}, {"b.csv": b}, {"a2.csv": again})
    assert parts(ledger, "file_name", "status") == [
        ("a.csv", "superseded"), ("b.csv", "accepted"), ("a2.csv", "accepted"),
    ]  # fmt: skip
    assert units(ledger) == {A: 7, B: 100}


def test_a_file_about_one_school_that_is_withdrawn_gives_way_to_that_school_s_file_before(
    home: Home, catalogue: Catalogue
) -> None:
    alone = one_school(catalogue)
    send(home, alone, {"a.csv": schools(school(ONE, A))}, {"b.csv": schools(school(ONE, B))})
    send(home, alone, {"a2.csv": schools(school(ONE, A, books=7))})
    withdraw(home, ids(home)[2], "误报")
    assert units(anew(home, alone)) == {A: 100, B: 100}


# -- how every county stands ---------------------------------------------------------------------------------------


def test_the_county_status_counts_what_counts(home: Home, catalogue: Catalogue) -> None:
    ledger = send(home, catalogue, FIRST, SECOND, {"y.csv": schools(school(TWO, B, books="x"))})
    status = {row["county_code"]: row for row in ledger.county_status.to_dicts()}
    wanted = (
        "is_received",
        "submissions",
        "parts_accepted",
        "parts_superseded",
        "findings_critical",
        "rows_quarantined",
    )
    assert [status[ONE][name] for name in wanted] == [True, 1, 1, 1, 0, 0]
    assert [status[TWO][name] for name in wanted] == [True, 1, 1, 0, 1, 1]
    assert status["990201"]["is_expected"] and not status["990201"]["is_received"]


def test_findings_of_superseded_and_withdrawn_parts_are_not_counted(home: Home, catalogue: Catalogue) -> None:
    send(home, catalogue, {"y.csv": schools(school(ONE, A, books="x"))}, {"y.csv": schools(school(ONE, A))})
    ledger = anew(home, catalogue)
    assert ledger.county_status.filter(county_code=ONE)["findings_critical"].to_list() == [0]


def test_a_withdrawn_county_without_another_file_has_a_warning(home: Home, catalogue: Catalogue) -> None:
    send(home, catalogue, FIRST)
    withdraw(home, ids(home)[0], "误报")
    status = anew(home, catalogue).county_status.filter(county_code=ONE).to_dicts()[0]
    assert (status["is_received"], status["parts_accepted"], status["parts_withdrawn"]) == (True, 0, 1)
    assert status["findings_warning"] == 1


def test_a_home_of_which_everything_is_withdrawn_says_so(home: Home, catalogue: Catalogue) -> None:
    from pipeline.account import why_nothing_counts

    send(home, catalogue, FIRST)
    assert why_nothing_counts(home) is None
    withdraw(home, ids(home)[0], "误报")
    why = why_nothing_counts(home)
    assert why is not None and "withdrawn" in why[1]


def test_every_line_of_the_list_is_whole_json(home: Home, catalogue: Catalogue) -> None:
    send(home, catalogue, FIRST)
    withdraw(home, ids(home)[0], "换行\n和“引号”", by="李")
    (line,) = home.withdrawals.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["reason"] == "换行 和“引号”"
