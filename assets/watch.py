"""Asset checks that warn and never block: who has not come yet, and whether the latest release says all that was sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg

from assets.release import COLLECTED_EVERY, latest
from assets.resources import Workspace

NAMED = 20
"""Counties named in a check's result; the rest are counted."""


@dg.asset_check(asset="expected", additional_deps=["expected_county", "came", "unit_stage"])
def coverage_full(workspace: Workspace) -> dg.AssetCheckResult:
    """Every county expected has told of every stage, and every school of the roster has rows that count."""
    from pipeline.standing import coverage

    found = coverage(workspace.home(), workspace.catalogue())
    short = [c for c in found if not c.is_full]
    said = (
        f"{c.year} {c.stage}: {c.counties_came}/{c.counties_expected} 区县 counties, {c.schools_came}/{c.schools_expected} 学校 schools"
        for c in short
    )
    metadata: dict[str, int | str] = {}
    for c in found:
        at = f"{c.year}/{c.stage}"
        metadata |= {
            f"{at}/counties_expected": c.counties_expected, f"{at}/counties_came": c.counties_came,
            f"{at}/schools_expected": c.schools_expected, f"{at}/schools_came": c.schools_came,
        }  # fmt: skip
        if c.missing:
            more = len(c.missing) - NAMED
            metadata[f"{at}/missing_counties"] = "、".join(c.missing[:NAMED]) + (f" … +{more}" if more > 0 else "")
    return dg.AssetCheckResult(
        passed=not short, severity=dg.AssetCheckSeverity.WARN, description="; ".join(said), metadata=metadata
    )


@dg.asset_check(asset=latest)
def release_current(workspace: Workspace) -> dg.AssetCheckResult:
    """The latest release holds what lies in the inbox, and the newest return is not older than a collection year."""
    from pipeline.standing import standing

    now = standing(workspace.home(), workspace.catalogue())
    age = datetime.now(UTC) - now.newest if now.newest else None
    late = age is None or age > COLLECTED_EVERY
    said = []
    if now.waiting:
        said.append(f"收件箱有 {len(now.waiting)} 份文件未收 / {len(now.waiting)} files of the inbox are not taken in")
    if not now.is_published:
        said.append("最新发布不含现有全部数据 / the latest release is not made from what is there now")
    if late:
        days = f"{age.days}" if age else "∞"
        said.append(f"最近一次收件在 {days} 天前 / the newest return came {days} days ago")
    return dg.AssetCheckResult(
        passed=now.is_current and not late,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(said),
        metadata={
            "release_id": now.latest_id or "",
            "files_waiting": len(now.waiting),
            "waiting": "、".join(now.waiting[:NAMED]),
            "newest_receipt": now.newest.isoformat() if now.newest else "",
            "newest_receipt_age_days": (age or timedelta()).days,
        },
    )
