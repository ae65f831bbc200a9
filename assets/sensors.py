"""When to work: a sensor on the inbox and a nightly schedule. Both are stopped until someone starts them.

Both only ask how the home stands (``pipeline.standing``) and request runs of the two jobs. Do not start them on a home on which
``junheng run`` is used at the same time.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from assets import jobs
from assets.partitions import collection_year
from assets.resources import Workspace

if TYPE_CHECKING:
    from pipeline.standing import Standing

SECONDS = int(os.environ.get("JUNHENG_SENSOR_SECONDS", "60"))
"""The sensor looks at the inbox at most this often."""
NIGHTLY = os.environ.get("JUNHENG_NIGHTLY", "0 2 * * *")
"""When the schedule publishes, as cron writes it, in the time zone of JUNHENG_TIMEZONE."""
TIMEZONE = os.environ.get("JUNHENG_TIMEZONE", "Asia/Shanghai")

FORGOTTEN_AFTER = timedelta(days=1)
UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING,
]  # fmt: skip


@dg.sensor(
    name="inbox_sensor",
    jobs=[jobs.ingest, jobs.publish],
    minimum_interval_seconds=SECONDS,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Takes in each year whose files, roster or catalogue changed, then publishes once all are taken in.",
)
def inbox_sensor(context: dg.SensorEvaluationContext, workspace: Workspace) -> dg.SensorResult | dg.SkipReason:
    """Requests an ingest run for every stale year, or a publication when none is; nothing while a run is under way.

    The cursor and the run keys say what was requested: the same state of the home is asked for once, so that what failed is
    not tried again before something changed.
    """
    if busy := _under_way(context.instance):
        return dg.SkipReason(f"{busy} is under way")
    now = _standing(workspace)
    requests = _ingests(now) or _publication(workspace, now)
    if isinstance(requests, str):
        return dg.SkipReason(requests)
    keys = sorted(str(request.run_key) for request in requests)
    if context.cursor and json.loads(context.cursor) == keys:
        return dg.SkipReason("this was requested before and nothing changed since; see how the runs ended")
    known = set(context.instance.get_dynamic_partitions(str(collection_year.name)))
    new = [str(year) for year in now.stale if str(year) not in known]
    return dg.SensorResult(
        run_requests=requests,
        cursor=json.dumps(keys),
        dynamic_partitions_requests=[collection_year.build_add_request(new)] if new else [],
    )


@dg.schedule(
    name="nightly_publication",
    job=jobs.publish,
    cron_schedule=NIGHTLY,
    execution_timezone=TIMEZONE,
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Publishes each night what was taken in since the latest release, if anything was.",
)
def nightly_publication(
    context: dg.ScheduleEvaluationContext, workspace: Workspace
) -> list[dg.RunRequest] | dg.SkipReason:
    """Requests a publication unless the latest release says all that was taken in, or a run is under way."""
    if busy := _under_way(context.instance):
        return dg.SkipReason(f"{busy} is under way")
    now = _standing(workspace)
    if now.stale:
        return dg.SkipReason(f"years {', '.join(map(str, now.stale))} must be taken in first")
    requests = _publication(workspace, now)
    return dg.SkipReason(requests) if isinstance(requests, str) else requests


def _under_way(instance: dg.DagsterInstance) -> str | None:
    """The job of a run that has not ended; one that was killed and never said so is forgotten after a day."""
    since = datetime.now(UTC) - FORGOTTEN_AFTER
    running = instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY, created_after=since))
    ours = (run.job_name for run in running if run.job_name in (jobs.ingest.name, jobs.publish.name))
    return next(ours, None)


def _standing(workspace: Workspace) -> Standing:
    from pipeline.standing import standing

    return standing(workspace.home(), workspace.catalogue())


def _ingests(now: Standing) -> list[dg.RunRequest]:
    return [
        dg.RunRequest(run_key=f"ingest:{year}:{state}", job_name=jobs.ingest.name, partition_key=str(year))
        for year, state in now.stale.items()
    ]


def _publication(workspace: Workspace, now: Standing) -> list[dg.RunRequest] | str:
    """The request to publish, or why there is nothing to publish."""
    from pipeline.account import why_nothing_counts

    if now.newest is None:
        return "the inbox is empty"
    if now.is_published:
        return f"the release {now.latest_id} holds all that was sent"
    if why := why_nothing_counts(workspace.home()):
        return f"no file that was received can be read; the first says: {why[1]}"
    key = f"publish:{now.latest_id or 'first'}:{now.inputs[:16]}"
    return [dg.RunRequest(run_key=key, job_name=jobs.publish.name)]
