"""References of ``peers.yaml`` and ``settlement.yaml``: names that stand for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from pipeline.schema.fault import Fault, of_expression, unknown
from pipeline.schema.model import Catalogue

NUMBERS = ("integer", "number")


def peer_faults(catalogue: Catalogue, school_columns: set[str]) -> Iterator[Fault]:
    """Faults of the features. ``school_columns``: what ``school_stage`` holds; a whole school has no stage."""
    if catalogue.peers is None:
        return
    cells = {f.id for f in catalogue.cells_of("county") if f.type in NUMBERS}
    for i, total in enumerate(catalogue.peers.sums):
        for key in ("sum", "where"):
            path = ("sums", i, key)
            yield from of_expression("peers", "peers", path, getattr(total, key), school_columns - {"stage"})
        if total.id in cells:
            zh, en = "与县级填报项重名", "is the name of a cell of the county"
            yield Fault("peers", "peers", ("sums", i, "id"), f"“{total.id}”{zh}", f"“{total.id}” {en}")
    known = cells | {total.id for total in catalogue.peers.sums}
    for i, feature in enumerate(catalogue.peers.features):
        yield from of_expression("peers", "peers", ("features", i, "expression"), feature.expression, known)
    for part in ("sums", "features"):
        yield from _twice(part, [entry.id for entry in getattr(catalogue.peers, part)])


def _twice(part: str, names: list[str]) -> Iterator[Fault]:
    for i, name in enumerate(names):
        if name in names[:i]:
            yield Fault("peers", "peers", (part, i, "id"), f"“{name}”出现两次", f"“{name}” stands twice")


def settlement_faults(catalogue: Catalogue, school_columns: set[str]) -> Iterator[Fault]:
    """Faults of the classes of places."""
    settlement = catalogue.settlement
    if settlement is None:
        return
    whens = ((("classes", i, "when"), c.when) for i, c in enumerate(settlement.classes))
    wholes = (((key,), getattr(settlement, key)) for key in ("school_classes", "known_classes", "within_limit"))
    for path, expression in chain(whens, wholes):
        yield from of_expression("settlement", "settlement", path, expression, school_columns)
    over = settlement.over_size
    if over is None:
        return
    path = ("over_size", "standard")
    if over.standard not in catalogue.standards:
        yield unknown("settlement", "settlement", path, over.standard, catalogue.standards)
        return
    asked = {item.indicator for item in catalogue.standards[over.standard].items}
    if over.indicator not in asked:
        yield unknown("settlement", "settlement", ("over_size", "indicator"), over.indicator, asked)
