"""Reads a catalogue folder. Every error is one sentence that names file, entry and line."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from pipeline.errors import CatalogueError
from pipeline.schema import check, model

SHIPPED = Path(__file__).resolve().parent.parent / "catalogue"
"""The catalogue that comes with the product."""

E = TypeVar("E", bound=model.Entry)


@dataclass(frozen=True)
class Place:
    """Where an entry stands, for error messages: its file, its id and the YAML node that knows line numbers."""

    file: str
    entry: str
    node: Any
    line: int

    def error(self, path: Iterable[str | int], zh: str, en: str) -> CatalogueError:
        """A sentence about this entry, at the line of ``path`` inside it."""
        line = _line_of(self.node, path, self.line)
        return CatalogueError(
            f"目录文件 {self.file} 第 {line} 行，条目“{self.entry}”：{zh}",
            f"catalogue file {self.file}, line {line}, entry “{self.entry}”: {en}",
        )


def _line_of(node: Any, path: Iterable[str | int], line: int) -> int:
    """Line of the deepest part of ``path`` that the file holds (pydantic's own path parts are skipped)."""
    for key in path:
        if isinstance(node, CommentedMap) and key in node:
            line = node.lc.key(key)[0] + 1
        elif isinstance(node, CommentedSeq) and isinstance(key, int) and key < len(node):
            line = node.lc.item(key)[0] + 1
        else:
            continue
        node = node[key]
    return line


def _yaml(folder: Path, name: str) -> Any:
    path = folder / name
    try:
        return YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CatalogueError(f"目录缺少文件 {name}（{folder}）", f"the catalogue {folder} lacks {name}") from None
    except UnicodeDecodeError:
        raise CatalogueError(f"目录文件 {name} 不是 UTF-8 编码", f"catalogue file {name} is not UTF-8") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CatalogueError(
            f"目录文件 {name} 第 {line} 行不是有效的 YAML：{error.problem}",
            f"catalogue file {name}, line {line}, is not valid YAML: {error.problem}",
        ) from None


def _entry(kind: type[E], file: str, node: Any, line: int, fallback: str) -> tuple[E, Place]:
    name = str(node.get("id", node.get("key", fallback))) if isinstance(node, dict) else fallback
    place = Place(file, name, node, line)
    if not isinstance(node, dict):
        raise place.error((), "应为键值对", "expected a mapping of keys to values")
    try:
        return kind.model_validate(_plain(node)), place
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or name
        found = "" if first["type"] == "missing" else f" ({first['input']!r})"
        raise place.error(
            first["loc"], f"“{where}”有误：{first['msg']}{found}", f"“{where}”: {first['msg']}{found}"
        ) from None


def _plain(node: Any) -> Any:
    """A YAML node as plain Python values."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node


def _list_of(kind: type[E], folder: Path, file: str) -> list[tuple[E, Place]]:
    nodes = _yaml(folder, file)
    if nodes is None:
        return []
    if not isinstance(nodes, CommentedSeq):
        raise CatalogueError(f"目录文件 {file} 应为条目列表", f"catalogue file {file} must be a list of entries")
    return [_entry(kind, file, node, nodes.lc.item(i)[0] + 1, f"#{i + 1}") for i, node in enumerate(nodes)]


def _one_per_file(kind: type[E], folder: Path, subfolder: str) -> list[tuple[E, Place]]:
    found = []
    for path in sorted((folder / subfolder).glob("*.yaml")):
        file = f"{subfolder}/{path.name}"
        found.append(_entry(kind, file, _yaml(folder, file), 1, path.stem))
    return found


def _rows_of(kind: type[E], folder: Path, file: str, *, required: bool) -> list[tuple[E, Place]]:
    path = folder / file
    if not path.exists() and not required:
        return []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise CatalogueError(f"目录缺少文件 {file}（{folder}）", f"the catalogue {folder} lacks {file}") from None
    return list(_csv_entries(kind, file, text))


def _csv_entries(kind: type[E], file: str, text: str) -> Iterator[tuple[E, Place]]:
    reader = csv.DictReader(text.splitlines())
    for row in reader:
        values = {key: value for key, value in row.items() if key is not None and value not in ("", None)}
        blank_texts = {key: "" for key in ("parent_code",) if key in kind.model_fields and key not in values}
        entry = values.get("code") or values.get("old_code") or f"#{reader.line_num}"
        place = Place(file, entry, None, reader.line_num)
        try:
            yield kind.model_validate(values | blank_texts), place
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise place.error((), f"“{where}”有误：{first['msg']}", f"“{where}”: {first['msg']}") from None


def _by_id(entries: list[tuple[E, Place]], key: str = "id") -> tuple[dict[str, E], dict[str, Place]]:
    values: dict[str, E] = {}
    places: dict[str, Place] = {}
    for entry, place in entries:
        name = getattr(entry, key)
        if name in values:
            first = places[name]
            raise place.error(
                (key,),
                f"与 {first.file} 第 {first.line} 行的条目重名",
                f"has the same {key} as the entry at line {first.line} of {first.file}",
            )
        values[name], places[name] = entry, place
    return values, places


def digest_of(folder: Path) -> str:
    """sha256 over names and bytes of every file of a catalogue, in order of name."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in (".yaml", ".csv")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def load_catalogue(folder: Path | str = SHIPPED) -> model.Catalogue:
    """Loads and checks a catalogue folder.

    Raises CatalogueError: one sentence that names file, line and entry, what is wrong and, where known, what is possible.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CatalogueError(f"没有目录文件夹 {folder}", f"there is no catalogue folder {folder}")
    about, about_place = _entry(model.About, "catalogue.yaml", _yaml(folder, "catalogue.yaml"), 1, "catalogue")
    parts: dict[str, tuple[dict[str, Any], dict[str, Place]]] = {
        "fields": _by_id(_list_of(model.FieldDef, folder, "fields.yaml")),
        "stages": _by_id(_list_of(model.Stage, folder, "stages.yaml")),
        "indicators": _by_id(_list_of(model.Indicator, folder, "indicators.yaml")),
        "standards": _by_id(_one_per_file(model.Standard, folder, "standards")),
        "rules": _by_id(_list_of(model.Rule, folder, "rules.yaml")),
        "settings": _by_id(_list_of(model.Setting, folder, "settings.yaml"), key="key"),
        "layouts": _by_id(_one_per_file(model.Layout, folder, "layouts")),
    }
    divisions = _rows_of(model.Division, folder, "divisions.csv", required=True)
    changes = _rows_of(model.DivisionChange, folder, "division_changes.csv", required=False)
    catalogue = model.Catalogue(
        about=about,
        digest=digest_of(folder),
        folder=str(folder),
        divisions=tuple(entry for entry, _ in divisions),
        division_changes=tuple(entry for entry, _ in changes),
        **{name: values for name, (values, _) in parts.items()},
    )
    places = {name: found for name, (_, found) in parts.items()}
    places["about"] = {about.id: about_place}
    places["divisions"] = {entry.code: place for entry, place in divisions}
    places["division_changes"] = {str(i): place for i, (_, place) in enumerate(changes)}
    for fault in check.faults(catalogue):
        raise places[fault.section][fault.entry].error(fault.path, fault.zh, fault.en)
    return catalogue
