"""The parameters of the sample, read from the YAML files beside this module.

Here: loading, once. Not here: any number or any id of a catalogue; those stand in the files.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

Spec = Any
"""A node of a parameter file."""


@cache
def parameters(name: str) -> Spec:
    """One parameter file: ``structure``, ``names``, ``quantities``, ``mistakes``."""
    text = (Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8")
    return YAML(typ="safe", pure=True).load(text)
