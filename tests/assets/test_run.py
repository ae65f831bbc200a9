"""Runs of a home: the same inputs give the same release; nothing changed is nothing done; a failure changes nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.homes import CATALOGUES, copied, junheng, query, run, run_home
from tests.samples import write_small

SHIPPED = Path(__file__).parents[2] / "pipeline" / "catalogue"


@pytest.fixture
def home(small_run: Path, tmp_path: Path) -> Path:
    """A copy of the sample home that a test may change."""
    return copied(small_run, tmp_path)


def manifest(home: Path) -> dict[str, object]:
    return dict(json.loads((home / "releases" / "latest" / "manifest.json").read_text()))


def a_return(home: Path) -> Path:
    return next(path for path in sorted((home / "inbox" / "2025").iterdir()) if "schools" in path.name)


def test_two_homes_with_the_same_inputs_have_the_same_content_hash(small_run: Path, tmp_path: Path) -> None:
    write_small(tmp_path)
    run_home(tmp_path, {})
    first, second = manifest(small_run), manifest(tmp_path)
    assert first["content_hash"] == second["content_hash"]
    pages = [{n: f for n, f in m["files"].items() if n.startswith("site/zh/county")} for m in (first, second)]  # type: ignore[attr-defined]
    assert pages[0] == pages[1]
    assert pages[0]


def test_a_second_run_exits_3_and_leaves_the_release(home: Path) -> None:
    before = manifest(home)
    assert run(home).exit_code == 3
    assert manifest(home) == before


def test_a_changed_file_makes_a_new_release_and_the_old_one_stays(home: Path) -> None:
    path = a_return(home)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    assert run(home).exit_code == 0
    assert sorted(p.name for p in (home / "releases").iterdir() if not p.is_symlink() and p.is_dir()) == [
        "2025.1",
        "2025.2",
    ]
    statuses = query(home, "select status, count(distinct submission_id) n from submission_part group by 1 order by 1")
    assert [(row["status"], row["n"]) for row in statuses][-1] == ("superseded", 1)
    assert (
        manifest(home)["content_hash"]
        != json.loads((home / "releases/2025.1/manifest.json").read_text())["content_hash"]
    )


def test_back_to_the_first_file_is_back_to_its_figures(home: Path) -> None:
    path = a_return(home)
    original = path.read_bytes()
    gaps = "select * exclude (trace_id) from gap_coefficient order by all"
    before = query(home, gaps)
    path.write_bytes(b"".join(original.splitlines(keepends=True)[:-1]))
    assert run(home).exit_code == 0
    assert query(home, gaps) != before, "a school less moves the gaps"
    path.write_bytes(original)
    assert run(home).exit_code == 0
    assert query(home, gaps) == before
    assert query(home, "select count(*) n from submission where inbox_path like ?", f"%{path.name}")[0]["n"] == 4


def test_a_file_that_cannot_be_read_is_a_result_and_the_run_goes_on(home: Path) -> None:
    (home / "inbox" / "2025" / "notes.csv").write_bytes(b"\x00\x01\x02 not a table")
    (home / "inbox" / "stray.csv").write_text("a,b\n1,2\n")
    assert run(home).exit_code == 0
    found = query(home, "select rule_id from finding where rule_id in ('file_unreadable', 'year_unknown') order by 1")
    assert [row["rule_id"] for row in found] == ["file_unreadable", "year_unknown"]
    assert query(home, "select count(*) n from submission where status = 'unreadable'")[0]["n"] == 2


def test_a_broken_catalogue_leaves_the_release_and_says_where(home: Path, tmp_path: Path) -> None:
    before = manifest(home)
    broken = tmp_path / "catalogue"
    shutil.copytree(SHIPPED, broken)
    rules = broken / "rules.yaml"
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("severity: critical", "severity: fatal", 1), encoding="utf-8"
    )
    result = run(home, broken)
    assert result.exit_code == 1
    assert "rules.yaml" in result.output
    assert "severity" in result.output
    assert manifest(home) == before


def test_a_rule_that_cannot_be_evaluated_stops_the_run(home: Path, tmp_path: Path) -> None:
    before = manifest(home)
    changed = tmp_path / "catalogue"
    shutil.copytree(SHIPPED, changed)
    rules = changed / "rules.yaml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(
        text.replace("expect_column_values_to_not_be_null", "expect_column_values_to_be_delightful", 1),
        encoding="utf-8",
    )
    result = run(home, changed)
    assert result.exit_code == 1
    assert "delightful" in result.output
    assert manifest(home) == before


def test_when_the_audit_disagrees_nothing_is_published(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.tables import compute

    before = manifest(home)
    honest = compute.render

    def unweighted(name: str, catalogue: object) -> str:
        sql = honest(name, catalogue)  # type: ignore[arg-type]
        return sql.replace("sqrt(squares / pupils)", "sqrt(squares / pupils) * 1.000001")

    monkeypatch.setattr(compute, "render", unweighted)
    a_return(home).touch()
    (home / "inbox" / "2025" / "more.csv").write_text("x\n1\n")
    result = run(home)
    assert result.exit_code == 1
    assert "audit_agrees" in result.output
    assert manifest(home) == before


def test_an_empty_inbox_is_said_in_a_sentence(tmp_path: Path) -> None:
    result = run(tmp_path / "empty")
    assert result.exit_code == 1
    assert "inbox" in result.output


def test_a_home_refuses_another_catalogue(home: Path) -> None:
    result = run(home, CATALOGUES / "caschools")
    assert result.exit_code == 1
    assert "caschools" in result.output


def test_only_one_run_at_a_time(home: Path) -> None:
    from pipeline.store.home import Home, only_run_of

    with only_run_of(Home(home)):
        result = run(home)
    assert result.exit_code == 1
    assert "another run" in result.output


def test_another_year_of_files_can_be_taken_in_alone(home: Path) -> None:
    for year in ("2024", "2025"):
        (home / "inbox" / year / "extra.csv").write_text("x\n1\n")
    assert junheng("run", "--home", home, "--year", 2024).exit_code == 0
    taken = query(home, "select year from submission where file_name = 'extra.csv'")
    assert [row["year"] for row in taken] == [2024]


def test_the_working_tables_and_the_release_hold_the_same_rows(small_run: Path) -> None:
    for name in ("gap_coefficient", "school_stage"):
        working = pl.read_parquet(small_run / "store" / "tables" / f"{name}.parquet").height
        assert query(small_run, f"select count(*) n from {name}")[0]["n"] == working


def test_a_failed_run_under_another_catalogue_leaves_no_rows_behind(home: Path, tmp_path: Path) -> None:
    gaps = "select * exclude (trace_id) from gap_coefficient order by all"
    before = query(home, gaps)
    other = tmp_path / "catalogue"
    shutil.copytree(SHIPPED, other)
    layout = other / "layouts" / "own.yaml"
    layout.write_text(
        layout.read_text(encoding="utf-8").replace("header: 图书（册）", "factor: 10, header: 图书（册）"),
        encoding="utf-8",
    )
    rules = other / "rules.yaml"
    broken = rules.read_text(encoding="utf-8").replace(
        "expect_column_values_to_not_be_null", "expect_column_values_to_be_lost", 1
    )
    rules.write_text(broken, encoding="utf-8")
    assert run(home, other).exit_code == 1
    (home / "inbox" / "2025" / "note.csv").write_text("x\n1\n")
    assert run(home).exit_code == 0
    assert query(home, gaps) == before


def test_a_home_with_an_apostrophe_in_its_path_works(tmp_path: Path) -> None:
    home = tmp_path / "teacher's 家 1"
    write_small(home)
    assert run(home).exit_code == 0


def test_a_damaged_read_cache_is_made_again(home: Path) -> None:
    for path in sorted((home / "store" / "parsed").rglob("*.parquet"))[:5]:
        path.write_bytes(b"garbage")
    for year in ("2024", "2025"):
        (home / "inbox" / year / "note.csv").write_text("x\n1\n")
    assert run(home).exit_code == 0


def test_one_year_alone_is_taken_in_even_when_the_catalogue_changed(home: Path, tmp_path: Path) -> None:
    changed = tmp_path / "catalogue"
    shutil.copytree(SHIPPED, changed)
    settings = changed / "settings.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    for year in ("2024", "2025"):
        (home / "inbox" / year / "extra.csv").write_text("x\n1\n")
    assert junheng("run", "--home", home, "--year", 2024, "--catalogue", changed).exit_code == 0
    assert [r["year"] for r in query(home, "select year from submission where file_name = 'extra.csv'")] == [2024]


def test_a_home_of_which_no_file_can_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "inbox" / "2025").mkdir(parents=True)
    (tmp_path / "inbox" / "2025" / "x.csv").write_text("a,b\n1,2\n")
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "no known layout" in result.output
