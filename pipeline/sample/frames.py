"""The truth of a county and year as rows of the return: what ``forms.write_return`` takes, and rows of the roster.

Here: canonical values by field and identity column. Not here: how they were drawn, and any layout of cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.sample.county import CountyYear
from pipeline.sample.groups import history_of
from pipeline.sample.names import Names, names_of
from pipeline.sample.parameters import parameters
from pipeline.sample.pupils import heads_before
from pipeline.sample.units import Units
from pipeline.schema.model import Catalogue, FieldDef

Row = dict[str, Any]


def county_rows(made: CountyYear, catalogue: Catalogue, names: Names) -> dict[str, list[Row]]:
    """Record type → rows; a row maps identity columns and field ids to values in the field's unit, codes as text."""
    units, spec = made.units, parameters("structure")
    codes, by_stage = units.codes, _columns(made, catalogue, "stage")
    stage = [
        {"school_id": codes[i], "name": names.zh[i], spec["identity"]["stage_to"]: spec["stages"][s]}
        | {name: values[i][s] for name, values in by_stage.items()}
        for i, s in zip(*np.nonzero(made.heads > 0), strict=True)
    ]
    extra = _columns(made, catalogue, "school")
    schools = [
        row | {name: values[i] for name, values in extra.items()}
        for i, row in enumerate(_identities(units, names, made.year - made.start))
    ]
    return {
        "school": schools,
        "stage": stage,
        "class": _class_rows(made, codes, names),
        "room": _room_rows(made, codes, names),
        "county": [_county_row(made, catalogue)],
    }


def _columns(made: CountyYear, catalogue: Catalogue, record: str) -> dict[str, list[Any]]:
    """Drawn quantities that are cells of a record type, as lists by unit."""
    found = {}
    for name, values in made.values.items():
        field = catalogue.fields.get(name)
        if field is not None and not field.is_derived and field.record == record:
            found[name] = _typed(np.asarray(values), field).tolist()
    return found


def _typed(values: Any, field: FieldDef) -> Any:
    """Whole numbers as such, truth as the codes of yes and no, others to the hundredth of a cent."""
    if field.type == "boolean":
        return np.where(values > 0, *reversed(parameters("structure")["yes_no"]))
    if field.type == "integer":
        return np.rint(values).astype(np.int64)
    return np.round(values, 4) + 0.0


def _identities(units: Units, names: Names, years_on: int) -> Iterator[Row]:
    """What each unit is in a year, counted from the first: the identity columns of its row."""
    spec = parameters("structure")
    to, operators, (no, yes) = spec["identity"], spec["operators"], spec["yes_no"]
    codes = units.codes
    places = _place_codes(units)
    points, history = units.is_kind(*spec["points"]["kinds"]), history_of(units)
    for i, kind in enumerate(units.kind):
        run = "private" if units.private[i] else "prefecture" if units.prefecture_run[i] else "county"
        group = history.name(i, names.group[i], years_on)
        yield {
            "school_id": codes[i],
            "name": names.zh[i],
            to["type_to"]: kind["school_type"],
            to["place_to"]: places[i],
            to["public_to"]: no if units.private[i] else yes,
            to["counted_to"]: no if units.is_branch[i] or points[i] else yes,
            to["operator_to"]: operators[run],
            to["parent_to"]: codes[units.parent[i]] if units.parent[i] >= 0 else None,
            to["district_to"]: names.district[i],
            to["group_to"]: group,
            to["role_to"]: (spec["roles"]["lead"] if units.leads[i] else spec["roles"]["member"]) if group else None,
        }


def _place_codes(units: Units) -> list[str]:
    codes = parameters("structure")["place_codes"]
    drawn = units.county.draws.uniform("place code", size=len(units))
    made = []
    for place, u in zip(units.place, drawn, strict=True):
        shares = codes[int(place)]
        at = int(np.searchsorted(np.cumsum(list(shares.values())), u))
        made.append(list(shares)[min(at, len(shares) - 1)])
    return made


def _class_rows(made: CountyYear, codes: Sequence[str], names: Names) -> list[Row]:
    spec, c = parameters("structure"), made.sets
    to, stages = spec["class_rows"], spec["stages"]
    rows = []
    for unit, stage, grade, number, size in zip(
        *(column.tolist() for column in (c.unit, c.stage, c.grade, c.number, c.size)), strict=True
    ):
        rows.append(
            {
                "school_id": codes[unit],
                "name": names.zh[unit],
                to["stage_to"]: stages[stage],
                to["grade_to"]: grade,
                to["name_to"]: _class_name(grade, number),
                to["size_to"]: size,
            }
        )
    return rows


def _class_name(grade: int, number: int) -> str:
    to = parameters("structure")["class_rows"]
    if grade <= len(to["numerals"]):
        return str(to["name"].format(grade=to["numerals"][grade - 1], number=number))
    return str(to["upper"].format(grade=to["numerals"][grade - len(to["numerals"]) - 1], number=number))


def _room_rows(made: CountyYear, codes: Sequence[str], names: Names) -> list[Row]:
    to, rooms = parameters("structure")["room_rows"], made.rooms
    count: dict[tuple[int, int], int] = {}
    rows = []
    for unit, k, area in zip(rooms.unit.tolist(), rooms.kind.tolist(), rooms.area.tolist(), strict=True):
        kind = to["kinds"][k]
        number = count[unit, k] = count.get((unit, k), 0) + 1
        rows.append(
            {
                "school_id": codes[unit],
                "name": names.zh[unit],
                to["kind_to"]: kind["kind"],
                to["name_to"]: f"{kind['name']}{number}",
                to["area_to"]: area,
            }
        )
    return rows


def _county_row(made: CountyYear, catalogue: Catalogue) -> Row:
    """The county's own items, and beside what it declares a short conclusion."""
    row: Row = {}
    said = parameters("structure")["conclusions"]
    for name, value in made.values.items():
        field = catalogue.fields.get(name)
        if field is None or field.record != "county":
            continue
        row[name] = value if isinstance(value, str) else _typed(np.asarray(value), field).item()
        conclusion = said["to"] + name.removeprefix(said["of"])
        if name.startswith(said["of"]) and conclusion in catalogue.fields:
            row[conclusion] = said["yes" if value else "no"]
    return row | dict.fromkeys(_blanks(made))


def _blanks(made: CountyYear) -> list[str]:
    """Cells that the county could not fill this year."""
    chances, draws = parameters("structure")["county_blanks"], made.units.county.draws
    return [name for name, chance in chances.items() if draws.uniform("county blank", name, made.year)[0] <= chance]


def roster_rows(units: Units, year: int, first: int) -> Iterator[Mapping[str, Any]]:
    """Rows of the roster of a year for a county's schools, with last year's pupils."""
    spec, names = parameters("structure"), names_of(units)
    heads = heads_before(units, year, first)
    for i, row in enumerate(_identities(units, names, year - first)):
        school = {key: value for key, value in row.items() if key not in ("school_id", "name")}
        last = {f"pupils_{stage}": int(heads[i, s]) for s, stage in enumerate(spec["stages"]) if heads[i, s] > 0}
        yield {
            "level": "school",
            "code": row["school_id"],
            "name_zh": row["name"],
            "name_en": names.en[i],
            "parent_code": units.county.place.code,
            **school,
            **last,
        }
