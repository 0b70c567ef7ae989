"""The command that asks the application whether it is well, as a container's health check does."""

from http.client import HTTPConnection, HTTPException

import typer

from services.access import Entrance
from services.settings import load_settings

PATIENCE_SECONDS = 5.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
"""Where this machine reaches what listens on all addresses."""


def health() -> None:
    """Ask the application that runs here whether it is well; the exit status is 1 where it is not."""
    entrance = Entrance.of(load_settings())
    host = _EVERYWHERE.get(entrance.listen, entrance.listen)
    named = {"Host": entrance.public.host} if entrance.public else {}
    connection = HTTPConnection(host, entrance.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", f"{entrance.path}/health", headers=named)
        answer = connection.getresponse()
        said, well = answer.read().decode(errors="replace"), answer.status == 200
    except (OSError, HTTPException) as error:
        said, well = f"Nobody answers at {host}, port {entrance.port}: {error}.", False
    finally:
        connection.close()
    print(said)
    if not well:
        raise typer.Exit(1)
