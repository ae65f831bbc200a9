"""The facts of the page of a whole county: its verdicts and its ledgers, all stages together."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.schema.model import Catalogue
from reports.ledger_facts import Ledger, check_ledgers, ledgers_of
from reports.release import County, Release
from reports.verdict_facts import CountyVerdict, check_verdicts, verdicts_of


@dataclass(frozen=True)
class WholeFacts:
    """Everything that the page of a whole county says; the standard of the pages stands first in both."""

    county: County
    year: int
    verdicts: tuple[CountyVerdict, ...]
    ledgers: tuple[Ledger, ...]

    @property
    def has_page(self) -> bool:
        return bool(self.verdicts or self.ledgers)

    @property
    def stem(self) -> str:
        """How the page's files are called."""
        return f"{self.county.code}-{self.year}"


def whole_facts(release: Release, catalogue: Catalogue, county: County) -> WholeFacts:
    """The facts of a county in the latest year. Raises AssertionError when counts do not add up."""
    judged = release.judged
    facts = WholeFacts(
        county, release.year, verdicts_of(catalogue, judged.verdicts, county.code), ledgers_of(catalogue, judged.ledgers, county.code)
    )  # fmt: skip
    check_verdicts(facts.verdicts)
    check_ledgers(facts.ledgers)
    return facts
