"""The how-to pages do what they say: catalogues made by their steps load and compute, their queries run on a release."""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from pipeline.schema import SHIPPED, Catalogue, load_catalogue
from pipeline.schema.register import KINDS
from pipeline.tables.names import PYTHON_TABLES
from reports.data_page import queries
from reports.site import build
from tests.homes import copied, junheng
from tests.oracles import REPOSITORY
from tests.reports.release_maker import Maker, Place, with_counties

HOW_TO = REPOSITORY / "docs" / "how-to"
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
TARGET = re.compile(r"# my-catalogue/(\S+?\.yaml)，.*?(append|columns of part (\w+)|a new file)")


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a language on a how-to page, in order."""
    text = (HOW_TO / page).read_text(encoding="utf-8")
    return [body for name, body in BLOCK.findall(text) if name == language]


def followed(page: str, folder: Path) -> Path:
    """A copy of the shipped catalogue in which every YAML block of the page is put where its first line says."""
    copy = folder / "my-catalogue"
    shutil.copytree(SHIPPED, copy)
    for block in blocks(page, "yaml"):
        first, _, body = block.partition("\n")
        match = TARGET.match(first)
        assert match, first
        path = copy / match.group(1)
        if match.group(3):
            path.write_text(_under_columns(path.read_text("utf-8"), match.group(3), body), encoding="utf-8")
        else:
            before = path.read_text("utf-8") if match.group(2) == "append" else ""
            assert (before == "") == (match.group(2) == "a new file")
            path.write_text(before + body, encoding="utf-8")
    return copy


def _under_columns(layout: str, part: str, body: str) -> str:
    """A layout with lines added at the head of the columns of a part, indented as the others are."""
    at = layout.index("columns:\n", layout.index(f"part: {part}")) + len("columns:\n")
    indent = re.match(r" *", layout[at:])
    return layout[:at] + (indent.group(0) if indent else "") + body + layout[at:]


@pytest.mark.parametrize(
    ("page", "indicators", "standard"),
    [
        ("add-an-indicator.md", {"reading_seats_per_100"}, "county-reading"),
        (
            "add-a-standard.md",
            {"pupils_per_teacher", "next_degree_teachers_pct", "small_classes_pct"},
            "province-modern",
        ),
    ],
)
def test_the_steps_of_a_page_make_a_catalogue_that_is_seen_on_every_page(
    page: str, indicators: set[str], standard: str, tmp_path: Path
) -> None:
    catalogue = load_catalogue(followed(page, tmp_path))
    assert indicators <= set(catalogue.indicators) and standard in catalogue.standards
    out = small_site(catalogue, tmp_path)
    text = (out / "zh" / "standard" / f"{standard}.html").read_text("utf-8")
    for name in indicators:
        assert (out / "zh" / "indicator" / f"{name}.html").is_file()
        assert f"../indicator/{name}.html" in text
    for item in catalogue.standards[standard].items:
        for threshold in item.thresholds:
            assert f'data-v="{threshold.value:.12g}"' in text


def small_site(catalogue: Catalogue, folder: Path) -> Path:
    """A site of one county made by hand."""
    maker = Maker(with_counties(catalogue, ["990101"]))
    maker.year(2025, [Place("990101", stage.id, 3) for stage in catalogue.judged_stages])
    maker.submission(2025, "990101")
    build(maker.write(folder / "release"), maker.catalogue, folder / "release" / "site")
    return folder / "release" / "site"


@pytest.fixture(scope="module")
def release(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole release of a small sample."""
    return copied(small_run, tmp_path_factory.mktemp("how-to")) / "releases" / "latest"


def test_every_query_of_the_pages_runs_and_gives_rows(release: Path) -> None:
    asked = blocks("read-the-database.md", "sql") + [q.sql for q in queries()]
    assert len(asked) > 12
    with duckdb.connect(str(release / "junheng.duckdb"), read_only=True) as opened:
        for sql in asked:
            try:
                rows = opened.execute(sql).fetchall()
            except duckdb.Error as error:
                pytest.fail(f"{error}\n{sql}")
            assert rows or "finding" in sql or "is_above_floor" in sql or "is_met = false" in sql, sql


def test_the_python_of_the_pages_runs(
    release: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(release)
    for block in blocks("read-the-database.md", "python"):
        exec(compile(block, "read-the-database.md", "exec"), {})
    assert "score" in capsys.readouterr().out


def test_every_query_of_the_site_runs_and_recomputed_values_agree(release: Path) -> None:
    pages = sorted((release / "site" / "zh").rglob("*.html"))
    asked = [
        (p, unescaped(sql))
        for p in pages
        for sql in re.findall(r'<pre class="sql"[^>]*><code>(.*?)</code>', p.read_text("utf-8"), re.DOTALL)
    ]
    assert len(asked) > 60
    compared = 0
    with duckdb.connect(str(release / "junheng.duckdb"), read_only=True) as opened:
        for page, sql in asked:
            rows = opened.sql(sql).pl()
            for one, other in (("value", "again"), ("cv", "published"), ("cv", "again")):
                if {one, other} <= set(rows.columns):
                    for a, b in zip(rows[one], rows[other], strict=True):
                        assert (a is None) == (b is None), (page.name, sql)
                        assert a is None or b == pytest.approx(a, rel=1e-9, abs=1e-12), (page.name, sql)
                        compared += 1
    assert compared > 1000


def unescaped(text: str) -> str:
    return html.unescape(text)


def test_the_readmes_link_every_how_to_page_and_each_other() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        text = (REPOSITORY / name).read_text("utf-8")
        for page in HOW_TO.glob("*.md"):
            assert f"docs/how-to/{page.name}" in text, (name, page.name)
        for link in re.findall(r"\]\((?!http)([^)#]+)", text):
            assert (REPOSITORY / link).exists(), (name, link)
    assert "README.zh-CN.md" in (REPOSITORY / "README.md").read_text("utf-8")
    assert "(README.md)" in (REPOSITORY / "README.zh-CN.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_a_reader_finds_the_question_of_every_table_and_the_first_line_of_every_register(name: str) -> None:
    text = (REPOSITORY / name).read_text("utf-8")
    asked = set(re.findall(r"^\| .+[?？] \| `(\w+)` \|$", text, re.MULTILINE))
    assert asked == {*PYTHON_TABLES, "school_contribution", "weak_school"}
    for register, kind in KINDS.items():
        assert re.search(rf"^\| `{register}` \| .+ \| `{','.join(kind.model_fields)}` \|$", text, re.MULTILINE), (
            register
        )


def test_every_command_of_the_how_to_pages_exists() -> None:
    from typer.main import get_command

    from junheng.main import app

    known = set(getattr(get_command(app), "commands", {}))
    for page in HOW_TO.glob("*.md"):
        used = set(re.findall(r"^junheng (\w+)", "\n".join(blocks(page.name, "")), re.MULTILINE))
        assert used <= known, (page.name, used - known)


def test_the_corrections_of_the_page_can_be_used(tmp_path: Path) -> None:
    from pipeline.store.corrections import read_corrections
    from pipeline.store.home import Home

    (tmp_path / "corrections").mkdir()
    (text,) = blocks("correct-and-withdraw.md", "yml")
    (tmp_path / "corrections" / "a.yaml").write_text(text, encoding="utf-8")
    assert len(read_corrections(Home(tmp_path), load_catalogue())) == 3


def test_the_commands_of_checking_a_return_do_what_the_page_says(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = release.parents[1]
    sent = sorted((home / "inbox" / "2025").glob("*-schools.csv"))[-1]
    shutil.copy(sent, tmp_path / "return.csv")
    monkeypatch.chdir(tmp_path)
    commands = [line for block in blocks("check-before-sending.md", "") for line in block.splitlines() if line]
    assert len(commands) == 3
    for command in commands:
        words = command.replace("澄溪县.xlsx", "return.csv").replace("2026", "2025").replace("HOME", str(home)).split()
        result = junheng(*words[1:])
        assert result.exit_code in (0, 1), result.output
        assert "报送" in result.output
    page = (HOW_TO / "check-before-sending.md").read_text("utf-8")
    for path in (p for p in (tmp_path / "退回包").rglob("*") if p.is_file()):
        assert f"`{path.name}`" in page or path.parent.name == "received", path
    told = json.loads(junheng("check", "return.csv", "--year", 2025, "--home", home, "--preview", "--json").output)[0]
    for key in {**told, **told["preview"], **told["verdict"], **told["groups"][0], **told["accounts"][0]}:
        assert re.search(rf"\b{key}\b", page), key
