"""The same graph as under ``dagster dev``, materialised in this process: what ``junheng run`` does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from assets.definitions import defs
from assets.progress import Listener, listening, tell
from assets.resources import Workspace
from pipeline.errors import FaultError, JunhengError

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Outcome:
    """What a run came to. ``release_id`` is None when nothing had changed since the latest release."""

    release_id: str | None
    latest_id: str | None
    years_read: tuple[int, ...]


def run(
    home_path: Path, catalogue_path: str = "", year: int | None = None, listener: Listener | None = None, *,
    strict: bool = False,
) -> Outcome:  # fmt: skip
    """Takes in what changed, computes, checks and publishes. Raises JunhengError; the latest release is then untouched.

    ``strict``: a correction that does not hold is an error.
    """
    from pipeline.store.home import only_run_of

    workspace = Workspace(home_path=str(home_path), catalogue_path=catalogue_path, only_year=year or 0, strict=strict)
    with only_run_of(workspace.home()):
        return _run(workspace, year, listener or _silent)


def _run(workspace: Workspace, year: int | None, listener: Listener) -> Outcome:
    from pipeline.account import open_corrections, why_nothing_counts
    from pipeline.release.package import inputs_digest, latest_manifest
    from pipeline.release.version import code_digest
    from pipeline.store.inbox import inbox_files
    from pipeline.store.ingest import UNDATED, is_fresh
    from pipeline.store.receipts import all_receipts, receive, year_of

    catalogue, home = workspace.catalogue(), workspace.home()
    years = {year_of(path) for path in inbox_files(home)} if year is None else {year}
    receive(home, years)
    receipts = all_receipts(home)
    if not receipts:
        raise FaultError(
            f"收件箱 {home.inbox} 中没有文件；请把报表放入 {home.inbox}/<年份>/",
            f"the inbox {home.inbox} holds no file; put returns into {home.inbox}/<year>/",
        )
    known = latest_manifest(home)
    if known is not None and known["inputs_digest"] == inputs_digest(home, catalogue):
        if workspace.strict and (faults := open_corrections(home)):
            raise _failed_check("corrections_hold", "; ".join(faults[:5]))
        return Outcome(None, home.latest_id(), ())
    received = sorted({receipt.year or UNDATED for receipt in receipts})
    stale = tuple(y for y in received if not is_fresh(home, catalogue, code_digest(), y))
    with _instance(home.dagster) as instance, listening(listener):
        instance.add_dynamic_partitions("collection_year", [str(y) for y in received])
        for number, stale_year in enumerate(stale, 1):
            _execute("ingest", workspace, instance, partition_key=str(stale_year))
            tell("years", number, len(stale))
        if why := why_nothing_counts(home):
            raise FaultError(
                f"收到的文件没有一行可以计入，未发布；首个问题：{why[0]}；请用 junheng check 逐份检查",
                f"no row of the files received can count, so nothing was published; the first says: {why[1]}; junheng check tells of each",
            )
        _execute("publish", workspace, instance)
    return Outcome(home.latest_id(), home.latest_id(), stale)


def _silent(step: str, done: int, total: int) -> None:
    """A listener that does not listen."""


def steps_of(job: str) -> int:
    """Number of steps of a job, for a progress bar."""
    return len(list(defs.resolve_job_def(job).all_node_defs))


@contextmanager
def _instance(folder: Path) -> Iterator[dg.DagsterInstance]:
    """Dagster's records of this home, kept in the home; telemetry off."""
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "dagster.yaml"
    if not config.exists():
        config.write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        yield instance


def _execute(job: str, workspace: Workspace, instance: dg.DagsterInstance, partition_key: str | None = None) -> None:
    """Runs one job in this process; a failure comes as the sentence of its cause."""
    result = defs.resolve_job_def(job).execute_in_process(
        instance=instance,
        partition_key=partition_key,
        resources={"workspace": workspace},
        run_config=QUIET,
        raise_on_error=False,
    )
    for evaluation in result.get_asset_check_evaluations():
        if not evaluation.passed and evaluation.severity is dg.AssetCheckSeverity.ERROR:
            raise _failed_check(evaluation.check_name, evaluation.description or "")
    if not result.success:
        raise _cause(result)


def _failed_check(name: str, said: str) -> FaultError:
    return FaultError(
        f"检查“{name}”没有通过，未发布：{said}", f"the check “{name}” failed, nothing was published: {said}"
    )


def _cause(result: dg.ExecuteInProcessResult) -> JunhengError:
    """The error that stopped a job: our own sentence where there is one, else what was raised and where."""
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            what = (error.message if error else "").strip()
            zh, _, en = what.partition(" / ")
            if error is not None and error.cls_name in ("JunhengError", "CatalogueError", "HomeError", "FaultError"):
                return FaultError(zh.split(": ", 1)[-1], en)
            first = what.splitlines()[0] if what else "?"
            fault = FaultError(f"步骤 {event.step_key} 出错：{first}", f"the step {event.step_key} failed: {first}")
            fault.add_note(error.to_string() if error else "")
            return fault
    return FaultError("运行失败，原因不明", "the run failed for an unknown reason")
