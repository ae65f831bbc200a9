"""Everything Dagster knows of Junheng, as one table: groups of assets, checks, jobs, sensors, schedules, resources.

``dagster dev`` shows this graph; ``junheng run`` materialises it in its own process. The home is named by the environment
variable JUNHENG_HOME, another catalogue by JUNHENG_CATALOGUE.
"""

from __future__ import annotations

import os

import dagster as dg

from assets import checks, ingest, jobs, release, sensors, tables, watch
from assets.resources import Workspace

GROUPS: dict[str, list[dg.AssetsDefinition]] = {
    "ingest": [ingest.received, ingest.validated],
    "ledger": [tables.ledger],
    "catalogue": tables.catalogue_assets,
    "tables": [*tables.sql_assets, *tables.python_assets],
    "suspicion": [tables.suspicion],
    "release": [release.database, release.site, release.workbooks, release.release, release.latest],
}

defs = dg.Definitions(
    assets=[asset for group in GROUPS.values() for asset in group],
    asset_checks=[
        checks.row_account,
        checks.county_account,
        checks.corrections_hold,
        checks.unit_account,
        checks.audit_agrees,
        checks.release_complete,
        watch.coverage_full,
        watch.release_current,
    ],
    jobs=[jobs.ingest, jobs.publish],
    sensors=[sensors.inbox_sensor],
    schedules=[sensors.nightly_publication],
    resources={
        "workspace": Workspace(
            home_path=os.environ.get("JUNHENG_HOME", "home"),
            catalogue_path=os.environ.get("JUNHENG_CATALOGUE", ""),
            strict=os.environ.get("JUNHENG_STRICT", "") not in ("", "0"),
        )
    },
    executor=dg.in_process_executor,
)
