"""A release: keys, comments, macros, manifest, verification, readable by an older DuckDB's format, rerunnable SQL."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from pipeline.release.verify import faults
from pipeline.store.home import Home
from pipeline.tables.compute import connect
from pipeline.tables.names import SQL_TABLES
from pipeline.tables.registry import public_tables
from tests.homes import copied, junheng, query


@pytest.fixture(scope="module")
def home(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(small_run, tmp_path_factory.mktemp("release"))


def test_every_table_has_a_key_and_every_table_and_column_a_comment(home: Path) -> None:
    tables = {row["table_name"]: row for row in query(home, "select * from duckdb_tables()")}
    assert set(tables) == set(public_tables())
    assert all(row["comment"] and row["has_primary_key"] for row in tables.values())
    bare = query(home, "select table_name, column_name from duckdb_columns() where comment is null and not internal")
    assert bare == []


def test_a_null_stands_only_where_the_registry_says_what_it_means(home: Path) -> None:
    from pipeline.schema import load_catalogue

    catalogue = load_catalogue()
    for table in public_tables().values():
        for column in table.columns(catalogue):
            if column.name in table.key or not column.empty_zh:
                nulls = query(home, f'select count(*) n from {table.name} where "{column.name}" is null')
                assert nulls[0]["n"] == 0, (table.name, column.name)


NOTHING_TO_HOLD = {
    "submission_filter": "select rows_filtered from submission_part where rows_filtered > 0",
    "correction": "select correction_id from correction",
    "missing_county": "select county_code from county_status where stages_missing is not null",
    "missing_school": "select submission_id from submission_part where part = 'stages' and rows_quarantined > 0 union all "
    "select finding_id from finding where rule_id in ('school_sent_nothing', 'stage_sent_nothing')",
    # A county is warned when slow for two years, each held against the year before it: a list needs three years.
    "county_list": "select county_code from county_progress where state = 'reached' union all "
    "select any_value(county_code) from county_progress having count(distinct year) > 2",
    # The small sample's files hold no county's own cells, and what is left of the features is too little to compare by.
    "county_peer": "select county_code from county_feature where weight > 0 group by year, county_code "
    "having count(value) >= (select cast(value as double) / 100 from setting where key = 'years_peer_features_pct') * count(*)",
    "suspicion_evidence": "select test_id from suspicion where is_flagged",
}
"""A table that the sample leaves empty, and what of the release would have to hold rows for the table to have any."""


def test_no_table_of_the_sample_is_empty_but_where_the_inputs_give_nothing(home: Path) -> None:
    empty = {name for name in public_tables() if query(home, f"select count(*) n from {name}")[0]["n"] == 0}
    assert empty == set(NOTHING_TO_HOLD)
    assert {name for name, rows in NOTHING_TO_HOLD.items() if query(home, rows)} == set()


def test_the_macros_of_the_file_recompute_its_gaps(home: Path) -> None:
    rows = query(
        home,
        """
        select g.cv, g.mean, gap_coefficient_of(v.value, v.pupils) as again, weighted_mean(v.value, v.pupils) as mean_again
        from gap_coefficient g
        join indicator_value v on v.year = g.year and v.county_code = g.area_code and v.stage = g.stage and v.indicator_id = g.indicator_id
        join school_scope s on s.year = v.year and s.school_id = v.school_id and s.stage = v.stage and s.standard_id = g.standard_id
        where g.area_level = 'county' and s.is_counted and g.cv is not null
        group by all
        """,
    )
    assert len(rows) > 100
    for row in rows:
        assert row["again"] == pytest.approx(row["cv"], rel=1e-9, abs=1e-12)
        assert row["mean_again"] == pytest.approx(row["mean"], rel=1e-12)


def test_at_least_and_at_most_hold_exactly_on_the_level(home: Path) -> None:
    sql = "select at_least(0.1 + 0.2, 0.3) a, at_most(0.1 + 0.2, 0.3) b, at_least(4.5 - 1e-6, 4.5) c, at_most(0, 0) d, at_most(1e-15, 0) e"
    assert query(home, sql) == [{"a": True, "b": True, "c": False, "d": True, "e": False}]


def test_numerators_and_denominators_run_as_they_stand(home: Path) -> None:
    for indicator in query(home, "select * from indicator where scope = 'stage'"):
        sql = f"""
            select count(*) n from indicator_value v join (
                select year, school_id, stage, cast({indicator["numerator"]} as double) / nullif({indicator["denominator"]}, 0) as x
                from school_stage where {indicator["applies_when"] or "true"}) s using (year, school_id, stage)
            where v.indicator_id = ? and v.state = 'ok' and abs(v.value - s.x) > 1e-12 * abs(v.value)"""
        assert query(home, sql, indicator["indicator_id"])[0]["n"] == 0


def test_the_kept_sql_makes_the_same_tables_again(home: Path) -> None:
    from pipeline.schema import load_catalogue
    from pipeline.store.roster import with_rosters

    release = home / "releases" / "latest"
    with connect(with_rosters(load_catalogue(release / "catalogue"), Home(home))) as connection:
        for name in SQL_TABLES["gap_coefficient"]:
            path = home / "store" / "tables" / f"{name}.parquet"
            connection.execute(f"create view {name} as select * from read_parquet('{path}')")
        sql = (release / "sql" / "gap_coefficient.sql").read_text(encoding="utf-8")
        again = connection.sql(f"select * from ({sql}) order by trace_id, area_level").pl()
    with duckdb.connect(str(release / "junheng.duckdb"), read_only=True) as opened:
        assert again.equals(opened.sql("select * from gap_coefficient order by trace_id, area_level").pl())


def test_the_sql_parses_for_another_engine(home: Path) -> None:
    import sqlglot

    for path in (home / "releases" / "latest" / "sql").glob("*.sql"):
        assert sqlglot.transpile(path.read_text(encoding="utf-8"), read="duckdb", write="spark")


def test_the_storage_format_is_one_that_duckdb_1_5_reads(home: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home}/releases/latest/junheng.duckdb' as r (read_only)")
        tags = connection.execute("select tags from duckdb_databases() where database_name = 'r'").fetchall()[0][0]
    assert "v1.4" in str(tags)


def test_verify_says_what_was_changed_lost_or_added(home: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "home"
    shutil.copytree(home, copy, symlinks=True)
    assert junheng("releases", "verify", "latest", "--home", copy).exit_code == 0
    folder = copy / "releases" / "2025.1"
    (folder / "site" / "index.html").write_text("changed")
    (folder / "tables" / "school.parquet").unlink()
    (folder / "more.txt").write_text("more")
    found = faults(Home(copy), "2025.1")
    assert [line.split(":")[0] for line in found] == ["tables/school.parquet", "more.txt", "site/index.html"]
    assert junheng("releases", "verify", "2025.1", "--home", copy).exit_code == 1


def test_the_manifest_lists_inputs_versions_and_every_file(home: Path) -> None:
    manifest = json.loads((home / "releases" / "latest" / "manifest.json").read_text(encoding="utf-8"))
    assert {
        "release_id",
        "code_version",
        "catalogue_id",
        "catalogue_version",
        "content_hash",
        "inputs",
        "files",
    } <= set(manifest)
    assert len(manifest["inputs"]) == 32
    assert all(len(entry["sha256"]) == 64 for entry in manifest["files"].values())
    assert (home / "releases" / "latest.txt").read_text() == "2025.1\n"


def test_table_files_are_described_as_a_data_package(home: Path) -> None:
    package = json.loads((home / "releases" / "latest" / "tables" / "datapackage.json").read_text(encoding="utf-8"))
    assert len(package["resources"]) == len(public_tables())
    for resource in package["resources"]:
        assert (home / "releases" / "latest" / "tables" / resource["path"]).exists()
        assert resource["schema"]["primaryKey"]


@pytest.mark.parametrize("name", ["../../x", "../releases/2025.1", "2025.1/", ".", "", "2025", "２０２５.１"])
def test_only_a_release_number_names_a_release(home: Path, name: str) -> None:
    result = junheng("releases", "verify", name, "--home", home)
    assert result.exit_code == 1
    assert "2025.1" in result.output


@pytest.mark.parametrize("text", ["{", "[]", '{"release_id": "2025.1"}', '{"release_id": "x", "files": {}}', "\udcff"])
def test_a_damaged_manifest_is_a_sentence_that_names_it(home: Path, tmp_path: Path, text: str) -> None:
    folder = tmp_path / "releases" / "2025.1"
    folder.mkdir(parents=True)
    (tmp_path / "home.json").write_bytes((home / "home.json").read_bytes())
    (folder / "manifest.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    for command in (["list"], ["verify", "2025.1"]):
        result = junheng("releases", "--home", tmp_path, *command)
        assert result.exit_code == 1
        assert "2025.1/manifest.json" in result.output
        assert "unexpected" not in result.output
