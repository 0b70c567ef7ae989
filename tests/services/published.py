"""Results as they are published, of random frames and of acquisitions that a catalogue could list."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

from services.catalogue import Acquisition, GranuleFile, join, kept
from services.composite import compose
from services.export import Observation, Result, ResultWriter
from services.providers import Provider
from services.providers.sentinelhub import SentinelHub
from services.recipe import Recipe
from services.sentinel2 import DATA_MASK
from tests.services.granule_items import START, item
from tests.services.overpasses import random_frames

DEMO = SentinelHub("demo", "Demo archive", "", "")
HUB = SentinelHub(
    "sentinel-hub",
    "Sentinel Hub",
    "https://services.sentinel-hub.com",
    "https://services.sentinel-hub.com/auth/realms/main/protocol/openid-connect/token",
)


def passes(question: Recipe, clouds: Sequence[float], reach: Sequence[float] = ()) -> tuple[Acquisition, ...]:
    """An acquisition every five days with that cloud cover; the first ones end where `reach` says, 0 to 1 from west."""
    west, south, east, north = question.neighbourhood.bounds
    items = []
    for number, cover in enumerate(clouds):
        edge = west + reach[number] * (east - west) if number < len(reach) else east + 5000
        day = START + timedelta(days=5 * number)
        place = (west - 5000, south - 5000, edge, north + 5000)
        stamp = f"{day:%Y%m%dT%H%M%S}"
        epsg = question.lattice.epsg
        items.append(item(place, clouds=cover, seconds=432_000 * number, datatake=stamp, epsg=epsg))
    return join(items, question.neighbourhood)


def read_here(one: Acquisition, *offsets: int) -> Acquisition:
    """The same where the granules have files, with these offsets in turn."""
    place = 32635, (10.0, 0.0, 0.0, 0.0, -10.0, 0.0), 1, 1, 0
    granules = [
        replace(granule, files=(GranuleFile("SCL", "s", *place, 0), GranuleFile("B04", "b", *place, offset)))
        for granule, offset in zip(one.granules, cycle(offsets))
    ]
    return replace(one, granules=tuple(granules))


def published(
    folder: Path, question: Recipe, found: Sequence[Acquisition], provider: Provider = DEMO, *, empty: bool = False
) -> tuple[ResultWriter, Result]:
    """All files of the recipe in the folder, and what is said of them; where it is `empty`, no pixel has data."""
    chosen = kept(found, question)
    writer = ResultWriter(question, provider, chosen, folder, found)
    frames: Any = random_frames(question, chosen)
    for planes in frames.planes.values() if empty else ():
        planes[DATA_MASK][:] = 0
    meta = writer.provenance.meta_info()
    whole = writer.write(compose(question, chosen, frames, workers=2, keep=writer.keep, meta=meta))
    result = Result(
        recipe=question.to_dict(),
        observations=tuple(
            Observation(one.date, one.satellite, one.orbit, one.cloud_cover, one.coverage, one.products)
            for one in chosen
        ),
        acquisitions=len(found),
        requests=0,
        units=0.0,
        planes_fetched=0,
        planes_cached=0,
        seconds=0.1,
        no_data=whole.no_data,
        median_observations=whole.median_observations,
        width=whole.width,
        height=whole.height,
        simulated=writer.provenance.simulated,
        attribution=writer.provenance.attribution,
        files=writer.files(),
    )
    return writer, result
