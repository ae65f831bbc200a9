"""Two sites, built once: the shipped catalogue with every variant of a county page, and a foreign one without limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.schema.load import load_catalogue
from pipeline.schema.model import Catalogue
from reports.facts import PageFacts
from reports.gather import page_facts
from reports.release import Release, read_release
from reports.site import build
from tests.oracles import REPOSITORY
from tests.reports.area_release import AreaMaker, Province
from tests.reports.around_maker import add_among, add_apart, add_groups, add_peers
from tests.reports.judged_maker import add_judgements
from tests.reports.ledger_maker import add_ledger, add_plan
from tests.reports.release_maker import Maker, Place, even, spread, uneven, with_counties
from tests.reports.results_maker import add_awards, add_determinations, add_lists, add_ranges
from tests.reports.suspicion_maker import add_suspicion
from tests.reports.verdict_maker import add_verdicts

EVIL = 'A</script><b>"&amp; 学校'
COUNTIES = ("990101", "990102", "990201", "990202")


@dataclass(frozen=True)
class Site:
    """A built site with what it was built from; ``pages``: facts by (county, stage)."""

    catalogue: Catalogue
    database: Path
    out: Path
    files: list[Path]
    release: Release
    pages: dict[tuple[str, str], PageFacts]

    def html(self, name: str) -> str:
        return (self.out / name).read_text(encoding="utf-8")

    @property
    def county_files(self) -> list[Path]:
        return [f for f in self.files if f.suffix == ".html" and "county" in f.parts]


def _site(maker: Maker, folder: Path) -> Site:
    database = maker.write(folder)
    out = folder / "site"
    files = build(database, maker.catalogue, out)
    release = read_release(database, maker.catalogue)
    pages = {
        (county.code, stage.id): page_facts(release, maker.catalogue, county, stage)
        for county in release.counties
        for stage in maker.catalogue.judged_stages
    }
    return Site(maker.catalogue, database, out, files, release, pages)


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """990101: gaps over the limit, missing values, a school left out, one split, one with an evil name; 990102: within,
    and one school; 990201: 190 and 230 schools; 990202: nothing came."""
    catalogue = with_counties(load_catalogue(), COUNTIES)
    first, second = (stage.id for stage in catalogue.judged_stages)
    maker = Maker(catalogue)
    places = [
        Place(
            "990101",
            first,
            24,
            uneven,
            missing=[(3, 1), (4, 1)],
            left_out=2,
            split=[5],
            names={7: EVIL},
            least={0: 0.52},
        ),
        Place("990101", second, 9, uneven, lost=1),
        Place("990102", first, 12, even),
        Place("990102", second, 1, even),
        Place("990201", first, 190, spread),
        Place("990201", second, 230, even),
    ]
    maker.year(2024, places, scale=0.9).year(2025, places)
    for county in ("990101", "990102", "990201"):
        maker.submission(2025, county)
    maker.submission(2025, "990202", status="unreadable")
    maker.finding(2025, "990101", 0, "warning", school_id=f"990101{first[0]}0001")
    maker.finding(2025, "990101", 1, "critical", school_id="990101x9999")
    around(maker, ["990101", "990102", "990201", "990202"], {"990101": 5, "990201": 9})
    add_suspicion(maker, 2025, "990101", [f"990101{first[0]}{i:04d}" for i in range(12)])
    add_ledger(maker, 2025, {"990101": 12, "990102": 0, "990201": 190})
    add_plan(maker, 2025, "990101")
    add_verdicts(maker, 2025, {"990101": "mixed", "990102": "met", "990201": "mixed", "990202": "no_data"})
    return _site(maker, tmp_path_factory.mktemp("shipped"))


def around(maker: Maker, counties: list[str], groups: dict[str, int]) -> None:
    """Adds what stands around counties in 2025; ``groups``: the size of groups by county."""
    add_judgements(maker)
    add_peers(maker, 2025, counties)
    add_among(maker, 2025)
    add_apart(maker, 2025, counties)
    for county, size in groups.items():
        add_groups(maker, 2025, county, size)


@pytest.fixture(scope="session")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A catalogue without limits and levels, one stage, one year."""
    catalogue = load_catalogue(REPOSITORY / "tests" / "catalogues" / "caschools")
    codes = [d.code for d in catalogue.divisions if d.level == "county"][:3]
    maker = Maker(with_counties(catalogue, codes))
    stage = catalogue.judged_stages[0].id
    maker.year(
        1999,
        [Place(codes[0], stage, 6, uneven), Place(codes[1], stage, 1), Place(codes[2], stage, 3, missing=[(0, 0)])],
    )
    for code in codes:
        maker.submission(1999, code)
    return _site(maker, tmp_path_factory.mktemp("foreign"))


@pytest.fixture(scope="session")
def areas(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Two whole provinces over two years: one county of which nothing came, one with a single school in every stage."""
    provinces = [
        Province("97", "东湖省", "East Lake Province", 3, 20),
        Province("98", "南岭省", "South Ridge Province", 2, 5, 0.7),
    ]
    maker = AreaMaker(load_catalogue(), provinces, absent=["970103"], single=["970204"])
    maker.whole_year(2024, 0.35).whole_year(2025, 0.35)
    add_ranges(maker, 2025)
    add_determinations(maker, 2025, maker.counties)
    add_lists(maker, 2025, [c for c in maker.counties if c.startswith("97")])
    add_awards(maker, 2025, maker.counties[0])
    return _site(maker, tmp_path_factory.mktemp("areas"))
