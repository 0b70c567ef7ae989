"""Recipe files of both versions keep their meaning: their digest is job, folder and link."""

import json
from pathlib import Path

import pytest

from tests.compatibility.before import EXPECTED, RECIPES, recipe_file
from tests.compatibility.conftest import Terminal
from tests.compatibility.present import recipe_of


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_file_has_the_digest_that_it_had(name: str) -> None:
    digest, slug, _ = recipe_of(recipe_file(name).read_text())
    assert (digest, slug) == (RECIPES[name]["digest"], RECIPES[name]["slug"])


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_written_as_it_was(name: str) -> None:
    text = recipe_file(name).read_text()
    _, _, plain = recipe_of(text)
    assert list(plain.items()) == list(json.loads(text).items()), "the order of the keys is part of the digest"


def test_both_versions_are_among_them() -> None:
    assert {json.loads(recipe_file(name).read_text())["version"] for name in RECIPES} == {1, 2}


@pytest.mark.parametrize("name", EXPECTED["estimates"])
def test_all_frames_of_an_old_recipe_are_found_and_nothing_is_asked(name: str, terminal: Terminal) -> None:
    said = terminal("estimate", "--recipe", str(recipe_file(name)))
    expected = EXPECTED["estimates"][name]
    assert {key: said[key] for key in expected} == expected
    assert (said["requests"], said["planes_cached"]) == (0, said["planes_wanted"])


@pytest.mark.parametrize("name", EXPECTED["handed_over"])
def test_a_fetch_of_an_old_recipe_hands_the_old_result_over(
    name: str, home: Path, terminal: Terminal, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    said = terminal("fetch", "--recipe", str(recipe_file(name)), "--out", str(out))
    assert (said["requests"], said["planes_fetched"]) == (0, 0)
    assert set(EXPECTED["handed_over"][name]) <= {str(Path(file).relative_to(out)) for file in said["files"]}
    assert (out / "recipe.json").read_bytes() == recipe_file(name).read_bytes()
    assert (out / "picture.png").read_bytes() == next(
        home.glob(f"results/{RECIPES[name]['digest']}/picture.png")
    ).read_bytes()
