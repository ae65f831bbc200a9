"""Draws the quantities of ``quantities.yaml`` for all units of a county in one year.

Here: what the words of that file mean. Every quantity is a column of units (``of: school``), a table of units by stages (``of:
stage``) or one number (``of: county``), made from those before it. Not here: any quantity by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import bdtrik, betaincinv, gammaincinv, ndtr, ndtri, pdtrik

from pipeline.sample.draws import Array
from pipeline.sample.parameters import Spec, parameters
from pipeline.sample.year import Year

REL_RANGE = (0.18, 6.0)
"""Bounds of a school's pupils over the usual size of its kind."""
LIFTED = 0.985
"""The chance that a prepared county saw to one quantity of one school."""
SMALL_POINT = 50
KEPT = 0.9
"""How much of where a count stands within its chances one year keeps of the year before: people come and go."""


def draw(now: Year, spec: Spec) -> None:
    """Makes one quantity and keeps it under its name."""
    now.values[spec["to"]] = Quantity(spec, now).drawn()


@dataclass(frozen=True)
class Quantity:
    """One entry of ``quantities.yaml`` in one county and year."""

    spec: Spec
    now: Year

    def drawn(self) -> Any:
        """The amounts: drawn, brought up where the county prepared, cut and rounded."""
        spec = self.spec
        if "text" in spec:
            return spec["text"].format(year=self.now.year, before=self.now.year - 1)
        if "when" in spec:
            return self._when(spec["when"])
        amount = self._level() * np.exp(self._shock()) * self._factor() + self._plus()
        if "range" in spec:
            amount = np.clip(amount, self._at(spec["range"][0]), self._at(spec["range"][1]))
        if "bounds" in spec:
            of = np.asarray(self.now.values[spec["bounds"]["of"]])
            amount = np.clip(amount, of / spec["bounds"]["over"][0], of / spec["bounds"]["over"][1])
        amount = self._placed(amount)
        least = self._least()
        amount = np.where(amount < least, np.ceil(least / self._unit) * self._unit, amount)
        if spec.get("keeps") and self.now.before:
            amount = np.maximum(amount, self.now.before[spec["to"]])
        if "within" in spec:
            amount = np.minimum(amount, np.maximum(0, self._sum(spec["within"])))
        amount = self._held(amount)
        return float(np.ravel(amount)[0]) if self.of == "county" else amount

    def _when(self, test: Spec) -> Any:
        """1 where another amount lies within bounds, else 0."""
        of = np.asarray(self.now.values[test["of"]], dtype=float)
        found = (of >= test.get("at_least", -np.inf)) & (of <= test.get("at_most", np.inf))
        return float(found) if self.of == "county" else found * 1.0

    @property
    def of(self) -> str:
        return str(self.spec["of"])

    @property
    def shape(self) -> tuple[int, ...]:
        return {"stage": self.now.heads.shape, "school": (len(self.now.units),), "county": (1,)}[self.of]

    def _uniform(self, *name: object) -> Array:
        return self.now.draws.uniform(self.spec["to"], *name, size=self.shape)

    def _drifting(self, name: str) -> Array:
        """Between 0 and 1: the first year's number, which each later year moves a little."""
        z = ndtri(np.clip(self._uniform(name), 1e-12, 1 - 1e-12))
        for later in range(1, self.now.years_on + 1):
            z = KEPT * z + np.sqrt(1 - KEPT**2) * self._normal(name, later)
        return np.asarray(ndtr(z))

    def _normal(self, *name: object) -> Array:
        return self.now.draws.normal(self.spec["to"], *name, size=self.shape)

    # --- reading the file's tables

    def _at(self, table: Any) -> Any:
        """A number, a list by place, or a table by stage or kind of unit, as an array that fits."""
        if isinstance(table, int | float):
            return float(table)
        if isinstance(table, str):
            return self._fit(self.now.values[table])
        if isinstance(table, list):
            return self._fit(np.array(table, dtype=float)[self.now.units.place])
        if "by_year" in table:
            return self._at(table["by_year"][max(y for y in table["by_year"] if y <= self.now.year)])
        return self._mixed(table)

    def _mixed(self, table: Mapping[str, Any]) -> Array:
        stages = parameters("structure")["stages"]
        made = np.array(np.broadcast_to(np.reshape(self._at(table.get("else", 0)), (-1, 1)), self.now.heads.shape))
        for key, inner in table.items():
            if key in stages:
                made[:, stages.index(key)] = np.ravel(self._at(inner))
        for key, inner in table.items():
            if key not in stages and key != "else":
                rows = self.now.who(key)
                made[rows] = np.broadcast_to(np.reshape(self._at(inner), (-1, 1)), made.shape)[rows]
        return made if self.of == "stage" or any(key in stages for key in table) else made[:, 0]

    def _fit(self, array: Any) -> Any:
        """A column of units beside a table of units by stages."""
        return array[:, None] if self.of == "stage" and np.ndim(array) == 1 and len(array) > 1 else array

    def _towards(self, entry: Mapping[str, Any], key: str) -> Any:
        """A table, and with the years more and more of the one of developed provinces."""
        now = self._at(entry[key])
        return now if "developed" not in entry else now + (self._at(entry["developed"]) - now) * self.now.progress

    # --- the level

    def _sum(self, parts: Sequence[Spec]) -> Any:
        total: Any = 0.0
        for part in parts:
            total = total + self._part(part)
        return total

    def _part(self, part: Spec) -> Any:
        values = self.now.first if part.get("first") and self.now.first else self.now.values
        amount = np.asarray(values[part["of"]], dtype=float)
        if self.of == "county" and amount.size > 1:
            return self._over_all(part, amount)
        amount = self._fit(amount)
        times = self._towards(part, "times") if "times" in part else 1.0
        amount = amount * (np.reshape(times, (-1, 1)) if amount.ndim == 2 and np.ndim(times) == 1 else times)
        if "also" in part:
            more = np.asarray(values[part["also"]])
            amount = amount * (more[:, None] if amount.ndim == 2 and more.ndim == 1 else more)
        if self.of == "school" and amount.ndim == 2:
            amount = amount.sum(axis=1)
        if "over" in part:
            amount = amount / np.maximum(1e-9, self._fit(np.asarray(values[part["over"]])))
        return amount

    def _over_all(self, part: Spec, amount: Array) -> float:
        """The sum over all units, or only over some kinds, stages and traits."""
        rows = np.ones(len(self.now.units), dtype=bool)
        if "kinds" in part:
            rows &= self.now.units.is_kind(*part["kinds"])
        for word in part.get("only", ()):
            rows &= self.now.who(word)
        for word in part.get("without", ()):
            rows &= ~self.now.who(word)
        if "stage" in part:
            amount = amount[:, parameters("structure")["stages"].index(part["stage"])]
        return float(amount[rows].sum()) * float(part.get("times", 1))

    def _level(self) -> Any:
        spec = self.spec
        level = self._towards(spec, "value") if "value" in spec else self._sum(spec.get("parts", ()))
        if "general" in spec:
            level = level + spec["general"] * self._fit(self.now.general)
        if "size" in spec:
            level = level * self._relative()
        if "floor" in spec:
            level = np.maximum(level, self._sum(spec["floor"]))
        return np.broadcast_to(np.asarray(level, dtype=float), self.shape)

    def _relative(self) -> Any:
        """What a school's size does: small ones have more for each pupil."""
        size, first = self.spec["size"], self.now.first or self.now.values
        heads = np.asarray(first[parameters("structure")["heads_to"]])
        if "usual" in size:
            share = np.where(heads > 0, heads / self._at(size["usual"]), 1.0)
        else:
            share = heads.sum(axis=1) / self.now.units.usual
        return np.clip(share, *REL_RANGE) ** -self._at(size["power"])

    # --- what makes schools, counties and years differ

    def _shock(self) -> Any:
        spec = self.spec.get("shock", {})
        county = self.now.units.county
        moved: Any = (
            spec.get("shift", 0.0)
            + spec.get("wealth", 0.0) * county.wealth
            + self.spec.get("grows", 0.0) * self.now.progress
        )
        if "county" in spec:
            own = float(self.now.draws.normal(self.spec["to"], "county")[0])
            moved += spec["county"] * (0.7 * county.wealth + 0.714 * own)
        if "county_own" in spec:
            moved += spec["county_own"] * float(self.now.draws.normal(self.spec["to"], "county own")[0])
        if "sd" in spec:
            moved = moved + self._own_shock(spec)
        for later in range(1, self.now.years_on + 1) if "yearly" in self.spec else ():
            moved = moved + self.spec["yearly"] * self._normal("year", later)
        return moved

    def _own_shock(self, spec: Spec) -> Any:
        space, wealth = spec.get("loads", (0.0, 0.0))
        mixed = space * self._fit(self.now.latent("space")) + wealth * self._fit(self.now.latent("wealth"))
        mixed = mixed + np.sqrt(max(0.0, 1 - space**2 - wealth**2)) * self._normal()
        sd = self._at(spec["sd"])
        stages = parameters("structure")["stages"]
        for stage, times in spec.get("with", {}).items():
            has = self.now.heads[:, stages.index(stage)] > 0
            sd = sd * self._fit(np.where(has, times, 1.0))
        clip = spec.get("clip", np.inf)
        return np.clip(self.now.units.county.inequality * sd * mixed, -clip, clip)

    def _factor(self) -> Any:
        spec = self.spec
        made: Any = 1.0
        if "between" in spec:
            low, high = (self._at(bound) for bound in spec["between"])
            made = low + (high - low) * self._uniform("between")
        if "gamma" in spec:
            cv = np.maximum(
                1e-3, spec["gamma"]["times"] * self.now.units.county.inequality * self._at(spec["gamma"]["cv"])
            )
            made = made * gammaincinv(cv**-2, np.minimum(self._uniform("gamma"), 1 - 1e-9)) * cv**2
        return made

    def _plus(self) -> Any:
        spec = self.spec.get("plus")
        if not spec:
            return 0.0
        return (
            spec.get("sd", 0.0) * self._normal("plus")
            + spec.get("wealth", 0.0) * self.now.units.county.wealth
            + spec.get("general", 0.0) * (self._fit(self.now.general) if self.of != "county" else 0.0)
        )

    # --- whole numbers

    @property
    def _unit(self) -> float:
        return float(10.0 ** -self.spec["round"]) if isinstance(self.spec.get("round"), int) else 1.0

    def _placed(self, amount: Array) -> Array:
        """The amount as it is counted: rounded, or drawn with it as a mean or a chance; 0 where the school has none."""
        how = self.spec.get("round", "none")
        if isinstance(how, dict):
            amount = self._chance(amount, how)
        elif isinstance(how, int):
            amount = np.round(amount / self._unit) * self._unit
        elif how == "poisson":
            amount = _inverse(pdtrik(self._uniform("count"), np.maximum(amount, 1e-9)))
        elif how == "chance":
            amount = np.floor(amount + 1 - self._uniform("chance"))
        elif how == "yes":
            amount = (self._uniform("yes") <= amount).astype(float)
        elif how in ("up", "down"):
            amount = np.ceil(amount - 1e-9) if how == "up" else np.floor(amount + 1e-9)
        if "at_least" in self.spec:
            amount = np.maximum(amount, self.spec["at_least"])
        return amount * self._present() if "present" in self.spec else amount

    def _chance(self, share: Array, how: Spec) -> Array:
        """So many of another count: each by chance, or all of them with a chance and else most."""
        of = np.asarray(self._fit(np.asarray(self.now.values[how["of"]], dtype=float)))
        if self.now.is_prepared and "prepared" in how:
            share = np.maximum(share, how["prepared"])
        share = np.clip(share, 0.0, 1.0)
        if "else" in how:
            most = betaincinv(*how["else"], self._uniform("most"))
            return np.where(self._uniform("all") <= share, of, np.floor(of * most))
        if "k" in how:
            inside = np.clip(share, 1e-3, 1 - 1e-3)
            spread = self._at(how["k"])
            share = betaincinv(inside * spread, (1 - inside) * spread, self._uniform("share"))
        counted = _inverse(bdtrik(self._drifting("count"), of, np.clip(share, 1e-12, 1 - 1e-12)))
        return np.minimum(counted, of)

    def _present(self) -> Array:
        spec = self.spec["present"]
        if "if" in spec:
            flag = np.asarray(self.now.values[spec["if"]])
            return self._fit(flag > 0) * 1.0
        chance = self._towards(spec, "value") + spec.get("general", 0.0) * self._fit(self.now.general)
        if self.now.is_prepared and "prepared" in spec:
            chance = np.maximum(chance, spec["prepared"])
        there = self._uniform("there") <= chance
        if "above" in spec:
            there = there & self._fit(self.now.heads.sum(axis=1) > spec["above"])
        return there * 1.0

    # --- prepared counties

    def _least(self) -> Any:
        """What a school needs to be at the levels, where the county saw to it; 0 elsewhere."""
        if "least" not in self.spec or not self.now.is_prepared:
            return 0.0
        stages = parameters("structure")["stages"]
        level = np.array([self.spec["least"].get(stage, 0.0) for stage in stages])
        heads = self.now.heads
        if self.of == "stage":
            need = level * heads
        else:
            need = np.where(heads > 0, level / self.now.weights, 0.0).max(axis=1) * (heads * self.now.weights).sum(
                axis=1
            )
        above = 1.0 if self._unit == 1.0 and self.spec.get("round") != 0 else 1.0 + 0.06 * self._uniform("above")
        seen = self._uniform("prepared") <= LIFTED
        points = self.now.units.is_kind(*parameters("structure")["points"]["kinds"]) & (heads.sum(axis=1) < SMALL_POINT)
        return np.where(seen & ~self._fit(points), need * above, 0.0)

    def _held(self, amount: Any) -> Any:
        """Nothing in stages that a school has not."""
        if self.of == "county":
            return np.nan_to_num(amount)
        return np.where(self.now.heads > 0, amount, 0.0) if self.of == "stage" else amount


def _inverse(count: Array) -> Array:
    """The count that a drawn probability stands for."""
    return np.maximum(0.0, np.ceil(np.nan_to_num(count) - 1e-9))
