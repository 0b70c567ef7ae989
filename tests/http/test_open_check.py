"""What the check of an open catalogue tells: every figure that somebody far away needs."""

import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.providers import Step
from services.providers.agreement import agreement
from services.providers.registry import KINDS, Kind
from services.providers.stac import EARTH_SEARCH, OpenData, open_data
from services.settings import OPEN, load_settings
from terminal.providers import check_steps
from tests.http.farend import reply
from tests.stac_archive import StacArchive
from tests.stac_archive.granules import ASSETS, NORTH, RED, WEST, add_granule, cog

Make = Callable[..., OpenData]


@pytest.fixture
def item(stac: StacArchive) -> dict[str, Any]:
    """The one item of the catalogue."""
    return add_granule(stac, 7)


@pytest.fixture
def make(stac: StacArchive, item: dict[str, Any], tmp_path: Path) -> Make:
    """Makes providers of that catalogue, each with a home of its own."""

    def made(name: str, *, signed: bool = False, **changes: Any) -> OpenData:
        stac.signed = signed
        settings = load_settings(home=tmp_path / name, tries=1, deadline_seconds=20)
        facts = {field: getattr(EARTH_SEARCH, field) for field in ("collection", "declares_offset")}
        return OpenData(
            name=name,
            title=name.capitalize(),
            base_url=stac.url,
            assets=ASSETS,
            hosts=("127.0.0.1",),
            sign_url=f"{stac.url}/token" if signed else "",
            settings=settings,
            **facts | changes,
        )

    return made


def checked(provider: OpenData) -> list[Step]:
    """With its own settings."""
    return provider.check(provider.settings)


def test_each_step_tells_its_figures(make: Make, stac: StacArchive) -> None:
    steps = {step.step: step for step in checked(make("first", signed=True))}
    assert {name: step.ok for name, step in steps.items()} == dict.fromkeys(
        ["catalogue", "search", "signature", "header", "block"], True
    )
    assert "for sentinel-2-c1-l2a with 1 item in" in steps["catalogue"].sentence
    assert "STAC 1.0.0; the page leads no further." in steps["catalogue"].sentence
    assert "1 date of 2025-06-01 to 2025-06-30" in steps["search"].sentence
    assert "05.11; the clearest is S2A_R079_20250607T095031." in steps["search"].sentence
    assert re.search(r"renewed at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", steps["signature"].sentence)
    size = len(stac.files["/files/S2A_T35VLG_20250607T095031_L2A/red.tif"])
    assert f"1024 × 1024 px in 4 blocks of 512 × 512 px, {size:,} bytes" in steps["header"].sentence
    assert f"ETag {stac.etag}, transform (10.0, 0.0, {WEST}, 0.0, -10.0, {NORTH})" in steps["header"].sentence
    left, top = int(389_400 - WEST) // 10, int(NORTH - 6_718_800) // 10
    raw = RED[top : top + 330, left : left + 330].astype(int)
    shown = np.where(raw <= 1000, 0, raw - 1000)
    assert f"B04 {shown.min()} to {shown.max()}, mean {shown.mean():.3f}, checksum" in steps["block"].sentence
    assert not any("hush" in step.sentence for step in steps.values())


def test_the_first_step_that_fails_is_the_last(make: Make, stac: StacArchive) -> None:
    stac.searches.append(reply(404, {"detail": "no such collection"}))
    (failed,) = checked(make("first"))
    assert (failed.step, failed.ok) == ("catalogue", False)
    stac.reads.append(reply(403))
    *before, failed = checked(make("second"))
    assert [step.ok for step in before] == [True, True]
    assert (failed.step, failed.ok) == ("header", False)
    assert "403 Forbidden" in failed.sentence


def test_two_providers_of_the_same_product_agree(make: Make) -> None:
    first, second = make("first"), make("second")
    step = agreement(first, second, lambda one: one.open(first.settings))
    assert step.ok, step.sentence
    assert "B04 is equal, SCL is equal, dataMask is equal; checksums" in step.sentence


def test_other_numbers_are_counted(make: Make, stac: StacArchive, item: dict[str, Any]) -> None:
    first, second = make("first"), make("second")
    other = deepcopy(item)
    changed = RED.copy()
    changed[200, 600:603] = [4990, 4991, 4992]
    stac.files["/files/other.tif"] = cog(changed, 10)
    other["assets"]["red"] |= {"href": f"{stac.url}/files/other.tif", "file:size": len(stac.files["/files/other.tif"])}
    stac.searches += [reply(200, {"features": [item]}), reply(200, {"features": [other]})]
    step = agreement(first, second, lambda one: one.open(first.settings))
    assert not step.ok
    assert "B04 differs in 3 of 108,900 px, SCL is equal" in step.sentence


def test_without_a_product_in_common_it_says_so(make: Make, stac: StacArchive) -> None:
    first, second = make("first"), make("second")
    stac.searches += [reply(200, {"features": stac.items}), reply(200, {"features": []})]
    step = agreement(first, second, lambda one: one.open(first.settings))
    assert step == Step(
        "agreement", False, "First and Second have no product of 2025-06-01 to 2025-06-30 in common, of 1 and 0 dates."
    )


def test_the_terminal_checks_each_open_catalogue_and_compares_them(
    stac: StacArchive, item: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS, "stac", Kind(open_data))
    facts = {"kind": "stac", "profile": "earth-search", "base_url": stac.url, "hosts": ["127.0.0.1"], "assets": ASSETS}
    settings = load_settings(home=tmp_path, providers=[{"name": name, **facts} for name in ("first", "second")])
    steps = check_steps(settings, OPEN)
    assert [(step["provider"], step["step"]) for step in steps] == [
        *((name, step) for name in ("first", "second") for step in ("catalogue", "search", "header", "block")),
        ("second", "agreement"),
    ]
    assert all(step["ok"] for step in steps), steps
    stac.searches.append(reply(404))
    assert [(one["provider"], one["ok"]) for one in check_steps(settings, OPEN)] == [
        ("first", False),
        *[("second", True)] * 4,
    ]
