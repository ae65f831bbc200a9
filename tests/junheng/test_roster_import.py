"""``junheng roster``: a year's roster from an official list and last year's schools; what is told, kept and refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipeline.schema import load_catalogue
from pipeline.store.home import Home
from pipeline.store.roster import read_roster, roster_path, with_rosters
from pipeline.tables.catalogue_tables import county_break
from tests import oracles
from tests.homes import copied, junheng
from tests.samples import county_codes, province

LIST = "行政区划代码,单位名称\n900000,甲省\n900100,乙市\n900101,丙县\n900102,丁县\n注：虚构\n"


def listed(folder: Path, text: str = LIST) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def said(result: object) -> str:
    return " ".join(str(getattr(result, "output", "")).split())


def test_a_rehearsal_writes_nothing_and_says_what_would_be(tmp_path: Path) -> None:
    home = tmp_path / "home"
    result = junheng("roster", "import", listed(tmp_path), "--home", home, "--year", 2025, "--dry-run")
    assert result.exit_code == 0, result.output
    assert "roster of 2025: 1 provinces, 1 prefectures, 2 counties, 0 schools" in said(result)
    assert "left out: notes (1): 注：虚构" in said(result) and "nothing was written" in said(result)
    assert not home.exists()


def test_what_was_imported_is_the_roster_of_the_home(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert junheng("roster", "import", listed(tmp_path), "--home", home.path, "--year", 2025).exit_code == 0
    known = with_rosters(load_catalogue(), home)
    assert {d.code: d.parent_code for d in known.divisions if d.code.startswith("90")} == {
        "90": "", "9001": "90", "900101": "9001", "900102": "9001",
    }  # fmt: skip
    shown = junheng("roster", "show", "--home", home.path, "--year", 2025)
    assert "2 counties" in said(shown)


def test_another_roster_is_not_overwritten_unless_asked_and_what_changes_is_shown_first(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    call = ("--home", home.path, "--year", 2025)
    assert junheng("roster", "import", listed(tmp_path), *call).exit_code == 0
    before = roster_path(home, 2025).read_bytes()
    other = listed(tmp_path, LIST.replace("900102,丁县", "900103,戊县").replace("丙县", "丙区"))
    refused = junheng("roster", "import", other, *call)
    assert refused.exit_code == 1 and roster_path(home, 2025).read_bytes() == before
    for change in (
        "counties new (1): 900103 戊县", "counties gone (1): 900102 丁县", "counties renamed (1): 900101 丙县 → 丙区",
        "add --replace",
    ):  # fmt: skip
        assert change in said(refused), change
    assert junheng("roster", "import", other, *call, "--replace").exit_code == 0
    assert "戊县" in roster_path(home, 2025).read_text("utf-8")
    assert junheng("roster", "import", other, *call).exit_code == 0, "the same once more changes nothing"


def test_changes_of_codes_are_proposed_and_written_only_when_accepted(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert junheng("roster", "import", listed(tmp_path), "--home", home.path, "--year", 2024).exit_code == 0
    later = listed(tmp_path, LIST.replace("900102,丁县", "900112,丁县"))
    once = junheng("roster", "import", later, "--home", home.path, "--year", 2025)
    assert "2025 recode 900102 → 900112" in said(once)
    changes = home.path / "roster" / "changes.csv"
    assert not changes.exists()
    proposed = junheng("roster", "diff", 2024, 2025, "--home", home.path)
    assert "2025 recode 900102 → 900112" in said(proposed) and "counties gone (1): 900102 丁县" in said(proposed)
    call = ("--home", home.path, "--year", 2025, "--replace", "--accept-changes")
    assert junheng("roster", "import", later, *call).exit_code == 0
    assert changes.read_text("utf-8") == "year,kind,old_code,new_code\n2025,recode,900102,900112\n"
    assert "recode" not in said(junheng("roster", "diff", 2024, 2025, "--home", home.path)), "noted now"
    known = with_rosters(load_catalogue(), home)
    assert [(c.year, c.kind) for c in known.division_changes] == [(2025, "recode")]
    assert with_rosters(known, home) is known
    assert county_break(known).rows() == [(2025, "900102"), (2025, "900112")], "ranks do not compare these years"


def test_a_change_that_names_no_division_is_one_sentence(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert junheng("roster", "import", listed(tmp_path), "--home", home.path, "--year", 2025).exit_code == 0
    path = home.path / "roster" / "changes.csv"
    path.write_text("year,kind,old_code,new_code\n2025,merge,900101,900199\n", encoding="utf-8")
    refused = junheng("roster", "show", "--home", home.path, "--year", 2025)
    assert refused.exit_code == 1
    assert "roster/changes.csv, row 2, column “new_code”, holds “900199”" in said(refused)


@pytest.fixture(scope="module")
def counted(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose sample years were run."""
    return copied(small_run, tmp_path_factory.mktemp("roster-import"))


def sample_list(folder: Path, **renamed: str) -> Path:
    rows = [(p.code.ljust(6, "0"), p.name_zh) for p in province().divisions()]
    path = folder / "list.csv"
    with path.open("w", encoding="gb18030", newline="") as stream:
        csv.writer(stream).writerows([("行政区划代码", "单位名称"), *((renamed.get(f"c{c}", c), n) for c, n in rows)])
    return path


def test_schools_that_counted_last_year_are_expected_with_their_pupils(counted: Path, tmp_path: Path) -> None:
    call = ("--home", counted, "--year", 2026, "--schools-from", 2025, "--dry-run")
    result = junheng("roster", "import", sample_list(tmp_path), *call)
    assert result.exit_code == 0, result.output
    assert "roster of 2026" in said(result) and "against" not in said(result)
    assert "4 counties, 66 schools" in said(result)
    assert "since the roster of 2025：没有变化 / no change" in said(result), (
        "quarantined rows do not make a school vanish"
    )


def test_schools_follow_their_county_to_its_new_code(counted: Path, tmp_path: Path) -> None:
    gone = county_codes()[0]
    new = f"{gone[:4]}99"
    moved = sample_list(tmp_path, **{f"c{gone}": new})
    home = Home(counted)
    call = ("--home", counted, "--year", 2027, "--schools-from", 2025, "--accept-changes")
    try:
        result = junheng("roster", "import", moved, *call)
        assert result.exit_code == 0, result.output
        assert f"2027 recode {gone} → {new}" in said(result) and "another code now and was followed (18)" in said(
            result
        )
        roster = read_roster(home, 2027, with_rosters(load_catalogue(), home))
        assert roster is not None and roster.schools_of(new).height == 18
        assert (roster.schools["pupils_primary"].sum() or 0) > 0
    finally:
        roster_path(home, 2027).unlink(missing_ok=True)
        (counted / "roster" / "changes.csv").unlink(missing_ok=True)


def test_schools_may_come_from_a_roster_or_a_return(counted: Path, tmp_path: Path) -> None:
    lists = sample_list(tmp_path)
    for source, schools in (
        (roster_path(Home(counted), 2025), None),
        (counted / "inbox" / "2025" / f"{county_codes()[0]}-schools.csv", 18),
    ):
        home = tmp_path / source.stem
        call = ("--home", home, "--year", 2026, "--schools", source)
        result = junheng("roster", "import", lists, *call)
        assert result.exit_code == 0, result.output
        roster = read_roster(Home(home), 2026, load_catalogue())
        assert roster is not None and roster.schools.height == (schools or roster.schools.height) > 0


def test_the_real_list_of_2023_becomes_a_roster(tmp_path: Path) -> None:
    files = [
        oracles.external("data", "divisions", f"modood_2023_{part}.csv") for part in ("provinces", "cities", "areas")
    ]
    result = junheng("roster", "import", *files, "--home", tmp_path / "home", "--year", 2025)
    assert result.exit_code == 0, result.output
    assert "31 provinces, 333 prefectures, 2978 counties, 0 schools" in said(result)
    known = with_rosters(load_catalogue(), Home(tmp_path / "home"))
    codes = {d.code for d in known.divisions}
    assert all(d.parent_code in codes for d in known.divisions if d.level != "province")
    assert not any(d.is_fictional for d in known.divisions if not d.code.startswith("99"))
