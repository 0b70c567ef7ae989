"""The guided example: from nothing to a picture in three presses, each of a button that the pages have anyway.

A line in the place of the page's sentence says what there is, which press is next, and what that costs. It follows the
example's area: with another area, after the picture, or when somebody leaves it, it is gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

import streamlit as st

from pages.components.acquisitions.bill import label, priced
from pages.components.shared import messages
from pages.state import session as choices
from pages.state.choices import Choices
from pages.state.context import jobs, product
from pages.state.member import may
from services.errors import NinepatchError
from services.grid import TileIndex
from services.recipe import EXAMPLES, Interval, Recipe

EXAMPLE = EXAMPLES[1]
SPEC, CENTRE, RADIUS, MAXCC = "1500", TileIndex(194, 3320), 1, 10
INTERVAL = Interval(date(2023, 6, 1), date(2023, 8, 1))
"""Small tiles and two months: a picture of 450 × 450 px and few dates is there in seconds, and costs little."""
PARTS = {"area": "Area", "acquisitions": "Dates", "results": "Picture"}
"""Pages of the guide, and what is chosen or seen there."""
PLACE = "guide"
_FOLLOWED, _SEEN = "guide", "guide_seen"
"""In the session: the outline of the example while somebody follows the guide, and whether the picture was there."""


@dataclass(frozen=True)
class Line:
    """What the guide says on a page."""

    now: str
    """What there is, and why."""
    press: str = ""
    """What to press next, and where."""
    cost: str = ""
    """What that costs."""
    made: bool = False
    """The picture is there."""


def invitation() -> None:
    """The way in, for somebody without any area who may fetch: the first of the three presses."""
    if not may():
        return
    with st.container(key="invitation", horizontal=True, vertical_alignment="center", gap="medium"):
        st.button("See it work: an example in three clicks", type="primary", on_click=begin)
        st.caption("Nothing is fetched before the third, and you see first what it costs.", width="content")
    messages.recall(PLACE)


def begin() -> None:
    """Take the example, and follow it."""
    messages.forget()
    with messages.caught(PLACE):
        choices.choose_area(EXAMPLE.aoi, SPEC, centre=CENTRE, radius=RADIUS, interval=INTERVAL, maxcc=MAXCC)
        st.session_state[_FOLLOWED] = EXAMPLE.aoi.outline_digest
        st.session_state.pop(_SEEN, None)


def leave() -> None:
    """What was chosen stays."""
    for key in (_FOLLOWED, _SEEN):
        st.session_state.pop(key, None)


def guide(page: str) -> bool:
    """Show its line; False, and nothing, where nobody follows it or the page is no part of it."""
    chosen = choices.read()
    if not _followed(chosen, page):
        return False
    line = _line(page, chosen)
    if line.made:
        st.session_state[_SEEN] = True
    with st.container(key="guide", gap=None):
        with st.container(key="guide-parts", horizontal=True, gap="medium", vertical_alignment="center"):
            st.html(f'<ol class="np-guide" aria-label="Guide">{"".join(_parts(page, made=line.made))}</ol>')
            st.button("Leave the guide", key="leave_guide", type="tertiary", on_click=leave)
        said = f"{escape(line.now)} <b>{escape(line.press)}</b> {escape(line.cost)}"
        st.html(f'<p class="np-guide-said" role="status">{said}</p>')
        if line.made:
            st.page_link("compare.py", label="Compare years", query_params=choices.address())
    return True


def _followed(chosen: Choices, page: str) -> bool:
    """Whether its line is shown; the guide ends with another area, and on the way from its picture."""
    outline = st.session_state.get(_FOLLOWED)
    if outline is None or page not in PARTS:
        return False
    other = chosen.aoi is None or chosen.aoi.outline_digest != outline
    if other or (page != "results" and _SEEN in st.session_state):
        leave()
        return False
    return True


def _parts(page: str, *, made: bool) -> Sequence[str]:
    """The three of them; screen readers hear which are done, and which is now."""
    here = list(PARTS).index(page)
    ticked = here + made
    items = []
    for number, name in enumerate(PARTS.values()):
        current = ' aria-current="step"' if number == here else ""
        done = '<span class="np-unread">, done</span>' if number < ticked else ""
        kind = ' class="np-done"' if done else ""
        items.append(f"<li{kind}{current}>{number + 1} {name}{done}</li>")
    return items


def _line(page: str, chosen: Choices) -> Line:
    if page == "area":
        side = 2 * chosen.radius + 1
        return Line(
            f"{EXAMPLE.name}, cut in tiles; the picture will be of the {side} × {side} that are marked.",
            "Next, press “Choose dates” below the map.",
            "It looks up which there are, and costs nothing.",
        )
    try:
        recipe = chosen.recipe()
        return _dates_or_picture(page, recipe) if recipe is not None else Line("")
    except NinepatchError:  # the page says what is wrong
        return Line("This choice does not work; the page says why.")


def _dates_or_picture(page: str, recipe: Recipe) -> Line:
    """Raises what reading cache and ledger raises."""
    found, job = product().known(recipe), jobs().get(recipe.digest)
    if page == "results" and job is not None and job.unfinished:
        return Line("The least cloudy dates come first, and the picture sharpens with each.", "Nothing more to press.")
    if found is None:
        return Line("The provider's catalogue is asked which dates there are.", cost="That costs nothing.")
    price = priced(recipe)
    if price is None:
        return Line("No date is used; the page says why.")
    kept, plan, quoted, made = price
    if page == "results" and (made or not plan.requests):
        return Line(
            f"This is the picture, made of {len(kept)} dates.",
            "Next, move the max. cloud cover and see what it changes, or compare years.",
            "Cached bands cost nothing again.",
            made=True,
        )
    least = f", show {recipe.least_coverage} % of the picture or more" if recipe.least_coverage else ""
    now = f"{len(kept)} of {len(found)} dates, with a scene cloud cover of at most {recipe.maxcc} %{least}, are used."
    if quoted.refusal is not None and plan.requests and not made:
        return Line(now, "It cannot be fetched now; the page says why.")
    words = label(recipe, len(kept), plan, made=made).partition(" · ")[0]
    if made or not plan.requests:
        return Line(now, f"Next, press “{words}” below.", "All bands are cached: it costs nothing.")
    told = product().provider(recipe).words
    cost = f"It costs {told.price_of(plan.cost, quoted.quota)}."
    return Line(now, f"Next, press “{words}” below.", cost)
