"""The demo archive as a process: how it starts, answers, waits, fails on demand and ends."""

import concurrent.futures
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from services.errors import ProviderUnreachable
from services.runtime import demo_archive
from tests.demo_archive import recording_archive

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = """//VERSION=3
function setup() {
  return {input: [{bands: ["B02", "B03", "SCL", "dataMask"], units: "DN"}], output: {bands: 4, sampleType: "UINT16"}};
}
function evaluatePixel(s) { return [s.B02, s.B03, s.SCL, s.dataMask]; }
"""


def body(day: int = 1, size: int = 40) -> dict[str, Any]:
    """A small Process request."""
    times = {"from": f"2018-07-{day:02d}T00:00:00Z", "to": f"2018-07-{day + 7:02d}T00:00:00Z"}
    crs = "http://www.opengis.net/def/crs/EPSG/0/32635"
    return {
        "input": {
            "bounds": {"bbox": [440000, 6750000, 444000, 6754000], "properties": {"crs": crs}},
            "data": [{"type": "sentinel-2-l2a", "dataFilter": {"timeRange": times}}],
        },
        "output": {"width": size, "height": size, "responses": [{"format": {"type": "image/tiff"}}]},
        "evalscript": SCRIPT,
    }


class Client(requests.Session):
    """A session with a token."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.renew()

    def renew(self) -> None:
        account = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"}
        answer = self.post(f"{self.url}/auth/realms/main/protocol/openid-connect/token", data=account, timeout=30)
        self.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def process(self, payload: Any = None, **options: Any) -> requests.Response:
        options.setdefault("timeout", 60)
        return self.post(f"{self.url}/api/v1/process", json=payload or body(), **options)

    def fault(self, **fault: Any) -> None:
        self.post(f"{self.url}/_test/faults", json=[fault], timeout=30).raise_for_status()


@pytest.fixture
def client(archive: str) -> Iterator[Client]:
    requests.post(f"{archive}/_test/reset", timeout=30)
    with Client(archive) as session:
        yield session
    requests.post(f"{archive}/_test/reset", timeout=30)


def log(url: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = requests.get(f"{url}/_test/log", timeout=30).json()["requests"]
    return entries


def test_two_archives_give_the_same_bytes() -> None:
    search = {
        "collections": ["sentinel-2-l2a"],
        "datetime": "2018-07-01T00:00:00Z/2018-07-08T00:00:00Z",
        "bbox": [25.6, 60.9, 25.7, 61.0],
    }
    answers = []
    with demo_archive() as first, demo_archive() as second:
        for url in (first, second):
            with Client(url) as client:
                found = client.post(f"{url}/api/v1/catalog/1.0.0/search", json=search, timeout=60)
                answers.append((client.process().content, found.text.replace(url, "")))
    assert answers[0] == answers[1]


def test_an_answer_is_chunked_has_its_units_and_says_that_it_is_simulated(client: Client) -> None:
    answer = client.process()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/tiff"
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in answer.headers
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Simulated data" in answer.headers["x-simulated-data"]
    assert float(answer.headers["x-processingunits-spent"]) == pytest.approx(0.01)


def test_the_log_says_what_was_asked_and_what_it_cost(client: Client) -> None:
    requests.post(f"{client.url}/_test/reset", timeout=30)
    content = client.process().content
    client.process({"input": {}})
    served, refused = log(client.url)
    assert (served["endpoint"], served["status"], served["bytes"]) == ("process", 200, len(content))
    assert served["units"] == pytest.approx(0.01)
    assert (refused["status"], refused["units"]) == (400, 0)


def test_the_log_is_for_test_mode_only() -> None:
    with demo_archive() as url:
        assert requests.get(f"{url}/_test/log", timeout=30).status_code == 404


def test_latency_delays_each_answer_but_not_one_after_the_other() -> None:
    with recording_archive(latency=1.0) as url:
        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            path = "/api/v1/catalog/1.0.0/conformance"
            answers = list(pool.map(lambda _: requests.get(url + path, timeout=60).status_code, range(8)))
        elapsed = time.monotonic() - begun
    assert answers == [200] * 8
    assert 1.0 <= elapsed < 6  # one after the other it would be 8 s


def test_bandwidth_is_shared_by_all() -> None:
    with recording_archive(bandwidth=8) as url, Client(url) as session:
        payload = body(size=400)
        size = len(session.process(payload).content)
        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: session.process(payload).content, range(2)))
        assert time.monotonic() - begun >= 2 * size / 1e6 * 0.9


def test_what_was_asked_before_is_remembered() -> None:
    units = 600 * 600 / 512**2
    with recording_archive(remember=True, units_per_month=1.5 * units) as url, Client(url) as session:
        payload = body(size=600)
        answers = [session.process(payload) for _ in range(3)]  # only the first one is rendered, and counted
        assert [answer.status_code for answer in answers] == [200] * 3
        assert answers[0].content == answers[1].content == answers[2].content
        assert session.process(body(day=3, size=600)).status_code == 403
        spent = [entry["units"] for entry in log(url) if entry["status"] == 200 and entry["endpoint"] == "process"]
        assert spent == [pytest.approx(units)] * 3
        assert session.process(payload, headers={"Authorization": "Bearer no"}).status_code == 401


def test_requests_at_the_same_time_are_all_answered(client: Client) -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        contents = list(pool.map(lambda day: Client(client.url).process(body(day)).content, [1, 2, 3, 4] * 3))
    assert contents[:4] == contents[4:8] == contents[8:]


def test_a_fault_takes_the_place_of_an_answer_as_often_as_it_says(client: Client) -> None:
    client.fault(endpoint="process", status=503, body="<html>busy</html>", times=2)
    statuses = [client.process().status_code for _ in range(3)]
    assert statuses == [503, 503, 200]


def test_a_fault_may_be_json_with_headers(client: Client) -> None:
    error = {"error": {"status": 429, "code": "RATE_LIMIT_EXCEEDED"}}
    client.fault(status=429, headers={"Retry-After": "700"}, body=error)
    answer = client.process()
    assert (answer.status_code, answer.headers["Retry-After"], answer.json()) == (429, "700", error)


def test_a_fault_waits_for_its_endpoint(client: Client) -> None:
    client.fault(endpoint="token", status=500)
    assert client.process().status_code == 200
    client.fault(endpoint="process", status=200, body="<html>maintenance</html>")
    assert client.process().headers["Content-Type"].startswith("text/html")


def test_a_hanging_answer_hangs(client: Client) -> None:
    client.fault(endpoint="process", hang=5)
    with pytest.raises(requests.ReadTimeout):
        client.process(timeout=0.5)


def test_a_cut_answer_breaks_off(client: Client) -> None:
    client.fault(endpoint="process", cut=0.5)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.process()


def test_a_cut_answer_may_look_whole(client: Client) -> None:
    whole = client.process().content
    client.fault(endpoint="process", cut=0.5, whole=True)
    answer = client.process()
    assert answer.status_code == 200
    assert answer.content == whole[: len(whole) // 2]


def test_a_reset_connection_has_no_answer(client: Client) -> None:
    client.fault(endpoint="process", reset=True)
    with pytest.raises(requests.ConnectionError):
        client.process()
    assert client.process().status_code == 200


def test_a_trickling_answer_comes_byte_by_byte(client: Client) -> None:
    client.fault(endpoint="process", trickle=0.05)
    answer = client.process(stream=True)
    begun = time.monotonic()
    pieces = [piece for piece, _ in zip(answer.iter_content(1), range(10), strict=False)]
    assert pieces[:2] == [b"M", b"M"]
    assert time.monotonic() - begun > 0.3
    answer.close()


def test_a_revoked_token_is_refused_until_there_is_a_new_one(client: Client) -> None:
    client.fault(endpoint="process", revoke=True)
    assert [client.process().status_code, client.process().status_code] == [401, 401]
    client.renew()
    assert client.process().status_code == 200


def test_a_token_lives_as_long_as_it_is_told() -> None:
    with recording_archive(token_seconds=0.0) as url, Client(url) as session:
        assert session.process().status_code == 401


def test_the_accounts_limits_refuse_with_429_and_403(client: Client) -> None:
    client.post(f"{client.url}/_test/limits", json={"requests_per_minute": 2}, timeout=30)
    answers = [client.process() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 30_000
    client.post(f"{client.url}/_test/limits", json={"units_per_month": 0.015}, timeout=30)
    answers = [client.process() for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 403]
    assert "processing units" in answers[1].json()["error"]["message"]


def test_limits_can_be_given_at_the_start() -> None:
    with recording_archive(units_per_month=0.005) as url, Client(url) as session:
        assert session.process().status_code == 403


def test_it_ends_with_whoever_started_it() -> None:
    program = "from services.runtime.demo_process import demo_archive\nimport os\nwith demo_archive() as url:\n"
    program += "    print(url, flush=True)\n    os._exit(1)\n"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    url = done.stdout.strip()
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            requests.get(url, timeout=5)
        except requests.ConnectionError:
            return
        time.sleep(0.1)
    raise AssertionError(f"{url} still answers")


def test_it_ends_when_it_is_no_longer_needed() -> None:
    with demo_archive() as url:
        assert requests.get(f"{url}/api/v1/catalog/1.0.0", timeout=30).ok
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)


def test_a_port_that_is_taken_is_said_so(archive: str) -> None:
    port = int(archive.rpartition(":")[2])
    with pytest.raises(ProviderUnreachable, match="did not start"), demo_archive(port=port):
        pass


def test_it_listens_on_the_loopback_interface_only(archive: str) -> None:
    port = int(archive.rpartition(":")[2])
    listening = [
        line.split()[1]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[3] == "0A" and int(line.split()[1].split(":")[1], 16) == port
    ]
    assert listening
    assert all(address.startswith("0100007F") for address in listening)
    assert os.environ.get("NINEPATCH_BASE_URL") is None or archive.startswith("http://127.0.0.1")
