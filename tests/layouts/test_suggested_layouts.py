"""The ministry's export without its layout: what would be suggested for it, and what is said once its headers change."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pipeline.returns.layouts import FileFit, fit, header_in
from pipeline.returns.reader import read_tables
from pipeline.returns.suggest.check import faults_of
from pipeline.returns.suggest.diff import differences
from pipeline.returns.suggest.file import suggest
from pipeline.returns.suggest.write import as_yaml
from pipeline.schema import load_catalogue
from tests.layouts import ministry
from tests.pipeline.suggested import YEAR, hidden

CATALOGUE = load_catalogue()
LAYOUT = "ministry"
EVERY = tuple(CATALOGUE.layouts)

FILES = {
    "headers over one another": (ministry.as_text(ministry.grid("primary")), "小学.csv"),
    "headers in one cell": (ministry.as_text(ministry.grid("junior", joined=">")), "初中.csv"),
    "merged headers": (ministry.as_workbook({"primary": "小学", "junior": "初中"}), "导出.xlsx"),
}

Truth = Mapping[tuple[str, str], tuple[str, str | None, float]]


def truth(data: bytes) -> Truth:
    """Sheet and header → the cell, the stage and the factor that the layout gives it."""
    alone = CATALOGUE.model_copy(update={"layouts": {LAYOUT: CATALOGUE.layouts[LAYOUT]}})
    fitted = fit(read_tables(data, CATALOGUE), alone, YEAR)
    assert isinstance(fitted, FileFit)
    found: dict[tuple[str, str], tuple[str, str | None, float]] = {}
    for table, of in fitted.fits:
        for column in of.sheet.columns:
            position = of.position(header_in(column.header, YEAR), column.also)
            if position is not None:
                stage = str(of.sheet.constants["stage"]) if is_by_stage(column.to) else None
                found[table.sheet, of.heading.cells[position].strip()] = (column.to, stage, column.factor)
    return found


def is_by_stage(to: str) -> bool:
    return to in CATALOGUE.fields and CATALOGUE.fields[to].scope == "stage"


@pytest.mark.parametrize("layouts", [(LAYOUT,), EVERY], ids=["its layout hidden", "every layout hidden"])
@pytest.mark.parametrize("kind", FILES)
def test_the_export_is_recognised_column_by_column_without_its_layout(kind: str, layouts: tuple[str, ...]) -> None:
    data, name = FILES[kind]
    expected = truth(data)
    draft = suggest(data, name, hidden(CATALOGUE, *layouts), YEAR)
    found = {}
    for sheet in draft.sheets:
        for column in sheet.taken:
            assert column.best is not None
            to = column.best.meaning.to
            stage = (column.best.meaning.stage or sheet.constants.get("stage")) if is_by_stage(to) else None
            found[sheet.table, column.header] = (to, stage, column.factor)
    assert len(expected) >= 27
    assert {key: value for key, value in found.items() if expected.get(key) != value} == {}
    assert len(found) >= 0.95 * len(expected)
    assert faults_of(draft.id, as_yaml(draft), CATALOGUE) == []


def test_of_an_export_whose_unit_changed_that_is_said_first() -> None:
    rows = ministry.grid("primary", joined=">")
    rows[0] = [header.replace("万元", "元").replace("体育与健康", "体育") for header in rows[0]]
    found = differences(ministry.as_text(rows), "小学.csv", CATALOGUE, YEAR)
    assert found.layout_id == LAYOUT
    assert [d.kind for d in found.differences[:2]] == ["unit_changed", "header_renamed"]
    assert "10000 倍" in found.differences[0].zh


def test_sheets_with_the_same_headers_are_told_apart_by_their_names() -> None:
    data = ministry.as_workbook({"junior": "初中", "primary": "小学"})
    found = differences(data, "导出.xlsx", CATALOGUE, YEAR)
    assert found.layout_id == LAYOUT
    assert not {d.kind for d in found.differences} & {"header_renamed", "required_gone", "unit_changed", "sheet_new"}
