"""Every row of the three tables on a sample, recomputed from the schools' values by NumPy, and added up to 1e-12."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipeline.schema import load_catalogue
from pipeline.store.home import Home
from tests.pipeline.chain import table
from tests.pipeline.decomposed import textbook

GAP = ["year", "standard_id", "area_level", "area_code", "stage", "indicator_id"]
LEVELS = ("province", "prefecture", "county")
CLASSES = {"11": "city", "12": "town", "2": "rural"}
"""What the first digits of an urban-rural code say (GB/T 33782-2017, table 5), as the shipped partitions name it."""


@pytest.fixture(scope="module")
def home(small_run: Path) -> Home:
    return Home(small_run)


@pytest.fixture(scope="module")
def schools(home: Home) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    """(year, standard, stage, indicator) → schools that count and have a value, with their areas and classes."""
    counted = table(home, "school_scope", is_counted=True).select("year", "standard_id", "school_id", "stage")
    values = table(home, "indicator_value", state="ok").join(counted, on=["year", "school_id", "stage"])
    columns = ["year", "school_id", "urban_rural", "is_public"]
    rows = values.join(table(home, "school").select(columns), on=["year", "school_id"])
    for kind in ("group", "district"):
        members = table(home, "group_membership", kind=kind).select("year", "school_id", pl.col("group_id").alias(kind))
        rows = rows.join(members, on=["year", "school_id"], how="left")
    parents = {row["code"]: row["parent_code"] for row in table(home, "division").to_dicts()}
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows.to_dicts():
        prefecture = parents[row["county_code"]]
        code = row["urban_rural"] or ""
        classes = {
            "county": row["county_code"], "prefecture": prefecture, "province": parents[prefecture], "nation": "0",
            "group": row["group"] or "none", "district": row["district"] or "none",
            "urban_rural": next((name for digits, name in CLASSES.items() if code.startswith(digits)), "unknown"),
            "ownership": {True: "public", False: "private", None: "unknown"}[row["is_public"]],
        }  # fmt: skip
        found[row["year"], row["standard_id"], row["stage"], row["indicator_id"]].append(row | classes)
    return found


def close(a: float | None, b: float | None, tolerance: float = 1e-9) -> bool:
    if a is None or b is None:
        return a is None and b is None
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-15)


def test_every_gap_is_taken_apart_in_every_way_and_adds_up_to_1e_12(home: Home) -> None:
    gaps, rows = table(home, "gap_coefficient"), table(home, "gap_decomposition")
    ways = rows.group_by("area_level").agg(pl.col("divided_by").unique().sort())
    of_schools = set(load_catalogue().partitions)
    assert {r["area_level"]: set(r["divided_by"]) for r in ways.to_dicts()} == {
        "county": of_schools,
        "prefecture": of_schools | {"county"},
        "province": of_schools | {"prefecture", "county"},
        "nation": of_schools | {"province"},
    }
    for _, level in rows.group_by("area_level", "divided_by"):
        assert level.height == gaps.filter(pl.col("area_level") == level["area_level"][0]).height
    joined = rows.join(gaps, on=GAP, suffix="_gap")
    assert joined.height == rows.height
    seen = 0
    for row in joined.to_dicts():
        assert (row["state"], row["schools_missing"], row["cv"]) == (
            row["state_gap"], row["schools_missing_gap"], row["cv_gap"],
        )  # fmt: skip
        if row["cv"] is not None:
            assert close(row["cv2_between"] + row["cv2_within"], row["cv"] ** 2, 1e-12)
            assert close(row["theil_t"], row["theil"])
            seen += 1
    assert seen > 1000
    assert "incomplete" in set(rows["state"]) or rows["schools_missing"].sum() > 0


def test_every_row_agrees_with_the_text_book(home: Home, schools: dict[tuple[Any, ...], list[dict[str, Any]]]) -> None:
    names = {
        "cv2": "cv2", "b": "cv2_between", "w": "cv2_within", "t": "theil_t", "tb": "theil_t_between",
        "tw": "theil_t_within", "l": "theil_l", "lb": "theil_l_between", "lw": "theil_l_within",
    }  # fmt: skip
    for row in table(home, "gap_decomposition").to_dicts():
        parts: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for school in schools.get((row["year"], row["standard_id"], row["stage"], row["indicator_id"]), []):
            if school[row["area_level"]] == row["area_code"]:
                parts[school[row["divided_by"]]].append((school["pupils"], school["value"]))
        by_hand = textbook(parts) if parts else {}
        assert row["classes"] == len(parts)
        for name, column in names.items():
            assert close(row[column], by_hand.get(name)), (row, column, by_hand.get(name))


def test_classes_have_names_and_add_up(home: Home) -> None:
    classes = table(home, "gap_decomposition_class")
    names = {(r["divided_by"], r["class_code"]): r["class_en"] for r in classes.to_dicts()}
    assert names["urban_rural", "rural"] == "rural" and names["group", "none"] == "in no school group"
    members = table(home, "group_membership", kind="group")
    assert any(names.get(("group", r["group_id"])) == r["group_name"] for r in members.to_dicts())
    key = [*GAP, "divided_by"]
    added = classes.group_by(key).agg(pl.col("schools", "pupils", "cv2_between", "cv2_within", "pupils_share").sum())
    joined = table(home, "gap_decomposition").join(added, on=key, suffix="_added")
    for row in joined.to_dicts():
        assert row["schools"] == row["schools_added"] and close(row["pupils_share"], 1.0, 1e-12)
        for column in ("pupils", "cv2_between", "cv2_within"):
            assert row[column] is None or close(row[column], row[f"{column}_added"], 1e-12)


def test_every_contribution_agrees_with_numpy(home: Home, schools: dict[tuple[Any, ...], list[dict[str, Any]]]) -> None:
    key = ["year", "standard_id", "county_code", "stage", "indicator_id"]
    found = table(home, "school_contribution").sort(*key, "place")
    levels = {
        (r["year"], r["standard_id"], r["school_id"], r["stage"], r["indicator_id"]): r["threshold"]
        for r in table(home, "indicator_attainment").to_dicts()
    }
    asked = {(s.id, name) for s in load_catalogue().standards.values() if s.gap for name in s.gap.indicators}
    assert found.height == sum(len(rows) for (_, name, _, of), rows in schools.items() if (name, of) in asked)
    for (year, standard, _county, stage, indicator), rows in found.group_by(key, maintain_order=True):
        p, x = rows["pupils"].to_numpy(), rows["value"].to_numpy()
        mean = float((p * x).sum() / p.sum())
        squares = p * (x - mean) ** 2
        if len(set(x)) > 1:
            assert np.allclose(rows["share"].to_numpy(), squares / squares.sum(), rtol=1e-9, atol=1e-14)
            assert math.isclose(rows["share"].sum(), 1, rel_tol=1e-12)
            cv = math.sqrt(squares.sum() / p.sum()) / mean
            assert np.array_equal(np.sign(rows["marginal_effect"].to_numpy()), np.sign(x - (1 + cv**2) * mean))
        level = [levels.get((year, standard, s, stage, indicator)) for s in rows["school_id"]]
        if None in level:
            assert set(rows["cv_without_shortfall"]) == {None}
            continue
        reached = np.maximum(x, np.array(level, dtype=float))
        for i, row in enumerate(rows.to_dicts()):
            alone, first = x.copy(), np.concatenate([reached[: i + 1], x[i + 1 :]])
            alone[i] = reached[i]
            for column, values in (("cv_without_shortfall", alone), ("cv_first_reached", first)):
                about = (p * values).sum() / p.sum()
                expected = math.sqrt((p * (values - about) ** 2).sum() / p.sum()) / about if about else None
                assert row[column] == expected or math.isclose(row[column], expected, rel_tol=1e-9, abs_tol=1e-12)
