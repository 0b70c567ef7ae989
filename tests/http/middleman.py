"""Stands between a client and the archive, passes everything on, and notes what each Process request asks for."""

import json
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import requests

from services.cache import FrameKey

_NOT_PASSED_ON = {"host", "connection", "content-length", "transfer-encoding", "content-encoding", "accept-encoding"}


@dataclass(frozen=True)
class RequestedResult:
    """One Process request, read from its body."""

    bounds: tuple[float, ...]
    """minx, miny, maxx, maxy in metres."""
    begin: datetime
    end: datetime
    planes: frozenset[str]

    def covers(self, key: FrameKey, time: datetime, plane: str) -> bool:
        """Whether it asks for that plane of that frame, which was taken at `time`."""
        west, south, east, north = self.bounds
        x, y = (key.bounds[0] + key.bounds[2]) / 2, (key.bounds[1] + key.bounds[3]) / 2
        return plane in self.planes and self.begin <= time <= self.end and west < x < east and south < y < north


def read(body: bytes) -> RequestedResult:
    """What the body of a Process request asks for."""
    plain = json.loads(body)
    span = plain["input"]["data"][0]["dataFilter"]["timeRange"]
    bands = re.search(r"bands: \[([^\]]*)\]", plain["evalscript"])
    assert bands is not None
    return RequestedResult(
        bounds=tuple(plain["input"]["bounds"]["bbox"]),
        begin=datetime.fromisoformat(span["from"]),
        end=datetime.fromisoformat(span["to"]),
        planes=frozenset(re.findall(r"\w+", bands[1])),
    )


@dataclass
class Middleman:
    """Its address, and what has been asked through it, in order; `told` is notified of each."""

    url: str
    asked: list[RequestedResult] = field(default_factory=list)
    answered: list[RequestedResult] = field(default_factory=list)
    """Those whose whole answer was handed to the client's socket."""
    told: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int, seconds: float) -> bool:
        """Whether so many have been asked within this time."""
        with self.told:
            return self.told.wait_for(lambda: len(self.asked) >= count, seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    middleman: Middleman
    target: str

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is killed closes its connection under the answer."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        middleman, asked = self.server.middleman, None
        if urlsplit(self.path).path.endswith("/process"):
            asked = read(body)
            with middleman.told:
                middleman.asked.append(asked)
                middleman.told.notify_all()
        self._pass_on(requests.post(self.server.target + self.path, data=body, headers=self._kept(), timeout=60))
        if asked is not None:
            with middleman.told:
                middleman.answered.append(asked)

    def do_GET(self) -> None:
        self._pass_on(requests.get(self.server.target + self.path, headers=self._kept(), timeout=60))

    def _kept(self) -> dict[str, str]:
        return {name: value for name, value in self.headers.items() if name.lower() not in _NOT_PASSED_ON}

    def _pass_on(self, answer: requests.Response) -> None:
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in _NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Says nothing."""


@contextmanager
def middleman(target: str) -> Iterator[Middleman]:
    """Passes on to `target`, the address of an archive."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.target = target
    server.middleman = Middleman(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.middleman
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def asked_again(
    asked: Sequence[RequestedResult], stored: set[tuple[FrameKey, datetime, str]]
) -> list[tuple[FrameKey, str]]:
    """Planes that were stored and are asked for all the same."""
    return [(key, plane) for key, time, plane in stored if any(one.covers(key, time, plane) for one in asked)]
