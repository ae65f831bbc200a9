"""What stands around a county's stage: its place among the counties most alike, its school groups and districts, and the
classes of schools by which its gaps come apart. Read once into columns, cut by county and stage; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reports.reader import Groups, Reader
from reports.standing import measure_of

if TYPE_CHECKING:
    from reports.release import County

Row = dict[str, Any]
NONE = Groups({})


@dataclass(frozen=True)
class Around:
    """Groups of the latest year and the standard that pages show first, by (county, stage).

    ``among``, ``peers``: the place among the counties most alike and these counties, by the page's measure. ``inside``: gaps
    inside groups and districts; ``coverage``: by (county,), what these reach. ``divisions``, ``classes``: gaps taken apart.
    ``places``: counties by code, for links.
    """

    measure: str | None = None
    among: Groups = NONE
    peers: Groups = NONE
    inside: Groups = NONE
    coverage: Groups = NONE
    divisions: Groups = NONE
    classes: Groups = NONE
    places: Mapping[str, County] = field(default_factory=dict)


NOTHING_AROUND = Around()


@dataclass(frozen=True)
class Surroundings:
    """The rows of one county and stage. ``places``: the counties of the release by code."""

    measure: str | None
    among: Row | None
    peers: tuple[Row, ...]
    inside: tuple[Row, ...]
    coverage: tuple[Row, ...]
    divisions: tuple[Row, ...]
    classes: tuple[Row, ...]
    places: Mapping[str, County]


EMPTY = Surroundings(None, None, (), (), (), (), (), {})


def read_around(reader: Reader, counties: Sequence[County]) -> Around:
    """Reads the groups; a table without rows, or that the release does not have, gives empty ones."""
    names = "select table_name from information_schema.tables"
    held = {row["table_name"] for row in reader.rows(names)}
    measure = measure_of(reader.standard)

    def groups(sql: str, table: str, *key: str) -> Groups:
        if table not in held:
            return NONE
        return reader.groups(sql, list(key), year=reader.year, standard=reader.standard.id, measure=measure)

    key = ("county_code", "stage")
    return Around(
        measure=measure,
        among=groups(_AMONG, "county_among_peers", *key),
        peers=groups(_PEERS, "county_peer", *key),
        inside=groups(_INSIDE, "group_gap", *key),
        coverage=groups(_COVERAGE, "group_coverage", "county_code"),
        divisions=groups(_DIVISIONS, "gap_decomposition", *key),
        classes=groups(_CLASSES, "gap_decomposition_class", *key),
        places={county.code: county for county in counties},
    )


def surroundings(around: Around, county: str, stage: str) -> Surroundings:
    """What the page of a county's stage tells."""
    key = (county, stage)
    return Surroundings(
        around.measure, next(iter(around.among.get(key)), None), tuple(around.peers.get(key)), tuple(around.inside.get(key)),
        tuple(around.coverage.get((county,))), tuple(around.divisions.get(key)), tuple(around.classes.get(key)), around.places,
    )  # fmt: skip


_AMONG = """
select * from county_among_peers
where year = $year and standard_id = $standard and measure = $measure
order by county_code, stage
"""

_PEERS = """
with feature as (
    select distinct feature_id, name_zh, name_en from county_feature where year = $year
)
select p.*, r.stage, r.value, r.state, f.name_zh as feature_zh, f.name_en as feature_en
from county_peer as p
inner join county_ranking as r
    on r.year = p.year and r.county_code = p.peer_code and r.standard_id = $standard and r.measure = $measure
left join feature as f on f.feature_id = p.differs_most_in
where p.year = $year
order by p.county_code, r.stage, p.peer_no
"""

_INSIDE = """
select g.*, s.name as lead_name
from group_gap as g
left join school as s on s.year = g.year and s.school_id = g.lead_school_id
where g.year = $year and g.standard_id = $standard and g.county_code is not null
order by g.county_code, g.stage, g.kind, case when g.lead_state = 'ok' then 0 else 1 end,
    abs(ln(case when g.ratio > 0 then g.ratio end)) desc nulls last, g.group_id, g.indicator_id
"""

_COVERAGE = """
select area_code as county_code, * from group_coverage
where year = $year and area_level = 'county'
order by area_code, kind desc
"""

_DIVISIONS = """
select area_code as county_code, * from gap_decomposition
where year = $year and standard_id = $standard and area_level = 'county'
order by area_code, stage, indicator_id, divided_by
"""

_CLASSES = """
select c.area_code as county_code, c.*,
    case when d.share_between is not null then (c.cv2_between + c.cv2_within) / d.cv2 end as share,
    case when d.share_between is not null then c.cv2_between / d.cv2 end as share_between
from gap_decomposition_class as c
inner join gap_decomposition as d
    using (year, standard_id, area_level, area_code, stage, indicator_id, divided_by)
where c.year = $year and c.standard_id = $standard and c.area_level = 'county' and d.state = 'ok'
order by c.area_code, c.stage, c.indicator_id, c.divided_by, share desc nulls last, c.class_code
"""
