"""A host of files and its catalogue, over a line of some latency and bandwidth that all connections share.

`python -m bench.range_server folder latency megabits` prints its address. The folder has `items.json` and, in `files`,
what its items name: `/files/7/B04.tif` is one of `B04_0.tif`, `B04_1.tif` …, so that many dates need few files. It
counts connections, requests for files, and their bytes: `GET /_count` gives them and begins anew.
"""

import asyncio
import hashlib
import json
import re
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_CHUNK = 65_536
_PATH = re.compile(r"/files/(\d+)/(\w+)\.tif")
_RANGE = re.compile(rb"(?i)\r\nrange: *bytes=(\d+)-(\d*)")
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


@dataclass
class Count:
    """Since the last look."""

    connections: int = 0
    """Different ones that asked for files."""
    requests: int = 0
    bytes: int = 0


@dataclass
class Host:
    """One folder of files."""

    folder: Path
    latency: float
    """Seconds before each answer."""
    bandwidth: float
    """Bytes a second, of all connections together."""
    count: Count = field(default_factory=Count)
    seen: set[int] = field(default_factory=set)
    free: float = 0.0
    """When the line is free again."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1])) if length else b""
                await asyncio.sleep(self.latency)
                await self.answer(head, body, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, head: bytes, body: bytes, writer: asyncio.StreamWriter) -> None:
        """A file's range, the catalogue, or the counts."""
        method, target = head.split(b" ", 2)[:2]
        path = target.decode().partition("?")[0]
        match = _PATH.fullmatch(path)
        if match is None:
            await self.send(writer, 200, self.catalogue(path, body), {"Content-Type": "application/geo+json"})
            return
        self.count.requests += 1
        if id(writer) not in self.seen:
            self.seen.add(id(writer))
            self.count.connections += 1
        variants = sorted((self.folder / "files").glob(f"{match[2]}_*.tif"))
        file, asked = variants[int(match[1]) % len(variants)], _RANGE.search(head)
        size = file.stat().st_size
        start, stop = (int(asked[1]), min(int(asked[2] or size) + 1, size)) if asked else (0, size)
        with file.open("rb") as opened:
            opened.seek(start)
            content = opened.read(stop - start) if method == b"GET" else b""
        told = {"ETag": f'"{hashlib.sha256(path.encode()).hexdigest()[:16]}"', "Accept-Ranges": "bytes"}
        told["Content-Type"] = "image/tiff"
        if asked:
            told["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        self.count.bytes += len(content)
        await self.send(writer, 206 if asked else 200, content, told, stop - start)

    def catalogue(self, path: str, body: bytes) -> bytes:
        """All items under the question's cloud limit, where it has one."""
        if path == "/_count":
            counted, self.count, self.seen = asdict(self.count), Count(), set()
            return json.dumps(counted).encode()
        whole = json.loads((self.folder / "items.json").read_text())
        if path != "/search":
            return json.dumps(whole["catalogue"]).encode()
        asked = json.loads(body or b"{}").get("query", {}).get("eo:cloud_cover", {}).get("lte", 100)
        found = [one for one in whole["items"] if one["properties"]["eo:cloud_cover"] <= asked]
        return json.dumps({"type": "FeatureCollection", "features": found, "links": []}).encode()

    async def send(
        self, writer: asyncio.StreamWriter, status: int, content: bytes, told: dict[str, Any], length: int = -1
    ) -> None:
        """As fast as the line lets it."""
        told |= {"Content-Length": length if length >= 0 else len(content)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        writer.write(f"HTTP/1.1 {status} OK\r\n{lines}\r\n".encode())
        for start in range(0, len(content), _CHUNK):
            chunk = content[start : start + _CHUNK]
            now = time.monotonic()
            self.free = max(self.free, now) + len(chunk) / self.bandwidth
            await asyncio.sleep(self.free - now)
            writer.write(chunk)
            await writer.drain()
        await writer.drain()


async def main(folder: Path, latency: float, megabits: float) -> None:
    """Serve until it is ended."""
    host = Host(folder, latency, megabits * 1e6 / 8)
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])))
