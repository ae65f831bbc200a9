"""``county_peer``: see ``pipeline.years.peers``."""

from pipeline.years.peers import county_peer as make

__all__ = ["make"]
