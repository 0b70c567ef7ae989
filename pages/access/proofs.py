"""Proofs: from the cookie of a login, or from what a proxy says, to the visitor that it proves."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from starlette.datastructures import Headers
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from pages.access.visitor import Visitor, proven_name, words
from services.access import Entrance, cookie_secret, host_of
from services.settings import Settings

_DAY_HOURS = 24.0
_BREATH_SECONDS = 2
"""Between the first and the last part of a cookie."""


class NotBelieved(Exception):
    """What came proves nobody, though it should; the words are for who sent it."""


class LoginCookie:
    """The cookie that Streamlit's login sets. It is signed, and lives 30 days: how long it holds is decided here."""

    def __init__(self, settings: Settings, entrance: Entrance) -> None:
        self._settings, self._secret = settings, cookie_secret(settings)
        url = entrance.public.origin if entrance.public else entrance.url
        self._origin = f"{url.partition('://')[0]}://{host_of(url)}"

    def visitor(self, cookies: Mapping[str, str]) -> Visitor | None:
        """Who logged in; None where nobody did, or too long ago, or at another issuer or address.

        Raises NotBelieved where the issuer does not vouch for the address.
        """
        raw = self._whole(cookies)
        claims = _claims(raw) if raw is not None else {}
        if raw is None or not self._ours(claims):
            return None
        claim = self._settings.oidc_email_claim
        name = proven_name(claims.get(claim))
        verified = claim != "email" or claims.get("email_verified") in (True, "true")
        if not name or not verified:
            raise NotBelieved(
                f"You are logged in{f' as {name}' if name else ''}, and the login "
                f"{'does not say that this address is verified' if name else f'has no {claim}'}; ask an administrator."
            )
        return Visitor(name, words(claims.get(self._settings.oidc_groups_claim)), hashlib.sha256(raw).hexdigest())

    def _whole(self, cookies: Mapping[str, str]) -> bytes | None:
        """Of all its parts; a long one has several. Parts of several logins could be put together to say what none of
        them said: those of one were signed in the same breath.
        """
        times: list[int] = []

        def part(name: str) -> bytes | None:
            found = self._signed(cookies, name)
            if found is not None:
                times.append(_signed_at(cookies[name]))
            return found

        raw = get_cookie_with_chunks(part, USER_COOKIE_NAME)
        return raw if raw is not None and max(times) - min(times) <= _BREATH_SECONDS else None

    def _signed(self, cookies: Mapping[str, str], name: str) -> bytes | None:
        """Its value, where our secret signed it under this name and not too long ago."""
        days = self._settings.session_hours / _DAY_HOURS
        return decode_signed_value(self._secret, name, cookies.get(name, ""), days)

    def _ours(self, claims: dict[str, object]) -> bool:
        issuer = str(claims.get("iss", "")).rstrip("/") == self._settings.oidc_issuer.rstrip("/")
        return bool(claims.get("is_logged_in")) and claims.get("origin") == self._origin and issuer


def _signed_at(value: str) -> int:
    """Seconds since 1970, from a value whose signature is known to be good."""
    stamp = value.rsplit(".", 2)[1]
    return int.from_bytes(base64.urlsafe_b64decode(stamp + "=" * (-len(stamp) % 4)), "big")


def _claims(raw: bytes) -> dict[str, object]:
    """What a login says; nothing where its parts do not fit together."""
    try:
        found: dict[str, object] = json.loads(raw)
    except ValueError:
        return {}
    return found


class ProxyProof:
    """What a proxy says, where it is one of ours by its address and by its secret."""

    def __init__(self, settings: Settings, entrance: Entrance) -> None:
        self._settings, self._entrance = settings, entrance

    def visitor(self, headers: Headers, peer: str) -> Visitor:
        """Who the proxy says it is. `peer` is the other end of the socket. Raises NotBelieved."""
        settings = self._settings
        if not self._entrance.is_proxy(peer):
            raise NotBelieved("This server is reached by its proxy alone; open the address that the proxy answers at.")
        secret = settings.proxy_secret.get_secret_value().encode()
        given = headers.getlist(settings.proxy_proof_header)
        if len(given) != 1 or not hmac.compare_digest(given[0].encode("latin-1"), secret):
            raise NotBelieved(
                "The proxy did not prove itself. An administrator lets it send NINEPATCH_PROXY_SECRET in "
                f"{settings.proxy_proof_header}."
            )
        names = headers.getlist(settings.proxy_email_header)
        name = proven_name(names[0]) if len(names) == 1 else ""
        if not name:
            raise NotBelieved(f"The proxy did not say who you are; it is to say so in {settings.proxy_email_header}.")
        return Visitor(name, words(",".join(headers.getlist(settings.proxy_groups_header))))
