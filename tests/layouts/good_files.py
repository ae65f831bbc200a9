"""A good file of every layout and format, to be damaged."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.sample import Asked, write_sample
from pipeline.schema import load_catalogue
from tests.samples import write_small

YEAR = 2025


@cache
def good_files() -> dict[str, bytes]:
    """Bytes by a name that tells layout and format."""
    with TemporaryDirectory() as folder:
        catalogue = load_catalogue()
        files: dict[str, bytes] = {}
        for path in write_small(Path(folder) / "csv"):
            files.setdefault(f"own-{path.stem.partition('-')[2]}.csv", path.read_bytes())
        write_sample(Asked(Path(folder) / "xlsx", 1, 1, 8.0, (YEAR,), 5, 0), catalogue, processes=1)
        (book,) = (Path(folder) / "xlsx" / "inbox" / str(YEAR)).glob("*.xlsx")
        files["own.xlsx"] = book.read_bytes()
    return files
