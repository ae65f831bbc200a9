"""Every rule of the shipped catalogue on the least return that breaks it, and on one that is sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.schema import Catalogue, load_catalogue
from tests.expectations.rule_fixtures import NAMES, Together, fixtures

Found = dict[str, list[dict[str, Any]]]
GIVEN = {fixture.name: fixture for fixture in fixtures()}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Together:
    return Together(catalogue, list(GIVEN.values()), tmp_path_factory.mktemp("rules") / "all.xlsx")


@pytest.fixture(scope="module")
def found(together: Together) -> Found:
    return together.findings()


def test_a_check_finds_what_great_expectations_finds_rule_by_rule(
    found: Found, together: Together, tmp_path: Path
) -> None:
    kept = together.findings(keep=tmp_path)

    def told(of: Found) -> set[tuple[Any, ...]]:
        return {tuple(sorted(f.items(), key=lambda item: item[0])) for rows in of.values() for f in rows}

    assert told(kept) == told(found)
    assert list(tmp_path.glob("*.result.json")), "with something kept, suites are run"


def test_every_rule_of_the_shipped_catalogue_is_told_without_waiting_for_great_expectations(
    found: Found, together: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> None:
        raise AssertionError("a rule needed a suite")

    monkeypatch.setattr("expectations.suites._context", refused)
    assert sum(len(rows) for rows in together.findings().values()) == sum(len(rows) for rows in found.values())


def test_every_rule_has_a_fixture_and_every_fixture_a_rule(catalogue: Catalogue) -> None:
    assert sorted(catalogue.rules) == NAMES


def test_every_rule_is_documented(catalogue: Catalogue) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    assert [name for name in catalogue.rules if f"`{name}`" not in page] == []


def test_nothing_is_found_in_a_sound_return(found: Found) -> None:
    assert found["_base"] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_fires_on_its_own_return_at_the_cells_it_blames(
    found: Found, together: Together, catalogue: Catalogue, name: str
) -> None:
    fixture = GIVEN[name]
    own = [finding for finding in found[name] if finding["rule_id"] == name]
    wanted = set(together.places(fixture))
    assert any(wanted <= set(finding["cell"].split(",")) for finding in own), (wanted, [f["cell"] for f in own])
    assert {finding["part"] for finding in own} == {fixture.spec["at"]["part"]}
    assert {finding["severity"] for finding in own} == {catalogue.rules[name].severity}


@pytest.mark.parametrize("name", NAMES)
def test_no_rule_fires_beside_it_but_those_it_implies(found: Found, catalogue: Catalogue, name: str) -> None:
    assert {finding["rule_id"] for finding in found[name]} - {name} <= set(catalogue.rules[name].implies)


@pytest.mark.parametrize("name", NAMES)
def test_the_words_of_a_finding_have_no_holes_and_no_ids(found: Found, catalogue: Catalogue, name: str) -> None:
    for finding in (f for f in found[name] if f["rule_id"] == name):
        words = {k: finding[k] for k in ("message_zh", "message_en", "mend_zh", "mend_en", "expected", "found", "cell")}
        assert all(text and "{" not in text and "None" not in text for text in words.values()), words
        assert not any(stage in words["message_zh"] for stage in catalogue.stages), words["message_zh"]
        assert not any(f"{field}" in words["message_zh"] for field in catalogue.fields if "_" in field), words
