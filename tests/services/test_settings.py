"""The configuration: the environment, then the file, and sentences where it is wrong."""

from pathlib import Path

import pytest

from services.errors import SettingsError
from services.settings import load_settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, and no other NINEPATCH variable."""
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    for name in ("NINEPATCH_SETTINGS", "NINEPATCH_PROVIDER", "NINEPATCH_DEMO_URL", "NINEPATCH_TILE_SIZE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_the_memory_is_shared_by_planes_and_outlines() -> None:
    settings = load_settings(memory_mb=801)
    assert (settings.outline_bytes, settings.plane_bytes) == (100_125_000, 700_875_000)


def test_the_demo_archive_is_the_default(home: Path) -> None:
    settings = load_settings()
    assert (settings.provider, settings.home, settings.tile_size) == ("auto", home, 3300)


def test_the_environment_comes_before_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "settings.toml").write_text('tile_size = 6600\nprovider = "copernicus"\n')
    monkeypatch.setenv("NINEPATCH_TILE_SIZE", "1200")
    settings = load_settings()
    assert (settings.tile_size, settings.provider) == (1200, "copernicus")


def test_the_file_lists_providers(home: Path) -> None:
    (home / "settings.toml").write_text(
        'provider = "ours"\n[[providers]]\nname = "ours"\nbase_url = "https://a.example"\nclient_secret = "hush"\n'
    )
    settings = load_settings()
    assert settings.providers[0].client_secret.get_secret_value() == "hush"
    assert "hush" not in repr(settings) + str(settings) + str(settings.model_dump())


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("NINEPATCH_TILE_SIZE", "3301", "tile_size.*3301"),
        ("NINEPATCH_TILE_SIZE", "wide", "tile_size.*wide"),
        ("NINEPATCH_TRIES", "0", "tries"),
        ("NINEPATCH_MEMORY_MB", "49", "memory_mb.*49"),
        ("NINEPATCH_SETTINGS", "/nowhere/settings.toml", "/nowhere/settings.toml"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(
    name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=words):
        load_settings()


def test_a_wrong_secret_is_not_repeated(home: Path) -> None:
    (home / "settings.toml").write_text("client_secret = [1234567]\n")
    with pytest.raises(SettingsError, match="client_secret") as caught:
        load_settings()
    assert "1234567" not in str(caught.value)


def test_a_file_that_is_no_toml_is_a_sentence(home: Path) -> None:
    (home / "settings.toml").write_text("tile_size = = 3")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings()


def test_an_unknown_key_is_named(home: Path) -> None:
    (home / "settings.toml").write_text("tilesize = 3300\n")
    with pytest.raises(SettingsError, match="tilesize"):
        load_settings()


@pytest.mark.parametrize("around", [" {} ", "{}\n", "'{}'", '"{}"\r\n', "“{}”", "\ufeff{}\u200b"])
def test_what_is_copied_along_with_an_account_is_left_out_and_said(
    around: str, caplog: pytest.LogCaptureFixture
) -> None:
    account = {"client_id": around.format("some-id"), "client_secret": around.format("hush-hush")}
    settings = load_settings(**account, providers=[{"name": "ours", "base_url": "https://a.example", **account}])
    for one in (settings, settings.providers[0]):
        assert (one.client_id, one.client_secret.get_secret_value()) == ("some-id", "hush-hush")
    assert caplog.text.count("client_id") == caplog.text.count("client_secret") == 2
    assert "hush" not in caplog.text and "hush" not in repr(settings)


def test_an_account_as_it_is_given_out_is_left_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    assert load_settings(client_id="a-b", client_secret="x'y z").client_secret.get_secret_value() == "x'y z"
    assert caplog.text == ""
