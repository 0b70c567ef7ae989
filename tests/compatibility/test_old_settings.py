"""Settings keep their names, in the environment and in the file, and their defaults."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.compatibility.before import SETTINGS
from tests.compatibility.conftest import Terminal
from tests.compatibility.present import setting

CHANGED = {"provider": "auto", "budget_team_units": None}
"""Defaults that are others now: open data where its catalogue answers, the demo archive elsewhere; the account's quota
where people log in, no limit elsewhere."""
NAMES = [name for name in SETTINGS["settings"] if name != "home"]


def toml(values: dict[str, Any]) -> str:
    """Lines of a settings file; JSON writes text, numbers and truth as TOML does."""
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())


def others(group: str) -> dict[str, Any]:
    """A value that is not the default, for every name."""
    return {name: one["other"] for name, one in SETTINGS[group].items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_has_its_name_in_the_environment(name: str, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = SETTINGS["settings"][name]
    assert setting(name) == CHANGED.get(name, known["default"])
    value = known["other"]
    monkeypatch.setenv(f"NINEPATCH_{name.upper()}", value if isinstance(value, str) else json.dumps(value))
    assert setting(name) == value


def test_the_file_of_settings_has_the_same_names(bare: Path) -> None:
    values = others("settings") | {"provider": "second"}
    del values["home"], values["providers"]
    bare.mkdir()
    (bare / "settings.toml").write_text(toml(values) + "[[providers]]\n" + toml(others("provider")))
    assert {name: setting(name) for name in values} == values
    assert setting("providers") == [others("provider")]


def test_the_settings_of_the_old_home_are_in_use(home: Path, terminal: Terminal) -> None:
    assert (setting("tile_size"), setting("confirm_units")) == (900, 250)
    listed = {one["name"]: one for one in terminal("providers")["providers"]}
    assert listed["mirror"]["base_url"] == "https://mirror.invalid"
    assert [name for name, one in listed.items() if one["chosen"]] == ["demo"]
