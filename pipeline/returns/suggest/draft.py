"""What is suggested: for each header the cell that it may stand for, for each sheet its place in a layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.returns.suggest.meanings import Meaning
from pipeline.schema.entry import Label, RecordType

ACCEPT = 0.75
"""A match from here on is written as a column; below it a person decides."""
MENTION = 0.5
"""A match from here on is worth naming beside a header that nothing reads."""
SURE = 0.9
"""Below this a column that is written asks to be looked at."""


@dataclass(frozen=True)
class Near:
    """A cell that a header may stand for, and how near it is (0 to 1)."""

    meaning: Meaning
    score: float
    label: Label


@dataclass(frozen=True)
class ColumnDraft:
    """One header (in a vertical sheet: one item). ``near``: the best match first; the first counts where ``is_taken``."""

    header: str
    place: str
    """Letter of its column, or number of its row in a vertical sheet."""
    near: tuple[Near, ...]
    is_taken: bool
    factor: float = 1.0
    recode: Mapping[str, str] = field(default_factory=dict)
    is_optional: bool = True
    notes: tuple[Label, ...] = ()
    """What a person must look at."""

    @property
    def best(self) -> Near | None:
        return self.near[0] if self.near else None


@dataclass(frozen=True)
class CellDraft:
    """A cell of a cover: beside its label, or at its address."""

    sheet: str
    label: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class DivisionDraft:
    """How rows name their county. Without header and cell a person must say."""

    by: str
    header: str | None = None
    cell: CellDraft | None = None
    score: float = 0.0


@dataclass(frozen=True)
class VerticalDraft:
    """The headers that frame a vertical sheet."""

    item: str
    value: str
    code: str | None = None
    school_cell: CellDraft | None = None
    """Where a file of one school has the school's code."""


@dataclass(frozen=True)
class SheetDraft:
    """One table of the file as one sheet of a layout."""

    table: str
    part: str
    label: Label
    record: RecordType
    header_row: int
    """Number of the first row of the header."""
    header_rows: int
    data_rows: int
    code_row: bool
    division: DivisionDraft
    columns: tuple[ColumnDraft, ...]
    constants: Mapping[str, str] = field(default_factory=dict)
    not_data: tuple[str, ...] = ()
    vertical: VerticalDraft | None = None
    year_header: str | None = None
    notes: tuple[Label, ...] = ()

    @property
    def taken(self) -> list[ColumnDraft]:
        return [column for column in self.columns if column.is_taken]


@dataclass(frozen=True)
class LayoutDraft:
    """A layout for one file."""

    id: str
    file: str
    label: Label
    formats: tuple[str, ...]
    encodings: tuple[str, ...]
    sheets: tuple[SheetDraft, ...]
    ignored: tuple[str, ...] = ()
    """Sheets of which nothing was recognised."""
    year_cell: CellDraft | None = None
    year_column: str | None = None
