"""What the browser tests and Lighthouse share: a Chromium, and a server for the built site.

The command `python tools/browser.py` succeeds if there is a Chromium.
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
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)
FLAGS = (
    "--no-sandbox",  # containers have none; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing but the site can be reached
)
NO_CHROMIUM = "no Chromium or Chrome found: install one, or set CHROME_PATH to its program"
COMPRESSED = {".html", ".css", ".js", ".json", ".svg"}


def find_chromium() -> str | None:
    """Return the program of a Chromium or Chrome: `CHROME_PATH` if set, else the first that is installed."""
    return os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, PROGRAMS)), None)


@functools.cache
def compressed(path: Path) -> bytes:
    """Return a file, gzip-compressed."""
    return gzip.compress(path.read_bytes())


class SiteHandler(SimpleHTTPRequestHandler):
    """Serves a folder as hosts of static sites do: text compressed, connections kept open."""

    protocol_version = "HTTP/1.1"

    def send_head(self) -> io.BufferedIOBase | None:
        """Answer with a compressed text file, and leave all else to the standard library."""
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
        """Keep the terminal for the results."""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder from 127.0.0.1 for as long as the context lasts.

    Args:
        folder: What to serve. Its files must not change meanwhile.

    Yields:
        The address, such as `http://127.0.0.1:40123/`.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(SiteHandler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def pages(site: Path) -> list[str]:
    """List the pages of a built site, as addresses relative to it."""
    found = (path.relative_to(site) for path in site.rglob("*.html"))
    return sorted(path.as_posix() for path in found if path.parts[0] != "_static")


if __name__ == "__main__":
    sys.exit(find_chromium() is None)
