"""Two machines with one database and one store share frames: what one paid for the other reads."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from services.cache import FrameKey, FrameStore, Inventory, MissingFrame, Stored
from services.errors import StoreUnreachable
from services.grid import Lattice, TileIndex
from services.recipe import Interval, Recipe
from services.settings import Settings
from services.storage import Database, object_store
from services.storage.objects import s3
from tests.ports import free_port
from tests.services.buckets import endpoint, with_bucket
from tests.services.databases import Place

__all__ = ["endpoint"]
LATTICE = Lattice(32635, 300_000.0, 6_600_000.0, 100.0, 120.0)
PLANES = ("B02", "B04", "SCL", "dataMask")
RECIPE = Recipe(LATTICE, TileIndex(1, 1), Interval.of_year(2017), bands=("B02", "B04"))


def key(x: int, y: int, day: int = 7) -> FrameKey:
    """A tile at a date."""
    bounds = LATTICE.bounds(TileIndex(x, y))
    return FrameKey("demo", "sentinel-2-l2a", 32635, bounds, 10, 12, f"S2A_R079_201706{day:02}T095031")


def frame(seed: int, planes: tuple[str, ...] = PLANES) -> dict[str, np.ndarray]:
    """Noise."""
    chance = np.random.default_rng(seed)
    kinds = {plane: np.uint8 if plane in ("SCL", "dataMask") else np.uint16 for plane in planes}
    return {plane: chance.integers(0, 255, (12, 10)).astype(kind) for plane, kind in kinds.items()}


Machine = Callable[[str], FrameStore]


@pytest.fixture
def settings(endpoint: str, place: Place, tmp_path: Path) -> Settings:
    """Of the first machine."""
    return with_bucket(endpoint, tmp_path.name, home=tmp_path, database_url=place.url)


@pytest.fixture
def machine(settings: Settings, place: Place, tmp_path: Path) -> Machine:
    """The cache of a machine of that name: its folder is its own, database and bucket are everybody's."""
    return lambda name: FrameStore.of(settings.model_copy(update={"home": tmp_path / name}), place.open)


def test_what_one_machine_fetched_the_other_reads(machine: Machine, settings: Settings) -> None:
    one, two = machine("one"), machine("two")
    keys = [key(x, y) for x in range(6) for y in range(6)]
    one.write_fetched({each: frame(number) for number, each in enumerate(keys)})
    assert set(two.present(keys, PLANES).values()) == {frozenset(PLANES)}
    assert two.present([key(9, 9)], PLANES) == {key(9, 9): frozenset()}
    for number, each in enumerate(keys):
        found = two.read(each, PLANES)
        assert all((found[plane] == pixels).all() for plane, pixels in frame(number).items())
    assert two.stock().planes == 36 * 4, "they are near now"
    assert len(Inventory(one).of(RECIPE).frames) == len(Inventory(two).of(RECIPE).frames) == 36


def test_a_square_is_one_object_and_its_neighbours_come_along(machine: Machine, place: Place) -> None:
    one, two = machine("one"), machine("two")
    one.write_fetched({key(x, y): frame(x) for x in range(2) for y in range(2)})
    assert len(place.rows("SELECT object FROM packs")) == 1
    two.read(key(0, 0), ("B04",))
    assert two.stock().planes == 4
    one.write_fetched({key(0, 0): frame(9, ("B08",))})
    assert two.present([key(0, 0)], ("B08", "B04")) == {key(0, 0): {"B08", "B04"}}
    assert (two.read(key(0, 0), ("B08", "B04"))["B08"] == frame(9, ("B08",))["B08"]).all()


def test_what_both_fetched_at_once_is_stored_once(machine: Machine, place: Place) -> None:
    for name in ("one", "two"):
        machine(name).write_fetched({key(0, 0): frame(1)})
    assert len(place.rows("SELECT object FROM packs")) == 1


def test_what_is_cleared_is_cleared_for_all(machine: Machine, place: Place, settings: Settings) -> None:
    one, two = machine("one"), machine("two")
    keys = [key(x, 0, day) for x in range(2) for day in (1, 2)]
    one.write_fetched(dict(zip(keys, map(frame, range(4)), strict=True)))
    objects = [str(row[0]) for row in place.rows("SELECT object FROM packs")]
    assert two.clear(lambda each: each.bounds == key(1, 0).bounds).planes == 8
    assert [bool(one_of) for one_of in machine("three").present(keys, PLANES).values()] == [True, True, False, False]
    two.clear(lambda _: True)
    store = object_store(settings)
    assert store is not None and [store.get(name) for name in objects] == [None, None]
    assert place.rows("SELECT object FROM packs") == []


def test_what_the_store_holds_is_told_by_rows_wherever_it_is_asked(machine: Machine, settings: Settings) -> None:
    one, two, store = machine("one"), machine("two"), object_store(settings)
    one.write_fetched({key(x, 0, day): frame(x) for x in range(2) for day in (1, 2)})
    one.write(key(0, 0), {"B08": frame(3, ("B08",))["B08"]})
    assert store is not None
    sizes = [len(store.get(name) or b"") for name in store.names("frames/")]
    assert two.stored() == Stored(2, sum(sizes)) == one.stored()
    whole, here = two.amount(lambda _: True), one.amount(lambda _: True)
    assert (whole.planes, whole.bytes, whole.stored, whole.by_provider) == (16, 0, sum(sizes), {"demo": 16})
    assert (here.planes, here.stored) == (17, whole.stored) and here.bytes > 0
    half = two.amount(lambda each: each.bounds == key(1, 0).bounds)
    assert half.planes == 8 and 0 < half.stored < whole.stored
    assert two.clear(lambda each: each.bounds == key(1, 0).bounds).stored == half.stored
    assert two.amount(lambda _: True).stored == whole.stored - half.stored
    two.clear(lambda _: True)
    assert two.stored() == Stored(0, 0)


def test_what_one_machine_reserves_leaves_the_others_their_room(machine: Machine) -> None:
    """Each has a disk of its own."""
    one, two = machine("one"), machine("two")
    with one.reserving([key(0, 0)], PLANES) as reserved:
        reserved.claim(10**6, 0, lambda taken: None)
        assert one.claimed() >= 10**6 and two.claimed() == 0
    assert one.claimed() == 0


def test_an_object_that_is_gone_or_damaged_is_missed_once(machine: Machine, place: Place, settings: Settings) -> None:
    machine("one").write_fetched({key(0, 0): frame(1), key(1, 0): frame(2)})
    store, two = object_store(settings), machine("two")
    ((name,),) = place.rows("SELECT object FROM packs")
    assert store is not None
    content = bytearray(store.get(str(name)) or b"")
    content[20] ^= 255
    store.put(str(name), bytes(content), replace=True)
    with pytest.raises(MissingFrame):
        two.read(key(0, 0), PLANES)
    assert sorted(map(len, two.present([key(0, 0), key(1, 0)], PLANES).values())) == [3, 4]
    store.delete([str(name)])
    with pytest.raises(MissingFrame):
        machine("three").read(key(1, 0), PLANES)
    assert place.rows("SELECT object FROM packs") == []


def test_what_was_paid_for_while_the_store_was_gone_is_sent_when_it_is_back(
    machine: Machine, settings: Settings, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "_RETRIED", 0)
    gone = {"home": tmp_path / "one", "store_endpoint": f"http://127.0.0.1:{free_port()}"}
    cut_off = FrameStore.of(settings.model_copy(update=gone), place.open)
    with pytest.raises(StoreUnreachable, match="does not answer"):
        cut_off.write_fetched({key(0, 0): frame(1), key(9, 9): frame(2)})
    assert cut_off.present([key(0, 0)], PLANES) == {key(0, 0): set(PLANES)}, "it is not paid for again here"
    two = machine("two")
    assert not any(two.present([key(0, 0), key(9, 9)], PLANES).values())
    machine("one").send_rest()
    assert (two.read(key(0, 0), PLANES)["B04"] == frame(1)["B04"]).all()
    assert all(two.present([key(0, 0), key(9, 9)], PLANES).values())
    assert not list((tmp_path / "one" / "frames" / "unsent").iterdir())


def test_what_is_computed_stays_on_its_machine(machine: Machine) -> None:
    one = machine("one")
    one.write(key(0, 0), {"CSMASK": frame(1)["SCL"]})
    assert not machine("two").present([key(0, 0)], ("CSMASK",))[key(0, 0)]


def test_what_finds_no_room_near_is_read_all_the_same(machine: Machine, settings: Settings, place: Place) -> None:
    machine("one").write_fetched({key(0, 0): frame(1)})
    small = settings.model_copy(update={"home": settings.home / "small", "cache_gb": 1e-6})
    two = FrameStore.of(small, place.open)
    with two.reserving([key(0, 0)], PLANES):
        for _ in range(2):
            assert (two.read(key(0, 0), PLANES)["B04"] == frame(1)["B04"]).all()


def test_without_a_store_nothing_of_it_is_opened(tmp_path: Path) -> None:
    def opened() -> Database:
        raise AssertionError("nobody needs it")

    assert not FrameStore.of(with_bucket("", "").model_copy(update={"home": tmp_path, "store": ""}), opened).shared
