"""One asset a table, made from the registry: an asset has its table's name, and reads what the registry says it reads."""

import dagster as dg

from assets.ingest import validated
from assets.resources import Workspace
from pipeline.tables.names import (
    CATALOGUE_TABLES,
    LEDGER_TABLES,
    PYTHON_TABLES,
    SQL_TABLES,
    SUSPICION_READS,
    SUSPICION_TABLES,
    UNIT_TABLES,
)


@dg.multi_asset(
    name="ledger",
    group_name="ledger",
    specs=[
        dg.AssetSpec(name, deps=[validated], kinds={"polars"})
        for name in (
            *LEDGER_TABLES,
            *UNIT_TABLES.values(),
            "absent",
            "unit_record",
            "came",
            "expected_county",
            "county_return",
        )
    ],
)
def ledger(workspace: Workspace):  # type: ignore[no-untyped-def]  # noqa: ANN201 - a generator of dagster results
    """What every receipt came to: which parts count, the account of rows, findings, and the units that are computed."""
    from pipeline.tables.working import write_ledger

    sizes = write_ledger(workspace.home(), workspace.catalogue())
    for name, rows in sizes.items():
        yield dg.MaterializeResult(asset_key=name, metadata={"dagster/row_count": rows})


@dg.multi_asset(
    name="suspicion_tables",
    group_name="suspicion",
    specs=[dg.AssetSpec(name, deps=list(SUSPICION_READS), kinds={"polars"}) for name in SUSPICION_TABLES],
)
def suspicion(workspace: Workspace):  # type: ignore[no-untyped-def]  # noqa: ANN201 - a generator of dagster results
    """Figures worth a look, held against the province, with the schools behind them. No score, rank or verdict reads this."""
    from pipeline.suspicion.table import make

    for name, rows in make(workspace.home(), workspace.catalogue()).items():
        yield dg.MaterializeResult(asset_key=name, metadata={"dagster/row_count": rows})


def _catalogue_asset(name: str) -> dg.AssetsDefinition:
    @dg.asset(name=name, group_name="catalogue", kinds={"yaml"}, description=f"The catalogue's {name} table.")
    def made(workspace: Workspace) -> dg.MaterializeResult:
        from pipeline.tables.working import write_catalogue_table

        rows = write_catalogue_table(name, workspace.home(), workspace.catalogue())
        return dg.MaterializeResult(metadata={"dagster/row_count": rows})

    return made


def _sql_asset(name: str, reads: tuple[str, ...]) -> dg.AssetsDefinition:
    description = f"Made by pipeline/sql/{name}.sql, rendered from the catalogue and run in DuckDB."

    @dg.asset(name=name, group_name="tables", deps=list(reads), kinds={"duckdb", "sql"}, description=description)
    def made(workspace: Workspace) -> dg.MaterializeResult:
        from pipeline.tables.compute import make

        return dg.MaterializeResult(metadata={"dagster/row_count": make(name, workspace.home(), workspace.catalogue())})

    return made


def _python_asset(name: str, reads: tuple[str, ...]) -> dg.AssetsDefinition:
    description = f"Made by pipeline/tables/{name}.py."

    @dg.asset(name=name, group_name="tables", deps=list(reads), kinds={"polars"}, description=description)
    def made(workspace: Workspace) -> dg.MaterializeResult:
        from pipeline.tables.python_tables import make

        return dg.MaterializeResult(metadata={"dagster/row_count": make(name, workspace.home(), workspace.catalogue())})

    return made


catalogue_assets = [_catalogue_asset(name) for name in CATALOGUE_TABLES]
sql_assets = [_sql_asset(name, reads) for name, reads in SQL_TABLES.items()]
python_assets = [_python_asset(name, reads) for name, reads in PYTHON_TABLES.items()]
