"""What the browser tests and Lighthouse share: a Chromium, and a server for the built site.

`python tools/browser.py` exits with 0 if a Chromium is installed.
"""

import functools
import gzip
import io
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PROGRAMS = (
    "chromium-headless-shell",  # draws no windows of its own, so that pages have the time
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)
FLAGS = (
    "--no-sandbox",  # containers have no sandbox; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # only the site is reachable
)
NO_CHROMIUM = "no Chromium or Chrome found: install one, or set CHROME_PATH to its executable"
COMPRESSED = {".html", ".css", ".js", ".json", ".svg"}


def find_chromium() -> str | None:
    """Return the path of a Chromium or Chrome: `CHROME_PATH` if set, else the first one installed."""
    return os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, PROGRAMS)), None)


@functools.cache
def compressed(path: Path) -> bytes:
    """Return a file's gzip-compressed content."""
    return gzip.compress(path.read_bytes())


class SiteHandler(SimpleHTTPRequestHandler):
    """Serves a folder as static hosts do: compressed text, connections kept open."""

    protocol_version = "HTTP/1.1"

    def send_head(self) -> io.BufferedIOBase | None:
        """Send text files compressed, and leave the rest to the standard library."""
        path = Path(self.translate_path(self.path))
        if path.suffix not in COMPRESSED or not path.is_file():
            return super().send_head()
        body = compressed(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return io.BytesIO(body)

    def log_message(self, *_: object) -> None:
        """Log nothing, to keep the terminal for results."""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on 127.0.0.1 while the context lasts.

    Args:
        folder: The folder to serve; its files must not change in the meantime.

    Yields:
        The address, such as `http://127.0.0.1:40123/`.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(SiteHandler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def pages(site: Path) -> list[str]:
    """List the pages of a built site, as relative URLs."""
    found = (path.relative_to(site) for path in site.rglob("*.html"))
    return sorted(path.as_posix() for path in found if "_static" not in path.parts)


if __name__ == "__main__":
    sys.exit(find_chromium() is None)
