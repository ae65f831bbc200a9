"""Rows of a form that a roster fills beforehand: who is expected, and in which stages. Never last year's figures."""

from __future__ import annotations

from typing import Any

from pipeline.schema.layout import Layout, Sheet
from pipeline.schema.model import Catalogue
from pipeline.store.roster import Roster, pupil_columns


def rows_of_roster(
    roster: Roster, county_code: str, catalogue: Catalogue, layout: Layout
) -> dict[str, list[dict[str, Any]]]:
    """part → rows of a county's schools (code, name, attributes) and of the stages in which they had pupils last year.

    In order of the school's code; parts that a roster says nothing of are left out.
    """
    schools = roster.schools_of(county_code).to_dicts()
    taught = [
        {**school, "stage": stage}
        for school in schools
        for stage, column in pupil_columns(catalogue).items()
        if school[column]
    ]
    rows = {"school": schools, "stage": taught}
    return {
        sheet.part: [_cells(sheet, row) for row in rows[sheet.record]]
        for sheet in layout.sheets
        if sheet.record in rows
    }


def _cells(sheet: Sheet, row: dict[str, Any]) -> dict[str, Any]:
    """What a row says of the columns of a sheet."""
    named = [column.to for column in sheet.columns if column.stage is None]
    return {to: row[to] for to in named if row.get(to) is not None}
