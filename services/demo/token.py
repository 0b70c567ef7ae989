"""Tokens: OAuth 2 client credentials, answered as Keycloak does, for the one account `demo`."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

CLIENT_ID = "demo"
CLIENT_SECRET = "demo"  # noqa: S105 - the secret of a simulated account, printed in the documentation
LIFE_SECONDS = 3600


class Issuer:
    """Issues tokens and knows them again. Threads may share it."""

    def __init__(self, life: float = LIFE_SECONDS) -> None:
        self._key = secrets.token_bytes(32)
        self._life = life
        self._serial = 0
        self._revoked = 0

    def answer(self, form: Mapping[str, str], basic: str = "") -> tuple[int, dict[str, Any]]:
        """Status and body for a token request; `basic` is the header Authorization, where the account may be too."""
        if "grant_type" not in form:
            return 400, _error("invalid_request", "Missing form parameter: grant_type")
        if form["grant_type"] != "client_credentials":
            return 400, _error("unsupported_grant_type", "Unsupported grant_type")
        client, secret = _from_header(basic) or (form.get("client_id", ""), form.get("client_secret", ""))
        known = hmac.compare_digest(client.encode(), CLIENT_ID.encode())
        if not (hmac.compare_digest(secret.encode(), CLIENT_SECRET.encode()) and known):
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
        body, _, signature = token.strip().rpartition(".")
        if scheme.lower() != "bearer" or not hmac.compare_digest(signature.encode(), self._sign(body)):
            return False
        claims = json.loads(_decoded(body.partition(".")[2]))
        return bool(claims["exp"] > time.time() and claims["serial"] > self._revoked)

    def revoke_all(self) -> None:
        """Every token issued so far is refused from now on."""
        self._revoked = self._serial

    def _token(self) -> str:
        self._serial += 1
        now = time.time()
        claims = {
            "exp": now + self._life,
            "iat": int(now),
            "azp": CLIENT_ID,
            "serial": self._serial,
            "note": "simulated account of the demo archive",
        }
        body = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(claims)}"
        return f"{body}.{self._sign(body).decode()}"

    def _sign(self, body: str) -> bytes:
        digest = hmac.new(self._key, body.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=")


def _error(error: str, description: str) -> dict[str, Any]:
    return {"error": error, "error_description": description}


def _encoded(claims: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _from_header(basic: str) -> tuple[str, str] | None:
    """Client id and secret of a header `Basic …`; None where there is none."""
    scheme, _, value = basic.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return client, secret
