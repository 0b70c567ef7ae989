"""Two workers fetch for two members at once, and one of them is killed: the other goes on for both, and pays once."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import date, datetime
from pathlib import Path

import pytest
import requests

from services.cache import FrameKey, FrameStore, frame_key
from services.catalogue import kept
from services.grid import Lattice, TileIndex
from services.jobs import FETCH, Job, JobStore
from services.ninepatch import Ninepatch
from services.providers.sentinelhub import DEMO_TOKEN_PATH
from services.recipe import Interval, Recipe
from services.settings import Settings, load_settings
from services.storage import Database
from tests.actors import a_member
from tests.demo_archive import recording_archive
from tests.http.killing import CONNECTIONS, databases_are_intact, same_result, worker
from tests.http.middleman import asked_again, middleman

LATENCY = 0.1
ALLOWED = 36
"""Requests a minute of the account: fewer than both jobs need, as many as go at once after a pause."""
SPAN = Interval(date(2018, 6, 1), date(2018, 6, 19))
ANNAS = Recipe(Lattice(32635, 390_000.0, 6_738_000.0, 900.0, 900.0), TileIndex(1, 1), SPAN, maxcc=100, provider="team")
RECIPES = {"anna": ANNAS, "bert": ANNAS.with_(centre=TileIndex(2, 1), bands=("B02", "B03", "B04", "B08", "B11"))}
"""They share two columns of three, and five bands of six."""


@pytest.fixture(scope="module")
def slow() -> Iterator[str]:
    """The address of an archive that takes its time."""
    with recording_archive(latency=LATENCY, remember=True) as url:
        yield url


def team(home: Path, url: str, per_minute: float) -> Settings:
    """An account at the archive, as a file that processes of this home read, too."""
    described = {
        "name": "team",
        "base_url": url,
        "token_url": url + DEMO_TOKEN_PATH,
        "client_id": "demo",
        "client_secret": "demo",
        "requests_per_minute": per_minute,
        "units_per_minute": 60_000,
    }
    home.mkdir()
    lines = ('provider = "team"', "[[providers]]", *(f"{name} = {value!r}" for name, value in described.items()))
    (home / "settings.toml").write_text("\n".join(lines))
    return load_settings(home=home, provider="team", providers=[described])


def both(store: JobStore) -> tuple[Job, ...]:
    """Anna's job and Bert's."""
    found = tuple(store.get(recipe.digest) for recipe in RECIPES.values())
    assert None not in found
    return tuple(job for job in found if job is not None)


def until_both(store: JobStore, states: str, seconds: float) -> tuple[Job, ...]:
    """The jobs once both are in that state."""
    deadline = time.monotonic() + seconds
    while {job.state for job in both(store)} != {states}:
        assert time.monotonic() < deadline, both(store)
        time.sleep(0.02)
    return both(store)


def asked_for(product: Ninepatch) -> tuple[dict[FrameKey, datetime], set[tuple[FrameKey, datetime, str]]]:
    """When each frame of the two was taken, and all planes of them."""
    times, whole = {}, set()
    for recipe in RECIPES.values():
        for observation in kept(product.search(recipe), recipe):
            for tile in recipe.neighbourhood.tiles:
                if observation.touches(tile):
                    key = frame_key(recipe, tile.index, observation)
                    times[key] = observation.granules[0].time
                    whole |= {(key, times[key], plane) for plane in recipe.planes}
    return times, whole


@pytest.mark.timeout(400)
def test_the_survivor_takes_the_job_of_the_dead_and_nothing_is_paid_twice_but_what_was_in_flight(
    slow: str, tmp_path: Path
) -> None:
    calm = Ninepatch(team(tmp_path / "calm", slow, 60_000))
    for recipe in RECIPES.values():
        calm.fetch(recipe, watched=True)
    requests.post(f"{slow}/_test/reset", timeout=30)
    chance, log = random.Random(4), tmp_path / "log"
    with middleman(slow) as between, ExitStack() as survives:
        settings = team(tmp_path / "two", between.url, ALLOWED)
        product, store = Ninepatch(settings), JobStore(Database.of(settings))
        times, whole = asked_for(calm)
        requests.post(f"{slow}/_test/limits", json={"requests_per_minute": ALLOWED}, timeout=30)
        jobs = {name: store.submit(FETCH, recipe, a_member(name)) for name, recipe in RECIPES.items()}
        survives.enter_context(worker(settings, log))
        with worker(settings, log) as killed:
            running = until_both(store, "running", 60)
            assert len({job.worker for job in running}) == 2, "each has one"
            (lost,) = (job for job in running if job.worker.startswith(f"{killed.pid}-"))
            few, deadline = chance.randint(2, 5), time.monotonic() + 60
            while lost.done < few and time.monotonic() < deadline:
                time.sleep(0.01)
                (lost,) = (job for job in both(store) if job.id == lost.id)
            time.sleep(chance.uniform(0, 2 * LATENCY))
            assert few <= lost.done < lost.total, "it is killed in the middle"
            killed.kill()
            killed.wait()
        asked_by_then = len(between.asked)
        with closing(FrameStore(settings.home / "frames", 10**9)) as frames:
            present = frames.present(times, ANNAS.planes)
        stored = {(key, times[key], plane) for key, planes in present.items() for plane in planes}
        asked_after = len(between.asked)
        assert 0 < len(stored) < len(whole)
        done = until_both(store, "done", 150)
    assert asked_again(between.asked[asked_after:], stored) == []
    asks = {one: [number for number, some in enumerate(between.asked) if some.covers(*one)] for one in whole}
    assert {len(numbers) for numbers in asks.values()} <= {1, 2}
    twice = {one: numbers for one, numbers in asks.items() if len(numbers) == 2}
    assert all(numbers[0] < asked_by_then for numbers in twice.values())
    assert not twice.keys() & stored
    assert len({numbers[0] for numbers in twice.values()}) <= CONNECTIONS, "in flight as it was killed"

    assert {(job.member, job.run, job.cause) for job in done} == {(job.member, job.run, "") for job in jobs.values()}
    statuses = Counter(entry["status"] for entry in requests.get(f"{slow}/_test/log", timeout=30).json()["requests"])
    assert set(statuses) == {200}, "one allowance for both: none was told to wait"
    assert statuses[200] > len(between.asked) > ALLOWED
    assert len(list((settings.home / "pace").iterdir())) == 1, "the processes of the machine share it"
    for recipe in RECIPES.values():
        same_result(product, calm, recipe)
    databases_are_intact(settings.home)
    assert "Traceback" not in log.read_text()
