"""Whether a catalogue would load the text of a layout: the checks of a whole catalogue, with the layout among its own."""

from __future__ import annotations

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline.schema.check_layouts import layout_faults
from pipeline.schema.layout import Layout
from pipeline.schema.model import Catalogue


def layout_from(text: str) -> Layout:
    """The layout of a YAML text. Raises ValidationError, or ruamel's YAMLError."""
    return Layout.model_validate(YAML(typ="safe").load(text))


def faults_of(layout_id: str, text: str, catalogue: Catalogue) -> list[tuple[str, str]]:
    """What is wrong with a layout's text in a catalogue, in Chinese and English; empty where it loads."""
    try:
        layout = layout_from(text)
    except (ValidationError, YAMLError) as error:
        why = " ".join(str(error).split())
        return [(f"表样 {layout_id} 还不能载入：{why}", f"the layout {layout_id} does not load yet: {why}")]
    held = catalogue.model_copy(update={"layouts": {**catalogue.layouts, layout.id: layout}})
    return [
        (f"表样 {layout_id}（{_path(f.path)}）：{f.zh}", f"layout {layout_id} ({_path(f.path)}): {f.en}")
        for f in layout_faults(held)
        if f.entry == layout.id and f.section == "layouts"
    ]


def _path(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path))
