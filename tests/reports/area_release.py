"""A release of many counties made by hand: schools whose values spread by county, and what follows from them.

Gaps, scores and ranks come from formulas of their own (``oracles``, plain Python), never from the product's SQL. Names and
places are invented; numbers are drawn by name, so that they never depend on order.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from pipeline.schema.model import Catalogue, Division, Item, Standard
from tests.oracles import weighted_cv
from tests.reports.release_maker import Maker

FIRST = "澄松云岚青白石清金银南北东西上中下安平和明景文武永长新古"
SECOND = "溪汀山河川原岭谷泉湖洲岛津关桥屯"
PINYIN = {
    "澄": "Cheng", "松": "Song", "云": "Yun", "岚": "Lan", "青": "Qing", "白": "Bai", "石": "Shi", "清": "Qing", "金": "Jin",
    "银": "Yin", "南": "Nan", "北": "Bei", "东": "Dong", "西": "Xi", "上": "Shang", "中": "Zhong", "下": "Xia", "安": "An",
    "平": "Ping", "和": "He", "明": "Ming", "景": "Jing", "文": "Wen", "武": "Wu", "永": "Yong", "长": "Chang", "新": "Xin",
    "古": "Gu", "溪": "xi", "汀": "ting", "山": "shan", "河": "he", "川": "chuan", "原": "yuan", "岭": "ling", "谷": "gu",
    "泉": "quan", "湖": "hu", "洲": "zhou", "岛": "dao", "津": "jin", "关": "guan", "桥": "qiao", "屯": "tun",
}  # fmt: skip
BAND = 0.005


@dataclass(frozen=True)
class Province:
    """How many counties and prefectures a province has; ``even``: the share of the usual spread."""

    code: str
    name: str
    english: str
    prefectures: int
    counties: int
    even: float = 1.0


def divisions(provinces: Sequence[Province]) -> tuple[Division, ...]:
    """A province's prefectures and counties, numbered, with names of two characters."""
    made: list[Division] = []
    names = [(a, b) for b in SECOND for a in FIRST]
    used = 0
    for p in provinces:
        made.append(_division(p.code, p.name, p.english, "province", ""))
        for i in range(p.prefectures):
            a, b = FIRST[i], SECOND[-1 - i]
            made.append(
                _division(f"{p.code}{i + 1:02d}", f"{a}{b}市", f"{PINYIN[a]}{PINYIN[b]} City", "prefecture", p.code)
            )
        for i in range(p.counties):
            a, b = names[used]
            used += 1
            above = f"{p.code}{i % p.prefectures + 1:02d}"
            code = f"{above}{i // p.prefectures + 1:02d}"
            made.append(_division(code, f"{a}{b}县", f"{PINYIN[a]}{PINYIN[b]} County", "county", above))
    return tuple(sorted(made, key=lambda d: d.code))


def _division(code: str, zh: str, en: str, level: Any, parent: str) -> Division:
    return Division(code=code, name_zh=zh, name_en=en, level=level, parent_code=parent, is_fictional=True)


def draw(*name: object) -> float:
    """A number between 0 and 1 that belongs to a name."""
    return random.Random("/".join(map(str, name))).random()


class AreaMaker(Maker):
    """Years of whole provinces. ``absent``: counties of which nothing came; ``single``: counties with one school a stage."""

    def __init__(
        self,
        catalogue: Catalogue,
        provinces: Sequence[Province],
        *,
        absent: Sequence[str] = (),
        single: Sequence[str] = (),
    ) -> None:
        super().__init__(catalogue.model_copy(update={"divisions": divisions(provinces)}))
        self.provinces = {p.code: p for p in provinces}
        self.absent, self.single = set(absent), set(single)
        self._cvs: defaultdict[Any, Any] = defaultdict(lambda: defaultdict(list))

    @property
    def counties(self) -> list[str]:
        return [d.code for d in self.catalogue.divisions if d.level == "county"]

    def whole_year(self, year: int, drift: float) -> AreaMaker:
        """Adds a year; ``drift`` widens or narrows the spread of every county by up to a fifth of itself, each its own way."""
        for county in self.counties:
            for stage in self.catalogue.judged_stages:
                self._county(year, county, stage.id, drift)
            if county not in self.absent:
                self.submission(year, county)
        self._areas(year)
        for standard in self.catalogue.standards.values():
            self._rankings(year, standard)
        return self

    def _county(self, year: int, county: str, stage: str, drift: float) -> None:
        n = 0 if county in self.absent else 1 if county in self.single else 6 + round(8 * draw(county, "schools"))
        spread = (0.1 + 0.75 * draw(county, stage, "spread") ** 1.5) * self.provinces[county[:2]].even
        spread *= 1 + drift * (2 * draw(county, stage, year, "drift") - 1)
        pupils = {f"{county}{stage[0]}{i:04d}": float(120 + round(900 * draw(county, stage, i) ** 2)) for i in range(n)}
        values: dict[str, dict[str, float]] = {}
        for name in {i.indicator for s in self.catalogue.standards.values() for i in s.items}:
            level, mean = self.level(name, stage), 0.85 + 0.9 * draw(county, name)
            own = spread * (0.6 + 0.9 * draw(county, stage, name, "own"))
            values[name] = {
                school: level * max(0.02, mean * (1 + own * (3.4 * draw(school, name) - 1.7))) for school in pupils
            }
        self._rows(year, county, stage, pupils, values)
        for standard in self.standards:
            self._county_gaps(year, county, stage, standard, pupils, values)

    def _rows(
        self, year: int, county: str, stage: str, pupils: dict[str, float], values: dict[str, dict[str, float]]
    ) -> None:
        for i, (school, p) in enumerate(pupils.items()):
            key = {"year": year, "school_id": school}
            self.add("school", **key, county_code=county, name=f"第{i + 1}学校", school_type="211", is_merged=False)
            self.add("school_total", **key, county_code=county, pupils=p)
            self.add("school_stage", **key, stage=stage, county_code=county, pupils=p, campuses=1)
            for standard in self.catalogue.standards.values():
                self.add("school_scope", **key, stage=stage, standard_id=standard.id, is_counted=True)
                self._school(year, county, stage, standard, school, p, values)
            for name, of in values.items():
                trace = f"{county}.{stage}.{name}.{year}.{school}"
                row = {**key, "stage": stage, "indicator_id": name, "county_code": county, "pupils": p}
                self.add("indicator_value", **row, value=of[school], state="ok", trace_id=trace)

    def _school(
        self, year: int, county: str, stage: str, standard: Standard, school: str, pupils: float,
        values: dict[str, dict[str, float]],
    ) -> None:  # fmt: skip
        key = {"year": year, "school_id": school, "stage": stage, "standard_id": standard.id}
        attained = []
        for item in standard.items:
            level = self._level(item, stage)
            if level is None:
                continue
            direction = self.catalogue.indicators[item.indicator].direction
            value = values[item.indicator][school]
            ratio = value / level if direction == ">=" else 1.0 if value <= level else level / value
            attained.append(min(1.0, ratio))
            trace = f"{county}.{stage}.{item.indicator}.{year}.{school}"
            self.add(
                "indicator_attainment", **key, indicator_id=item.indicator, county_code=county, item_no=item.item_no,
                pupils=pupils, value=value, threshold=level, weight=1.0, attainment=attained[-1], is_met=ratio >= 1,
                is_veto=item.is_veto, state="ok", trace_id=trace,
            )  # fmt: skip
        if attained:
            met = sum(a == 1.0 for a in attained)
            self.add(
                "school_score", **key, county_code=county, pupils=pupils, indicators_applicable=len(attained),
                indicators_met=met, indicators_missing=0, indicators_below_floor=0, score=100 * fmean(attained),
                score_min=100 * fmean(attained), score_max=100 * fmean(attained), has_veto=False,
                meets_standard=met >= len(attained) - 1,
            )  # fmt: skip

    @staticmethod
    def _level(item: Item, stage: str) -> float | None:
        return next((t.value for t in item.thresholds if t.stage in (stage, "*")), None)

    def _county_gaps(
        self, year: int, county: str, stage: str, standard: Standard, pupils: dict[str, float],
        values: dict[str, dict[str, float]],
    ) -> None:  # fmt: skip
        assert standard.gap is not None
        limit, came = standard.gap.limits.get(stage), county not in self.absent
        state = "incomplete" if not came else "single_school" if len(pupils) == 1 else "ok"
        for name in standard.gap.indicators:
            gap = weighted_cv(list(values[name].values()), list(pupils.values())) if pupils else None
            cv = gap.cv if gap else None
            self.add(
                "gap_coefficient", year=year, standard_id=standard.id, area_level="county", area_code=county, stage=stage,
                indicator_id=name, schools=len(pupils), pupils=sum(pupils.values()), schools_missing=0, pupils_missing=0.0,
                counties_expected=1, counties_came=int(came), mean=gap.mean if gap else None, sd=gap.sd if gap else None,
                cv=cv, cv_low=cv, cv_high=cv, cv_limit=limit, state=state, is_met=None if cv is None or limit is None or state != "ok" else cv <= limit,
                trace_id=f"{county}.{stage}.{name}.{year}.{standard.id}",
            )  # fmt: skip

    def _areas(self, year: int) -> None:
        rows = [r for r in self.rows["gap_coefficient"] if r["year"] == year and r["area_level"] == "county"]
        for d in self.catalogue.divisions:
            if d.level == "county":
                continue
            keys = {(r["standard_id"], r["stage"], r["indicator_id"]) for r in rows}
            for standard, stage, name in sorted(keys):
                mine = [
                    r
                    for r in rows
                    if r["area_code"].startswith(d.code)
                    and (r["standard_id"], r["stage"], r["indicator_id"]) == (standard, stage, name)
                ]
                known = [r for r in mine if r["mean"] is not None]
                gap = weighted_cv([r["mean"] for r in known], [r["pupils"] for r in known]) if known else None
                self.add(
                    "gap_coefficient", year=year, standard_id=standard, area_level=d.level, area_code=d.code, stage=stage,
                    indicator_id=name, schools=sum(r["schools"] for r in mine), pupils=sum(r["pupils"] for r in mine),
                    schools_missing=0, pupils_missing=0.0, counties_expected=len(mine), counties_came=len(known),
                    mean=gap.mean if gap else None, sd=gap.sd if gap else None, cv=gap.cv if gap else None, state="ok",
                    trace_id=f"{d.code}.{stage}.{name}.{year}.{standard}",
                )  # fmt: skip

    def _rankings(self, year: int, standard: Standard) -> None:
        stages = [s.id for s in self.catalogue.judged_stages]
        for measure in standard.measures:
            keys = {stage: self._keys(year, standard, measure, stage) for stage in stages}
            if measure == "worst_ratio":
                both = {c: [keys[s].get(c) for s in stages] for c in self.counties}
                keys["both"] = {c: max(v) for c, v in both.items() if all(x is not None for x in v)}  # type: ignore[type-var, misc]
            for stage, of in keys.items():
                self._ranking(year, standard, measure, stage, of)

    def _keys(self, year: int, standard: Standard, measure: str, stage: str) -> dict[str, float]:
        if measure in ("mean_score", "share_meeting"):
            scores: dict[str, list[float]] = {}
            for r in self.rows["school_score"]:
                if (r["year"], r["standard_id"], r["stage"]) == (year, standard.id, stage):
                    value = r["score"] if measure == "mean_score" else float(r["meets_standard"])
                    scores.setdefault(r["county_code"], []).append(value)
            return {c: fmean(v) for c, v in scores.items()}
        assert standard.gap is not None
        limit, composite = standard.gap.limits.get(stage), standard.gap.composite_limits.get(stage)
        cvs: dict[str, list[float]] = {}
        for r in self.rows["gap_coefficient"]:
            if (r["year"], r["standard_id"], r["stage"], r["state"], r["area_level"]) == (
                year,
                standard.id,
                stage,
                "ok",
                "county",
            ):
                cvs.setdefault(r["area_code"], []).append(r["cv"])
        if measure == "mean_cv":
            return {c: fmean(v) for c, v in cvs.items()}
        return {c: fmean(v) / composite if composite else max(v) / (limit or 1) for c, v in cvs.items()}

    def _widest(self, year: int, county: str, standard: Standard) -> str | None:
        """The indicator of a county's largest gap: good enough for a cause that pages only print."""
        if (year, standard.id) not in self._cvs:
            for r in self.rows["gap_coefficient"]:
                if r["area_level"] == "county" and r["cv"] is not None:
                    pair = (r["cv"], r["indicator_id"])
                    self._cvs[r["year"], r["standard_id"]][r["area_code"]].append(pair)
        return max(self._cvs[year, standard.id][county])[1]

    def _ranking(self, year: int, standard: Standard, measure: str, stage: str, keys: dict[str, float]) -> None:
        sign = 1 if measure in ("mean_cv", "worst_ratio") else -1
        before = {
            r["county_code"]: r
            for r in self.rows.get("county_ranking", [])
            if (r["year"], r["standard_id"], r["measure"], r["stage"]) == (year - 1, standard.id, measure, stage)
        }
        for county in self.counties:
            row = {"year": year, "standard_id": standard.id, "measure": measure, "stage": stage, "county_code": county}
            province = county[:2]
            mine = {c: sign * v for c, v in keys.items() if c.startswith(province)}
            if county not in keys:
                state = "incomplete" if county in self.absent else "single_school"
                self.add("county_ranking", **row, province_code=province, state=state)
                continue
            key = sign * keys[county]
            places = {c: 1 + sum(o < v for o in mine.values()) for c, v in mine.items()}
            near = [places[c] for c, v in mine.items() if abs(v - key) <= BAND + 1e-12]
            last = before.get(county, {})
            change = last["rank_province"] - places[county] if last.get("rank_province") else None
            moved = last.get("value") is not None and standard.gap is not None
            self.add(
                "county_ranking", **row, province_code=province, value=keys[county], rank_province=places[county],
                rank_nation=1 + sum(sign * v < key for v in keys.values()), rank_low=min(near), rank_high=max(near),
                compared_province=len(mine), compared_nation=len(keys), value_before=last.get("value"), rank_change=change,
                cause_indicator=self._widest(year, county, standard) if moved else None, state="ok",
            )  # fmt: skip
