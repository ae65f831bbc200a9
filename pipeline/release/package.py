"""A release folder: assembled in the home's staging area, described by a manifest, then published in one atomic act."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import FaultError
from pipeline.release.content import content_hash
from pipeline.release.database import build_database
from pipeline.release.version import code_digest, code_version
from pipeline.schema.model import Catalogue
from pipeline.store.corrections import correction_files, corrections_digest
from pipeline.store.divisions.changes import changes_digest
from pipeline.store.home import Home, write_atomically
from pipeline.store.ingest import write_parquet
from pipeline.store.receipts import all_receipts
from pipeline.store.registers import register_files, registers_digest
from pipeline.store.roster import roster_digest, roster_path, roster_years
from pipeline.store.withdrawals import all_withdrawals, withdrawals_digest
from pipeline.tables.registry import public_tables

DATABASE = "junheng.duckdb"
MANIFEST = "manifest.json"


def inputs_digest(home: Home, catalogue: Catalogue) -> str:
    """What a release is made from: receipts, withdrawals in force, corrections, registers, rosters, catalogue and code. Equal digests
    mean that there is nothing new."""
    parts = [receipt.submission_id for receipt in all_receipts(home)]
    parts += [f"{year}:{roster_digest(home, year)}" for year in roster_years(home)]
    parts += [f"changes:{digest}" for digest in [changes_digest(home)] if digest]
    parts += [withdrawals_digest(home), corrections_digest(home), registers_digest(home)]
    return hashlib.sha256("\n".join([*parts, catalogue.digest, code_digest()]).encode()).hexdigest()


def latest_manifest(home: Home) -> dict[str, Any] | None:
    """The manifest of the latest release, or None before the first."""
    path = home.latest / MANIFEST
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def next_release_id(home: Home) -> str:
    """Newest collection year and a running number: 2025.1, 2025.2, …"""
    years = [receipt.year for receipt in all_receipts(home) if receipt.year]
    year = max(years, default=0)
    taken = [p.name.split(".") for p in home.releases.glob(f"{year}.*") if p.is_dir()]
    return f"{year}.{1 + max((int(n) for _, n in taken if n.isdigit()), default=0)}"


def assemble_database(home: Home, catalogue: Catalogue) -> dict[str, int]:
    """Empties the staging area and puts tables, SQL, validation results and the database there; rows by table."""
    shutil.rmtree(home.staging, ignore_errors=True)
    tables = home.staging / "tables"
    tables.mkdir(parents=True)
    _release_info(home, catalogue)
    for name in public_tables():
        shutil.copyfile(home.table(name), tables / f"{name}.parquet")
    shutil.copytree(home.path / "store" / "sql", home.staging / "sql")
    for year in home.years():
        kept = home.rows(year) / "validation"
        if kept.is_dir():
            shutil.copytree(kept, home.staging / "validation" / str(year))
    shutil.copytree(catalogue.folder, home.staging / "catalogue", ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    for year in roster_years(home):
        (home.staging / "roster").mkdir(exist_ok=True)
        shutil.copyfile(roster_path(home, year), home.staging / "roster" / f"{year}.csv")
    for path in correction_files(home):
        (home.staging / "corrections").mkdir(exist_ok=True)
        shutil.copyfile(path, home.staging / "corrections" / path.name)
    for path in register_files(home):
        (home.staging / "registers").mkdir(exist_ok=True)
        shutil.copyfile(path, home.staging / "registers" / path.name)
    return build_database(tables, catalogue, home.staging / DATABASE)


def _release_info(home: Home, catalogue: Catalogue) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    about = catalogue.about
    row = (next_release_id(home), now, code_version(), code_digest(), about.id, about.version, catalogue.digest)
    schema = {column.name: pl.String for column in public_tables()["release_info"].own_columns}
    write_parquet(pl.DataFrame([row], schema=schema, orient="row"), home.table("release_info"))


def write_manifest(home: Home, catalogue: Catalogue) -> dict[str, Any]:
    """Describes the staged release: datapackage for the tables, manifest with the sha256 of every file."""
    staged = home.staging
    info = pl.read_parquet(staged / "tables" / "release_info.parquet").row(0, named=True)
    _data_package(staged, catalogue, info)
    manifest = {
        **info,
        "inputs_digest": inputs_digest(home, catalogue),
        "content_hash": content_hash(staged / DATABASE),
        "inputs": [asdict(receipt) for receipt in all_receipts(home)],
        "rosters": {str(year): {"sha256": roster_digest(home, year)} for year in roster_years(home)},
        "corrections": {path.name: {"sha256": _described(path)["sha256"]} for path in correction_files(home)},
        "registers": {path.name: {"sha256": _described(path)["sha256"]} for path in register_files(home)},
        "withdrawals": [asdict(entry) for entry in all_withdrawals(home)],
        "files": {name: _described(staged / name) for name in files_of(staged)},
    }
    write_atomically(staged / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    return manifest


def files_of(folder: Path) -> list[str]:
    """Every file of a release except its manifest, as sorted relative paths."""
    paths = (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return sorted(name for name in paths if name != MANIFEST)


def _described(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _data_package(staged: Path, catalogue: Catalogue, info: dict[str, Any]) -> None:
    kinds = {"varchar": "string", "bigint": "integer", "double": "number", "boolean": "boolean"}
    resources = [
        {
            "name": table.name.replace("_", "-"),
            "path": f"{table.name}.parquet",
            "format": "parquet",
            "description": table.comment,
            "schema": {
                "fields": [
                    {"name": c.name, "type": kinds[c.type], "description": c.comment} for c in table.columns(catalogue)
                ],
                "primaryKey": list(table.key),
            },
        }
        for table in public_tables().values()
    ]
    title = f"{catalogue.about.title.zh} / {catalogue.about.title.en}"
    package = {"name": "junheng", "title": title, "version": info["release_id"], "resources": resources}
    write_atomically(staged / "tables" / "datapackage.json", json.dumps(package, ensure_ascii=False, indent=1) + "\n")


def incomplete(home: Home) -> list[str]:
    """What the staged release lacks, in words: tables, pages, manifest entries. Empty when it is whole."""
    staged = home.staging
    manifest = json.loads((staged / MANIFEST).read_text(encoding="utf-8"))
    wanted = [DATABASE, "site/index.html", "tables/datapackage.json", *(f"tables/{n}.parquet" for n in public_tables())]
    missing = [name for name in wanted if not (staged / name).is_file()]
    missing += sorted(set(files_of(staged)) ^ set(manifest["files"]))
    return list(dict.fromkeys(missing))


def publish(home: Home) -> str:
    """Moves the staged release to its place and makes it the latest by one atomic rename; returns its id.

    Raises FaultError when its number was taken meanwhile (another run of the same home); the latest stays as it was.
    """
    manifest = json.loads((home.staging / MANIFEST).read_text(encoding="utf-8"))
    release_id = str(manifest["release_id"])
    place = home.releases / release_id
    home.releases.mkdir(parents=True, exist_ok=True)
    if place.exists():
        raise FaultError(
            f"发布号 {release_id} 已被另一次运行占用，请重新运行",
            f"release {release_id} was taken by another run; run again",
        )
    home.staging.rename(place)
    temporary = home.releases / ".latest"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(release_id, target_is_directory=True)
    temporary.replace(home.latest)
    write_atomically(home.releases / "latest.txt", release_id + "\n")
    return release_id
