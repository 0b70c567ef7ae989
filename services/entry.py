"""A row of the ledger: who asked for what, and what became of it."""

from dataclasses import dataclass

from services.plan import BlockRequest


@dataclass(frozen=True)
class Asker:
    """On whose account something is asked."""

    provider: str
    """Name of the provider."""
    member: str
    """Name of who asks."""
    recipe: str
    """Digest of the recipe."""
    run: str
    """One attempt to carry out a job: the same over the workers that take it over, another after a resume."""


@dataclass(frozen=True)
class Entry:
    """One Process request: what it asks for, and what became of it."""

    provider: str
    """Name of the provider."""
    acquisition: str
    """Its key."""
    pixels: int
    """Width × height."""
    tiles: int
    planes: tuple[str, ...]
    """Bands, SCL, dataMask."""
    estimated: float
    """Processing units by the service's formula."""
    units: float | None = None
    """Processing units as the service's header says, of all tries; None while nothing has been heard."""
    bytes: int = 0
    """Bytes that came, of all tries."""
    seconds: float = 0.0
    """From the first try to the end, with all waits."""
    tries: int = 0
    """How often it was sent, those included that were answered with 429."""
    status: int = 0
    """HTTP status of the last answer; 0 where none came."""
    error: str = ""
    """Kind of the error that ended it: `ServiceFailed`; empty where it was answered as asked."""
    member: str = ""
    """Name of who asks."""
    recipe: str = ""
    """Digest of the recipe."""
    run: str = ""
    """See Asker."""
    time: float = 0.0
    """Seconds since 1970, when it was written."""
    month: str = ""
    """`2026-11`, UTC."""

    @classmethod
    def of(cls, block: BlockRequest, asker: Asker) -> "Entry":
        """Of a request that has not been sent."""
        return cls(
            provider=asker.provider,
            acquisition=block.acquisition.key,
            pixels=block.pixels,
            tiles=block.columns * block.rows,
            planes=block.planes,
            estimated=block.units,
            member=asker.member,
            recipe=asker.recipe,
            run=asker.run,
        )
