"""A broken reference of a catalogue, before the loader adds file and line."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pipeline.schema.expressions import ExpressionError, columns_of

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Fault:
    """One broken reference: section of the catalogue, entry, path inside the entry, and the sentence."""

    section: str
    entry: str
    path: Path
    zh: str
    en: str


def unknown(section: str, entry: str, path: Path, name: str, known: Collection[str]) -> Fault:
    """A name that stands for nothing, with the nearest name that does."""
    near = difflib.get_close_matches(name, known, n=1)
    zh = f"，是否指“{near[0]}”" if near else ""
    en = f"; did you mean “{near[0]}”?" if near else ""
    return Fault(section, entry, path, f"没有“{name}”{zh}", f"there is no “{name}”{en}")


def of_expression(
    section: str, entry: str, path: Path, expression: str | None, known: Collection[str] | None
) -> Iterator[Fault]:
    """Faults of an expression: outside the dialect, or reading a name that is not ``known`` (None: names are not checked)."""
    if expression is None:
        return
    try:
        names = columns_of(expression)
    except ExpressionError as error:
        yield Fault(section, entry, path, error.zh, error.en)
        return
    for name in names:
        if known is not None and name not in known:
            yield unknown(section, entry, path, name, known)
