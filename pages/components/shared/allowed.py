"""What the role of whoever is here allows, and the sentence in the place of what it does not."""

import streamlit as st

from pages.state.member import actor
from services.access import Role

ONLY_LOOKS = "You may look and download; a member may fetch this."


def may(role: Role = Role.MEMBER) -> bool:
    """Whether whoever is here is that or more; a member spends and saves. Raises NotAllowed for who is nobody."""
    return actor().role >= role


def may_change(owner: str) -> bool:
    """Whether they may change what belongs to `owner`."""
    who = actor()
    return who.role >= who.role_for(owner)


def only_looks() -> None:
    """In the place of a button that fetches."""
    st.caption(ONLY_LOOKS)
