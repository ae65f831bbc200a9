"""The command line: exit codes, sentences instead of tracebacks, help, check, trace, releases, serve."""

from __future__ import annotations

import json
import re
import threading
import urllib.request
from pathlib import Path

import pytest

from pipeline.forms import write_return
from pipeline.schema import load_catalogue
from tests.homes import copied, junheng, query
from tests.samples import county_codes, write_small

COMMANDS = ("demo", "sample", "run", "template", "check", "trace", "serve", "releases", "layout")


@pytest.fixture(scope="module")
def home(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(small_run, tmp_path_factory.mktemp("commands"))


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_in_both_languages(command: str) -> None:
    result = junheng(command, "--help")
    assert result.exit_code == 0
    assert re.search(r"[\u4e00-\u9fff]", result.output)
    assert re.search(r"[A-Z][a-z]+ ", result.output)


def test_run_says_what_the_release_holds(tmp_path: Path) -> None:
    write_small(tmp_path)
    result = junheng("run", "--home", tmp_path)
    assert result.exit_code == 0
    assert "read = " in result.output
    assert "junheng.duckdb" in result.output


def clean_file(home: Path) -> Path:
    return home / "inbox" / "2025" / f"{county_codes()[0]}-schools.csv"


def test_check_of_a_clean_file_exits_0_and_keeps_nothing(home: Path) -> None:
    before = sorted(home.rglob("*"))
    result = junheng("check", clean_file(home))
    assert result.exit_code == 0, result.output
    assert "✓" in result.output
    assert sorted(home.rglob("*")) == before


def test_check_of_a_critical_finding_exits_1_with_cell_and_remedy(home: Path, tmp_path: Path) -> None:
    lines = clean_file(home).read_text(encoding="utf-8-sig").splitlines()
    cells = lines[1].split(",")
    column = next(i for i, header in enumerate(lines[0].split(",")) if header.startswith("图书"))
    cells[column] = "很多"
    damaged = tmp_path / clean_file(home).name
    damaged.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]), encoding="utf-8")
    result = junheng("check", damaged, "--year", 2025, "--home", home, "--json")
    assert result.exit_code == 1
    finding = json.loads(result.output)[0]["findings"][0]
    assert (finding["rule_id"], finding["severity"], finding["found"]) == ("not_a_number", "critical", "很多")
    assert re.fullmatch(r"[A-Z]+2", finding["cell"])
    assert finding["mend_zh"]
    assert finding["mend_en"]
    shown = junheng("check", damaged, "--year", 2025, "--home", home).output
    assert finding["cell"] in shown
    assert finding["message_zh"] in shown


def test_check_of_a_file_that_no_layout_fits_exits_2(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    assert junheng("check", path).exit_code == 2


def test_check_of_files_that_cannot_be_opened_still_checks_the_others(home: Path, tmp_path: Path) -> None:
    result = junheng("check", "/no/such/file.csv", tmp_path, clean_file(home), "--json")
    assert result.exit_code == 2
    found = json.loads(result.output)
    assert [one["status"] for one in found] == ["unreadable", "unreadable", "accepted"]
    assert [[f["rule_id"] for f in one["findings"]] for one in found[:2]] == [["file_unreadable"], ["file_unreadable"]]
    assert sum(found[2]["rows"].values()) > 0
    shown = junheng("check", "/no/such/file.csv", clean_file(home))
    assert shown.exit_code == 2
    assert "file.csv" in shown.output
    assert "✓" in shown.output


def a_value(home: Path, scope: str) -> dict[str, object]:
    sql = "select v.* from indicator_value v join indicator i using (indicator_id) where v.state = 'ok' and i.scope = ? and v.year = 2025 order by trace_id limit 1"
    return query(home, sql, scope)[0]


@pytest.mark.parametrize("scope", ["stage", "school"])
def test_trace_leads_from_a_value_to_cells_whose_text_is_in_the_file(home: Path, scope: str) -> None:
    value = a_value(home, scope)
    arguments = ("--home", home, "--year", 2025, "--school", value["school_id"], "--indicator", value["indicator_id"])
    result = junheng("trace", *arguments, "--stage", value["stage"], "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)[0]
    assert found["value"] == value["value"]
    assert found["trace_id"] == value["trace_id"]

    def cells(field: dict[str, object]) -> list[dict[str, str]]:
        return [*field["cells"], *(c for below in field["below"] for c in cells(below))]  # type: ignore[misc]

    leaves = [cell for field in found["fields"] for cell in cells(field)]
    assert leaves
    for cell in leaves:
        rows = [
            line.split(",") for line in (home / "inbox" / cell["file"]).read_text(encoding="utf-8-sig").splitlines()
        ]
        letters, number = re.fullmatch(r"([A-Z]+)(\d+)", cell["address"]).groups()  # type: ignore[union-attr]
        column = 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
        assert rows[int(number) - 1][column - 1] == cell["text"]
        assert rows[0][column - 1] == cell["header"]
    assert found["held_against"]
    assert all(row["clause"] for row in found["held_against"])
    assert str(value["trace_id"]) in junheng("trace", *arguments).output


def test_trace_says_why_there_is_nothing(home: Path) -> None:
    value = a_value(home, "stage")
    base = ("trace", "--home", home, "--year", 2025)
    unknown = junheng(*base, "--school", "0000000000", "--indicator", value["indicator_id"])
    assert unknown.exit_code == 1
    assert "0000000000" in unknown.output
    assert junheng(*base, "--school", value["school_id"], "--indicator", "nothing").exit_code == 1
    quarantined = query(home, "select school_id from finding where severity = 'critical'")[0]["school_id"]
    merged = query(home, "select school_id from school where is_merged and year = 2025")[0]["school_id"]
    assert "merged" in junheng(*base, "--school", merged, "--indicator", value["indicator_id"]).output
    assert quarantined


def test_releases_are_listed(home: Path) -> None:
    result = junheng("releases", "list", "--home", home)
    assert result.exit_code == 0
    assert "2025.1" in result.output


@pytest.mark.parametrize("form", ["list --home H", "--home H list", "--home H", "--home /no/such list --home H"])
def test_the_home_stands_before_or_after_the_subcommand(home: Path, form: str) -> None:
    result = junheng("releases", *[str(home) if word == "H" else word for word in form.split()])
    assert result.exit_code == 0, result.output
    assert "2025.1" in result.output
    assert junheng("releases", "--home", home, "verify", "latest").exit_code == 0


@pytest.mark.parametrize("command", [[], ["list"], ["verify", "latest"]])
def test_releases_without_a_home_is_a_sentence(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUNHENG_HOME", raising=False)
    result = junheng("releases", *command)
    assert result.exit_code == 2
    assert "--home" in result.output
    assert "Traceback" not in result.output


def test_a_narrow_terminal_cuts_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    manifest = json.loads((home / "releases" / "latest" / "manifest.json").read_text(encoding="utf-8"))
    line = next(line for line in junheng("releases", "--home", home).output.splitlines() if line.startswith("2025.1"))
    assert manifest["built_at"] in line
    assert manifest["content_hash"][:12] in line


def test_an_unknown_release_is_a_sentence(home: Path) -> None:
    result = junheng("releases", "verify", "1999.9", "--home", home)
    assert result.exit_code == 1
    assert "2025.1" in result.output


def test_a_folder_that_is_no_home_is_a_sentence(tmp_path: Path) -> None:
    result = junheng("releases", "list", "--home", tmp_path)
    assert result.exit_code == 1
    assert "junheng run" in result.output


def test_serve_shows_the_latest_site_on_loopback(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import http.server

    started: list[http.server.ThreadingHTTPServer] = []
    ready = threading.Event()

    def remember(server: http.server.ThreadingHTTPServer, poll_interval: float = 0.5) -> None:
        started.append(server)
        ready.set()
        http.server.HTTPServer.serve_forever(server, poll_interval)

    monkeypatch.setattr(http.server.ThreadingHTTPServer, "serve_forever", remember)
    thread = threading.Thread(target=junheng, args=("serve", "--home", home, "--port", 0), daemon=True)
    thread.start()
    assert ready.wait(20)
    host, port = started[0].server_address[:2]
    assert host == "127.0.0.1"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/index.html", timeout=10) as response:
        assert "<html" in response.read().decode()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/manifest.json", timeout=10) as response:
        assert "release_id" in response.read().decode(), "what pages link beside the site is served too"
    started[0].shutdown()
    thread.join(10)


def test_an_unexpected_error_is_a_sentence_too(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.release import verify

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a surprise")

    monkeypatch.setattr(verify, "releases", broken)
    result = junheng("releases", "list", "--home", home)
    assert result.exit_code == 1
    assert "a surprise" in result.output
    assert "Traceback" not in result.output


def test_check_says_what_it_did_not_compare_and_compares_with_a_home(home: Path, tmp_path: Path) -> None:
    year = max(int(path.name) for path in (home / "inbox").iterdir())
    sent = min((home / "inbox" / str(year)).iterdir())
    path = tmp_path / sent.name
    path.write_bytes(sent.read_bytes())
    command = ("check", path, "--year", year)
    assert "--home" in junheng(*command).output
    without = junheng(*command, "--home", tmp_path).output
    assert f"nothing of {year - 1} counts in the home" in without and "name a home" not in without
    assert json.loads(junheng(*command, "--json").output)[0]["not_compared"] > 0
    assert json.loads(junheng(*command, "--home", home, "--json").output)[0]["not_compared"] == 0


def test_check_takes_the_year_of_a_file_in_no_folder_of_a_year_from_its_cover(tmp_path: Path) -> None:
    county = next(d for d in load_catalogue().divisions if d.level == "county")
    path = tmp_path / "return.xlsx"
    write_return(path, load_catalogue(), 2019, county, {})
    told = json.loads(junheng("check", path, "--json").output)[0]
    assert told["year"] == 2019
    assert "year_disagrees" not in {finding["rule_id"] for finding in told["findings"]}
