"""Reads plans that would bring a gap within its limit, or why there is none."""

from __future__ import annotations

from reports.reader import Groups, Reader

TOLD = {"rotation_plan": ("planned", "whole_units", "donors", "incomplete", "zero_mean"), "spending_plan": ("planned",)}
"""Of each table the states that a page tells; the others have nothing to mend."""


NO_PLANS = Groups({})


def read_plans(reader: Reader) -> Groups:
    """Plans of the standard that pages show first by (county, stage); rotations before spending."""
    asked = [_PLANS.format(table=name, order=n) for n, name in enumerate(TOLD)]
    sql = " union all ".join(asked) + " order by county_code, stage, indicator_id, plan_order"
    return reader.groups(sql, ["county_code", "stage"], year=reader.year, standard=reader.standard.id)


_PLANS = """
select '{table}' as plan, {order} as plan_order, county_code, stage, indicator_id, state, reason_zh, reason_en
from {table} where year = $year and standard_id = $standard
"""
