"""Texts of returns inside figures: Plotly reads tags and links in its texts, so that a name must not be able to be one."""

from __future__ import annotations

import html


def figure_text(text: str) -> str:
    """A name as a figure shows it, letter for letter."""
    return html.escape(text, quote=False)
