"""A timelapse of the present view: what it is to be of, the press that makes it, and how far it is meanwhile."""

from dataclasses import asdict

import streamlit as st

from pages.components.shared import messages
from pages.components.shared.definition_list import heading
from pages.components.take.links import link, link_list
from pages.limits import every
from pages.routes.previews import PREVIEWS
from pages.state import base_path, moving
from pages.state.context import product
from services.animation import DATES, FORMATS, KINDS, SECONDS, SIDES, Request, Timelapse
from services.cache import MissingFrame
from services.errors import NinepatchError
from services.nbar import angles_words
from services.preview import StillDrawing
from services.recipe import Recipe
from services.render import View
from services.text import megabytes, plural

EVERY_SECONDS = 0.7
_PRESSED = "timelapse_pressed"
_LEFT_OUT = 12
"""Names of what is left out; of more their number."""


def timelapse(recipe: Recipe, view: View) -> None:
    """The controls, and the timelapse where it is there; nothing is made before the press."""
    heading("Timelapse")
    st.fragment(_timelapse)(recipe, view)


def _timelapse(recipe: Recipe, view: View) -> None:
    asked = _controls(recipe, view)
    with messages.told():
        made = _found(asked)
        if made is not None:
            _shown(asked, made)
        elif st.session_state.get(_PRESSED) == asked:
            st.fragment(_watch, run_every=every(EVERY_SECONDS))(asked)
        else:
            words = f"Make the timelapse of {view.title}"
            st.button(words, key="make_timelapse", on_click=_press, args=(asked,))


def _controls(recipe: Recipe, view: View) -> Request:
    """What is wished of the present view; kept in the link, and while the page is left."""
    wished = moving.read()
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="timelapse-wishes"):
        kind = st.selectbox("One picture for each", list(KINDS), list(KINDS).index(wished.kind), format_func=_singular)
        seconds = st.selectbox("Seconds a picture", SECONDS, SECONDS.index(wished.seconds), format_func="{:g} s".format)
        side = st.selectbox("Size", SIDES, SIDES.index(wished.side), format_func="{} px".format)
        form = st.selectbox("File", list(FORMATS), list(FORMATS).index(wished.form), format_func=_title)
        masked = st.checkbox("Without clouds", wished.masked, disabled=kind != DATES)
    chosen = moving.Wishes(kind, seconds, side, form, masked and kind == DATES)
    if chosen != wished:
        moving.put(chosen)
    return Request(recipe, view.name, **asdict(chosen))


def _singular(kind: str) -> str:
    return KINDS[kind].removesuffix("s").lower()


def _title(form: str) -> str:
    return FORMATS[form].title


def _press(asked: Request) -> None:
    st.session_state[_PRESSED] = asked


def _found(asked: Request) -> Timelapse | None:
    """What is there; None too where the cache has nothing of it, which is said by the press."""
    try:
        return product().animations.found(asked)
    except MissingFrame:
        return None


def _watch(asked: Request) -> None:
    """How far it is, again and again; the page runs on once it is there."""
    try:
        product().animations.timelapse(asked, 0.0)
    except StillDrawing:
        done, total = product().animations.progress(asked)
        said = f"Picture {done + 1:,} of {total:,}" if total else "Waiting for its turn"
        st.progress(done / total if total else 0.0, said)
        return
    except NinepatchError as error:
        st.session_state.pop(_PRESSED, None)
        messages.tell(error)
        return
    st.rerun()


def _shown(asked: Request, made: Timelapse) -> None:
    """It moves in the page, but for who wishes that nothing does: then it is its first picture, or waits to be
    played."""
    source, poster = (f"{base_path.prefix()}{PREVIEWS}{made.digest}/{name}?v={made.stamp}" for name in _names(made))
    frames = f"{made.labels[0]} to {made.labels[-1]}" if len(made.labels) > 1 else made.labels[0]
    shown = ", ".join(filter(None, (asked.shown.title, angles_words(asked.recipe))))
    words = f"{shown}, {plural(len(made.labels), 'picture')}: {frames}"
    alt = f"{'Simulated data. ' if made.simulated else ''}Timelapse of {words}."
    st.html(picture_that_moves(source, poster, alt, (made.width, made.height), plays=FORMATS[asked.form].moves))
    name = f"{asked.recipe.slug}_{asked.shown.slug}_{asked.kind}.{asked.form}"
    link_list([link(source, name, f"{words}, as {_title(asked.form)}, {megabytes(made.size)}")])
    if made.left_out:
        st.caption(left_out_words(made))


def _names(made: Timelapse) -> tuple[str, str]:
    return made.file, made.poster


def left_out_words(made: Timelapse) -> str:
    """`Left out, for they are not cached: 2017-06-12, 2017-06-17.`"""
    told = made.left_out[:_LEFT_OUT]
    more = len(made.left_out) - len(told)
    return f"Left out, for they are not cached: {', '.join(told)}{f' and {more} more' if more else ''}."


def picture_that_moves(source: str, poster: str, alt: str, size: tuple[int, int], *, plays: bool) -> str:
    """As HTML: a picture that moves by itself, or a video with controls; `alt` is words of ours."""
    width, height = size
    box = f'width="{width}" height="{height}"'
    if not plays:
        video = f'<video src="{source}" poster="{poster}" {box} aria-label="{alt}" controls loop muted preload="none">'
        return f'<figure class="np-timelapse">{video}</video></figure>'
    still = f'<source media="(prefers-reduced-motion: reduce)" srcset="{poster}">'
    return f'<figure class="np-timelapse"><picture>{still}<img src="{source}" {box} alt="{alt}"></picture></figure>'
