"""Pages of a real release in headless Chromium, from ``file://`` and without a network: drawn, offline, fitting a phone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.homes import run_home
from tests.samples import write_small

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=6000", "--allow-file-access-from-files",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    home = tmp_path_factory.mktemp("site")
    write_small(home)
    return run_home(home, {}) / "releases" / "latest" / "site"


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


def dom(tmp_path: Path, page: Path, width: int = 1180) -> tuple[str, list[str]]:
    """The page's document after its scripts ran, and what it wrote to the console. The window is tall: figures are drawn
    when they come near it."""
    done = chromium(tmp_path, f"--window-size={width},12000", "--dump-dom", page.as_uri())
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def test_every_figure_is_drawn_and_nothing_complains(site: Path, tmp_path: Path) -> None:
    drawn = 0
    for page in pages(site):
        html, console = dom(tmp_path, page)
        assert console == [], page
        wanted = page.read_text(encoding="utf-8").count('role="img"')
        assert html.count('class="main-svg"') >= wanted, page
        drawn += wanted
    assert drawn >= 20


def test_no_page_is_wider_than_a_phone(site: Path, tmp_path: Path) -> None:
    for width in (320, 390):
        for page in pages(site):
            frame = tmp_path / "frame.html"
            frame.write_text(
                f'<iframe id="f" width="{width}" height="1200" src="{page.as_uri()}"></iframe><p id="w"></p><script>'
                'document.getElementById("f").onload = () => setTimeout(() => { const d = document.getElementById("f")'
                '.contentDocument.documentElement; document.getElementById("w").textContent = "width " + d.scrollWidth; }, 1500);'
                "</script>",
                encoding="utf-8",
            )
            html, _ = dom(tmp_path, frame)
            assert f"width {width}<" in html, (page, width)


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
