"""Small errors that any return may hold: of which kind a cell's is (by type and unit, as the catalogue says), and draws of them.

Three kinds. A number of *pupils* (the unit of a stage's pupils) is off by up to 1 %; another *count* (type integer) is off by one,
either way alike, with probability 2 %; an *amount* (type number: areas, money, full-time equivalents) is off by up to 2 %. Every
error up to the bound is as likely as any other. Whole numbers stay whole, nothing falls below 0, a true 0 of a relative kind and
what is missing stay as they are. Texts, codes, truth values and what describes a unit (its year of building) hold none.

Every cell of a kind of row has a stream of its own, named by seed, year, county and field: draws depend neither on other counties
nor on the order of anything, and a new field disturbs none.
"""

from __future__ import annotations

import hashlib
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.schema.certainty_limits import Certainty
from pipeline.schema.model import Catalogue, FieldDef

Numbers = NDArray[np.float64]
Kind = Literal["pupils", "count", "amount"]


def kind_of(field: FieldDef, catalogue: Catalogue) -> Kind | None:
    """The kind of error that a cell may hold, None for none."""
    if field.is_derived or field.scope in ("identity", "county") or field.type not in ("integer", "number"):
        return None
    heads = {stage.pupils_field for stage in catalogue.stages.values()}
    units = {catalogue.fields[name].unit for name in heads if name in catalogue.fields} - {None}
    if field.id in heads or field.unit in units:
        return "pupils"
    return "count" if field.type == "integer" else "amount"


def stream(*names: object) -> np.random.Generator:
    """Random numbers that depend on these names alone."""
    digest = hashlib.sha256("\x1f".join(map(str, names)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def with_errors(
    x: Numbers, field: FieldDef, kind: Kind | None, asked: Certainty, *, draws: int, names: tuple[object, ...]
) -> Numbers:
    """Draws (rows) of a column of cells with errors, the first of them as it was returned; a single row where nothing can move.

    ``names``: what the stream is named by besides the seed and the field.
    """
    bound = {"pupils": asked.pupils_pct, "count": asked.count_chance_pct, "amount": asked.amount_pct}.get(
        kind or "", 0.0
    )
    if bound <= 0 or not draws or not _can_move(x, field, kind, bound / 100):
        return x[None, :]
    chance = stream(asked.seed, *names, field.id).random((draws, len(x)))
    if kind == "count":
        half = bound / 200
        moved = x + (chance >= 1 - half).astype(float) - (chance < half).astype(float)
    else:
        moved = x * (1 + bound / 100 * (2 * chance - 1))
        moved = np.floor(moved + 0.5) if field.type == "integer" else moved
    return np.concatenate([x[None, :], np.maximum(moved, 0.0)])


def _can_move(x: Numbers, field: FieldDef, kind: Kind | None, share: float) -> bool:
    """Whole numbers so small that their error is rounded away need no draws (the pupils of a class)."""
    known = np.abs(x[~np.isnan(x)])
    if not known.size:
        return False
    return kind == "count" or field.type != "integer" or bool(known.max() * share >= 0.5 - 1e-9)
