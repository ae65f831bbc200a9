"""Which code this is: its version, and a digest of every file that decides what a release holds."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOMS = ("pipeline", "expectations", "reports", "assets")
SUFFIXES = (".py", ".sql", ".jinja", ".j2", ".yaml", ".css", ".js")


@cache
def code_version() -> str:
    """The version of the installed package."""
    try:
        return version("junheng")
    except PackageNotFoundError:
        return "0+unknown"


@cache
def code_digest() -> str:
    """sha256 over the program's files, the shipped catalogue left out (it has a digest of its own)."""
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for room in ROOMS:
        for path in sorted(p for p in (root / room).rglob("*") if p.suffix in SUFFIXES and p.is_file()):
            if "catalogue" not in path.relative_to(root).parts:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
