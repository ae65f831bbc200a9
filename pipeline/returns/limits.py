"""What may be opened at all: the limits of size that a file must keep, and files that are no returns whatever they hold.

A hostile or broken file must cost no more than a finding. Nothing in it is ever run or followed: macros, links and external
data stay bytes. What a container says of its own sizes is not believed where lying would hurt.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
import zlib
from dataclasses import dataclass
from xml.etree import ElementTree

from pipeline.returns.table import Range, UnreadableError, cell_place

MAX_BYTES = 100 * 2**20
"""A file as it lies there. A return of 290 schools with all its classes is about 2 MB."""
MAX_UNPACKED = 500 * 2**20
"""What the parts of a container may unpack to, all together."""
MAX_ENTRIES = 5_000
"""Parts of a container."""
MAX_GRID = 10_000_000
"""Cells of the rectangle around all that a sheet holds: calamine keeps each of them, empty or not, in about 48 bytes."""
MAX_CELLS = 3_000_000
"""Cells of a sheet that hold something."""
_DEFLATE_AT_MOST = 1032
"""How many times its size a deflated part can unpack to."""
_GUARD_SECONDS, _GUARD_BYTES = 60, 4 * 2**30

_KINDS = (
    (b"%PDF", "PDF"), (b"Rar!", "RAR"), (b"7z\xbc\xaf\x27\x1c", "7-Zip"), (b"\x1f\x8b", "gzip"), (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"SQLite format 3", "SQLite"), (b"PAR1", "Parquet"), (b"{\\rtf", "RTF"),
)  # fmt: skip
_PAGES = re.compile(rb"(?i)<(?:!doctype\s+html|html|table)[\s>]")
_SPREADSHEET_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"
_MARKED = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True)
class Extent:
    """What the cells of a sheet take up: how many hold something, and the rectangle around them (0 for an empty sheet)."""

    cells: int
    grid: int


def stop_at_limits(data: bytes) -> None:
    """Raises UnreadableError for bytes that are too many, or of a kind that no return has."""
    if len(data) > MAX_BYTES:
        raise too_large(len(data), MAX_BYTES)
    kind = next((name for mark, name in _KINDS if data.startswith(mark)), None) or _kind_of_text(data[:4096])
    if kind:
        raise UnreadableError(kind, "file_of_another_kind")


def too_large(size: int, limit: int) -> UnreadableError:
    """The refusal of so many bytes where ``limit`` are allowed."""
    return UnreadableError(_megabytes(size), "file_too_large", _megabytes(limit))


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MB"


def _kind_of_text(start: bytes) -> str | None:
    """Pages and XML that programs save under the name of a workbook."""
    mark, encoding = next(((m, e) for m, e in _MARKED if start.startswith(m)), (b"", ""))
    if encoding == "utf-16":
        start = start.decode(encoding, "replace").lstrip("\ufeff").encode()
    text = start.removeprefix(mark).lstrip()
    if not text.startswith(b"<"):
        return None
    return "XML 2003" if _SPREADSHEET_2003 in text else "HTML" if _PAGES.search(text) else None


def stop_at_large_container(data: bytes) -> None:
    """Raises UnreadableError for a zip container with too many parts, or whose parts unpack to too much.

    Parts so small that they cannot unpack to too much are not unpacked to see.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES:
            raise UnreadableError(f"{len(entries):,}", "container_too_large", f"{MAX_ENTRIES:,}")
        declared = sum(entry.file_size for entry in entries)
        if declared > MAX_UNPACKED:
            raise too_large(declared, MAX_UNPACKED)
        if sum(entry.compress_size for entry in entries) * _DEFLATE_AT_MOST <= MAX_UNPACKED:
            return
    _unpack_and_count(data, entries)


def _unpack_and_count(data: bytes, entries: list[zipfile.ZipInfo]) -> None:
    """Unpacks what is deflated without keeping it, until it is too much: the sizes a container declares may be lies."""
    unpacked = 0
    for entry in entries:
        if entry.compress_type != zipfile.ZIP_DEFLATED:
            unpacked += entry.compress_size
            continue
        name, extra = (
            int.from_bytes(data[entry.header_offset + at : entry.header_offset + at + 2], "little") for at in (26, 28)
        )
        start = entry.header_offset + 30 + name + extra
        inflate, rest = zlib.decompressobj(-15), data[start : start + entry.compress_size]
        while rest and not inflate.eof:
            unpacked += len(inflate.decompress(rest, 2**20))
            rest = inflate.unconsumed_tail
            if unpacked > MAX_UNPACKED:
                raise too_large(unpacked, MAX_UNPACKED)


_FAR = re.compile(rb'r="(?:[A-Z]{3}[0-9]|[A-Z]{1,2}[1-9][0-9]{4})')
"""A cell beyond column ZZ or row 9,999: nearer ones span no grid that could hurt."""
_UNPLACED = re.compile(rb"<(?:\w+:)?(?:c|row)(?: (?!r=)|[>/])")
"""A row or cell that does not say first where it is."""


def extent_of(xml: bytes) -> Extent | None:
    """The extent of a sheet's XML, or None where a glance shows that it is small."""
    if not _FAR.search(xml) and not _UNPLACED.search(xml):
        return None
    cells, row, column = 0, -1, -1
    rows, columns = [2**31, -1], [2**31, -1]
    for event, node in ElementTree.iterparse(io.BytesIO(xml), ("start", "end")):
        tag = node.tag.rpartition("}")[2]
        if event == "start" and tag == "row":
            row, column = int(node.get("r", row + 2)) - 1, -1
        elif event == "end" and tag == "c":
            address = node.get("r")
            row, column = cell_place(address) if address else (row, column + 1)
            if len(node):
                cells += 1
                rows = [min(rows[0], row), max(rows[1], row)]
                columns = [min(columns[0], column), max(columns[1], column)]
        elif event == "end" and tag == "row":
            node.clear()
    grid = (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1) if cells else 0
    return Extent(cells, grid)


_MERGE = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]{1,3}[0-9]{1,7}):([A-Z]{1,3}[0-9]{1,7})"')


def scattered_rows(data: bytes, sheet: str) -> list[list[object]]:
    """Values of a sheet whose few cells lie far apart, row by row from row 1; each row ends at its last cell."""
    from openpyxl import load_workbook

    workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    worksheet = workbook[sheet]
    worksheet.reset_dimensions()
    return [["" if value is None else value for value in row] for row in worksheet.iter_rows(values_only=True)]


def merges_of(xml: bytes) -> tuple[Range, ...]:
    """Merged ranges of a sheet's XML."""
    return tuple((cell_place(a.decode()), cell_place(b.decode())) for a, b in _MERGE.findall(xml))


_GUARD = """
import io, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
from python_calamine import CalamineWorkbook
workbook = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
for name in workbook.sheet_names:
    sheet = workbook.get_sheet_by_name(name)
    print(sheet.total_height * sheet.total_width)
"""


def stop_at_large_grid(data: bytes) -> None:
    """Raises UnreadableError for a workbook that is no xlsx (xls, xlsb, ods) with a sheet of too many cells, or that cannot be
    opened within bounds, ValueError for one that is damaged: it is opened first by a process of its own, whose memory and
    time are limited, and in this one only when that went well.
    """
    command = [sys.executable, "-I", "-c", _GUARD, str(_GUARD_BYTES)]
    try:
        ended = subprocess.run(command, input=data, capture_output=True, timeout=_GUARD_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise UnreadableError(f"> {_GUARD_SECONDS} s", "sheet_too_large", f"{MAX_GRID:,}") from None
    if ended.returncode and b"CalamineError" in ended.stderr:
        raise ValueError(ended.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2])
    if ended.returncode:  # it asked for more memory than it may have
        raise UnreadableError(f"> {_megabytes(_GUARD_BYTES)}", "sheet_too_large", f"{MAX_GRID:,}")
    largest = max((int(line) for line in ended.stdout.split()), default=0)
    if largest > MAX_GRID:
        raise UnreadableError(f"{largest:,}", "sheet_too_large", f"{MAX_GRID:,}")
