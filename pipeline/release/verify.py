"""Finished releases: which there are, and whether their bytes are what the manifest says."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from pipeline.errors import HomeError
from pipeline.release.package import MANIFEST, files_of
from pipeline.store.home import Home

RELEASE_ID = re.compile(r"[0-9]+\.[0-9]+")


def releases(home: Home) -> list[dict[str, Any]]:
    """Manifests of all releases without their file lists, oldest first, each with ``is_latest``."""
    latest = home.latest_id()
    found = []
    for path in sorted(home.releases.glob(f"*/{MANIFEST}")):
        if path.parent.is_symlink() or not RELEASE_ID.fullmatch(path.parent.name):
            continue
        manifest = _manifest(path)
        manifest["files"] = len(manifest["files"])
        manifest["is_latest"] = path.parent.name == latest
        found.append(manifest)
    return sorted(found, key=lambda m: [int(part) for part in str(m["release_id"]).split(".")])


def _manifest(path: Path) -> dict[str, Any]:
    """What a manifest says. Raises HomeError naming the file where it is no manifest."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        manifest = None
    known = manifest if isinstance(manifest, dict) else {}
    if not isinstance(known.get("files"), dict) or not RELEASE_ID.fullmatch(str(known.get("release_id"))):
        raise HomeError(
            f"发布清单 {path} 已损坏，无法读取；请从备份恢复该发布",
            f"the manifest {path} is damaged and cannot be read; restore the release from a backup",
        )
    return known


def folder_of(home: Home, release_id: str) -> Path:
    """Folder of a release: its number, or ``latest``; never a path. Raises HomeError where there is none."""
    is_name = release_id == "latest" or RELEASE_ID.fullmatch(release_id)
    folder = home.releases / release_id
    if not is_name or not (folder / MANIFEST).exists():
        known = "、".join(str(m["release_id"]) for m in releases(home)) or "—"
        raise HomeError(
            f"没有发布号 {release_id}；已有：{known}", f"there is no release {release_id}; there are: {known}"
        )
    return folder.resolve()


def faults(home: Home, release_id: str) -> list[str]:
    """Files of a release that are changed, missing or not in its manifest, in words; empty when all is as made."""
    folder = folder_of(home, release_id)
    listed = _manifest(folder / MANIFEST)["files"]
    present = files_of(folder)
    found = [f"{name}: 缺失 / missing" for name in listed if name not in present]
    found += [f"{name}: 不在清单中 / not in the manifest" for name in present if name not in listed]
    for name in (n for n in present if n in listed):
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != listed[name]["sha256"]:
            found.append(f"{name}: 内容已改变 / changed")
    return found
