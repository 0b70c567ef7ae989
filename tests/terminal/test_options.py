"""Options as they are typed: what is meant is said, and one beside a recipe is not passed over."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import cli
from services.export.result_store import recipe_text
from services.grid import Lattice, TileIndex
from services.recipe import Interval, Recipe
from terminal.options import whole_percent
from terminal.output import table

RECIPE = Recipe(Lattice(32635, 390_000.0, 6_738_000.0, 3300.0, 3300.0), TileIndex(1, 1), Interval.of_year(2017))


@pytest.mark.parametrize(("typed", "percent"), [("10", 10), (" 0 ", 0), ("25%", 25), ("7.0", 7), ("-3", -3)])
def test_whole_percent_are_taken(typed: str, percent: int) -> None:
    assert whole_percent(typed) == percent


@pytest.mark.parametrize(
    ("typed", "words"), [("0.1", "--maxcc 10"), ("0.05", "--maxcc 5"), ("12.5", "--maxcc 12"), ("few", "like 10")]
)
def test_a_part_of_one_is_told_that_percent_are_meant(typed: str, words: str) -> None:
    with pytest.raises(typer.BadParameter, match="whole percent are meant") as raised:
        whole_percent(typed)
    assert words in str(raised.value)


def test_the_terminal_says_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["cli.py", "estimate", "--maxcc", "0.1"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2


def test_an_option_beside_a_recipe_is_said_to_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    monkeypatch.setenv("NINEPATCH_DEMO_URL", "http://127.0.0.1:9")
    file = tmp_path / "recipe.json"
    file.write_text(recipe_text(RECIPE))
    done = CliRunner().invoke(cli.app, ["estimate", "--recipe", str(file), "--maxcc", "5", "--mask", "clear"])
    assert done.stderr.strip() == "--maxcc counts: 5 in the place of the recipe's 10."


KEY = "S2A_R079_20170607T095031"


@pytest.mark.parametrize("terminal", [True, False])
def test_what_a_veto_needs_is_never_cut(
    terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    table(("date", "key", "reason"), [("2017-06-07", KEY, "a long word " * 9)], whole=("date", "key"))
    lines = capsys.readouterr().out.splitlines()
    assert sum("2017-06-07" in line and KEY in line for line in lines) == 1
    assert "…" not in "".join(lines)
    assert terminal or any(("a long word " * 9).strip() in line for line in lines), "a pipe gets whole lines"
