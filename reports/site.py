"""Builds the static site: pages in two languages, one style sheet, one script, the drawing library. No clock, no chance.

Which pages there are is the list ``MAKERS``; a new kind of page is a maker there, and a line in ``NAV`` where every page
shall link to it. The same database and catalogue give the same bytes. Only the home pages and the shared script name the
release, so that pages whose facts did not change keep their bytes from release to release.
"""

from __future__ import annotations

import json
import shutil
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from pipeline.errors import FaultError
from pipeline.schema.model import Catalogue
from reports.county_pages import county_pages
from reports.data_page import data_pages
from reports.dictionary_page import dictionary_pages
from reports.home_page import home_pages
from reports.indicator_page import indicator_pages
from reports.method_page import method_pages
from reports.nation_page import nation_pages
from reports.overview_page import overview_pages
from reports.province_page import province_pages
from reports.release import Release, read_release
from reports.render import Maker, Source, write, write_text
from reports.search_index import search_files
from reports.whole_page import whole_pages

MAKERS: tuple[Maker, ...] = (
    home_pages,
    search_files,
    nation_pages,
    overview_pages,
    province_pages,
    county_pages,
    whole_pages,
    indicator_pages,
    method_pages,
    data_pages,
    dictionary_pages,
)
"""Every kind of page."""

NAV: tuple[tuple[str, str], ...] = (
    ("nav.indicators", "indicator/index.html"),
    ("nav.method", "method/index.html"),
    ("nav.data", "data/index.html"),
)
"""Links in the head of every page: phrase, path inside the language's folder."""


def build(database: Path, catalogue: Catalogue, out: Path) -> list[Path]:
    """Writes the site of a finished release database into ``out``; returns every file written, sorted.

    Raises FaultError when the database holds no gaps or the drawing library is not installed, AssertionError when the
    counts of a page do not add up.
    """
    source = Source(database, catalogue, read_release(database, catalogue))
    written = _assets(source.release, out)
    for maker in MAKERS:
        for made in maker(source):
            written += write(made, source, NAV, out)
    return sorted(written)


def _assets(release: Release, out: Path) -> list[Path]:
    """The library, the style sheet, and the script with the release at its head."""
    folder = resources.files("reports").joinpath("assets")
    head = f"window.JUNHENG = {json.dumps({'release': release.release_id}, ensure_ascii=False)};\n"
    library = out / "assets" / "plotly.min.js"
    library.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(plotly_library(), library)
    return [
        library,
        write_text(out / "assets" / "site.css", folder.joinpath("site.css").read_text(encoding="utf-8")),
        write_text(out / "assets" / "site.js", head + folder.joinpath("site.js").read_text(encoding="utf-8")),
    ]


def plotly_library() -> Path:
    """``plotly.min.js`` of the installed plotly package, found without importing it."""
    spec = find_spec("plotly")
    places = spec.submodule_search_locations if spec else None
    for place in places or ():
        path = Path(place) / "package_data" / "plotly.min.js"
        if path.is_file():
            return path
    raise FaultError("没有安装 plotly，找不到 plotly.min.js", "plotly is not installed: plotly.min.js was not found")
