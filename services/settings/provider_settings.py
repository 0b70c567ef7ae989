"""One provider's part of the configuration."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from services.settings.fields import Copied, CopiedSecret, pairs


class ProviderSettings(BaseModel):
    """One account at one service, or one catalogue of open data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """Short name: part of cache keys and recipes, never a secret."""
    kind: str = "sentinel-hub"
    """Kind of service, a name of `services.providers.registry.KINDS`."""
    title: str = ""
    """What people read; the name where empty."""
    base_url: str = ""
    """Where the catalogue and Process API are; known for `sentinel-hub` and `copernicus`."""
    token_url: str = ""
    """Where a token is had; known for `sentinel-hub` and `copernicus`."""
    collection: str = "sentinel-2-l2a"
    """The service's name of the collection."""
    client_id: Copied = ""
    client_secret: CopiedSecret = SecretStr("")
    requests_per_minute: Annotated[float, Field(gt=0)] = 300
    """The account's rate limit; 300 is a free Copernicus Data Space account's."""
    units_per_minute: Annotated[float, Field(gt=0)] = 300
    """The account's rate limit in processing units."""
    units_per_month: Annotated[float, Field(gt=0)] = 10_000
    """The account's quota in processing units."""
    requests_per_month: Annotated[float, Field(ge=0)] = 10_000
    """The account's quota in requests, of pixels and of the catalogue: what would pass it is not asked; 0 is none."""
    profile: str = ""
    """Of kind `stac`: the known catalogue that it is like, whose facts hold where others are not given here."""
    assets: Annotated[tuple[tuple[str, str], ...], BeforeValidator(pairs)] = ()
    """Of kind `stac`: the asset's name of each plane, `{B04 = "red", SCL = "scl"}`."""
    hosts: tuple[str, ...] = ()
    """Of kind `stac`: the hosts where its files may lie; the catalogue's own where empty."""
    sign_url: str = ""
    """Of kind `stac`: where signatures of addresses are had; empty where files need none."""
    simulated: bool = False
    """Of kind `stac`: whether no satellite made its pixels; a world that the demo archive published needs it."""
