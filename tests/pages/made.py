"""What others did before a page is opened: the catalogue's answer is kept, a job is under way, a result is there."""

import json
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import Any

from streamlit.testing.v1 import AppTest

from pages.state.choices import Choices
from pages.state.context import areas, default, jobs, product, settings
from services.catalogue import Acquisition
from services.export import Observation, Result, ResultFile
from services.grid import TileIndex
from services.jobs import FETCH, Job
from services.providers.http import Answer
from services.providers.sentinelhub import Account, Catalogue
from services.recipe import EXAMPLES, Interval, Recipe
from tests.actors import a_member
from tests.services.granule_items import START, item

FINLAND = EXAMPLES[0]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(5000)


def choices(**changes: Any) -> Choices:
    """Southern Finland in 2017, at most 10 % clouds."""
    areas().keep(FINLAND.aoi)
    chosen = Choices(interval=Interval.of_year(2017)).with_area(FINLAND.aoi, FINLAND.spec)
    return Choices(**(vars(chosen) | {"centre": TileIndex(35, 25)} | changes))


def recipe_of(chosen: Choices) -> Recipe:
    """Their recipe, which is there."""
    recipe = chosen.recipe()
    assert recipe is not None
    return recipe


def go(frame: AppTest, page: str, chosen: Choices | None = None, **query: str) -> AppTest:
    """Open a page by a link, as another person does."""
    frame.query_params.update((chosen.question() if chosen else {}) | query)
    frame.run()
    frame.switch_page(f"{page}.py").run()
    assert not frame.exception, frame.exception
    return frame


class AnsweringAccount:
    """Stands for the account: the far end knows these items."""

    def __init__(self, items: Sequence[dict[str, Any]]) -> None:
        self.provider = default().provider
        self._content = json.dumps({"type": "FeatureCollection", "features": list(items)}).encode()

    def send(self, request: object, accept: Callable[[Answer], Any], **_: object) -> Any:
        """One page of all items."""
        return accept(Answer(200, {"content-type": "application/json"}, self._content, 0.1))


def keep_answer(
    recipe: Recipe, clouds: Sequence[float], slivers: Collection[int] = (), metres: float = 50.0
) -> tuple[Acquisition, ...]:
    """The catalogue was asked: an acquisition every five days with that cloud cover, from 7 June 2017 on.

    Those of these numbers show so many metres at the western edge, the others all.
    """
    west, south, east, north = recipe.neighbourhood.bounds
    items = []
    for number, cover in enumerate(clouds):
        day = START + timedelta(days=5 * number)
        edge = west + metres if number in slivers else east + 5000
        items.append(
            item(
                (west - 5000, south - 5000, edge, north + 5000),
                clouds=cover,
                seconds=5 * 86400 * number,
                datatake=f"{day:%Y%m%dT%H%M%S}",
            )
        )
    account: Account = AnsweringAccount(items)  # type: ignore[assignment] # what the catalogue needs of it
    return Catalogue(account, settings()).search(recipe.neighbourhood, recipe.interval)


def job_in(recipe: Recipe, state: str, *, member: str = "", **progress: Any) -> Job:
    """A fetch that is queued, running, or ended so."""
    job = jobs().submit(FETCH, recipe, a_member(member))
    if state != "queued":
        jobs().claim("nobody", (FETCH,))
        jobs().report(job.id, **(progress or {"phase": "fetching"}))
    if state not in ("queued", "running"):
        jobs().finish(job.id, state)
    found = jobs().get(job.id)
    assert found is not None
    return found


def finish(recipe: Recipe, requests: int = 2) -> Result:
    """A result whose files are there; their content does not matter here."""
    folder = product().results.folder(recipe.digest)
    files = [
        ResultFile(path, f"s2l2a_{path}", title, kind, media, 0)
        for path, title, kind, media in (
            ("median.png", "Figure", "figure", "image/png"),
            ("median.tif", "Mosaic", "mosaic", "image/tiff; application=geotiff; profile=cloud-optimized"),
            ("picture.png", "Picture alone", "picture", "image/png"),
            ("looks.png", "Count of clear observations", "looks", "image/png"),
            ("recipe.json", "Recipe", "recipe", "application/json"),
        )
    ]
    for tile in recipe.neighbourhood.tiles:
        index = str(tile.index)
        files.append(ResultFile(f"tiles/{tile.name}.tif", f"s2l2a_{tile.name}.tif", "", "tile", "image/tiff", 0, index))
        path = f"patches/{tile.name}.zip"
        files.append(ResultFile(path, f"s2l2a_{tile.name}.zip", "", "patch", "application/zip", 0, index))
    for file in files:
        (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / file.path).write_bytes(PNG)
    result = Result(
        recipe=recipe.to_dict(),
        observations=(Observation("2017-06-07", "S2A", 79, 3.25, 1.0), Observation("2017-07-02", "S2B", 36, 9.5, 0.62)),
        acquisitions=71,
        requests=requests,
        units=8.7 * requests,
        planes_fetched=72 * requests,
        planes_cached=144 - 72 * requests,
        seconds=1.5,
        no_data=0.0004,
        median_observations=2.0,
        width=990,
        height=990,
        simulated=True,
        attribution="Simulated data, made by the demo archive of Ninepatch; no satellite data",
        files=tuple(ResultFile(**(vars(file) | {"size": len(PNG)})) for file in files),
        least_observations=1,
        most_observations=2,
    )
    product().results.finish(recipe.digest, result)
    return result
