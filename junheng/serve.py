"""``junheng serve``: the latest site on loopback."""

from __future__ import annotations

import functools
import http.server
from pathlib import Path
from typing import Annotated

import typer

from junheng.front import DebugOption, HomeOption, fail, one_sentence, out


@one_sentence
def serve(
    home: HomeOption,
    port: Annotated[int, typer.Option(help="端口，0 为任选 / port; 0 takes a free one.", min=0, max=65535)] = 8250,
    debug: DebugOption = False,
) -> None:
    """在本机打开最新网页 / Serve the latest site on this machine only, until interrupted. A new release shows at once."""
    from pipeline.store.home import open_home

    opened = open_home(home)
    if opened.latest_id() is None:
        fail("还没有发布；请先运行 junheng run", "there is no release yet; run junheng run first")
    handler = functools.partial(_Quiet, directory=str(opened.latest / "site"))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError:
        fail(f"端口 {port} 已被占用，请用 --port 换一个", f"port {port} is in use; choose another with --port")
    with server:
        out.print(f"http://127.0.0.1:{server.server_address[1]}/  （Ctrl+C 停止 / Ctrl+C stops）")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            out.print("已停止 / stopped")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves the site without logging every request; what the site links beside itself comes from the release's folder."""

    def translate_path(self, path: str) -> str:
        """The file of a request: of the site, else of the release that holds it (workbooks, the database)."""
        inside = Path(super().translate_path(path))
        beside = Path(self.directory).parent / inside.relative_to(self.directory)
        return str(inside if inside.exists() or not beside.is_file() else beside)

    def log_message(self, format: str, *args: object) -> None:
        return
