"""Login by OpenID Connect: Streamlit's own, told by our settings, and the way back to where somebody wanted to go."""

from typing import Any
from urllib.parse import parse_qs, quote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Message, Send
from streamlit.auth_util import encode_provider_token
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from services.access import Entrance, Login, cookie_secret
from services.settings import Settings

PROVIDER = "default"
"""Streamlit's name of the one that `auth` describes."""
CALLBACK, LOGIN, LOGOUT = "/oauth2callback", "/login", "/auth/logout"
_TO = "ninepatch_to"
"""Cookie of where somebody wanted to go."""
_TO_SECONDS = 600
_LONGEST = 3000
"""Characters of an address that is kept in a cookie."""


def auth_secrets(settings: Settings, entrance: Entrance) -> dict[str, Any]:
    """What `st.App` is told as its secrets; nothing where nobody logs in so. Raises StorageError."""
    if entrance.login is not Login.OIDC:
        return {}
    return {
        "auth": {
            "redirect_uri": f"{entrance.url}{CALLBACK}",
            "cookie_secret": cookie_secret(settings),
            "client_id": settings.oidc_client_id,
            "client_secret": settings.oidc_client_secret.get_secret_value(),
            "server_metadata_url": f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
            "client_kwargs": {
                "scope": settings.oidc_scopes,
                "prompt": settings.oidc_prompt or [],  # of an empty list nothing is sent
            },
        }
    }


def destination(path: str, query: bytes) -> str:
    """Where a request wanted to go, as an address on this server; empty where it cannot be kept."""
    text = quote(path, safe="/:@!$&'()*+,;=~-._") + (f"?{query.decode('latin-1')}" if query else "")
    return text if _here(text) else ""


def begin(request: Request, prefix: str) -> Response:
    """Off to the issuer, by Streamlit's address for it, whose token lasts two minutes."""
    to = request.query_params.get("to", "")
    answer = RedirectResponse(f"{prefix}/auth/login?provider={encode_provider_token(PROVIDER)}", 302)
    answer.headers["Cache-Control"] = "no-store"
    if _here(to):
        answer.set_cookie(_TO, quote(to, safe=""), max_age=_TO_SECONDS, path=prefix or "/", httponly=True)
    return answer


def coming_back(request: Request, prefix: str, send: Send) -> Send:
    """Streamlit sends everybody who comes from the issuer to the first page: send them where they wanted to go."""
    to = request.cookies.get(_TO, "")
    wanted = parse_qs(f"to={to}").get("to", [""])[0]
    asked = "code" in request.query_params or "error" in request.query_params

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 302:
            headers = MutableHeaders(scope=message)
            if asked and not _logged_in(headers):
                headers["location"] = f"{prefix}{LOGIN}?failed=1"
            elif asked and _here(wanted):
                headers["location"] = wanted
                headers.append("set-cookie", f"{_TO}=; Max-Age=0; Path={prefix or '/'}; HttpOnly; SameSite=lax")
        await send(message)

    return sent


def _logged_in(headers: MutableHeaders) -> bool:
    """Whether the answer sets the cookie of a login; one that deletes it has an empty value."""
    begun = f"{USER_COOKIE_NAME}="
    return any(
        value.startswith(begun) and value.removeprefix(begun)[:1] not in ('"', ";")
        for value in headers.getlist("set-cookie")
    )


def _here(address: str) -> bool:
    """Whether it leads nowhere else: a path of this server, as a browser reads it."""
    plain = address.isascii() and address.isprintable() and "\\" not in address and " " not in address
    return plain and address.startswith("/") and not address.startswith("//") and len(address) <= _LONGEST
