"""Two processes that ask at the same moment: each plane is fetched once, and paid for once."""

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from services.catalogue import Acquisition
from services.grid import Lattice, TileIndex
from services.jobs import Spent
from services.ninepatch import Ninepatch
from services.plan import Plan, plan
from services.providers.sentinelhub import TERMS, processing_units
from services.recipe import Interval, Recipe
from services.settings import load_settings
from tests.actors import administrator
from tests.services.ledger_rows import of_pixels

ROOT = Path(__file__).resolve().parents[2]
LATTICE = Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 300.0)
RECIPE = Recipe(LATTICE, TileIndex(1, 1), Interval(date(2018, 6, 1), date(2018, 6, 17)), maxcc=100)
ASKER = """
import json, sys
from dataclasses import asdict
from services.fetch import gather
from services.jobs import Spent
from services.ninepatch import Ninepatch
from services.recipe import Recipe
from services.settings import load_settings
product = Ninepatch(load_settings(home=sys.argv[1], provider="demo", demo_url=sys.argv[2]))
recipe = Recipe.from_json(sys.argv[3])
kept, planned = product.estimate(recipe)
print(planned.wanted, flush=True)
sys.stdin.readline()
print(json.dumps(asdict(gather(planned, product.account(recipe), product.frames, 4))), flush=True)
"""


def ask_together(archive: str, home: Path, recipes: Sequence[Recipe]) -> list[dict[str, Any]]:
    """What each process says that came, once all have planned before any of them fetches."""
    command = [sys.executable, "-c", ASKER, str(home), archive]
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen([*command, recipe.to_json()], cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        for recipe in recipes
    ]
    try:
        wanted = [int(process.stdout.readline()) for process in processes if process.stdout is not None]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert [answer["planes"] + answer["shared"] for answer in answers] == wanted
    return answers


@pytest.mark.parametrize("centres", [(1, 1, 1), (1, 2)], ids=["the same", "overlapping"])
def test_processes_that_ask_at_the_same_moment_fetch_each_plane_once(
    archive: str, tmp_path: Path, centres: tuple[int, ...]
) -> None:
    product = Ninepatch(load_settings(home=tmp_path, provider="demo", demo_url=archive))
    recipes = [RECIPE.with_(centre=TileIndex(x, 1)) for x in centres]
    observations = {recipe: product.search(recipe) for recipe in recipes}
    requests.post(f"{archive}/_test/reset", timeout=30)
    answers = ask_together(archive, tmp_path, recipes)
    log = requests.get(f"{archive}/_test/log", timeout=30).json()["requests"]
    paid = [entry for entry in log if entry["endpoint"] == "process"]
    requests.post(f"{archive}/_test/reset", timeout=30)

    whole = {
        (key, plane)
        for recipe in recipes
        for block in plan(recipe, observations[recipe], {}, TERMS).blocks
        for key in block.keys
        for plane in block.planes
    }
    assert sum(answer["planes"] for answer in answers) == len(whole)
    assert sum(answer["requests"] for answer in answers) == len(paid)
    width, height = LATTICE.size_px(RECIPE.resolution)
    frames = len({key for key, _ in whole})
    assert sum(entry["units"] for entry in paid) == pytest.approx(
        processing_units(width * frames, height, RECIPE.planes), rel=1e-6
    )
    assert sum(answer["shared"] for answer in answers) > 0
    for recipe in recipes:
        assert product.estimate(recipe)[1].blocks == ()


def test_what_two_fetches_shared_is_saved_to_who_waited_for_it(archive: str, tmp_path: Path) -> None:
    product = Ninepatch(load_settings(home=tmp_path, provider="demo", demo_url=archive))
    recipes = {name: RECIPE.with_(centre=TileIndex(x, 1)) for name, x in (("anna", 1), ("bert", 2))}
    observations = {name: product.search(recipe) for name, recipe in recipes.items()}
    requests.post(f"{archive}/_test/reset", timeout=30)
    both_have_planned = threading.Barrier(2)

    def fetch(name: str) -> Spent:
        """Each begins once the other has planned as well."""
        wait = partial(_meet, both_have_planned)
        return product.fetch(recipes[name], planned=wait, member=name, run=name, watched=True)[1]

    with ThreadPoolExecutor(2) as pool:
        spent = dict(zip(recipes, pool.map(fetch, recipes), strict=True))
    log = requests.get(f"{archive}/_test/log", timeout=30).json()["requests"]
    requests.post(f"{archive}/_test/reset", timeout=30)

    width, height = LATTICE.size_px(RECIPE.resolution)
    columns = {name: {index.x for index in recipe.neighbourhood.indices} for name, recipe in recipes.items()}
    tiles = {
        (observation.key, x, y)
        for observation in observations["anna"]
        for x in columns["anna"] & columns["bert"]
        for y in range(3)
        if observation.touches(LATTICE.tile(TileIndex(x, y)))
    }
    overlap = processing_units(width * len(tiles), height, RECIPE.planes)
    sums = product.ledger.sums("member", administrator())
    found = {one.key: one for one in sums if one.key in recipes}  # the searches were nobody's
    assert sum(one.units or 0 for one in of_pixels(product.ledger)) == pytest.approx(
        sum(entry["units"] for entry in log if entry["endpoint"] == "process")
    )
    assert sum(one.planes_shared for one in spent.values()) == len(tiles) * len(RECIPE.planes) > 0
    assert sum(one.saved for one in found.values()) == len(tiles) * len(RECIPE.planes)
    assert sum(one.saved_units for one in found.values()) == pytest.approx(overlap, rel=1e-6)
    for name, one in found.items():
        assert (one.planes, one.saved) == (spent[name].planes_fetched, spent[name].planes_cached)
        whole = plan(recipes[name], observations[name], {}, TERMS).units
        assert one.saved_units + one.units == pytest.approx(whole, rel=1e-6)


def _meet(place: threading.Barrier, kept: Sequence[Acquisition], planned: Plan) -> None:
    place.wait(30)
