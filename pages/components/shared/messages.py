"""The one place that turns errors into what people see: a title of ours, the cause and the remedy as plain text."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

import streamlit as st

from services import errors
from services.cache import MissingFrame
from services.errors import NinepatchError

log = logging.getLogger(__name__)

ONLY_LOOKS = "You may look and download; a member may fetch this."
_KEPT = "messages"
TITLES: dict[type[NinepatchError], str] = {
    errors.AreaError: "This area cannot be used",
    errors.GridError: "This grid cannot be made",
    errors.RecipeError: "This choice is not possible",
    errors.SettingsError: "The configuration is not usable",
    errors.EmptyIntervalError: "No acquisitions",
    errors.NothingUnderLimitError: "Nothing under the max. cloud cover",
    errors.CredentialsMissing: "No account is set up",
    errors.CredentialsRefused: "The account was refused",
    errors.ProviderUnreachable: "The provider cannot be reached",
    errors.QuotaSpent: "The quota is used up",
    errors.RequestRefused: "The provider refused the request",
    errors.ServiceFailed: "The provider failed",
    errors.BadResponse: "The provider's answer is not usable",
    errors.AcquisitionGone: "A file of that date is gone",
    errors.JobError: "There is no such job",
    errors.OrderError: "This cannot be ordered",
    errors.LibraryError: "The library cannot do this",
    errors.GalleryError: "The gallery cannot do this",
    errors.CapacityExceeded: "This is too large for this machine",
    errors.BudgetReached: "A budget is used up",
    errors.MonthReached: "A budget is used up",
    errors.NotAllowed: "This is not for you to do",
    MissingFrame: "Not all of it is in the cache",
    errors.StoreUnreachable: "The store cannot be reached",
    errors.StorageError: "The disk cannot be used",
    errors.ClusterUnreachable: "The cluster cannot be reached",
    errors.Cancelled: "Cancelled",
}
"""What stands above the sentences; of an error that is not here, the title of the nearest class above it."""


def title_of(error: NinepatchError) -> str:
    """The title of its class."""
    return next((TITLES[kind] for kind in type(error).__mro__ if kind in TITLES), "This did not work")


def only_looks() -> None:
    """In the place of a button that fetches, for a viewer."""
    st.caption(ONLY_LOOKS)


def tell(error: NinepatchError) -> None:
    """Show an error where the script is; the log knows which file or folder it is about."""
    if error.place:
        log.warning("%s", error)
    say(title_of(error), error.cause, error.remedy, kind="problem")


def say(title: str, *sentences: str, kind: str = "hint") -> None:
    """Show sentences as plain text under a title of our own; `kind` is hint or problem."""
    with st.container(gap=None):
        role = "alert" if kind == "problem" else "status"
        st.html(f'<p class="np-message np-{kind}" role="{role}">{escape(title)}</p>')
        for sentence in sentences:
            if sentence:
                st.text(sentence)


@contextmanager
def told() -> Iterator[None]:
    """Whatever goes wrong inside is shown here, and the script goes on after it."""
    try:
        yield
    except NinepatchError as error:
        tell(error)


@contextmanager
def caught(place: str) -> Iterator[None]:
    """For callbacks: what goes wrong inside is shown by `recall(place)`, beside the input that it was made with."""
    kept: dict[str, NinepatchError] = st.session_state.setdefault(_KEPT, {})
    kept.pop(place, None)
    try:
        yield
    except NinepatchError as error:
        kept[place] = error


def recall(place: str) -> None:
    """Show what went wrong last with that input, if it did."""
    error = st.session_state.get(_KEPT, {}).get(place)
    if error is not None:
        tell(error)


def forget() -> None:
    """The inputs were overtaken by another one: their errors do not matter any more."""
    st.session_state.pop(_KEPT, None)


def fault(error: Exception) -> bool:
    """A fault of the program: people see a number, the log has the rest."""
    number = uuid.uuid4().hex[:8]
    log.error("fault %s of a page", number, exc_info=error)
    say(
        "The program met a fault of its own",
        f"Load the page again; your choices are in its address. If it comes back, report the number {number}.",
        kind="problem",
    )
    return True
