"""Social recognition by the register of surveys: totals of county, parties and schools, and the verdict that follows from them.

Here: the rows of ``county_survey`` and what the test of kind ``survey`` comes to. Not here: how entries are added up
(``survey_counts``), and the rate that the return itself reports (``ratios``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl

from pipeline.schema.comparison import at_least, tolerance
from pipeline.schema.county import CountyItem, Ratio, Survey
from pipeline.schema.entry import Label
from pipeline.schema.model import Catalogue, Standard
from pipeline.schema.verdict_limits import VerdictLimits
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import polars_schema
from pipeline.verdicts import words
from pipeline.verdicts.ground import Ground, judged_standards
from pipeline.verdicts.ratios import design_effect, ratio, wilson
from pipeline.verdicts.result import MET, NO_DATA, UNMET, shaped
from pipeline.verdicts.survey_counts import Asked, Count, asked_of, share

TABLE = "county_survey"
BOTH = "both"
"""Every way of asking together."""
COUNTY, PARTY, SCHOOL = "county", "party", "school"
OUTSIDE = ""
Row = dict[str, Any]


def surveys_of(catalogue: Catalogue) -> Iterator[tuple[Standard, CountyItem, Survey]]:
    """The surveys of all standards, one a standard at most."""
    for standard in judged_standards(catalogue):
        for item in standard.county_items:
            yield from ((standard, item, test) for test in item.tests if isinstance(test, Survey))


def deciding_way(catalogue: Catalogue) -> str:
    """The way of asking on which the verdict rests."""
    return VerdictLimits.of(catalogue).survey_way


def county_surveys(ground: Ground, home: Home) -> pl.DataFrame:
    """Rows of the table ``county_survey``. Raises HomeError for a register that cannot be used."""
    rows: list[Row] = []
    for standard, item, survey in surveys_of(ground.catalogue):
        beside = _Beside.of(ground, standard, item, survey)
        entries = asked_of(home, survey)
        for (year, county), own in groupby(entries, key=lambda a: (a.year, a.county)):
            key = {"year": year, "standard_id": standard.id, "county_code": county}
            rows += [key | row for row in _OfCounty(beside, year, county, list(own)).rows()]
    return pl.DataFrame(rows, schema=polars_schema(TABLE), orient="row")


@dataclass(frozen=True)
class _Beside:
    """What stands beside the register: residents and the rate reported (value, state) by county, names of schools, settings."""

    survey: Survey
    way: str
    within: float
    design_effect: float
    residents: Mapping[tuple[int, str], float | None]
    reported: Mapping[tuple[int, str], tuple[float | None, str]]
    names: Mapping[tuple[int, str], str]

    @classmethod
    def of(cls, ground: Ground, standard: Standard, item: CountyItem, survey: Survey) -> _Beside:
        stood_for = next(t for t in item.tests if isinstance(t, Ratio) and t.id == survey.stands_for)
        cells = ground.read(f"select year, county_code, {survey.residents} as residents from county_cells")
        told = ratio(ground, standard, stood_for).select("year", "county_code", "value", "state")
        schools = ground.read(
            "select year, school_id, school_name from of_school union select year, school_id, school_name from of_unit order by all"
        )
        return cls(
            survey, deciding_way(ground.catalogue), tolerance(ground.catalogue), design_effect(ground),
            {(y, c): r for y, c, r in cells.iter_rows()}, {(y, c): (v, s) for y, c, v, s in told.iter_rows()},
            {(y, s): n for y, s, n in schools.iter_rows()},
        )  # fmt: skip

    def verdict(self, count: Count) -> str:
        """Met or unmet only where no blank could turn it."""
        if count.lowest is None or count.highest is None:
            return NO_DATA
        if at_least(count.lowest, self.survey.limit, self.within):
            return MET
        return NO_DATA if at_least(count.highest, self.survey.limit, self.within) else UNMET

    def reaches(self, value: float | None, wanted: float | None) -> bool | None:
        return None if value is None or wanted is None else bool(at_least(value, wanted, self.within))


@dataclass(frozen=True)
class _OfCounty:
    """The survey of one county in a year."""

    beside: _Beside
    year: int
    county: str
    entries: Sequence[Asked]

    def unasked(self) -> list[str]:
        """Parties that had to be asked and were not, in any way."""
        asked = {e.party for e in self.entries if e.valid != 0}
        return [party.id for party in self.beside.survey.parties if party.is_required and party.id not in asked]

    def rows(self) -> Iterator[Row]:
        ways = [way.id for way in self.beside.survey.ways]
        for way in ways:
            own = [e for e in self.entries if e.way == way]
            yield self._whole(way, own)
            yield from self._by_party(way, own)
            for school in sorted({e.school for e in own}):
                count = Count.of([e for e in own if e.school == school])
                name = self.beside.names.get((self.year, school), school)
                label = words.plain(name) if school != OUTSIDE else words.say("survey.outside")
                yield self._row(way, SCHOOL, "", school, label, count)
        yield self._whole(BOTH, self.entries)

    def _by_party(self, way: str, own: Sequence[Asked]) -> Iterator[Row]:
        survey, unasked = self.beside.survey, self.unasked()
        shown_in = survey.ways[0].id if self.beside.way == BOTH else self.beside.way
        whole = Count.of(own)
        for party in survey.parties:
            there = [e for e in own if e.party == party.id]
            is_unasked = party.id in unasked and way == shown_in
            if not there and not is_unasked:
                continue
            count = Count.of(there, int(is_unasked))
            part = share(count.sent, whole.sent)
            is_asked_of = party.id == survey.share_of and self.beside.way in (way, BOTH)
            wanted = survey.share_from_pct if is_asked_of else None
            yield self._row(way, PARTY, party.id, "", party.label, count) | {
                "parties_missing": int(is_unasked), "sent_share": part, "sent_share_wanted": wanted,
                "is_share_enough": self.beside.reaches(part, wanted),
            }  # fmt: skip

    def _whole(self, way: str, own: Sequence[Asked]) -> Row:
        is_deciding, unasked = way == self.beside.way, self.unasked()
        count = Count.of(own, len(unasked) if is_deciding else 0)
        row = self._row(way, COUNTY, "", "", words.say("survey.whole"), count) | {"is_deciding": is_deciding}
        sample = share(count.sent, self.beside.residents.get((self.year, self.county)))
        row["per_1000_residents"] = None if sample is None else 10 * sample
        if not is_deciding:
            return row
        reported, state = self.beside.reported.get((self.year, self.county), (None, NO_DATA))
        known = {state, row["verdict"]} <= {MET, UNMET}
        wanted = self.beside.survey.per_1000_from
        return row | {
            "parties_missing": len(unasked), "per_1000_wanted": wanted,
            "is_sample_enough": self.beside.reaches(row["per_1000_residents"], wanted), "reported": reported,
            "differs": state != row["verdict"] if known else None,
        }  # fmt: skip

    def _row(self, way: str, level: str, party: str, school: str, label: Label, count: Count) -> Row:
        low, high = wilson(count.satisfied, count.valid, self.beside.design_effect) if count.rate is not None else (None, None)  # fmt: skip
        return {
            "way": way, "level": level, "party": party, "school_id": school, "label_zh": label.zh, "label_en": label.en,
            "is_deciding": False, "state": "ok" if count.rate is not None else NO_DATA, "sent": count.sent, "valid": count.valid,
            "satisfied": count.satisfied, "rate": count.rate, "interval_low": low, "interval_high": high,
            "rate_lowest": count.lowest, "rate_highest": count.highest, "limit": self.beside.survey.limit,
            "verdict": self.beside.verdict(count), "entries": count.entries, "entries_missing": count.blank,
        }  # fmt: skip


# -- the test ----------------------------------------------------------------------------------------------------------


def surveyed(ground: Ground, standard: Standard, test: Survey, surveys: pl.DataFrame) -> pl.DataFrame:
    """A result a judged county that keeps the register: the interval where the rate is known, else how far the blanks reach."""
    own = surveys.filter(pl.col("standard_id") == standard.id)
    decided = own.filter("is_deciding")
    judged = ground.read("select distinct year, county_code from owed")
    ways = [way.id for way in test.ways] if deciding_way(ground.catalogue) == BOTH else [deciding_way(ground.catalogue)]
    places = {party.id: n for n, party in enumerate(test.parties)}
    blank = own.filter(
        (pl.col("level") == PARTY) & pl.col("way").is_in(ways) & ((pl.col("entries_missing") > 0) | (pl.col("parties_missing") > 0))
    ).with_columns(place=pl.col("party").replace_strict(places, default=0, return_dtype=pl.Int64))  # fmt: skip
    lacking = blank.sort("place").group_by("year", "county_code", maintain_order=True).agg(pl.col("party").unique(maintain_order=True).alias("lacking"))  # fmt: skip
    joined = decided.join(judged, ["year", "county_code"]).join(lacking, ["year", "county_code"], how="left")
    known = pl.col("rate").is_not_null()
    return shaped(
        joined.sort("year", "county_code").with_columns(
            pl.col("verdict").alias("state"), pl.col("verdict").alias("state_relaxed"), pl.lit(test.id).alias("test_id"),
            pl.lit("").alias("stage"), pl.col("rate").alias("value"), pl.col("limit").alias("bound"),
            pl.when(known).then("satisfied").alias("numerator"), pl.when(known).then("valid").alias("denominator"),
            pl.when(known).then("interval_low").otherwise("rate_lowest").alias("low"),
            pl.when(known).then("interval_high").otherwise("rate_highest").alias("high"),
            pl.col("way").alias("why"),
        )
    )  # fmt: skip


def standing_aside(tests: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Rows of tests in which the rate reported no longer decides where the register does."""
    for standard, item, survey in surveys_of(catalogue):
        own = (pl.col("standard_id") == standard.id) & (pl.col("item_id") == item.id)
        kept = tests.filter(own & (pl.col("test_id") == survey.id)).select("year", "county_code", is_kept=pl.lit(True))
        gone = own & (pl.col("test_id") == survey.stands_for) & pl.col("is_kept").fill_null(False)
        joined = tests.join(kept, ["year", "county_code"], how="left", maintain_order="left")
        tests = joined.with_columns(counts=pl.col("counts") & ~gone).drop("is_kept")
    return tests
