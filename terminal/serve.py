"""The command that starts the web application by our own settings, and answers at its port from the first moment."""

import json
import os
import socket
from pathlib import Path
from typing import Annotated

import typer

from services import starting
from services.access import FORWARDED_VARIABLE, VISITOR_HEADER, Entrance, Login, cookie_secret
from services.settings import FILE_VARIABLE, HOME_VARIABLE, Settings, load_settings

_COOKIES = 64 * 1024
"""Bytes that the cookies of one person may have, as for requests that are no WebSocket: a login lists their groups."""
ROOT = Path(__file__).resolve().parents[1]


def serve(
    listen: Annotated[str, typer.Option(help="Address to listen on; the setting's unless given.")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on; the setting's unless given.", min=0, max=65535)] = 0,
) -> None:
    """Start the web application with its worker; the address is printed once it answers."""
    given: dict[str, object] = {"listen": listen, "port": port}
    settings = load_settings(**{name: value for name, value in given.items() if value})
    entrance = Entrance.of(settings)
    listener = starting.listening(entrance.listen, entrance.port)
    starting.begin(listener, _shell(settings, entrance))
    os.environ.update(_environment(settings, entrance))
    run_streamlit(["run", str(ROOT / "app.py"), *_options(settings, entrance)], listener)


def _shell(settings: Settings, entrance: Entrance) -> starting.Shell | None:
    """The application's page for who comes meanwhile; none where people have to log in first."""
    if entrance.login is not Login.NONE:
        return None
    pages = [path.stem for path in (ROOT / "pages").glob("*.py")]
    return starting.Shell.present(entrance.path, pages, starting.policy(online=settings.online_basemap))


def run_streamlit(arguments: list[str], listener: socket.socket) -> None:
    """Streamlit's own command in this process, at a socket that listens already; it binds one itself otherwise.

    It reads what each installed library says of itself, for one that brings components: a fifth of a second of the
    start, and none that we use does.
    """
    from streamlit.components.v2 import manifest_scanner
    from streamlit.web import cli
    from streamlit.web.server.starlette import starlette_server

    bound = listener, listener.getsockname()[0]
    starlette_server._bind_server_socket = lambda *_: bound
    manifest_scanner.scan_component_manifests = lambda *_: []
    try:
        cli.main(arguments, prog_name="streamlit", standalone_mode=False)
    except KeyboardInterrupt:
        print("Ninepatch has ended.")


def _options(settings: Settings, entrance: Entrance) -> list[str]:
    """Streamlit's, as our settings have them; the others are in its own file, which lies beside the program."""
    values = {
        "server.address": entrance.listen,
        "server.port": entrance.port,
        "server.baseUrlPath": entrance.path.lstrip("/"),
        "server.corsAllowedOrigins": entrance.public.origin if entrance.public else "",
        "server.maxUploadSize": settings.max_upload_mb,
        "server.trustedUserHeaders": json.dumps({VISITOR_HEADER: "visitor"}),  # a session is its visitor's alone
        "logger.hideWelcomeMessage": "true",
    }
    return [part for name, value in values.items() if value != "" for part in (f"--{name}", str(value))]


def _environment(settings: Settings, entrance: Entrance) -> dict[str, str]:
    """The program reads the same settings again; secrets are no arguments, which everybody on the machine reads."""
    changed = {
        HOME_VARIABLE: str(settings.home),
        "NINEPATCH_LISTEN": entrance.listen,
        "NINEPATCH_PORT": str(entrance.port),
        FORWARDED_VARIABLE: "",
        "WEBSOCKETS_MAX_LINE_LENGTH": str(_COOKIES),
    }
    if FILE_VARIABLE in os.environ:
        changed[FILE_VARIABLE] = str(Path(os.environ[FILE_VARIABLE]).absolute())
    if entrance.login is Login.OIDC:
        changed["STREAMLIT_SERVER_COOKIE_SECRET"] = cookie_secret(settings)
    return changed
