"""How much of a file is read: the part of the settings that the process which reads files is told."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self, TypeAlias

from services.errors import AreaError

if TYPE_CHECKING:
    from services.settings import Settings

MAX_POLYGONS = 10_000
"""Parts of one area: more take seconds to join."""


@dataclass(frozen=True)
class FileLimits:
    """Fields of the same names as in the settings, with the same meaning."""

    max_upload_mb: int = 50
    max_vertices: int = 200_000
    max_features: int = 1000
    max_unpacked_mb: int = 200
    max_ratio: int = 200
    max_members: int = 100
    file_seconds: int = 5
    file_memory_mb: int = 1000

    @classmethod
    def of(cls, settings: object) -> Self:
        """Those of the settings."""
        return cls(**{field.name: getattr(settings, field.name) for field in fields(cls)})


TextLimits: TypeAlias = "FileLimits | Settings"
"""What the readers of texts are told."""


def check_size(vertices: int, polygons: int, limits: TextLimits) -> None:
    """Raises AreaError where it is more than one area may have."""
    if vertices > limits.max_vertices:
        raise AreaError(
            f"The area has {vertices:,} vertices; at most {limits.max_vertices:,} are accepted.",
            "Simplify it: a tolerance of 10 m changes no tile.",
        )
    if polygons > MAX_POLYGONS:
        raise AreaError(
            f"The area has {polygons:,} polygons; at most {MAX_POLYGONS:,} are accepted.",
            "Join them, or leave the smallest out.",
        )
