"""What every file says about where it comes from."""

import sys
from importlib import metadata

import numpy as np
import pytest

from services.recipe import MASKS, Veto
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
    assert tags["TIFFTAG_IMAGEDESCRIPTION"] == "median of 2 acquisitions, 2017, cloud cover at most 10 %"
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
    assert provenance(recipe(mask="clouds", grow=4)).mask == "Only clouds out (SCL 0, 8, 9, 10), grown by 4 px"
    assert "grown" not in provenance(recipe(mask="none", grow=4)).mask


def test_versions_are_read_once_so_that_no_request_looks_at_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(metadata.MetadataPathFinder, "find_distributions", lambda *_: iter(()))
    with pytest.raises(metadata.PackageNotFoundError):
        metadata.version("numpy")
    made = provenance(recipe())
    assert made.packages["numpy"] == np.__version__
    assert made.packages["GDAL"] in made.software
