"""Addresses beside the pages: the files of results, streamed from disk, and the table of all of them."""

from collections.abc import Sequence
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.limits import Lane, in_lane
from pages.routes.bundle import EVERYTHING, everything
from pages.routes.gallery import PICTURES, thumbnail
from pages.routes.grid_lines import GRIDS, lines, runs
from pages.routes.health import health, metrics, ready
from pages.routes.masks import MASKED, masked
from pages.routes.member import remember
from pages.routes.orders.files import order_file, program, tile_file
from pages.routes.orders.parts import ORDERS, parts
from pages.routes.orders.pictures import order_square, order_tile, overview
from pages.routes.places import PLACES, places
from pages.routes.previews import FACES, PREVIEWS, WHOLE, face, preview, whole
from pages.routes.tables.csv import AUDIT, audit_sheet, sheet
from pages.routes.tables.series import SERIES, series
from pages.routes.take import TAKE, take
from pages.routes.take_compared import COMPARED, take_compared
from pages.routes.tiles import picture_tile
from pages.state import base_path
from pages.state.base_path import PREFIX
from pages.state.context import product, settings
from services.export import COUNTS, PICTURE, ResultFile

FILES = "/files/"
WATCHERS = 100
"""Most questions for health that wait."""
_PNG = "image/png"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-cache",
}
"""A file is a file and never a page; a browser may keep it, and asks whether it is still the same."""


def address(digest: str, path: str) -> str:
    """Where a browser gets a file of a result."""
    return f"{base_path.prefix()}{FILES}{digest}/{path}"


def file_routes(prefix: str = PREFIX) -> Sequence[BaseRoute]:
    """For the application; it puts them beside the pages. The first one whose address fits answers.

    What computes has few threads, health has its own; what only reads a file has those of all files.
    """
    limits = settings()
    heavy = Lane("heavy", limits.heavy_threads, limits.heavy_waiting, limits.heavy_waiting_member)
    watched = Lane("health", 1, WATCHERS, WATCHERS)
    answers = {
        f"{FILES}{{digest}}/{EVERYTHING}": in_lane(heavy, everything),
        f"{FILES}{{digest}}/{{path:path}}": download,
        "/health": in_lane(watched, health),
        "/ready": in_lane(watched, ready),
        "/metrics": in_lane(watched, metrics),
        f"{GRIDS}{{digest}}/{{spec}}.json": in_lane(heavy, lines),
        f"{GRIDS}{{digest}}/{{spec}}/runs.json": in_lane(heavy, runs),
        PLACES: in_lane(heavy, places),
        "/ledger/{name}.csv": in_lane(heavy, sheet),
        AUDIT: in_lane(heavy, audit_sheet),
        "/tiles/{digest}/{view}/{z:int}/{x:int}/{y:int}.png": in_lane(heavy, picture_tile),
        f"{PREVIEWS}{{digest}}/{{name}}": preview,
        f"{FACES}{{acquisition}}.png": in_lane(heavy, face),
        f"{SERIES}{{name}}": in_lane(heavy, series),
        f"{COMPARED}{{name}}": in_lane(heavy, take_compared),
        f"{TAKE}{{name}}": in_lane(heavy, take),
        WHOLE: in_lane(heavy, whole),
        f"{MASKED}{{acquisition}}.png": in_lane(heavy, masked),
        f"{PICTURES}{{id}}.webp": in_lane(heavy, thumbnail),
        f"{ORDERS}{{id}}/parts.json": in_lane(heavy, parts),
        f"{ORDERS}{{id}}/overview/{{epsg:int}}/{{view}}.png": in_lane(heavy, overview),
        f"{ORDERS}{{id}}/tiles/{{view}}/{{z:int}}/{{x:int}}/{{y:int}}.png": in_lane(heavy, order_tile),
        f"{ORDERS}{{id}}/squares/{{epsg:int}}/{{view}}/{{level:int}}/{{column:int}}/{{row:int}}.png": in_lane(
            heavy, order_square
        ),
        f"{ORDERS}{{id}}/file/{{name}}": in_lane(heavy, order_file),
        f"{ORDERS}{{id}}/tile/{{epsg:int}}/{{tile}}.tif": tile_file,
        f"{ORDERS}{{id}}/program/{{epsg:int}}/{{tile}}.py": in_lane(heavy, program),
    }
    changes = Route(f"{prefix}/member", remember, methods=["POST"])
    return [*(Route(prefix + path, answer) for path, answer in answers.items()), changes]


def download(request: Request) -> Response:
    """A file of a result under the name that the user's disk sees; ranges of it, and only when it has changed."""
    digest, path = request.path_params["digest"], request.path_params["path"]
    described = _described(digest, path)
    found = product().results.file(digest, described.path) if described else None
    if found is None or described is None:
        return PlainTextResponse("There is no such file; open the result again.", status_code=404)
    if not described.size:
        return _growing(found)
    answer = FileResponse(
        found,
        headers=_HEADERS,
        media_type=described.media_type,
        filename=described.download,
        stat_result=found.stat(),
        content_disposition_type="inline" if described.media_type == _PNG else "attachment",
    )
    if answer.headers["etag"] in request.headers.get("if-none-match", ""):
        kept = {name: answer.headers[name] for name in ("etag", "last-modified", "cache-control")}
        return Response(status_code=304, headers=kept)
    return answer


def _growing(path: Path) -> Response:
    """A picture that is replaced at any moment is read at once: a length of before would not fit what is sent."""
    try:
        return Response(path.read_bytes(), headers=_HEADERS, media_type=_PNG)
    except FileNotFoundError:
        return PlainTextResponse("The picture is being made again; wait a moment.", status_code=404)


def _described(digest: str, path: str) -> ResultFile | None:
    """What the result says of the file, by its place or its name beside the STAC item, which links to it so.

    Before the result is whole there are the two pictures alone. No other file leaves.
    """
    result = product().results.find(digest)
    if result is not None:
        return next((file for file in result.files if path in (file.path, file.member)), None)
    return ResultFile(path, path, path, "picture", _PNG, 0) if path in (PICTURE, COUNTS) else None


class Uncompressed:
    """No file is compressed again: a COG is, its length would be lost, and a server's core with it."""

    def __init__(self, app: ASGIApp, prefix: str = PREFIX) -> None:
        self._app, self._below = app, tuple(prefix + below for below in (FILES, TAKE, PREVIEWS, ORDERS))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(self._below):
            scope = dict(scope)
            del MutableHeaders(scope=scope)["accept-encoding"]
        await self._app(scope, receive, send)
