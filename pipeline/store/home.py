"""The paths of a home directory, and the catalogue it belongs to."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import HomeError
from pipeline.schema.model import Catalogue


@dataclass(frozen=True)
class Home:
    """A home directory; see the contract for what lies where."""

    path: Path

    @property
    def inbox(self) -> Path:
        return self.path / "inbox"

    @property
    def submissions(self) -> Path:
        return self.path / "store" / "submissions"

    @property
    def receipts(self) -> Path:
        return self.path / "store" / "receipts.jsonl"

    @property
    def withdrawals(self) -> Path:
        return self.path / "store" / "withdrawals.jsonl"

    @property
    def corrections(self) -> Path:
        return self.path / "corrections"

    @property
    def registers(self) -> Path:
        """What a province keeps beside the returns: ``<name>.csv`` each."""
        return self.path / "registers"

    @property
    def parsed(self) -> Path:
        return self.path / "store" / "parsed"

    @property
    def releases(self) -> Path:
        return self.path / "releases"

    @property
    def latest(self) -> Path:
        return self.releases / "latest"

    def rows(self, year: int) -> Path:
        """Typed rows and findings of a collection year."""
        return self.path / "store" / "rows" / str(year)

    def table(self, name: str) -> Path:
        """Parquet file of a table while working."""
        return self.path / "store" / "tables" / f"{name}.parquet"

    @property
    def staging(self) -> Path:
        """Where the next release is built, aside from the finished ones."""
        return self.path / "store" / "staging"

    @property
    def dagster(self) -> Path:
        """Dagster's own records of this home (runs, asset history)."""
        return self.path / "store" / "dagster"

    def years(self) -> list[int]:
        """Collection years of which rows have been read, ascending."""
        folder = self.path / "store" / "rows"
        return sorted(int(p.name) for p in folder.iterdir() if p.name.isdigit()) if folder.is_dir() else []

    def latest_id(self) -> str | None:
        """The id of the latest release, or None before the first."""
        return self.latest.resolve().name if self.latest.is_symlink() else None

    def claim(self, catalogue: Catalogue) -> None:
        """Creates the home's folders; records the catalogue's id at first, refuses another afterwards.

        Raises HomeError when the home belongs to another catalogue or cannot be written.
        """
        try:
            self.inbox.mkdir(parents=True, exist_ok=True)
            self.submissions.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HomeError(
                f"无法在 {self.path} 建立工作目录：{error}", f"cannot create the home {self.path}: {error}"
            ) from None
        if not self.check_owner(catalogue):
            write_atomically(self.path / "home.json", json.dumps({"catalogue_id": catalogue.about.id}) + "\n")

    def check_owner(self, catalogue: Catalogue) -> bool:
        """Whether the home is the catalogue's; False for one that is nobody's yet. Raises HomeError for another's."""
        owner = self.path / "home.json"
        if owner.exists():
            known = json.loads(owner.read_text(encoding="utf-8"))["catalogue_id"]
            if known != catalogue.about.id:
                raise HomeError(
                    f"工作目录 {self.path} 属于目录“{known}”，不能用于“{catalogue.about.id}”；请换一个 --home",
                    f"the home {self.path} belongs to the catalogue “{known}”, not to “{catalogue.about.id}”; use another --home",
                )
        return owner.exists()


def open_home(path: Path | str) -> Home:
    """An existing home. Raises HomeError where there is none."""
    home = Home(Path(path).resolve())
    if not (home.path / "home.json").exists():
        raise HomeError(
            f"{path} 不是 Junheng 工作目录；请先运行 junheng run --home {path}",
            f"{path} is not a Junheng home; run junheng run --home {path} first",
        )
    return home


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Holds a lock file across processes; raises BlockingIOError when it is taken and ``wait`` is false."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


@contextmanager
def only_run_of(home: Home) -> Iterator[None]:
    """Holds the home for one run; raises HomeError when another process is running in it."""
    try:
        with locked(home.path / "store" / ".run.lock", wait=False):
            yield
    except BlockingIOError:
        raise HomeError(
            f"工作目录 {home.path} 正有另一次运行，请等它结束",
            f"another run is at work in {home.path}; wait until it ends",
        ) from None


def write_atomically(path: Path, content: bytes | str) -> None:
    """Writes a file so that readers see the old content or the new one, never a part."""
    with replacing(path) as temporary:
        data = content.encode() if isinstance(content, str) else content
        temporary.write_bytes(data)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside ``path`` that takes its place when the block ends well, and is removed when not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
