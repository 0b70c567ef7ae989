"""Log-in page and refusals (screens): what somebody sees who is not let in, without a script that runs for it."""

import hashlib
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response

ASSETS = Path(__file__).resolve().parents[1] / "assets"
SHEET, ICON = "access.css", "ninepatch.svg"
"""What a screen needs beside itself."""
_NO_STORE = {"Cache-Control": "no-store", "Vary": "Cookie"}
_STAMP = hashlib.sha256((ASSETS / SHEET).read_bytes()).hexdigest()[:8]


class Screens:
    """Of the application below a prefix."""

    def __init__(self, prefix: str, *, log_out: bool) -> None:
        self._prefix, self._log_out = prefix, log_out

    def log_in(self, headers: Headers, to: str, *, failed: bool = False) -> Response:
        """For who has not logged in; afterwards they are at `to`."""
        sentence = "Log in with the account of your team to go on."
        said = f"The login did not succeed. {sentence}" if failed else sentence
        link = f"{self._prefix}/login?{urlencode({'to': to})}" if to else f"{self._prefix}/login"
        return self._answer(headers, "Log in", said, 401, ("Log in", link))

    def no_role(self, headers: Headers, name: str) -> Response:
        """For who has, and has no role here."""
        said = f"You are logged in as {name}, who is not a member here; ask an administrator."
        return self.refused(headers, said)

    def refused(self, headers: Headers, sentence: str, status: int = 403) -> Response:
        """With a way to log in as somebody else, where that is possible."""
        way = ("Log out", f"{self._prefix}/auth/logout") if self._log_out and status == 403 else None
        return self._answer(headers, "Not admitted", sentence, status, way)

    def _answer(
        self, headers: Headers, title: str, sentence: str, status: int, way: tuple[str, str] | None = None
    ) -> Response:
        """A page for a browser that looks for one, else the sentence."""
        if "text/html" not in headers.get("accept", ""):
            return PlainTextResponse(sentence, status, _NO_STORE)
        assets = f"{self._prefix}/assets"
        button = f'<p><a class="button" href="{escape(way[1])}">{escape(way[0])}</a></p>' if way else ""
        page = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(title)} · Ninepatch</title>"
            f'<link rel="icon" href="{assets}/{ICON}"><link rel="stylesheet" href="{assets}/{SHEET}?v={_STAMP}">'
            f'</head><body><main><h1><img src="{assets}/{ICON}" alt="">Ninepatch</h1>'
            f"<p>{escape(sentence)}</p>{button}</main></body></html>"
        )
        return HTMLResponse(page, status, _NO_STORE)
