"""Resources: the home directory and the catalogue that a run works with."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from pipeline.schema.model import Catalogue
    from pipeline.store.home import Home


@lru_cache(maxsize=4)
def _load(folder: str, digest: str) -> Catalogue:
    from pipeline.schema import load_catalogue

    return load_catalogue(folder)


class Workspace(dg.ConfigurableResource):
    """Where a run works: a home directory, and a catalogue folder ('' for the one shipped)."""

    home_path: str
    catalogue_path: str = ""
    only_year: int = 0
    """Take in new files of this year alone; 0 for all."""

    strict: bool = False
    """Whether a correction that does not hold stops a run."""

    def catalogue(self) -> Catalogue:
        """The catalogue with the divisions of the home's rosters; loaded once for as long as its files stay the same."""
        from pipeline.store.roster import with_rosters

        return with_rosters(*self._claimed())

    def home(self) -> Home:
        """The home, created and claimed for the catalogue."""
        return self._claimed()[1]

    def _claimed(self) -> tuple[Catalogue, Home]:
        """The catalogue as its folder has it, and the home, claimed for it before anything in it is read: the rosters of a
        home of another catalogue have other columns."""
        from pipeline.schema.load import SHIPPED, digest_of
        from pipeline.store.home import Home

        folder = Path(self.catalogue_path) if self.catalogue_path else SHIPPED
        loaded = _load(str(folder), digest_of(folder) if folder.is_dir() else "")
        home = Home(Path(self.home_path).resolve())
        home.claim(loaded)
        return loaded, home
