"""``county_feature``: see ``pipeline.years.features``."""

from pipeline.years.features import county_features as make

__all__ = ["make"]
