"""Real input 2 cut to one municipality: a state of which one county of 102 came is incomplete, and ranks nobody."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from tests import oracles
from tests.homes import CATALOGUES, query, run_home

ALONE, EXPECTED = "2704302", 102


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds the rows of Maceió alone, as its office would send them."""
    folder = tmp_path_factory.mktemp("alagoas-cut")
    lines = oracles.alagoas_file().read_bytes().splitlines(keepends=True)
    header = next(csv.reader([lines[0].decode("latin-1")], delimiter=";"))
    at = header.index("CO_MUNICIPIO")
    kept = [line for line in lines[1:] if line.split(b";")[at] == ALONE.encode()]
    assert kept
    (folder / "maceio.csv").write_bytes(b"".join([lines[0], *kept]))
    return run_home(folder / "home", {2022: [folder / "maceio.csv"]}, CATALOGUES / "alagoas")


def test_the_state_is_one_of_102_and_incomplete(home: Path) -> None:
    rows = query(home, "select * from gap_coefficient where area_level in ('province', 'nation')")
    assert len(rows) == 8
    assert {(r["counties_came"], r["counties_expected"], r["state"]) for r in rows} == {(1, EXPECTED, "incomplete")}


def test_nobody_has_a_rank_inside_it_though_the_one_county_is_sound(home: Path) -> None:
    rows = query(home, "select * from county_ranking")
    assert len(rows) == EXPECTED
    assert [r["county_code"] for r in rows if r["state"] == "ok"] == [ALONE]
    assert {r["state"] for r in rows if r["county_code"] != ALONE} == {"incomplete"}
    for rank in ("rank_province", "rank_nation", "rank_low", "rank_high", "rank_change"):
        assert {r[rank] for r in rows} == {None}


def test_every_county_that_sent_nothing_is_a_finding_of_no_file(home: Path) -> None:
    found = query(home, "select * from finding where rule_id = 'county_missing_from_year'")
    assert len({f["county_code"] for f in found}) == len(found) == EXPECTED - 1
    assert {(f["submission_id"], f["severity"], f["year"]) for f in found} == {(None, "warning", 2022)}
    missing = query(home, "select county_code from missing_county")
    assert {m["county_code"] for m in missing} == {f["county_code"] for f in found}


def test_the_pages_say_so_and_name_the_counties(home: Path) -> None:
    site = home / "releases" / "latest" / "site"
    for page in ("province/27-basic.html", "province/27.html", "nation.html"):
        zh, en = ((site / lang / page).read_text("utf-8") for lang in ("zh", "en"))
        assert "应报 102 个区县，有数据的 1 个。不足 95%，本地区结果不完整，区县不排名次。" in zh, page
        assert "1 of 102 counties expected told of it. That is under 95%: the area is incomplete" in en, page
        section = re.search(r'<section id="missing">.*?</section>', zh, re.DOTALL)
        assert section and "Arapiraca" in section[0] and "没有任何可用数据" in section[0] and ALONE not in section[0]
    assert "缺 101 个区县" in (site / "index.html").read_text("utf-8")
    silent = (site / "zh" / "county" / "27" / "2700300-basic.html").read_text("utf-8")
    assert "没有可用的报表" in silent and "没有收到区县 2700300 Arapiraca 的任何可计数据" in silent
