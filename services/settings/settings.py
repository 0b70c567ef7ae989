"""All of the configuration: one typed class, read from the environment (first) and a TOML file (second)."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from services.errors import SettingsError
from services.settings.access_settings import AccessSettings
from services.settings.fields import Copied, CopiedSecret
from services.settings.limit_settings import LimitSettings
from services.settings.observing_settings import ObservingSettings
from services.settings.provider_settings import ProviderSettings
from services.settings.secret_files import from_files
from services.settings.storage_settings import StorageSettings

HOME_VARIABLE = "NINEPATCH_HOME"
FILE_VARIABLE = "NINEPATCH_SETTINGS"
DEMO, AUTO, OPEN = "demo", "auto", "open"
"""Words for a provider that no description may have as its name; what the last two stand for is found at the start."""


def default_home() -> Path:
    """The folder of all data: ``NINEPATCH_HOME``, or ``.ninepatch`` in the user's home."""
    return Path(os.environ.get(HOME_VARIABLE) or Path.home() / ".ninepatch").expanduser().absolute()


def settings_file() -> Path:
    """The file that is read, if it is there. Raises SettingsError where one is named that is not."""
    named = os.environ.get(FILE_VARIABLE)
    file = Path(named) if named else default_home() / "settings.toml"
    if named and not file.is_file():
        raise SettingsError(f"{FILE_VARIABLE} names no file.", "Correct the path or unset it.", file)
    return file


class Settings(AccessSettings, ObservingSettings, StorageSettings, LimitSettings, BaseSettings):
    """All of the configuration. Secrets are never printed: they are `SecretStr`."""

    model_config = SettingsConfigDict(env_prefix="NINEPATCH_", frozen=True, extra="forbid")

    home: Path = Field(default_factory=default_home)
    """Folder of all data: cache, results, jobs, logs."""
    provider: str = AUTO
    """Where questions go that name no provider: `auto` (open data where its catalogue answers within 3 s, else the demo
    archive), `open` (open data in any case), or a name: `demo`, `sentinel-hub`, `copernicus`, or one of `providers`."""
    providers: tuple[ProviderSettings, ...] = ()
    """Further deployments and accounts (a list in the TOML file)."""
    base_url: str = ""
    """Base URL of the provider, where it is not one of the known ones."""
    token_url: str = ""
    """Token URL of the provider, where it is not one of the known ones."""
    client_id: Copied = ""
    """The account's OAuth client id."""
    client_secret: CopiedSecret = SecretStr("")
    """The account's OAuth client secret."""
    demo_url: str = ""
    """Address of a demo archive that runs already; empty starts one where it is needed."""
    tile_size: Annotated[int, Field(gt=0, multiple_of=60)] = 3300
    """Tile size of the team grid in metres; a multiple of 60, so that 10, 20 and 60 m bands align."""
    max_area_km2: Annotated[float, Field(gt=0)] = 500_000
    """Largest area that is accepted, in km²."""
    max_reach_km: Annotated[float, Field(gt=0)] = 2000
    """How far an area may reach from the middle of its UTM zone, in km: one grid is not true far beyond it."""
    max_tiles: Annotated[int, Field(gt=0)] = 200_000
    """Most tiles that a grid may have."""
    least_coverage: Annotated[int, Field(ge=0, le=100)] = 1
    """Part of the picture that an acquisition must show to count as a date, whole percent, where a question begins
    here; 0 counts each one that touches a corner."""
    max_vertices: Annotated[int, Field(gt=0)] = 200_000
    """Most vertices that an area may have."""
    max_upload_mb: Annotated[int, Field(gt=0)] = 50
    """Largest file that is read, in MB."""
    max_features: Annotated[int, Field(gt=0)] = 1000
    """Most features of a file that are joined to one area."""
    max_unpacked_mb: Annotated[int, Field(gt=0)] = 200
    """Most that a zip or KMZ may unpack to, in MB."""
    max_ratio: Annotated[int, Field(gt=0)] = 200
    """How many times its size a zip or KMZ of more than 1 MB may unpack to."""
    max_members: Annotated[int, Field(gt=0)] = 100
    """Most files in a zip or KMZ."""
    file_seconds: Annotated[int, Field(ge=1)] = 5
    """Processor time that reading one file may take, in seconds; three times that on the clock."""
    file_memory_mb: Annotated[int, Field(ge=300)] = 1000
    """Memory that reading one file may take, in MB."""
    cache_gb: Annotated[float, Field(gt=0)] = 50
    """Size limit of the cache of frames in GB; the least recently used are removed beyond it."""
    results_gb: Annotated[float, Field(gt=0)] = 20
    """Size limit of finished results in GB; the oldest are removed beyond it and can be made again from the cache."""
    blocks_gb: Annotated[float, Field(gt=0)] = 20
    """Size limit of the cache of open data's files in GB; the least recently used blocks are removed beyond it."""
    memory_mb: Annotated[int, Field(ge=50)] = 800
    """Size limit of what the web application keeps in memory, in MB; one picture's observations come on top.

    Seven eighths are for planes of pictures, an eighth for outlines with their grids.
    """
    catalogue_hours: Annotated[float, Field(ge=0)] = 6
    """How long a catalogue answer is kept where its interval reaches into the last 60 days."""
    catalogue_hours_past: Annotated[float, Field(ge=0)] = 24 * 30
    """How long a catalogue answer is kept where its interval is wholly in the past."""
    connections: Annotated[int, Field(ge=1, le=64)] = 8
    """Kept-alive connections, and requests in flight, to one provider."""
    tries: Annotated[int, Field(ge=1, le=20)] = 5
    """How often one request is tried."""
    deadline_seconds: Annotated[float, Field(gt=0)] = 180
    """The whole time that one request may take, all tries together, without the waits that the service asks for."""
    patience_seconds: Annotated[float, Field(ge=0)] = 900
    """How long one request waits in all where the service asks to wait (HTTP 429)."""
    confirm_units: Annotated[float, Field(ge=0)] = 500
    """Above so many processing units a fetch is to be confirmed; 0 never asks."""
    confirm_gb: Annotated[float, Field(ge=0)] = 5
    """Above so many GB to download a fetch is to be confirmed; 0 never asks."""
    budget_job_units: Annotated[float, Field(ge=0)] = 0
    """Most processing units that one job may cost; 0 is no limit."""
    budget_member_units: Annotated[float, Field(ge=0)] = 0
    """Most processing units that each member may spend a month at one provider; 0 is no limit."""
    budget_team_units: Annotated[float | None, Field(ge=0)] = None
    """Most processing units that all members together may spend a month at one provider; 0 is no limit. Unset it is
    the account's units a month where people log in, else no limit."""
    budget_job_gb: Annotated[float, Field(ge=0)] = 0
    """Most GB that one job may download; 0 is no limit."""
    budget_member_gb: Annotated[float, Field(ge=0)] = 0
    """Most GB that each member may download a month from one provider; 0 is no limit."""
    budget_team_gb: Annotated[float, Field(ge=0)] = 0
    """Most GB that all members together may download a month from one provider; 0 is no limit."""
    order_share: Annotated[float, Field(gt=0, le=1)] = 0.8
    """Part of the account's month, units and requests, at which an order stops until the next one: the rest is left to
    the team."""
    member: Annotated[str, Field(max_length=100)] = ""
    """Who asks in the terminal; the login name where empty."""
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    """Patches composed at the same time."""
    engine: Literal["threads", "processes", "ray"] = "threads"
    """What composes the tiles of orders: `threads` of the worker, `processes` of its machine, or `ray`, a cluster."""
    ray_address: Copied = ""
    """Address of the cluster's head, `10.0.0.1:6379`, where the engine is `ray`."""
    supervise: bool = True
    """Start a worker with the application and look after it; false where workers are services of their own."""
    online_basemap: bool = True
    """Offer OpenStreetMap and satellite tile layers; the bundled outlines are always there."""
    geocoder_url: Copied = ""
    """Address of a search of Nominatim's kind, https or of this machine; empty searches the bundled places alone."""

    @property
    def outline_bytes(self) -> int:
        """The share of the memory that outlines, their grids and the lines of these may take."""
        return self.memory_mb * 10**6 // 8

    @property
    def plane_bytes(self) -> int:
        """The share of the planes: the rest."""
        return self.memory_mb * 10**6 - self.outline_bytes

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic passes it by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then files that it names, then the TOML file."""
        files = InitSettingsSource(settings_cls, from_files(settings_cls.model_fields, os.environ))
        file = TomlConfigSettingsSource(settings_cls, toml_file=settings_file())
        return init_settings, env_settings, files, file
