"""Years beside limits: each cell as it stands, with its bill or its picture; nobody is asked."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from services.cache import FrameKey, FrameStore, frame_key
from services.catalogue import Acquisition
from services.compare import HERE, MAKING, MISSING, UNKNOWN, Cell, Matrix, comparison_matrix, matrix_picture
from services.compare.matrix import EMPTY, SIDE, side
from services.composite import compose, mosaic
from services.errors import RecipeError
from services.grid import Lattice, TileIndex
from services.jobs import FETCH, FILL, JobStore
from services.ninepatch import Ninepatch
from services.providers import keep_search
from services.providers.http import Answer
from services.providers.sentinelhub import Account, Catalogue
from services.recipe import Interval, Recipe, Variant, Veto, variant
from services.render import VIEWS, draw
from services.sentinel2 import ANGLES, DATA_MASK, SCL
from services.settings import load_settings
from services.storage import Database
from tests.actors import a_member
from tests.services.granule_items import START, item
from tests.services.overpasses import random_planes
from tests.services.quantities import quantity_named

LATTICE = Lattice(32635, 390_000.0, 6_738_000.0, 200.0, 200.0)
RECIPE = Recipe(
    LATTICE, TileIndex(1, 1), Interval.of_year(2018), provider="private", maxcc=10, bands=("B02", "B03", "B04", "B08")
)
CLOUDS = {2018: (3.0, 8.0, 12.0, 35.0, 70.0), 2019: (1.0, 9.0, 50.0), 2020: ()}
"""Of the acquisitions of each year; the catalogue was not asked for 2021."""
YEARS, LIMITS = (2018, 2019), (5, 10, 40)


class AnsweringAccount:
    """Stands for an account: the far end knows these items."""

    def __init__(self, product: Ninepatch, items: Sequence[dict[str, Any]]) -> None:
        self.provider = product.provider(RECIPE)
        self._content = json.dumps({"type": "FeatureCollection", "features": list(items)}).encode()

    def send(self, request: object, accept: Callable[[Answer], Any], **_: object) -> Any:
        """One page of all items."""
        return accept(Answer(200, {"content-type": "application/json"}, self._content, 0.1))


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ninepatch:
    """An empty cache, an answer of the catalogue for some years, and from then on nobody to ask."""
    words = {"base_url": "http://127.0.0.1:9", "token_url": "http://127.0.0.1:9/token"}
    words |= {"provider": "private", "client_id": "somebody", "client_secret": "hush"}
    made = Ninepatch(load_settings(home=tmp_path, **words))
    west, south, east, north = RECIPE.neighbourhood.bounds
    for year, clouds in CLOUDS.items():
        items = []
        for number, cover in enumerate(clouds):
            day = datetime(year, 5 + number, 7, 9, 50, 31, tzinfo=UTC)
            seconds = (day - START).total_seconds()
            bounds = (west - 900, south - 900, east + 900 if number else east - 150, north + 900)
            items.append(item(bounds, clouds=cover, seconds=seconds, datatake=f"{day:%Y%m%dT%H%M%S}"))
        account: Account = AnsweringAccount(made, items)  # type: ignore[assignment] # what the catalogue needs of it
        Catalogue(account, made.settings).search(RECIPE.neighbourhood, Interval.of_year(year))

    def nobody(*_: object) -> Account:
        raise AssertionError("a comparison asks nobody")

    monkeypatch.setattr(Ninepatch, "account", nobody)
    return made


def looks_of(product: Ninepatch, year: int) -> tuple[Acquisition, ...]:
    """All acquisitions of that year."""
    found = product.known(RECIPE.with_(interval=Interval.of_year(year)))
    assert found is not None
    return found


def fill(product: Ninepatch, cell: Cell) -> None:
    """What a job does for a cell: frames with clouds and a swath's edge."""
    assert cell.plan is not None
    for block in cell.plan.blocks:
        for index in block.tiles:
            seed = int(block.acquisition.time.timestamp()) % 10**6 + 31 * index.x + index.y
            planes = random_planes(RECIPE, seed) | {name: np.full((1, 1), 1000, np.uint16) for name in ANGLES}
            product.frames.write(block.key(index), {plane: planes[plane] for plane in block.planes})


def filled(product: Ninepatch, **words: Any) -> Matrix:
    """All cells, once what they lacked is there."""
    for cell in comparison_matrix(product, RECIPE, YEARS, LIMITS, words.get("view", "true")).lacking:
        fill(product, cell)
    return comparison_matrix(product, RECIPE, YEARS, LIMITS, words.get("view", "true"))


def states(made: Matrix) -> list[str]:
    return [cell.state for cell in made.cells]


def test_each_cell_says_how_it_stands(product: Ninepatch) -> None:
    made = comparison_matrix(product, RECIPE, (2018, 2020, 2021), (1, 10), "true")
    assert [cell.name for cell in made.cells[:3]] == ["2018, ≤ 1 %", "2018, ≤ 10 %", "2020, ≤ 1 %"]
    assert made.view == VIEWS["true"]
    assert states(made) == [EMPTY, MISSING, EMPTY, EMPTY, UNKNOWN, UNKNOWN]
    none, missing, empty, _, unknown, _ = made.cells
    assert none.words.startswith("0 of 5 dates ≤ 1 %; the clearest has 3 %.")
    assert empty.words == "There is no acquisition of this place in 2020.", "the remedy has no room in a cell"
    assert unknown.words == "The catalogue has not been asked for 2021."
    assert (missing.dates, missing.acquisitions, missing.requests) == (2, 5, 2)
    assert missing.words == f"2 of 5 dates; to fetch: 2 requests, {missing.units:,.1f} units."
    assert [cell.variant for cell in made.of(UNKNOWN)] == [Variant(2021, 1), Variant(2021, 10)]
    assert made.at(2018, 10) is missing


def test_the_bill_is_what_the_view_needs(product: Ninepatch) -> None:
    for view, bands in (("true", ("B04", "B03", "B02")), ("ndvi", ("B08", "B04"))):
        for cell in comparison_matrix(product, RECIPE, YEARS, LIMITS, view).cells:
            known = product.estimate_known(variant(RECIPE, cell.variant).with_(bands=bands))
            assert known is not None
            assert (cell.kept, cell.plan) == known
            assert cell.needs.bands == bands and cell.recipe.bands == RECIPE.bands


def test_to_have_all_one_fills_the_highest_limit_of_each_year(product: Ninepatch) -> None:
    made = comparison_matrix(product, RECIPE, YEARS, LIMITS, "true")
    assert [cell.variant for cell in made.lacking] == [Variant(2018, 40), Variant(2019, 40)]
    assert sum(cell.requests for cell in made.lacking) == 4 + 2
    after = filled(product)
    assert set(states(after)) == {HERE}
    assert (after.lacking, after.under_way, after.undrawn) == ((), (), False)


def test_a_cell_that_is_here_has_the_picture_and_the_numbers_of_the_whole_way(product: Ninepatch) -> None:
    for cell in filled(product).cells:
        assert cell.preview is not None
        whole = mosaic(compose(cell.needs, cell.kept, product.frames, workers=1), 3)
        path = product.previews.file(cell.preview.digest, cell.preview.picture)
        assert path is not None
        with Image.open(path) as opened:
            shown = np.asarray(opened.convert("RGBA"))
        expected = draw(VIEWS["true"], whole)
        assert np.array_equal(shown[whole.count > 0], expected[whole.count > 0])
        assert not shown[whole.count == 0, 3].any(), "no data is transparent"
        numbers = cell.preview.numbers
        assert (numbers.dates, numbers.acquisitions) == (len(cell.kept), len(CLOUDS[cell.variant.year]))
        assert numbers.no_data == pytest.approx(np.mean(whole.count == 0))
        assert numbers.median_observations == np.median(whole.count)
        assert f"{numbers.no_data:.1%} without data" in cell.words
        assert f"True colour, {cell.variant.year}, max. cloud cover {cell.variant.maxcc} %" in cell.words


def test_the_numbers_are_those_of_numpy(product: Ninepatch) -> None:
    cell = filled(product).at(2018, 40)
    assert cell.preview is not None
    counts = []
    for tile in RECIPE.neighbourhood.tiles:
        count = np.zeros((20, 20), int)
        for observation in cell.kept:
            if observation.touches(tile):
                frame = product.frames.read(frame_key(RECIPE, tile.index, observation), (SCL, DATA_MASK))
                count += (frame[DATA_MASK] == 1) & ~np.isin(frame[SCL], (0, 1, 3, 8, 9, 10))
        counts.append(count)
    numbers = cell.preview.numbers
    assert numbers.no_data == pytest.approx(np.mean(np.array(counts) == 0))
    assert (numbers.median_observations, numbers.most_observations) == (np.median(counts), np.max(counts))


def test_each_frame_of_a_year_is_read_once_for_all_limits(product: Ninepatch, monkeypatch: pytest.MonkeyPatch) -> None:
    for cell in comparison_matrix(product, RECIPE, YEARS, LIMITS, "true").lacking:
        fill(product, cell)
    reads: Counter[tuple[FrameKey, str]] = Counter()
    read = FrameStore.read

    def counted(self: FrameStore, key: FrameKey, planes: Collection[str]) -> dict[str, Any]:
        reads.update((key, plane) for plane in planes)
        return read(self, key, planes)

    monkeypatch.setattr(FrameStore, "read", counted)
    assert set(states(comparison_matrix(product, RECIPE, YEARS, LIMITS, "true"))) == {HERE}
    assert set(reads.values()) == {1}
    reads.clear()
    assert set(states(comparison_matrix(product, RECIPE, YEARS, LIMITS, "true"))) == {HERE}
    assert not reads, "the pictures are on the disk"


def test_without_pictures_nothing_is_read(product: Ninepatch, monkeypatch: pytest.MonkeyPatch) -> None:
    for cell in comparison_matrix(product, RECIPE, YEARS, LIMITS, "true").lacking:
        fill(product, cell)
    monkeypatch.setattr(FrameStore, "read", None)
    made = comparison_matrix(product, RECIPE, YEARS, LIMITS, "true", drawn=False)
    assert set(states(made)) == {HERE}
    assert {cell.preview for cell in made.cells} == {None} and made.undrawn
    assert made.cells[0].words == "1 of 5 dates, all in the cache."


def test_another_view_of_what_is_here_lacks_only_its_other_bands(product: Ninepatch) -> None:
    filled(product)
    lacking = comparison_matrix(product, RECIPE, YEARS, LIMITS, "ndvi").lacking
    assert {block.planes for cell in lacking if cell.plan for block in cell.plan.blocks} == {("B08",)}
    assert set(states(filled(product, view="ndvi"))) == {HERE}


def test_a_job_that_brings_what_a_cell_lacks_makes_it(product: Ninepatch) -> None:
    store = JobStore(Database.of(product.settings))
    highest = comparison_matrix(product, RECIPE, YEARS, LIMITS, "true").at(2018, 40)
    job = store.submit(FILL, highest.needs, a_member("anna"))
    store.report(job.id, done=1, total=4)
    made = comparison_matrix(product, RECIPE, YEARS, LIMITS, "true", under_way=store.recent(FILL))
    assert states(made) == [MAKING] * 3 + [MISSING] * 3
    cell = made.at(2018, 10)
    assert cell.job is not None and made.under_way == (cell.job,)
    assert (cell.job.id, cell.words) == (job.id, "2 of 5 dates; being fetched: 1 of 4 requests.")
    assert [one.variant for one in made.lacking] == [Variant(2019, 40)]
    assert store.submit(FETCH, RECIPE.with_(interval=Interval.of_year(2019), maxcc=5), a_member()).state == "queued"
    made = comparison_matrix(product, RECIPE, YEARS, LIMITS, "true", under_way=store.recent(FILL, FETCH))
    assert states(made) == [MAKING] * 4 + [MISSING] * 2
    waits = made.at(2019, 5)
    assert "waiting for its turn" in waits.words


def test_a_damaged_frame_is_missing_and_is_not_shown(product: Ninepatch) -> None:
    for cell in comparison_matrix(product, RECIPE, YEARS, LIMITS, "true").lacking:
        fill(product, cell)
    observation = looks_of(product, 2018)[1]
    key = frame_key(RECIPE, TileIndex(1, 1), observation)
    product.frames._bytes.put(key.plane_key("B04"), b"this is no plane")
    made = comparison_matrix(product, RECIPE, YEARS, LIMITS, "true")
    assert states(made) == [HERE, MISSING, MISSING, HERE, HERE, HERE]
    broken = made.at(2018, 10)
    assert broken.plan is not None and broken.preview is None
    (block,) = broken.plan.blocks
    assert (block.planes, block.tiles, block.acquisition) == (("B04",), (TileIndex(1, 1),), observation)
    fill(product, broken)
    assert set(states(comparison_matrix(product, RECIPE, YEARS, LIMITS, "true"))) == {HERE}


def test_vetoes_are_of_their_own_year(product: Ninepatch) -> None:
    veto = Veto(looks_of(product, 2018)[0].key, "haze")
    made = comparison_matrix(product, RECIPE.with_(vetoes=(veto,)), YEARS, LIMITS, "true")
    assert [cell.dates for cell in made.cells] == [0, 1, 3, 1, 2, 2]
    assert made.cells[0].state == EMPTY


def test_a_side_of_a_difference_is_the_cell_with_its_looks(product: Ninepatch) -> None:
    cell = filled(product, view="ndvi").at(2018, 40)
    whole = mosaic(compose(cell.needs, cell.kept, product.frames, workers=1), 3)
    ndvi = quantity_named("ndvi", ("B04", "B08"))
    one = side(product, cell, ndvi, 1000)
    assert np.array_equal(ndvi.of(one.image), whole.indices["ndvi"], equal_nan=True)
    assert list(one.times) == [look.time for look in cell.kept]
    red = quantity_named("B04", ("B04", "B08"))
    assert np.array_equal(red.of(side(product, cell, red, 1000).image), whole.reflectance[..., 1], equal_nan=True)
    assert np.array_equal(sum(clear.astype(int) for clear in one.clear), whole.count)
    assert [sorted(observation) for observation in one.observations] == [["B04", "B08"]] * 4
    assert one.observations[0]["B04"].shape == (60, 60)
    assert side(product, cell, ndvi, 30).image.count.shape == (30, 30)


def test_a_source_without_angles_has_the_reason_in_its_cell_and_spares_the_others(product: Ninepatch) -> None:
    own, free = (product.provider(RECIPE.with_(provider=name)) for name in (RECIPE.provider, "earth-search"))
    keep_search(free, product.settings, RECIPE.neighbourhood, RECIPE.interval, looks_of(product, 2018))
    made = comparison_matrix(product, RECIPE.with_(nbar=True), (2018,), (10,), "true", sources=[own, free])
    assert states(made) == [MISSING, EMPTY]
    assert "earth-search has no sun and view angles" in made.cells[1].words


def test_pictures_with_evened_view_angles_say_so(product: Ninepatch, tmp_path: Path) -> None:
    for question in (RECIPE, RECIPE.with_(nbar=True)):
        for cell in comparison_matrix(product, question, YEARS, (10,), "true").lacking:
            fill(product, cell)
        made = comparison_matrix(product, question, YEARS, (10,), "true")
        assert states(made) == [HERE, HERE]
        said = [", view angles evened out (NBAR), 201" in cell.words for cell in made.cells]
        matrix_picture(product, made, tmp_path / "matrix.png")
        with Image.open(tmp_path / "matrix.png") as drawn:
            assert said == [question.nbar] * 2 == ["NBAR" in drawn.info] * 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"years": range(2016, 2026)}, "1 to 8 years"),
        ({"limits": ()}, "1 to 8 values of max. cloud cover"),
        ({"limits": (101,)}, "got 101"),
        ({"view": "purple"}, "no view 'purple'"),
    ],
)
def test_what_is_not_possible_is_said(product: Ninepatch, changes: Mapping[str, Any], words: str) -> None:
    asked: dict[str, Any] = {"years": YEARS, "limits": LIMITS, "view": "true"} | dict(changes)
    with pytest.raises(RecipeError, match=words):
        comparison_matrix(product, RECIPE, **asked)


def test_a_cell_is_as_wide_as_the_page_shows_it(product: Ninepatch) -> None:
    preview = filled(product).cells[0].preview
    assert preview is not None
    assert max(preview.width, preview.height) <= SIDE == 330
