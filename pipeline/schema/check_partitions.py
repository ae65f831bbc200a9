"""Ways to divide schools: their conditions read what describes a school, and no name stands for two things."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pipeline.schema.fault import Fault, of_expression
from pipeline.schema.model import Catalogue

LEVELS = ("nation", "province", "prefecture", "county")
"""Areas divide gaps too, under the name of their level."""


def partition_faults(catalogue: Catalogue, columns: Collection[str]) -> Iterator[Fault]:
    """Every fault of the partitions. ``columns``: what describes a school."""
    for partition in catalogue.partitions.values():
        if partition.id in LEVELS:
            zh, en = "与区划层级重名", "is the name of a level of divisions"
            yield Fault("partitions", partition.id, ("id",), zh, en)
        yield from of_expression("partitions", partition.id, ("each",), partition.each, columns)
        known = {partition.rest.id}
        for i, one in enumerate(partition.classes):
            yield from of_expression("partitions", partition.id, ("classes", i, "when"), one.when, columns)
            if one.id in known:
                zh, en = f"类别“{one.id}”重复", f"the class “{one.id}” stands twice"
                yield Fault("partitions", partition.id, ("classes", i, "id"), zh, en)
            known.add(one.id)
