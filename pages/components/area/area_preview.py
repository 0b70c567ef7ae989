"""An area that somebody brought and has not taken yet: looked at on the map first, and used or left.

It lives in the session alone. Whatever else becomes the area meanwhile overtakes it.
"""

from dataclasses import dataclass, replace

import streamlit as st

from pages.components.area.area_facts import area_facts, square_kilometres
from pages.components.shared import messages
from pages.components.shared.definition_list import heading
from pages.state import session as choices
from services.area import AOI, Feature, UploadedFeatures
from services.errors import AreaError
from services.text import clean_name

PLACE = "offer"
"""Where errors of taking it are shown."""
_OFFER, _ROUNDS, _NAME, _FEATURES = "offer", "offer_rounds", "offer_name", "offer_features"


@dataclass(frozen=True)
class _Offer:
    """What is offered, and what the person has chosen of it."""

    uploaded: AOI | UploadedFeatures
    before: AOI | None
    """The area that was chosen when it came."""
    found: AOI | AreaError
    """What comes of the selection, under its own name."""
    selection: tuple[int, ...] = ()
    """Numbers of features from 0; none is all of them."""
    name: str = ""
    """What the person calls it; empty as it calls itself."""

    @property
    def aoi(self) -> AOI | None:
        """As it would be used now."""
        if isinstance(self.found, AreaError):
            return None
        return self.found.called(self.name, self.found.notes) if self.name else self.found

    def choosing(self, selection: tuple[int, ...]) -> "_Offer":
        """With other features of it."""
        return replace(self, selection=selection, found=_found(self.uploaded, selection))


def offer(what: AOI | UploadedFeatures) -> None:
    """Show it on the map and in the panel, in the place of what was offered before."""
    _put(_Offer(what, choices.read().aoi, _found(what)))
    messages.forget()


def offered() -> AOI | None:
    """The area as it would be used now; None without an offer, or where the chosen features are no area together."""
    now = _now()
    return now.aoi if now is not None else None


def pending() -> bool:
    """Whether something is offered, of whatever use."""
    return _now() is not None


def rounds() -> int:
    """How many offers were taken or left: an input that brought one can begin anew with each."""
    return int(st.session_state.get(_ROUNDS, 0))


def take() -> None:
    """It is the area now. Where that fails, the reason is shown with the offer, which stays."""
    aoi = offered()
    if aoi is None:
        return
    with messages.caught(PLACE):
        choices.choose_area(aoi)
        _end()


def discard() -> None:
    """Offered no more."""
    st.session_state.pop(_OFFER, None)


def offer_panel() -> None:
    """What is offered: its name, features, figures and notes, to use or to leave. Nothing where nothing is."""
    now = _now()
    if now is None:
        return
    with st.container(key="offer", border=True):
        heading("Use this area?", level=3)
        features = now.uploaded.features if isinstance(now.uploaded, UploadedFeatures) else ()
        if features:
            _choose(now, features)
        if isinstance(now.found, AreaError):
            messages.tell(now.found)
        else:
            name = now.name or now.found.name
            st.text_input("Name of the area", name, key=choices.held(_NAME, name), max_chars=80, on_change=_rename)
            area_facts(now.found, "offer")
        messages.recall(PLACE)
        with st.container(horizontal=True, gap="small"):
            st.button("Use this area", type="primary", on_click=take, disabled=now.aoi is None)
            st.button("Leave it", on_click=_end)


def _choose(now: _Offer, features: tuple[Feature, ...]) -> None:
    labels = [_label(number, feature) for number, feature in enumerate(features, 1)]
    selection = list(now.selection)
    st.multiselect(
        f"Which of the {len(features):,} features",
        range(len(features)),
        selection,
        key=choices.held(_FEATURES, selection),
        format_func=labels.__getitem__,
        placeholder="All of them, joined",
        on_change=_select,
        help="Choose one or several by name; with none chosen, all of them are joined to one area.",
    )


def _label(number: int, feature: Feature) -> str:
    """Never the same for two features: the number is in it."""
    area = "no area by itself" if feature.area_km2 is None else square_kilometres(feature.area_km2)
    own = feature.name == f"Feature {number:,}"
    return f"{feature.name} · {area}" if own else f"{number:,}. {feature.name} · {area}"


def _select() -> None:
    now = _now()
    if now is not None:
        _put(now.choosing(tuple(sorted(st.session_state[_FEATURES]))))


def _rename() -> None:
    now = _now()
    if now is not None:
        _put(replace(now, name=clean_name(st.session_state[_NAME])))


def _found(what: AOI | UploadedFeatures, selection: tuple[int, ...] = ()) -> AOI | AreaError:
    try:
        return what if isinstance(what, AOI) else what.aoi(selection)
    except AreaError as error:
        return error


def _now() -> _Offer | None:
    """What is offered, unless the area has become another one since."""
    now: _Offer | None = st.session_state.get(_OFFER)
    if now is not None and now.before != choices.read().aoi:
        discard()
        return None
    return now


def _put(now: _Offer) -> None:
    st.session_state[_OFFER] = now


def _end() -> None:
    discard()
    st.session_state[_ROUNDS] = rounds() + 1
