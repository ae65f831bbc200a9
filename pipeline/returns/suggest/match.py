"""The headers of one sheet against the cells of one kind of row: each header to one cell, so that the whole fits best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.returns.suggest.draft import ACCEPT, MENTION, Near
from pipeline.returns.suggest.meanings import Header, Meaning, Meanings
from pipeline.returns.suggest.profile import Evidence, Profile
from pipeline.returns.suggest.units import is_of_another_measure
from pipeline.schema.entry import IDENTITY_COLUMNS, Label, RecordType

MOST_NEAR = 3
_OTHER_MEASURE = 0.35
"""Taken off where the header's unit measures something else than the field's."""

_SHARPNESS = 6
"""Power of the scores that are summed: one good match counts more than several poor ones, so none is given away for them."""


@dataclass(frozen=True)
class Source:
    """A header with what stands below it; ``code``: the id that a row of codes gives it, if there is one."""

    text: str
    header: Header
    profile: Profile
    code: str = ""


@dataclass(frozen=True)
class Match:
    """A kind of row, and for each source the nearest cells (best first); ``taken`` are those that got their first."""

    record: RecordType
    near: tuple[tuple[Near, ...], ...]
    taken: tuple[bool, ...]

    @property
    def weight(self) -> float:
        """How much of the sheet it explains; identity columns are in every school's sheet, so they count little."""
        return sum(
            near[0].score ** 2 * (0.1 if near[0].meaning.to in IDENTITY_COLUMNS else 1.0)
            for near, is_taken in zip(self.near, self.taken, strict=True)
            if is_taken
        )


def match(sources: Sequence[Source], record: RecordType, meanings: Meanings, evidence: Evidence) -> Match:
    """The assignment of headers to cells with the largest sum of scores."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    stages = {source.header.stage for source in sources if source.header.stage}
    targets = meanings.targets(record, {stage for stage in stages if stage})
    scores = np.array([[_score(source, to, meanings, evidence) for to in targets] for source in sources])
    if not scores.size:
        return Match(record, tuple(() for _ in sources), tuple(False for _ in sources))
    weighed = np.where(scores >= MENTION, scores**_SHARPNESS, 0.0)
    rows, columns = linear_sum_assignment(weighed, maximize=True)
    assigned: Mapping[int, int] = {
        int(r): int(c) for r, c in zip(rows, columns, strict=True) if scores[r, c] >= MENTION
    }
    near, taken = [], []
    for number in range(len(sources)):
        order = [int(i) for i in np.argsort(-scores[number], kind="stable")[: MOST_NEAR + 1]]
        first = assigned.get(number)
        is_taken = first is not None and scores[number, first] >= ACCEPT
        listed = [first, *(i for i in order if i != first)] if is_taken and first is not None else order
        found = [_near(targets[i], float(scores[number, i]), meanings) for i in listed if scores[number, i] >= MENTION]
        near.append(tuple(found[:MOST_NEAR]))
        taken.append(bool(is_taken))
    return Match(record, tuple(near), tuple(taken))


def _near(meaning: Meaning, score: float, meanings: Meanings) -> Near:
    zh, en = meanings.label(meaning)
    return Near(meaning, round(score, 3), Label(zh=zh, en=en))


def _score(source: Source, to: Meaning, meanings: Meanings, evidence: Evidence) -> float:
    if source.code and source.code == to.to and to.stage is None:
        return 1.0
    score = meanings.score(source.header, to)
    if score < 1 and is_of_another_measure(source.header.as_said.unit, meanings.field(to.to)):
        score = max(0.0, score - _OTHER_MEASURE)
    return evidence.adjusted(score, to, source.profile)
