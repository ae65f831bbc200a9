"""``county_gap_change``: see ``pipeline.years.change``."""

from pipeline.years.change import county_gap_change as make

__all__ = ["make"]
