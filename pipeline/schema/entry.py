"""What all catalogue entries share: immutability, identifiers, expressions, texts in two languages."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Grade = Literal["V1", "V2", "I", "U"]
"""How well a rule is known: V1 official text, V2 secondary copy, I inferred, U from memory or unverified."""

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
StandardId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Expression = Annotated[str, Field(min_length=1)]
"""SQL over named columns, in the small dialect that ``pipeline.schema.expressions`` allows."""

RecordType = Literal["school", "stage", "class", "room", "county"]
"""What one row of a return describes: a school or campus, a school's stage, a class, a room, the county itself."""

IDENTITY_COLUMNS = {
    "school_id": ("学校标识码", "school code"),
    "name": ("学校名称", "school name"),
    "county_code": ("县级行政区划代码", "county code"),
    "stage": ("学段", "stage"),
    "school_type": ("办学类型", "school type"),
    "urban_rural": ("城乡类型", "urban-rural class"),
    "is_public": ("是否公办", "public school"),
    "parent_school_id": ("所属学校标识码", "parent school code"),
    "district_id": ("学区", "school district"),
    "group_id": ("教育集团", "school group"),
    "group_role": ("集团内角色", "role in the group"),
}
"""The columns that say whose row it is: part of every catalogue, so not fields of one. Values are labels (zh, en)."""


class Entry(BaseModel):
    """Base of all entries: immutable, and a misspelt key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(Entry):
    """A text in Chinese and English."""

    zh: str
    en: str


def _as_label(value: Any) -> Any:
    """A bare string serves both languages (a foreign catalogue may have one only)."""
    return {"zh": value, "en": value} if isinstance(value, str) else value


Text = Annotated[Label, BeforeValidator(_as_label)]


class Source(Entry):
    """Where a rule is written: document, clause and how well it is known."""

    document: Text | None = None
    clause: Text | None = None
    grade: Grade
