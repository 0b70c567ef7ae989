"""Orders in the terminal: the list, what one does to one, and the exit status that says how it ended."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer

import cli
from services.catalogue import join
from services.errors import AreaError, OrderError, RecipeError
from services.export.result_store import recipe_text
from services.grid import Lattice, TileBlock, TileIndex
from services.orders import OUTPUTS, USUAL_OUTPUTS, Order, OrderRow, OrderStore, Sheet
from services.recipe import Interval, Recipe, Veto
from services.settings import Settings
from services.storage import Database
from terminal.order.asking import NAMES, _by_hand, order_of
from terminal.order.changing import cancel, pause, remove, resume, retry
from terminal.order.following import STATUS
from terminal.order.looking import export, listed, report, status
from terminal.order.words import with_angles_said, with_limits_said
from terminal.output import say
from terminal.question import Question
from tests.actors import a_member
from tests.services.granule_items import item

LATTICE = Lattice(32635, 0.0, 0.0, 3300.0, 3300.0)
RECIPE = Recipe(LATTICE, TileIndex(100, 2000), Interval.of_year(2017), radius=0)
SHEET = Sheet.of(LATTICE, (TileIndex(100 + x, 2000 + y) for x in range(4) for y in range(3)))
OTHER_SHEET = Sheet.of(LATTICE, (TileIndex(100 + x, 2000 + y) for x in range(3) for y in range(4)))
BLOCK = TileBlock(LATTICE, TileIndex(100, 2000), 4, 3)
BOX = "24.0, 60.5, 24.4, 60.7"
Said = Callable[..., dict[str, Any]]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OrderStore:
    """Of the home that the terminal uses."""
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "250")
    return OrderStore(Database(tmp_path))


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """What a machine reads of a command."""

    def run(command: Callable[..., None], *words: Any, **options: Any) -> dict[str, Any]:
        command(*words, **options, as_json=True)
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return run


def ordered(store: OrderStore, state: str = "queued") -> OrderRow:
    """One of 4 × 3 tiles in two parts, in that state."""
    row = store.submit(Order.of(RECIPE, [SHEET]), a_member("anna"), cap=100.0, share=0.8)
    if state == "queued":
        return row
    assert store.claim("w") is not None
    place = {"epsg": 32635, "y": 2000, "columns": 2, "rows": 3, "tiles": 6}
    parts = [{"number": 0, "x": 100, "state": "done"} | place, {"number": 1, "x": 102, "state": "failed"} | place]
    store.put_parts(row.id, parts, "w")
    store.part(row.id, 1, "w", cause="The service kept failing.", remedy="Try again later.", attempts=3)
    if state != "running":
        store.finish(row.id, state, by="w")
    return store.found(row.id)


def test_orders_of_all_members_are_listed(store: OrderStore, said: Said, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(listed) == {"orders": []}
    row = ordered(store)
    (found,) = said(listed)["orders"]
    assert (found["id"], found["member"], found["state"], found["tiles"]) == (row.id, "anna", "queued", 12)
    assert (found["cap"], found["what"]) == (100.0, "2017, at most 10 %")
    assert not {"spec", "run", "worker"} & set(found)
    listed()
    assert row.id in capsys.readouterr().out


def test_those_of_the_same_tiles_are_listed_by_year_and_limit(store: OrderStore, said: Said) -> None:
    row = ordered(store)
    questions = (("strict", 10, SHEET), ("clear", 40, SHEET), ("clear", 5, SHEET), ("clear", 20, OTHER_SHEET))
    for mask, maxcc, sheet in questions:
        order = Order.of(RECIPE.with_(mask=mask, maxcc=maxcc), [sheet])
        store.submit(order, a_member("anna"), cap=0, share=1)
    found = [order["what"] for order in said(listed, like=row.id)["orders"]]
    assert found == [f"2017, at most {limit} %" for limit in (5, 10, 40, 10)], "what differs otherwise comes last"
    with pytest.raises(OrderError, match="no order"):
        said(listed, like="0" * 16)


def test_an_order_is_paused_goes_on_and_is_cancelled(store: OrderStore, said: Said) -> None:
    key = ordered(store).id
    assert said(pause, key)["state"] == "paused"
    assert said(resume, key, cap=50.0, share=50)["state"] == "queued"
    assert (store.found(key).cap, store.found(key).share) == (50.0, 0.5)
    assert said(cancel, key)["state"] == "cancelled"
    with pytest.raises(OrderError, match="no order"):
        said(cancel, "0" * 16)


def test_an_order_that_has_ended_is_removed_with_its_files_and_can_be_ordered_again(
    store: OrderStore, said: Said, tmp_path: Path
) -> None:
    row = ordered(store, "gaps")
    folder = tmp_path / "orders" / row.id / "tiles"
    folder.mkdir(parents=True)
    (folder / "x.tif").touch()
    with pytest.raises(OrderError, match="Nobody sits at the terminal"):
        said(remove, row.id)
    assert said(remove, row.id, yes=True) == {"id": row.id, "state": "removed"}
    assert not folder.parent.exists() and said(listed) == {"orders": []} and store.parts(row.id) == ()
    with pytest.raises(OrderError, match="no order"):
        said(cancel, row.id)
    again = ordered(store)
    assert (again.state, again.units, again.parts) == ("queued", 0.0, 0)
    with pytest.raises(OrderError, match="has not ended: it is queued") as caught:
        said(remove, row.id, yes=True)
    assert caught.value.remedy == "Cancel it first."


def test_what_failed_is_tried_again(store: OrderStore, said: Said) -> None:
    key = ordered(store, "gaps").id
    assert said(retry, key, failed=True)["state"] == "queued"
    assert [part.state for part in store.parts(key)] == ["done", "waiting"], "what is done stays done"


@pytest.mark.parametrize(("state", "code"), STATUS.items())
def test_the_exit_status_says_how_it_ended(store: OrderStore, state: str, code: int) -> None:
    key = ordered(store, state).id
    if code == 0:
        status(key)
        return
    with pytest.raises(typer.Exit) as ended:
        status(key)
    assert ended.value.exit_code == code


def test_an_order_that_goes_on_is_no_failure(store: OrderStore, capsys: pytest.CaptureFixture[str]) -> None:
    key = ordered(store, "running").id
    status(key)
    seen = capsys.readouterr()
    assert f"{key} Area: running" in seen.out and "12 of 12 tiles" in seen.out
    assert "part 1: The service kept failing. Try again later." in seen.err


def test_gaps_and_what_is_not_allowed_are_told_apart() -> None:
    said = cli.__doc__ or ""
    assert "7 done with gaps" in said and "8 not allowed" in said and STATUS["gaps"] == 7


def test_a_limit_that_a_provider_does_not_have_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    say(with_limits_said({"month_quota_percent": None, "months": 0}), as_json=False)
    assert [line.split("  ", 1)[1].strip() for line in capsys.readouterr().out.splitlines()] == ["no limit", "0"]


def test_that_view_angles_are_evened_out_is_said_where_they_are(
    store: OrderStore, said: Said, capsys: pytest.CaptureFixture[str]
) -> None:
    bill = {"nbar": True, "angle_requests": 1200, "angle_units": 16.0, "months": 1}
    assert with_angles_said(bill) == {
        "months": 1,
        "view_angles": "evened out (NBAR), 1,200 small requests more: 16.0 units",
    }
    assert with_angles_said(bill | {"angle_requests": 0})["view_angles"] == "evened out (NBAR)"
    assert with_angles_said(bill | {"nbar": False}) == {"months": 1}
    for question in (RECIPE, RECIPE.with_(nbar=True)):
        key = store.submit(Order.of(question, [SHEET]), a_member("anna"), cap=0.0, share=0.8).id
        assert said(report, key)["nbar"] is question.nbar
        report(key)
        assert ("view angles evened out (NBAR)" in capsys.readouterr().out) is question.nbar


def over(**words: Any) -> Order:
    """What the words of `order estimate` make."""
    question = Question(settings=Settings.model_construct(provider="demo"), whole=True, **words)
    return order_of(question, "mosaic", 0)


def test_a_recipe_file_is_asked_of_the_whole_area(tmp_path: Path) -> None:
    veto = Veto("S2A_R079_20170607T095031", "haze")
    asked = RECIPE.with_(maxcc=33, bands=("B04",), method="medoid", vetoes=(veto,), radius=1, provider="demo")
    path = tmp_path / "recipe.json"
    path.write_text(recipe_text(asked))
    order = over(recipe_file=path, aoi=BOX)
    assert order.sheets[0].lattice == RECIPE.lattice, "in tiles of the same size"
    assert order.recipe == asked.with_(
        radius=0, area=order.name, lattice=order.sheets[0].lattice, centre=order.sheets[0].tiles[0]
    )
    assert over(recipe_file=path, aoi=BOX, maxcc=5, tile_size=600).recipe.maxcc == 5
    assert over(recipe_file=path, aoi=BOX, split="4x3").tiles == 12
    path.write_text(recipe_text(asked.with_(lattice=Lattice(32635, 1.0, 0.0, 3300.0, 3300.0))))
    with pytest.raises(RecipeError, match="columns × rows of its own area") as raised:
        over(recipe_file=path, aoi=BOX)
    assert "--split" in raised.value.remedy


def test_dates_are_left_out_and_taken_in_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the passes over all zones, each of which is known by its day."""
    days = [join([item(BLOCK.bounds, datatake=f"201706{day:02d}T095031")], BLOCK)[0] for day in (7, 9)]
    product = SimpleNamespace(orders=SimpleNamespace(dates=lambda order, name, tell: (*days, days[0])[:2]))
    question = Question(settings=Settings.model_construct(), veto=[f"{days[0].key}:haze"], include=[days[1].key])
    order = _by_hand(product, Order.of(RECIPE, [SHEET]), question, "anna")  # type: ignore[arg-type]
    assert order.recipe.vetoes == (Veto(days[0].key, "haze"),) and order.recipe.included == (days[1].key,)
    assert order.sheets == (SHEET,)
    unknown = Question(settings=Settings.model_construct(), veto=["2016-01-01"])
    with pytest.raises(RecipeError, match="is no acquisition in 2017"):
        _by_hand(product, order, unknown, "anna")  # type: ignore[arg-type]


def test_an_area_too_wide_for_one_zone_is_ordered_with_a_grid_in_each() -> None:
    words: dict[str, Any] = {"aoi": "23.9, 60.0, 31.1, 60.002", "year": 2017, "whole": True}
    question = Question(settings=Settings.model_construct(provider="demo", max_reach_km=200.0), **words)
    with pytest.raises(AreaError, match="too wide for one grid") as raised:
        order_of(question, "mosaic", 0)
    assert "a grid for each UTM zone (`--zones` in the terminal)" in raised.value.remedy
    order = order_of(question, "mosaic", 0, zones=True)
    assert [sheet.lattice.epsg for sheet in order.sheets] == [32634, 32635, 32636]
    with pytest.raises(RecipeError, match="cut one UTM zone"):
        order_of(replace(question, split="4x3"), "mosaic", 0, zones=True)


def test_what_can_be_made_is_what_an_order_can_make() -> None:
    assert NAMES.split(", ") == list(OUTPUTS) and set(USUAL_OUTPUTS) <= set(OUTPUTS)


def test_an_exported_tile_has_its_item_beside_it(store: OrderStore, said: Said, tmp_path: Path) -> None:
    row = ordered(store, "done")
    folder = tmp_path / "orders" / row.id / "tiles" / "32635"
    folder.mkdir(parents=True)
    for name in ("x100_y2000.tif", "x100_y2000.json"):
        (folder / name).write_text(name)
    files = said(export, row.id, out=tmp_path / "out")["files"]
    names = {str(Path(file).relative_to(tmp_path / "out")) for file in files}
    assert names == {"order.json", "tiles/32635/x100_y2000.tif", "tiles/32635/x100_y2000.json"}
    assert Order.from_json((tmp_path / "out" / "order.json").read_text()) == row.order
