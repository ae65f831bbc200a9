"""Asset checks that block: nothing after a failed check is made, so that readers keep the release they have."""

import dagster as dg

from assets.release import release
from assets.resources import Workspace


@dg.asset_check(asset="submission_part", blocking=True)
def row_account(workspace: Workspace) -> dg.AssetCheckResult:
    """Every source row is accounted for: read = accepted + quarantined + filtered + not data, for every part."""
    from pipeline.account import open_parts

    faults = open_parts(workspace.home())
    return dg.AssetCheckResult(passed=not faults, description="; ".join(faults[:5]), metadata={"open": len(faults)})


@dg.asset_check(asset="county_status", blocking=True)
def county_account(workspace: Workspace) -> dg.AssetCheckResult:
    """The counties' statuses add up to the parts that count and their rows."""
    from pipeline.account import open_counties

    faults = open_counties(workspace.home())
    return dg.AssetCheckResult(passed=not faults, description="; ".join(faults[:5]), metadata={"open": len(faults)})


@dg.asset_check(asset="correction", blocking=True)
def corrections_hold(workspace: Workspace) -> dg.AssetCheckResult:
    """Every correction was applied to the value that counts. One that was not is a finding; it blocks a strict run alone."""
    from pipeline.account import open_corrections

    faults = open_corrections(workspace.home())
    severity = dg.AssetCheckSeverity.ERROR if workspace.strict else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        passed=not faults, severity=severity, description="; ".join(faults[:5]), metadata={"not_applied": len(faults)}
    )


@dg.asset_check(asset="school_scope", blocking=True)
def unit_account(workspace: Workspace) -> dg.AssetCheckResult:
    """Every unit with pupils in a stage is counted, out of scope with a reason, or merged into its parent; every stage that
    the roster expects is there or absent."""
    from pipeline.account import open_roster, open_units

    home, catalogue = workspace.home(), workspace.catalogue()
    faults = open_units(home, catalogue) + open_roster(home, catalogue)
    return dg.AssetCheckResult(passed=not faults, description="; ".join(faults[:5]), metadata={"open": len(faults)})


@dg.asset_check(
    asset="county_ranking",
    additional_deps=[
        "school_stage",
        "school_total",
        "school_scope",
        "indicator_value",
        "gap_coefficient",
        "indicator_attainment",
        "school_score",
        "suspicion",
    ],
    blocking=True,
)
def audit_agrees(workspace: Workspace) -> dg.AssetCheckResult:
    """A second computation in Polars, sharing no SQL, gives the same tables."""
    from pipeline.audit import audit

    result = audit(workspace.home(), workspace.catalogue())
    return dg.AssetCheckResult(
        passed=result.agrees,
        description="; ".join(result.disagreements[:5]),
        metadata={"cells_compared": result.cells, "largest_relative_difference": result.largest_difference},
    )


@dg.asset_check(asset=release, blocking=True)
def release_complete(workspace: Workspace) -> dg.AssetCheckResult:
    """The staged release holds every table, the home page, and exactly the files of its manifest."""
    from pipeline.release.package import incomplete

    missing = incomplete(workspace.home())
    return dg.AssetCheckResult(
        passed=not missing, description="; ".join(missing[:10]), metadata={"missing": len(missing)}
    )
