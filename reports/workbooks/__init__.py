"""Workbooks: what a page says, as a file to work with; one a county (and one a province), made from the release database.

Here: the makers of workbooks and what they share (``book``). Not here: any value or verdict (the database has them), words
and facts of pages (``reports``). A maker takes an open ``Source`` and a folder and returns the files it wrote; a new kind of
workbook is a line in ``MAKERS``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.schema.model import Catalogue
from reports.release import read_release
from reports.render import Source
from reports.workbooks.county import county_workbooks
from reports.workbooks.province import province_workbooks

MAKERS: tuple[Callable[[Source, Path], list[Path]], ...] = (county_workbooks, province_workbooks)
"""Every kind of workbook."""


def build(database: Path, catalogue: Catalogue, out: Path) -> list[Path]:
    """Writes the workbooks of a finished release database into ``out``; returns every file written, sorted.

    The same database and catalogue give the same bytes. Raises FaultError when the database holds no gaps.
    """
    source = Source(database, catalogue, read_release(database, catalogue))
    out.mkdir(parents=True, exist_ok=True)
    return sorted(path for maker in MAKERS for path in maker(source, out))
