"""What every file says about where it comes from."""

import numpy as np

from services.recipe import MASKS
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


def test_the_mask_is_said_with_its_classes_or_without_any() -> None:
    assert "SCL 0, 8, 9, 10" in provenance(recipe(mask="clouds")).mask
    assert "SCL" not in provenance(recipe(mask="none")).mask
