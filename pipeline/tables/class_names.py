"""Working tables of the catalogue that say into which classes areas fall apart, and what the classes are called."""

from __future__ import annotations

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.schema.partition import NamedClass


def school_partition(catalogue: Catalogue) -> pl.DataFrame:
    """Working table: one row a way to divide schools; ``members``: the kind of group whose members make its classes."""
    rows = [(p.id, p.members) for p in catalogue.partitions.values()]
    return pl.DataFrame(rows, schema={"divided_by": pl.String, "members": pl.String}, orient="row")


_NO_AREA = {
    "province": ("不属于任何省级区划", "in no province"),
    "prefecture": ("不属于任何地级区划", "in no prefecture"),
    "county": ("不属于任何县级区划", "in no county"),
}
"""Names of the class of the counties that lie in no area of a level."""


def name_of_class(catalogue: Catalogue) -> pl.DataFrame:
    """Working table: one row a way to divide, class that has a name, and span of years: areas of the level, and classes of
    schools by condition; classes that are groups or the values of a column have none here."""
    rows: list[tuple[str, str, int, int, str, str]] = [
        (d.level, d.code, d.valid_from, d.valid_to, d.name_zh, d.name_en) for d in catalogue.divisions
    ]
    rows += [(level, "none", 0, 9999, zh, en) for level, (zh, en) in _NO_AREA.items()]
    for partition in catalogue.partitions.values():
        named: tuple[NamedClass, ...] = (*partition.classes, partition.rest)
        rows += [(partition.id, one.id, 0, 9999, one.label.zh, one.label.en) for one in named]
    names = ["divided_by", "class_code", "valid_from", "valid_to", "name_zh", "name_en"]
    schema = {name: pl.Int64 if name.startswith("valid") else pl.String for name in names}
    return pl.DataFrame(rows, schema=schema, orient="row")
