"""County items recomputed in plain Python from the rows of the return, in Kleene's three values, for counties with cells emptied at random."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Any

import pytest

from pipeline.schema import load_catalogue
from tests.pipeline.chain import table
from tests.pipeline.good_county import SUBJECTS, GoodCounty, judged
from tests.pipeline.test_county_traps import emptied_and_filled

NEAR = 1e-9
Truth = bool | None
Row = dict[str, Any]


def at_least(x: float | None, t: float | None) -> Truth:
    return None if x is None or t is None else x >= t - abs(t) * NEAR


def both(*parts: Truth) -> Truth:
    return False if False in parts else None if None in parts else True


def either(*parts: Truth) -> Truth:
    return True if True in parts else None if None in parts else False


def unless(applies: Truth, held: Truth) -> Truth | str:
    """A demand that may not apply: 'out' where it does not, known to hold where it holds anyway."""
    return "out" if applies is False else True if held else False if held is False and applies else None


def verdict(parts: Iterable[Truth | str]) -> str:
    asked = [part for part in parts if part != "out"]
    if not asked:
        return "not_applicable"
    return "unmet" if False in asked else "no_data" if None in asked else "met"


def total(values: Iterable[float | None]) -> float | None:
    given = list(values)
    return None if None in given else sum(v for v in given if v is not None)


def rate(cells: Row, part: str, whole: str, limit: float) -> Truth | str:
    """A share in per cent of two cells of the county."""
    n, d = cells[part], cells[whole]
    value = None if n is None or not d else 100 * n / d
    return unless(None if d is None else d > 0, at_least(value, limit))


def rural(school: Row) -> Truth:
    return None if school["urban_rural"] is None else school["urban_rural"].startswith("2")


def _small_funds(county: GoodCounty, name: str) -> Truth | str:
    one, cells = county.schools[name], county.cells
    heads = {stage: row["pupils"] for stage, row in one.stages.items()}
    pupils = sum(heads.values())
    is_point = None if one.school["school_type"] is None else one.school["school_type"] == "218"
    applies = both(pupils < 100, either(rural(one.school), is_point))
    quotas = {"primary": cells["primary_funds_quota_yuan"], "junior": cells["junior_funds_quota_yuan"]}
    if None in quotas.values() or applies is None:
        return unless(applies, None)
    national = sum(heads[s] * {"primary": 720, "junior": 940}[s] for s in heads)
    own = 100 * sum(heads[s] * quotas[s] for s in heads) / pupils
    return unless(applies, at_least(one.school["public_funds_yuan"], max(own, 100 * national / pupils)))


def _rooms(county: GoodCounty) -> Iterable[Truth]:
    for school in county.schools.values():
        need = ceil(sum(row["classes"] for row in school.stages.values()) / 12)
        for kind, sqm in (("music", 96), ("art", 90)):
            areas = [room["room_sqm"] for room in school.rooms if room["room_kind"] == kind]
            yield sum(area >= sqm for area in areas) >= need


def _size(school: Any) -> Truth:
    kind = school.school["school_type"]
    pupils = sum(row["pupils"] for row in school.stages.values())
    return None if kind is None else pupils <= (2500 if kind in ("312", "345") else 2000)


def _retention(county: GoodCounty) -> Truth | str:
    rows = [s.stages["junior"] for s in county.schools.values() if "junior" in s.stages]
    out, entered, came, left, died = (
        total(r[k] for r in rows)
        for k in ("graduates", "entrants_3_years_before", "transferred_in", "transferred_out", "died")
    )
    parts = (entered, came, left, died, out)
    value = None if None in parts else 100 * out / (entered + came - left - died)  # type: ignore[operator]
    return unless(None if entered is None else entered > 0, at_least(value, 95))


def expected(county: GoodCounty) -> dict[str, str]:
    """Item → verdict, for the items that the cells of ``OPEN`` touch."""
    schools, cells = list(county.schools.values()), county.cells
    stages = [row for school in schools for row in school.stages.values()]
    due = [(None if r["teachers_training_due"] is None else r["teachers_training_due"] > 0, r) for r in stages]
    disabled = sum(r["regular_class_pupils"] + r["home_taught_pupils"] for r in stages)
    funds = total(s.school["special_needs_funds_yuan"] for s in schools)
    special = cells["special_school_pupils"]
    each = None if special is None or special == 0 else cells["special_school_funds_yuan"] / special
    is_city = either(
        *(None if s.school["urban_rural"] is None else s.school["urban_rural"].startswith("11") for s in schools)
    )
    is_town = either(
        *(None if s.school["urban_rural"] is None else s.school["urban_rural"].startswith("12") for s in schools)
    )
    layout = cells["is_declared_school_layout"] == 1
    return {
        "class_size": verdict(c["class_pupils"] <= (45 if c["stage"] == "primary" else 50) for s in schools for c in s.classes),
        "music_art_rooms": verdict(_rooms(county)),
        "school_size": verdict(_size(s) for s in schools),
        "small_school_funds": verdict(_small_funds(county, name) for name in county.schools),
        "special_school_funds": verdict(
            [unless(None if special is None else special > 0, at_least(each, 6000)), at_least(None if funds is None else funds / disabled, 6000)]
        ),
        "teacher_pay": verdict([at_least(cells["teacher_pay_yuan"], cells["civil_servant_pay_yuan"]), cells["is_performance_pay_full"] == 1]),
        "teacher_training": verdict(unless(applies, at_least(r["teachers_trained_360h"], r["teachers_training_due"])) for applies, r in due),
        "teacher_certificates": verdict(at_least(r["certified_teachers"], r["full_time_teachers"]) for r in stages),
        "teacher_rotation": verdict(
            [rate(cells, "rotated_teachers", "rotation_eligible_teachers", 10), rate(cells, "rotated_backbone_teachers", "rotated_teachers", 20)]
        ),
        "nearby_enrolment": verdict(
            [unless(is_city, at_least(cells["nearby_city_pct"], 100)), unless(is_town, at_least(cells["nearby_town_pct"], 95))]
        ),
        "junior_retention": verdict([_retention(county)]),
        "charter_and_information_management": verdict(
            None if s.school[k] is None else s.school[k] == 1 for s in schools for k in ("has_charter", "has_information_management")
        ),
        "training_funds": verdict(at_least(s.school["training_budget_yuan"], s.school["public_funds_budget_yuan"] * 0.05) for s in schools),
        "moral_education_and_culture": verdict(
            None if s.school["is_moral_education_good"] is None else s.school["is_moral_education_good"] == 1 for s in schools
        ),
        "quality_monitoring": verdict(
            part for of in SUBJECTS for part in (at_least(cells[f"monitoring_{of}_level"], 3), cells[f"monitoring_{of}_difference"] < 0.15)
        ),
        "school_layout": verdict([True if layout and cells["conclusion_school_layout"] else None]),
        "county_work_score": verdict([at_least(cells["work_score"], 85)]),
        "veto_posts": verdict([None if cells["has_veto_posts"] is None else cells["has_veto_posts"] == 0]),
    }  # fmt: skip


@pytest.fixture(scope="module")
def counties() -> list[GoodCounty]:
    return [
        c for n, seed in enumerate((11, 12, 13, 14, 15, 16, 17, 18)) for c in emptied_and_filled(seed, 1 + 4 * n, 3)
    ]


def test_items_agree_with_a_recomputation_from_the_rows(
    tmp_path_factory: pytest.TempPathFactory, counties: list[GoodCounty]
) -> None:
    home = judged(tmp_path_factory.mktemp("oracle") / "home", load_catalogue(), dict(enumerate(counties)))
    rows = table(home, "county_item")
    found = {(r["county_code"], r["item_id"]): r["verdict"] for r in rows.iter_rows(named=True)}
    seen: set[tuple[str, str]] = set()
    for county in counties:
        for item, verdict_of in expected(county).items():
            assert found[county.code, item] == verdict_of, (county.code, item)
            seen.add((item, verdict_of))
    assert {v for _, v in seen} == {"met", "unmet", "no_data", "not_applicable"}
    assert len(seen) > 30


def test_items_of_gaps_and_schools_agree_with_the_tables_they_stand_on(
    tmp_path_factory: pytest.TempPathFactory, counties: list[GoodCounty]
) -> None:
    home = judged(tmp_path_factory.mktemp("standing") / "home", load_catalogue(), dict(enumerate(counties[:8])))
    gaps = table(home, "gap_coefficient", area_level="county", standard_id="quality-2017")
    scores = table(home, "school_score", standard_id="quality-2017")
    for county in counties[:8]:
        of_gaps = [
            "out" if r["state"] in ("no_schools", "single_school") else r["is_met"]
            for r in gaps.iter_rows(named=True)
            if r["area_code"] == county.code
        ]
        of_schools = scores.filter(county_code=county.code)["meets_standard"].to_list()
        items = dict(table(home, "county_item", county_code=county.code).select("item_id", "verdict").iter_rows())
        assert items["all_gaps_within_limits"] == verdict(of_gaps)
        assert items["all_schools_meet_the_rule"] == verdict(of_schools)
