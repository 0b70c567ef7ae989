"""Items of all catalogues become the same granule; what contradicts itself is left out, with its reason."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue import join
from services.errors import BadResponse
from services.providers.stac import EARTH_SEARCH, EARTH_SEARCH_V2, PLANETARY_COMPUTER, Profile, products
from services.providers.stac.items import product_of
from tests.services.providers.stac_items import (
    EARTH_SEARCH_HOST,
    PLACE,
    PLANETARY_HOST,
    PRODUCT,
    earth_search,
    earth_search_v2,
    planetary_computer,
)

Make = Callable[..., dict[str, Any]]
ALL: list[tuple[Make, Profile]] = [
    (earth_search, EARTH_SEARCH),
    (earth_search_v2, EARTH_SEARCH_V2),
    (planetary_computer, PLANETARY_COMPUTER),
]


@pytest.mark.parametrize(("make", "profile"), ALL)
def test_an_item_becomes_a_granule_with_its_files(make: Make, profile: Profile) -> None:
    (product,), notes = products([make(baseline="05.09")], profile)
    assert notes == ()
    assert product.item["id"] == PRODUCT
    files = {file.plane: file for file in product.files}
    assert list(files) == ["B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12", "SCL"]
    sizes = {"B04": (10.0, 10_980), "B11": (20.0, 5490), "B01": (60.0, 1830), "SCL": (20.0, 5490)}
    for plane, (pixel, side) in sizes.items():
        file = files[plane]
        assert (file.width, file.height, file.epsg) == (side, side, 32635)
        assert file.transform == (pixel, 0.0, 300_000.0, 0.0, -pixel, 6_800_040.0)
        assert file.offset == (0 if plane == "SCL" else -1000)
        assert file.href.startswith(f"https://{profile.hosts[0]}/")
        assert file.href.endswith(f"/{plane}.tif")


def test_an_overpass_has_the_same_key_in_all_catalogues() -> None:
    keys = set()
    for make, profile in ALL:
        (product,), _ = products([make(baseline="05.09")], profile)
        (one,) = join([product.item], PLACE, {product.item["id"]: product.files})
        keys.add(one.key)
        assert one.granules[0].files == product.files
        assert (one.satellite, one.orbit, one.baselines) == ("S2A", 79, ("05.09",))
    assert keys == {"S2A_R079_20230607T095031"}


def test_a_simulated_item_is_for_a_simulated_provider_alone() -> None:
    item = earth_search()
    item["properties"]["ninepatch:simulated"] = True
    with pytest.raises(BadResponse, match="simulated"):
        products([item], EARTH_SEARCH)
    assert len(products([item], replace(EARTH_SEARCH, simulated=True))[0]) == 1


def test_the_size_is_the_catalogues_or_none() -> None:
    assert {file.plane: file.size for file in products([earth_search()], EARTH_SEARCH)[0][0].files}["B04"] == 1_000_003
    assert {file.size for file in products([planetary_computer()], PLANETARY_COMPUTER)[0][0].files} == {0}


@pytest.mark.parametrize(
    ("make", "profile", "baseline", "offset"),
    [
        (earth_search, EARTH_SEARCH, "03.01", -0.1),
        (earth_search, EARTH_SEARCH, "05.00", 0.0),
        (earth_search_v2, EARTH_SEARCH_V2, "03.01", -0.1),
        (earth_search_v2, EARTH_SEARCH_V2, "05.00", 0.0),
        (earth_search, PLANETARY_COMPUTER, "05.00", -0.2),
    ],
)
def test_an_offset_that_contradicts_the_baseline_is_refused(
    make: Make, profile: Profile, baseline: str, offset: float
) -> None:
    item = make(baseline=baseline, offset=offset)
    if profile is PLANETARY_COMPUTER:
        item = planetary_computer(baseline)
        item["assets"]["B01"]["raster:bands"] = [{"offset": offset}]
    needs = 0 if baseline < "04" else -1000
    with pytest.raises(BadResponse, match=rf"B01 declares an offset of {round(offset * 10_000)} DN, .*needs {needs}\."):
        products([item], profile)


@pytest.mark.parametrize(
    ("make", "profile", "baseline", "offset"),
    [
        (earth_search, EARTH_SEARCH, "02.14", 0),
        (earth_search, EARTH_SEARCH, "04.00", -1000),
        (earth_search_v2, EARTH_SEARCH_V2, "03.01", 0),
        (planetary_computer, PLANETARY_COMPUTER, "03.00", 0),
        (planetary_computer, PLANETARY_COMPUTER, "04.00", -1000),
        (planetary_computer, PLANETARY_COMPUTER, "05.11", -1000),
    ],
)
def test_the_offset_is_the_baselines(make: Make, profile: Profile, baseline: str, offset: int) -> None:
    declared = {} if make is planetary_computer else {"offset": offset / 10_000}
    (product,), _ = products([make(baseline=baseline, **declared)], profile)
    assert {file.offset for file in product.files if file.plane != "SCL"} == {offset}


def test_an_asset_that_should_declare_its_offset_and_does_not_has_none() -> None:
    item = earth_search()
    del item["assets"]["red"]["raster:bands"]
    with pytest.raises(BadResponse, match=r"B04 declares an offset of 0 DN, and its processing baseline 05\.09 needs"):
        products([item], EARTH_SEARCH)


def _spoilt(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    item = earth_search()
    change(item)
    return item


def _set(item: dict[str, Any], asset: str, **facts: Any) -> None:
    item["assets"][asset] |= facts


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda item: item["assets"].pop("red"), "no asset 'red' for B04"),
        (lambda item: _set(item, "scl", href=7), "no asset 'scl' for SCL"),
        (lambda item: _set(item, "red", href="https://elsewhere.example.org/B04.tif"), "elsewhere.example.org/B04.tif"),
        (lambda item: _set(item, "red", href=f"http://{EARTH_SEARCH_HOST}/B04.tif"), "none of its files may lie"),
        (
            lambda item: _set(item, "red", href=f"https://me:pw@{EARTH_SEARCH_HOST}/B04.tif"),
            "none of its files may lie",
        ),
        (lambda item: _set(item, "red", href=f"https://{EARTH_SEARCH_HOST}:444/B04.tif"), "none of its files may lie"),
        (lambda item: _set(item, "red", href=f"s3://{EARTH_SEARCH_HOST}/B04.tif"), "none of its files may lie"),
        (lambda item: _set(item, "red", href="http://127.0.0.1/B04.tif"), "none of its files may lie"),
        (lambda item: _set(item, "red", href=f"https://{EARTH_SEARCH_HOST}/B04.tif?sig=secret"), "B04.tif, where"),
        (lambda item: _set(item, "red", href=f"https://{EARTH_SEARCH_HOST}"), "amazonaws.com, where"),
        (lambda item: _set(item, "red", href=f"https://{EARTH_SEARCH_HOST}/B04.tif#page"), "B04.tif#page, where"),
        (
            lambda item: _set(item, "red", href=f"https://{EARTH_SEARCH_HOST}/B04\ud800.tif"),
            "none of its files may lie",
        ),
        (lambda item: _set(item, "red", href="https://me:secret@a.org/B04.tif"), "at https://a.org/B04.tif, where"),
        (lambda item: item["properties"].pop("proj:epsg"), "its projection is 'EPSG:None', no UTM zone"),
        (lambda item: item["properties"].update({"proj:epsg": 32600}), "'EPSG:32600', no UTM zone"),
        (lambda item: item["properties"].update({"proj:epsg": 32661}), "'EPSG:32661', no UTM zone"),
        (lambda item: item["properties"].update({"proj:epsg": 32799}), "'EPSG:32799', no UTM zone"),
        (lambda item: item["properties"].update({"proj:epsg": 3857}), "'EPSG:3857', no UTM zone"),
        (lambda item: _set(item, "red", **{"proj:transform": [10, 0, 3e5, 0, -20, 7e6]}), "no grid of squares"),
        (lambda item: _set(item, "red", **{"proj:transform": [10, 1, 3e5, 0, -10, 7e6]}), "no grid of squares"),
        (lambda item: _set(item, "red", **{"proj:transform": [10, 0, float("nan"), 0, -10, 7e6]}), "no grid"),
        (lambda item: _set(item, "red", **{"proj:transform": [1e-300, 0, 3e5, 0, -1e-300, 7e6]}), "no grid of squares"),
        (lambda item: _set(item, "red", **{"proj:transform": [10, 0, 1e300, 0, -10, 7e6]}), "no grid of squares"),
        (lambda item: _set(item, "red", **{"proj:transform": [10, 0]}), "cannot be used"),
        (lambda item: _set(item, "red", **{"proj:shape": [10_980, 90_000]}), "its proj:shape has 90000"),
        (lambda item: _set(item, "red", **{"proj:shape": [10_980, 1e9]}), "its proj:shape has"),
        (lambda item: _set(item, "red", **{"proj:shape": None}), "is missing"),
        (lambda item: item.pop("assets"), "is missing"),
        (lambda item: item.update(assets=[]), "is missing"),
        (lambda item: item["properties"].update({"s2:processing_baseline": "newest"}), "processing baseline"),
        (lambda item: item["properties"].update({"s2:processing_baseline": "03.01"}), "05.09, and it says 03.01"),
        (lambda item: item["properties"].update({"earthsearch:boa_offset_applied": True}), "shifted already"),
        (lambda item: item["properties"].pop("datetime"), "not a granule"),
        (lambda item: item.update(geometry=None), "not a granule"),
    ],
)
def test_what_cannot_be_used_is_named_and_left_out(change: Callable[[dict[str, Any]], object], words: str) -> None:
    other = earth_search()
    other["properties"]["s2:product_uri"] = PRODUCT.replace("35VLG", "35VMG") + ".SAFE"
    kept, (note,) = products([_spoilt(change), other], EARTH_SEARCH)
    assert [one.item["id"] for one in kept] == [PRODUCT.replace("35VLG", "35VMG")]
    assert "S2A_T35VLG_20230607T095031_L2A" in note
    assert words in note
    assert note.endswith("It is left out.")
    assert "secret" not in note


@pytest.mark.parametrize("size", [0, -1, 2.5, True, "9", 2**41, 10**400])
def test_a_size_that_no_file_has_is_none(size: Any) -> None:
    item = _spoilt(lambda item: _set(item, "red", **{"file:size": size}))
    (product,), _ = products([item], EARTH_SEARCH)
    assert {file.plane: file.size for file in product.files}["B04"] == 0


def test_an_orbit_that_is_none_is_not_known() -> None:
    item = earth_search()
    item["properties"] |= {"s2:product_uri": "a product of another name", "sat:relative_orbit": "9" * 5000}
    (product,), _ = products([item], EARTH_SEARCH)
    (one,) = join([product.item], PLACE)
    assert one.orbit == 0


def test_a_baseline_that_only_the_name_tells_counts() -> None:
    item = planetary_computer("05.09")
    del item["properties"]["s2:processing_baseline"]
    (product,), _ = products([item], PLANETARY_COMPUTER)
    assert product.files[3].offset == -1000
    del item["properties"]["s2:product_uri"]
    with pytest.raises(BadResponse, match="does not say its processing baseline"):
        products([item], PLANETARY_COMPUTER)


def test_of_one_product_twice_the_one_that_was_made_last_counts() -> None:
    early, late = earth_search(), earth_search(-0.1, "05.09", **{"s2:generation_time": "2024-02-01T00:00:00Z"})
    late["id"] = "S2A_T35VLG_20230607T095031_L2A_again"
    for asset in late["assets"].values():
        asset["href"] = asset["href"].replace(early["id"], late["id"])
    for order in ([early, late], [late, early]):
        (product,), _ = products(order, EARTH_SEARCH)
        assert all("_again/" in file.href for file in product.files)


def test_a_grid_that_only_the_item_tells_is_that_of_its_files() -> None:
    item = planetary_computer()
    asset = item["assets"]["B04"]
    item["properties"] |= {key: asset.pop(key) for key in ("proj:shape", "proj:transform")}
    item["properties"]["proj:transform"] = [*item["properties"]["proj:transform"], 0, 0, 1]
    (product,), _ = products([item], PLANETARY_COMPUTER)
    assert product.files[3].transform == (10.0, 0.0, 300_000.0, 0.0, -10.0, 6_800_040.0)
    assert PLANETARY_HOST in product.files[3].href


ODD: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just([]) | st.just({"a": [1]})
)


@given(st.data())
def test_whatever_stands_in_an_item_it_is_used_or_refused_in_words(data: st.DataObject) -> None:
    makers: list[Make] = [earth_search, earth_search_v2, planetary_computer]
    item = data.draw(st.sampled_from(makers))()
    profile = PLANETARY_COMPUTER if "B04" in item["assets"] else EARTH_SEARCH
    place: Any = item
    for _ in range(data.draw(st.integers(1, 5))):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key]:
            break
        place, before = place[key], place
    else:
        place, key = before, key
    place[key] = data.draw(ODD)
    try:
        product = product_of(item, profile)
    except BadResponse as error:
        assert error.cause.startswith("The catalogue's item ")
        words = error.cause.partition("cannot be used")[2]
        assert not any(foreign in words for foreign in ("Error", "NoneType", "convert", "unpack", "object has"))
    else:
        assert {file.offset for file in product.files} <= {0, -1000}
        assert all(profile.may_read(file.href) and file.width > 0 < file.height for file in product.files)
