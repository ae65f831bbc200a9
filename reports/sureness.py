"""How sure a place is: the range that small errors in the returns leave it, and the widest of the others, named by its cause.

None is a confidence interval: returns are a census (method.md 8). Ranges come from ``rank_uncertainty``; nothing is drawn here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.schema.certainty_limits import Certainty
from pipeline.schema.model import Catalogue
from reports.reader import Rows
from reports.words import Words

ERRORS = "reporting_error"
"""The cause whose range is the band of places on pages."""

CAUSES = ("indicator_out", "school_out", "weights")
"""The other causes; of equally wide ranges the first is told."""


@dataclass(frozen=True)
class Range:
    """Places from ``low`` to ``high`` for a cause; ``low_by``, ``high_by``: what is left out to come to them, else null."""

    cause: str
    low: int
    high: int
    low_by: str | None
    high_by: str | None

    @property
    def width(self) -> int:
        return self.high - self.low


@dataclass(frozen=True)
class Sure:
    """The ranges of one place: ``band`` of reporting errors, ``widest`` of the others; null where there is none."""

    band: Range | None
    widest: Range | None


UNKNOWN = Sure(None, None)


def sure_of(rows: Rows) -> dict[tuple[str, str], Sure]:
    """By (county, measure), from rows with a range of one year, standard and stage."""
    found: dict[tuple[str, str], dict[str, Range]] = {}
    for row in rows:
        key = (row["county_code"], row["measure"])
        found.setdefault(key, {})[row["cause"]] = Range(
            row["cause"], int(row["rank_low"]), int(row["rank_high"]), row["low_by"], row["high_by"]
        )
    return {key: Sure(of.get(ERRORS), _widest(of[c] for c in CAUSES if c in of)) for key, of in found.items()}


def _widest(ranges: Iterable[Range]) -> Range | None:
    return max(ranges, key=lambda r: r.width, default=None)


def band_words(catalogue: Catalogue, words: Words) -> str:
    """What the band of places means, with the errors that are drawn."""
    c = Certainty.of(catalogue)
    return words(
        "sure.band", pupils=f"{c.pupils_pct:g}", chance=f"{c.count_chance_pct:g}", amount=f"{c.amount_pct:g}",
        draws=c.draws, low=f"{c.tail_pct:g}", high=f"{100 - c.tail_pct:g}",
    )  # fmt: skip


RANGES = """
select u.standard_id, u.stage, p.province_code, u.measure, u.county_code, u.cause, u.rank_low, u.rank_high, u.low_by, u.high_by
from rank_uncertainty as u
inner join place as p on p.county_code = u.county_code
where u.year = $year and u.state = 'ok'
order by u.county_code, u.measure, u.cause
"""
