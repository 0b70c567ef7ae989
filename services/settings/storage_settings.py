"""Where rows and bytes lie, what may be kept on the disk, and what stays free of it."""

from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from services.settings.fields import Copied, CopiedSecret


class StorageSettings(BaseModel):
    """The part of `Settings` that says where the rows are, and bounds the folder of all data."""

    database_url: CopiedSecret = SecretStr("")
    """PostgreSQL for jobs, ledger and library: `postgresql+psycopg://user:password@host/name`; a file under `home`
    where it is empty."""
    store: str = ""
    """Where frames lie that all machines share: `s3://bucket/prefix`; under `home` alone where it is empty."""
    store_endpoint: Copied = ""
    """Address of the S3-compatible service of `store`, with https:// or http://; Amazon's where it is empty."""
    store_region: str = "us-east-1"
    """Region of `store`; services of one's own take any."""
    store_access_key: CopiedSecret = SecretStr("")
    """Id of the key with which `store` is used."""
    store_secret_key: CopiedSecret = SecretStr("")
    """Its secret."""
    daily_copies: Annotated[int, Field(ge=0, le=365)] = 3
    """Days of which a copy of the database is kept under `home`, checked; 0 makes none."""
    min_free_gb: Annotated[float, Field(ge=0)] = 1
    """GB of the disk that stay free: nothing is begun that would take them. On a small disk a twentieth of it."""
    areas_gb: Annotated[float, Field(gt=0)] = 2
    """Size limit of the areas that links name, in GB; beyond it those that were not used for longest are removed."""
