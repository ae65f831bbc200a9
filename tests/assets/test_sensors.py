"""The sensor on the inbox asks for what is due and for nothing twice; the checks on coverage and freshness warn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from assets.definitions import defs
from assets.resources import Workspace
from assets.run import QUIET
from assets.sensors import inbox_sensor, nightly_publication
from assets.watch import coverage_full, release_current
from pipeline.schema import load_catalogue
from pipeline.store.home import Home
from pipeline.store.roster import roster_path, write_roster
from tests.homes import run
from tests.pipeline.chain import write_return

COUNTIES = ("990101", "990102", "990201", "990202")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as found:
        yield found


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(home_path=str(tmp_path / "home"))


def send(workspace: Workspace, county: str, year: int = 2025, schools: int = 2) -> None:
    """A county's return of primary schools of 100 pupils in the inbox."""
    sheets = {sheet.part: sheet for sheet in load_catalogue().layouts["own"].sheets}
    base = {"school_type": "211", "urban_rural": "111", "is_public": "1", "name": "校"}
    ids = [f"21{county}{n:02d}" for n in range(schools)]
    stage = {"stage": "primary", "pupils": 100, "classes": 3, "full_time_teachers": 8}
    rows = {"schools": [{"school_id": i, **base} for i in ids], "stages": [{"school_id": i, **stage} for i in ids]}
    for part, given in rows.items():
        path = Path(workspace.home_path) / "inbox" / str(year) / f"{county}-{part}.csv"
        write_return(path, sheets[part], year, county, given)


def evaluate(
    workspace: Workspace, instance: dg.DagsterInstance, cursor: str | None = None
) -> dg.SensorResult | dg.SkipReason:
    context = dg.build_sensor_context(instance=instance, cursor=cursor, resources={"workspace": workspace})
    result = inbox_sensor(context)
    assert isinstance(result, dg.SensorResult | dg.SkipReason)
    return result


def asked(result: dg.SensorResult | dg.SkipReason) -> list[tuple[str | None, str | None]]:
    assert isinstance(result, dg.SensorResult), result
    return [(request.job_name, request.partition_key) for request in result.run_requests or []]


def carry_out(result: dg.SensorResult | dg.SkipReason, workspace: Workspace, instance: dg.DagsterInstance) -> None:
    """What the daemon does with a sensor's result: partitions added, runs executed."""
    assert isinstance(result, dg.SensorResult)
    for added in result.dynamic_partitions_requests or []:
        assert isinstance(added, dg.AddDynamicPartitionsRequest)
        instance.add_dynamic_partitions(added.partitions_def_name, list(added.partition_keys))
    for request in result.run_requests or []:
        job = defs.resolve_job_def(str(request.job_name))
        done = job.execute_in_process(
            instance=instance, partition_key=request.partition_key, resources={"workspace": workspace}, run_config=QUIET
        )
        assert done.success


def test_the_sensor_takes_in_every_year_then_publishes_then_rests(
    workspace: Workspace, instance: dg.DagsterInstance
) -> None:
    for year in (2024, 2025):
        send(workspace, "990101", year)
    first = evaluate(workspace, instance)
    assert asked(first) == [("ingest", "2024"), ("ingest", "2025")]
    assert isinstance(first, dg.SensorResult)
    assert [key for added in first.dynamic_partitions_requests or [] for key in added.partition_keys] == [
        "2024",
        "2025",
    ]
    carry_out(first, workspace, instance)
    second = evaluate(workspace, instance, first.cursor)
    assert asked(second) == [("publish", None)]
    carry_out(second, workspace, instance)
    assert Home(Path(workspace.home_path)).latest_id() == "2025.1"
    assert "2025.1 holds all" in str(evaluate(workspace, instance).skip_message)  # type: ignore[union-attr]
    assert run(Path(workspace.home_path)).exit_code == 3, "the command line finds nothing to do either"


def test_the_same_state_is_asked_for_once(workspace: Workspace, instance: dg.DagsterInstance) -> None:
    send(workspace, "990101")
    first = evaluate(workspace, instance)
    assert isinstance(first, dg.SensorResult)
    again = evaluate(workspace, instance, first.cursor)
    assert isinstance(again, dg.SkipReason)
    send(workspace, "990101", schools=3)
    changed = evaluate(workspace, instance, first.cursor)
    assert asked(changed) == [("ingest", "2025")]
    keys = [[request.run_key for request in r.run_requests or []] for r in (first, changed)]  # type: ignore[union-attr]
    assert keys[0] != keys[1], "a run key used before would be refused"


def test_a_file_that_goes_back_to_what_it_was_is_taken_in_again(
    workspace: Workspace, instance: dg.DagsterInstance
) -> None:
    keys = []
    for schools in (2, 3, 2):
        send(workspace, "990101", schools=schools)
        result = evaluate(workspace, instance)
        assert asked(result) == [("ingest", "2025")]
        assert isinstance(result, dg.SensorResult)
        keys += [request.run_key for request in result.run_requests or []]
        carry_out(result, workspace, instance)
    assert len(set(keys)) == 3


def test_a_changed_roster_makes_only_its_year_due(workspace: Workspace, instance: dg.DagsterInstance) -> None:
    catalogue, home = load_catalogue(), Home(Path(workspace.home_path))
    own = [d for d in catalogue.divisions if d.level == "county"]
    rows = [{"level": d.level, "code": d.code, "name_zh": d.name_zh, "parent_code": d.parent_code} for d in own]
    for year in (2024, 2025):
        send(workspace, "990101", year)
        write_roster(roster_path(home, year), catalogue, rows)
    carry_out(evaluate(workspace, instance), workspace, instance)
    write_roster(roster_path(home, 2025), catalogue, rows[:2])
    assert asked(evaluate(workspace, instance)) == [("ingest", "2025")]


def test_nothing_is_asked_for_while_a_run_is_under_way(workspace: Workspace, instance: dg.DagsterInstance) -> None:
    send(workspace, "990101")
    job = defs.resolve_job_def("publish")
    instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    result = evaluate(workspace, instance)
    assert isinstance(result, dg.SkipReason)
    assert "under way" in str(result.skip_message)


def test_an_empty_inbox_and_one_that_cannot_be_read_are_no_reason_to_publish(
    workspace: Workspace, instance: dg.DagsterInstance
) -> None:
    assert "empty" in str(evaluate(workspace, instance).skip_message)  # type: ignore[union-attr]
    path = Path(workspace.home_path) / "inbox" / "2025" / "notes.csv"
    path.parent.mkdir(parents=True)
    path.write_text("a,b\n1,2\n")
    carry_out(evaluate(workspace, instance), workspace, instance)
    assert "no known layout" in str(evaluate(workspace, instance).skip_message)  # type: ignore[union-attr]


def test_the_schedule_publishes_what_was_taken_in_and_nothing_twice(workspace: Workspace, tmp_path: Path) -> None:
    instance = dg.DagsterInstance.local_temp(str(tmp_path))  # a schedule's context opens its instance by reference

    def nightly() -> list[dg.RunRequest] | dg.SkipReason:
        context = dg.build_schedule_context(instance=instance, resources={"workspace": workspace})
        found = nightly_publication(context)
        assert isinstance(found, list | dg.SkipReason)
        return found

    send(workspace, "990101")
    assert "taken in first" in str(nightly().skip_message)  # type: ignore[union-attr]
    carry_out(evaluate(workspace, instance), workspace, instance)
    due = nightly()
    assert isinstance(due, list)
    assert [request.job_name for request in due] == ["publish"]
    carry_out(evaluate(workspace, instance), workspace, instance)
    assert isinstance(nightly(), dg.SkipReason)


def test_counties_that_did_not_come_are_named_and_the_release_is_published_all_the_same(workspace: Workspace) -> None:
    home = Path(workspace.home_path)
    for county in COUNTIES[:3]:
        send(workspace, county)
    assert run(home).exit_code == 0
    result = coverage_full(workspace)
    assert isinstance(result, dg.AssetCheckResult)
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    values = {key: value.value for key, value in result.metadata.items()}
    assert (values["2025/primary/counties_expected"], values["2025/primary/counties_came"]) == (4, 3)
    assert values["2025/primary/missing_counties"] == "望榆县 Wangyu County"
    send(workspace, COUNTIES[3])
    assert run(home).exit_code == 0
    assert coverage_full(workspace).passed  # type: ignore[union-attr]


def test_schools_of_the_roster_are_part_of_the_coverage(workspace: Workspace) -> None:
    catalogue, home = load_catalogue(), Home(Path(workspace.home_path))
    schools = [
        {
            "level": "school",
            "code": f"21990101{n:02d}",
            "name_zh": f"校{n}",
            "parent_code": "990101",
            "pupils_primary": 90,
        }
        for n in range(3)
    ]
    write_roster(roster_path(home, 2025), catalogue, schools)
    send(workspace, "990101")
    done = run(home.path)
    assert done.exit_code == 0, done.output
    result = coverage_full(workspace)
    assert isinstance(result, dg.AssetCheckResult)
    values = {key: value.value for key, value in result.metadata.items()}
    assert (values["2025/primary/counties_expected"], values["2025/primary/counties_came"]) == (1, 1)
    assert (values["2025/primary/schools_expected"], values["2025/primary/schools_came"]) == (3, 2)
    assert not result.passed
    kept = home.latest.resolve() / "roster" / "2025.csv"
    assert kept.read_bytes() == roster_path(home, 2025).read_bytes(), "a release keeps the roster it was made with"


def test_a_file_newer_than_the_release_is_told(workspace: Workspace) -> None:
    home = Path(workspace.home_path)
    send(workspace, "990101")
    assert run(home).exit_code == 0
    fresh = release_current(workspace)
    assert isinstance(fresh, dg.AssetCheckResult)
    assert fresh.passed, fresh.description
    send(workspace, "990102")
    stale = release_current(workspace)
    assert isinstance(stale, dg.AssetCheckResult)
    assert (stale.passed, stale.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert stale.metadata["waiting"].value == "2025/990102-schools.csv、2025/990102-stages.csv"


def test_returns_that_are_older_than_a_collection_year_are_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from assets import watch

    send(workspace, "990101")
    assert run(Path(workspace.home_path)).exit_code == 0
    monkeypatch.setattr(watch, "COLLECTED_EVERY", timedelta(seconds=-1))
    result = release_current(workspace)
    assert isinstance(result, dg.AssetCheckResult)
    assert not result.passed
    assert "the newest return came 0 days ago" in str(result.description)
