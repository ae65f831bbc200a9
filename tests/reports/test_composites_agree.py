"""The composite as pages judge it and as ``county_item_test`` does: one verdict, wherever it is read."""

from __future__ import annotations

from pathlib import Path

from pipeline.schema import load_catalogue
from pipeline.tables.compute import connect
from reports.judged import _COMPOSITES
from tests.pipeline.chain import table
from tests.pipeline.good_county import YEAR, GoodCounty, judged
from tests.pipeline.test_county_items import BASIC, WALK

AS_PAGES_SAY = {"met": {"met"}, "unmet": {"unmet"}, "not_applicable": {"single_school", "no_schools"}, "no_data": {"undecided", "zero_mean", "incomplete"}}  # fmt: skip


def test_pages_and_the_table_of_tests_judge_the_composite_alike(tmp_path: Path) -> None:
    counties = {"good": GoodCounty(1)}
    for number, (name, edit) in enumerate(WALK[BASIC, "composite_gap_within_limit"].items(), 2):
        counties[name] = GoodCounty(number)
        assert edit is not None
        edit(counties[name])
    catalogue = load_catalogue()
    home = judged(tmp_path / "home", catalogue, counties)
    with connect(catalogue) as connection:
        for name in ("gap_coefficient", "county_ranking", "standard"):
            connection.execute(f"create view {name} as select * from read_parquet('{home.table(name)}')")
        said = connection.sql(_COMPOSITES.format(mean="mean_cv", low="low", high="high"), params={"year": YEAR}).pl()
    pages = {
        (r["county_code"], r["stage"]): r["verdict"] for r in said.iter_rows(named=True) if r["standard_id"] == BASIC
    }
    tests = table(home, "county_item_test", standard_id=BASIC, kind="composite")
    assert tests.height == len(pages) == 2 * len(counties)
    for row in tests.iter_rows(named=True):
        assert pages[row["county_code"], row["stage"]] in AS_PAGES_SAY[row["state"]], row["reason_en"]
    assert set(tests["state"]) == set(AS_PAGES_SAY)
