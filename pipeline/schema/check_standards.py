"""What a standard says must hang together: its items, the gaps it measures, and the measures its counties are ranked by."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pipeline.schema.fault import Fault, of_expression, unknown
from pipeline.schema.model import Catalogue, Standard


def standard_faults(catalogue: Catalogue, columns: Collection[str]) -> Iterator[Fault]:
    """Every fault of the standards. ``columns``: what a scope condition may read."""
    for standard in catalogue.standards.values():
        for i, rule in enumerate(standard.scope):
            yield from of_expression("standards", standard.id, ("scope", i, "when"), rule.when, columns)
        yield from _items(catalogue, standard)
        yield from _gap(catalogue, standard)
        yield from _measures(catalogue, standard)


def _items(catalogue: Catalogue, standard: Standard) -> Iterator[Fault]:
    for i, item in enumerate(standard.items):
        path = ("items", i, "indicator")
        if item.indicator not in catalogue.indicators:
            yield unknown("standards", standard.id, path, item.indicator, catalogue.indicators)
        for j, threshold in enumerate(item.thresholds):
            if threshold.stage != "*" and threshold.stage not in catalogue.stages:
                at = ("items", i, "thresholds", j, "stage")
                yield unknown("standards", standard.id, at, threshold.stage, catalogue.stages)


def _gap(catalogue: Catalogue, standard: Standard) -> Iterator[Fault]:
    if standard.gap is None:
        return
    listed = [item.indicator for item in standard.items]
    for i, name in enumerate(standard.gap.indicators):
        if name not in listed:
            yield unknown("standards", standard.id, ("gap", "indicators", i), name, listed)
    for key in ("limits", "composite_limits"):
        for stage in getattr(standard.gap, key):
            if stage not in catalogue.stages:
                yield unknown("standards", standard.id, ("gap", key, stage), stage, catalogue.stages)


def _measures(catalogue: Catalogue, standard: Standard) -> Iterator[Fault]:
    """A measure needs what it is made from: gaps, their limits, levels, a school rule."""
    gap = standard.gap
    judged = {stage.id for stage in catalogue.judged_stages}
    limited = gap is not None and judged <= {*gap.limits, *gap.composite_limits}
    levels = any(item.thresholds for item in standard.items)
    needs = {
        "mean_cv": (gap is not None, "gap", "gap"),
        "worst_ratio": (limited, "各学段的差异系数上限（gap 的 limits 或 composite_limits）", "limits of the gaps in every judged stage"),
        "mean_score": (levels, "水平要求（items 的 thresholds）", "levels (thresholds of its items)"),
        "share_meeting": (levels and standard.school_rule is not None, "水平要求和 school_rule", "levels and a school_rule"),
    }  # fmt: skip
    for i, measure in enumerate(standard.measures):
        held, zh, en = needs[measure]
        if not held:
            yield Fault(
                "standards", standard.id, ("measures", i),
                f"排名量 {measure} 需要标准给出{zh}", f"the measure {measure} needs the standard to give {en}",
            )  # fmt: skip
