"""Pages of a real release in headless Chromium, from ``file://`` and without a network: drawn, offline, fitting a phone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")]
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=20000", "--allow-file-access-from-files",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(small_run: Path) -> Path:
    return small_run / "releases" / "latest" / "site"


REFERENCE = (
    "method/index.html", "method/settings.html", "indicator/index.html", "data/index.html", "data/fields.html", "data/rules.html",
    "data/gap_coefficient.html",
)  # fmt: skip


def pages(site: Path) -> list[Path]:
    """The home pages, every county page, and of the pages of reference one of each kind, in both languages."""
    one_each = [site / language / path for language in ("zh", "en") for path in REFERENCE]
    one_each += [
        max(site.glob(f"{language}/{kind}/*_*.html")) for language in ("zh", "en") for kind in ("indicator", "data")
    ]
    one_each += sorted(site.glob("*/standard/*.html"))
    return [
        site / "index.html",
        site / "en" / "index.html",
        *sorted(site.glob("*/county/*/*.html")),
        *sorted(site.glob("*/verdict/*/*.html")),
        *one_each,
    ]


def chromium(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


TOGETHER = 10
"""Pages in one run of the browser: starting it takes longer than a page."""


@dataclass(frozen=True)
class Opened:
    """A page once its scripts have run: figures it should have and has, and how wide it is. Figures are drawn when they come
    near the window, so that is tall."""

    page: Path
    width: int
    figures: int
    drawn: int
    wide: int


FRAMES = """<!doctype html><meta charset="utf-8"><pre id="told"></pre>{frames}<script>
const told = (d) => {{
  const figures = [...d.querySelectorAll('[role="img"]')];
  return [figures.length, figures.filter((f) => f.querySelector(".main-svg")).length, d.documentElement.scrollWidth];
}};
addEventListener("load", () => setTimeout(() => {{
  const all = [...document.querySelectorAll("iframe")].map((f) => told(f.contentDocument));
  document.getElementById("told").textContent = JSON.stringify(all);
}}, 3000));
</script>"""
FRAME = '<iframe width="{width}" height="12000" style="position:absolute;left:0;top:0" src="{page}"></iframe>'


def opened(tmp_path: Path, wanted: Sequence[tuple[Path, int]]) -> Iterator[Opened]:
    """Opens pages, each in a frame of its width, and tells of each; fails where one writes to the console."""
    for first in range(0, len(wanted), TOGETHER):
        together = wanted[first : first + TOGETHER]
        frames = "".join(FRAME.format(width=width, page=page.as_uri()) for page, width in together)
        sheet = tmp_path / "frames.html"
        sheet.write_text(FRAMES.format(frames=frames), encoding="utf-8")
        done = chromium(tmp_path, "--window-size=1180,12000", "--dump-dom", sheet.as_uri())
        assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
        told = re.search(r'<pre id="told">(.+?)</pre>', done.stdout)
        assert told is not None, together
        for (page, width), found in zip(together, json.loads(told[1]), strict=True):
            yield Opened(page, width, *found)


def test_every_figure_is_drawn_and_nothing_complains(site: Path, tmp_path: Path) -> None:
    drawn = 0
    for found in opened(tmp_path, [(page, 1180) for page in pages(site)]):
        assert found.figures == found.page.read_text(encoding="utf-8").count('role="img"'), found
        assert found.drawn == found.figures, found
        drawn += found.drawn
    assert drawn >= 20


def test_no_page_is_wider_than_a_phone(site: Path, tmp_path: Path) -> None:
    for found in opened(tmp_path, [(page, width) for width in (320, 390) for page in pages(site)]):
        assert found.wide == found.width, found


def test_a_county_prints_on_few_pages(site: Path, tmp_path: Path) -> None:
    page = next(site.glob("zh/county/*/*.html"))
    out = tmp_path / "page.pdf"
    chromium(tmp_path, f"--print-to-pdf={out}", "--no-pdf-header-footer", page.as_uri())
    count = out.read_bytes().count(b"/Type /Page\n") or out.read_bytes().count(b"/Type/Page")
    assert 1 <= count <= 8


def test_a_screenshot_has_ink_and_chinese_glyphs(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "shot.png"
    chromium(tmp_path, f"--screenshot={out}", "--window-size=1180,1600", (site / "index.html").as_uri())
    assert out.stat().st_size > 60_000
