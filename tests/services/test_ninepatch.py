"""What the product says of an account without asking anybody."""

import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from services.accounting import CostEstimate
from services.accounting.entry import Entry
from services.errors import BudgetReached, CredentialsMissing
from services.grid import Lattice, TileIndex
from services.ninepatch import Ninepatch
from services.plan import Cost, Plan
from services.providers.sentinelhub import Account
from services.recipe import Interval, Recipe
from services.settings import load_settings
from tests.services.deployments import deployment
from tests.services.overpasses import random_frames
from tests.services.passes import passes
from tests.services.scenes import recipe

RECIPE = Recipe(Lattice(32635, 0.0, 0.0, 3300.0, 3300.0), TileIndex(1, 1), Interval.of_year(2017), "copernicus")


@pytest.mark.parametrize(
    ("held", "backlog", "words"),
    [
        (0.0, 0.0, ""),
        (0.0, 0.9, ""),
        (0.0, 1.0, "the account's limit of 300 requests and 1,200 units a minute"),
        (7.2, 30.0, "Ours asks to wait: about 8 s"),
        (119.5, 0.0, "Ours asks to wait: about 2 minutes"),
        (600.0, 0.0, "Ours asks to wait: about 10 minutes"),
    ],
)
def test_what_holds_a_fetch_back_is_said_in_a_few_words(
    held: float, backlog: float, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(home=tmp_path, provider="copernicus", client_id="us", client_secret="hush")
    ours = replace(deployment(settings), title="Ours", units_per_minute=1200.0)
    account = Account(ours, settings)
    monkeypatch.setattr(account, "rate_limiter", SimpleNamespace(held=held, backlog=backlog))
    monkeypatch.setattr(Ninepatch, "account", lambda self, recipe: account)
    assert Ninepatch(load_settings(home=tmp_path)).waiting(RECIPE) == words


def test_an_account_that_is_not_there_holds_nothing_back(tmp_path: Path) -> None:
    product = Ninepatch(load_settings(home=tmp_path))
    with pytest.raises(CredentialsMissing):
        product.account(RECIPE)
    assert product.waiting(RECIPE) == ""


def test_a_quote_counts_what_the_member_and_the_team_have_spent(tmp_path: Path) -> None:
    product = Ninepatch(load_settings(home=tmp_path, budget_member_units=100))
    for member, units in (("anna", 100.0), ("bert", 50.0)):
        product.ledger.reserve(Entry("copernicus", "S2A_1", 1, 1, ("B04",), units, units, member=member))
    nothing = Plan((), 8, 8)
    assert product.quote(RECIPE, nothing, "anna") == CostEstimate(
        Cost(), Cost(150.0, 2), 10_000.0, 0.0, confirm=False, refusal=None, quota_requests=10_000
    )
    some = SimpleNamespace(cost=Cost(1.0, 1))
    refusal = product.quote(RECIPE, some, "anna").refusal  # type: ignore[arg-type] # as much of a plan as it needs
    assert isinstance(refusal, BudgetReached)
    assert product.quote(RECIPE, some, "bert").refusal is None  # type: ignore[arg-type] # the same


def test_what_pages_are_shown_is_made_of_the_cache_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    question = recipe(px=12, maxcc=10)
    found = passes(question, [8.0, 20.0])
    monkeypatch.setattr("services.ninepatch.cached_search", lambda *question: found)
    product = Ninepatch(load_settings(home=tmp_path))
    for key, planes in random_frames(question, found).planes.items():
        product.frames.write(key, planes)
    preview = product.preview_service.preview(question, "true")
    assert (preview.side, preview.numbers.dates, preview.simulated) == (1000, 1, True)
    assert product.previews.file(preview.digest, preview.picture) is not None
    assert product.preview_service.preview(question, "true", with_counts=True).counts
    assert product.preview_service.curve(question).points[20].dates == 2
    assert [face.kept for face in product.preview_service.dates(question)] == [True, False]
    assert product.preview_service.thumbnail(question, found[1].key, "true") is not None
    assert not (tmp_path / "results").exists()


def test_there_is_one_darkroom_however_many_threads_want_it_first(tmp_path: Path) -> None:
    product = Ninepatch(load_settings(home=tmp_path))
    start, found = threading.Barrier(8), []

    def want() -> None:
        start.wait(20)
        found.append(product.compositor)

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_its_memory_is_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    question = recipe(px=300, maxcc=100, bands=("B04", "B03", "B02"))
    found = passes(question, [float(cover) for cover in range(12)])
    monkeypatch.setattr("services.ninepatch.cached_search", lambda *question: found)
    product = Ninepatch(load_settings(home=tmp_path, memory_mb=50))
    for key, planes in random_frames(question, found).planes.items():
        product.frames.write(key, planes)
    product.preview_service.preview(question, "true")
    assert 40 * 10**6 < product.compositor.bytes <= 50 * 10**6
