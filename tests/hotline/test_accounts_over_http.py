"""What strangers send to the pages over a real connection: refused at once, and calls go on."""

from __future__ import annotations

import gzip
import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import requests

from hotline.services import Services
from hotline.serving import listen
from hotline.storage import schema, tables
from hotline.web.app import create_app
from tests.stories.world import serving, settings_for


@dataclass(frozen=True)
class Served:
    origin: str
    port: int
    services: Services

    def raw(self, request: bytes) -> tuple[int, float]:
        """The status and the seconds until it came; 0 when the connection was closed without one."""
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as line:
            try:
                line.sendall(request)
                answer = line.recv(4096)
            except ConnectionError:
                answer = b""
        found = re.match(rb"HTTP/1\.\d (\d{3})", answer)
        return int(found[1]) if found else 0, time.monotonic() - began


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    origin = f"http://127.0.0.1:{port}"
    settings = settings_for(tmp_path_factory.mktemp("served"), {"PUBLIC_URL": origin})
    with serving(create_app(settings), listening) as services:
        schema.upgrade(services.engine)
        yield Served(origin, port, services)


@pytest.fixture(autouse=True)
def nobody_tried_before(served: Served) -> None:
    with served.services.engine.begin() as connection:
        connection.execute(tables.login_attempts.delete())


def head(served: Served, line: str, **headers: str) -> bytes:
    fields = {
        "Host": f"127.0.0.1:{served.port}",
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }
    return "\r\n".join([line, *(f"{name}: {text}" for name, text in fields.items()), "", ""]).encode()


def post(served: Served, path: str, body: bytes, **headers: str) -> bytes:
    return head(served, f"POST {path} HTTP/1.1", Content_Length=str(len(body)), **headers) + body


FORM = "application/x-www-form-urlencoded"


def test_a_hundred_megabytes_are_refused_before_they_are_read(served: Served) -> None:
    announced = head(served, "POST /login HTTP/1.1", Content_Length=str(100 * 2**20), Content_Type=FORM)
    status, seconds = served.raw(announced)
    assert status == 413
    assert seconds < 1


def test_a_body_without_an_end_is_refused(served: Served) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    request = head(served, "POST /login HTTP/1.1", Transfer_Encoding="chunked", Content_Type=FORM)
    status, seconds = served.raw(request + chunk * 40)
    assert status in (0, 413)
    assert seconds < 2


def test_a_megabyte_of_headers_is_refused(served: Served) -> None:
    status, seconds = served.raw(head(served, "GET /login HTTP/1.1", X_Long="x" * 2**20))
    assert status in (0, 431)
    assert seconds < 1


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x"])
def test_ten_thousand_fields_are_refused_within_a_second(served: Served, kind: str) -> None:
    if kind == FORM:
        body = b"&".join(b"f%d=1" % number for number in range(10_000))
    else:
        part = b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n1\r\n'
        body = b"".join(part % number for number in range(10_000)) + b"--x--\r\n"
    status, seconds = served.raw(post(served, "/login", body, Content_Type=kind))
    assert status in (400, 413)
    assert seconds < 1


def test_a_body_that_would_unpack_to_a_thousand_times_its_size_is_not_unpacked(served: Served) -> None:
    body = gzip.compress(b"email=" + b"x" * 50_000_000)
    status, seconds = served.raw(post(served, "/login", body, Content_Type=FORM, Content_Encoding="gzip"))
    assert status in (400, 413)
    assert seconds < 1


def test_deep_json_is_not_even_read(served: Served) -> None:
    status, seconds = served.raw(post(served, "/login", b"[" * 500_000, Content_Type="application/json"))
    assert status == 415
    assert seconds < 1


@pytest.mark.parametrize(
    "path",
    [
        "/static/0/../../../../etc/passwd",
        "/static/0/..%2f..%2f..%2fetc%2fpasswd",
        "/static/..%5c..%5csettings.py/x",
        "/voice/audio/../../etc/passwd.mp3",
        "/voice/audio/nl/..%2f..%2fnl.yaml%00.mp3",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//evil.example/%2f..",
    ],
)
def test_no_address_leads_out_of_our_folders(served: Served, path: str) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as line:
        line.sendall(head(served, f"GET {path} HTTP/1.1", Connection="close"))
        answer = b"".join(iter(lambda: line.recv(65_536), b""))
    assert re.match(rb"HTTP/1\.\d (404|400|308)", answer), answer[:100]
    assert b"root:" not in answer
    assert b"Location: //" not in answer
    assert b"evil.example" not in answer.partition(b"\r\n\r\n")[0].replace(b"//evil.example/%2f..", b"")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example"])
def test_no_answer_holds_a_host_that_was_made_up(served: Served, host: str) -> None:
    for name in ("Host", "X-Forwarded-Host", "X-Host", "Forwarded"):
        answer = requests.get(
            f"{served.origin}/account", headers={name: host}, allow_redirects=False, timeout=10
        )
        assert answer.status_code == (400 if name == "Host" else 303)
        assert "evil" not in answer.text + str(answer.headers)
        assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/%5Cevil.example", "/%09/evil.example"]
)
def test_logging_in_leads_to_no_other_site(served: Served, target: str) -> None:
    with requests.Session() as browser:
        page = browser.get(f"{served.origin}/login?next={target}", timeout=10)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token
        fields = {"csrf_token": token[1], "email": "a@example.org", "password": "x"}
        answer = browser.post(page.url, fields, allow_redirects=False, timeout=10)
        assert answer.status_code == 422
        code = browser.get(f"{served.origin}/login/code?next={target}", allow_redirects=False, timeout=10)
        assert code.headers["Location"].startswith("/login")


def test_while_many_guess_passwords_a_webhook_is_answered_at_once(served: Served) -> None:
    """Log-ins take a few threads and one processor at most."""
    stop = threading.Event()
    statuses: list[int] = []

    def guess(number: int) -> None:
        with requests.Session() as browser:
            page = browser.get(f"{served.origin}/login", timeout=20)
            token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
            assert token
            fields = {"csrf_token": token[1], "password": "a guess of somebody"}
            for attempt in range(1000):
                if stop.is_set():
                    return
                fields["email"] = f"{number}-{attempt}@example.org"
                statuses.append(browser.post(f"{served.origin}/login", fields, timeout=20).status_code)

    with ThreadPoolExecutor(8) as pool:
        for number in range(8):
            pool.submit(guess, number)
        waits = []
        for _ in range(20):
            began = time.monotonic()
            assert requests.post(f"{served.origin}/voice/incoming", timeout=10).status_code == 403
            waits.append(time.monotonic() - began)
        stop.set()
    assert set(statuses) <= {422, 429, 503}
    assert sorted(waits)[15] < 1
