"""The files of results over HTTP, and the health of the server."""

import asyncio
import csv
import io
import os
import shutil
import socket
import threading
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import httpx
import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from pages.routes.files import Uncompressed, address, file_routes
from pages.routes.grid_lines import grid_address, runs_address
from pages.state.choices import make_grid
from pages.state.context import areas, product
from services.accounting.entry import Entry
from services.recipe import EXAMPLES, Recipe
from services.storage import WorkerLock, write_beside
from tests.pages.made import PNG, choices, finish, recipe_of


def ask(path: str, method: str = "GET", **headers: str) -> httpx.Response:
    """One request to the routes as the application has them: compression between them and our middleware."""
    middleware = [Middleware(Uncompressed, prefix="/team/eo"), Middleware(GZipMiddleware)]
    app = Starlette(routes=file_routes("/team/eo"), middleware=middleware)

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://np") as client:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, f"/team/eo{path}", headers=names)

    return asyncio.run(send())


@pytest.fixture
def recipe() -> Recipe:
    return recipe_of(choices())


def test_a_file_comes_whole_with_its_length_name_and_type(recipe: Recipe) -> None:
    finish(recipe)
    answer = ask(f"/files/{recipe.digest}/median.tif", accept_encoding="gzip")
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-length"] == str(len(PNG)), "compressed, the length would be another or missing"
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-disposition"] == 'attachment; filename="s2l2a_median.tif"'
    assert answer.headers["content-type"].startswith("image/tiff; application=geotiff")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_lines_of_a_grid_come_by_their_own_address() -> None:
    chosen = choices()
    assert chosen.aoi is not None and chosen.grid is not None
    path = grid_address(chosen.aoi.digest, chosen.grid.spec).removeprefix("../..")
    areas().keep(chosen.aoi)
    answer = ask(path, accept_encoding="gzip")
    assert (answer.status_code, answer.headers["content-encoding"]) == (200, "gzip")
    assert np.allclose(np.concatenate(answer.json()), np.concatenate(chosen.grid.lines()), atol=1e-5)
    assert ask(path.replace(chosen.aoi.digest, "0123456789ab")).status_code == 404
    for spec in ("0x0", "9999999x1", "1x1%22", "55"):
        assert ask(f"/grids/{chosen.aoi.digest}/{spec}.json").status_code == 404, spec


@pytest.mark.parametrize("spec", ["54x39", "9960"])
def test_the_numbers_of_tiles_come_by_theirs_as_runs(spec: str) -> None:
    aoi = EXAMPLES[0].aoi
    grid = make_grid(aoi, spec)
    areas().keep(aoi)
    answer = ask(runs_address(aoi.digest, grid.spec).removeprefix("../.."))
    numbers = {(x, y): first + y - low for x, low, high, first in answer.json() for y in range(low, high + 1)}
    assert numbers == {(x, y): number for number, (x, y) in enumerate(grid.indices.tolist())}
    assert ask(f"/grids/0123456789ab/{spec}/runs.json").status_code == 404


def test_a_picture_may_be_looked_at(recipe: Recipe) -> None:
    finish(recipe)
    answer = ask(f"/files/{recipe.digest}/picture.png")
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["content-type"] == "image/png"


def test_a_part_of_a_file_is_enough(recipe: Recipe) -> None:
    finish(recipe)
    path = f"/files/{recipe.digest}/patches/x35_y25.zip"
    answer = ask(path, range="bytes=0-7")
    assert (answer.status_code, answer.content) == (206, PNG[:8])
    assert answer.headers["content-range"] == f"bytes 0-7/{len(PNG)}"
    assert ask(path, range="bytes=9999-").status_code == 416
    head = ask(path, "HEAD")
    assert (head.status_code, head.content, head.headers["accept-ranges"]) == (200, b"", "bytes")


def test_what_has_not_changed_is_not_sent_again(recipe: Recipe) -> None:
    finish(recipe)
    path = f"/files/{recipe.digest}/picture.png"
    tag = ask(path).headers["etag"]
    again = ask(path, if_none_match=tag)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    (product().results.folder(recipe.digest) / "picture.png").write_bytes(b"changed")
    assert ask(path, if_none_match=tag).content == b"changed"


def test_before_the_result_is_whole_there_are_the_two_pictures_alone(recipe: Recipe) -> None:
    folder = product().results.folder(recipe.digest)
    folder.mkdir(parents=True)
    for name in ("picture.png", "looks.png", "median.tif"):
        (folder / name).write_bytes(PNG)
    assert ask(f"/files/{recipe.digest}/picture.png").content == PNG
    assert ask(f"/files/{recipe.digest}/looks.png").content == PNG
    assert ask(f"/files/{recipe.digest}/median.tif").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "result.json",  # how a result is kept is nobody's business
        ".1234-median.tif",
        "nothing.tif",
        "",
        "patches",
        "patches/../result.json",
        "..%2f..%2fjobs.sqlite",
        "../../jobs.sqlite",
        "%2fetc%2fpasswd",
        "median.tif%00.png",
    ],
)
def test_nothing_else_leaves_the_folder(recipe: Recipe, path: str) -> None:
    finish(recipe)
    (product().results.folder(recipe.digest) / ".1234-median.tif").write_bytes(b"growing")
    answer = ask(f"/files/{recipe.digest}/{path}")
    assert answer.status_code == 404
    assert b"sqlite" not in answer.content


def test_an_unknown_or_impossible_number_is_not_found(recipe: Recipe) -> None:
    for digest in ("0" * 16, "..", "x" * 16, recipe.digest[:-1]):
        assert ask(f"/files/{digest}/median.tif").status_code == 404


def test_a_file_comes_under_its_name_beside_the_stac_item_too(recipe: Recipe) -> None:
    finish(recipe)
    answer = ask(f"/files/{recipe.digest}/tiles/s2l2a_x35_y25.tif")
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-disposition"] == 'attachment; filename="s2l2a_x35_y25.tif"'


def test_everything_comes_as_one_zip_of_known_length(recipe: Recipe) -> None:
    result = finish(recipe)
    answer = ask(f"/files/{recipe.digest}/everything.zip", accept_encoding="gzip")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["content-disposition"].endswith('_x35-y25_2017_cc10_3x3_median.zip"')
    assert "content-encoding" not in answer.headers
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        assert file.testzip() is None
        assert set(file.namelist()) == {"README.txt", *(one.member for one in result.files)}
    head = ask(f"/files/{recipe.digest}/everything.zip", "HEAD")
    assert (head.content, head.headers["content-length"]) == (b"", str(len(answer.content)))


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-20099", 100, 20_099),
        ("bytes=-7", -7, -1),
        ("bytes=3000-", 3000, -1),
        ("bytes= 5 - 999999999999", 5, -1),
        ("bytes=-999999999999", 0, -1),
    ],
)
def test_a_part_of_everything_is_enough(recipe: Recipe, asked: str, first: int, last: int) -> None:
    finish(recipe)
    path = f"/files/{recipe.digest}/everything.zip"
    whole = ask(path).content
    answer = ask(path, range=asked)
    first, last = first % len(whole), last % len(whole)
    assert answer.status_code == 206
    assert answer.content == whole[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(whole)}"
    assert answer.headers["content-length"] == str(last + 1 - first)


def test_a_part_beyond_everything_is_refused_and_other_wishes_get_the_whole(recipe: Recipe) -> None:
    finish(recipe)
    path = f"/files/{recipe.digest}/everything.zip"
    whole = ask(path).content
    for asked in (f"bytes={len(whole)}-", "bytes=-0"):
        answer = ask(path, range=asked)
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(whole)}")
    for asked in ("bytes=0-1,5-6", "bytes=9-2", "lines=1-2", "bytes=a-b", "bytes=-"):
        assert ask(path, range=asked).content == whole


def test_a_download_goes_on_only_while_the_zip_is_the_same(recipe: Recipe) -> None:
    finish(recipe)
    path = f"/files/{recipe.digest}/everything.zip"
    before = ask(path)
    tag, date = before.headers["etag"], before.headers["last-modified"]
    assert ask(path, if_none_match=tag).status_code == 304
    assert ask(path, range="bytes=0-9", if_range=tag).status_code == 206
    assert ask(path, range="bytes=0-9", if_range=date).status_code == 206
    folder = product().results.folder(recipe.digest)
    os.utime(folder / "median.tif", ns=(1, (folder / "median.tif").stat().st_mtime_ns + 10**10))
    assert ask(path, if_none_match=tag).status_code == 200
    again = ask(path, range="bytes=0-9", if_range=tag)
    assert (again.status_code, len(again.content)) == (200, len(before.content))


def test_everything_of_nothing_is_not_found(recipe: Recipe) -> None:
    assert ask(f"/files/{recipe.digest}/everything.zip").status_code == 404
    finish(recipe)
    for digest in ("..", "x" * 16, "0" * 16):
        assert ask(f"/files/{digest}/everything.zip").status_code == 404
    assert ask(f"/files/{recipe.digest}/everything.zip", "POST").status_code == 405
    (product().results.folder(recipe.digest) / "tiles" / "x35_y25.tif").write_bytes(b"another length")
    assert ask(f"/files/{recipe.digest}/everything.zip").status_code == 404


def test_where_a_file_vanishes_meanwhile_the_connection_breaks(recipe: Recipe) -> None:
    """Over a real connection: the browser sees that the download failed, and not a shorter file."""
    result, folder = finish(recipe), product().results.folder(recipe.digest)
    (folder / result.files[0].path).write_bytes(bytes(50_000_000))
    files = (replace(result.files[0], size=50_000_000), *result.files[1:])
    product().results.finish(recipe.digest, replace(result, files=files))
    last = folder / result.files[-1].path
    config = uvicorn.Config(Starlette(routes=file_routes("")), log_config=None, lifespan="off")
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/files/{recipe.digest}/everything.zip"
    try:
        with httpx.stream("GET", address, timeout=30) as answer:
            pieces = answer.iter_raw(1000)
            assert next(pieces)[:2] == b"PK"
            last.unlink()
            with pytest.raises(httpx.RemoteProtocolError):
                for _ in pieces:
                    pass
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def test_nothing_can_be_written(recipe: Recipe) -> None:
    finish(recipe)
    for method in ("POST", "PUT", "DELETE"):
        assert ask(f"/files/{recipe.digest}/median.tif", method).status_code == 405


def test_an_address_is_one_that_the_route_answers(recipe: Recipe) -> None:
    finish(recipe)
    assert ask(address(recipe.digest, "tiles/x35_y25.tif")).status_code == 200


def test_the_server_is_well_while_a_worker_lives(home: Path) -> None:
    failing = ask("/health")
    assert (failing.status_code, failing.json()["worker"]) == (503, False)
    lock = WorkerLock(home)
    assert (ask("/health").status_code, ask("/health").json()["status"]) == (200, "ok")
    lock.close()
    assert ask("/health").status_code == 503


def test_a_picture_that_is_replaced_while_it_is_sent_comes_whole(recipe: Recipe) -> None:
    path = product().results.folder(recipe.digest) / "picture.png"
    states = [PNG * count for count in (1, 500)]
    write_beside(path, lambda beside: beside.write_bytes(states[0]))
    stop = threading.Event()

    def replace() -> None:
        while not stop.is_set():
            for state in states:
                write_beside(path, lambda beside, state=state: beside.write_bytes(state))  # type: ignore[misc] # mypy does not infer a lambda's default

    writer = threading.Thread(target=replace)
    writer.start()
    try:
        for _ in range(60):
            answer = ask(f"/files/{recipe.digest}/picture.png")
            assert answer.content in states
            assert answer.headers["content-length"] == str(len(answer.content))
    finally:
        stop.set()
        writer.join()


def test_a_growing_picture_has_another_stamp_whenever_it_is_written(recipe: Recipe) -> None:
    results = product().results
    assert results.stamp(recipe.digest, "picture.png") == "" == results.stamp("..", "picture.png")
    folder = results.folder(recipe.digest)
    folder.mkdir(parents=True)
    (folder / "picture.png").write_bytes(PNG)
    os.utime(folder / "picture.png", ns=(1, 1_000))
    first = results.stamp(recipe.digest, "picture.png")
    os.utime(folder / "picture.png", ns=(1, 1_001))
    assert first and first != results.stamp(recipe.digest, "picture.png")


def test_a_browser_is_told_a_name_by_our_own_pages_alone() -> None:
    typed = "/member?name=" + quote("Ada = L\u00f6ve; Path=/\n")
    told = ask(typed, "POST", sec_fetch_site="same-origin")
    assert told.status_code == 204
    cookie = told.headers["set-cookie"]
    assert cookie.startswith("ninepatch_member=Ada%20%3D%20L%C3%B6ve%3B%20Path%3D%2F;") and "\n" not in cookie
    assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower()
    assert ask("/member?name=Eve", "POST", sec_fetch_site="cross-site").status_code == 403
    assert ask(typed, sec_fetch_site="same-origin").status_code == 405, "what a picture could ask for changes nothing"


def spend(member: str, units: float) -> None:
    product().ledger.reserve(Entry("demo", "S2A_1", 100, 9, ("B04",), units, units, 1000, 1.0, 1, 200, member=member))


def read(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["cache-control"] == "no-store"
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_the_ledger_comes_as_a_sheet_a_row_a_request_or_a_sum() -> None:
    for member, units in (("Ada", 2.0), ("=cmd()", 3.0), ("Ada", 5.0)):
        spend(member, units)
    rows = read(ask("/ledger/requests.csv"))
    assert [(row["member"], row["units"]) for row in rows] == [("Ada", "2"), ("'=cmd()", "3"), ("Ada", "5")]
    assert {row["member"]: row["units"] for row in read(ask("/ledger/member.csv"))} == {"Ada": "7", "'=cmd()": "3"}
    month = product().ledger.month
    sums = ask(f"/ledger/month.csv?month={month}")
    assert [(row["month"], row["units"]) for row in read(sums)] == [(month, "10")]
    assert f"ninepatch_month_{month}.csv" in sums.headers["content-disposition"]
    assert read(ask("/ledger/requests.csv?month=1999-01")) == []


def test_other_sheets_there_are_none() -> None:
    assert ask("/ledger/units.csv").status_code == 404
    assert ask("/ledger/member.csv?month=x';--").status_code == 400


def test_a_server_that_cannot_fetch_is_well_and_not_ready(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = WorkerLock(home)
    assert ask("/ready").status_code == 200
    low = SimpleNamespace(total=10**12, free=10**9 - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: low)
    assert (ask("/health").status_code, ask("/health").json()["status"]) == (200, "degraded")
    assert (ask("/ready").status_code, ask("/ready").json()["disk"]) == (503, False)
    lock.close()
