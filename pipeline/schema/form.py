"""What a layout says of the form that it prints (cover, notes, lists of codes), and what a list of codes is."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from pipeline.schema.entry import Entry, Grade, Id, Text


class CoverLine(Entry):
    """One line of the cover: a label and what stands beside it; nothing where the filler is to write."""

    label: Text
    holds: Literal["year", "county_code", "county_name", "catalogue"] | None = None
    """What the writer puts there."""
    text: Text | None = None
    """A fixed text with the holes ``{year}``, the collection year, and ``{before}``, the year before it."""

    @model_validator(mode="after")
    def _at_most_one(self) -> CoverLine:
        if self.holds is not None and self.text is not None:
            raise ValueError("give holds or text, not both")
        return self


class Form(Entry):
    """The form that is printed from a layout: names of the sheets without rows, the cover's lines, the instructions."""

    title: Text
    cover: str
    notes: str
    codes: str
    lines: tuple[CoverLine, ...]
    instructions: tuple[Text, ...] = ()


class CodeList(Entry):
    """``codes.yaml``: what the codes of a column mean, in the order in which forms offer them."""

    id: Id
    """The column: an identity column or a field."""
    label: Text
    codes: dict[str, Text] = Field(min_length=1)
    is_closed: bool = True
    """Whether other codes are wrong; a list that is not closed only suggests."""
    document: Text | None = None
    grade: Grade
