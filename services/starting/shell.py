"""The application's page before the application: the browser compiles its scripts while the server imports."""

import json
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

WORDS = "Ninepatch is starting"
_PATIENCE_SECONDS = 12.0
"""For which a question of the page is held; its scripts would ask again after 15."""
_QUESTIONS = ("_stcore/health", "_stcore/host-config")
"""What the page's scripts ask before they connect; asked of the application itself once it listens."""
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
_STYLE = (
    "#starting{position:fixed;inset:0;z-index:1;display:grid;place-items:center;pointer-events:none;"
    "font:600 1.3rem system-ui,sans-serif;color:light-dark(#1f272d,#e8ecef);background:light-dark(#fbfbfa,#14181b)}"
    ":root{color-scheme:light dark}"
)
_SCRIPT = (
    "new MutationObserver((_, seen) => {"
    " if (!document.querySelector('.st-key-masthead')) return;"
    " document.getElementById('starting').remove(); seen.disconnect();"
    " }).observe(document.getElementById('root'), {childList: true, subtree: true});"
)
_AHEAD = "addEventListener('load', () => { for (const part of PARTS) import(part).catch(() => {}); });"
"""The page asks for these itself when it needs them, also for one that could not be had."""
_PARTS = ("Html", "PageLink", "BidiComponent", "ComponentInstance", "Button", "Radio", "ButtonGroup")
"""Of Streamlit's scripts, those of the elements of our first page: each is a file that is asked for when the first
such element has come, by then from a server that is busy with the page."""
_ROOT, _TITLE = '<div id="root"></div>', "<title>Streamlit</title>"
_AGAIN = '<noscript><meta http-equiv="refresh" content="1"></noscript>'


@dataclass(frozen=True)
class Request:
    """The head of one, as far as it matters here."""

    method: str
    path: str
    """Without the query."""
    target: str
    headers: Mapping[str, str]
    """By their names in small letters."""

    @classmethod
    def of(cls, head: bytes) -> "Request":
        """Whatever came; a line that is none is a request for nothing."""
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target = (*first.split(" "), "", "")[:2]
        named = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in named}
        return cls(method, target.partition("?")[0], target, headers)


@dataclass(frozen=True)
class Shell:
    """Streamlit's page and its files, as it serves them itself a moment later; for who need not log in."""

    folder: Path
    """Of Streamlit's own files."""
    prefix: str
    """What stands before all addresses; empty at the root."""
    pages: Collection[str]
    """Names of our pages, which are their addresses; the first page has none."""
    policy: str
    """The content security policy of the pages: a browser keeps that of the document."""

    @classmethod
    def present(cls, prefix: str, pages: Collection[str], policy: str) -> "Shell | None":
        """That of the Streamlit that is installed, which is not imported for it; None where its page is another."""
        found = find_spec("streamlit")
        folder = Path(next(iter(found.submodule_search_locations or ()), "") if found else "") / "static"
        page = folder / "index.html"
        whole = page.is_file() and all(part in page.read_text("utf-8") for part in (_ROOT, _TITLE))
        return cls(folder, prefix, {"", *pages}, policy) if whole else None

    def answer(self, request: Request, ready: threading.Event) -> bytes | None:
        """The whole answer; None where this is nothing of the page. Waits where the application has to answer."""
        if request.method != "GET" or not request.path.startswith(f"{self.prefix}/"):
            return None
        name = request.path.removeprefix(f"{self.prefix}/")
        if name in self.pages and "text/html" in request.headers.get("accept", ""):
            return self._page()
        if name in _QUESTIONS and "referer" in request.headers:
            ready.wait(_PATIENCE_SECONDS)
            return _response("307 Temporary Redirect", b"", Location=request.target, Cache_Control="no-store")
        return self._file(name)

    def _page(self) -> bytes:
        text = (self.folder / "index.html").read_text("utf-8")
        parts = [path for name in _PARTS for path in sorted((self.folder / "static/js").glob(f"{name}.*.js"))]
        addresses = [f"{self.prefix}/{path.relative_to(self.folder).as_posix()}" for path in parts]
        script = _SCRIPT + _AHEAD.replace("PARTS", json.dumps(addresses))
        shown = f'<main id="starting" role="status">{WORDS}</main>{_ROOT}<script>{script}</script>'
        head = f"<title>{WORDS}</title><style>{_STYLE}</style>{_AGAIN}"
        body = text.replace(_TITLE, head).replace(_ROOT, shown).encode()
        told = {"Content_Security_Policy": self.policy, "Content_Type": "text/html; charset=utf-8"}
        return _response("503 Service Unavailable", body, **told, Retry_After="1", Cache_Control="no-store")

    def _file(self, name: str) -> bytes | None:
        """One of Streamlit's, whose names have the digest of what is in them."""
        path = (self.folder / name).resolve()
        kind = _TYPES.get(path.suffix)
        if kind is None or not path.is_relative_to(self.folder.resolve()) or not path.is_file():
            return None
        kept = "public, immutable, max-age=31536000" if name.startswith("static/") else "no-cache"
        return _response("200 OK", path.read_bytes(), Content_Type=kind, Cache_Control=kept)


def _response(status: str, body: bytes, **headers: str) -> bytes:
    """Head and body; the connection ends after it."""
    always = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "SAMEORIGIN", "Connection": "close"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}\r\n" for name, value in (named | always | {"Content-Length": str(len(body))}).items()]
    return f"HTTP/1.1 {status}\r\n{''.join(lines)}\r\n".encode("latin-1") + body
