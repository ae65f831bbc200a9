"""Which planted mistakes the rules find: ``python -m tests.bench.mistakes [COUNTIES] [SEED]`` prints the table by kind and form.

A clean and a spoilt sample of the same seed are read and judged; a mistake is found when at its school (or, for whole sheets and
county items, in its return) a finding stands that the clean sample has not. False are the findings of the clean sample.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import polars as pl

from expectations.year import validate_year
from pipeline.sample import Asked, write_sample
from pipeline.sample.parameters import parameters
from pipeline.schema import load_catalogue
from pipeline.store.home import Home
from pipeline.store.ingest import ingest_year
from pipeline.store.receipts import receive
from pipeline.store.roster import with_rosters
from pipeline.tables.working import write_ledger

YEARS = (2024, 2025)
Finding = tuple[int, str, str, str]
"""Year, county, school, rule."""


def findings_of(asked: Asked) -> set[Finding]:
    """Writes a sample, reads and judges it, and returns what was found."""
    catalogue = load_catalogue()
    write_sample(asked, catalogue, processes=2)
    home = Home(asked.home)
    home.claim(catalogue)
    known = with_rosters(catalogue, home)
    receive(home)
    for year in asked.years:
        ingest_year(home, known, year)
        validate_year(home, known, year)
    write_ledger(home, known)
    table = pl.read_parquet(home.table("finding"))
    files = pl.read_parquet(home.table("submission")).select(
        "submission_id", county_of_file=pl.col("file_name").str.head(6)
    )
    rows = table.join(files, on="submission_id", how="left").select(
        "year", pl.coalesce("county_code", "county_of_file").fill_null(""), pl.col("school_id").fill_null(""), "rule_id"
    )
    return {(int(y), c, s, r) for y, c, s, r in rows.rows()}


def found_for(entry: dict[str, str], fresh: set[Finding]) -> set[str]:
    """Rules that speak at the place of a mistake."""
    own = {entry["school_id"], entry["written"]} - {""}
    mine = {f for f in fresh if (f[0], f[1]) == (int(entry["year"]), entry["county_code"])}
    of_file = {f[3] for f in mine if not f[2]}
    return of_file | {f[3] for f in mine if f[2] and (f[2] in own or not own or entry["row"] == "*")}


def measure(folder: Path, counties: int, seed: int) -> tuple[dict[tuple[str, str], list[set[str]]], Counter[str], int]:
    """Rules found by kind and form for each mistake, findings of the clean sample by rule, and rows judged."""
    forms = sum(len(kind["forms"]) for kind in parameters("mistakes"))
    clean = findings_of(Asked(folder / "clean", 1, counties, 30, YEARS, seed))
    asked = Asked(folder / "spoilt", 1, counties, 30, YEARS, seed, errors=100.0)
    spoilt = findings_of(asked)
    made: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    with (folder / "spoilt-key.csv").open(encoding="utf-8-sig", newline="") as stream:
        for entry in csv.DictReader(stream):
            made[entry["kind"], entry["form"]][entry["number"]] |= found_for(entry, spoilt - clean)
    assert forms
    return {key: list(of.values()) for key, of in made.items()}, Counter(f[3] for f in clean), len(clean)


def main(counties: int = 60, seed: int = 21) -> None:
    """Prints planted, found, missed by kind and form, and false by rule."""
    with tempfile.TemporaryDirectory() as folder:
        made, false, _ = measure(Path(folder), counties, seed)
    for kind in parameters("mistakes"):
        for form in kind["forms"]:
            found = made.get((kind["id"], form["id"]), [])
            expected = set(form.get("expects", ()))
            hit = sum(bool(rules & expected) for rules in found)
            seen = Counter(rule for rules in found for rule in rules)
            print(f"{kind['id']:24} {form['id']:28} planted {len(found)} found {hit} {dict(seen.most_common(9))}")
    print("false on the clean sample:", dict(false.most_common()))


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
