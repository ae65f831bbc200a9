"""The search index: every county with its names, pinyin, code and place, as a script that works from file://."""

from __future__ import annotations

import json
from collections.abc import Iterator

from reports.pinyin import spellings
from reports.render import File, Source

INDEX = "assets/search-index.js"


def search_files(source: Source) -> Iterator[File]:
    """One line a county: code, province code, Chinese and English name, pinyin and initials, names of its place."""
    stages = [[s.id, s.label.zh, s.label.en] for s in source.catalogue.judged_stages]
    lines = []
    for c in source.release.counties:
        above = [p for p in (c.province, c.prefecture) if p is not None]
        place = [" · ".join(p.zh for p in above), " · ".join(p.en for p in above)]
        lines.append([c.code, c.province_code, c.name.zh, c.name.en, spellings(c.name.zh), *place])
    text = ",\n".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines)
    head = json.dumps(stages, ensure_ascii=False, separators=(",", ":"))
    yield File(INDEX, f"window.JUNHENG_INDEX = {{stages: {head}, counties: [\n{text}\n]}};\n")
