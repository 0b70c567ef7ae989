"""Which job under way brings what is missing."""

from typing import Any

import pytest

from services.grid import Lattice, TileIndex
from services.jobs import FETCH, FILL, LOOK, Job, JobStore, bringing, fetching
from services.plan import plan
from services.providers.sentinelhub import TERMS
from services.recipe import Interval, Recipe, Veto
from tests.actors import a_member
from tests.services.databases import Place
from tests.services.overpasses import overpasses

RECIPE = Recipe(Lattice(32635, 0.0, 0.0, 3300.0, 3300.0), TileIndex(1, 1), Interval.of_year(2017), bands=("B04", "B08"))
LOOKS = overpasses(3)
"""In April 2017, 4.5 % clouds each."""


def uploaded(job: Recipe, recipe: Recipe = RECIPE, kind: str = FILL, state: str = "running") -> bool:
    """Whether a job with that question brings all that the recipe lacks."""
    row: dict[str, Any] = dict.fromkeys(Job.__dataclass_fields__, "")
    one = Job(**(row | {"id": "x", "kind": kind, "recipe": job.to_json(), "state": state}))
    return bringing(fetching([one]), recipe, plan(recipe, LOOKS, {}, TERMS)) is one


@pytest.mark.parametrize("kind", [FETCH, FILL])
def test_the_same_or_more_brings_it(kind: str) -> None:
    assert uploaded(RECIPE, kind=kind)
    assert uploaded(RECIPE, kind=kind, state="queued")
    assert uploaded(
        RECIPE.with_(bands=("B02", "B08", "B04"), area="Elsewhere", method="least-cloudy", grow=3), kind=kind
    )
    assert uploaded(RECIPE.with_(maxcc=5))
    assert uploaded(RECIPE.with_(interval=Interval(RECIPE.interval.start, Interval.of_year(2019).end)))


def test_less_or_something_else_does_not() -> None:
    for changes in (
        {"bands": ("B04",)},
        {"mask": "none"},
        {"maxcc": 4},
        {"interval": Interval.of_year(2018)},
        {"centre": TileIndex(2, 1)},
        {"radius": 2},
        {"resolution": 20},
        {"provider": "private"},
        {"collection": "another"},
        {"lattice": Lattice(32634, 0.0, 0.0, 3300.0, 3300.0)},
        {"vetoes": (Veto(LOOKS[1].key, "haze"),)},
    ):
        assert not uploaded(RECIPE.with_(**changes)), changes
    assert not uploaded(RECIPE, kind=LOOK)


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_a_job_that_has_ended_brings_nothing_more(state: str) -> None:
    assert not uploaded(RECIPE, state=state)


def test_a_job_of_another_version_says_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    store = JobStore(place.open())
    with monkeypatch.context() as patch:
        patch.setattr(Recipe, "to_json", lambda self: '{"version": 99}')
        store.submit(FILL, RECIPE, a_member())
    assert fetching(store.recent(FILL)) == []
