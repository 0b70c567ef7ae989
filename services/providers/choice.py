"""Which provider is asked where nobody names one: open data whose catalogue answers, else the demo archive."""

import time
from collections.abc import Iterable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from functools import lru_cache
from threading import Thread

from services.errors import ProviderError, SettingsError
from services.providers.base import Provider
from services.providers.http import Connection, is_loopback
from services.providers.registry import all_providers
from services.recipe import Interval
from services.settings import AUTO, DEMO, OPEN, Settings
from services.text import quoted

SECONDS = 3.0
"""How long all catalogues together have to answer, so long a start waits at most."""
_MOST_BYTES = 4 * 10**6
"""Of a landing page; those of large catalogues link each of their collections."""


@dataclass(frozen=True)
class Default:
    """The provider of questions that name none."""

    provider: Provider
    why: str
    """A sentence for people."""


def default_provider(settings: Settings, name: str = "") -> Default:
    """The one of that name, else of the settings; `auto` and `open` look which catalogue answers, once a process.

    Raises SettingsError where there is none of that name.
    """
    wanted, found = name or settings.provider, all_providers(settings)
    if wanted not in (AUTO, OPEN):
        named = {provider.name: provider for provider in found}
        if wanted not in named:
            raise _unknown(wanted, named)
        return Default(named[wanted], f"{named[wanted].title} is what the settings name.")
    catalogues = [provider for provider in found if provider.open_data]
    answered = _first_answer(tuple(catalogue.base_url for catalogue in catalogues))
    if answered is not None:
        number, seconds = answered
        return Default(
            catalogues[number], f"{catalogues[number].title} answered in {seconds:.1f} s and is the default."
        )
    silence = f"No open catalogue answered within {SECONDS:.0f} s"
    if wanted == AUTO:
        demo = next(provider for provider in found if provider.name == DEMO)
        return Default(
            demo,
            f"{silence}, so the demo archive is used: simulated pixels. NINEPATCH_PROVIDER=open asks one all the same.",
        )
    if not catalogues:
        raise _unknown(OPEN, (provider.name for provider in found))
    return Default(
        catalogues[0], f"{silence}; {catalogues[0].title} is asked nevertheless: the settings want open data."
    )


def find_provider(settings: Settings, name: str = "") -> Provider:
    """As `default_provider`, without the reason."""
    return default_provider(settings, name).provider


def without_gaps(settings: Settings, asked: Provider, interval: Interval) -> tuple[Provider, ...]:
    """The other open catalogues that have all of the days, where the one that is asked has not."""
    if not asked.gaps(interval):
        return ()
    others = (one for one in all_providers(settings) if one.open_data and one.name != asked.name)
    return tuple(one for one in others if not one.gaps(interval))


def _unknown(name: str, known: Iterable[str]) -> SettingsError:
    return SettingsError(
        f"There is no provider {quoted(name)}; known are {', '.join(known)}.",
        "Choose one of these with NINEPATCH_PROVIDER or --provider, or set NINEPATCH_BASE_URL and NINEPATCH_TOKEN_URL "
        "too.",
    )


@lru_cache(maxsize=16)
def _first_answer(addresses: tuple[str, ...]) -> tuple[int, float] | None:
    """Number of the first address, in this order, that answers in time, and its seconds; None where none does.

    All are asked at once, in threads that keep no program from ending: a look-up of a name knows no deadline.
    """
    deadline = time.monotonic() + SECONDS
    for number, answer in enumerate([_asked(address) for address in addresses]):
        try:
            seconds = answer.result(max(0.0, deadline - time.monotonic()))
        except TooLate:
            continue
        if seconds is not None:
            return number, seconds
    return None


def _asked(address: str) -> "Future[float | None]":
    answer: Future[float | None] = Future()
    Thread(target=lambda: answer.set_result(_seconds_of(address)), name="probe", daemon=True).start()
    return answer


def _seconds_of(address: str) -> float | None:
    """How long the landing page of a catalogue took; None where that is not what is there."""
    connection = Connection("A catalogue", 1, str, proxies=not is_loopback(address))
    try:
        answer = connection.exchange("GET", address, time.monotonic() + SECONDS, most=_MOST_BYTES)
        landing = answer.json()
    except ProviderError:
        return None
    finally:
        connection.close()
    return answer.seconds if answer.status == 200 and isinstance(landing, dict) and "stac_version" in landing else None
