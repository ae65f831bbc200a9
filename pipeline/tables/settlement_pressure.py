"""``settlement_pressure``: see ``pipeline.years.settlement``."""

from pipeline.years.settlement import settlement_pressure as make

__all__ = ["make"]
