"""The account: its OAuth 2 tokens, and what a request costs in processing units.

Tokens are client credentials answered as Keycloak does, for the one account `demo`. Units follow the documentation
("Processing unit definition"): a Process request costs max(w·h / 512², 0.01) × (bands / 3) × 2 for a 32-bit float
TIFF, at least 0.005; dataMask is not counted beside other bands. A search costs its area in 10⁶ km² (at least 0.01) ×
the months begun, at most 1.
"""

import base64
import json
import math
import secrets
import time
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from pyproj import Geod
from shapely.geometry.base import BaseGeometry

CLIENT_ID = "demo"
CLIENT_SECRET = "demo"  # noqa: S105 - the secret of a simulated account, printed in the documentation
LIFE_SECONDS = 3600


class TokenIssuer:
    """Issues tokens and knows them again. Threads may share it."""

    def __init__(self, life: float = LIFE_SECONDS) -> None:
        self._life = life
        self._ends: dict[str, float] = {}
        """Token → when it expires, in seconds since 1970."""

    def answer(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """Status and body for a token request."""
        if "grant_type" not in form:
            return 400, _error("invalid_request", "Missing form parameter: grant_type")
        if form["grant_type"] != "client_credentials":
            return 400, _error("unsupported_grant_type", "Unsupported grant_type")
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, _error("invalid_client", "Invalid client or Invalid client credentials")
        return 200, {
            "access_token": self._token(),
            "expires_in": int(self._life),
            "refresh_expires_in": 0,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "scope": "profile email",
        }

    def accepts(self, authorization: str) -> bool:
        """Whether a header `Bearer …` holds a token of ours that is neither expired nor revoked."""
        scheme, _, token = authorization.partition(" ")
        return scheme.lower() == "bearer" and self._ends.get(token.strip(), 0.0) > time.time()

    def revoke_all(self) -> None:
        """Every token issued so far is refused from now on."""
        self._ends = {}

    def _token(self) -> str:
        """A JSON Web Token, whose claims a client may read; what stands for its signature is a random number."""
        now = time.time()
        claims = {"exp": now + self._life, "iat": int(now), "azp": CLIENT_ID, "note": "simulated account"}
        parts = [base64.urlsafe_b64encode(json.dumps(one).encode()) for one in ({"alg": "HS256", "typ": "JWT"}, claims)]
        token = ".".join([*(part.rstrip(b"=").decode() for part in parts), secrets.token_urlsafe(32)])
        self._ends[token] = now + self._life
        return token


def _error(error: str, description: str) -> dict[str, Any]:
    return {"error": error, "error_description": description}


_MONTH = timedelta(days=31)
_GEOD = Geod(ellps="WGS84")


def process_units(width: int, height: int, bands: Collection[str], *, float32: bool) -> float:
    """Of one Process request with SIMPLE mosaicking; `bands` are the script's inputs."""
    counted = len(set(bands) - {"dataMask"}) or 1
    size = max(width * height / 512**2, 0.01)
    return max(size * counted / 3 * (2 if float32 else 1), 0.005)


def search_units(area: BaseGeometry | None, span: timedelta) -> float:
    """Of one search of the catalogue."""
    km2 = 0.0 if area is None else abs(_GEOD.geometry_area_perimeter(area)[0]) / 1e6
    return min(max(km2 / 1e6, 0.01) * max(math.ceil(span / _MONTH), 1), 1.0)
