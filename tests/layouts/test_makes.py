"""Every layout as a workbook of other makes, as LibreOffice saves them: the same rows as in the xlsx."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline.returns.reader import FileRows, read_file
from pipeline.schema import load_catalogue
from pipeline.store.ingest import frames_of
from tests.layouts.good_files import good_files

SOFFICE = shutil.which("soffice")
BOOKS = {name: good for name, good in good_files().items() if name.endswith(".xlsx")}


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("make", ["xls", "ods", "xlsm"])
def test_a_workbook_of_another_make_holds_the_same_rows(tmp_path: Path, make: str) -> None:
    catalogue = load_catalogue()
    for name, (data, _) in BOOKS.items():
        (tmp_path / name).write_bytes(data)
    command = [str(SOFFICE), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", make]
    subprocess.run([*command, *BOOKS], cwd=tmp_path, check=True, capture_output=True, timeout=300)

    def frames(result: FileRows, year: int) -> dict[str, object]:
        return {name: frame.to_dicts() for name, frame in frames_of(result, catalogue, "x", year).items()}

    for name, (data, year) in BOOKS.items():
        saved = (tmp_path / name).with_suffix(f".{make}").read_bytes()
        other = read_file(saved, name, year, catalogue)
        assert other.status == "accepted"
        assert frames(other, year) == frames(read_file(data, name, year, catalogue), year)
