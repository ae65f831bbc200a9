"""Jobs: take in a year, and publish a release. ``junheng run`` runs the same two in its own process."""

from __future__ import annotations

import dagster as dg

from assets.progress import step_ended

ingest = dg.define_asset_job(
    "ingest",
    selection=dg.AssetSelection.groups("ingest"),
    hooks={step_ended},
    description="Takes in the files of one collection year: bytes kept, rows typed, rules applied.",
)

publish = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("ingest"),
    hooks={step_ended},
    description="Computes every table over all years, checks them, and publishes a release.",
)
