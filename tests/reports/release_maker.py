"""A small release database made by hand: schools with known values, gaps by the independent formula of ``oracles``.

Values follow no chance: school i of indicator j has ``level × share(i, j)``. Names and places are invented.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.release.database import build_database
from pipeline.schema.model import Catalogue, Division, Standard
from pipeline.tables import catalogue_tables
from pipeline.tables.registry import public_tables
from tests.oracles import weighted_cv
from tests.reports.judged_maker import add_judgements

TYPES = {"varchar": pl.String(), "bigint": pl.Int64(), "double": pl.Float64(), "boolean": pl.Boolean()}
Share = Callable[[int, int], float]


def even(i: int, j: int) -> float:
    """Values near the level: every gap is small."""
    return 1.1 + 0.1 * ((3 * i + j) % 4)


def uneven(i: int, j: int) -> float:
    """Two indicators whose values run from a fifth of the level to four times; the others near it."""
    return 0.2 + 3.8 * ((i * 7 + j) % 10) / 9 if j < 2 else 0.8 + 0.1 * ((3 * i + j) % 5)


def spread(i: int, j: int) -> float:
    """Values from a half to twice the level, no two alike."""
    return 0.5 + 1.5 * ((i * 0.6180339887 + j * 0.137) % 1)


@dataclass
class Place:
    """A county's stage: its schools and what is special about it. ``missing``: (school, indicator) numbers without value."""

    county: str
    stage: str
    schools: int
    share: Share = even
    missing: Sequence[tuple[int, int]] = ()
    left_out: int = 0
    split: Sequence[int] = ()
    lost: int = 0
    names: Mapping[int, str] = field(default_factory=dict)
    least: Mapping[int, float] = field(default_factory=dict)
    """By the number of an indicator: the least coefficient that whole units allow."""

    def pupils(self, i: int) -> float:
        return float(120 + 97 * (i * 5 % 11))


@dataclass
class Maker:
    """Collects rows of the public tables and writes them as a release."""

    catalogue: Catalogue
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    @property
    def standards(self) -> list[Standard]:
        return [s for s in self.catalogue.standards.values() if s.gap is not None]

    def year(self, year: int, places: Sequence[Place], scale: float = 1.0) -> Maker:
        """Adds a year; counties of the catalogue without a place sent nothing. ``scale`` widens the values."""
        known = {(p.county, p.stage): p for p in places}
        come = {p.county for p in places}
        for division in self.catalogue.divisions:
            for stage in self.catalogue.judged_stages if division.level == "county" else ():
                place = known.get((division.code, stage.id), Place(division.code, stage.id, 0))
                self._schools(year, place, scale)
                for standard in self.standards:
                    self._gaps(year, place, standard, division.code in come)
        return self

    def _schools(self, year: int, place: Place, scale: float) -> None:
        names = list(self.catalogue.indicators)
        shared = {f.id: 100.0 for f in self.catalogue.fields_of("split") if not f.is_derived}
        for i in range(place.schools + place.left_out):
            key = {"year": year, "school_id": f"{place.county}{place.stage[0]}{i:04d}"}
            pupils, is_counted = place.pupils(i), i < place.schools
            name = place.names.get(i, f"第{i + 1}学校")
            self.add("school", **key, county_code=place.county, name=name, school_type="211", is_merged=False)
            self.add("school_total", **key, county_code=place.county, pupils=pupils, **shared)
            part = {name: value * (0.4 if i in place.split else 1.0) for name, value in shared.items()}
            self.add(
                "school_stage", **key, stage=place.stage, county_code=place.county, pupils=pupils, campuses=1, **part
            )
            for standard in self.catalogue.standards.values():
                out = None if is_counted or not standard.scope else standard.scope[0]
                self.add(
                    "school_scope", **key, stage=place.stage, standard_id=standard.id, is_counted=out is None,
                    rule_id=out.id if out else None, reason_zh=out.reason.zh if out else None,
                    reason_en=out.reason.en if out else None,
                )  # fmt: skip
            for j, indicator in enumerate(names):
                value = (
                    None
                    if (i, j) in place.missing
                    else self.level(indicator, place.stage) * (1 + scale * (place.share(i, j) - 1))
                )
                self.add(
                    "indicator_value", **key, stage=place.stage, indicator_id=indicator, county_code=place.county, pupils=pupils,
                    value=value, state="missing" if value is None else "ok",
                    trace_id=f"{place.county}.{place.stage}.{indicator}.{year}.{key['school_id']}",
                )  # fmt: skip

    def level(self, indicator: str, stage: str) -> float:
        """The level of the first standard that sets one; 10 where none does."""
        for standard in self.catalogue.standards.values():
            for item in standard.items:
                for threshold in item.thresholds:
                    if item.indicator == indicator and threshold.stage in (stage, "*"):
                        return threshold.value
        return 10.0

    def _gaps(self, year: int, place: Place, standard: Standard, has_come: bool) -> None:
        assert standard.gap is not None
        counted = {f"{place.county}{place.stage[0]}{i:04d}" for i in range(place.schools)}
        for indicator in standard.gap.indicators:
            rows = [
                r
                for r in self.rows.get("indicator_value", [])
                if r["year"] == year
                and r["school_id"] in counted
                and r["stage"] == place.stage
                and r["indicator_id"] == indicator
            ]
            known = [r for r in rows if r["value"] is not None]
            gap = weighted_cv([r["value"] for r in known], [r["pupils"] for r in known]) if known else None
            missing = len(rows) - len(known) + place.lost
            limit = standard.gap.limits.get(place.stage)
            state = (
                "incomplete"
                if not has_come
                else "no_schools"
                if not rows
                else "single_school"
                if len(rows) == 1
                else "ok"
            )
            is_met = gap.cv <= limit if gap and limit is not None and state == "ok" and not missing else None
            turn = 0.03 if missing else 0.0
            low = min(gap.cv, limit or gap.cv) - turn if gap and missing else gap.cv if gap else None
            high = max(gap.cv, limit or gap.cv) + turn if gap and missing else gap.cv if gap else None
            self.add(
                "gap_coefficient", year=year, standard_id=standard.id, area_level="county", area_code=place.county, stage=place.stage,
                indicator_id=indicator, schools=len(known), pupils=gap.weight if gap else 0.0, schools_missing=missing,
                pupils_missing=sum(r["pupils"] for r in rows if r["value"] is None), counties_expected=1, counties_came=int(has_come),
                mean=gap.mean if gap else None, sd=gap.sd if gap else None, cv=gap.cv if gap else None, cv_limit=limit,
                cv_low=low, cv_high=high, cv_least=place.least.get(list(self.catalogue.indicators).index(indicator)),
                is_met=None if is_met is None else bool(is_met), state=state,
                trace_id=f"{place.county}.{place.stage}.{indicator}.{year}.{standard.id}",
            )  # fmt: skip

    def submission(self, year: int, county: str, *, status: str = "accepted") -> None:
        """A file of one part, read without loss."""
        layout = next(iter(self.catalogue.layouts.values()))
        name = f"{county}-{layout.sheets[0].part}.csv"
        key = {"submission_id": f"s{year}{county}{status}", "year": year, "layout_id": layout.id}
        self.add(
            "submission", **key, sha256="ab" * 32, file_name=name, inbox_path=f"{year}/{name}", received_seq=1,
            received_at="2025-10-01T00:00:00+00:00", size_bytes=1, status=status,
        )  # fmt: skip
        if status == "accepted":
            counts = dict.fromkeys(("rows_quarantined", "rows_filtered", "rows_not_data"), 0)
            self.add(
                "submission_part",
                **key,
                part=layout.sheets[0].part,
                county_code=county,
                status=status,
                rows_read=9,
                rows_accepted=9,
                **counts,
            )

    def finding(self, year: int, county: str, number: int, severity: str, **more: Any) -> None:
        layout = next(iter(self.catalogue.layouts.values()))
        self.add(
            "finding", finding_id=f"f{year}{county}{number}", submission_id=f"s{year}{county}accepted", part=layout.sheets[0].part,
            rule_id="a_rule", severity=severity, year=year, county_code=county, row=number + 2, cell=f"B{number + 2}", found="12万",
            expected="数字 / a number", message_zh="应为数字", message_en="must be a number", mend_zh="改为数字", mend_en="type digits",
            **more,
        )  # fmt: skip

    def write(self, folder: Path) -> Path:
        """The release database, by the product's own builder of databases."""
        if "county_ranking" not in self.rows:
            add_judgements(self)
        tables = folder / "tables"
        tables.mkdir(parents=True)
        info = {
            "release_id": "2025.1",
            "built_at": "2025-11-01T00:00:00+00:00",
            "catalogue_id": self.catalogue.about.id,
        }
        self.rows["release_info"] = [info | {"catalogue_version": self.catalogue.about.version, "code_version": "0"}]
        for name, table in public_tables().items():
            schema = {column.name: TYPES[column.type] for column in table.columns(self.catalogue)}
            made = catalogue_tables.PUBLIC.get(name)
            frame = made(self.catalogue) if made else pl.DataFrame(self._unique(name, table.key), schema=schema)
            frame.write_parquet(tables / f"{name}.parquet")
        build_database(tables, self.catalogue, folder / "junheng.duckdb")
        return folder / "junheng.duckdb"

    def _unique(self, name: str, key: Sequence[str]) -> list[dict[str, Any]]:
        return list({tuple(row.get(k) for k in key): row for row in self.rows.get(name, [])}.values())


def with_counties(catalogue: Catalogue, codes: Sequence[str]) -> Catalogue:
    """The catalogue with only these counties and what they lie in."""
    by_code = {d.code: d for d in catalogue.divisions}
    kept: dict[str, Division] = {}
    for code in codes:
        here = by_code.get(code)
        while here is not None:
            kept[here.code] = here
            here = by_code.get(here.parent_code)
    return catalogue.model_copy(update={"divisions": tuple(kept[c] for c in sorted(kept))})
