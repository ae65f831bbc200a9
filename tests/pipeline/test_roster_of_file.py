"""What the roster says to one file before it is sent, and what a cut file shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.returns.csv_file import read_csv
from pipeline.returns.reader import read_file
from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from pipeline.store.ingest import frames_of
from pipeline.store.roster import with_rosters
from pipeline.store.roster_of_file import roster_findings_of_file
from tests.pipeline.test_roster import province, roster, school

YEAR = 2025
HEAD = "县级行政区划代码,学校标识码,学段,在校生（人）\n"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def told(tmp_path: Path, catalogue: Catalogue, text: str, **options: Any) -> list[tuple[str, str, str, str]]:
    """Rule, school, what was found and expected, of a file held against a roster of two counties."""
    home = Home(tmp_path)
    rows = [*province(2), *(school("900101", n) for n in (1, 2, 3)), school("900102", 9)]
    roster(home, catalogue, rows)
    known = with_rosters(catalogue, home)
    result = read_file(text.encode(), "a.csv", YEAR, known)
    found = roster_findings_of_file(frames_of(result, known, "", YEAR), home, known, YEAR, **options)
    return [tuple(row) for row in found.select("rule_id", "school_id", "found", "expected").rows()]


def test_schools_lacking_unknown_and_of_another_county_are_told_with_the_nearest(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    text = HEAD + "900101,2190010101,小学,90\n900101,2190010112,小学,80\n900101,2190010209,小学,70\n"
    lacking = [("school_sent_nothing", f"219001010{n}", f"第{n}校") for n in (2, 3)]
    found = told(tmp_path, catalogue, text)
    assert [row[:3] for row in found] == [
        ("school_not_on_roster", "2190010112", "2190010112"),
        ("school_on_roster_elsewhere", "2190010209", "2190010209"),
        *lacking,
    ]
    assert "最接近的是 2190010102 第2校" in found[0][3] or "最接近的是 2190010101 第1校" in found[0][3]
    assert "900102" in found[1][3]


def test_of_a_file_of_one_school_nothing_is_lacking(tmp_path: Path, catalogue: Catalogue) -> None:
    assert told(tmp_path, catalogue, HEAD + "900101,2190010101,小学,90\n", is_whole=False) == []


def test_schools_without_the_stages_of_a_file_are_not_lacking(tmp_path: Path, catalogue: Catalogue) -> None:
    assert told(tmp_path, catalogue, HEAD + "900101,2190010101,初中,90\n") == []


def test_a_county_that_the_roster_lacks_is_told_once(tmp_path: Path, catalogue: Catalogue) -> None:
    found = told(tmp_path, catalogue, HEAD + "990101,2199010101,小学,90\n990101,2199010102,小学,90\n")
    assert [row[:3] for row in found] == [("county_not_on_roster", None, "990101")]


def test_a_text_that_ends_within_a_character_is_read_and_said_to_be_torn() -> None:
    whole = "代码,名称\n1,甲校\n2,乙校".encode()
    assert not read_csv(whole).is_torn and read_csv(whole).has_open_end
    torn = read_csv(whole[:-1])
    assert torn.is_torn and torn.rows[-1] == ["2", "乙"]
    assert not read_csv("名\ncafé".encode("latin-1", "ignore")).is_torn


def rules(text: bytes, catalogue: Catalogue) -> list[tuple[str, int | None]]:
    return [(str(f["rule_id"]), f["row"]) for f in read_file(text, "a.csv", YEAR, catalogue).all_findings()]  # type: ignore[misc]


def test_a_last_row_that_breaks_off_is_told_only_where_the_file_ends_in_it(catalogue: Catalogue) -> None:
    text = HEAD + "990101,2199010101,小学,90\n990101,2199010102,小"
    assert ("last_row_broken_off", 3) in rules(text.encode(), catalogue)
    assert ("last_row_broken_off", 3) in rules(text.encode()[:-1], catalogue)
    assert ("last_row_broken_off", 3) not in rules(f"{text}\n".encode(), catalogue)
    assert "last_row_broken_off" not in dict(rules(f"{text}学,80".encode(), catalogue)), (
        "many files end without a line break"
    )


def test_a_total_row_tells_of_lost_rows_but_not_of_one_wrong_figure(catalogue: Catalogue) -> None:
    head = "县级行政区划代码,学校标识码,学段,在校生（人）,教学班（个）\n"
    rows = "990101,2199010101,小学,90,3\n990101,2199010102,小学,80,2\n"
    assert "rows_fewer_than_total" in dict(rules((head + rows + ",合计,,400,12\n").encode(), catalogue))
    assert "rows_fewer_than_total" not in dict(rules((head + rows + ",合计,,170,12\n").encode(), catalogue))
    assert "rows_fewer_than_total" not in dict(rules((head + rows + ",小计,,400,12\n").encode(), catalogue))
