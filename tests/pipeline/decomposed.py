"""Gaps taken apart by the SQL that ships, from schools that a test writes down; and the same in extended precision.

``Taken`` holds the working tables of three counties in two prefectures of one province, one stage, one indicator. The sums of
``textbook`` are written from the definitions (Σ f r ln r and so on) in long doubles, and share nothing with the SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from pipeline.schema import load_catalogue
from pipeline.schema.model import Catalogue, Division
from pipeline.schema.partition import Partition
from pipeline.tables import compute

LEVELS = {"990101": "9901", "990102": "9901", "990201": "9902"}
AREAS = {
    "0": set(LEVELS),
    "99": set(LEVELS),
    "9901": {"990101", "990102"},
    "9902": {"990201"},
    **{county: {county} for county in LEVELS},
}
"""Area → its counties."""
REST = "none"
GAPS = ("expected", "gap_school", "area_class", "least_gap", "gap_coefficient")
DECOMPOSITIONS = ("gap_decomposition_class", "gap_decomposition")

School = tuple[str, str | None, float, float | None]
"""County, class, pupils, value."""
Rows = list[dict[str, Any]]


def one_indicator(places: Sequence[tuple[str, str, str]] = ()) -> Catalogue:
    """The shipped catalogue with one standard, one gap indicator, one partition, and divisions (code, level, parent)."""
    shipped = load_catalogue()
    standard = shipped.standards[shipped.about.default_standard]
    assert standard.gap is not None
    gap = standard.gap.model_copy(update={"indicators": standard.gap.indicators[:1]})
    one = standard.model_copy(update={"gap": gap})
    ours = [("99", "province", ""), ("9901", "prefecture", "99"), ("9902", "prefecture", "99")]
    ours += [(county, "county", prefecture) for county, prefecture in LEVELS.items()]
    divisions = tuple(
        Division.model_validate({"code": c, "name_zh": c, "name_en": c, "level": lv, "parent_code": p})
        for c, lv, p in places or ours
    )
    label = {"zh": "类", "en": "class"}
    kind = Partition.model_validate(
        {"id": "kind", "label": label, "each": "group_id", "rest": {"id": REST, "label": label}, "grade": "I"}
    )
    return shipped.model_copy(update={"standards": {one.id: one}, "divisions": divisions, "partitions": {"kind": kind}})


@dataclass(frozen=True)
class Made:
    """Rows of the two tables of decompositions."""

    classes: Rows
    whole: Rows

    def of(self, area: str, divided_by: str) -> dict[str, Any]:
        """The one row of a gap and way to divide it."""
        (row,) = (r for r in self.whole if (r["area_code"], r["divided_by"]) == (area, divided_by))
        return row

    def classes_of(self, area: str, divided_by: str) -> dict[str, dict[str, Any]]:
        return {r["class_code"]: r for r in self.classes if (r["area_code"], r["divided_by"]) == (area, divided_by)}


class Taken:
    """A connection that takes gaps apart again and again."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        standard = next(iter(catalogue.standards.values()))
        assert standard.gap is not None
        self.standard, self.indicator = standard.id, standard.gap.indicators[0]
        self.stage = catalogue.judged_stages[0].id
        self.counties = sorted(d.code for d in catalogue.divisions if d.level == "county")
        self.sql = {name: compute.render(name, catalogue) for name in (*GAPS, "school_contribution")}
        self.sql |= {name: compute.render(f"after/{name}", catalogue) for name in DECOMPOSITIONS}
        self.db = compute.connect(catalogue)
        self.db.execute(
            "create table absent_scope (year bigint, standard_id varchar, school_id varchar, county_code varchar, "
            "stage varchar, pupils double, is_counted boolean)"
        )
        self.db.execute(
            "create table group_membership (year bigint, kind varchar, school_id varchar, group_id varchar, group_name varchar)"
        )
        place = pl.DataFrame(
            {"place_no": range(len(self.counties)), "year": 2025, "county_code": self.counties, "stage": self.stage}
        )
        self.db.register("place", place.to_arrow())
        self.db.register("came", place.to_arrow())
        self.db.register("expected_county", place.with_columns(is_expected=True).to_arrow())

    def __call__(self, schools: Sequence[School]) -> Made:
        """The gaps of these schools taken apart."""
        self._write(schools, None)
        return Made(*(self._make(name) for name in DECOMPOSITIONS))

    def contributions(self, schools: Sequence[School], level: float | None = None) -> Rows:
        """The schools' contributions, by county and place; ``level``: what the standard asks of every school."""
        self._write(schools, level)
        return sorted(self._make("school_contribution"), key=lambda r: (r["county_code"], r["place"]))

    def _make_only(self, name: str) -> None:
        self.db.execute(f"create or replace table {name} as {self.sql[name]}")

    def _make(self, name: str) -> Rows:
        self._make_only(name)
        return self.db.sql(f"select * from {name}").pl().filter(stage=self.stage).to_dicts()

    def _write(self, schools: Sequence[School], level: float | None) -> None:
        frame = pl.DataFrame(
            {
                "place_no": [self.counties.index(county) for county, *_ in schools],
                "county_code": [county for county, *_ in schools],
                "school_id": [f"{i:04d}" for i in range(len(schools))],
                "group_id": pl.Series([kind for _, kind, _, _ in schools], dtype=pl.String),
                "pupils": [float(pupils) for *_, pupils, _ in schools],
                f"x_{self.indicator}": pl.Series([value for *_, value in schools], dtype=pl.Float64),
            }
        ).with_columns(pl.lit(value=True).alias("is_counted_1"), pl.lit(None, pl.Float64).alias(f"u_{self.indicator}"))
        value = pl.col(f"x_{self.indicator}")
        rows = frame.with_columns(
            year=2025, stage=pl.lit(self.stage), indicator_id=pl.lit(self.indicator), standard_id=pl.lit(self.standard),
            denominator=pl.col("pupils") / 100, trace_id=pl.lit("t"), threshold=pl.lit(level, pl.Float64),
            is_met=value >= level if level is not None else pl.lit(None, pl.Boolean),
        )  # fmt: skip
        for name in ("unit", "indicator_value"):
            self.db.register(name, rows.to_arrow())
        self.db.register("indicator_wide", frame.to_arrow())
        self.db.register("indicator_attainment", rows.filter(pl.lit(level is not None)).to_arrow())
        for name in GAPS:
            self._make_only(name)


def textbook(parts: Mapping[str, Sequence[tuple[float, float]]]) -> dict[str, float | None]:
    """Totals and parts of CV², T and L of classes of (pupils, value), as the text books write them; L null with a zero."""
    columns = {name: np.array(rows, dtype=np.longdouble).T for name, rows in parts.items()}
    p, x = np.concatenate(list(columns.values()), axis=1)
    total, mean = p.sum(), (p * x).sum() / p.sum()
    if mean == 0:
        return {}
    found: dict[str, Any] = dict.fromkeys(("b", "w", "tb", "tw", "lb", "lw"), np.longdouble(0))
    for weight, value in columns.values():
        own = (weight * value).sum() / weight.sum()
        f, r = weight.sum() / total, own / mean
        found["b"] += f * (r - 1) ** 2
        found["w"] += f * (weight * (value - own) ** 2).sum() / weight.sum() / mean**2
        found["tb"] += f * _product(r)
        found["tw"] += f * r * (weight * _products(value / own)).sum() / weight.sum() if own else 0
        found["lb"] = found["lb"] - f * np.log(r) if found["lb"] is not None and r else None
        has_zero = found["lw"] is None or (value <= 0).any()
        found["lw"] = None if has_zero else found["lw"] - f * (weight * np.log(value / own)).sum() / weight.sum()
    found["cv2"] = (p * (x - mean) ** 2).sum() / total / mean**2
    found["t"] = (p * _products(x / mean)).sum() / total
    found["l"] = None if (x <= 0).any() else -(p * np.log(x / mean)).sum() / total
    return found


def _product(r: np.longdouble) -> np.longdouble:
    return r * np.log(r) if r > 0 else np.longdouble(0)


def _products(r: Any) -> Any:
    return np.where(r > 0, r * np.log(np.where(r > 0, r, 1)), 0)
