"""The five tables of a home, from its workbooks and rosters."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.oracle.cells import read_returns, read_roster
from tests.oracle.gaps import gap_coefficients
from tests.oracle.measures import measured
from tests.oracle.owed import owed_stages
from tests.oracle.rankings import county_rankings
from tests.oracle.scores import attainments, counted, scores
from tests.oracle.units import Quarantined, schools_of
from tests.oracle.values import indicator_values


def tables_of(home: Path, quarantined: Quarantined) -> dict[str, pd.DataFrame]:
    """By name: indicator_value, indicator_attainment, gap_coefficient, school_score, county_ranking."""
    returns = read_returns(home / "inbox")
    rosters = {int(path.stem): read_roster(path) for path in sorted((home / "roster").glob("*.csv"))}
    came = {year: {r.county for r in returns if r.year == year} for year in rosters}
    schools = [school for one in returns for school in schools_of(one, quarantined, rosters[one.year])]
    values = indicator_values(schools)
    rows = counted(schools, owed_stages(returns, rosters, quarantined))
    attained = attainments(rows, values)
    scored = scores(attained)
    gaps = gap_coefficients(rows, values, rosters, came)
    found = measured(rows, gaps, attained, scored, rosters)
    return {
        "indicator_value": values,
        "indicator_attainment": attained,
        "gap_coefficient": gaps,
        "school_score": scored,
        "county_ranking": county_rankings(found, rosters, came),
    }
