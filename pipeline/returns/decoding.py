"""A text file read as each kind of sender encodes it: the encodings of a layout decide for files of that layout alone."""

from __future__ import annotations

from pipeline.returns.csv_file import read_csv
from pipeline.returns.layouts import FileFit, NoFit, fit
from pipeline.returns.table import UnreadableError, is_blank
from pipeline.schema.model import Catalogue


def fit_text(data: bytes, catalogue: Catalogue, year: int) -> FileFit | NoFit:
    """The layout that explains most headers of a text file, decoded as that layout's senders do; of equal ones the first.

    NoFit says what the nearest lacks. Raises UnreadableError where no layout's encodings fit the bytes.
    """
    by_encodings: dict[tuple[str, ...], list[str]] = {}
    for layout in catalogue.layouts.values():
        if "csv" in layout.formats:
            by_encodings.setdefault(layout.encodings, []).append(layout.id)
    found: list[FileFit | NoFit] = []
    unreadable: list[UnreadableError] = []
    for encodings, layouts in by_encodings.items():
        try:
            table = read_csv(data, encodings)
            is_empty = all(is_blank(row) for row in table.rows)
            found.append(NoFit("file_empty", "", "") if is_empty else fit([table], catalogue, year, layouts))
        except UnreadableError as error:
            unreadable.append(error)
    if not found and unreadable:
        raise unreadable[0]
    fitted = [one for one in found if isinstance(one, FileFit)]
    if fitted:
        best = max(fitted, key=lambda one: one.explained)
        equal = [one.layout.id for one in fitted if one is not best and one.explained == best.explained]
        best.unfit += [NoFit("layout_tied", "、".join(equal), best.layout.id)] if equal else []
        return best
    return found[0] if found else fit([], catalogue, year)
