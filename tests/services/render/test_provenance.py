"""What every file says about where it comes from."""

import sys
from importlib import metadata

import numpy as np
import pytest

from services.catalogue import SourceProduct
from services.recipe import MASKS, PROCESSINGS, Veto
from services.render import offset_words, products_in_short
from tests.services.scenes import provenance, recipe


def test_tags_say_what_was_asked_and_what_was_used() -> None:
    question = recipe(maxcc=30, mask="strict")
    tags = provenance(question).tags(["2017-05-02", "2017-06-01"])
    assert tags["ACQUISITION_DATES"] == "2017-05-02 2017-06-01"
    assert tags["MAX_CLOUD_COVER"] == "30"
    assert [int(number) for number in tags["MASKED_SCL_CLASSES"].split()] == list(MASKS["strict"].invalid)
    assert tags["RECIPE"] == question.digest
    assert tags["PROVIDER"] == "A provider"
    assert tags["TIFFTAG_COPYRIGHT"] == "Contains modified Copernicus Sentinel data [2017]"
    assert tags["TIFFTAG_DATETIME"] == "2026:03:04 05:06:07"
    assert f"numpy {np.__version__}" in tags["TIFFTAG_SOFTWARE"]
    assert tags["SIMULATED"] == "no"
    assert "imulated" not in tags["TIFFTAG_IMAGEDESCRIPTION"]


def test_simulated_data_says_so_in_words() -> None:
    made = provenance(recipe(), simulated=True)
    assert made.notice == "Simulated data"
    assert made.tags([])["SIMULATED"] == "yes"
    assert made.tags([])["TIFFTAG_IMAGEDESCRIPTION"].startswith("Simulated data")
    assert made.meta_info()["SIMULATED"] is True


def test_tags_say_how_looks_became_one_and_what_was_left_out() -> None:
    vetoes = [Veto("S2A_R079_20170607T095031", "haze"), Veto("S2A_R036_20170117T095031", "été")]
    made = provenance(recipe(method="least-cloudy", grow=3, vetoes=vetoes))
    tags = made.tags(["2017-05-02", "2017-06-01"])
    assert tags["TIFFTAG_IMAGEDESCRIPTION"].startswith("least cloudy observation of 2 acquisitions, 2017, ")
    assert (tags["METHOD"], tags["MASK_GROW_PX"]) == ("least-cloudy", "3")
    assert tags["VETOED"] == "S2A_R036_20170117T095031: été; S2A_R079_20170607T095031: haze"
    assert made.meta_info()["VETOED"] == tags["VETOED"].split("; ")
    assert made.meta_info()["METHOD"] == "least-cloudy" and made.meta_info()["MASK_GROW_PX"] == 3


def test_a_median_of_all_dates_says_so() -> None:
    tags = provenance(recipe()).tags(["2017-05-02", "2017-06-01"])
    assert tags["TIFFTAG_IMAGEDESCRIPTION"] == "median of 2 acquisitions, 2017, scene cloud cover at most 10 %"
    assert (tags["METHOD"], tags["MASK_GROW_PX"]) == ("median", "0") and "VETOED" not in tags


def test_a_least_coverage_is_said_where_there_is_one() -> None:
    made = provenance(recipe(least_coverage=3))
    assert made.least_coverage == " that show 3 % of the picture or more"
    assert made.tags([])["MIN_COVERAGE"] == "3" and made.meta_info()["MIN_COVERAGE"] == 3
    plain = provenance(recipe())
    assert plain.least_coverage == "" and "MIN_COVERAGE" not in plain.tags([]) | plain.meta_info()


def test_the_mask_is_said_with_its_classes_or_without_any() -> None:
    assert "SCL 0, 8, 9, 10" in provenance(recipe(mask="clouds")).mask
    assert "SCL" not in provenance(recipe(mask="none")).mask


def test_a_mask_that_grows_says_by_how_much_where_it_does() -> None:
    assert provenance(recipe(mask="clouds", grow=4)).mask == "Only clouds out (SCL 0, 8, 9, 10), buffer 4 px"
    assert "grown" not in provenance(recipe(mask="none", grow=4)).mask


def test_versions_are_read_once_so_that_no_request_looks_at_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(metadata.MetadataPathFinder, "find_distributions", lambda *_: iter(()))
    with pytest.raises(metadata.PackageNotFoundError):
        metadata.version("numpy")
    made = provenance(recipe())
    assert made.packages["numpy"] == np.__version__
    assert made.packages["GDAL"] in made.software


def products(*given: tuple[str, int | None]) -> tuple[SourceProduct, ...]:
    """Of these baselines, four digits, and offsets; a baseline without digits makes a name that tells none."""
    names = (f"S2A_MSIL2A_20170607T0950{n:02d}_N{b}_R079_T35VLG_20170607T095340" for n, (b, _) in enumerate(given))
    return tuple(SourceProduct(name, offset) for name, (_, offset) in zip(names, given, strict=True))


def test_files_say_products_baselines_and_who_added_which_offset() -> None:
    made = provenance(recipe(), products=products(("0510", -1000), ("0205", 0), ("0510", -1000)))
    tags, meta = made.tags([]), made.meta_info()
    assert tags["SOURCE_PRODUCTS"].split(" ") == [one.id for one in made.products]
    assert tags["PROCESSING_BASELINES"] == "02.05 05.10"
    assert tags["OFFSET_APPLIED"] == "DN offset -1000 applied by Ninepatch to 2 of 3 products"
    assert meta["SOURCE_PRODUCTS"] == [one.id for one in made.products]
    assert (meta["PROCESSING_BASELINES"], meta["OFFSET_APPLIED"]) == (["02.05", "05.10"], tags["OFFSET_APPLIED"])
    assert all(words.isascii() for name, words in tags.items() if name != "AREA")


@pytest.mark.parametrize(
    ("offsets", "words"),
    [
        ((-1000, -1000), "DN offset -1000 applied by Ninepatch to all products"),
        ((0, 0), "no DN offset to apply"),
        ((None, None), "DN harmonised by the service"),
        ((), ""),
    ],
)
def test_the_offset_is_said_as_it_was(offsets: tuple[int | None, ...], words: str) -> None:
    assert offset_words(products(*(("0510", offset) for offset in offsets))) == words


def test_a_baseline_that_a_name_does_not_tell_is_unknown() -> None:
    made = products(("05.10", None), ("0205", None))
    assert provenance(recipe(), products=made).tags([])["PROCESSING_BASELINES"] == "02.05 unknown"
    words = "2 source products, baselines 02.05, baseline of 1 unknown, DN harmonised by the service"
    assert products_in_short(made) == words
    only = products_in_short((SourceProduct("a name of its own", 0),))
    assert only == "1 source product, baseline of 1 unknown, no DN offset to apply"


def test_many_products_are_counted_in_a_tag_and_many_baselines_are_a_range() -> None:
    made = provenance(recipe(), products=products(*((f"02{n:02d}", 0) for n in range(4, 64))))
    names = made.tags([])["SOURCE_PRODUCTS"]
    assert names.startswith(" ".join(one.id for one in made.products[:50])) and names.endswith(" and 10 more")
    assert len(made.meta_info()["SOURCE_PRODUCTS"]) == 60
    assert products_in_short(made.products) == "60 source products, baselines 02.04 to 02.63, no DN offset to apply"


def test_a_result_that_does_not_know_its_products_says_nothing_of_them() -> None:
    tags = provenance(recipe()).tags([])
    assert not {"SOURCE_PRODUCTS", "PROCESSING_BASELINES", "OFFSET_APPLIED"} & set(tags)
    assert products_in_short(()) == ""


def test_the_resampling_is_named_with_what_it_means() -> None:
    tags = provenance(recipe()).tags([])
    assert tags["PROCESSING"] == f"Nearest neighbour (10 m). {PROCESSINGS['nearest'].meaning}"
    assert provenance(recipe()).meta_info()["PROCESSING"] == "nearest"
