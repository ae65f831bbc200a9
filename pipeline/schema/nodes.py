"""YAML texts to nodes that know their lines, by libyaml where it can: the pure Python parser takes most of loading a catalogue.

libyaml composes, the rules of YAML 1.2 (ruamel.yaml's own, ``no`` is a text) say what plain scalars are. What it does not take
as it stands (mistakes, merges, dates, keys that stand twice) is left to ruamel.yaml, whose sentences name the mistake.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.resolver import implicit_resolvers

_TAG = "tag:yaml.org,2002:"


class _UnsureError(Exception):
    """A text that is left to the other parser."""


class _Loader(yaml.CSafeLoader):
    """libyaml's parser with the scalars of YAML 1.2."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, Any]]]] = {}


for _versions, _tag, _pattern, _first in implicit_resolvers:
    if (1, 2) in _versions:
        _Loader.add_implicit_resolver(_tag, _pattern, _first)


@lru_cache(maxsize=64)
def nodes(text: str) -> Any:
    """The nodes of a YAML text, with their lines; read only, and kept since parsing takes long. Raises ruamel's YAMLError."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        return None if node is None else _made(node)
    except (yaml.YAMLError, _UnsureError):
        return YAML(typ="rt").load(text)
    finally:
        loader.dispose()


def _made(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
        return _mapping(node)
    if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
        made = CommentedSeq()
        for number, item in enumerate(node.value):
            made.append(_made(item))
            made._yaml_set_kv_line_col(number, [item.start_mark.line, item.start_mark.column])
        return made
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node.tag.removeprefix(_TAG), node.value)
    raise _UnsureError


def _mapping(node: yaml.MappingNode) -> CommentedMap:
    made = CommentedMap()
    for key_node, value_node in node.value:
        key = _made(key_node) if isinstance(key_node, yaml.ScalarNode) else None
        if key is None or key in made:
            raise _UnsureError
        made[key] = _made(value_node)
        at, of = key_node.start_mark, value_node.start_mark
        made._yaml_set_kv_line_col(key, [at.line, at.column, of.line, of.column])
    return made


def _scalar(kind: str, text: str) -> Any:
    if kind == "str":
        return text
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    try:
        if kind == "int" and text.lstrip("+-").isdecimal():
            return int(text)
        if kind == "float":
            return float(text)
    except ValueError:
        raise _UnsureError from None
    raise _UnsureError
