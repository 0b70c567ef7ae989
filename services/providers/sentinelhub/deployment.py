"""One account at one deployment: what it is called, where it is, and what it may be asked."""

import hashlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

from services.providers.http import check_address, check_name
from services.settings import DEMO

if TYPE_CHECKING:  # sentinelhub takes a third of a second, which only those spend who ask
    from sentinelhub.config import SHConfig
    from sentinelhub.data_collections import DataCollection

_defining = threading.Lock()


@dataclass(frozen=True)
class Deployment:
    """One account at one deployment. Raises SettingsError where it could not be used safely.

    Credentials are sent to `token_url` and tokens to `base_url`, so both must be https, or this machine.
    """

    name: str
    """Part of cache keys and recipes, never a secret."""
    title: str
    """What people read."""
    base_url: str
    """Of catalogue and Process API, without a slash at the end; empty for a demo archive that does not run."""
    token_url: str
    collection: str = "sentinel-2-l2a"
    """The service's name of the collection."""
    client_id: str = field(default="", repr=False)
    client_secret: SecretStr = field(default=SecretStr(""), repr=False)
    requests_per_minute: float = 300
    units_per_minute: float = 300
    """Processing units."""
    units_per_month: float = 10_000
    """Processing units."""
    requests_per_month: float = 0
    """Of pixels and of the catalogue; 0 is no limit."""

    def __post_init__(self) -> None:
        check_name(self.name)
        if self.base_url or not self.simulated:
            check_address(self.name, "base_url", self.base_url)
            check_address(self.name, "token_url", self.token_url)

    @property
    def simulated(self) -> bool:
        """Whether it is the demo archive, whose pixels no satellite made."""
        return self.name == DEMO

    @property
    def host(self) -> str:
        """Where catalogue and Process API are, as people are told: `sh.dataspace.copernicus.eu`."""
        return urlsplit(self.base_url).netloc

    @property
    def has_credentials(self) -> bool:
        """Whether there is a client id with a secret."""
        return bool(self.client_id and self.client_secret.get_secret_value())

    @property
    def data_collection(self) -> "DataCollection":
        """As sentinelhub's type, bound to `base_url`: the client's own is bound to services.sentinel-hub.com."""
        from sentinelhub.data_collections import DataCollection

        definition = DataCollection.SENTINEL2_L2A.value.derive(
            api_id=self.collection, catalog_id=self.collection, service_url=self.base_url
        )
        digest = hashlib.sha256(f"{self.base_url} {self.collection}".encode()).hexdigest()[:12]
        with _defining:  # a table of the library that all threads share
            for known in DataCollection:
                if known.value == definition:
                    return known
            return DataCollection.SENTINEL2_L2A.define_from(
                f"NINEPATCH_{digest}", api_id=self.collection, catalog_id=self.collection, service_url=self.base_url
            )

    @property
    def config(self) -> "SHConfig":
        """The account as sentinelhub's type, made of defaults only: it reads no file, writes none, and knows no
        account of the environment. Its `repr` shows the last letters of a secret: never print it."""
        from sentinelhub.config import SHConfig

        return SHConfig(
            use_defaults=True,
            sh_client_id=self.client_id,
            sh_client_secret=self.client_secret.get_secret_value(),
            sh_base_url=self.base_url,
            sh_token_url=self.token_url,
        )

    def attribution(self, years: Iterable[int]) -> str:
        """The sentence that the data's licence asks for, or the one that says that the data are simulated."""
        if self.simulated:
            return "Simulated data, made by the demo archive of Ninepatch; no satellite data"
        return f"Contains modified Copernicus Sentinel data [{', '.join(map(str, sorted(set(years))))}]"
