"""Preview all dates: a press that fetches them in coarse pixels, with its price before; and how far it is."""

from collections.abc import Sequence

import streamlit as st

from pages.components.acquisitions.faces import MOST_TOLD
from pages.components.acquisitions.fill_requests import fill_request, second_press
from pages.components.shared import messages
from pages.limits import every
from pages.state.context import jobs, product
from pages.state.member import actor, may
from services.errors import NinepatchError
from services.jobs import FILL, Job, job_id
from services.plan import Cost, one_tile, sum_of_costs
from services.preview import DateSummary, coarse_recipe
from services.providers import Provider
from services.recipe import Recipe
from services.text import plural

PLACE = "coarse"
"""Where errors of the press are shown."""
EVERY_SECONDS = 1.0
_PRICED = "coarse_priced"
_LITTLE = 0.2
"""Part of the price of the bands from which on a preview is not cheap, and says so."""


def coarse_offer(recipe: Recipe, dates: Sequence[DateSummary]) -> None:
    """The offer where a date is neither cached nor previewed; the progress where somebody has pressed."""
    lacking = [one.acquisition.key for one in dates if one.clear is None or not one.thumbnail]
    lacking = [key for key in lacking if not _gone(dates, key)]
    if len(dates) > MOST_TOLD:
        st.caption(f"Of more than {MOST_TOLD} dates it is not said how clear they are here: choose fewer, or months.")
    if not lacking or len(dates) > MOST_TOLD:
        return
    coarse = coarse_recipe(recipe)
    job = jobs().get(job_id(FILL, coarse))
    if job is not None and job.unfinished:
        st.fragment(_progress, run_every=every(EVERY_SECONDS))(job.id)
        return
    if job is not None and job.state == "failed":
        messages.say("The preview could not be fetched", job.cause, job.remedy, kind="problem")
    provider, cost = product().provider(recipe), _cost(coarse, tuple(lacking))
    many = "1 date is" if len(lacking) == 1 else f"{len(lacking)} dates are"
    with st.container(key="note-coarse"):
        st.text(f"{many} not cached: how clear they are here is not known yet. {_kind(recipe, coarse, provider)}")
    if not may():
        return
    words = f"a preview of {plural(len(lacking), 'date')} at {coarse.resolution} m"
    label = f"Preview all dates at {coarse.resolution} m · {provider.words.price(cost)}"
    st.button(label, key="coarse", on_click=fill_request, args=((coarse,), words))
    second_press(PLACE)


def part_of_price(recipe: Recipe, provider: Provider) -> float:
    """What a date of the coarse preview costs, as a part of what it costs in all bands of the recipe.

    Of one whole tile by the provider's terms: in units, or in bytes where it counts none.
    """
    coarse = coarse_recipe(recipe)
    found = product().known(recipe) or ()
    if not found:
        return 0.0
    widest = max(found, key=lambda one: one.coverage)
    small, whole = (sum_of_costs(one_tile(one, widest, provider.terms).remaining({})) for one in (coarse, recipe))
    return small.units / whole.units if whole.units else small.bytes / max(1, whole.bytes)


def _kind(recipe: Recipe, coarse: Recipe, provider: Provider) -> str:
    part = part_of_price(recipe, provider)
    if coarse.resolution == recipe.resolution:
        return (
            "The picture is as coarse as a preview: its true colour and classification are about "
            f"{100 * part:.0f} % of what all bands cost, and are not paid again."
        )
    if part > _LITTLE:
        return (
            f"{provider.title} has no coarser reading that equals the picture's pixels: a preview reads three bands "
            f"and the classification in full, about {100 * part:.0f} % of all bands. What it reads is kept."
        )
    return (
        f"A preview in true colour with the classification at {coarse.resolution} m shows all of them, for about "
        f"{100 * part:.1f} % of what their bands cost."
    )


def _cost(coarse: Recipe, lacking: tuple[str, ...]) -> Cost:
    """Of what the cache lacks; made once for the same question and cache, since the page runs at each press."""
    key = coarse.digest, lacking
    held: tuple[object, Cost] | None = st.session_state.get(_PRICED)
    if held is None or held[0] != key:
        try:
            estimate = product().estimate_known(coarse)
        except NinepatchError:
            estimate = None
        held = key, estimate[1].cost if estimate else Cost()
        st.session_state[_PRICED] = held
    return held[1]


def _gone(dates: Sequence[DateSummary], key: str) -> bool:
    return any(one.acquisition.gone for one in dates if one.acquisition.key == key)


def _progress(key: str) -> None:
    """The page runs again when all are there."""
    job = jobs().get(key)
    if job is None or not job.unfinished:
        st.rerun()
    done = f"{job.done} of {job.total} requests" if job.total else "beginning"
    st.progress(min(1.0, job.done / job.total) if job.total else 0.0, text=f"Fetching the preview: {done}")
    if job.member and may():
        st.button("Cancel the preview", key="coarse_cancel", on_click=_cancel, args=(job,))


def _cancel(job: Job) -> None:
    with messages.caught(PLACE):
        jobs().cancel(job.id, actor())
