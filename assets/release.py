"""The release: database, pages and manifest are built aside; ``latest`` puts the whole in place by one atomic act."""

from datetime import timedelta

import dagster as dg

from assets.resources import Workspace
from pipeline.tables.names import CATALOGUE_TABLES, LEDGER_TABLES, PYTHON_TABLES, SQL_TABLES, SUSPICION_TABLES

GROUP = "release"
COLLECTED_EVERY = timedelta(days=400)
"""Returns are collected once a year, as of the start of the school year; a month's grace."""
LATE = timedelta(days=60)
"""After as much again, a collection has been missed."""
_EVERYTHING = [*LEDGER_TABLES, *CATALOGUE_TABLES, *SQL_TABLES, *PYTHON_TABLES, *SUSPICION_TABLES]


@dg.asset(group_name=GROUP, deps=_EVERYTHING, kinds={"duckdb"})
def database(workspace: Workspace) -> dg.MaterializeResult:
    """The statistician's door: one DuckDB file with every public table, keys, comments and macros."""
    from pipeline.release.package import assemble_database

    counts = assemble_database(workspace.home(), workspace.catalogue())
    return dg.MaterializeResult(metadata={f"rows/{name}": rows for name, rows in counts.items()})


@dg.asset(group_name=GROUP, deps=[database], kinds={"plotly"})
def site(workspace: Workspace) -> dg.MaterializeResult:
    """The inspector's door: static pages made from the database, in Chinese and English, without any other host."""
    from pipeline.release.package import DATABASE
    from reports.site import build

    staged = workspace.home().staging
    pages = build(staged / DATABASE, workspace.catalogue(), staged / "site")
    return dg.MaterializeResult(metadata={"files": len(pages)})


@dg.asset(group_name=GROUP, deps=[database], kinds={"excel"})
def workbooks(workspace: Workspace) -> dg.MaterializeResult:
    """What the pages say as files to work with: a workbook for every area that has one, of the latest year."""
    from pipeline.release.package import DATABASE
    from reports.workbooks import build

    staged = workspace.home().staging
    written = build(staged / DATABASE, workspace.catalogue(), staged / "workbooks")
    return dg.MaterializeResult(metadata={"files": len(written)})


@dg.asset(group_name=GROUP, deps=[site, workbooks])
def release(workspace: Workspace) -> dg.MaterializeResult:
    """The staged release, whole: tables described, manifest with inputs, versions and the sha256 of every file."""
    from pipeline.release.package import write_manifest

    manifest = write_manifest(workspace.home(), workspace.catalogue())
    shown = ("release_id", "content_hash", "inputs_digest", "catalogue_id", "catalogue_version")
    return dg.MaterializeResult(metadata={**{key: manifest[key] for key in shown}, "files": len(manifest["files"])})


@dg.asset(
    group_name=GROUP, deps=[release],
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=COLLECTED_EVERY + LATE, warn_window=COLLECTED_EVERY),
)  # fmt: skip
def latest(workspace: Workspace) -> dg.MaterializeResult:
    """The release in its place, made the latest by one atomic rename."""
    from pipeline.release.package import publish

    return dg.MaterializeResult(metadata={"release_id": publish(workspace.home())})
