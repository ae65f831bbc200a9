"""What a rotation does to other counts of the same teachers, a second time, from the moves of the plan."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tests.oracle.moving import KEY
from tests.oracle.released import Tables, counted_values, cv_of, group_of
from tests.oracle.texts import STANDARDS, WHOLE_UNITS, at_least, at_most

Row = dict[str, Any]
SIDE_KEY = [*KEY, "other_indicator_id"]


def side_effects(release: Tables) -> pd.DataFrame:
    """Every row and column of rotation_side_effect."""
    values = group_of(counted_values(release), *KEY)
    teachers = {(s.year, s.school_id, s.stage): s.full_time_teachers for s in release["school_stage"].itertuples()}
    lacking = {
        (g.year, g.standard_id, g.area_code, g.stage, g.indicator_id): g.schools_missing
        for g in release["gap_coefficient"].query("area_level == 'county'").itertuples()
    }
    made = []
    for key, moves in group_of(release["rotation_move"], *KEY).items():
        standard = next(s for s in STANDARDS if s.id == key[1])
        for other in (i for i in standard.gaps if i in WHOLE_UNITS and i != key[4]):
            part = values[(*key[:4], other)].set_index("school_id")
            everyone = pd.Series({i: teachers[key[0], i, key[3]] for i in part.index}, dtype=float)
            level = {v.indicator: v for v in standard.levels}[other].by_stage[str(key[3])]
            row = dict(zip(KEY, key, strict=True)) | {
                "other_indicator_id": other,
                "cv_limit": (standard.cv_limits or {})[str(key[3])],
            }
            known = not lacking[(*key[:4], other)]
            made.append(row | _told(part, everyone, moves, level, row["cv_limit"], known))
    return pd.DataFrame(made)


def _told(part: pd.DataFrame, everyone: pd.Series, moves: pd.DataFrame, level: float, limit: float, known: bool) -> Row:
    """Three cases: none of those who move counts there, as their school's share, as many as there are."""
    has, pupils = part.numerator.astype(float), part.pupils.to_numpy(float)
    if not known:
        return dict.fromkeys(("cv_before", "cv_average", "cv_all", "schools_below_before", "schools_below_all")) | {
            "is_certain": False, "is_turned": False,
        }  # fmt: skip
    gone = moves.groupby("from_school_id").units.sum()
    on_average = {i: has[i] / everyone[i] for i in gone.index}
    as_many = {i: min(1.0, has[i] / gone[i]) for i in gone.index}
    average, most = (_after(has, moves, share) for share in (on_average, as_many))

    def below(units: pd.Series) -> int:
        return sum(not at_least(u / p * 100, level) for u, p in zip(units, pupils, strict=True))

    cvs = {
        name: cv_of(units.to_numpy() / pupils, pupils)
        for name, units in (("cv_before", has), ("cv_average", average), ("cv_all", most))
    }
    before = cvs["cv_before"]
    return cvs | {
        "schools_below_before": below(has),
        "schools_below_all": below(most),
        "is_certain": all(has[i] == everyone[i] for i in gone.index),
        "is_turned": before is not None and at_most(before, limit) and any(c is not None and not at_most(c, limit) for c in cvs.values()),
    }  # fmt: skip


def _after(has: pd.Series, moves: pd.DataFrame, share: dict[Any, float]) -> pd.Series:
    """What schools have once the share of those who leave a school counts there."""
    after = has.copy()
    for move in moves.itertuples():
        after[move.from_school_id] -= move.units * share[move.from_school_id]
        after[move.to_school_id] += move.units * share[move.from_school_id]
    return after
