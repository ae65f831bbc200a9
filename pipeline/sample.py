"""The small built-in sample: returns of four fictional counties for two years, as CSV files in our own layout.

Here: drawing units and their cells from ``sample.yaml`` and writing them by the layout of the catalogue. Not here: any
field, stage or level; those stand in the YAML file. Everything is invented; only general levels follow published means.
"""

from __future__ import annotations

import csv
import io
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pipeline.returns.layouts import header_in
from pipeline.schema import load_catalogue
from pipeline.schema.layout import Column, Sheet
from pipeline.schema.model import Catalogue
from pipeline.store.home import write_atomically

LAYOUT = "own"
CUT = 2.5
"""Normal draws are cut here, in standard deviations."""
REL_RANGE = (0.18, 6.0)
"""Bounds of a school's pupils over the usual size of its kind."""

Spec = Mapping[str, Any]
Row = dict[str, Any]


@cache
def model() -> Any:
    """The parameters of ``sample.yaml``."""
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    return YAML(typ="safe", pure=True).load(text)


@dataclass(frozen=True)
class Draws:
    """Random numbers by name, so that a draw is the same in every year and does not depend on others."""

    seed: int
    unit: str

    def uniform(self, *name: object) -> float:
        """Between 0 and 1."""
        return self._stream(*name).random()

    def normal(self, *name: object) -> float:
        """Of mean 0 and deviation 1, cut."""
        return max(-CUT, min(CUT, self._stream(*name).gauss(0.0, 1.0)))

    def _stream(self, *name: object) -> random.Random:
        return random.Random("/".join(map(str, (self.seed, self.unit, *name))))


@dataclass(frozen=True)
class Unit:
    """One school, campus or teaching point: its place in the county's list, what it is, and whose it is."""

    county: str
    number: int
    template: Spec
    heads: Mapping[str, float]
    cells: Mapping[str, Any]
    draws: Draws

    @property
    def prepared(self) -> float:
        """The chance that the unit was brought up to each level before an evaluation."""
        return float(self.spec.get("prepared", 0))

    @property
    def spec(self) -> Any:
        """Parameters of the unit's county."""
        return model()["counties"][self.county]

    @property
    def place(self) -> int:
        """Index of city, town, village in lists of three."""
        return next(i for i, start in enumerate(model()["places"]) if self.cells["urban_rural"].startswith(start))

    def at(self, number: Any) -> float:
        """A number, or the one of a list that is meant for this place."""
        return float(number[self.place] if isinstance(number, list) else number)


@dataclass
class Rows:
    """A unit's rows of one year: the school, its stages by id, its classes and its rooms."""

    school: Row
    stages: dict[str, Row] = field(default_factory=dict)
    lists: dict[str, list[Row]] = field(default_factory=dict)

    def of(self, record: str) -> list[Row]:
        """Rows of a record type."""
        return {"school": [self.school], "stage": list(self.stages.values())}.get(record) or self.lists.get(record, [])


def write_sample(home: Path, seed: int = 1) -> list[Path]:
    """Writes the sample returns into ``home/inbox/<year>/``: a file a county and sheet. Returns the paths, sorted."""
    catalogue = load_catalogue()
    written = []
    for county in model()["counties"]:
        units = _units(county, seed)
        for year in model()["years"]:
            rows = [(unit, _rows(unit, year, catalogue)) for unit in units]
            for sheet in catalogue.layouts[LAYOUT].sheets:
                path = home / "inbox" / str(year) / f"{county}-{sheet.part}.csv"
                write_atomically(path, _csv(sheet, county, year, rows))
                written.append(path)
    return sorted(written)


def _units(county: str, seed: int) -> list[Unit]:
    """The units of a county, as its list of kinds says."""
    spec = model()["counties"][county]
    units: list[Unit] = []
    for entry in spec["units"]:
        for _ in range(entry.get("count", 1)):
            units.append(_unit(county, len(units) + 1, entry, seed, units))
    return units


def _unit(county: str, number: int, entry: Spec, seed: int, before: Sequence[Unit]) -> Unit:
    spec, template = model()["counties"][county], model()["templates"][entry["is"]]
    school_id = f"{template['code']}{county[:2]}{county[2:]}{number:02d}"
    draws = Draws(seed, school_id)
    spread = 0.0 if "heads" in entry else template.get("spread", 0.35)
    scale = math.exp(spread * draws.normal("heads"))
    heads = {stage: count * scale for stage, count in (entry.get("heads") or template["heads"]).items()}
    name = spec["stems"][number - 1] + template["suffix"]
    cells = {"school_id": school_id, "name": name, **model()["defaults"], **template["cells"], **entry.get("cells", {})}
    if "districts" in spec:
        cells.setdefault("district_id", spec["districts"][number % len(spec["districts"])])
    if "parent" in entry:
        cells["parent_school_id"] = before[entry["parent"] - 1].cells["school_id"]
    return Unit(county, number, template, heads, cells, draws)


def _rows(unit: Unit, year: int, catalogue: Catalogue) -> Rows:
    """A unit's rows of one year; later years move on from the first with the same draws."""
    rows = Rows(school=dict(unit.cells), lists={"class": [], "room": []})
    for stage, heads in unit.heads.items():
        moved = round(heads * math.exp(_moves(unit, year, model()["pupils_yearly"], "heads", stage)))
        row = {"school_id": unit.cells["school_id"], "stage": stage, catalogue.stages[stage].pupils_field: moved}
        _add_class_rows(unit, stage, moved, row, rows.lists["class"])
        rows.stages[stage] = row
    for spec in model()["quantities"]:
        targets = rows.stages.items() if spec["of"] == "stage" else [("", rows.school)]
        for stage, row in targets:
            row[spec["to"]] = Quantity(spec, unit, year, rows, stage, catalogue).amount()
    _add_rooms(unit, rows)
    return rows


def _moves(unit: Unit, year: int, by: Spec, *name: object) -> float:
    """How far a logarithm has moved since the first year."""
    later = [y for y in model()["years"] if model()["years"][0] < y <= year]
    return float(sum(by["trend"] + by["spread"] * unit.draws.normal("year", y, *name) for y in later))


def _add_class_rows(unit: Unit, stage: str, heads: int, row: Row, listed: list[Row]) -> None:
    """A stage's heads over its levels nearly evenly, each level in as few groups as the unit's limit allows."""
    to, spec = model()["class_rows"], model()["stages"][stage]
    first, count = spec["levels"]
    count = min(count, unit.template.get("levels", count))
    limit = spec["limits"][0 if unit.prepared else int(unit.draws.uniform("limit", stage) * len(spec["limits"]))]
    weights = [math.exp(0.05 * unit.draws.normal("level", stage, level)) for level in range(count)]
    bounds = [round(heads * sum(weights[:i]) / sum(weights)) for i in range(count + 1)]
    before = len(listed)
    for level, (low, high) in enumerate(pairwise(bounds), first):
        parallel = max(1, math.ceil((high - low) / limit))
        for number in range(parallel):
            size = (high - low + number) // parallel
            cells = {to["size_to"]: size, to["grade_to"]: level}
            cells[to["name_to"]] = to["name"].format(level=level, number=number + 1)
            listed.append({"school_id": unit.cells["school_id"], "stage": stage, **cells})
    row[to["count_to"]] = len(listed) - before


def _add_rooms(unit: Unit, rows: Rows) -> None:
    """Special rooms: as many as the classes need, each there with a chance, a few of them too small."""
    spec = model()["room_rows"]
    for kind, entry in enumerate(spec["kinds"]):
        for number in range(math.ceil(len(rows.lists["class"]) / entry["every"])):
            chance = max(unit.prepared, unit.at(entry["share"]))
            draw = unit.draws.uniform("room", kind, number)
            low, high = entry["proper"] if draw < chance else entry["small"]
            area = round(low + (high - low) * unit.draws.uniform("area", kind, number), 1)
            if draw < (1 + chance) / 2:
                cells = {**entry["cells"], spec["area_to"]: area}
                rows.lists["room"].append({"school_id": unit.cells["school_id"], **cells})


@dataclass(frozen=True)
class Quantity:
    """One cell to draw: its entry in ``sample.yaml`` and whose it is; ``stage`` is empty for the whole school."""

    spec: Spec
    unit: Unit
    year: int
    rows: Rows
    stage: str
    catalogue: Catalogue

    def amount(self) -> float:
        """The cell's value, drawn, brought up to its least where the county prepared, cut and rounded."""
        spec, draws = self.spec, self.unit.draws
        if "presence" in spec and draws.uniform(self.to, "there") >= self.unit.at(spec["presence"]):
            return 0
        value = self._sum(spec["parts"]) * self._relative() * math.exp(self._shock())
        value *= self.unit.template.get(spec["factor"], 0) if "factor" in spec else 1
        if "short" in spec and draws.uniform(self.to, "short") < 0.5:
            value *= 1 - 2 * spec["short"] * draws.uniform(self.to, "by")
        value = max(value, self._sum(spec.get("floor", ())), self._least())
        return max(0, min(self._rounded(value), self._most()))

    @property
    def to(self) -> str:
        """The name under which its draws are kept."""
        return f"{self.spec['to']}@{self.stage}"

    def _known(self, name: str) -> dict[str, float]:
        """An amount drawn before: by stage, or of the whole school under the empty stage."""
        if name in self.rows.school:
            return {"": self.rows.school[name]}
        return {s: row[name] for s, row in self.rows.stages.items() if self.stage in ("", s)}

    def _sum(self, parts: Sequence[Spec]) -> float:
        total = 0.0
        for part in parts:
            times = part.get("times", 1)
            for stage, amount in self._known(part["of"]).items():
                total += amount * self.unit.at(times[stage] if isinstance(times, dict) else times)
        return total

    def _heads(self) -> dict[str, float]:
        stages = self.catalogue.stages
        return {s: r[stages[s].pupils_field] for s, r in self.rows.stages.items() if self.stage in ("", s)}

    def _relative(self) -> float:
        """What the school's size does: small ones have more for each, and some are funded as if they were larger."""
        usual = self.unit.template.get("reference") or sum(self.unit.template["heads"].values())
        share = sum(self.unit.heads.values()) / usual
        raised = max(1.0, self.spec.get("raised_to", 0) / max(1, sum(self._heads().values())))
        return float(raised * max(REL_RANGE[0], min(REL_RANGE[1], share)) ** -self.spec.get("size", 0))

    def _shock(self) -> float:
        """What makes this school differ from others of its kind, and this year from the first."""
        spec, draws = self.spec, self.unit.draws
        space, wealth = spec.get("loads", (0.0, 0.0))
        rest = math.sqrt(1 - space**2 - wealth**2)
        mixed = space * draws.normal("space") + wealth * draws.normal("wealth") + rest * draws.normal(self.to)
        clip = spec.get("clip", math.inf)
        own = max(-clip, min(clip, self.unit.spec["inequality"] * spec.get("spread", 0) * mixed))
        moved = _moves(self.unit, self.year, model()["yearly"], self.to) if spec.get("spread") else 0
        return float(own + spec.get("county", 0) * self.unit.spec["wealth"] + spec.get("add", 0) + moved)

    def _least(self) -> float:
        """What the school needs to reach the level in each of its stages, where the county saw to it."""
        least, draws = self.spec.get("least"), self.unit.draws
        if not least or draws.uniform(self.to, "prepared") >= self.unit.prepared:
            return 0
        weighted = [(s, self.catalogue.stages[s].split_weight, heads) for s, heads in self._heads().items()]
        level = max(least.get(stage, 0) / weight for stage, weight, _ in weighted)
        need = sum(weight * heads for _, weight, heads in weighted) * level
        return float(math.ceil(need * (1.002 + 0.06 * draws.uniform(self.to, "above"))))

    def _most(self) -> float:
        if "within" not in self.spec:
            return math.inf
        whole, *others = (sum(self._known(name).values()) for name in self.spec["within"])
        return whole - sum(others)

    def _rounded(self, value: float) -> float:
        how = self.spec["round"]
        if isinstance(how, int):
            return round(value, how)
        if how == "chance":
            return math.floor(value + self.unit.draws.uniform(self.to, "chance"))
        return math.ceil(value - 1e-9) if how == "up" else round(value)


def _csv(sheet: Sheet, county: str, year: int, rows: Sequence[tuple[Unit, Rows]]) -> bytes:
    """One file: the layout's headers, a row a row of its kind, with a byte order mark as spreadsheets write it."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([header_in(sheet.division.header, year), *(header_in(c.header, year) for c in sheet.columns)])
    for unit, drawn in rows:
        planted = [p for p in model()["planted"] if _is_meant(p, sheet, county, year, unit)]
        for number, row in enumerate(drawn.of(sheet.record), 1):
            texts = {p["to"]: p["text"] for p in planted if p.get("row", number) == number}
            writer.writerow([county, *(texts.get(c.to, cell_text(c, row.get(c.to))) for c in sheet.columns)])
    return stream.getvalue().encode("utf-8-sig")


def _is_meant(planted: Spec, sheet: Sheet, county: str, year: int, unit: Unit) -> bool:
    known = {"county": county, "year": year, "part": sheet.part, "unit": unit.number}
    return all(planted.get(key, value) == value for key, value in known.items())


def cell_text(column: Column, value: Any) -> str:
    """A cell as the layout wants it: recoded back, in the file's unit."""
    if value is None:
        return ""
    if isinstance(value, str):
        return {code: text for text, code in column.recode.items()}.get(value, value)
    return f"{value / column.factor:.10g}"
