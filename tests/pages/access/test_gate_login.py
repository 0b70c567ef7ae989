"""Who a cookie proves somebody to be, and what becomes of who has none."""

import json
from urllib.parse import quote

import pytest

from services.access import Action, Role
from services.access.actor import Actor
from tests.pages.access.gating import Gated, Make
from tests.served import COOKIE_SECRET, ISSUER, claims, signed

ORIGIN = "http://localhost:8501"
LOGIN = {
    "oidc_issuer": ISSUER,
    "oidc_client_id": "maps",
    "oidc_client_secret": "s",
    "cookie_secret": COOKIE_SECRET,
    "administrators": "root@example.org",
    "members": "@example.org",
    "viewers": "group:guests",
}
HTML = {"accept": "text/html,*/*"}


def cookie(value: str, name: str = "_streamlit_user") -> dict[str, str]:
    """As a header."""
    return {"cookie": f"{name}={value}"}


def login(**changes: object) -> dict[str, str]:
    """A good one, with changes of its claims."""
    return cookie(signed(claims(ORIGIN, **changes)))  # type: ignore[arg-type] # an email among the changes is a str


@pytest.mark.parametrize(
    ("changes", "name", "role"),
    [
        ({}, "ada@example.org", Role.MEMBER),
        ({"email": "ROOT@Example.org"}, "root@example.org", Role.ADMINISTRATOR),
        ({"email": "vic@elsewhere.org", "groups": ["guests"]}, "vic@elsewhere.org", Role.VIEWER),
        ({"email": "vic@elsewhere.org", "groups": "a, guests"}, "vic@elsewhere.org", Role.VIEWER),
        ({"email_verified": "true"}, "ada@example.org", Role.MEMBER),
    ],
)
def test_a_login_makes_an_actor(gated: Make, changes: dict[str, object], name: str, role: Role) -> None:
    gate = gated(**LOGIN)
    assert gate.ask("/files/x", **login(**changes)).text == "through"
    assert (gate.actor.name, gate.actor.role) == (name, role)
    assert json.loads(gate.handed_on[0])["name"] == name


OLD = 13 * 3600
NOT = {
    "nothing": {},
    "tampered": cookie(signed(claims(ORIGIN))[:-2] + "xx"),
    "of another secret": cookie(signed(claims(ORIGIN), secret="another")),
    "of another name": cookie(signed(claims(ORIGIN), name="_streamlit_user_tokens")),
    "under another name": cookie(signed(claims(ORIGIN)), name="_streamlit_user_tokens"),
    "too old": cookie(signed(claims(ORIGIN), age=OLD)),
    "of another issuer": login(iss="http://evil.example"),
    "of another address": cookie(signed(claims("https://maps.example.org"))),
    "not logged in": login(is_logged_in=False),
    "empty": cookie(""),
    "in pieces that lack one": cookie(signed({"x": 1})),
}


@pytest.mark.parametrize("headers", NOT.values(), ids=list(NOT))
def test_what_proves_nothing_is_asked_to_log_in(gated: Make, headers: dict[str, str]) -> None:
    gate = gated(**LOGIN)
    for path in ("/", "/files/x", "/_stcore/upload_file/a/b", "/media/x.png", "/_stcore/agent/interact", "/new"):
        answer = gate.ask(path, **headers)
        assert (answer.status_code, answer.headers["cache-control"]) == (401, "no-store"), path
    assert gate.seen == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"email_verified": False}, "verified"),
        ({"email_verified": None}, "verified"),
        ({"email": "mal@evil.example"}, "You are logged in as mal@evil.example, who is not a member here"),
        ({"email": ["root@example.org"]}, "has no email"),
        ({"email": "root@example.org\n"}, "root@example.org"),
        ({"email": "x" * 300}, "has no email"),
        ({"email": "mal@evil.example@example.org"}, ""),
    ],
)
def test_who_has_no_role_is_told_as_whom_they_are_logged_in(gated: Make, changes: dict[str, object], said: str) -> None:
    gate = gated(**LOGIN | {"members": "bob@example.org"} | {"administrators": "boss@example.org"})
    answer = gate.ask("/files/x", **login(**changes))
    assert (answer.status_code, gate.seen) == (403, [])
    assert said in answer.text and "ask an administrator" in answer.text


def test_a_claim_of_another_name_needs_no_verified_address(gated: Make) -> None:
    gate = gated(**LOGIN | {"oidc_email_claim": "upn", "members": "ada"})
    assert gate.ask("/x", **login(upn="Ada", email_verified=False)).text == "through"
    assert gate.actor == Actor("ada", Role.MEMBER)


def test_a_large_login_comes_in_pieces(gated: Make) -> None:
    gate = gated(**LOGIN)
    text = json.dumps(claims(ORIGIN, groups=["x" * 100] * 60))
    pieces = [text[:4000], text[4000:]]
    values = {"_streamlit_user": signed_text("chunks-2", "_streamlit_user")}
    values |= {f"_streamlit_user_{n}": signed_text(piece, f"_streamlit_user_{n}") for n, piece in enumerate(pieces, 1)}
    header = "; ".join(f"{name}={value}" for name, value in values.items())
    assert gate.ask("/x", cookie=header).text == "through"
    assert gate.ask("/x", cookie=header.replace("_streamlit_user_2=", "_streamlit_user_9=")).status_code == 401


def pieces(*texts: str, seconds: float = 0) -> str:
    """A cookie of several parts, the last of which was signed so much later."""
    later = [0.0] * (len(texts) - 1) + [seconds]
    named = [(f"_streamlit_user_{n}", text, wait) for n, (text, wait) in enumerate(zip(texts, later, strict=True), 1)]
    parts = [("_streamlit_user", f"chunks-{len(texts)}", 0.0), *named]
    return "; ".join(f"{name}={signed_text(text, name, wait)}" for name, text, wait in parts)


def test_parts_of_two_logins_make_no_third(gated: Make) -> None:
    gate = gated(**LOGIN)
    text = json.dumps(claims(ORIGIN))
    assert gate.ask("/x", cookie=pieces(text[:60], text[60:], seconds=-1)).text == "through", "a second has passed"
    assert gate.ask("/x", cookie=pieces(text[:60], text[60:], seconds=-60)).status_code == 401
    assert gate.ask("/x", cookie=pieces(text[:60], text[70:])).status_code == 401, "they do not fit together"


def signed_text(text: str, name: str, later: float = 0) -> str:
    """A piece of a login."""
    from itsdangerous import TimestampSigner, URLSafeTimedSerializer

    class Then(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() + int(later)

    return str(URLSafeTimedSerializer(COOKIE_SECRET, salt=name, signer=Then).dumps(text))


def test_only_what_the_log_in_page_needs_is_open(gated: Make) -> None:
    gate = gated(**LOGIN)
    for path in (
        *("/health", "/_stcore/health", "/_stcore/host-config", "/auth/login", "/oauth2callback", "/favicon.png"),
        *("/assets/access.css", "/assets/ninepatch.svg", "/static/js/index.js"),
    ):
        assert gate.ask(path).text == "through", path
        assert gate.actor is None
    for path in (
        *("/health/", "/_stcore/healthx", "/_stcore/health/../stream", "/assets/ninepatch.css", "/static"),
        *("/ledger/member.csv", "/grids/a/b.json", "//health", "/Health"),
        *("/series/pixel.csv", "/series/polygon.csv"),
    ):
        assert gate.ask(path).status_code == 401, path


def test_a_browser_sees_a_page_and_a_program_a_sentence(gated: Make) -> None:
    gate = gated(**LOGIN)
    page = gate.ask("/results?year=2020&place=<b>", **HTML)
    assert page.status_code == 401 and page.headers["content-type"].startswith("text/html")
    assert f'href="/login?to={quote("/results?year=2020&place=%3Cb%3E", safe="")}"' in page.text
    assert gate.ask("/results").headers["content-type"].startswith("text/plain")
    nobody = gate.ask("/", **HTML, **login(email="<script>@evil.example"))
    assert "&lt;script&gt;@evil.example" in nobody.text and "<script>" not in nobody.text
    assert 'href="/auth/logout"' in nobody.text


def test_logging_out_ends_the_login_for_every_copy_of_its_cookie(gated: Make) -> None:
    gate = gated(**LOGIN)
    mine, other = login(), login(nonce="another login")
    assert gate.ask("/x", **mine).status_code == gate.ask("/x", **other).status_code == 200
    assert gate.ask("/auth/logout", **mine, sec_fetch_site="same-origin").text == "through"
    assert gate.ask("/x", **mine).status_code == 401
    assert gate.ask("/x", **other).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec_fetch_site": "same-origin"}, 200),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"sec_fetch_site": "none"}, 403),
        ({"referer": f"{ORIGIN}/area"}, 200),
        ({"referer": "http://evil.example/"}, 403),
        ({}, 403),
    ],
)
def test_only_a_page_of_ours_logs_somebody_out(gated: Make, headers: dict[str, str], status: int) -> None:
    gate = gated(**LOGIN)
    assert gate.ask("/auth/logout", **login(), **headers).status_code == status
    assert gate.ask("/x", **login()).status_code == (401 if status == 200 else 200)


def test_a_removed_member_is_out_within_seconds(gated: Make) -> None:
    gate = gated(**LOGIN)
    assert gate.ask("/x", **login()).status_code == 200
    gate.roster.remove("ada@example.org", Actor("root", Role.ADMINISTRATOR))
    gate.now += 6
    assert gate.ask("/x", **login()).status_code == 403


def test_a_refused_login_is_in_the_audit_log(gated: Make) -> None:
    gate = gated(**LOGIN)
    for _ in range(3):
        gate.ask("/x", **login(email="mal@evil.example"))
    rows = gate.audit.recent(Actor("root", Role.ADMINISTRATOR))
    assert [(row.action, row.subject) for row in rows] == [(Action.LOGIN_REFUSED, "mal@evil.example")]


def callback(gate: Gated, to: str, query: str = "code=1&state=2", sets: bytes = b"_streamlit_user=abc; Path=/") -> str:
    """Where somebody is sent who comes back from the issuer and wanted to go `to`."""
    gate.location, gate.sets = b"/", sets
    return str(gate.ask(f"/oauth2callback?{query}", cookie=f"ninepatch_to={quote(to, safe='')}").headers["location"])


def test_after_the_login_one_is_where_one_wanted_to_go(gated: Make) -> None:
    gate = gated(**LOGIN)
    assert callback(gate, "/results?year=2020&limit=10") == "/results?year=2020&limit=10"
    assert callback(gate, "/x", query="") == "/", "coming from the issuer's log-out"
    deleted = b'_streamlit_user=""; Max-Age=0; Path=/'
    assert callback(gate, "/x", sets=deleted) == "/login?failed=1"
    assert callback(gate, "/x", query="error=denied", sets=b"") == "/login?failed=1"
    assert "did not succeed" in gate.ask("/login?failed=1").text


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/a\r\nb: c", "", "x", "/ü"]
)
def test_nobody_is_sent_elsewhere(gated: Make, to: str) -> None:
    assert callback(gated(**LOGIN), to) == "/"


def test_where_the_database_fails_nobody_comes_in(gated: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.errors import StorageError

    gate = gated(**LOGIN)

    def fail(login: str) -> bool:
        raise StorageError("The disk /srv/home is full.")

    monkeypatch.setattr(gate.log_outs, "has", fail)
    answer = gate.ask("/x", **login())
    assert (answer.status_code, gate.seen) == (503, []) and "/srv" not in answer.text
