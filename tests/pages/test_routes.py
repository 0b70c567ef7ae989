"""The files of results over HTTP, and the health of the server."""

import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from pages.components.product import product
from pages.components.routes import Uncompressed, address, file_routes
from services.jobs import WorkerLock
from services.recipe import Recipe
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


def test_before_the_result_is_whole_there_is_the_picture_alone(recipe: Recipe) -> None:
    folder = product().results.folder(recipe.digest)
    folder.mkdir(parents=True)
    (folder / "picture.png").write_bytes(PNG)
    (folder / "median.tif").write_bytes(PNG)
    assert ask(f"/files/{recipe.digest}/picture.png").content == PNG
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
