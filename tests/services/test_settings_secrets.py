"""Whatever is wrong with the settings, no secret of theirs is said; and secrets that lie in files of their own."""

import json
import traceback
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as budget
from hypothesis import strategies as st

from services.errors import SettingsError
from services.settings import ProviderSettings, Settings, load_settings

SECRET = "Xq7-hush-42mark"
NUMBER = 918273645546372819
NAMES = sorted({*Settings.model_fields, *ProviderSettings.model_fields})


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own."""
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    for name in ("NINEPATCH_SETTINGS", "NINEPATCH_PROVIDER", "NINEPATCH_DEMO_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def said(caught: SettingsError) -> str:
    """All that a terminal, a log or a tool may show of it."""
    assert caught.__cause__ is None
    assert caught.__context__ is None
    return repr(caught) + str(caught) + "".join(traceback.format_exception(caught))


def refused() -> str:
    """What is said of the settings, which are wrong."""
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return said(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[providers]\nname = "ours"\nclient_secret = "{}"', "setting providers is not usable"),
        (
            '[[providers]]\nclient_id = "a"\nclient_secret = "{}"',
            "providers.0.name is not usable: Field required",
        ),
        ('client_secrt = "{}"', "setting client_secrt is not known. It may be meant for client_secret."),
        (
            '[[providers]]\nname = "a"\nclient_secrt = "{}"',
            "client_secrt is not known. It may be meant for client_secret",
        ),
        ('tile_size = 3300\n"{}" = "client_secret"', "setting in line 2 is not known"),
        ('[{}]\nclient_secret = "a"', "is not known"),
        ('tile_size = "{}"', "setting tile_size is not usable: Input should be a valid integer"),
        ('base_url = ["{}"]', "setting base_url is not usable"),
        ('providers = "{}"', "setting providers is not usable"),
        ('client_secret = "{}', "it is no TOML at"),
        ('a."{}" = 1\na."{}" = 2\n', "it is no TOML at line 2"),
        ('[a."{}"]\n[a."{}"]', "it is no TOML at line 2"),
        ("client_secret = {} ", "it is no TOML at line 1, column 17"),
        ('client_secret = "{}"\nx = ' + 5000 * "[", "cannot be read"),
        ('log_format = "{}"', "'text' or 'json'"),
    ],
)
def test_a_wrong_file_is_explained_without_its_secret(text: str, words: str, home: Path) -> None:
    (home / "settings.toml").write_text(text.replace("{}", SECRET))
    found = refused()
    assert words in found
    assert SECRET not in found


def test_a_variable_that_is_no_json_is_explained_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NINEPATCH_PROVIDERS", f'[{{"client_secret": "{SECRET}"')
    found = refused()
    assert "The variable NINEPATCH_PROVIDERS is no JSON" in found
    assert SECRET not in found


def test_bytes_that_are_no_text_are_explained_without_them(home: Path) -> None:
    (home / "settings.toml").write_bytes(f'client_secret = "{SECRET}'.encode() + b'\xff"')
    found = refused()
    assert "no text in UTF-8" in found
    assert SECRET not in found


SCALARS = st.sampled_from([SECRET, f"https://u:{SECRET}@a.example", NUMBER, 3300, "wide", True, 1.5, ""])
KEYS = st.sampled_from([*NAMES, SECRET, f"client_{SECRET}", "client_secrt", "tilesize", "provider"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=4,
)


def toml(value: object) -> str:
    """A value as TOML has it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
    return "[" + ", ".join(map(toml, value)) + "]" if isinstance(value, list) else json.dumps(value)


@budget(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.dictionaries(KEYS, VALUES, max_size=3), cut=st.none() | st.integers(0, 60), junk=st.text("=[]{}\"'.\n"))
def test_no_file_makes_an_error_say_what_may_be_secret(
    table: dict[str, object], cut: int | None, junk: str, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = "".join(f"{json.dumps(key)} = {toml(value)}\n" for key, value in table.items())
    text = text if cut is None else text[:cut] + junk + text[cut:]
    (home / "settings.toml").write_text(text, encoding="utf-8")
    try:
        load_settings()
    except SettingsError as error:
        found = said(error)
        assert SECRET not in found
        assert str(NUMBER) not in found
    assert SECRET not in caplog.text


# Secrets in files of their own

SECRETS = ("client_secret", "client_id", "oidc_client_secret", "oidc_client_id", "proxy_secret", "cookie_secret")


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_read_from_the_file_that_its_variable_names(
    name: str, home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (home / "secret").write_text(f"{SECRET}\n")
    monkeypatch.setenv(f"NINEPATCH_{name.upper()}_FILE", str(home / "secret"))
    found = getattr(load_settings(), name)
    assert (found if isinstance(found, str) else found.get_secret_value()) == SECRET
    assert caplog.text == ""


def test_a_secret_that_is_given_both_ways_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "secret").write_text(SECRET)
    monkeypatch.setenv("NINEPATCH_CLIENT_SECRET_FILE", str(home / "secret"))
    monkeypatch.setenv("NINEPATCH_CLIENT_SECRET", SECRET)
    found = refused()
    assert "NINEPATCH_CLIENT_SECRET and NINEPATCH_CLIENT_SECRET_FILE are both set" in found
    assert SECRET not in found


@pytest.mark.parametrize("content", [None, SECRET.encode() + b"\xff"])
def test_a_secrets_file_that_cannot_be_read_is_a_sentence(
    content: bytes | None, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (home / "secret").write_bytes(content)
    monkeypatch.setenv("NINEPATCH_PROXY_SECRET_FILE", str(home / "secret"))
    found = refused()
    assert "The file that NINEPATCH_PROXY_SECRET_FILE names cannot be read" in found
    assert SECRET not in found


def test_other_settings_have_no_such_variable(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "size").write_text("6600")
    monkeypatch.setenv("NINEPATCH_TILE_SIZE_FILE", str(home / "size"))
    assert load_settings().tile_size == 3300
