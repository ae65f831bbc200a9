"""The registry of public tables: name, key, and every column with type, unit and meaning.

A table has one name in four places: its maker (``sql/<name>.sql`` or ``tables/<name>.py``), its asset, its table in the release,
its page in the data dictionary. Its words stand in ``described/``, a file a subject; ``fields:`` there stands for a column per
field of these scopes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML

from pipeline.schema.check import unit_columns
from pipeline.schema.entry import IDENTITY_COLUMNS
from pipeline.schema.model import Catalogue, FieldDef

SUBJECTS = (
    "release", "returns", "catalogue", "schools", "results", "verdicts", "shortfalls", "groups", "decompositions", "certainty",
    "years", "advice", "suspicion",
)  # fmt: skip
"""Files of ``described/``, in the order in which their tables are documented."""

NOT_REPORTED = ("没有填报或无法算出，不是 0", "not reported or not computable, never 0")
"""What a null means in a column of a catalogue field."""


@dataclass(frozen=True)
class ColumnDef:
    """A column of a public table: SQL type, unit, meaning and what a null means, in both languages. No ``empty``: never null."""

    name: str
    type: str
    zh: str
    en: str
    unit: str = ""
    empty_zh: str = ""
    empty_en: str = ""

    @property
    def comment(self) -> str:
        unit = f" [{self.unit}]" if self.unit else ""
        empty = f" (null: {self.empty_zh} / {self.empty_en})" if self.empty_zh else ""
        return f"{self.zh} / {self.en}{unit}{empty}"


@dataclass(frozen=True)
class TableDef:
    """A public table. ``field_scopes``: it has a column per catalogue field of these scopes besides its own columns."""

    name: str
    zh: str
    en: str
    key: tuple[str, ...]
    own_columns: tuple[ColumnDef, ...]
    field_scopes: tuple[str, ...] = ()

    @property
    def comment(self) -> str:
        return f"{self.zh} / {self.en}"

    def columns(self, catalogue: Catalogue) -> list[ColumnDef]:
        """All columns, those of the catalogue's fields included, in the order of the table."""
        if not self.field_scopes:
            return list(self.own_columns)
        known = {column.name: column for column in self.own_columns}
        for name in IDENTITY_COLUMNS:
            if name in unit_columns(catalogue) and name not in known:
                zh, en = IDENTITY_COLUMNS[name]
                known[name] = ColumnDef(name, "double" if name == "is_public" else "varchar", zh, en, "", *NOT_REPORTED)
        for field in catalogue.fields_of(*self.field_scopes):
            known.setdefault(field.id, field_column(field))
        return list(known.values())


def field_column(field: FieldDef) -> ColumnDef:
    """The column of a catalogue field: label, unit, source and grade."""
    forms = ", ".join(f"{form} ({year}–)" for year, form in sorted(field.form.items()))
    unit = f"{field.unit.zh} / {field.unit.en}" if field.unit else ""
    sql_type = "varchar" if field.type in ("text", "code") else "double"
    tail = f" · {forms}" if forms else ""
    return ColumnDef(
        field.id, sql_type, field.label.zh, f"{field.label.en}{tail} · {field.source.grade}", unit, *NOT_REPORTED
    )


@cache
def public_tables() -> dict[str, TableDef]:
    """The public tables by name, in the order in which they are documented."""
    folder = resources.files("pipeline.tables").joinpath("described")
    texts = (folder.joinpath(f"{subject}.yaml").read_text(encoding="utf-8") for subject in SUBJECTS)
    return {entry["name"]: _table(entry) for text in texts for entry in YAML(typ="safe").load(text) or ()}


def _table(entry: dict[str, Any]) -> TableDef:
    columns = tuple(_column(name, given) for name, given in entry["columns"].items())
    return TableDef(
        entry["name"], entry["zh"], entry["en"], tuple(entry["key"]), columns, tuple(entry.get("fields", ()))
    )


def _column(name: str, given: dict[str, Any]) -> ColumnDef:
    empty = given.get("empty", {})
    plain = {key: value for key, value in given.items() if key != "empty"}
    return ColumnDef(name, **plain, empty_zh=empty.get("zh", ""), empty_en=empty.get("en", ""))
