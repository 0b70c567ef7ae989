"""The budget of uploads, with Streamlit's own store of files and a runtime that knows three sessions."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.types import Receive, Scope, Send
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from pages.limits import UploadBudget, uploads
from services.settings import Settings

LIMITS = Settings.model_construct(
    max_upload_mb=2, uploads_session_mb=6, uploads_session_files=4, uploads_member_mb=9, uploads_mb=12
)
MB = 2**20


@dataclass
class Browser:
    """Sessions a1 and a2 are of one address, b1 of another."""

    store: MemoryUploadedFileManager = field(default_factory=lambda: MemoryUploadedFileManager("/_stcore/upload_file"))
    rerun: list[str] = field(default_factory=list)
    """Sessions whose page ran again to show a sentence."""
    read: list[str] = field(default_factory=list)
    """Files whose content was asked for."""

    @property
    def uploaded_file_mgr(self) -> MemoryUploadedFileManager:
        return self.store

    @property
    def _session_mgr(self) -> "Browser":
        return self

    def is_active_session(self, session: str) -> bool:
        return session in {"a1", "a2", "b1"}

    def get_active_session_info(self, session: str) -> Any:
        def request_rerun(state: str) -> None:
            self.rerun.append(f"{session} {state}")

        members = {"request_rerun": staticmethod(request_rerun), "_client_state": "as it was"}
        return type("Info", (), {"session": type("Session", (), members), "client": None})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streamlit's route, as far as it matters here."""
        _, session, file = scope["path"].rsplit("/", 2)
        self.read.append(file)
        data = await Request(scope, receive).body()
        self.store.add_file(session, UploadedFileRec(file, file, "", data))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    made = Browser()
    monkeypatch.setattr(uploads, "Runtime", type("Runtime", (), {"instance": staticmethod(lambda: made)}))
    uploads._refusals.clear()
    return made


@pytest.fixture
def budget(browser: Browser) -> UploadBudget:
    return UploadBudget(browser, prefix="/team", limits=LIMITS)


@contextmanager
def page_of(session: str, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The page's script of a session runs."""
    context = type("Context", (), {"session_id": session, "uploaded_file_mgr": browser.store})
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "get_script_run_ctx", lambda: context)
        yield


def put(budget: UploadBudget, session: str, file: str, megabytes: float, method: str = "PUT") -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(budget, client=(f"10.0.0.{session[0]}", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://np") as client:
            path = f"/team/_stcore/upload_file/{session}/{file}"
            return await client.request(method, path, content=bytes(int(megabytes * MB)))

    return asyncio.run(send())


def test_a_session_keeps_so_many_megabytes_and_is_told_in_a_sentence_beyond(
    browser: Browser, budget: UploadBudget, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [put(budget, "a1", str(number), 2).status_code for number in range(3)] == [204] * 3
    refused = put(budget, "a1", "3", 2)
    assert refused.status_code == 413 and "more than 6 MB of files" in refused.text
    assert browser.read == ["0", "1", "2"], "it is refused before it is read"
    assert browser.rerun == ["a1 as it was"], "a page runs again with all that is chosen on it"
    with page_of("a1", browser, monkeypatch):
        assert uploads.refusal() == refused.text
    with page_of("b1", browser, monkeypatch):
        assert uploads.refusal() == "", "others hear nothing of it"


def test_bytes_are_given_back_when_a_file_is_removed_and_when_the_session_ends(
    browser: Browser, budget: UploadBudget, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        put(budget, "a1", str(number), 2)
    assert put(budget, "a1", "3", 2).status_code == 413
    with page_of("a1", browser, monkeypatch):
        uploads.give_back("1")
    assert put(budget, "a1", "3", 2).status_code == 204
    with page_of("a1", browser, monkeypatch):
        assert uploads.refusal() == "", "the sentence is over with the next file that comes"
    browser.store.remove_session_files("a1")
    assert [put(budget, "a1", str(number), 2).status_code for number in range(3)] == [204] * 3


def test_all_pages_of_one_member_and_of_all_members_have_a_budget_too(browser: Browser, budget: UploadBudget) -> None:
    assert [put(budget, "a1", str(number), 2).status_code for number in range(3)] == [204] * 3
    answers = [put(budget, "a2", str(number), 2) for number in range(3)]
    assert [answer.status_code for answer in answers] == [204, 204, 413], "1 MB of framing is allowed"
    assert "your open pages" in answers[2].text
    assert put(budget, "b1", "0", 2).status_code == 204, "another member has his own"
    full = put(budget, "b1", "1", 2)
    assert (full.status_code, full.headers["retry-after"]) == (429, "60")
    assert full.text == "All members' pages keep 12 MB of files already. Try again in a minute."
    browser.store.remove_session_files("a1")
    assert put(budget, "b1", "1", 2).status_code == 204


def test_empty_files_are_counted(budget: UploadBudget) -> None:
    answers = [put(budget, "a1", str(number), 0) for number in range(5)]
    assert [answer.status_code for answer in answers] == [204] * 4 + [413]
    assert "4 files" in answers[4].text


def test_files_on_their_way_count_so_that_many_at_once_are_not_more(browser: Browser, budget: UploadBudget) -> None:
    async def story() -> list[int]:
        go_on = asyncio.Event()

        async def slowly() -> Any:
            await go_on.wait()
            yield bytes(MB)

        transport = httpx.ASGITransport(budget, client=("10.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://np") as client:
            sent = [
                asyncio.create_task(client.put(f"/team/_stcore/upload_file/a1/{number}", content=slowly()))
                for number in range(4)
            ]
            done, _ = await asyncio.wait(sent, return_when=asyncio.FIRST_COMPLETED)
            refused = [one.result().status_code for one in done]
            go_on.set()
            return refused + [(await one).status_code for one in sent if one not in done]

    # A request that does not say its length counts for the most that may come, 3 MB with its framing.
    assert sorted(asyncio.run(story())) == [204, 204, 413, 413]
    assert not budget._coming


@pytest.mark.parametrize(("session", "method"), [("nobody", "PUT"), ("a1", "DELETE"), ("a1", "OPTIONS")])
def test_what_brings_no_file_to_a_living_session_is_for_streamlit_to_answer(
    budget: UploadBudget, session: str, method: str
) -> None:
    assert put(budget, session, "0", 0, method).status_code == 204


def test_the_defaults_hold_three_of_the_largest_files() -> None:
    limits = Settings.model_construct()
    assert limits.uploads_session_mb >= 3 * limits.max_upload_mb
    assert limits.uploads_session_mb < limits.uploads_member_mb < limits.uploads_mb
