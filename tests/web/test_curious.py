"""Curious visitors: each request of a list is refused, leaves no trace in the log, and the page answers afterwards."""

from __future__ import annotations

import http.client
import json
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from tests.support.local import listening
from tests.support.serving import Served, served
from tests.web.test_health import ask
from tests.web.test_uploads import META, call_handler, post, upload

JSON = {"Content-Type": "application/json"}
API = "/gradio_api/"


class Answer(NamedTuple):
    """What came of a request."""

    status: int
    body: bytes


@pytest.fixture(scope="module")
def page(worn_catalogue: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(worn_catalogue, GRADIO_TEMP_DIR=str(tmp_path_factory.mktemp("uploads"))) as page:
        yield page


@pytest.fixture(autouse=True)
def untroubled(page: Served) -> Iterator[None]:
    """After each test the page answers, and its log has no trace of it."""
    before = len(page.errors.read_text())
    yield
    assert ask(page.address)[0] == 200
    assert "Traceback" not in page.errors.read_text()[before:]


@pytest.fixture(scope="module")
def config(page: Served) -> Any:
    with urllib.request.urlopen(f"{page.address}/config") as answer:
        return json.load(answer)


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """The address of a server that is the page's neighbour, and what was asked of it."""
    requests: list[str] = []

    class Neighbour(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_error(HTTPStatus.NOT_FOUND)

        do_HEAD = do_POST = do_GET

    with listening(Neighbour) as address:
        yield address, requests


def send(page: Served, method: str, path: str, body: bytes | None = None, headers: dict[str, str] = JSON) -> Answer:
    """A request as it stands: urllib would tidy its path. Of a stream, what comes first."""
    connection = http.client.HTTPConnection(page.address.removeprefix("http://"), timeout=60)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        streams = "event-stream" in (answer.getheader("content-type") or "")
        return Answer(answer.status, answer.read1() if streams else answer.read())
    finally:
        connection.close()


FILES = [
    "/etc/passwd",
    "../../../../../../etc/passwd",
    "%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%252e%252e%252f%252e%252e%252fetc%252fpasswd",
    "..\\..\\..\\etc\\passwd",
    "..%5c..%5cetc%5cpasswd",
    "/proc/self/environ",
    "/proc/self/cwd/app.py",
    "file:///etc/passwd",
    "app.py",
    "%00",
    "/etc/passwd%00.jpg",
    "/dev/zero",
    "",
    ".",
    "~",
    "x" * 5_000,
]
FOLDERS = ["/static/", "/assets/", "/svelte/"]


@pytest.mark.parametrize("before", [f"{API}file=", f"{API}file/"])
def test_no_file_is_served(page: Served, worn_catalogue: Path, before: str) -> None:
    own = [quote(str(worn_catalogue / name)) for name in ("weights.pth", "manifest.json", "vectors.npy", "thumbs", "")]
    for path in (*FILES, *own):
        answer = send(page, "GET", before + path)
        assert 400 <= answer.status < 500, path
        assert b"root:" not in answer.body and len(answer.body) < 10_000, path


@pytest.mark.parametrize("before", FOLDERS)
def test_no_way_leads_out_of_what_gradio_serves(page: Served, before: str) -> None:
    for path in (*FILES, "../routes.py", "%2e%2e/%2e%2e/routes.py", "..%2f..%2froutes.py"):
        answer = send(page, "GET", before + path)
        assert 400 <= answer.status < 500, path
        assert b"root:" not in answer.body and b"import" not in answer.body, path


def test_another_visitors_upload_has_a_name_that_nobody_guesses(page: Served, photos: Path) -> None:
    path = Path(upload(page.address, photos / "hat/001.jpg"))
    assert len(path.parent.name) >= 32
    for guess in (path.parent, path.parent.parent, path.parent.parent / "001.jpg", path.parent / ".." / path.name):
        assert send(page, "GET", f"{API}file={guess}").status >= 400


def test_no_other_site_is_asked(page: Served, asked: tuple[str, list[str]], config: Any) -> None:
    address, requests = asked
    own = f"{address}/photo.jpg"
    for url in (own, own.replace("127.0.0.1", "localhost"), own.upper(), "https://example.com/photo.jpg"):
        for before in (f"{API}file=", f"{API}file/", f"{API}proxy="):
            for method in ("GET", "HEAD"):
                assert send(page, method, before + url).status in (404, 405), url
    for sent in ({"path": own}, {"url": own}, {"path": own, "url": own} | META, own):
        for handler in taking_something(config):
            call_handler(page.address, (handler["id"], [sent] * len(handler["inputs"])), sent)
    assert requests == []


CLOSED = [
    *(f"{API}{path}" for path in ("stream/a/b/1/playlist.m3u8", "stream/a/b/1/c.aac", "stream/a/b/1/playlist-file")),
    *(f"{API}{path}" for path in ("custom_component/image/client/a/b.js", "dev/reload", "vibe-code/", "runs")),
    *(f"{API}{path}" for path in ("run-history/records", "deep_link?session_hash=a", "proxy=https://a.hf.space/")),
    *("/monitoring", "/monitoring/summary", "/monitoring/a", "/pwa_icon/99999", "/login", "/logout"),
]
ODD = [
    *(f"{API}{path}" for path in ("queue/data", "queue/data?session_hash=a", "call/search/a", "call/nothing/a")),
    *(f"{API}{path}" for path in ("heartbeat/", "heartbeat/..%2f..", "upload_progress?upload_id=a", "info?page=..")),
    *("/?deep_link=../../etc/passwd", "/config?deep_link=../../a", "/?__theme=a", "/%2e%2e/etc/passwd"),
]
POSTED = "upload queue/join call/search call/v2/search call/nothing call/v2/nothing run/search run/bring run/nothing"
BODIES = [None, b"{", b"[]", b"null", b"{}", b'{"data":[]}', b"\xff\xfe", b"[" * 100_000]


@pytest.mark.parametrize("path", CLOSED)
def test_what_the_page_does_not_need_is_not_there(page: Served, path: str) -> None:
    for method in ("GET", "POST"):
        assert send(page, method, path, b"{}" if method == "POST" else None).status == 404


@pytest.mark.parametrize("path", ODD)
def test_odd_addresses_leave_no_trace(page: Served, path: str) -> None:
    assert send(page, "GET", path).status in (200, 400, 404, 422)


@pytest.mark.parametrize("path", [*POSTED.split(), "component_server", "cancel", "reset"])
def test_odd_bodies_leave_no_trace(page: Served, path: str) -> None:
    for body in BODIES:
        answer = send(page, "POST", API + path, body)
        assert answer.status < 600 and b"Traceback" not in answer.body and b"site-packages" not in answer.body, body


JUNK: list[Any] = [
    *(None, 0, -1, 10**30, 1e300, True, "", "x", "x" * 1_000_000, [], [[]], [1, 2, 3], {}, {"a": 1}),
    *({"path": "/etc/passwd"}, {"path": "/etc/passwd"} | META, "/etc/passwd", "file:///etc/passwd"),
    *("data:,", "data:image/png;base64,", "data:image/png;base64,####", "data:image/png;base64,AAAA"),
]


def nest(depth: int) -> Any:
    """A list in a list, and so on."""
    nested: list[Any] = []
    for _ in range(depth):
        nested = [nested]
    return nested


def taking_something(config: Any) -> list[dict[str, Any]]:
    """The handlers that have inputs, and run on the server."""
    return [one for one in config["dependencies"] if one["inputs"] and one["backend_fn"]]


@pytest.mark.parametrize(
    "junk",
    [pytest.param([{"path": "/etc/passwd"}, []], id="some"), pytest.param(JUNK, id="all", marks=pytest.mark.slow)],
)
def test_every_handler_takes_anything(page: Served, config: Any, junk: list[Any]) -> None:
    handlers = taking_something(config)
    assert len(handlers) >= 15
    for handler in handlers:
        count = len(handler["inputs"])
        for one in (*junk, nest(200)):
            told = call_handler(page.address, (handler["id"], [one] * count), one, {"choice": one})
            assert "root:" not in json.dumps(told), handler["api_name"]
        for number in (0, count + 1, 50):
            data = {"data": [None] * number, "fn_index": handler["id"], "session_hash": "visitor"}
            assert send(page, "POST", f"{API}queue/join", json.dumps(data).encode()).status < 500


def test_ten_megabytes_of_text(page: Served, config: Any) -> None:
    """In place of a photo, and of any input of each endpoint for programs."""
    for name in ("search", "look"):
        (number,) = [one["id"] for one in config["dependencies"] if one["api_name"] == name]
        told = call_handler(page.address, (number, ["x" * 10_000_000] * 5), "x" * 10_000_000)
        assert not told["success"] and len(json.dumps(told)) < 10_000


@pytest.mark.parametrize("number", [-1, 10_000, 10**30, "x", None, 1.5, []])
def test_a_handler_that_is_not_there(page: Served, number: object) -> None:
    sent = {"data": [], "fn_index": number, "session_hash": "visitor"}
    assert 400 <= send(page, "POST", f"{API}queue/join", json.dumps(sent).encode()).status < 500


def test_the_session_of_another_visitor_is_not_found_by_its_look(page: Served, config: Any, photos: Path) -> None:
    """What is remembered of a visitor is told to the session of that very name alone."""
    numbers = {one["api_name"]: one["id"] for one in config["dependencies"]}
    photo = {"path": upload(page.address, photos / "hat/001.jpg")} | META
    assert call_handler(page.address, (numbers["answer"], [photo, False, None]), photo, session="mine")["success"]
    for session in ("mine", "Mine", "mine ", "../mine", "min", "mine\\0", "x" * 10_000):
        sent = {"data": [True, None], "fn_index": numbers["toggle_evidence"], "session_hash": session}
        assert send(page, "POST", f"{API}queue/join", json.dumps(sent).encode()).status == HTTPStatus.OK
        messages = b""
        with urllib.request.urlopen(f"{page.address}{API}queue/data?session_hash={quote(session)}") as answer:
            while b"process_completed" not in messages:
                messages += answer.readline()
        assert (b"caption" in messages) == (session == "mine"), session


@pytest.mark.parametrize("name", ["show", "__init__", "render", "_is_server_fn", "", None, 5])
def test_functions_of_components(page: Served, config: Any, name: object) -> None:
    numbers = [part["id"] for part in config["components"]]
    for number in (*numbers, -1, 10**9, "x", None):
        for data in (None, "x", {"path": "/etc/passwd"} | META, nest(100)):
            sent = {"session_hash": "a", "component_id": number, "fn_name": name, "data": data}
            answer = send(page, "POST", f"{API}component_server", json.dumps(sent).encode())
            assert answer.status in (400, 404) or answer.body == b'""', number


NAMES = [b"../../etc/passwd", b"/etc/passwd", b"..", b".", b"", b"a\\..\\b.jpg", b"%2e%2e%2fx", b"a\0b", b"x" * 5_000]


def form(*parts: bytes) -> bytes:
    return b"".join(b"--x\r\nContent-Disposition: form-data; name=" + part for part in parts) + b"--x--\r\n"


def bring(page: Served, body: bytes) -> Answer:
    return send(page, "POST", f"{API}upload", body, {"Content-Type": "multipart/form-data; boundary=x"})


def file_named(name: bytes) -> bytes:
    return b'"files"; filename="' + name + b'"\r\n\r\nx\r\n'


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:20].decode())
def test_an_upload_stays_in_its_folder(page: Served, photos: Path, name: bytes) -> None:
    folder = Path(upload(page.address, photos / "hat/001.jpg")).parents[1]
    answer = bring(page, form(file_named(name)))
    if answer.status == HTTPStatus.OK:
        (path,) = json.loads(answer.body)
        assert Path(path).resolve().parent.parent == folder.resolve() and Path(path).is_file()
    else:
        assert 400 <= answer.status < 500


def test_uploads_without_a_file_and_with_too_many(page: Served) -> None:
    without = [b"", b"x", form(), form(b'"other"; filename="a"\r\n\r\nx\r\n'), form(b'"files"\r\n\r\nx\r\n')]
    assert all(bring(page, body).status in (200, 400) for body in without)
    many = bring(page, form(*(file_named(b"%d.jpg" % number) for number in range(1_000))))
    assert many.status == HTTPStatus.OK and len(json.loads(many.body)) == 1_000
    assert bring(page, form(*(file_named(b"a") for _ in range(3_000)))).status == HTTPStatus.BAD_REQUEST


def test_a_search_is_answered_after_all_that(page: Served, photos: Path) -> None:
    photo = {"path": upload(page.address, photos / "hat/001.jpg")} | META
    event = post(f"{page.address}{API}call/search", {"data": [photo]})["event_id"]
    assert b'"exact": true' in send(page, "GET", f"{API}call/search/{event}").body
