"""Which of the jobs that are not finished brings what a recipe lacks: it is waited for, not asked for again."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass

from services.catalogue import kept
from services.errors import NinepatchError
from services.jobs.queue import SPENDING, Job
from services.plan import Plan
from services.recipe import Recipe


@dataclass(frozen=True)
class Fetching:
    """An unfinished job that fetches, with its question."""

    job: Job
    recipe: Recipe

    def brings(self, recipe: Recipe, lacking: Plan) -> bool:
        """Whether all that a recipe lacks comes with it: at its limit or a higher one, with its bands or more."""
        if _place(self.recipe) != _place(recipe):
            return False
        begin, end, planes = self.recipe.interval.start_time, self.recipe.interval.end_time, set(self.recipe.planes)
        found = {block.acquisition.key: block.acquisition for block in lacking.blocks}.values()
        within = all(begin <= one.time < end for one in found) and len(kept(found, self.recipe)) == len(found)
        computes = not lacking.computed or (planes.issuperset(recipe.planes) and _encloses(self.recipe, recipe))
        return within and computes and all(planes.issuperset(block.planes) for block in lacking.blocks)


def _encloses(wide: Recipe, recipe: Recipe) -> bool:
    """Whether one recipe keeps all that the other one does."""
    begin, end = wide.interval.start, wide.interval.end
    days = begin <= recipe.interval.start and recipe.interval.end <= end
    return days and recipe.maxcc <= wide.maxcc and not wide.vetoes and wide.least_coverage <= recipe.least_coverage


def fetching(jobs: Iterable[Job]) -> list[Fetching]:
    """Those of the jobs that fetch and are not finished; one of another version of the program says nothing here."""
    found = []
    for job in jobs:
        if job.unfinished and job.kind in SPENDING:
            with contextlib.suppress(NinepatchError):
                found.append(Fetching(job, Recipe.from_json(job.recipe)))
    return found


def bringing(jobs: Iterable[Fetching], recipe: Recipe, lacking: Plan) -> Job | None:
    """The first of them that brings all that the recipe lacks."""
    return next((one.job for one in jobs if one.brings(recipe, lacking)), None)


def _place(recipe: Recipe) -> tuple[object, ...]:
    """Where its planes come from, and of what ground they are."""
    ground = recipe.lattice, recipe.centre, recipe.radius, recipe.resolution
    return recipe.provider, recipe.collection, *ground
