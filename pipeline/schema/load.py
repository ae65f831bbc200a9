"""Reads a catalogue folder. Every error is one sentence that names file, entry and line."""

from __future__ import annotations

import csv
import difflib
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from pipeline.errors import CatalogueError
from pipeline.schema import check, model
from pipeline.schema.entry import Entry
from pipeline.schema.form import CodeList
from pipeline.schema.group_award import SECTION, GroupAwards
from pipeline.schema.layout import Layout
from pipeline.schema.nodes import nodes
from pipeline.schema.partition import Partition
from pipeline.schema.writing import Writing
from pipeline.schema.years import Peers, Settlement

SHIPPED = Path(__file__).resolve().parent.parent / "catalogue"
"""The catalogue that comes with the product."""

CATALOGUE_FILE = ("目录文件", "catalogue file")
"""What a file is called in an error, unless it is one of a home's."""

E = TypeVar("E", bound=Entry)


@dataclass(frozen=True)
class Place:
    """Where an entry stands, for error messages: its file, its id and the YAML node that knows line numbers."""

    file: str
    entry: str
    node: Any
    line: int
    said: tuple[str, str] = CATALOGUE_FILE

    def error(self, path: Iterable[str | int], zh: str, en: str) -> CatalogueError:
        """A sentence about this entry, at the line of ``path`` inside it."""
        line = _line_of(self.node, path, self.line)
        return CatalogueError(
            f"{self.said[0]} {self.file} 第 {line} 行，条目“{self.entry}”：{zh}",
            f"{self.said[1]} {self.file}, line {line}, entry “{self.entry}”: {en}",
        )


def _line_of(node: Any, path: Iterable[str | int], line: int) -> int:
    """Line of the deepest part of ``path`` that the file holds (pydantic's own path parts are skipped)."""
    for key in path:
        if isinstance(node, CommentedMap) and key in node:
            if key in node.lc.data:  # a key that came by a merge (<<) has no line of its own
                line = node.lc.key(key)[0] + 1
        elif isinstance(node, CommentedSeq) and isinstance(key, int) and key < len(node):
            line = node.lc.item(key)[0] + 1
        else:
            continue
        node = node[key]
    return line


def _text(folder: Path, name: str, said: tuple[str, str] = CATALOGUE_FILE) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise CatalogueError(f"目录缺少文件 {name}（{folder}）", f"the catalogue {folder} lacks {name}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CatalogueError(
            f"{said[0]} {name} 第 {line} 行不是 UTF-8 编码", f"{said[1]} {name}, line {line}, is not UTF-8"
        ) from None


def _yaml(folder: Path, name: str, said: tuple[str, str] = CATALOGUE_FILE) -> Any:
    try:
        return nodes(_text(folder, name, said))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CatalogueError(
            f"{said[0]} {name} 第 {line} 行不是有效的 YAML：{error.problem}",
            f"{said[1]} {name}, line {line}, is not valid YAML: {error.problem}",
        ) from None
    except YAMLError as error:
        why = " ".join(str(error).split())
        raise CatalogueError(
            f"{said[0]} {name} 不是有效的 YAML：{why}", f"{said[1]} {name} is not valid YAML: {why}"
        ) from None


def _entry(
    kind: type[E], file: str, node: Any, line: int, fallback: str, said: tuple[str, str] = CATALOGUE_FILE
) -> tuple[E, Place]:
    name = str(node.get("id", node.get("key", fallback))) if isinstance(node, dict) else fallback
    place = Place(file, name, node, line, said)
    if not isinstance(node, dict):
        raise place.error((), "应为键值对", "expected a mapping of keys to values")
    try:
        return kind.model_validate(_plain(node)), place
    except ValidationError as error:
        path, zh, en = _mistake(kind, error)
        raise place.error(path, zh, en) from None


def _mistake(kind: type[Entry], error: ValidationError) -> tuple[tuple[str | int, ...], str, str]:
    """Path and words of one mistake in an entry: a misspelt key first, since it makes other keys seem missing."""
    first = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
    path = first["loc"]
    where = ".".join(str(part) for part in path)
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]), _keys_at(kind, path[:-1]), n=1)
        zh, en = (f"，是否指“{near[0]}”", f"; did you mean “{near[0]}”?") if near else ("", "")
        return path, f"没有“{where}”这个键{zh}", f"there is no key “{where}”{en}"
    if first["type"] == "missing":
        return path, f"缺少“{where}”", f"“{where}” is missing"
    found = "" if isinstance(first["input"], dict | list) else f" ({first['input']!r})"
    said = first["msg"].removeprefix("Value error, ") + found
    return path, f"“{where}”有误：{said}" if where else said, f"“{where}”: {said}" if where else said


def _keys_at(kind: Any, path: Sequence[str | int]) -> list[str]:
    """Keys that an entry may have at a path inside it."""
    entry = _entry_type(kind)
    if entry is None:
        return []
    if not path:
        return list(entry.model_fields)
    field = entry.model_fields.get(str(path[0]))
    return _keys_at(field.annotation if field else entry, path[1:])


def _entry_type(annotation: Any) -> type[Entry] | None:
    """The kind of entry that an annotation such as ``tuple[Item, ...]`` holds."""
    if isinstance(annotation, type) and issubclass(annotation, Entry):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _entry_type(inner))), None)


def _plain(node: Any) -> Any:
    """A YAML node as plain Python values."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node


def entries_of(kind: type[E], folder: Path, file: str, said: tuple[str, str] = CATALOGUE_FILE) -> list[tuple[E, Place]]:
    """The entries of a YAML file that lists them, each with its place; none in an empty file.

    ``said``: what such a file is called. Raises CatalogueError naming file, line and entry.
    """
    nodes = _yaml(folder, file, said)
    if nodes is None:
        return []
    if not isinstance(nodes, CommentedSeq):
        raise CatalogueError(f"{said[0]} {file} 应为条目列表", f"{said[1]} {file} must be a list of entries")
    return [_entry(kind, file, node, nodes.lc.item(i)[0] + 1, f"#{i + 1}", said) for i, node in enumerate(nodes)]


def _if_there(kind: type[E], folder: Path, file: str) -> list[tuple[E, Place]]:
    """The entries of a file that a catalogue may lack."""
    return entries_of(kind, folder, file) if (folder / file).exists() else []


def _optional(kind: type[E], folder: Path, file: str) -> tuple[E, Place] | None:
    """The one entry of a file that a catalogue may lack."""
    if not (folder / file).exists():
        return None
    return _entry(kind, file, _yaml(folder, file), 1, Path(file).stem)


def _one_per_file(kind: type[E], folder: Path, subfolder: str) -> list[tuple[E, Place]]:
    found = []
    for path in sorted((folder / subfolder).glob("*.yaml")):
        file = f"{subfolder}/{path.name}"
        found.append(_entry(kind, file, _yaml(folder, file), 1, path.stem))
    return found


def rows_of(
    kind: type[E], folder: Path, file: str, *, required: bool, said: tuple[str, str] = CATALOGUE_FILE
) -> list[tuple[E, Place]]:
    """The entries of a CSV file, a row each, with their places; none where a file that is not required is absent.

    ``said``: what such a file is called. Raises CatalogueError naming file, line and entry.
    """
    if not required and not (folder / file).exists():
        return []
    return list(_csv_entries(kind, file, _text(folder, file, said), said))


def _csv_entries(kind: type[E], file: str, text: str, said: tuple[str, str]) -> Iterator[tuple[E, Place]]:
    reader = csv.DictReader(text.splitlines())
    for row in reader:
        values = {key: value for key, value in row.items() if value not in ("", None)}
        blank_texts = {key: "" for key in ("parent_code",) if key in kind.model_fields and key not in values}
        entry = values.get("code") or values.get("old_code") or f"#{reader.line_num}"
        place = Place(file, str(entry), None, reader.line_num, said)
        if None in values:
            raise place.error((), f"比表头多出 {values[None]}", f"cells beyond the header: {values[None]}")
        try:
            yield kind.model_validate(values | blank_texts), place
        except ValidationError as error:
            _, zh, en = _mistake(kind, error)
            raise place.error((), zh, en) from None


def by_id(entries: list[tuple[E, Place]], key: str = "id") -> tuple[dict[str, E], dict[str, Place]]:
    """Entries and their places by id. Raises CatalogueError where two have the same."""
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
        "fields": by_id(entries_of(model.FieldDef, folder, "fields.yaml")),
        "stages": by_id(entries_of(model.Stage, folder, "stages.yaml")),
        "indicators": by_id(entries_of(model.Indicator, folder, "indicators.yaml")),
        "standards": by_id(_one_per_file(model.Standard, folder, "standards")),
        "rules": by_id(entries_of(model.Rule, folder, "rules.yaml")),
        "settings": by_id(entries_of(model.Setting, folder, "settings.yaml"), key="key"),
        "layouts": by_id(_one_per_file(Layout, folder, "layouts")),
        "codes": by_id(_if_there(CodeList, folder, "codes.yaml")),
        "partitions": by_id(_if_there(Partition, folder, "partitions.yaml")),
    }
    writing = _optional(Writing, folder, "writing.yaml")
    peers, settlement = _optional(Peers, folder, "peers.yaml"), _optional(Settlement, folder, "settlement.yaml")
    awards = _optional(GroupAwards, folder, f"{SECTION}.yaml")
    divisions = rows_of(model.Division, folder, "divisions.csv", required=True)
    changes = rows_of(model.DivisionChange, folder, "division_changes.csv", required=False)
    catalogue = model.Catalogue(
        about=about,
        digest=digest_of(folder),
        folder=str(folder),
        divisions=tuple(entry for entry, _ in divisions),
        division_changes=tuple(entry for entry, _ in changes),
        from_rosters=(),
        changes_from_home=(),
        writing=writing[0] if writing else None,
        peers=peers[0] if peers else None,
        settlement=settlement[0] if settlement else None,
        group_awards=awards[0] if awards else None,
        **{name: values for name, (values, _) in parts.items()},
    )
    places = {name: found for name, (_, found) in parts.items()}
    places["about"] = {about.id: about_place}
    places["writing"] = {"writing": writing[1]} if writing else {}
    places["peers"] = {"peers": peers[1]} if peers else {}
    places["settlement"] = {"settlement": settlement[1]} if settlement else {}
    places[SECTION] = {SECTION: awards[1]} if awards else {}
    places["divisions"] = {str(i): place for i, (_, place) in enumerate(divisions)}
    places["division_changes"] = {str(i): place for i, (_, place) in enumerate(changes)}
    for fault in check.faults(catalogue):
        place = places[fault.section].get(fault.entry) or Place(f"{fault.section}.yaml", fault.entry, None, 1)
        raise place.error(fault.path, fault.zh, fault.en)
    return catalogue
