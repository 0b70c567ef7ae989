"""Which deployments there are, and that a secret cannot be sent to a wrong one."""

from pathlib import Path

import pytest
from sentinelhub.api.process import SentinelHubRequest
from sentinelhub.data_collections import DataCollection

from services.errors import RecipeError, SettingsError
from services.providers import all_providers, find_provider, provider_named
from services.settings import Settings, load_settings
from tests.services.deployments import deployment

SECRET = "hush-hush-secret"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of whoever runs the tests."""
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    for name in ("PROVIDER", "BASE_URL", "TOKEN_URL", "CLIENT_ID", "CLIENT_SECRET", "SETTINGS"):
        monkeypatch.delenv(f"NINEPATCH_{name}", raising=False)


def private(**changes: object) -> Settings:
    """A deployment of one's own."""
    return load_settings(
        **{
            "provider": "private",
            "base_url": "https://sh.example.org/",
            "token_url": "https://login.example.org/token",
            "client_id": "somebody",
            "client_secret": SECRET,
        }
        | changes
    )


def test_without_settings_there_are_the_demo_archive_the_two_known_deployments_and_open_data() -> None:
    names = [provider.name for provider in all_providers(load_settings())]
    assert names == ["demo", "sentinel-hub", "copernicus", "earth-search", "planetary-computer"]
    assert find_provider(load_settings(provider="demo")).simulated


@pytest.mark.parametrize(
    ("name", "base", "token"),
    [
        (
            "sentinel-hub",
            "https://services.sentinel-hub.com",
            "https://services.sentinel-hub.com/auth/realms/main/protocol/openid-connect/token",
        ),
        (
            "copernicus",
            "https://sh.dataspace.copernicus.eu",
            "https://identity.dataspace.copernicus.eu/auth/realms/CDSE/protocol/openid-connect/token",
        ),
    ],
)
def test_a_known_deployment_needs_an_account_only(name: str, base: str, token: str) -> None:
    provider = deployment(load_settings(provider=name, client_id="somebody", client_secret=SECRET))
    assert (provider.base_url, provider.token_url) == (base, token)
    assert provider.has_credentials
    assert provider.data_collection.value.service_url == base
    assert (provider.config.sh_base_url, provider.config.sh_token_url) == (base, token)


def test_a_private_deployment_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PROVIDER": "private",
        "BASE_URL": "https://sh.example.org/",
        "TOKEN_URL": "https://login.example.org/token",
        "CLIENT_ID": "somebody",
        "CLIENT_SECRET": SECRET,
    }.items():
        monkeypatch.setenv(f"NINEPATCH_{name}", value)
    provider = deployment(load_settings())
    assert (provider.base_url, provider.host) == ("https://sh.example.org", "sh.example.org")
    assert provider.client_secret.get_secret_value() == SECRET


def test_providers_come_from_the_file_with_their_own_accounts(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(
        """
        provider = "team"
        [[providers]]
        name = "team"
        title = "The team's deployment"
        base_url = "https://sh.example.org"
        token_url = "https://login.example.org/token"
        client_id = "us"
        client_secret = "ours"
        units_per_minute = 1000
        [[providers]]
        name = "copernicus"
        client_id = "me"
        client_secret = "mine"
        """
    )
    settings = load_settings()
    assert deployment(settings).title == "The team's deployment"
    assert deployment(settings).units_per_minute == 1000
    copernicus = deployment(settings, "copernicus")
    assert (copernicus.title, copernicus.client_id) == ("Copernicus Data Space", "me")
    assert copernicus.base_url == "https://sh.dataspace.copernicus.eu"


def test_the_account_beside_the_choice_is_for_the_chosen_provider_only() -> None:
    settings = load_settings(provider="copernicus", client_id="somebody", client_secret=SECRET)
    assert deployment(settings, "copernicus").has_credentials
    assert not deployment(settings, "sentinel-hub").has_credentials


def test_the_requests_of_sentinelhub_go_to_the_providers_address() -> None:
    for settings in (
        private(),
        private(base_url="https://sh.example.com"),
        load_settings(provider="demo", demo_url="http://127.0.0.1:1"),
    ):
        provider = deployment(settings)
        assert provider.data_collection is deployment(settings).data_collection
        data = SentinelHubRequest.input_data(provider.data_collection)
        assert data.service_url == provider.base_url
        assert provider.data_collection.bands == DataCollection.SENTINEL2_L2A.bands


def test_a_collection_of_another_name_is_asked_for_by_that_name() -> None:
    team = {
        "name": "team",
        "base_url": "https://sh.example.org",
        "token_url": "https://login.example.org/token",
        "collection": "s2-mirror",
    }
    collection = deployment(load_settings(provider="team", providers=[team])).data_collection
    assert (collection.api_id, collection.catalog_id) == ("s2-mirror", "s2-mirror")


def test_the_demo_archive_is_there_before_it_runs() -> None:
    provider = deployment(load_settings(provider="demo"))
    assert (provider.base_url, provider.token_url) == ("", "")
    running = deployment(load_settings(provider="demo", demo_url="http://127.0.0.1:8600/"))
    assert running.base_url == "http://127.0.0.1:8600"
    assert running.token_url.startswith("http://127.0.0.1:8600/auth/")


def test_an_unknown_provider_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="'nowhere'; known are demo, sentinel-hub, copernicus"):
        find_provider(load_settings(provider="nowhere"))
    with pytest.raises(RecipeError, match=r"'nowhere'; known here are demo, .*, planetary-computer, private"):
        provider_named("nowhere", private())


@pytest.mark.parametrize("key", ["base_url", "token_url"])
@pytest.mark.parametrize(
    "url",
    [
        "http://sh.example.org",
        "http://127.0.0.1.example.org",
        "http://169.254.169.254",
        "ftp://127.0.0.1/x",
        "sh.example.org",
        "https://",
        "https://user:pass@sh.example.org",
        "https://sh.example.org/?next=1",
        "https://sh.example.org/#x",
        "https://sh.example .org",
        "https://sh.example.org:port",
        "file:///etc/passwd",
    ],
)
def test_a_secret_goes_over_https_or_stays_on_this_machine(key: str, url: str) -> None:
    with pytest.raises(SettingsError, match=key) as caught:
        find_provider(private(**{key: url}))
    assert "pass" not in caught.value.cause.replace("password", "").replace("passwd", "")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8600", "http://localhost:8600", "http://[::1]:8600"])
def test_this_machine_may_do_without_https(url: str) -> None:
    assert deployment(private(base_url=url)).base_url == url


@pytest.mark.parametrize("name", ["", "Über", "a/b", "a b", "x" * 41, "../x"])
def test_a_name_that_is_no_part_of_a_key_is_refused(name: str) -> None:
    with pytest.raises(SettingsError):
        find_provider(private(provider=name))


def test_the_name_of_the_demo_archive_is_taken() -> None:
    with pytest.raises(SettingsError, match="demo"):
        all_providers(load_settings(providers=[{"name": "demo", "base_url": "https://sh.example.org"}]))


def test_the_attribution_names_the_years_once_and_in_order() -> None:
    assert deployment(private()).attribution([2018, 2017, 2018]) == (
        "Contains modified Copernicus Sentinel data [2017, 2018]"
    )
    assert deployment(load_settings(provider="demo")).attribution([2017]).startswith("Simulated data")


def test_a_provider_does_not_show_its_account() -> None:
    provider = deployment(private())
    assert SECRET not in f"{provider!r} {provider}"
    assert "somebody" not in repr(provider)
    assert hash(provider) == hash(deployment(private()))
