"""``county_among_peers``: see ``pipeline.years.peers``."""

from pipeline.years.peers import county_among_peers as make

__all__ = ["make"]
