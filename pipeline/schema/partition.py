"""What an entry of ``partitions.yaml`` may say: how the schools of an area fall into classes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from pipeline.schema.entry import Entry, Expression, Grade, Id, Text


class NamedClass(Entry):
    """A class of schools that has a name."""

    id: Id
    label: Text


class SchoolClass(NamedClass):
    """A class by a condition over columns that describe a school."""

    when: Expression


class Partition(Entry):
    """A way to divide the schools of every area; each school is in exactly one class (method 9)."""

    id: Id
    label: Text
    classes: tuple[SchoolClass, ...] = Field(default=())
    """Classes by condition, in order: the first that holds."""
    each: Expression | None = None
    """The class itself, as a text: one class a value."""
    members: Literal["group", "district"] | None = None
    """The school groups or school districts of ``group_membership``: one class a group."""
    rest: NamedClass
    """The class of the schools that fall into no other."""
    document: Text | None = None
    grade: Grade

    @model_validator(mode="after")
    def _one_way(self) -> Partition:
        if sum([bool(self.classes), self.each is not None, self.members is not None]) != 1:
            raise ValueError("give exactly one of classes, each, members")
        return self
