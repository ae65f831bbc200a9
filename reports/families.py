"""A province by a standard: its facts in every judged stage, so that the pages of one stage can speak of the others."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.schema.model import Catalogue, Standard
from reports.area_facts import AreaFacts
from reports.area_gather import area_facts
from reports.areas import Areas, Province


@dataclass(frozen=True)
class Family:
    """The facts of a province by a standard, of every judged stage: the pages of one speak of the others too."""

    standard: Standard
    stages: tuple[AreaFacts, ...]

    def within_all(self) -> int:
        """Counties within the limits in every stage that they have, and in one at least."""
        held = zip(*(facts.lines for facts in self.stages), strict=True)
        return sum(
            all(line.verdict in ("within", "none") for line in lines)
            and any(line.verdict == "within" for line in lines)
            for lines in held
        )


def standards_of(catalogue: Catalogue) -> list[Standard]:
    """The standards that have something to say of counties, the default one first."""
    found = [s for s in catalogue.standards.values() if s.gap is not None or s.measures]
    return sorted(found, key=lambda s: s.id != catalogue.about.default_standard)


def family_of(areas: Areas, catalogue: Catalogue, province: Province, standard: Standard) -> Family:
    """The facts of a province by a standard."""
    return Family(
        standard, tuple(area_facts(areas, catalogue, province, stage, standard) for stage in catalogue.judged_stages)
    )
