"""Where pixels come from: open data, the demo archive, or an account; what each is and costs."""

import streamlit as st

from pages.state import session
from pages.state.choices import Choices
from pages.state.context import default, settings
from services.providers import Provider, all_providers

_KEY, _TAKEN = "provider", "provider_taken"


def provider_picker(chosen: Choices) -> None:
    """One of those that can be asked; another one writes the whole page anew. Closed once there is an area."""
    if st.session_state.pop(_TAKEN, False):
        st.rerun()
    offered = {one.name: one for one in offers(chosen.provider)}
    begins = chosen.aoi is None
    with st.expander(f"Pixels from **{label(offered[chosen.provider])}**", expanded=begins, key=f"provider_{begins}"):
        st.radio(
            "Pixels from",
            tuple(offered),
            key=session.held(_KEY, chosen.provider),
            format_func=lambda name: label(offered[name]),
            captions=[one.about for one in offered.values()],
            on_change=_take,
            label_visibility="collapsed",
        )
        if chosen.provider == default().provider.name:
            st.caption(default().why)


def offers(chosen: str) -> list[Provider]:
    """Open data first, then the demo archive, then the accounts; the chosen one always, though it has no account."""
    found = [one for one in all_providers(settings()) if one.ready or one.name == chosen]
    return sorted(found, key=lambda one: (not one.open_data, not one.simulated))


def label(provider: Provider) -> str:
    """Its title, and what kind of source it is."""
    if provider.open_data:
        return f"Open data: {provider.title}"
    return f"{provider.title} ({'simulated' if provider.simulated else 'account'})"


def _take() -> None:
    session.take("provider", _KEY)
    st.session_state[_TAKEN] = True
