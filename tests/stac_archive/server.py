"""The server: pages of items by POST or GET, ranges of files, signatures for an hour; and faults in their place."""

import re
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.http.farend import Action, Seen, reply

FILE = "/files/granule/B04.tif"
"""The path of a file that is there."""
_RANGE = re.compile(r"bytes=(\d+)-(\d+)")


@dataclass
class StacArchive:
    """What happens next, and what has happened."""

    url: str = ""
    items: list[dict[str, Any]] = field(default_factory=list)
    page: int = 100
    """Items of one page."""
    paging: str = "whole"
    """How a page leads to the next: `whole` body, body to `merge`, or `GET`."""
    files: dict[str, bytes] = field(default_factory=lambda: {FILE: bytes(range(256)) * 400})
    etag: str = '"one"'
    signed: bool = False
    """Whether a file is only given to who has a signature."""
    life: timedelta = timedelta(hours=1)
    """Of a signature."""
    searches: deque[Action] = field(default_factory=deque)
    """For the next questions; after them the ordinary answer. So the other two."""
    reads: deque[Action] = field(default_factory=deque)
    signings: deque[Action] = field(default_factory=deque)
    seen: list[Seen] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    """Those that were given."""
    revoked: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, *beginnings: str) -> list[Seen]:
        """The requests whose path begins so."""
        return [one for one in self.seen if one.path.startswith(beginnings)]

    def action(self, seen: Seen) -> Action:
        """What becomes of a request."""
        path = urlsplit(seen.path).path
        with self.lock:
            self.seen.append(seen)
            if path == "/search":
                return self.searches.popleft() if self.searches else reply(200, self._page(seen))
            if path.startswith("/token/"):
                return self.signings.popleft() if self.signings else self._signature(path)
            if path.startswith("/files/"):
                return self.reads.popleft() if self.reads else self.part(seen)
            return reply(200, {"stac_version": "1.0.0", "type": "Catalog", "id": "archive", "links": []})

    def _page(self, seen: Seen) -> dict[str, Any]:
        query = {key: values[0] for key, values in parse_qs(urlsplit(seen.path).query).items()}
        body = seen.json if seen.body else query
        start = int(str(body.get("token", "next:0")).removeprefix("next:"))
        end = start + min(self.page, int(body.get("limit", self.page)))
        link = {"rel": "next", "method": "POST", "href": f"{self.url}/search", "type": "application/geo+json"}
        ways: dict[str, dict[str, Any]] = {
            "whole": {"body": {**body, "token": f"next:{end}"}},
            "merge": {"merge": True, "body": {"token": f"next:{end}"}},
            "GET": {"method": "GET", "href": f"{self.url}/search?token=next:{end}&limit={end - start}"},
        }
        links = [link | ways[self.paging]] if end < len(self.items) else []
        found = {"type": "FeatureCollection", "features": self.items[start:end], "numberReturned": end - start}
        return found | {"links": [{"rel": "root", "href": self.url}, *links]}

    def _signature(self, path: str) -> Action:
        self.tokens.append(f"sv=2021&sr=c&sig=hush{len(self.tokens)}{path.count('/')}%3D")
        expiry = datetime.now(UTC) + self.life
        return reply(200, {"msft:expiry": f"{expiry:%Y-%m-%dT%H:%M:%SZ}", "token": self.tokens[-1]})

    def part(self, seen: Seen) -> Action:
        """The range of a file that is asked for, to whom it may be given."""
        parts = urlsplit(seen.path)
        if parts.path not in self.files:
            return reply(404, b"<Error><Code>NoSuchKey</Code></Error>")
        if self.signed and (parts.query not in self.tokens or parts.query in self.revoked):
            return reply(403, b"<Error><Code>AuthenticationFailed</Code></Error>")
        content, match = self.files[parts.path], _RANGE.fullmatch(seen.headers.get("Range", ""))
        if not match:
            return reply(200, content, ETag=self.etag)
        start, end = int(match[1]), min(int(match[2]) + 1, len(content))
        if start >= len(content):
            return reply(416, b"", Content_Range=f"bytes */{len(content)}")
        stated = f"bytes {start}-{end - 1}/{len(content)}"
        return reply(206, content[start:end], Content_Range=stated, ETag=self.etag)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    archive: StacArchive

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Files, signatures, pages."""
        assert isinstance(self.server, _Server)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen = Seen(self.path, dict(self.headers), body, self.client_address[1], time.monotonic())
        self.server.archive.action(seen)(self)

    do_POST = do_HEAD = do_GET  # noqa: N815 - the library's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing."""


@contextmanager
def stac_archive() -> Iterator[StacArchive]:
    """One that listens meanwhile."""
    archive = StacArchive()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.archive = archive
    archive.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield archive
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
