"""What a picture would ask for and cost, and the press that starts it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from pages.components.shared import messages
from pages.components.shared.confirm import spend
from pages.components.shared.definition_list import definition_list, heading
from pages.components.shared.format import angles_line, duration
from pages.state import session as choices
from pages.state.context import gallery, jobs, product, settings
from pages.state.member import actor, may, member
from services.accounting import CostEstimate
from services.catalogue import Acquisition
from services.errors import CapacityExceeded
from services.jobs import FETCH, Job, shown
from services.plan import Cost, Plan
from services.providers import SETTLED, Words
from services.recipe import PROCESSINGS, Recipe
from services.text import megabytes, plural

_CONFIRM = "bill_confirm"
"""Digest and cost that somebody is asked to confirm."""
PRESSED = "pressed"
"""In the session: the digest of the recipe whose button was pressed last."""


def bill(recipe: Recipe, *, there: bool = False) -> None:
    """The figures, from what is known here, and the button; `there`: the picture is on the page, and its files are not.

    Raises what reading cache and ledger raises.
    """
    price = priced(recipe)
    if price is None:
        return
    kept, plan, quoted, made = price
    heading("What it takes")
    definition_list(figures(recipe, kept, plan, quoted, made=made))
    job = jobs().get(recipe.digest)
    if job is not None and job.unfinished:
        _watch(job)
    elif not may():
        _open(recipe) if made else messages.only_looks()
    elif quoted.refusal is not None and not made and (plan.requests or isinstance(quoted.refusal, CapacityExceeded)):
        messages.tell(quoted.refusal)
    else:
        words = label(recipe, len(kept), plan, made=made, there=there)
        _offer(recipe, plan, words, made=made, dear=quoted.confirm and not made)


def _open(recipe: Recipe) -> None:
    """For those who only look: the way to a picture that is made."""
    if st.button("Show the picture", key="fetch", type="primary", width="stretch"):
        _go(recipe)


def priced(recipe: Recipe) -> tuple[tuple[Acquisition, ...], Plan, CostEstimate, bool] | None:
    """Dates, plan and price, and whether the picture is made; None where nothing is known or kept. Raises as `bill`."""
    estimate = product().estimate_known(recipe)
    if estimate is None:
        return None
    kept, plan = estimate[0], estimate[1].prioritise(shown(recipe).planes)  # as the worker asks
    return kept, plan, product().price(recipe, plan, member()), _made(recipe, kept)


def figures(
    recipe: Recipe, kept: Sequence[Acquisition], plan: Plan, quoted: CostEstimate, *, made: bool = False
) -> tuple[tuple[str, str], ...]:
    """Label and value of each line of the bill; nothing is to be fetched where the picture is made."""
    counts = ((len(kept), "date"), (len(recipe.neighbourhood.indices), "tile"), (len(recipe.bands), "band"))
    size = " × ".join(plural(count, noun) for count, noun in counts)
    size = f"{size}, {recipe.resolution} m by {PROCESSINGS[recipe.processing].title.lower()}"
    cached = f"{plan.cached:,} of {plan.wanted:,}"
    words = product().provider(recipe).words
    months = _months(words, quoted)
    computed = () if made else _computed(plan)
    if made or not plan.requests:
        used = (("This month", told) for _, _, told in months)
        cost = ("Cached bands", cached), ("To fetch", "nothing")
        return (("Picture", size), *angles_line(recipe), *cost, *computed, *used)
    return (
        ("Picture", size),
        *_angles(recipe, plan),
        ("Cached bands", cached),
        *_price(words, plan.cost),
        *computed,
        *((label, f"{100 * share:.1f} %; {told}") for label, share, told in months),
        ("Rate limit", _wait(quoted.seconds)),
        ("Takes", _takes(quoted)),
    )


def _computed(plan: Plan) -> tuple[tuple[str, str], ...]:
    """What finding clouds here takes, where the mask is a network's."""
    if not plan.computed:
        return ()
    seconds = plan.seconds / settings().workers
    return (("Clouds", f"found on this server: about {duration(seconds)} where nothing else runs, then kept"),)


def _angles(recipe: Recipe, plan: Plan) -> tuple[tuple[str, str], ...]:
    """Whether view angles are evened out, and what is asked for that alone."""
    asked = plan.angles_cost.requests
    more = f", {plural(asked, 'small request')} more" if asked else ""
    return tuple((label, f"{value}{more}") for label, value in angles_line(recipe))


def _price(words: Words, cost: Cost) -> tuple[tuple[str, str], ...]:
    """Requests, units and bytes; where there are no units, one line has all of it."""
    if not words.units:
        return (("Download", f"about {words.price(cost)}"),)
    units = ("Requests", f"{cost.requests:,}"), ("Units", words.price_in_full(cost))
    return (*units, ("Download", f"about {megabytes(cost.bytes)}"))


def _months(words: Words, quoted: CostEstimate) -> list[tuple[str, float, str]]:
    """The quotas of units and requests and the budget in GB, where there are such: label, the part that this takes,
    what is used."""
    found: list[tuple[str, float, str]] = []
    if words.units:
        found.append(("Of the month", quoted.share, words.quota(quoted.spent_share, quoted.quota)))
    if quoted.quota_requests:
        used = f"{100 * quoted.spent_request_share:.1f} % of {quoted.quota_requests:,.0f} requests are used"
        found.append(("Of the requests", quoted.request_share, used))
    if quoted.budget_bytes:
        spent, limit = 100 * quoted.budget_spent / quoted.budget_bytes, megabytes(quoted.budget_bytes)
        share = quoted.cost.bytes / quoted.budget_bytes
        found.append(("Of the budget", share, f"{spent:.1f} % of {limit} a month are used"))
    return found


def label(recipe: Recipe, dates: int, plan: Plan, *, made: bool, there: bool = False) -> str:
    """What the press does, in one line."""
    if made:
        return "Show the picture · nothing to fetch"
    if not plan.requests:
        return f"{'Create the download files' if there else 'Make the picture'} · nothing to fetch"
    lacking = len({block.acquisition for block in plan.blocks})
    named = plural(dates, "date") if lacking == dates else f"{lacking} of {plural(dates, 'date')}"
    return f"Fetch {named} · {product().provider(recipe).words.price(plan.cost)}"


def _offer(recipe: Recipe, plan: Plan, words: str, *, made: bool, dear: bool) -> None:
    """The press, which says `words`; of a dear one a second press, which is asked for by its price."""
    price = recipe.digest, _rounded(plan.cost)
    if dear and st.session_state.get(_CONFIRM) == price:
        if spend(product().provider(recipe).words, plan.cost, "It is much for one picture", _CONFIRM):
            st.session_state.pop(_CONFIRM, None)
            _start(recipe)
        return
    if dear:
        st.button(words, key="fetch", type="primary", width="stretch", on_click=_ask, args=(price,))
    elif st.button(words, key="fetch", type="primary", width="stretch"):
        _start(recipe)
    st.caption(
        "Nothing is fetched before you press, and what is fetched is never fetched again."
        if plan.requests and not made
        else "Everything is there: nothing is fetched and nothing is paid."
    )


def _watch(job: Job) -> None:
    """Somebody has asked for the same: there is one job, and everybody may look."""
    if job.member and job.member != member():
        st.text(f"{job.member} asks for the same picture now.")
    if st.button("Watch it being made", key="fetch", type="primary", width="stretch"):
        st.switch_page("results.py", query_params=choices.address())
    st.caption("Nothing is asked for twice.")


def _ask(price: tuple[str, tuple[float, float]]) -> None:
    st.session_state[_CONFIRM] = price


def _rounded(cost: Cost) -> tuple[float, float]:
    """Units and MB."""
    return round(cost.units, 1), round(cost.bytes / 1e6)


def _start(recipe: Recipe) -> None:
    chosen = choices.read()
    if recipe == chosen.recipe():
        gallery().ask(recipe, chosen.question(), actor())
    jobs().submit(FETCH, recipe, actor())
    st.session_state[PRESSED] = recipe.digest
    _go(recipe)


def _go(recipe: Recipe) -> None:
    st.switch_page(
        "results.py", query_params=choices.address() if recipe == choices.read().recipe() else {"job": recipe.digest}
    )


def _made(recipe: Recipe, kept: Sequence[Acquisition]) -> bool:
    """Whether the picture is there, and no date has come since: then a press fetches nothing."""
    made = product().results.open(recipe.digest)
    if made is None:
        return False
    settled = recipe.interval.end_time + SETTLED < datetime.now(UTC)
    return settled or [observation.date for observation in made.observations] == [one.date for one in kept]


def _takes(quoted: CostEstimate) -> str:
    """About how long; what it is reckoned by is said too."""
    by = "by the last requests" if quoted.measured else "none was asked yet: at 1 s a request"
    return f"about {duration(max(1.0, quoted.expected))}, {by}"


def _wait(seconds: float) -> str:
    return f"makes it last {duration(seconds)} at least" if seconds else "does not hold it back"
