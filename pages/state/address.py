"""Choices in the address: one value in the session, and the texts of a link that opens the same."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Generic, Protocol, TypeVar

import streamlit as st

from services.errors import NinepatchError, RecipeError

_SETTLE_SECONDS = 1.0
"""An address that comes so soon after our own change was sent before the browser knew of it."""
Problems = tuple[NinepatchError, ...]


class Linkable(Protocol):
    """What can stand in a link."""

    def question(self) -> dict[str, str]:
        """As the texts of a link, without what is as at the start."""


Value = TypeVar("Value")
Linked = TypeVar("Linked", bound=Linkable)


class Addressed(Generic[Linked]):
    """A value of the session that the address shows; `take` makes one of the texts of a link, with its problems."""

    def __init__(
        self, name: str, keys: Collection[str], take: Callable[[Mapping[str, str]], tuple[Linked, Problems]]
    ) -> None:
        """`keys` are the names in a link that are its own; others stay as they are, like the number of a job."""
        self._name, self._keys, self._take = name, frozenset(keys), take

    def read(self) -> Linked:
        """As it is now; at the start of a session that of its link."""
        if self._name not in st.session_state:
            self._open(st.query_params.to_dict())
        value: Linked = st.session_state[self._name]
        return value

    def put(self, value: Linked) -> None:
        """Choose it, and show it in the address."""
        st.session_state[self._name], st.session_state[f"{self._name}_problems"] = value, ()
        st.session_state[f"{self._name}_changed"] = time.monotonic()
        self._show()

    def problems(self) -> Problems:
        """What could not be used of the link, as one error; empty where all could."""
        found: Problems = st.session_state.get(f"{self._name}_problems", ())
        if len(found) < 2:
            return found
        causes = " ".join(error.cause for error in found)
        return (RecipeError(causes, "The rest of the link is used; what is missing was left as at the start."),)

    def address(self) -> dict[str, str]:
        """As the query of a link."""
        return self.read().question()

    def follow_address(self) -> None:
        """Once in every run: go where a link or the browser's way back leads, and show in the address what is chosen.

        An address that says nothing of it leads back to what was chosen last.
        """
        here = {key: text for key, text in st.query_params.to_dict().items() if key in self._keys}
        settled = time.monotonic() - st.session_state.get(f"{self._name}_changed", 0.0) > _SETTLE_SECONDS
        if here and here != self.address() and settled:
            self._open(here)
        self._show()

    def linked(self) -> Linked | None:
        """The value that the last link or way back brought; None where there was none, or it is forgotten."""
        self.read()
        value: Linked | None = st.session_state.get(f"{self._name}_linked")
        return value

    def forget_link(self) -> None:
        """What it brought counts as chosen here."""
        self.read()
        st.session_state[f"{self._name}_linked"] = None

    def _open(self, link: Mapping[str, str]) -> None:
        st.session_state[self._name], st.session_state[f"{self._name}_problems"] = self._take(link)
        brought = st.session_state[self._name] if self._keys.intersection(link) else None
        st.session_state[f"{self._name}_linked"] = brought

    def _show(self) -> None:
        here = st.query_params.to_dict()
        wanted = {key: text for key, text in here.items() if key not in self._keys} | self.address()
        if here != wanted:
            st.query_params.from_dict(wanted)


def from_link(
    start: Value, link: Mapping[str, str], readers: Mapping[str, Callable[[Value, str], Value]]
) -> tuple[Value, Problems]:
    """What a link says, by the reader of each name; a reader of `from+to` gets both texts with a stroke between.

    What cannot be used is left as at the start, and the reasons come with it.
    """
    value, problems = start, list[NinepatchError]()
    for key, read in readers.items():
        texts = [link.get(part, "") for part in key.split("+")]
        try:
            value = read(value, "/".join(texts)) if all(texts) else value
        except NinepatchError as error:
            problems.append(error)
        except (ValueError, OverflowError):
            said = f"{key}={'/'.join(texts)[:40]}"
            problems.append(RecipeError(f"The link says {said}, which is not usable.", "It was left as at the start."))
    return value, tuple(problems)


def within(text: str, allowed: range) -> int:
    """A whole number of that range. Raises ValueError."""
    if int(text) not in allowed:
        raise ValueError(text)
    return int(text)


def one_of(text: str, names: Collection[str]) -> str:
    """One of these names. Raises ValueError."""
    if text not in names:
        raise ValueError(text)
    return text
