"""What a picture would ask for and cost, and the press that starts it."""

import streamlit as st

from pages.components import choices
from pages.components.facts import facts, heading
from pages.components.product import jobs, product, provider
from pages.components.sizes import megabytes
from services.jobs import FETCH
from services.plan import Plan
from services.recipe import Recipe

PRESSED = "pressed"
"""In the session: the digest of the recipe whose button was pressed last."""


def bill(recipe: Recipe) -> None:
    """The figures, from what is known here, and the button. Raises what reading the cache raises."""
    estimate = product().estimate_known(recipe)
    if estimate is None:
        return
    kept, plan = estimate
    heading("What it takes")
    share = f", {100 * plan.units / provider().units_per_month:.1f} % of a month's" if not provider().simulated else ""
    facts(
        (
            ("Dates", f"{len(kept)}"),
            ("Requests", f"{plan.requests:,}" if plan.requests else "none"),
            ("Units", f"{plan.units:,.1f} processing units{share}" if plan.requests else "none"),
            ("Download", f"about {megabytes(plan.bytes)}" if plan.requests else "nothing"),
            ("In the cache", f"{plan.cached:,} of {plan.wanted:,} planes"),
        )
    )
    made = product().results.open(recipe.digest) is not None
    if st.button(label(len(kept), plan, made=made), type="primary", key="fetch", width="stretch"):
        jobs().submit(FETCH, recipe)
        st.session_state[PRESSED] = recipe.digest
        st.switch_page("results.py", query_params=choices.address())
    st.caption(
        "Everything is in the cache: nothing is fetched and nothing is paid."
        if not plan.requests
        else "Nothing is fetched before you press, and what is fetched is never fetched again."
    )


def label(dates: int, plan: Plan, *, made: bool) -> str:
    """What the press does, in one line."""
    if made:
        return "Show the picture · nothing to fetch"
    if not plan.requests:
        return "Make the picture · nothing to fetch"
    lacking = len({block.acquisition for block in plan.blocks})
    named = f"{dates}" if lacking == dates else f"{lacking} of {dates}"
    return f"Fetch {named} date{'s' if dates != 1 else ''} · {plan.units:,.1f} units"
