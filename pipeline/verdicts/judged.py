"""Every test of every county item, judged in every county and year, without and with relaxations, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from pipeline.schema.county import Composite, CountyItem, CountyTest, Every, Gaps, Ratio, Schools, Survey, YesNo
from pipeline.schema.entry import Label
from pipeline.schema.model import Catalogue, Standard
from pipeline.tables.catalogue_tables import both, clause_of, polars_schema
from pipeline.verdicts import words
from pipeline.verdicts.every import asked, every
from pipeline.verdicts.ground import Ground, judged_standards
from pipeline.verdicts.ratios import ratio, yes_no
from pipeline.verdicts.relaxed import put_in_force
from pipeline.verdicts.standing import composite, gaps, schools
from pipeline.verdicts.surveys import standing_aside, surveyed

TABLE = "county_item_test"
PERCENT = Label(zh="%", en="%")


def county_tests(ground: Ground, relaxations: pl.DataFrame, surveys: pl.DataFrame) -> pl.DataFrame:
    """Rows of the table ``county_item_test``. ``relaxations``: the table ``relaxation``; ``surveys``: the table ``county_survey``."""
    put_in_force(ground, relaxations)
    known = Named.of(relaxations)
    parts = [
        _worded(ground.catalogue, standard, item, test, _result(ground, standard, item, test, surveys), known)
        for standard, item, test in every_test(ground.catalogue)
    ]
    return standing_aside(pl.concat(parts), ground.catalogue) if parts else pl.DataFrame(schema=polars_schema(TABLE))


def every_test(catalogue: Catalogue) -> Iterator[tuple[Standard, CountyItem, CountyTest]]:
    """The tests of all standards, in the order of the catalogue."""
    for standard in judged_standards(catalogue):
        for item in standard.county_items:
            for test in item.tests:
                yield standard, item, test


def _result(
    ground: Ground, standard: Standard, item: CountyItem, test: CountyTest, surveys: pl.DataFrame
) -> pl.DataFrame:
    """What a test comes to: one row a county (and stage, and indicator), in a fixed order."""
    if isinstance(test, Survey):
        return surveyed(ground, standard, test, surveys)
    if isinstance(test, Ratio):
        return ratio(ground, standard, test)
    if isinstance(test, Every):
        return every(ground, asked(standard, item.id, test))
    if isinstance(test, YesNo):
        return yes_no(ground, item, test)
    if isinstance(test, Gaps):
        return gaps(ground, standard, test)
    return composite(ground, standard, test) if isinstance(test, Composite) else schools(ground, standard, test)


class Named:
    """What relaxations in force are called and when the last of them in a county expires."""

    def __init__(self, labels: Mapping[str, Label], expires: Mapping[tuple[int, str, str], str]) -> None:
        self.labels, self.expires = labels, expires

    @classmethod
    def of(cls, relaxations: pl.DataFrame) -> Named:
        held = relaxations.filter(pl.col("state") == "in_force")
        labels = {
            i: Label(zh=zh, en=en)
            for i, zh, en in held.select("relaxation_id", "label_zh", "label_en").unique().iter_rows()
        }
        key = ["year", "county_code", "relaxation_id"]
        last = held.filter("is_needed").group_by(key).agg(pl.col("expires").max())
        return cls(labels, {(y, c, r): e for y, c, r, e in last.iter_rows()})

    def told(self, row: Mapping[str, Any]) -> Label | None:
        """By which relaxations schools are taken as meeting a test; None where by none."""
        if not row["relaxed"]:
            return None
        named = [
            words.say("relaxed.one", label=self.labels[r], expires=self.expires.get((row["year"], row["county_code"], r), "—"))
            for r in row["relaxed_by"]
        ]  # fmt: skip
        return words.say("relaxed", n=row["relaxed"], named=words.joined(named, "、", ", "))


def _worded(
    catalogue: Catalogue, standard: Standard, item: CountyItem, test: CountyTest, rows: pl.DataFrame, known: Named
) -> pl.DataFrame:
    """The rows of a test as the public table has them."""
    of_schools = isinstance(test, Every | Schools)
    unit = PERCENT if of_schools else test.unit
    direction = (
        test.direction
        if isinstance(test, Ratio | Survey)
        else "="
        if isinstance(test, YesNo)
        else ">="
        if of_schools
        else "<="
    )
    source = test.source or item.source
    told = [(words.reason(catalogue, test, row), known.told(row)) for row in rows.iter_rows(named=True)]
    labels = [words.label_of(catalogue, test, i) for i in rows["test_id"]]
    made = rows.with_columns(
        pl.lit(standard.id).alias("standard_id"), pl.lit(item.id).alias("item_id"), pl.lit(test.kind).alias("kind"),
        pl.lit(test.counts).alias("counts"), pl.col("bound").alias("limit"), pl.lit(direction).alias("direction"),
        pl.lit(both(unit), pl.String).alias("unit"), pl.col("low").alias("value_low"), pl.col("high").alias("value_high"),
        pl.col("units").alias("schools"), pl.col("unmet").alias("schools_unmet"), pl.col("unknown").alias("schools_unknown"),
        pl.col("missing").alias("schools_missing"), pl.col("relaxed").alias("schools_relaxed"),
        pl.Series("label_zh", [label.zh for label in labels], pl.String), pl.Series("label_en", [label.en for label in labels], pl.String),
        pl.Series("reason_zh", [r.zh for r, _ in told], pl.String), pl.Series("reason_en", [r.en for r, _ in told], pl.String),
        pl.Series("relaxed_zh", [x and x.zh for _, x in told], pl.String), pl.Series("relaxed_en", [x and x.en for _, x in told], pl.String),
        pl.lit(clause_of(source, item.source), pl.String).alias("clause"), pl.lit(source.grade).alias("grade"),
    )  # fmt: skip
    return made.select(pl.col(c).cast(t) for c, t in polars_schema(TABLE).items())
