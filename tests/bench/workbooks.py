"""300 returns of our own form to typed rows with places: our reader against pandas with openpyxl, in one run.

Every workbook is a whole return of one county: 60 schools, 75 stage rows, 900 classes, 100 rooms and every item of the
county, written by ``pipeline.forms``. Both sides read every sheet that carries rows to typed columns with sheet and row
number, so that a value can be traced to its cell; the peer checks and reports nothing. Run: ``make bench``.
"""

from __future__ import annotations

import io
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.forms import write_return
from pipeline.forms.columns import FormColumn, columns_of
from pipeline.returns.reader import read_file
from pipeline.returns.typing import is_numeric
from pipeline.schema import load_catalogue
from pipeline.schema.layout import Layout
from pipeline.schema.model import Catalogue
from tests.bench.gap import in_turn

FILES, PER_ROUND, ROUNDS = 300, 20, 15
"""The files are read a share a round, by both sides in turn, so that each round sees the same machine."""
YEAR = 2025
ROWS = {"school": 60, "stage": 75, "class": 900, "room": 100, "county": 1}


def value_of(column: FormColumn, draw: random.Random) -> Any:
    """A plausible value of a column, in the field's own unit."""
    if column.column.recode:
        return draw.choice(list(column.column.recode.values()))
    if column.options is not None:
        return draw.choice(column.options.texts)
    if is_numeric(column.kind):
        return draw.randint(0, 900) if column.kind == "integer" else round(draw.uniform(0, 9000), 2)
    return f"{column.label.zh}{draw.randint(1, 60)}"


def county_rows(catalogue: Catalogue, layout: Layout, draw: random.Random) -> dict[str, list[dict[str, Any]]]:
    """Rows of one county, part by part."""
    stages = [stage.id for stage in catalogue.judged_stages]
    rows: dict[str, list[dict[str, Any]]] = {}
    for sheet in layout.sheets:
        columns = columns_of(catalogue, sheet, YEAR)
        rows[sheet.part] = [
            {c.key: value_of(c, draw) for c in columns} for _ in range(ROWS[sheet.record])
        ]  # fmt: skip
        for number, row in enumerate(rows[sheet.part] if sheet.record != "county" else ()):
            row["school_id"] = f"2199{number % ROWS['school']:06}"
            if "stage" in row:
                row["stage"] = stages[number // ROWS["school"] % len(stages)]
    return rows


def by_pandas(data: bytes, catalogue: Catalogue, layout: Layout) -> dict[str, pd.DataFrame]:
    """The same sheets to typed frames with their sheet and row, as one writes it with pandas and openpyxl."""
    names = [sheet.name for sheet in layout.sheets if sheet.name]
    sheets = pd.read_excel(io.BytesIO(data), sheet_name=names, header=None, dtype=str, engine="openpyxl")
    typed = {}
    for sheet in layout.sheets:
        raw = sheets[sheet.name or ""]
        wanted = sheet.vertical.value if sheet.vertical else "学校（机构）标识码"
        header = next(i for i, row in enumerate(raw.itertuples(index=False)) if wanted in row)
        frame = (
            raw.iloc[header + 2 - bool(sheet.vertical) :].set_axis(raw.iloc[header], axis=1).dropna(how="all").copy()
        )
        frame["__row"], frame["__sheet"] = frame.index + 1, sheet.name
        for column in columns_of(catalogue, sheet, YEAR) if not sheet.vertical else ():
            if column.header in frame:
                frame[column.header] = frame[column.header].replace(column.column.recode)
                if is_numeric(column.kind):
                    frame[column.header] = pd.to_numeric(frame[column.header], errors="coerce") * column.column.factor
        if sheet.vertical:
            frame[wanted] = pd.to_numeric(frame[wanted], errors="coerce")
        typed[sheet.part] = frame
    return typed


def shares(files: list[bytes]) -> Iterator[list[bytes]]:
    """The files, a share a round; the first share twice, since the first round is not counted."""
    yield files[:PER_ROUND]
    for start in range(0, len(files), PER_ROUND):
        yield files[start : start + PER_ROUND]


def bench() -> None:
    """Writes the workbooks, then prints the medians of both readers and their ratio, and where our time goes."""
    catalogue = load_catalogue()
    layout = catalogue.layouts["own"]
    county = next(d for d in catalogue.divisions if d.level == "county")
    draw = random.Random(1)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number in range(FILES):
            path = Path(folder) / f"{number}.xlsx"
            write_return(path, catalogue, YEAR, county, county_rows(catalogue, layout, draw))
            files.append(path.read_bytes())
    wrote = (time.perf_counter() - start) / FILES
    result = read_file(files[0], "", YEAR, catalogue)
    assert result.status == "accepted", result.all_findings()
    rows = {part.part: part.rows.height for part in result.parts}
    print(f"{FILES} own-return workbooks of {len(files[0]) >> 10} KB, source rows {rows}")
    print(
        f"{os.cpu_count()} cores; {ROUNDS} rounds of {PER_ROUND} files in turn, medians; writing one took {wrote * 1e3:.0f} ms\n"
    )
    ours, peers = shares(files), shares(files)
    works = {
        "our reader, with checks and findings": lambda: [read_file(data, "", YEAR, catalogue) for data in next(ours)],
        "pandas + openpyxl": lambda: [by_pandas(data, catalogue, layout) for data in next(peers)],
    }
    taken = in_turn(works, ROUNDS)
    base = next(iter(taken.values()))
    print(f"{'what':<40} {'ms a file':>10} {'÷ ours':>8}")
    for what, times in taken.items():
        ratio = statistics.median(t / b for t, b in zip(times, base, strict=True))
        print(f"{what:<40} {statistics.median(times) / PER_ROUND * 1e3:>10.1f} {ratio:>8.1f}")


if __name__ == "__main__":
    bench()
