"""Bytes of a delimited file to a source table: encoding and delimiter are found, no cell is interpreted."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence

from charset_normalizer import from_bytes

from pipeline.returns.table import SourceTable, UnreadableError

DELIMITERS = ",;\t|"
_SAMPLE = 65_536
_END = "\x1a"
"""A last row of our own: where it does not come back alone, a quotation mark was left open."""


def decode(data: bytes, encodings: Sequence[str] = ("utf-8", "gb18030")) -> tuple[str, str]:
    """Text and the name of its encoding: a byte order mark, else the first of ``encodings`` that fits every byte.

    Where none fits, the most plausible of the encodings known to charset-normalizer. Raises UnreadableError.
    """
    if b"\0" in data[:_SAMPLE] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError("含有二进制内容，不是文本文件 / it holds binary content, not text")
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            encodings = (name, *encodings)
    for name in encodings:
        try:
            return data.decode(name), name
        except UnicodeDecodeError:
            continue
    best = from_bytes(data[:_SAMPLE]).best()
    if best is None:
        raise UnreadableError("无法判断编码 / its encoding cannot be told")
    try:
        return data.decode(best.encoding), best.encoding
    except UnicodeDecodeError as error:
        raise UnreadableError(f"第 {error.start} 字节不符合编码 / byte {error.start} fits no encoding") from None


def torn_at(data: bytes) -> int:
    """Where the last character of a UTF-8 text begins, if it was cut in two; else the length of the text."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and any(byte > 0x7F for byte in data[: error.start]):
            return error.start
    return len(data)


def delimiter_of(text: str) -> str:
    """The delimiter that gives the most cells in rows of equal width; a comma where there is only one column."""
    sample = text if len(text) <= _SAMPLE else text[:_SAMPLE].rsplit("\n", 1)[0]

    def cells(delimiter: str) -> int:
        try:
            widths = Counter(len(row) for row in _rows(sample, delimiter) if len(row) > 1)
        except csv.Error:
            return 0
        return max((width * rows for width, rows in widths.items()), default=0)

    return max(DELIMITERS, key=cells)


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def read_csv(data: bytes, encodings: Sequence[str] = ("utf-8", "gb18030")) -> SourceTable:
    """One CSV file as a source table. Raises UnreadableError with the reason."""
    whole = data[: torn_at(data)]
    text, encoding = decode(whole, encodings)
    delimiter = delimiter_of(text)
    try:
        rows = list(_rows(f"{text}\n{_END}", delimiter))
    except csv.Error as error:
        raise UnreadableError(f"不是有效的 CSV：{error} / it is not valid CSV: {error}") from None
    if rows.pop() != [_END]:
        number = len(rows) + 1
        raise UnreadableError(f"第 {number} 行的引号没有闭合 / a quotation mark opened in row {number} is never closed")
    has_open_end = bool(text) and not text.endswith(("\n", "\r"))
    return SourceTable("", rows, delimiter, encoding, has_open_end=has_open_end, is_torn=len(whole) < len(data))
