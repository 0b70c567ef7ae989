"""The suggestions of the search over HTTP."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from pages.routes.files import file_routes
from services.places import entry


def asked(text: str) -> dict[str, Any]:
    routes = Starlette(routes=file_routes(""))

    async def sent() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(routes), base_url="http://np") as client:
            return await client.get("/places", params={"q": text})

    answer = asyncio.run(sent())
    assert answer.status_code == 200 and answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"].startswith("private")
    found: dict[str, Any] = answer.json()
    return found


def test_places_come_with_their_number_and_what_they_are() -> None:
    found = asked("helsin")
    first = found["places"][0]
    assert (first["name"], first["what"]) == ("Helsinki", "City, Uusimaa, Finland")
    assert entry(first["number"]).name == "Helsinki" and found["said"] == "" and len(found["places"]) <= 8


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("helsnki", "No name begins with “helsnki”; these are spelled like it."),
        ("100, 200", "The latitude 100 is not between"),
        ("52.37, 4.89", "Read as latitude first"),
        ("", ""),
        ("x" * 5000, ""),
    ],
)
def test_what_it_makes_of_other_words_is_said(text: str, said: str) -> None:
    found = asked(text)
    assert found["said"].startswith(said)
    assert bool(found["point"]) == (text == "52.37, 4.89")
