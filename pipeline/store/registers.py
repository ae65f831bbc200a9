"""The registers of a home: ``registers/<name>.csv``, UTF-8 with or without a byte order mark, a header and a row an entry.

Here: the files and their digest. Not here: what a row may say (``schema.register``).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TypeVar

from pipeline.errors import CatalogueError, HomeError
from pipeline.schema.entry import Entry
from pipeline.schema.load import Place, rows_of
from pipeline.schema.register import KINDS
from pipeline.store.home import Home

REGISTER_FILE = ("登记册", "register")
E = TypeVar("E", bound=Entry)


def register_files(home: Home) -> list[Path]:
    """Files of registers, in order of name. Hidden files and those of an open spreadsheet are none."""
    if not home.registers.is_dir():
        return []
    found = (p for p in home.registers.iterdir() if p.suffix == ".csv" and not p.name.startswith((".", "~$")))
    return sorted((p for p in found if p.is_file()), key=lambda path: path.name)


def read_register(home: Home, kind: type[E]) -> list[tuple[E, Place]]:
    """Rows of the register of a kind, in the order of the file, each with its place; none where the home does not keep it.

    Raises HomeError for a file that is no register, or a row that cannot be used: one sentence that names file and line.
    """
    known = {f"{name}.csv" for name in KINDS}
    for path in register_files(home):
        if path.name not in known:
            listed = ", ".join(sorted(known))
            raise HomeError(
                f"登记册文件夹中的 {path.name} 不是已知的登记册；可用的有 {listed}，请改名或移走",
                f"{path.name} among the registers is not one that is known ({listed}); rename it or move it away",
            )
    name = next(name for name, of in KINDS.items() if of is kind)
    try:
        return rows_of(kind, home.registers, f"{name}.csv", required=False, said=REGISTER_FILE)
    except CatalogueError as error:
        raise HomeError(error.zh, error.en) from None


def registers_digest(home: Home) -> str:
    """What the registers of a home hold, as a hash; '' where there are none."""
    parts = [f"{path.name}:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in register_files(home)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest() if parts else ""
