"""Ingest, by collection year: files of the inbox become typed rows, and typed rows are validated."""

import dagster as dg

from assets.partitions import collection_year
from assets.resources import Workspace

GROUP = "ingest"


@dg.asset(group_name=GROUP, partitions_def=collection_year, kinds={"polars", "csv"})
def received(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """Bytes kept, receipts appended, and every file of the year read into typed rows with file, sheet and row."""
    from assets.progress import file_read
    from pipeline.store.ingest import UNDATED, ingest_year
    from pipeline.store.receipts import receive

    home, year = workspace.home(), int(context.partition_key)
    allowed = workspace.only_year in (0, year)
    new = receive(home, [year if year != UNDATED else None] if allowed else [])
    read = ingest_year(home, workspace.catalogue(), year, file_read)
    return dg.MaterializeResult(
        metadata={
            "new_receipts": len(new), "files": read.files, "read_anew": read.read_anew,
            "source_rows": read.rows, "reading_findings": read.findings,
        }
    )  # fmt: skip


@dg.asset(group_name=GROUP, partitions_def=collection_year, deps=[received], kinds={"greatexpectations"})
def validated(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """Typed rows of the year held against the catalogue's rules: findings with place and words in both languages."""
    from expectations.year import validate_year

    counts = validate_year(workspace.home(), workspace.catalogue(), int(context.partition_key))
    return dg.MaterializeResult(metadata={f"{severity}_findings": count for severity, count in counts.items()})
