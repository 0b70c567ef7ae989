"""The real proxy in front of the application: nginx by the examples of `deploy/nginx`, with its own certificate."""

import hashlib
import os
import re
import shutil
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

EXAMPLES = Path(__file__).resolve().parents[2] / "deploy" / "nginx"
NAME = "maps.example.org"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""
START_SECONDS = 20.0
AROUND = """daemon off;
pid nginx.pid;
error_log stderr;
worker_processes 1;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    access_log access.log;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
{example}
}}
"""
"""What Debian's nginx.conf has around an example, in a folder of our own."""


@dataclass(frozen=True)
class Certificate:
    """For `localhost`, signed by itself."""

    chain: Path
    key: Path

    @classmethod
    def made(cls, folder: Path) -> "Certificate":
        """A new one, for a day."""
        made = cls(folder / "fullchain.pem", folder / "privkey.pem")
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        command += ["-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        subprocess.run([*command, "-keyout", str(made.key), "-out", str(made.chain)], check=True, capture_output=True)
        return made

    @property
    def pin(self) -> str:
        """By which a browser accepts this certificate and no other."""
        public = load_pem_x509_certificate(self.chain.read_bytes()).public_key()
        return b64encode(
            hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
        ).decode()


@dataclass(frozen=True)
class Ports:
    """Of loopback."""

    plain: int
    tls: int
    app: int


def configured(example: str, folder: Path, certificate: Certificate, ports: Ports) -> Path:
    """The folder with an example as it stands, but for its name, ports and certificate."""
    text = (EXAMPLES / example).read_text()
    changes = {
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl http2;\n": "",
        "listen 80;": f"listen 127.0.0.1:{ports.plain};",
        "listen 443 ssl": f"listen 127.0.0.1:{ports.tls} ssl",
        "127.0.0.1:8501": f"127.0.0.1:{ports.app}",
        NAME: "localhost",
        "/etc/ssl/ninepatch/fullchain.pem": str(certificate.chain),
        "/etc/ssl/ninepatch/privkey.pem": str(certificate.key),
    }
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "snippets").mkdir(parents=True)
    for snippet in ("ninepatch-proxy.conf", "ninepatch-oauth2-proxy.conf"):
        shutil.copy(EXAMPLES / snippet, folder / "snippets")
    (folder / "nginx.conf").write_text(AROUND.format(example=text))
    return folder


def with_oauth2_proxy(folder: Path, port: int, secret: str) -> None:
    """Instead of the locations of an example: the snippet, with what tells who people are on a port of ours."""
    written = (folder / "nginx.conf").read_text()
    included = "    include snippets/ninepatch-oauth2-proxy.conf;\n"
    written, found = re.subn(r"    location / \{.*?\n    \}\n.*?    \}\n", included, written, flags=re.DOTALL)
    assert found == 1
    (folder / "nginx.conf").write_text(written)
    snippets = folder / "snippets"
    snippet = snippets / "ninepatch-oauth2-proxy.conf"
    snippet.write_text(snippet.read_text().replace("127.0.0.1:4180", f"127.0.0.1:{port}"))
    (snippets / "ninepatch-proxy-secret.conf").write_text(f'proxy_set_header X-Ninepatch-Proxy "{secret}";\n')


@contextmanager
def nginx(folder: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Runs meanwhile, with the configuration of a folder."""
    command = [NGINX, "-p", str(folder), "-c", "nginx.conf"]
    with (folder / "errors.log").open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        _await(port, process, folder / "errors.log")
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _await(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(f"http://127.0.0.1:{port}/", allow_redirects=False, timeout=5)
        except requests.RequestException:  # nobody listens yet
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nginx did not start: {log.read_text()}")
