"""Rows of the tables of results for made releases: how sure ranks are, verdicts on counties, lists, awards. No chance: all by number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.reports.release_maker import Maker

CAUSES = ("weights", "indicator_out", "school_out", "reporting_error")


def add_ranges(maker: Maker, year: int) -> None:
    """A row a rank of a year and cause. The i-th county of the ranking has errors of i mod 3 places either way; a left-out
    indicator moves it i mod 5 places, a school i mod 4; weights apply to measures that are means."""
    ranked = [r for r in maker.rows["county_ranking"] if r["year"] == year and r["state"] == "ok"]
    for number, row in enumerate(ranked):
        n, place = row["compared_province"], row["rank_province"]
        for cause in CAUSES:
            is_mean = row["measure"].startswith("mean")
            state = "not_applicable" if cause == "weights" and not is_mean else "ok"
            wide = number % {"weights": 2, "indicator_out": 5, "school_out": 4, "reporting_error": 3}[cause]
            low, high = max(1, place - wide), min(n, place + wide)
            key = ("year", "standard_id", "measure", "stage", "county_code", "province_code", "value")
            maker.add(
                "rank_uncertainty", **{k: row[k] for k in key}, cause=cause, rank=place, compared=n, state=state,
                rank_low=low if state == "ok" else None, rank_high=high if state == "ok" else None,
                draws=500 if state == "ok" else None,
            )  # fmt: skip


def add_determinations(maker: Maker, year: int, counties: list[str]) -> None:
    """A determination a county and standard with a gap: by turns unmet, no data, met by a relaxation only, met."""
    for standard in maker.standards:
        for number, county in enumerate(counties):
            unmet, missing = [(3, 1), (0, 2), (1, 0), (0, 0)][number % 4]
            verdict = "unmet" if unmet else "no_data" if missing else "met"
            relaxed = "met" if number % 4 == 2 else verdict
            said: dict[str, Any] = {"reason_zh": "超限", "reason_en": "over"} if verdict == "unmet" else {}
            if verdict != "unmet":
                said = {
                    "reason_zh": "缺少数据" if missing else "全部达到",
                    "reason_en": "no data" if missing else "all met",
                }
            maker.add(
                "county_determination", year=year, standard_id=standard.id, county_code=county, verdict=verdict,
                verdict_relaxed=relaxed, items=20, items_met=18 - unmet - missing, items_unmet=unmet, items_missing=missing,
                items_not_applicable=2, items_met_relaxed=18 - unmet - missing + (relaxed != verdict),
                items_differing=int(number % 5 == 0), reason_relaxed_zh="同上", reason_relaxed_en="the same", **said,
            )  # fmt: skip
            states = (
                ["unmet"] * unmet + ["no_data"] * missing + ["met"] * (18 - unmet - missing) + ["not_applicable"] * 2
            )
            for place, state in enumerate(states, 1):
                _item(maker, year, standard.id, county, place, state)


def _item(maker: Maker, year: int, standard: str, county: str, place: int, state: str) -> None:
    """One of the twenty items that a determination counts."""
    maker.add(
        "county_item", year=year, standard_id=standard, county_code=county, item_id=f"item_{place}", position=place, item_order=place,
        item_no=f"7({place})", part="guarantee", label_zh=f"第{place}项", label_en=f"Item {place}", decides=True, is_computed=True,
        verdict=state, verdict_relaxed=state, test_id="", stage="", tests=0, tests_met=0, tests_unmet=0, tests_missing=0,
        reason_zh="理由", reason_en="reason", clause="第七条 / art. 7", grade="V2",
    )  # fmt: skip


def add_lists(maker: Maker, year: int, counties: list[str]) -> None:
    """One county of merit, one of warning, one that left the list of warning in the year, one that left it long ago."""
    standard = maker.standards[0].id
    entries = [("merit", None), ("warning", None), ("warning", year), ("warning", year - 2)]
    for county, (name, left) in zip(counties, entries, strict=False):
        reasons = (
            ("达标学校占比达到目标 80%", "the target of 80 % is reached")
            if name == "merit"
            else ("连续 2 年偏慢", "slow for 2 years")
        )
        maker.add(
            "county_list", standard_id=standard, list=name, county_code=county, entered_year=year - 3, left_year=left,
            reason_zh=reasons[0], reason_en=reasons[1], left_reason_zh="已恢复" if left else None,
            left_reason_en="recovered" if left else None,
        )  # fmt: skip


def add_awards(maker: Maker, year: int, county: str) -> None:
    """Three groups of a county that compete in it: one awarded, one beyond the budget, one not ranked."""
    standard = maker.standards[0].id
    rows = [
        ("ok", 1, 82.5, "一等", 1_000_000.0, 1_000_000.0),
        ("over_budget", 2, 80.25, "二等", 500_000.0, 0.0),
        ("not_ranked", *[None] * 5),
    ]
    for number, (state, rank, value, step, due, paid) in enumerate(rows):
        maker.add(
            "group_award", year=year, group_id=f"{county}:{number}", group_name=f"第{number + 1}教育集团", area_level="county",
            area_code=county, standard_id=standard, measure="mean_score", value=value, group_size=4, rank=rank, step=step,
            amount_yuan=due, paid_yuan=paid, measure_state="ok" if rank else "incomplete", state=state,
        )  # fmt: skip
