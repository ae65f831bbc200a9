"""Queries for what is worth a look: flagged tests, the schools behind them, counts of the tests."""

from __future__ import annotations

SUSPECTED = """
select county_code, test_id, evidence_zh, evidence_en from suspicion
where year = $year and is_flagged order by county_code, p_value, test_id
"""

EVIDENCE = """
select e.*, coalesce(s.name, e.school_id) as name, coalesce(o.name, e.other_school_id) as other_name
from suspicion_evidence as e
left join school as s on s.year = e.year and s.school_id = e.school_id
left join school as o on o.year = e.year and o.school_id = e.other_school_id
where e.year = $year order by e.county_code, e.test_id, e.evidence_no
"""

TESTS = """
select test_id, count(p_value) as tested, count(*) filter (where is_flagged) as flagged
from suspicion where year = $year group by test_id order by test_id
"""
