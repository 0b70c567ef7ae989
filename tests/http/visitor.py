"""A session of a browser without a browser: Streamlit's WebSocket, spoken as its frontend does."""

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol


@dataclass
class Run:
    """What came of one run of a page's script."""

    seconds: float
    """From the request to the end of the script."""
    finished: bool
    """False where it ended by a fault."""
    texts: list[str]
    """What stands on the page, in text elements, HTML blocks and alerts."""


@dataclass
class Visitor:
    """One page that is open; closed at the end of `with`."""

    url: str
    """Of the application, without a slash at the end."""
    page: str = "area"
    choices: dict[str, str] = field(default_factory=dict)
    """What the address says behind the question mark."""
    session: str = ""
    """Known after the first run."""
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By the first word on each, its id and the part of the page that it stands in."""
    polls: dict[str, float] = field(default_factory=dict)
    """Parts of the page that are asked for by themselves, and after how many seconds each."""

    def __enter__(self) -> "Visitor":
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        with ExitStack() as stack:
            self._line = stack.enter_context(connect(address, subprotocols=[Subprotocol("streamlit")], max_size=None))
            self._closing = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def run(self, timeout: float = 60, *, part: str = "", press: str = "") -> Run:
        """Run the page's script, or a part of it, or press a button; until it has ended."""
        begun = time.perf_counter()
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name = urlencode(self.choices), self.page
        state.context_info.url = f"{self.url}/{self.page}"
        state.context_info.locale, state.context_info.timezone = "en", "UTC"
        if press:
            self._press(state, press)
        elif part:
            state.fragment_id, state.is_auto_rerun = part, True
        self._line.send(message.SerializeToString())
        return self.until_finished(timeout, begun)

    def _press(self, state: ClientState, word: str) -> None:
        identity, state.fragment_id = self.buttons[word]
        state.widget_states.widgets.add(id=identity, trigger_value=True)

    def until_finished(self, timeout: float = 60, begun: float = 0.0) -> Run:
        """Read until a script has ended, also one that somebody else has started."""
        texts: list[str] = []
        while True:
            said = ForwardMsg()
            said.ParseFromString(self._line.recv(timeout))
            kind = said.WhichOneof("type")
            if kind == "new_session":
                self.session = said.new_session.initialize.session_id
                if not said.metadata.run.fragment_ids:
                    self.polls, self.buttons = {}, {}
            elif kind == "auto_rerun":
                self.polls[said.auto_rerun.fragment_id] = said.auto_rerun.interval
            elif kind == "stop_auto_rerun":
                for gone in said.stop_auto_rerun.fragment_ids:
                    self.polls.pop(gone, None)
            elif kind == "page_info_changed":
                self.choices = _parsed(said.page_info_changed.query_string)
            elif kind == "delta":
                texts += _texts(said.delta)
                button = said.delta.new_element.button
                if button.id and not button.disabled:
                    self.buttons[button.label.split()[0]] = button.id, said.delta.fragment_id
            elif kind == "script_finished" and said.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return Run(time.perf_counter() - begun, said.script_finished in _WELL, texts)


_WELL = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


def _parsed(query: str) -> dict[str, str]:
    return dict(parse_qsl(query))


def _texts(delta: Any) -> list[str]:
    element = delta.new_element
    found = {"text": element.text.body, "html": element.html.body, "exception": element.exception.message}
    kind = element.WhichOneof("type")
    return [found[kind]] if kind in found else []
