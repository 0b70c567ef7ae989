"""What the server tells those who watch it."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr

from services.settings.fields import CopiedSecret


class ObservingSettings(BaseModel):
    """The part of `Settings` for logs and metrics."""

    log_format: Literal["text", "json"] = "text"
    """Lines of the logs: `text` for people, or `json`, an object a line, for machines."""
    log_mb: Annotated[float, Field(gt=0)] = 10
    """Size of one log file in MB; beyond it a new one is begun, and the last five are kept."""
    metrics_token: CopiedSecret = SecretStr("")
    """What Prometheus sends as `Authorization: Bearer …` to read `/metrics`; closed where empty."""
