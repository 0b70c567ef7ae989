"""Every address of the running application, by who asks: the access matrix over HTTP and by WebSocket."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from starlette.routing import Match
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets import Origin, Subprotocol
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from pages.routes.files import file_routes
from tests.served import OIDC, Served, claims, served, signed

DIGEST = "0" * 16
CLOSED = {
    "/": 200,
    "/acquisitions": 200,
    "/compare?year=2020": 200,
    "/no-such-page": 200,
    "/assets/ninepatch.css": 200,
    f"/files/{DIGEST}/picture.png": 404,
    f"/files/{DIGEST}/everything.zip": 404,
    "/gallery": 200,
    f"/gallery-pictures/{DIGEST}.webp": 404,
    f"/tiles/{DIGEST}/true-colour/1/1/1.png": 404,
    f"/sketches/{DIGEST}/x.png": None,
    "/whole.png": None,
    f"/grids/{DIGEST}/840.json": 404,
    "/take/view.tif": 404,
    "/take/compared/matrix.png": 404,
    "/media/nothing.png": 404,
    "/component/streamlit_folium.st_folium/index.html": None,
    "/app/static/x": None,
    "/_stcore/agent/openapi.json": None,
    "/ledger/member.csv": 200,
    "/orders": 200,
    "/masks": 200,
    "/help": 200,
    "/series/pixel.csv": None,
    "/places?name=Helsinki": None,
    f"/grids/{DIGEST}/840/runs.json": None,
    f"/masked/{DIGEST}.png": None,
    f"/faces/{DIGEST}.png": None,
    f"/order/{DIGEST}/parts.json": 404,
    f"/order/{DIGEST}/overview/32635/true.png": 404,
    f"/order/{DIGEST}/tiles/true/1/1/1.png": 404,
    f"/order/{DIGEST}/squares/32635/true/0/0/0.png": 404,
    f"/order/{DIGEST}/file/mosaic_32635.tif": 404,
    f"/order/{DIGEST}/tile/32635/1,1.tif": 404,
    f"/order/{DIGEST}/program/32635/1,1.py": 404,
    f"/_stcore/upload_file/{DIGEST}/1": None,
}
"""Addresses that take a login, and what they answer to whoever may have them; None where that is Streamlit's affair."""
OF_ROLES = {"/audit.csv": {"viewer": 403, "member": 403, "administrator": 200}}
"""Those that take a login, and that not everybody gets then."""
OF_MONITORS = ("/ready", "/metrics")
"""Those that take no login: what they tell is tested where they are."""
CHANGES = (("POST", "/member?name=x"), ("PUT", f"/_stcore/upload_file/{DIGEST}/1"))
OPEN = {
    "/health": 200,
    "/_stcore/health": 200,
    "/_stcore/host-config": 200,
    "/assets/access.css": 200,
    "/assets/ninepatch.svg": 200,
    "/favicon.png": 200,
    "/_stcore/metrics": 404,
}
LOGGED_IN = ("viewer", "member", "administrator")
ASK_TO_LOG_IN = (
    *("logged out", "tampered", "of another name", "expired", "revoked", "of another issuer", "of another secret"),
    "of another address",
)
NOT_A_MEMBER = ("without a role", "not verified")


@dataclass(frozen=True)
class Team:
    """An application where one logs in, and who comes to it."""

    app: Served
    cookies: dict[str, str]

    def ask(self, who: str, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        """One request as somebody."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        names |= {"cookie": self.cookies[who]} if self.cookies[who] else {}
        return httpx.request(method, self.app.url + path, headers=names, timeout=60, trust_env=False)

    def first_word(self, who: str, **headers: str) -> str:
        """What the WebSocket says first to somebody whose browser asks for the page; `refused` where there is none."""
        names = {"Cookie": self.cookies[who], "Origin": self.app.url} | headers
        url = self.app.url.replace("http", "ws") + "/_stcore/stream"
        origin = names.pop("Origin")
        try:
            spoken = [Subprotocol("streamlit")]
            with connect(url, origin=Origin(origin), additional_headers=names, subprotocols=spoken, proxy=None) as line:
                asked = BackMsg()
                asked.rerun_script.query_string = ""
                with contextlib.suppress(ConnectionClosed):  # who is sent away has been told already
                    line.send(asked.SerializeToString())
                word = line.recv(timeout=60)
                assert isinstance(word, bytes)
                return str(ForwardMsg.FromString(word).WhichOneof("type"))
        except (InvalidStatus, ConnectionClosed):
            return "refused"


@contextlib.contextmanager
def opened(team: Team, who: str, session: str = "") -> Iterator[str]:
    """A page that somebody has open, going on with a session that they name; the number of its session."""
    spoken = [Subprotocol(word) for word in ("streamlit", "x", session) if word]
    url = team.app.url.replace("http", "ws") + "/_stcore/stream"
    names = {"Cookie": team.cookies[who]}
    with connect(url, origin=Origin(team.app.url), additional_headers=names, subprotocols=spoken, proxy=None) as line:
        asked = BackMsg()
        asked.rerun_script.query_string = ""
        line.send(asked.SerializeToString())
        word = line.recv(timeout=60)
        assert isinstance(word, bytes)
        yield str(ForwardMsg.FromString(word).new_session.initialize.session_id)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """It runs, and one of them has logged out."""
    with served(tmp_path_factory.mktemp("gate"), **OIDC) as app:

        def login(**changes: object) -> str:
            return f"_streamlit_user={signed(claims(app.url, **changes))}"  # type: ignore[arg-type] # an email is a str

        member = login()
        cookies = {
            "viewer": login(email="vic@elsewhere.org", groups=["guests"]),
            "member": member,
            "administrator": login(email="root@example.org"),
            "logged out": "",
            "tampered": member[:-3] + ("abc" if member[-3:] != "abc" else "cba"),
            "of another name": member.replace("_streamlit_user", "_streamlit_user_tokens"),
            "expired": f"_streamlit_user={signed(claims(app.url), age=13 * 3600)}",
            "revoked": login(nonce="of a login that was ended"),
            "of another issuer": login(iss="http://evil.example"),
            "of another secret": f"_streamlit_user={signed(claims(app.url), secret='another')}",
            "of another address": f"_streamlit_user={signed(claims('https://maps.example.org'))}",
            "without a role": login(email="mal@evil.example"),
            "not verified": login(email_verified=False),
        }
        made = Team(app, cookies)
        ended = made.ask("revoked", "/auth/logout", sec_fetch_site="same-origin")
        assert ended.status_code == 302, "Streamlit has the browser forget its cookie"
        assert any("_streamlit_user=" in one for one in ended.headers.get_list("set-cookie"))
        yield made


def test_the_matrix_has_a_line_for_each_of_our_routes() -> None:
    told = [("GET", path) for path in (*CLOSED, *OPEN, *OF_ROLES, *OF_MONITORS)] + [*CHANGES]
    for route in file_routes(""):
        scopes = ({"type": "http", "method": how, "path": path.partition("?")[0]} for how, path in told)
        assert any(route.matches(scope)[0] is Match.FULL for scope in scopes), route


@pytest.mark.parametrize("who", [*ASK_TO_LOG_IN, *NOT_A_MEMBER])
def test_who_may_not_come_in_gets_nothing_but_the_log_in_page(team: Team, who: str) -> None:
    wanted = 403 if who in NOT_A_MEMBER else 401
    for path in (*CLOSED, *OF_ROLES):
        assert team.ask(who, path).status_code == wanted, path
    for method, path in (*CHANGES, ("DELETE", "/files/x")):
        assert team.ask(who, path, method).status_code == wanted, path
    for path, status in OPEN.items():
        assert team.ask(who, path).status_code == status, path


@pytest.mark.parametrize("who", LOGGED_IN)
def test_who_has_a_role_comes_through(team: Team, who: str) -> None:
    for path, status in (CLOSED | OPEN).items():
        answer = team.ask(who, path)
        assert answer.status_code == status if status else answer.status_code not in (401, 403, 421), path
    for path, answers in OF_ROLES.items():
        assert team.ask(who, path).status_code == answers[who], path
    uploaded = team.ask(who, f"/_stcore/upload_file/{DIGEST}/1", "PUT", origin=team.app.url)
    assert uploaded.status_code in (400, 403) and "log" not in uploaded.text.lower(), "Streamlit knows no such session"


@pytest.mark.parametrize(
    ("people", "word"),
    [(LOGGED_IN, "new_session"), ((*ASK_TO_LOG_IN, *NOT_A_MEMBER), "auth_redirect")],
)
def test_no_script_runs_for_who_may_not_come_in(team: Team, people: tuple[str, ...], word: str) -> None:
    assert {who: team.first_word(who) for who in people} == dict.fromkeys(people, word)


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:3000", "null"])
def test_pages_of_others_change_nothing_for_who_is_logged_in(team: Team, origin: str) -> None:
    assert team.first_word("member", Origin=origin) == "refused"
    for method, path in (*CHANGES, ("GET", "/")):
        assert team.ask("member", path, method, origin=origin).status_code == 403, path
    assert team.ask("member", "/auth/logout", sec_fetch_site="cross-site").status_code == 403
    assert team.ask("member", "/acquisitions").status_code == 200, "still logged in"


def test_another_name_is_refused_before_anything_else(team: Team) -> None:
    assert team.ask("member", "/acquisitions", host="evil.example").status_code == 421
    assert team.first_word("member", Host="evil.example", Origin="http://evil.example") == "refused"


def test_headers_from_a_client_say_nothing(team: Team) -> None:
    lies = {"x_forwarded_email": "root@example.org", "x_ninepatch_visitor": '{"name": "root@example.org"}'}
    assert team.ask("logged out", "/acquisitions", **lies).status_code == 401
    assert team.ask("without a role", "/acquisitions", **lies).status_code == 403


def test_the_way_to_the_issuer_begins_here_and_keeps_where_one_wanted_to_go(team: Team) -> None:
    begun = team.ask("logged out", "/login?to=%2Fresults%3Fyear%3D2020")
    assert begun.status_code == 302 and begun.headers["location"].startswith("/auth/login?provider=")
    assert "ninepatch_to=" in begun.headers["set-cookie"] and "HttpOnly" in begun.headers["set-cookie"]
    elsewhere = team.ask("logged out", "/login?to=https%3A%2F%2Fevil.example")
    assert "set-cookie" not in elsewhere.headers


def test_nobody_goes_on_with_the_page_of_another_or_brings_files_into_it(team: Team) -> None:
    with opened(team, "administrator") as session:
        for who, status in (("viewer", 403), ("member", 403), ("administrator", None)):
            for method in ("PUT", "DELETE"):
                got = team.ask(who, f"/_stcore/upload_file/{session}/1", method, origin=team.app.url)
                assert (got.text == "This page is somebody else's.") is (status == got.status_code == 403), who
        with opened(team, "viewer", session) as other:
            assert other != session, "the page of the administrator stays"
        with opened(team, "administrator", session) as own:
            assert own == session, "whose browser lost its connection goes on"
