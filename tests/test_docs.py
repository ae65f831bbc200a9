"""The generated reference pages say what the program does."""

from pathlib import Path

import pytest

from docs.make import PAGES, pages


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_reference_pages_are_what_make_docs_makes(name: str) -> None:
    assert (Path(__file__).parents[1] / "docs" / name).read_text(encoding="utf-8") == pages()[name]
