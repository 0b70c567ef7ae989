"""What one machine made of an order another one has, by a bucket that both reach."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.engines import PartReceipt, TileReceipt, hand_on
from services.errors import StorageError, StoreUnreachable
from services.grid import Lattice, TileIndex
from services.orders import Order, PartRow, Sheet, made_area, whole_files
from services.orders.transfer import LIST, Transfers, bring_made, discard_made, hand_on_made
from services.recipe import Interval, Recipe
from services.settings import Settings
from services.storage import object_store
from services.storage.objects import s3
from tests.ports import free_port
from tests.services.buckets import endpoint, with_bucket

__all__ = ["endpoint"]
LATTICE = Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 600.0)
RECIPE = Recipe(LATTICE, TileIndex(0, 0), Interval(date(2018, 6, 1), date(2018, 7, 1)))
TILES = [TileIndex(x, 0) for x in range(4)]
ORDER = Order.of(RECIPE, [Sheet.of(LATTICE, TILES)], outputs=("mosaic", "eopatches", "zarr"))


def part(number: int, *tiles: TileIndex, state: str = "done") -> PartRow:
    """With the receipts of its tiles."""
    receipt = PartReceipt(ORDER.digest, number, tuple(TileReceipt(32635, tile.x, tile.y) for tile in tiles))
    return PartRow(
        *(f"{ORDER.digest}-{number}", ORDER.digest, number, 32635, tiles[0].x, 0, 2, 1, len(tiles), state, 1),
        *(0.0, 0, "", "", receipt.to_json(), None),
    )


PARTS = [part(0, *TILES[:2]), replace(part(1, TILES[3]), receipt="")]
"""The second one was written by another version, and its tiles are not known."""


def write(settings: Settings, **changed: str) -> dict[str, bytes]:
    """What a machine has once an order is done; files and their bytes."""
    folder = made_area(ORDER, settings.home).folder
    tiles = {f"tiles/32635/x{tile.x}_y0{suffix}": str(tile) for tile in TILES[:2] for suffix in (".tif", ".zip")}
    whole = {"mosaic_32635.tif": "m", "cube_32635.zarr/B04/c/0": "z", "tiles/32635/x0_y0.json": "item"} | changed
    for name, text in (tiles | whole).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for name in (".making/half.tif", "overview_32635.lock"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    hand_on(settings, [f"orders/{ORDER.digest}/{name}" for name in tiles])
    return {name: text.encode() for name, text in (tiles | whole).items()}


def there(settings: Settings) -> dict[str, bytes]:
    """All files of the order but for the list."""
    folder = made_area(ORDER, settings.home).folder
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != LIST)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def machines(endpoint: str, tmp_path: Path) -> tuple[Settings, Settings]:
    """Two homes, one bucket."""
    one, two = (with_bucket(endpoint, tmp_path.name, home=tmp_path / name) for name in ("one", "two"))
    return one, two


def test_tiles_come_by_the_receipts_and_the_rest_once_the_order_has_ended(machines: tuple[Settings, Settings]) -> None:
    one, two = machines
    made = write(one)
    bring_made(ORDER, PARTS, two)
    tiles = {name: data for name, data in made.items() if name.endswith(("y0.tif", "y0.zip"))}
    assert there(two) == tiles and len(tiles) == 4
    hand_on_made(ORDER, one)
    bring_made(ORDER, PARTS, two)
    assert there(two) == made
    assert set(whole_files(ORDER, two.home)) == {"mosaic_32635.tif", "cube_32635.zarr"}


def test_only_what_is_new_travels_again(machines: tuple[Settings, Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = machines
    write(one)
    hand_on_made(ORDER, one)
    bring_made(ORDER, PARTS, two)
    made, put, got = write(one, **{"mosaic_32635.tif": "with gaps filled"}), list[str](), list[str]()
    monkeypatch.setattr(s3.S3Objects, "put", noting(put, s3.S3Objects.put))
    monkeypatch.setattr(s3.S3Objects, "chunks", noting(got, s3.S3Objects.chunks))
    hand_on_made(ORDER, one)
    bring_made(ORDER, PARTS, two)
    bring_made(ORDER, PARTS, two)
    assert there(two) == made
    assert put == [f"orders/{ORDER.digest}/{name}" for name in ("mosaic_32635.tif", LIST)] and got == put[:1]


def noting(names: list[str], method: Callable[..., Any]) -> Callable[..., Any]:
    """Which objects are asked for."""

    def noted(self: s3.S3Objects, name: str, *words: object, **named: object) -> Any:
        names.append(name)
        return method(self, name, *words, **named)

    return noted


def test_what_has_come_half_comes_whole_another_time(machines: tuple[Settings, Settings]) -> None:
    one, two = machines
    made = write(one)
    hand_on_made(ORDER, one)
    bring_made(ORDER, PARTS, two)
    folder = made_area(ORDER, two.home).folder
    (folder / "mosaic_32635.tif").unlink()
    bring_made(ORDER, PARTS, two)
    assert there(two) == made and json.loads((folder / LIST).read_text()).keys() == made.keys() - {
        name for name in made if name.endswith(("y0.tif", "y0.zip"))
    }


def test_a_removed_order_goes_from_the_bucket_and_from_each_machine(machines: tuple[Settings, Settings]) -> None:
    one, two = machines
    made = write(one)
    stored = hand_on_made(ORDER, one)
    assert stored == sum(map(len, made.values()))
    bring_made(ORDER, PARTS, two)
    store = object_store(one)
    assert store is not None
    store.put("orders/other/tiles/x.tif", b"another's")
    assert {f"orders/{ORDER.digest}/{name}" for name in (*made, LIST)} == set(store.names(f"orders/{ORDER.digest}/"))
    discard_made(ORDER.digest, one, everywhere=True)
    assert list(store.names("orders/")) == ["orders/other/tiles/x.tif"]
    assert there(one) == {} and there(two) == made
    for _ in range(2):
        discard_made(ORDER.digest, two, everywhere=False)
    assert not made_area(ORDER, two.home).folder.exists()


@pytest.mark.parametrize(
    "told",
    [
        "",
        "no JSON",
        '["mosaic_32635.tif"]',
        '{"mosaic_32635.tif": "1"}',
        '{"mosaic_32635.tif": true}',
        '{"../../x": 1}',
        '{"tiles/../../x": 1}',
        '{"": 1, ".": 1}',
        '{"/tmp/x": 1}',
        '{"link/x": 1}',
        '{"last": 1}',
        '{"zero\\u0000": 1}',
        '{"nothing//x": 1}',
    ],
)
def test_a_list_that_leads_elsewhere_is_refused_before_anything_is_written(
    machines: tuple[Settings, Settings], told: str
) -> None:
    """Somebody else wrote to the bucket."""
    _, two = machines
    folder, elsewhere = made_area(ORDER, two.home).folder, two.home / "elsewhere"
    for place in (folder, elsewhere):
        place.mkdir(parents=True)
    (folder / "link").symlink_to(elsewhere)
    (folder / "last").symlink_to(elsewhere / "x")
    before = sorted(two.home.rglob("*"))
    store = object_store(two)
    assert store is not None
    names = json.loads(told) if told.startswith("{") else ()
    for name in (*names, LIST):
        with suppress(StorageError):  # no name for an object
            store.put(f"orders/{ORDER.digest}/{name}", told.encode(), replace=True)
    with pytest.raises(StorageError, match=LIST) as caught:
        bring_made(ORDER, [], two)
    assert "bucket" in caught.value.remedy
    assert sorted(two.home.rglob("*")) == before


def test_a_list_of_this_machine_that_is_damaged_is_none(machines: tuple[Settings, Settings]) -> None:
    one, two = machines
    made = write(one)
    hand_on_made(ORDER, one)
    bring_made(ORDER, PARTS, two)
    (made_area(ORDER, two.home).folder / LIST).write_text("[1]")
    bring_made(ORDER, PARTS, two)
    assert there(two) == made


def test_without_a_store_nothing_travels_and_one_that_is_gone_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "_RETRIED", 0)
    gone = with_bucket(f"http://127.0.0.1:{free_port()}", "gone", home=tmp_path / "gone")
    alone = gone.model_copy(update={"store": ""})
    write(alone)
    hand_on_made(ORDER, alone)
    bring_made(ORDER, PARTS, alone)
    assert not (made_area(ORDER, alone.home).folder / LIST).exists()
    with pytest.raises(StoreUnreachable):
        hand_on_made(ORDER, gone.model_copy(update={"home": alone.home}))
    with pytest.raises(StoreUnreachable):
        bring_made(ORDER, PARTS, gone)


def test_a_porter_does_each_errand_once_and_tells_its_failure_once() -> None:
    porter, done = Transfers(), list[int]()

    def fails() -> None:
        raise StoreUnreachable("It is gone.")

    assert settled(lambda: porter.here("a", 1, lambda: done.append(1)))
    assert porter.here("a", 1, lambda: done.append(2)) and done == [1]
    assert settled(lambda: porter.here("a", 2, lambda: done.append(3))) and done == [1, 3]
    with pytest.raises(StoreUnreachable):
        settled(lambda: porter.here("a", 3, fails))
    assert settled(lambda: porter.here("a", 3, lambda: done.append(4))) and done == [1, 3, 4]


def settled(here: Callable[[], bool]) -> bool:
    """Ask until it is."""
    while not here():
        pass
    return True
