"""The terminal and the web build the same Recipe from the same choices: one digest, paid for once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
import typer
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as some
from typer.testing import CliRunner

from pages.state.choices import choices_of
from pages.state.context import areas, forget
from services.area import parse_aoi
from services.recipe import MASKS, MAX_GROW, METHODS, Recipe
from services.sentinel2 import BANDS, COLLECTION
from services.settings import load_settings
from terminal.options import area_options, asks, date_options, picture_options
from terminal.question import Question
from terminal.vetoes import by_hand

AREAS = ("24.0, 60.5, 24.4, 60.7", "POLYGON ((179.75 -17.05, 180.1 -17.05, 180.25 -16.65, 179.9 -16.6, 179.75 -17.05))")
PROVIDERS = {
    "demo": "sentinel-2-l2a",
    "copernicus": "sentinel-2-l2a",
    "team": "byoc-0123",
}
"""Name and collection; the last one is of `settings.toml` below."""
OWN_COLLECTION = """
[[providers]]
name = "team"
base_url = "https://sh.example.org"
token_url = "https://sh.example.org/token"
collection = "byoc-0123"
"""
Ask = Callable[[list[str]], Question]


@dataclass(frozen=True)
class Typed:
    """The same choices as two people give them: in words of a command line, and in the texts of a link."""

    words: tuple[str, ...] = ()
    link: tuple[tuple[str, str], ...] = ()

    def __add__(self, other: "Typed") -> "Typed":
        return Typed((*self.words, *other.words), (*self.link, *other.link))


_LINKED = {"least-coverage": "coverage"}
"""What a link calls otherwise."""


def option(name: str, text: object) -> Typed:
    """One choice; but for those of _LINKED it is called the same in both."""
    return Typed((f"--{name}={text}",), ((_LINKED.get(name, name), str(text)),))


def days(start: date, length: int) -> Typed:
    """From a day on, so many: the last one is typed, and a link has the one after it."""
    end = start + timedelta(days=length)
    return Typed((f"--from={start}", f"--to={end - timedelta(days=1)}"), (("from", str(start)), ("to", str(end))))


def taken(keys: list[str]) -> Typed:
    """Dates that somebody wants whatever the limits say."""
    return Typed(tuple(f"--include={key}" for key in keys), (("include", "|".join(keys)),) if keys else ())


def left_out(keys: list[str], reason: str) -> Typed:
    """Dates that somebody does not want."""
    vetoes = "|".join(f"{key}~{reason}" for key in keys)
    return Typed(tuple(f"--veto={key}:{reason}" for key in keys), (("veto", vetoes),) if keys else ())


grids = some.one_of(
    some.sampled_from(["54x39", "18x12", "120x90"]).map(lambda spec: Typed((f"--split={spec}",), (("grid", spec),))),
    some.sampled_from(["3300", "600", "6000"]).map(lambda size: Typed((f"--tile-size={size}",), (("grid", size),))),
    some.just(Typed()),
)
starts = some.dates(date(2016, 1, 1), date(2025, 12, 31))
intervals = some.one_of(
    some.integers(2016, 2025).map(lambda year: option("year", year)), some.builds(days, starts, some.integers(1, 900))
)
bands = some.lists(some.sampled_from(list(BANDS)), min_size=1, unique=True).map(",".join)
pictures: dict[str, some.SearchStrategy[Any]] = {
    "radius": some.integers(0, 2),
    "maxcc": some.integers(0, 100),
    "bands": bands,
    "resolution": some.sampled_from([10, 20, 60]),
    "mask": some.sampled_from([name for name, preset in MASKS.items() if not preset.sources]),  # of any bands
    "method": some.sampled_from(list(METHODS)),
    "grow": some.integers(0, MAX_GROW),
    "least-coverage": some.integers(0, 100),
    "months": some.sampled_from(["6-8", "12-2", "3,9-11"]),
}
"""Each may be left out."""


@some.composite
def choices(draw: some.DrawFn) -> Typed:
    """Choices with which a picture can be made, some of them left out."""
    found = draw(grids) + draw(intervals)
    if draw(some.booleans()):
        found += option("centre", f"{draw(some.integers(0, 60))},{draw(some.integers(0, 60))}")
    named = draw(some.lists(some.sampled_from(list(pictures)), unique=True))
    if "mask" not in named:  # a link that names none is of before; a command begins with the present one
        found += option("mask", "clear")
    for name in named:
        found += option(name, draw(pictures[name]))
    return found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with a provider of its own."""
    (tmp_path / "settings.toml").write_text(OWN_COLLECTION)
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    monkeypatch.setenv("NINEPATCH_CLIENT_ID", "somebody")
    monkeypatch.setenv("NINEPATCH_CLIENT_SECRET", "something")
    st.cache_resource.clear()
    forget()
    yield tmp_path
    st.cache_resource.clear()
    forget()


def typed(words: tuple[str, ...]) -> Question:
    """What the terminal understands of these words, through its own options."""
    heard: list[Question] = []
    app = typer.Typer()
    app.command()(asks(area_options, date_options, picture_options)(heard.append))
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return heard[0]


def linked(texts: Mapping[str, str]) -> Recipe:
    """What the web makes of this link; one of today says the least coverage, where nobody chose it the setting's."""
    found, problems = choices_of({"coverage": str(load_settings().least_coverage)} | dict(texts))
    assert problems == ()
    recipe = found.recipe()
    assert recipe is not None
    return recipe


@bounded(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    area=some.sampled_from(AREAS),
    provider=some.sampled_from(list(PROVIDERS)),
    least=some.none() | some.integers(0, 100),
    chosen=choices(),
    evened=some.booleans(),
)
def test_the_words_of_a_command_and_a_link_are_one_question(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    area: str,
    provider: str,
    least: int | None,
    chosen: Typed,
    evened: bool,
) -> None:
    """Whatever the setting of the least coverage is, or where it is as it came."""
    monkeypatch.setenv("NINEPATCH_PROVIDER", provider)
    monkeypatch.delenv("NINEPATCH_LEAST_COVERAGE", raising=False)
    if least is not None:
        monkeypatch.setenv("NINEPATCH_LEAST_COVERAGE", str(least))
    st.cache_resource.clear()
    forget()
    kept = areas().keep(parse_aoi(area))
    if evened and PROVIDERS[provider] == COLLECTION:  # of a collection of one's own no angles are known
        chosen += Typed(("--nbar",), (("nbar", "1"),))
    asked = typed((f"--aoi={area}", *chosen.words)).recipe
    shown = linked({"area": kept, **dict(chosen.link)})
    assert asked == shown
    assert asked.digest == shown.digest
    if "coverage" not in dict(chosen.link):
        assert asked.least_coverage == (1 if least is None else least)
        assert choices_of({})[0].least_coverage == asked.least_coverage, "whoever comes without a link"
    assert (asked.provider, asked.collection) == (provider, PROVIDERS[provider])


@bounded(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chosen=intervals.map(lambda interval: interval + option("mask", "clear")),
    days_on=some.lists(some.integers(0, 899), min_size=1, max_size=4, unique=True),
    reason=some.sampled_from(["haze", "snow on the fields"]),
)
def test_dates_by_hand_are_one_question(home: Path, chosen: Typed, days_on: list[int], reason: str) -> None:
    kept = areas().keep(parse_aoi(AREAS[0]))
    interval = typed((f"--aoi={AREAS[0]}", *chosen.words)).recipe.interval
    length = (interval.end - interval.start).days
    dates = sorted({interval.start + timedelta(days=number % length) for number in days_on})
    there = [SimpleNamespace(key=f"S2A_R079_{day:%Y%m%d}T095031", date=day.isoformat()) for day in dates]
    both = chosen + left_out([one.key for one in there[1:]], reason) + taken([there[0].key])
    question = typed((f"--aoi={AREAS[0]}", *both.words))
    meant = question.veto, question.include
    asked = by_hand(question.recipe, *meant, lambda _: there)  # type: ignore[arg-type,return-value] # key and date
    assert [veto.acquisition for veto in asked.vetoes] == [one.key for one in there[1:]]
    assert asked.included == (there[0].key,)
    assert asked.digest == linked({"area": kept, **dict(both.link)}).digest


def test_another_collection_is_another_question(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = (f"--aoi={AREAS[0]}", "--year=2017")
    digests = set()
    for provider in PROVIDERS:
        monkeypatch.setenv("NINEPATCH_PROVIDER", provider)
        digests.add(typed(words).recipe.digest)
    ours = replace(typed(words), settings=load_settings()).recipe
    assert len(digests) == len(PROVIDERS) and ours.collection == "byoc-0123"


def test_a_mask_that_does_not_grow_has_no_growth(home: Path) -> None:
    words = (f"--aoi={AREAS[0]}", "--year=2017", "--mask=none")
    assert typed((*words, "--grow=3")).recipe == typed(words).recipe
