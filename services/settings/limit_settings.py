"""What one visitor may take of the server, so that the others have theirs."""

from typing import Annotated

from pydantic import BaseModel, Field


class LimitSettings(BaseModel):
    """The part of `Settings` that bounds requests, connections and uploads."""

    requests_minute: Annotated[int, Field(ge=60)] = 3000
    """Requests that one member may send a minute, all at once too; one for the lines of a grid or a whole zip counts
    for ten. Without a login, members are told apart by their addresses."""
    pages_member: Annotated[int, Field(ge=1)] = 200
    """Pages that one member may have open at the same time."""
    heavy_threads: Annotated[int, Field(ge=1, le=32)] = 2
    """Threads for grids, map tiles, small pictures, zips and tables; members have them by turns."""
    heavy_waiting: Annotated[int, Field(ge=1)] = 512
    """Such requests that may wait for a thread; the next one is told to come back."""
    heavy_waiting_member: Annotated[int, Field(ge=1)] = 128
    """How many of them may be one member's."""
    connections_peer: Annotated[int, Field(ge=8)] = 256
    """Connections that one address may have open, pages' own not counted; no bound for this machine's addresses, for
    `proxy_addresses`, and where `public_url` is https: a proxy then brings everybody's."""
    half_sent: Annotated[int, Field(ge=8)] = 512
    """Connections that may be waiting for the rest of a request; where there are more, the oldest are closed."""
    head_seconds: Annotated[float, Field(gt=0)] = 15
    """How long the head of a request may take to come."""
    body_seconds: Annotated[float, Field(gt=0)] = 600
    """How long a whole request with its file may take to come; half a minute without a byte ends it too."""
    uploads_session_mb: Annotated[int, Field(ge=1)] = 150
    """What the files that a page keeps may take in memory together, in MB; at least three times `max_upload_mb`, since
    two may be kept while a third comes."""
    uploads_session_files: Annotated[int, Field(ge=1)] = 20
    """How many files a page may keep."""
    uploads_member_mb: Annotated[int, Field(ge=1)] = 300
    """What those of all pages of one member may take, in MB."""
    uploads_mb: Annotated[int, Field(ge=1)] = 600
    """What those of all members together may take, in MB."""
