"""Where the pages of areas and of whole counties stand inside a language's folder."""

from __future__ import annotations

from pipeline.schema.model import Catalogue, Stage, Standard
from reports.areas import Province
from reports.release import County

NATION = "nation.html"


def overview_path(province_code: str) -> str:
    """Where a province's overview stands inside a language's folder."""
    return f"province/{province_code}.html"


def province_path(province: Province, stage: Stage, standard: Standard, catalogue: Catalogue) -> str:
    """Where a province's page of a stage and standard stands inside a language's folder."""
    tail = "" if standard.id == catalogue.about.default_standard else f"-{standard.id}"
    return f"province/{province.code}-{stage.id}{tail}.html"


def whole_path(county: County) -> str:
    """Where the page of a whole county stands inside a language's folder."""
    return f"verdict/{county.province_code}/{county.code}.html"
