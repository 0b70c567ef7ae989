"""The program and the notebook as texts; that they make the same pixels is tested over HTTP."""

import ast
import hashlib
import json
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from pydantic import SecretStr

from services.catalogue import window
from services.export.script import Script, checksum
from services.providers import Provider
from services.providers.sentinelhub import SentinelHub
from services.recipe import Recipe, Veto
from tests.services.published import DEMO, HUB, passes
from tests.services.scenes import composites, provenance, recipe

EMOJI = "🌲 Wald 👩‍🌾 Ä\u2028"
HOSTILE = 'Åland """ \\ \' $x$ ${y} <b>%s</b> {z} # `a` [l](u)\u2028'


def script(question: Recipe | None = None, provider: Provider = DEMO, **more: Any) -> Script:
    """Of two acquisitions."""
    question = question or recipe(px=12)
    return Script(
        provenance(question, simulated=provider.simulated), provider, passes(question, (1.25, 3), **more), "e" * 64
    )


def named(program: str) -> dict[str, Any]:
    """The literals that the program gives names to."""
    found = {}
    for node in ast.parse(program).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return found


def test_tiles_dates_and_size_are_those_of_the_recipe() -> None:
    question = recipe(px=12, height_px=7)
    names = named(script(question).program())
    assert names["TILES"] == {tile.name: tile.bounds for tile in question.neighbourhood.tiles}
    assert list(names["TILES"]) == [tile.name for tile in question.neighbourhood.tiles], "in display order"
    assert names["SIZE"] == (12, 7)
    assert names["BANDS"] == list(question.bands)
    assert names["EPSG"] == "32635"
    wanted = [
        (one.key, *(time.isoformat() for time in window(one)), one.cloud_cover) for one in passes(question, (1.25, 3))
    ]
    assert names["ACQUISITIONS"] == wanted
    assert names["MASKED"] == [0, 1, 3, 8, 9, 10]
    assert names["EXPECTED"] == "e" * 64


def test_it_needs_nothing_of_this_project() -> None:
    tree = ast.parse(script(recipe(px=12, grow=2)).program())
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert modules == {
        *("hashlib", "os", "warnings", "pathlib", "numpy", "cv2", "matplotlib", "sentinelhub"),
        *("eolearn.core", "eolearn.io"),
    }


@pytest.mark.parametrize(
    "question", [recipe(px=6, mask="none", grow=3), recipe(px=6, mask="strict", method="least-cloudy")]
)
def test_it_has_only_what_its_recipe_needs(question: Recipe) -> None:
    program = script(question).program()
    assert "cv2" not in program
    assert ("SCL" in program) is (question.mask != "none")
    assert ("warnings" in program) is (question.method == "median")
    compile(program, "reproduce.py", "exec")


def test_an_area_may_be_named_with_an_emoji() -> None:
    made = script(recipe(px=12, area=EMOJI))
    for text in (made.program(), made.notebook()):
        assert text.encode("utf-8").decode() == text
    literals = [node.value for node in ast.walk(ast.parse(made.program())) if isinstance(node, ast.Constant)]
    texts = [value for value in literals if isinstance(value, str) and "Wald" in value]
    assert any(EMOJI in value for value in texts)
    assert all(value.encode("utf-8") for value in texts)
    nbformat.validate(nbformat.reads(made.notebook(), as_version=4))  # type: ignore[no-untyped-call]


def test_tiles_that_an_acquisition_misses_are_not_asked_for() -> None:
    question = recipe(px=12)
    made = script(question, reach=(0.5,))
    (first, _) = passes(question, (1.25, 3), reach=(0.5,))
    assert named(made.program())["BEYOND"] == {(f"x36_y{y}", first.key) for y in (24, 25, 26)}
    assert "for 15 pictures" in made.program()


def test_no_secret_is_in_it() -> None:
    account = SentinelHub(
        "private",
        "Private",
        "https://sh.example.org",
        "https://id.example.org/token",
        "s2-copy",
        "THE-ID",
        SecretStr("THE-SECRET"),
    )
    made = script(provider=account)
    for text in (made.program(), made.notebook()):
        assert "THE-ID" not in text
        assert "THE-SECRET" not in text
        assert 'os.environ[\\"SH_CLIENT_SECRET\\"]' in text or 'os.environ["SH_CLIENT_SECRET"]' in text
    assert '"https://sh.example.org"' in made.program()
    assert 'api_id="s2-copy"' in made.program()


def test_the_demo_archive_has_no_address_in_it() -> None:
    archive = SentinelHub("demo", "Demo archive", "http://127.0.0.1:43210", "http://127.0.0.1:43210/token")
    assert "43210" not in script(provider=archive).program()
    assert script(provider=archive).program().startswith('"""Simulated data: ')
    assert "Simulated" not in script(provider=HUB).program()


def test_words_of_users_are_only_words() -> None:
    question = recipe(px=6, radius=0, area=HOSTILE, vetoes=(Veto("S2A_1", 'haze """ \\ $t {u}'),))
    made = script(question)
    tree = ast.parse(made.program())
    docstring = ast.get_docstring(tree)
    assert docstring is not None
    assert "$x$ ${y}" in docstring
    assert HOSTILE.rstrip("\u2028").split(" $x$")[0] in named(made.program())["TITLE"].replace("\n", " ")
    first = nbformat.reads(made.notebook(), as_version=4).cells[0].source  # type: ignore[no-untyped-call]
    assert "<b>" not in first
    assert "\\$x\\$" in first


def test_the_program_says_that_small_dates_were_left_out_where_they_were() -> None:
    words = " ".join((ast.get_docstring(ast.parse(script(recipe(px=6, least_coverage=1)).program())) or "").split())
    assert "acquisitions with a scene cloud cover of at most 10 % that show 1 % of the picture or more." in words
    assert "of the picture or more" not in script(recipe(px=6)).program()


def test_the_notebook_is_the_program_in_cells() -> None:
    made = script(recipe(px=6, grow=1))
    notebook = nbformat.reads(made.notebook(), as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert ast.dump(ast.parse(code)) == ast.dump(ast.Module(ast.parse(made.program()).body[1:], []))
    assert all(not cell.outputs for cell in notebook.cells if cell.cell_type == "code")
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds == ["markdown"] + ["markdown", "code"] * (len(kinds) // 2), "each cell is explained"


def test_the_same_result_gives_the_same_text() -> None:
    assert script().program() == script().program()
    assert json.loads(script().notebook()) == json.loads(script().notebook())


def test_the_checksum_is_of_the_tiles_one_after_another() -> None:
    question = recipe(px=5)
    tiles = composites(question)
    by_hand = hashlib.sha256()
    for tile in tiles:
        for row in tile.reflectance.tolist():
            for pixel in row:
                by_hand.update(b"".join(np.float32(-1 if value != value else value).tobytes() for value in pixel))
    assert checksum(tiles) == by_hand.hexdigest()
    assert checksum(tiles[:1]) != checksum(tiles[1:2])


def test_it_reads_as_one_would_write_it(tmp_path: Path) -> None:
    for line in script(recipe(px=6, grow=1)).program().splitlines():
        assert len(line) <= 120
        assert line == line.rstrip()
