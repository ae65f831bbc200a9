"""Corrections of a home: ``corrections/*.yaml``, read and held against the catalogue; and their digest.

Here: the files. Not here: what an entry may say (``schema.correction``), and rows that are corrected (``corrected``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline.errors import CatalogueError, HomeError
from pipeline.schema.correction import Correction, wrong_with
from pipeline.schema.load import Place, by_id, entries_of
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home

CORRECTION_FILE = ("更正文件", "corrections file")
SUFFIXES = (".yaml", ".yml")


def correction_files(home: Home) -> list[Path]:
    """Files of corrections, in order of name. Hidden files are none."""
    if not home.corrections.is_dir():
        return []
    found = (p for p in home.corrections.iterdir() if p.suffix in SUFFIXES and not p.name.startswith((".", "~$")))
    return sorted((p for p in found if p.is_file()), key=lambda path: path.name)


def read_corrections(home: Home, catalogue: Catalogue) -> tuple[Correction, ...]:
    """Every correction of a home, in the order of files and entries.

    Raises HomeError for one that cannot be used, or made twice: one sentence that names file, line and entry.
    """
    try:
        listed = [
            found
            for path in correction_files(home)
            for found in entries_of(Correction, home.path, f"{home.corrections.name}/{path.name}", CORRECTION_FILE)
        ]
        corrections, places = by_id(listed)
        targets: dict[tuple[object, ...], Place] = {}
        for name, correction in corrections.items():
            for path, zh, en in wrong_with(correction, catalogue):
                raise places[name].error(path, zh, en)
            first = targets.setdefault(correction.target, places[name])
            if first is not places[name]:
                raise places[name].error(
                    ("field",),
                    f"与 {first.file} 第 {first.line} 行的条目“{first.entry}”更正同一个值",
                    f"corrects the same value as the entry “{first.entry}” at line {first.line} of {first.file}",
                )
    except CatalogueError as error:
        raise HomeError(error.zh, error.en) from None
    return tuple(corrections.values())


def corrections_digest(home: Home, years: Iterable[int] | None = None) -> str:
    """What the corrections of a home say, or those of some years, as a hash; '' where there are none.

    Never fails: of a file that cannot be read every byte counts, in every year.
    """
    wanted = None if years is None else set(years)
    parts = []
    for path in correction_files(home):
        stat = path.stat()
        found = _entries(path, stat.st_mtime_ns, stat.st_size)
        parts += [text for year, text in found if wanted is None or year is None or year in wanted]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest() if parts else ""


@lru_cache(maxsize=256)
def _entries(path: Path, changed: int, size: int) -> tuple[tuple[int | None, str], ...]:
    """Year and text of every entry of a file; of one that is no list of entries with years, its bytes without a year."""
    data = path.read_bytes()
    try:
        loaded: Any = YAML(typ="safe").load(data)
    except (YAMLError, UnicodeDecodeError, ValueError):
        loaded = None
    if not isinstance(loaded, list):
        return ((None, hashlib.sha256(data).hexdigest()),) if data.strip() else ()
    return tuple(
        (entry["year"] if isinstance(entry, dict) and isinstance(entry.get("year"), int) else None,
         json.dumps(entry, ensure_ascii=False, sort_keys=True, default=str))
        for entry in loaded
    )  # fmt: skip
