"""Rows of what is worth a look, for releases made by hand: one county with two flagged tests, the others with none."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.schema.suspicion_limits import Limits
from pipeline.suspicion import words
from tests.reports.release_maker import Maker


def add_suspicion(maker: Maker, year: int, county: str, schools: Sequence[str]) -> None:
    """In ``county`` too many values just above a level (a piece of evidence a school) and a pair of twins; every other row
    of every county is tested and not flagged."""
    flagged = {"just_above": (30, len(schools), 4.5, 2e-5), "twins": (24, 2, None, 1e-9)}
    for division in maker.catalogue.divisions:
        for test in words.tests() if division.level == "county" else ():
            is_flagged = division.code == county and test in flagged
            n, observed, expected, p = flagged[test] if is_flagged else (40, 3, 4.0, 0.6)
            row = {"n": n, "observed": observed, "expected": expected, "p_value": p}
            found = words.found(test, row, Limits())
            maker.add(
                "suspicion", year=year, province_code=county[:2], county_code=division.code, test_id=test, state="tested", **row,
                statistic=observed / n, q_value=p * 4, is_flagged=is_flagged, evidence_zh=found.zh, evidence_en=found.en,
            )  # fmt: skip
    stage = maker.catalogue.judged_stages[0].id
    indicator = next(iter(maker.catalogue.indicators))
    for number, school in enumerate(schools, 1):
        level = maker.level(indicator, stage)
        maker.add(
            "suspicion_evidence", year=year, county_code=county, test_id="just_above", evidence_no=number, school_id=school,
            stage=stage, item=indicator, value=level * (1 + number / 1000), threshold=level,
            trace_id=f"{county}.{stage}.{indicator}.{year}.{school}",
        )  # fmt: skip
    for number, (one, other) in enumerate([schools[:2], schools[1::-1]], 1):
        maker.add(
            "suspicion_evidence", year=year, county_code=county, test_id="twins", evidence_no=number, school_id=one,
            other_school_id=other, observed=31, n=34, expected=1.4, p_value=1e-9,
        )  # fmt: skip
