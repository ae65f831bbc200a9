"""Commands and the roster of a home: whose counties a return may name, and a roster that cannot be used."""

from __future__ import annotations

from pathlib import Path

from pipeline.schema import load_catalogue
from pipeline.store.home import Home
from pipeline.store.roster import roster_path, write_roster
from tests.homes import junheng, query, run
from tests.pipeline.chain import write_return

COUNTY = "900101"


def send(home: Home, school: str = "2190010101") -> Path:
    catalogue = load_catalogue()
    rows = [
        {"level": "province", "code": "90", "name_zh": "甲省"},
        {"level": "county", "code": COUNTY, "name_zh": "乙县", "parent_code": "90"},
        {"level": "school", "code": school, "name_zh": "第一小学", "parent_code": COUNTY, "pupils_primary": 90},
    ]
    write_roster(roster_path(home, 2025), catalogue, rows)
    sheets = {sheet.part: sheet for sheet in catalogue.layouts["own"].sheets}
    base = {"name": "第一小学", "school_type": "211", "urban_rural": "111", "is_public": "1"}
    stage = {"stage": "primary", "pupils": 100, "classes": 3, "full_time_teachers": 8}
    inbox = home.inbox / "2025"
    write_return(inbox / "schools.csv", sheets["schools"], 2025, COUNTY, [{"school_id": school, **base}])
    write_return(inbox / "stages.csv", sheets["stages"], 2025, COUNTY, [{"school_id": school, **stage}])
    return inbox / "schools.csv"


def test_check_knows_the_counties_of_the_home_whose_inbox_a_file_lies_in(tmp_path: Path) -> None:
    file = send(Home(tmp_path / "home"))
    assert junheng("check", file).exit_code == 0, junheng("check", file).output
    elsewhere = tmp_path / "2025" / file.name
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(file.read_bytes())
    alone = junheng("check", elsewhere)
    assert (alone.exit_code, "county_unknown" in alone.output) == (1, True)
    assert junheng("check", elsewhere, "--home", tmp_path / "home").exit_code == 0


def test_a_roster_that_cannot_be_used_stops_the_run_and_leaves_the_release(tmp_path: Path) -> None:
    home = Home(tmp_path)
    send(home)
    first = run(tmp_path)
    assert first.exit_code == 0, first.output
    assert query(tmp_path, "select code from division where level = 'county' and code < '99'") == [{"code": COUNTY}]
    before = (tmp_path / "releases" / "latest.txt").read_text()
    original = roster_path(home, 2025).read_bytes()
    roster_path(home, 2025).write_bytes(original.replace(b"county,900101", b"town,900101"))
    failed = run(tmp_path)
    assert failed.exit_code == 1
    assert "roster/2025.csv, row 3, column “level” holds “town”" in " ".join(failed.output.split())
    assert (tmp_path / "releases" / "latest.txt").read_text() == before
    roster_path(home, 2025).write_bytes(original)
    assert run(tmp_path).exit_code == 3, "the same roster again is nothing new"


def test_a_home_of_counties_that_nobody_knows_says_which_and_to_add_them_to_the_roster(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    send(home)
    roster_path(home, 2025).unlink()
    result = run(home.path)
    assert result.exit_code == 1
    said = " ".join(result.output.split())
    assert f"holds no county “{COUNTY}”" in said and "add the county to the roster" in said
    assert not (home.path / "releases" / "latest").exists()
