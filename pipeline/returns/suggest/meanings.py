"""What a header may stand for: every cell of a kind of row in the catalogue, under all names that it is known by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from rapidfuzz import fuzz, process

from pipeline.returns.headings import normal
from pipeline.returns.suggest.wording import Wording, alike, bag, wording
from pipeline.schema.entry import IDENTITY_COLUMNS, RecordType
from pipeline.schema.model import Catalogue, FieldDef

COUNTY = "county_code"
"""The identity column that a layout gives as ``division``, not as a column."""
STAGE = "stage"
_FEWEST = 34
"""Percent of signs that a name must share with a header to be held against it at all: quick, and far below a match."""
SCHOOL = "school_id"


@dataclass(frozen=True)
class Meaning:
    """A cell of a typed row: a field or an identity column, and the stage where a row of a school tells of one."""

    to: str
    stage: str | None = None


@dataclass(frozen=True)
class Header:
    """A header without the stage that it names: ``在校生`` and ``primary`` of ``小学在校生``."""

    as_said: Wording
    without_stage: Wording
    stage: str | None


@dataclass
class Meanings:
    """The names of all cells of a catalogue, and how near a header is to each."""

    catalogue: Catalogue
    _nearness: dict[str, dict[str, float]] = field(default_factory=dict)

    @cached_property
    def names(self) -> dict[str, tuple[Wording, ...]]:
        """Field or identity column → the names that labels and layouts know it by."""
        found: dict[str, dict[Wording, None]] = {}
        for to, said in self._said():
            found.setdefault(to, {})[wording(said)] = None
        return {to: tuple(said) for to, said in found.items()}

    def _said(self) -> Iterator[tuple[str, str]]:
        for to, texts in IDENTITY_COLUMNS.items():
            yield from ((to, said) for said in (*texts, to))
        for of in self.catalogue.fields.values():
            if not of.is_derived:
                yield from ((of.id, said) for said in (of.label.zh, of.label.en, of.id))
        for layout in self.catalogue.layouts.values():
            for sheet in layout.sheets:
                yield from ((COUNTY, said) for said in (*_spelt(sheet.division.header), *sheet.division.also))
                for column in sheet.columns:
                    if column.stage is None:
                        yield from ((column.to, said) for said in (*_spelt(column.header), *column.also))

    @cached_property
    def staged(self) -> dict[tuple[str, str], set[str]]:
        """Names that layouts give to a field of one stage (normalised), for headers that name no stage in plain words."""
        found: dict[tuple[str, str], set[str]] = {}
        for layout in self.catalogue.layouts.values():
            for column in (column for sheet in layout.sheets for column in sheet.columns if column.stage):
                said = {normal(text) for text in (*_spelt(column.header), *column.also)}
                found.setdefault((column.to, str(column.stage)), set()).update(said)
        return found

    @cached_property
    def stage_words(self) -> dict[str, str]:
        """Normalised word for a stage → its id: labels, ids, and what layouts recode to it."""
        found: dict[str, str] = {}
        for stage in self.catalogue.stages.values():
            found |= {normal(said): stage.id for said in (stage.label.zh, stage.label.en, stage.id)}
        for layout in self.catalogue.layouts.values():
            for column in (c for sheet in layout.sheets for c in sheet.columns if c.to == STAGE):
                found |= {normal(text): value for text, value in column.recode.items()}
        return found

    def header(self, text: str) -> Header:
        """A header with the one stage that it names, if it names one."""
        said = wording(text)
        named = {stage for word, stage in self.stage_words.items() if len(word) > 1 and word in said.whole}
        if len(named) != 1:
            return Header(said, said, None)
        rest = said.whole
        for word in sorted(self.stage_words, key=len, reverse=True):
            if len(word) > 1:
                rest = rest.replace(word, "")
        return Header(said, wording(rest.replace("()", "").strip(">_-: ")), named.pop())

    def targets(self, record: RecordType, stages: set[str]) -> list[Meaning]:
        """The cells that a column of a kind of row may give; fields by stage once for each stage that headers name."""
        if record == "county":
            return [Meaning(COUNTY), *(Meaning(f.id) for f in self.catalogue.cells_of("county"))]
        found = [Meaning(name) for name in IDENTITY_COLUMNS]
        found += [Meaning(f.id) for f in self.catalogue.cells_of(record)]
        if record == "school":
            by_stage = self.catalogue.cells_of("stage")
            found += [Meaning(f.id) for f in by_stage]
            found += [Meaning(f.id, stage) for f in by_stage for stage in sorted(stages)]
            found = [m for m in found if m.to != STAGE]
        return found

    @cached_property
    def _choices(self) -> tuple[list[str], list[tuple[str, Wording]]]:
        """Every way of saying every name, as a bag of signs, and what it names."""
        listed = [(bag(core), to, name) for to, names in self.names.items() for name in names for core in name.cores]
        return [signs for signs, _, _ in listed], [(to, name) for _, to, name in listed]

    def nearness(self, said: Wording) -> dict[str, float]:
        """Field or identity column → how near a header is to it; those that share few signs with it are left out."""
        if said.whole not in self._nearness:
            choices, named = self._choices
            near: dict[tuple[str, Wording], None] = {}
            for core in said.cores:
                for _, _, at in process.extract(
                    bag(core), choices, scorer=fuzz.ratio, score_cutoff=_FEWEST, limit=None
                ):
                    near[named[at]] = None
            scores: dict[str, float] = {}
            for to, name in near:
                scores[to] = max(scores.get(to, 0.0), alike(said, name))
            self._nearness[said.whole] = scores
        return self._nearness[said.whole]

    def score(self, header: Header, meaning: Meaning) -> float:
        """How near a header is to a cell, by words alone: 0 to 1."""
        if meaning.stage is not None:
            if header.as_said.whole in self.staged.get((meaning.to, meaning.stage), ()):
                return 1.0
            return self.nearness(header.without_stage).get(meaning.to, 0.0) if header.stage == meaning.stage else 0.0
        return self.nearness(header.as_said).get(meaning.to, 0.0)

    def nearest(self, text: str) -> tuple[Meaning | None, float]:
        """The cell nearest to a header, of whatever kind of row, and how near it is."""
        header = self.header(text)
        scores = {Meaning(to): score for to, score in self.nearness(header.as_said).items()}
        if header.stage is not None:
            scores |= {Meaning(to, header.stage): score for to, score in self.nearness(header.without_stage).items()}
        best = max(scores, key=lambda meaning: scores[meaning], default=None)
        return best, scores[best] if best is not None else 0.0

    def best(self, text: str) -> float:
        """How near a header is to whatever cell is nearest to it."""
        return self.nearest(text)[1]

    def field(self, to: str) -> FieldDef | None:
        return self.catalogue.fields.get(to)

    def label(self, meaning: Meaning) -> tuple[str, str]:
        """Label of a cell in Chinese and English, with its stage."""
        of = self.field(meaning.to)
        zh, en = (of.label.zh, of.label.en) if of is not None else IDENTITY_COLUMNS[meaning.to]
        if meaning.stage is None:
            return zh, en
        stage = self.catalogue.stages[meaning.stage].label
        return f"{stage.zh}{zh}", f"{en}, {stage.en}"


def _spelt(header: str | dict[int, str] | None) -> tuple[str, ...]:
    """A header in all years."""
    if header is None:
        return ()
    return (header,) if isinstance(header, str) else tuple(header.values())
