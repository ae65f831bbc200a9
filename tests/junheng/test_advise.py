"""``junheng advise`` on a release: what its how-to page says, plans held against the release, and errors in a sentence."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.advice.county import Case
from tests.homes import copied, junheng, query
from tests.oracles import REPOSITORY
from tests.pipeline.advice.cases import gap_of

PAGE = (REPOSITORY / "docs" / "how-to" / "close-a-gap.md").read_text("utf-8")
PLANS = "select * from rotation_plan where state = 'planned' order by moves desc, county_code, stage, indicator_id"


@pytest.fixture(scope="module")
def home(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(small_run, tmp_path_factory.mktemp("advise"))


def asked(home: Path, row: dict[str, Any], *more: object) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and answers for what a row of a plan is about."""
    result = junheng(
        "advise", "--home", home, "--county", row["county_code"], "--indicator", row["indicator_id"], "--stage", row["stage"],
        "--json", *more,
    )  # fmt: skip
    assert result.output.startswith("["), result.output
    return result.exit_code, json.loads(result.output)


def test_the_command_and_the_table_tell_the_same_plan(home: Path) -> None:
    plans = query(home, PLANS)
    assert plans
    for plan in plans[:3]:
        code, (answer,) = asked(home, plan)
        assert code == 0
        assert answer["rotation"]["moved"] == plan["moves"]
        assert answer["cv_after"] == pytest.approx(plan["cv_after"], rel=1e-12)
        moves = query(
            home, "select * from rotation_move where county_code = ? and indicator_id = ? and stage = ?",
            plan["county_code"], plan["indicator_id"], plan["stage"],
        )  # fmt: skip
        told = {(m["from_school_id"], m["to_school_id"]): m["units"] for m in answer["rotation"]["moves"]}
        assert told == {(m["from_school_id"], m["to_school_id"]): m["units"] for m in moves}


def test_every_plan_of_the_tables_keeps_its_limit_when_it_is_carried_out_on_the_release(home: Path) -> None:
    given = "select year, standard_id, county_code, stage, indicator_id, {} as school_id, {} * units as change from rotation_move"
    moved = f"{given.format('from_school_id', -1)} union all {given.format('to_school_id', 1)}"
    _carried_out(home, "rotation_plan", moved)


def test_every_plan_of_spending_keeps_its_limit_when_it_is_carried_out_on_the_release(home: Path) -> None:
    added = "select year, standard_id, county_code, stage, indicator_id, school_id, units_added as change from spending_school"
    _carried_out(home, "spending_plan", added)


def _carried_out(home: Path, plan: str, changes: str) -> None:
    """Adds the changes to the numerators of the release and computes the coefficient by the words of the text."""
    key = "year, standard_id, county_code, stage, indicator_id"
    rows = query(
        home,
        f"""with change as (select {key}, school_id, sum(change) as change from ({changes}) group by all)
        select p.*, list(v.numerator + coalesce(c.change, 0) order by v.school_id) as held_after,
            list(v.pupils order by v.school_id) as people
        from {plan} as p
        inner join indicator_value as v using (year, county_code, stage, indicator_id)
        inner join school_scope as s using (year, standard_id, school_id, stage)
        left join change as c using ({key}, school_id)
        where p.state = 'planned' and s.is_counted and v.state = 'ok' group by all""",
    )
    assert rows
    for row in rows:
        after = gap_of(row["held_after"], row["people"])
        assert after == pytest.approx(row["cv_after"], rel=1e-9, abs=1e-12)
        assert after <= row["cv_limit"] * (1 + 1e-9)
        assert row["cv"] > row["cv_limit"]


def test_every_county_over_a_limit_is_told_a_plan_or_why_there_is_none(home: Path) -> None:
    over = query(
        home,
        """select g.* from gap_coefficient as g
        where area_level = 'county' and is_met = false and year = (select max(year) from gap_coefficient)
            and not exists (select 1 from rotation_plan as r where r.county_code = g.area_code and r.stage = g.stage
                and r.indicator_id = g.indicator_id and r.standard_id = g.standard_id)
            and not exists (select 1 from spending_plan as r where r.county_code = g.area_code and r.stage = g.stage
                and r.indicator_id = g.indicator_id and r.standard_id = g.standard_id)""",
    )
    assert over == []
    for table in ("rotation_plan", "spending_plan"):
        for row in query(home, f"select * from {table}"):
            assert row["reason_zh"] and row["reason_en"]
            assert (row["state"] == "planned") == (row["cv_after"] is not None)
            assert (row["state"] == "incomplete") == (row["schools_missing"] > 0)


def test_a_lower_limit_takes_more_moves_and_one_that_holds_takes_none(home: Path) -> None:
    plan = query(home, PLANS)[0]
    code, (none,) = asked(home, plan, "--limit", 3)
    assert (code, none["rotation"]["state"], none["rotation"]["moves"]) == (0, "within_limit", [])
    code, (less,) = asked(home, plan, "--limit", (plan["cv_limit"] + plan["cv_reachable"]) / 2)
    assert code == 0 and less["rotation"]["moved"] >= plan["moves"]
    code, (beyond,) = asked(home, plan, "--limit", plan["cv_least"] / 2)
    assert code == 1 and beyond["rotation"]["state"] == "whole_units"
    assert beyond["spending"]["state"] == "planned" and beyond["cv_after"] <= plan["cv_least"] / 2


def test_staying_inside_never_takes_fewer_moves_and_crosses_no_more(home: Path) -> None:
    for plan in query(home, PLANS)[:3]:
        _, (first,) = asked(home, plan)
        for prefer in ("group", "district"):
            code, (made,) = asked(home, plan, "--prefer", prefer)
            assert code == 0
            assert made["rotation"]["moved"] >= first["rotation"]["moved"]
            assert made["rotation"][f"between_{prefer}s"] <= first["rotation"][f"between_{prefer}s"]


def test_costs_may_differ_by_school(home: Path, tmp_path: Path) -> None:
    (plan, *_) = query(
        home, "select * from spending_plan where state = 'planned' order by county_code, stage, indicator_id"
    )
    file = tmp_path / "costs.csv"
    file.write_text("school_id,yuan_per_unit\n", "utf-8")
    code, (flat,) = asked(home, plan, "--unit-cost", 7)
    assert code == 0 and flat["is_priced"]
    assert flat["spending"]["cost"] == pytest.approx(7 * plan["units"], rel=1e-9)
    schools = [s["school_id"] for s in flat["case"]["schools"]]
    file.write_text("school_id,yuan_per_unit\n" + "".join(f"{s},{n + 1}\n" for n, s in enumerate(schools)), "utf-8")
    code, (made,) = asked(home, plan, "--unit-costs", file)
    assert code == 0 and made["cv_after"] <= plan["cv_limit"] * (1 + 1e-9)
    file.write_text("school_id,yuan_per_unit\nx,cheap\n", "utf-8")
    result = junheng(
        "advise",
        "--home",
        home,
        "--county",
        plan["county_code"],
        "--indicator",
        plan["indicator_id"],
        "--unit-costs",
        file,
    )
    assert result.exit_code == 1 and "第 2 行" in result.output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"--indicator": "backbone_teacher_per_100"}, "backbone_teachers_per_100"),
        ({"--county": "no such county"}, "no such county"),
        ({"--standard": "quality-2018"}, "quality-2017"),
        ({"--year": "1999"}, "2025"),
        ({"--stage": "primry"}, "primary"),
        ({"--limit": "0"}, "--limit"),
        ({"--keep": "2"}, "--keep"),
        ({"--prefer": "groups"}, "group"),
        ({"--unit-cost": "-1"}, "--unit-cost"),
        ({"--indicator": "computers_per_100"}, "--limit"),
        ({"--indicator": "school_size"}, "school_size"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence_that_names_what_is_nearest(
    home: Path, change: dict[str, str], said: str
) -> None:
    plan = query(home, PLANS)[0]
    words = {"--county": plan["county_code"], "--indicator": plan["indicator_id"]} | change
    result = junheng("advise", "--home", home, *(w for pair in words.items() for w in pair))
    assert result.exit_code == 1
    assert said in result.output and "Traceback" not in result.output
    assert result.output.count("✕") == 1


def test_the_commands_and_queries_of_the_page_run(home: Path) -> None:
    plan = query(home, PLANS)[0]
    blocks = re.findall(r"```(\w*)\n(.*?)```", PAGE, re.DOTALL)
    commands = [line for language, body in blocks if not language for line in body.splitlines() if line]
    assert len(commands) == 4
    for command in commands:
        words = command.replace("HOME", str(home)).replace("COUNTY", plan["county_code"]).split()
        result = junheng(*words[1:])
        assert result.exit_code in (0, 1) and "✕" not in result.output, result.output
    for sql in (body for language, body in blocks if language == "sql"):
        for statement in filter(str.strip, sql.split(";")):
            assert query(home, statement)


def test_a_county_may_be_asked_for_by_name_and_the_plan_is_told_in_words(home: Path) -> None:
    plan = query(home, PLANS)[0]
    (county,) = query(home, "select name_zh from division where code = ?", plan["county_code"])
    label = query(home, "select name_zh from indicator where indicator_id = ?", plan["indicator_id"])[0]["name_zh"]
    result = junheng(
        "advise", "--home", home, "--county", county["name_zh"], "--indicator", label, "--stage", plan["stage"]
    )
    assert result.exit_code == 0
    assert plan["reason_zh"] in result.output and plan["reason_en"] in result.output
    assert "其他指标" in result.output


def test_answers_hold_the_whole_case(home: Path) -> None:
    _, (answer,) = asked(home, query(home, PLANS)[0])
    assert set(answer["case"]) == set(Case.__dataclass_fields__)


def test_a_release_of_an_earlier_version_says_to_run_again(home: Path, tmp_path: Path) -> None:
    old = tmp_path / "home"
    shutil.copytree(home, old, symlinks=True)
    held = (old / "releases" / "latest").resolve() / "tables" / "missing_school.parquet"
    pl.read_parquet(held).drop("counted_by").write_parquet(held)
    plan = query(home, PLANS)[0]
    result = junheng("advise", "--home", old, "--county", plan["county_code"], "--indicator", plan["indicator_id"])
    assert result.exit_code == 1
    assert "较早的版本" in result.output
    assert "junheng run" in result.output
