"""The sample: same seed, same bytes; every county stands by itself; no rule is broken; mistakes lie where the key says."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from expectations.year import validate_year
from pipeline.errors import HomeError
from pipeline.sample import Asked, Written, write_sample
from pipeline.sample.county import CountyYear, county_years
from pipeline.sample.names import names_of
from pipeline.sample.parameters import parameters
from pipeline.sample.places import provinces
from pipeline.sample.plans import plan_mistakes
from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.register import RelaxationGrant
from pipeline.store.home import Home
from pipeline.store.ingest import ingest_year
from pipeline.store.receipts import receive
from pipeline.store.registers import read_register
from pipeline.store.roster import read_roster, with_rosters

YEARS = (2024, 2025)
FACTORS = {"equipment_yuan": 10000, "special_school_funds_yuan": 10000}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> tuple[Home, Written]:
    home = Home(tmp_path_factory.mktemp("clean") / "home")
    return home, write_sample(Asked(home.path, 1, 3, 30, YEARS, seed=2), catalogue)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> tuple[Home, Written]:
    """Twenty mistakes in twenty workbooks."""
    home = Home(tmp_path_factory.mktemp("spoilt") / "home")
    return home, write_sample(Asked(home.path, 1, 10, 16, YEARS, seed=2, errors=100), catalogue)


@pytest.fixture(scope="module")
def drawn(catalogue: Catalogue) -> list[list[CountyYear]]:
    """Forty counties in two years, as frames only."""
    return [list(county_years(c, 57.5, YEARS, catalogue)) for c in provinces(1, 40, 5)[0].each_county()]


def digests(home: Path) -> dict[str, str]:
    """Bytes of everything written, in the home and beside it."""
    beside = [home.with_name(f"{home.name}-key.csv"), *home.with_name(f"{home.name}-truth").rglob("*.parquet")]
    paths = [p for p in (*home.rglob("*"), *beside) if p.is_file()]
    return {
        f"{p.name} {p.parent.name if home in p.parents else ''}": hashlib.sha256(p.read_bytes()).hexdigest()
        for p in paths
    }


def key_of(written: Written) -> list[dict[str, str]]:
    with written.key.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


# --- bytes


def test_the_same_seed_gives_the_same_bytes_however_many_processes_write(tmp_path: Path, catalogue: Catalogue) -> None:
    found = []
    for place, seed, processes in (("a", 1, 1), ("b", 1, 2), ("c", 2, 1)):
        home = tmp_path / place / "home"
        home.parent.mkdir()
        write_sample(Asked(home, 2, 2, 8, YEARS, seed, errors=60), catalogue, processes)
        found.append(digests(home))
    assert found[0] == found[1]
    assert not set(found[0].values()) & set(found[2].values())


def test_a_county_is_the_same_whatever_else_is_written(tmp_path: Path, catalogue: Catalogue) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    write_sample(Asked(few, 1, 2, 8, (2025,), 1), catalogue)
    write_sample(Asked(many, 3, 3, 8, (2025,), 1), catalogue)
    for path in (few / "inbox").rglob("*.xlsx"):
        assert path.read_bytes() == (many / path.relative_to(few)).read_bytes()


def test_returns_are_never_overwritten(clean: tuple[Home, Written], catalogue: Catalogue) -> None:
    home, _ = clean
    before = digests(home.path)
    with pytest.raises(HomeError, match="never overwrites"):
        write_sample(Asked(home.path, 1, 3, 30, (2025,), seed=9), catalogue)
    assert digests(home.path) == before


def test_key_and_truth_lie_beside_the_home(spoilt: tuple[Home, Written]) -> None:
    home, written = spoilt
    assert {p.name for p in home.path.iterdir()} == {"inbox", "registers", "roster"}
    assert written.key.parent == written.truth.parent == home.path.parent
    assert {p.suffix for p in (home.path / "inbox").rglob("*") if p.is_file()} == {".xlsx"}


def test_the_register_of_relaxations_holds_grants_in_force_and_one_that_has_lapsed(
    clean: tuple[Home, Written], catalogue: Catalogue
) -> None:
    home, _ = clean
    rows = [entry for entry, _ in read_register(home, RelaxationGrant)]
    last = max(int(path.name) for path in home.inbox.iterdir())
    known = {r.id for standard in catalogue.standards.values() for r in standard.relaxations}
    assert {row.relaxation_id for row in rows} <= known
    assert [row.school_id != "" for row in rows].count(True) == 1
    assert rows[0].starts.year + 3 < last <= min(row.starts.year for row in rows[1:]) + 3


# --- what there is


def test_means_of_counties_and_schools_are_those_asked_for() -> None:
    assert [p.counties for p in provinces(1, 20, 4)] == [20]
    assert sum(p.counties for p in provinces(4, 30, 4)) == 120
    assert {p.place.code for p in provinces(10, 2, 1)} == {str(code) for code in range(90, 100)}


def test_more_provinces_than_codes_are_refused() -> None:
    with pytest.raises(HomeError):
        provinces(11, 5, 1)


def test_one_county_in_eight_is_prepared_and_later_more() -> None:
    counties = list(provinces(1, 80, 3)[0].each_county())
    assert sum(c.is_prepared(0) for c in counties) == 10
    assert 20 <= sum(c.is_prepared(1) for c in counties) <= 28


def test_codes_and_names_are_unique_and_made_up(drawn: list[list[CountyYear]]) -> None:
    codes = [code for years in drawn for code in years[0].units.codes]
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 10 and code[2:4] == "90" for code in codes)
    for years in drawn:
        names = names_of(years[0].units)
        assert len(set(names.zh)) == len(names.zh)
    places = [years[0].units.county.place for years in drawn]
    assert len({p.name_zh for p in places}) == len({p.code for p in places}) == len(places)


def test_every_kind_of_unit_and_tie_occurs(drawn: list[list[CountyYear]]) -> None:
    units = [years[0].units for years in drawn]
    types = Counter(kind["school_type"] for u in units for kind in u.kind)
    assert set(types) >= {"211", "218", "311", "312", "321", "341", "342", "345", "361", "511", "514"}
    assert sum(u.is_branch.sum() for u in units) > 20
    assert sum(u.private.sum() for u in units) > 20
    assert sum((u.parent >= 0).sum() - u.is_branch.sum() for u in units) > 100, "points of a centre school"
    attached = sum(((u.heads[:, 0] > 0) & u.is_kind("middle")).sum() for u in units)
    assert attached > 0
    for u in units:
        assert not u.is_branch[u.parent[u.is_branch]].any(), "no branch of a branch"
        for group in set(u.group[u.group >= 0].tolist()):
            assert u.leads[u.group == group].sum() == 1
            assert (u.group == group).sum() >= 3


def test_later_years_move_on_from_the_first(drawn: list[list[CountyYear]]) -> None:
    for first, second in drawn:
        assert first.units.codes == second.units.codes
        there = first.heads > 0
        assert (abs(second.heads[there] / first.heads[there] - 1) < 0.2).mean() > 0.97
        for name in ("teaching_rooms_sqm", "books", "equipment_yuan"):
            before, after = first.values[name], second.values[name]
            assert (after >= before - 1).all(), name
            if not first.units.county.is_prepared(0):
                assert (after > before).mean() > 0.5, name


def test_class_lists_add_up_to_pupils_and_classes(drawn: list[list[CountyYear]]) -> None:
    for made in (year for years in drawn for year in years):
        units, stages = made.heads.shape
        sums = [[0] * stages for _ in range(units)]
        for unit, stage, size in zip(made.sets.unit, made.sets.stage, made.sets.size, strict=True):
            sums[unit][stage] += int(size)
        assert sums == made.heads.astype(int).tolist()
        assert made.sets.size.min() > 0


# --- read again


def test_no_rule_is_broken_and_the_truth_is_what_is_read(clean: tuple[Home, Written], catalogue: Catalogue) -> None:
    home, written = clean
    home.claim(catalogue)
    known = with_rosters(catalogue, home)
    receive(home)
    for year in YEARS:
        ingest_year(home, known, year)
        assert {k: v for k, v in validate_year(home, known, year).items() if k != "info"} == {}
        for record in ("school", "stage", "class", "room", "county"):
            truth = pl.read_parquet(written.truth / f"{record}-{year}.parquet")
            read = pl.read_parquet(home.rows(year) / f"{record}.parquet")
            assert read.height == truth.height > 0
            both = [name for name in truth.columns if name in read.columns and name != "year"]
            assert len(both) > 4
            for name in both:
                kind = pl.Float64 if read[name].dtype.is_numeric() else pl.String
                left, right = (frame[name].cast(kind).sort() for frame in (read, truth))
                assert (left.round(3) if kind == pl.Float64 else left).equals(
                    right.round(3) if kind == pl.Float64 else right
                ), (record, name)


def test_the_roster_knows_every_school_with_last_years_pupils(
    clean: tuple[Home, Written], catalogue: Catalogue
) -> None:
    home, written = clean
    first, second = (read_roster(home, year, catalogue) for year in YEARS)
    assert first is not None and second is not None
    assert len(second.counties) == written.counties
    truth = pl.read_parquet(written.truth / "stage-2024.parquet").filter(stage="primary").sort("school_id")
    listed = second.schools.filter(pl.col("pupils_primary").is_not_null()).sort("school_id")
    assert listed["pupils_primary"].to_list() == truth["pupils"].to_list()


# --- mistakes


def test_there_are_at_least_twenty_kinds_and_each_says_what_finds_it(catalogue: Catalogue) -> None:
    from pipeline import findings

    kinds = parameters("mistakes")
    assert len(kinds) >= 20
    rules = {*catalogue.rules, *findings.READING_RULES}
    for kind in kinds:
        assert kind["label"]["zh"] and kind["label"]["en"]
        for form in kind["forms"]:
            expected = set(form.get("expects", ()))
            assert bool(expected) != bool(form.get("undetectable")), (kind["id"], form["id"])
            assert expected <= rules, (kind["id"], form["id"], expected - rules)


def test_twenty_mistakes_hold_each_kind(spoilt: tuple[Home, Written]) -> None:
    _, written = spoilt
    assert {row["kind"] for row in key_of(written)} == {kind["id"] for kind in parameters("mistakes")}


def test_kinds_and_forms_come_in_turn() -> None:
    kinds = parameters("mistakes")
    plans = plan_mistakes(1, 100, [str(n) for n in range(60)], (2024, 2025, 2026))
    planned = sorted((plan.number, plan.kind["id"], plan.form["id"]) for of in plans.values() for plan in of)
    assert len(planned) == 180
    assert {form for _, _, form in planned} == {form["id"] for kind in kinds for form in kind["forms"]}
    alone = {(n, k) for n, k, _ in planned if next(kind for kind in kinds if kind["id"] == k).get("alone")}
    assert all(len(of) == 1 for of in plans.values() if any((p.number, p.kind["id"]) in alone for p in of))


def test_a_spoilt_cell_holds_what_the_key_says(spoilt: tuple[Home, Written]) -> None:
    home, written = spoilt
    looked = 0
    for row in key_of(written):
        if not row["row"].strip("*") or row["field"] == "":
            continue
        book = openpyxl.load_workbook(home.path / row["file"], read_only=False)
        cell = book[row["sheet"]][row["row"]].value
        looked += 1
        assert _same(cell, row["written"], FACTORS.get(row["field"], 1)), row
    assert looked >= 15


def _same(cell: object, written: str, factor: float) -> bool:
    """Whether a cell shows a canonical value; yes, no and kinds are words in the form."""
    if written == "" or cell is None:
        return cell is None and written == ""
    try:
        return float(str(cell)) == pytest.approx(float(written) / factor)
    except ValueError:
        return str(cell) in (written, {"0": "否", "1": "是"}.get(written, written), written.split(" ")[0])


def test_workbooks_without_a_mistake_are_those_of_the_clean_sample(
    spoilt: tuple[Home, Written], tmp_path: Path, catalogue: Catalogue
) -> None:
    home, written = spoilt
    same = tmp_path / "home"
    write_sample(Asked(same, 1, 10, 16, YEARS, seed=2), catalogue)
    touched = {row["file"] for row in key_of(written)}
    for path in (same / "inbox").rglob("*.xlsx"):
        name = path.relative_to(same).as_posix()
        assert (path.read_bytes() == (home.path / name).read_bytes()) == (name not in touched), name
