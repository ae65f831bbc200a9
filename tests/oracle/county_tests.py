"""Kinds of tests that a county's items come to: what each needs to be judged. Nothing is judged here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.campuses import Number

Cells = Mapping[str, Any]
Truth = bool | None


@dataclass(frozen=True)
class Ratio:
    """A number of the county, or one over another, against a limit. ``sums`` are totals over its campuses."""

    id: str
    top: Callable[[Cells], Number]
    bottom: Callable[[Cells], Number] = lambda c: 1.0
    way: str = ">="
    limit: Callable[[Cells], Number] = lambda c: None
    percent: bool = False
    applies: Callable[[Cells], Truth] = lambda c: True
    counts: bool = True
    interval: bool = False
    stage: str = ""


@dataclass(frozen=True)
class Every:
    """A demand on each campus (``over`` unit), stage of a campus, or school: ``value`` against ``limit``."""

    id: str
    over: str
    value: Callable[..., Number]
    limit: Callable[..., Number]
    way: str = ">="
    where: Callable[..., Truth] = lambda *_: True
    parts: tuple[Callable[..., Number], Callable[..., Number]] | None = None
    counts: bool = True


@dataclass(frozen=True)
class Yes:
    """A box: ``expected`` is what it must say. ``evidence``: a tick without a paper or conclusion proves nothing."""

    id: str
    field: str
    evidence: bool = False
    expected: bool = True
    counts: bool = True


@dataclass(frozen=True)
class Gaps:
    id: str = ""
    counts: bool = True


@dataclass(frozen=True)
class Composite:
    id: str = "composite"
    counts: bool = True


@dataclass(frozen=True)
class Schools:
    id: str = "schools"
    counts: bool = True


Test = Ratio | Every | Yes | Gaps | Composite | Schools


@dataclass(frozen=True)
class Item:
    id: str
    part: str
    tests: tuple[Test, ...]
    declared: str | None = None
    papers: tuple[str, ...] = ()
    declared_met: bool = True

    @property
    def decides(self) -> bool:
        return self.part != "reference"


def cell(name: str) -> Callable[[Cells], Number]:
    return lambda c: c.get(name)
