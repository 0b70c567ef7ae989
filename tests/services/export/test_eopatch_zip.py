"""Patches as zips, opened by plain eo-learn."""

import io
import json
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import numpy as np
import pytest
from eolearn.core.constants import FeatureType
from eolearn.core.eodata import EOPatch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from services.composite import compose
from services.errors import StorageError
from services.export.eopatch_zip import README, npy, write_patch_zip
from services.recipe import Recipe, Veto
from tests.eopatches import loaded
from tests.services.overpasses import overpasses, random_frames
from tests.services.scenes import provenance, recipe


def patch_of(question: Recipe, observations: int = 5) -> EOPatch:
    """The middle patch of a composition."""
    acquisitions = overpasses(observations)
    kept: dict[str, EOPatch] = {}
    compose(
        question,
        acquisitions,
        random_frames(question, acquisitions),
        workers=1,
        keep=lambda tile, patch: kept.update({tile.name: patch}),
        meta=provenance(question).meta_info(),
    )
    return kept["x35_y25"]


@pytest.mark.parametrize("mask", ["clear", "none"])
@pytest.mark.parametrize("observations", [0, 1, 6])
def test_plain_eo_learn_opens_an_equal_patch(observations: int, mask: str, tmp_path: Path) -> None:
    question = recipe(px=20, height_px=13, mask=mask, area="Åland $x$", radius=0)
    patch = patch_of(question, observations)
    write_patch_zip(tmp_path / "patch.zip", patch, provenance(question))
    with ZipFile(tmp_path / "patch.zip") as file:
        assert file.testzip() is None
        file.extractall(tmp_path / "patch")
    read = loaded(tmp_path / "patch")
    assert read == patch
    assert read.timestamps == patch.timestamps
    assert read.bbox == patch.bbox
    for kind, name in patch.get_features():
        if kind.is_array():
            assert read[kind, name].dtype == patch[kind, name].dtype
            np.testing.assert_array_equal(read[kind, name], patch[kind, name])
    assert Recipe.from_dict(read.meta_info["RECIPE"]) == question


def test_eo_learn_opens_it_without_unzipping(tmp_path: Path) -> None:
    question = recipe(px=5, radius=0)
    patch = patch_of(question)
    write_patch_zip(tmp_path / "patch.zip", patch, provenance(question))
    assert loaded(f"zip://{tmp_path / 'patch.zip'}") == patch


def test_its_members_are_plain_arrays_and_json(tmp_path: Path) -> None:
    question = recipe(px=9, radius=0)
    write_patch_zip(tmp_path / "patch.zip", patch_of(question), provenance(question, simulated=True))
    with ZipFile(tmp_path / "patch.zip") as file:
        names = file.namelist()
        assert {
            "bbox.geojson",
            "timestamps.json",
            "data/BANDS.npy",
            "mask/dataMask.npy",
            "mask/SCL.npy",
            "mask/CLEAR.npy",
            "data_timeless/MEDIAN.npy",
            "mask_timeless/VALID_COUNT.npy",
            "meta_info/RECIPE.json",
            "meta_info/ATTRIBUTION.json",
            README,
        } <= set(names)
        assert all(member.compress_type == ZIP_STORED for member in file.infolist())
        assert all(member.external_attr >> 16 == 0o644 for member in file.infolist())
        for name in names:
            if name.endswith(".npy"):
                np.load(io.BytesIO(file.read(name)), allow_pickle=False)
            elif name != README:
                json.loads(file.read(name))
        readme = file.read(README).decode()
    assert readme.startswith("Simulated data")
    assert "Simulated data of a test" in readme
    assert question.digest in readme


@pytest.mark.parametrize(("method", "feature"), [("median", "MEDIAN"), ("least-cloudy", "LEAST_CLOUDY")])
def test_the_readme_names_what_the_method_made(method: str, feature: str, tmp_path: Path) -> None:
    question = recipe(px=9, radius=0, method=method, grow=2, vetoes=(Veto("S2A_1", "haze"),), least_coverage=1)
    write_patch_zip(tmp_path / "patch.zip", patch_of(question), provenance(question))
    with ZipFile(tmp_path / "patch.zip") as file:
        readme = file.read(README).decode()
        assert f"data_timeless/{feature}.npy" in file.namelist()
    for words in (f"{feature} is reflectance", "buffer 2 px", "Excluded: S2A_1: haze", "Dates that show 1 % of the"):
        assert words in readme


def test_the_same_patch_gives_the_same_bytes(tmp_path: Path) -> None:
    question = recipe(px=9, radius=0)
    for name in ("a.zip", "b.zip"):
        write_patch_zip(tmp_path / name, patch_of(question), provenance(question))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@given(
    st.data(),
    st.sampled_from([np.uint8, np.uint16, np.float32, np.bool_]),
    arrays.array_shapes(min_dims=3, max_dims=4, min_side=0, max_side=5),
)
def test_an_array_in_any_order_in_memory_is_written_as_numpy_writes_it(
    data: st.DataObject, dtype: Any, shape: tuple[int, ...]
) -> None:
    array = data.draw(arrays.arrays(dtype, shape))
    order = data.draw(st.permutations(range(len(shape))))
    for seen in (array, array.transpose(order)):
        expected = io.BytesIO()
        np.save(expected, np.ascontiguousarray(seen))
        assert b"".join(npy(seen)) == expected.getvalue()


def test_an_array_larger_than_a_piece_is_written_whole() -> None:
    array = np.moveaxis(np.arange(3 * 4 * 500 * 700, dtype=np.uint16).reshape(4, 3, 500, 700), 1, -1)
    pieces = list(npy(array))
    assert len(pieces) > 2
    np.testing.assert_array_equal(np.load(io.BytesIO(b"".join(pieces))), array)


def test_a_feature_that_would_need_a_pickle_is_refused(tmp_path: Path) -> None:
    question = recipe(px=5, radius=0)
    patch = patch_of(question)
    patch[FeatureType.SCALAR_TIMELESS, "WORDS"] = np.array([{"a": 1}], object)
    with pytest.raises(ValueError, match="SCALAR_TIMELESS/WORDS"):
        write_patch_zip(tmp_path / "patch.zip", patch, provenance(question))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    question = recipe(px=5, radius=0)
    with pytest.raises(StorageError, match=r"patch\.zip cannot be written"):
        write_patch_zip(tmp_path / "file" / "patch.zip", patch_of(question), provenance(question))
