"""The graph under ``dagster dev`` is the one that ``junheng run`` materialises, and it loads at once."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import dagster as dg
import yaml

from assets.definitions import GROUPS, defs
from pipeline.tables.names import (
    AFTER_TABLES,
    CATALOGUE_TABLES,
    LEDGER_TABLES,
    PYTHON_TABLES,
    SQL_TABLES,
    SUSPICION_TABLES,
    UNIT_TABLES,
)
from pipeline.tables.registry import public_tables

ROOT = Path(__file__).parents[2]


def test_definitions_load_without_heavy_imports() -> None:
    heavy = "{'great_expectations', 'plotly', 'pandas', 'polars', 'duckdb', 'pyarrow', 'numpy'}"
    code = f"import sys, assets.definitions; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_definitions_are_loadable() -> None:
    dg.Definitions.validate_loadable(defs)
    assert {job.name for job in defs.jobs or []} == {"ingest", "publish"}


def test_workspace_dg_and_dagster_point_at_the_same_definitions() -> None:
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text())["load_from"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    module = "assets.definitions"
    assert workspace == [{"python_module": module}]
    assert project["dg"]["project"]["code_location_target_module"] == module
    assert project["dagster"]["module_name"] == module


def test_every_public_table_has_an_asset_of_its_name() -> None:
    keys = {key.to_user_string() for group in GROUPS.values() for asset in group for key in asset.keys}
    made_with_the_database = {"release_info"}
    assert set(public_tables()) - made_with_the_database <= keys
    assert keys >= {*LEDGER_TABLES, *CATALOGUE_TABLES, *SQL_TABLES, *UNIT_TABLES.values()}


def test_every_sql_template_is_a_table_and_every_sql_table_has_a_template() -> None:
    templates = {path.stem for path in (ROOT / "pipeline" / "sql").glob("*.sql")}
    assert templates == set(SQL_TABLES)
    after = {path.stem for path in (ROOT / "pipeline" / "sql" / "after").glob("*.sql")}
    assert after == set(AFTER_TABLES) <= set(PYTHON_TABLES)


def test_every_table_made_in_python_has_a_module_of_its_name_and_reads_what_exists() -> None:
    known = {*SQL_TABLES, *PYTHON_TABLES, *LEDGER_TABLES, *CATALOGUE_TABLES, *UNIT_TABLES.values()}
    known |= {"absent", "unit_record", "came", "expected_county", "county_return"}
    for name, reads in PYTHON_TABLES.items():
        assert (ROOT / "pipeline" / "tables" / f"{name}.py").exists(), name
        assert set(reads) <= known, name
    assert not any(set(PYTHON_TABLES) & set(reads) for reads in SQL_TABLES.values())


def test_nothing_but_the_release_reads_what_is_suspected() -> None:
    suspected = {dg.AssetKey(name) for name in SUSPICION_TABLES}
    readers = {
        key.to_user_string()
        for group in GROUPS.values()
        for asset in group
        for key in asset.keys
        if suspected & {dep.asset_key for spec in asset.specs if spec.key == key for dep in spec.deps}
    }
    assert readers == {"database"}
    assert not any(set(SUSPICION_TABLES) & set(reads) for reads in [*SQL_TABLES.values(), *PYTHON_TABLES.values()])
    for template in (p for p in (ROOT / "pipeline" / "sql").rglob("*") if p.is_file()):
        assert "suspicion" not in template.read_text(encoding="utf-8"), template


def test_only_ingest_is_partitioned() -> None:
    for group, assets in GROUPS.items():
        for asset in assets:
            assert (asset.partitions_def is not None) == (group == "ingest"), asset


def test_all_checks_block_but_those_that_only_watch() -> None:
    specs = [spec for checks in defs.asset_checks or [] for spec in checks.check_specs]  # type: ignore[union-attr]
    blocking = {spec.name: spec.blocking for spec in specs}
    assert blocking == {
        **dict.fromkeys(
            ["row_account", "county_account", "corrections_hold", "unit_account", "audit_agrees", "release_complete"],
            True,
        ),
        **dict.fromkeys(["coverage_full", "release_current"], False),
    }


def test_nothing_starts_by_itself() -> None:
    (sensor,), (schedule,) = defs.sensors or (), defs.schedules or ()
    assert isinstance(sensor, dg.SensorDefinition)
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert (sensor.name, sensor.default_status) == ("inbox_sensor", dg.DefaultSensorStatus.STOPPED)
    assert (schedule.name, schedule.default_status) == ("nightly_publication", dg.DefaultScheduleStatus.STOPPED)
    assert sensor.minimum_interval_seconds == 60
    assert {job.name for job in sensor.jobs} == {"ingest", "publish"}


def test_the_code_location_loads_with_dagsters_own_command() -> None:
    command = [sys.executable, "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_two_jobs_cover_the_whole_graph_once() -> None:
    ingest = set(defs.resolve_job_def("ingest").asset_layer.selected_asset_keys)
    publish = set(defs.resolve_job_def("publish").asset_layer.selected_asset_keys)
    every = {key for group in GROUPS.values() for asset in group for key in asset.keys}
    assert ingest | publish == every
    assert not ingest & publish
