"""The endpoints for programs, over HTTP and as tools of MCP: what they take, give and refuse."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from starlette.requests import Request

from cbir import Searcher
from cbir.web.api import FOLD_RULE, K_RULE, NO_PHOTO, Api
from cbir.web.base import called_by_mcp, find_base
from cbir.web.pictures import Pictures
from cbir.web.reloading import LiveSearcher
from cbir.web.schema import ANSWER, LOOKS
from cbir.web.uploads import REFUSAL
from tests.support.drawings import draw_garment
from tests.support.local import listening
from tests.support.serving import served
from tests.web.test_uploads import META, as_data, call_endpoint, call_handler, find_handlers, upload


@pytest.fixture(scope="module")
def address(worn_catalogue: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(worn_catalogue, TMPDIR=str(tmp_path_factory.mktemp("temporary"))) as (address, *_):
        yield address


@pytest.fixture(scope="module")
def client(address: str) -> Client:
    return Client(address, verbose=False)


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("query") / "dress.jpg"
    draw_garment(55, "dress").save(path)
    return path


@pytest.fixture(scope="module")
def as_text(query: Path) -> str:
    return as_data(query)


@pytest.fixture
def internal() -> Iterator[tuple[str, list[str]]]:
    """Address of a photo on a server beside the page's, and what was asked of that server."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with listening(Handler) as address:
        yield f"{address}/photo.jpg", asked


def ask_tools(address: str, ask: Callable[[Any], Any]) -> Any:
    """What a client of MCP gets: the reference one, over streamable HTTP."""
    mcp = pytest.importorskip("mcp", reason="needs gradio[mcp], as tests/requirements.txt has it")
    from mcp.client.streamable_http import streamable_http_client

    async def connect() -> Any:
        async with (
            streamable_http_client(f"{address}/gradio_api/mcp/") as (read, write, _),
            mcp.ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await ask(session)

    return asyncio.run(connect())


def call_tool(address: str, name: str, **arguments: object) -> Any:
    """The answer of a tool, or the text of its error."""
    result = ask_tools(address, lambda session: session.call_tool(name, arguments))
    (content,) = result.content
    return content.text if result.isError else json.loads(content.text)


def short(answer: Any) -> list[tuple[str, float]]:
    return [(match["photo"], match["distance"]) for match in answer["matches"]]


def test_client_tool_and_command_give_the_same_matches(
    address: str, client: Client, worn_catalogue: Path, query: Path, as_text: str
) -> None:
    command = [sys.executable, "-m", "cbir", "search", str(query), "--index", str(worn_catalogue), "--json"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    (expected,) = told if isinstance(told, list) else [told]
    assert len(short(expected)) == 3
    assert short(client.predict(handle_file(query), api_name="/search")) == short(expected)
    uploaded = upload(address, query)
    for photo in (as_text, uploaded, f"{address}/gradio_api/file={uploaded}"):
        assert short(call_tool(address, "search", photo=photo)) == short(expected)


def test_there_are_two_tools_and_every_parameter_is_described(address: str) -> None:
    tools = ask_tools(address, lambda session: session.list_tools()).tools
    assert {tool.name: [*tool.inputSchema["properties"]] for tool in tools} == {
        "search": ["photo", "k", "where", "part", "fold"],
        "look": ["photo", "k", "where", "fold"],
    }
    for tool in tools:
        assert tool.inputSchema["required"] == ["photo"] and "Returns: " in tool.description
        assert all(len(one["description"]) > 30 for one in tool.inputSchema["properties"].values())
        assert tool.inputSchema["properties"]["k"]["default"] == 3


def test_every_option_counts(client: Client, worn_catalogue: Path, query: Path) -> None:
    searcher, photo = Searcher.open(worn_catalogue), handle_file(query)
    more = client.predict(photo, k=24, api_name="/search")
    assert short(more) == [(one.photo, one.distance) for one in searcher.search(query, 24).matches]
    hats = client.predict(photo, where={"kind": ["HAT"]}, api_name="/search")
    assert {match["label"] for match in hats["matches"]} == {"hat"} and hats["where"] == {"kind": ["hat"]}
    box = client.predict(photo, part="0.1,0.2,0.6,0.9", api_name="/search")
    assert box["region"] == [0.1, 0.2, 0.6, 0.9] and short(box) != short(more)[:3]
    looks, expected = client.predict(photo, k=2, api_name="/look"), searcher.look(query, 2)
    assert [look["garment"] for look in looks] == [look.garment.as_json() for look in expected] and looks
    assert [len(look["result"]["matches"]) for look in looks] == [2] * len(looks)
    kind = looks[0]["garment"]["kind"]
    assert client.predict(photo, part=f" {kind.upper()} ", api_name="/search")["region"] == pytest.approx(
        looks[0]["garment"]["box"], abs=1e-4
    )


def test_answers_are_as_the_documentation_says(address: str, client: Client, query: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="comes with mcp")
    answer = client.predict(handle_file(query), api_name="/search")
    looks = client.predict(handle_file(query), api_name="/look")
    jsonschema.validate(answer, ANSWER)
    jsonschema.validate(looks, LOOKS)
    for match in answer["matches"] + looks[0]["result"]["matches"]:
        assert match["thumbnail"].startswith(f"{address}/gradio_api/file=")
        with urllib.request.urlopen(match["thumbnail"]) as picture:
            assert picture.headers["content-type"] == "image/jpeg" and picture.read(3) == b"\xff\xd8\xff"
    parameters = client.view_api(return_format="dict")["named_endpoints"]["/search"]["parameters"]
    assert [(one["parameter_name"], one["python_type"]["type"], one["parameter_default"]) for one in parameters] == [
        ("photo", "filepath | str", None),
        ("k", "int", 3),
        ("where", "dict(str, str | list[str]) | None", None),
        ("part", "str | None", None),
        ("fold", "bool", False),
    ]


@pytest.mark.parametrize("name", ["/search", "/look"])
def test_printed_examples_run(address: str, query: Path, name: str) -> None:
    with urllib.request.urlopen(f"{address}/gradio_api/info") as answer:
        snippets = json.load(answer)["named_endpoints"][name]["code_snippets"]
    names: dict[str, Any] = {}
    exec(snippets["python"], names)
    bash = snippets["bash"].replace("/path/to/your/file", str(query))
    told = subprocess.run(["bash", "-c", bash], check=True, capture_output=True, text=True).stdout
    for result in (names["result"], json.loads(told.partition("data: ")[2])[0]):
        first = result if name == "/search" else result[0]["result"]
        assert first["exact"] is True and len(first["matches"]) == 3
    assert f'await Client.connect("{address}")' in snippets["javascript"]
    assert address in snippets["cli"] and ".invalid" not in json.dumps(snippets)


def test_nothing_but_an_upload_is_read_and_nothing_is_fetched(
    address: str, internal: tuple[str, list[str]], photos: Path, query: Path
) -> None:
    url, asked = internal
    elsewhere = str(photos / "hat/001.jpg")
    texts = [
        url,
        elsewhere,
        "/dev/zero",
        f"file://{elsewhere}",
        "",
        "data:image/jpeg;base64,",
        "data:,x",
        "data:;base64,?",
    ]
    file = {"path": url, "url": url} | META
    for sent in (*texts, f"{address}/gradio_api/file={elsewhere}", file):
        assert REFUSAL in call_endpoint(address, sent), sent
    for text in texts:
        assert REFUSAL in call_tool(address, "search", photo=text), text
    uploaded = upload(address, query)
    for where in (file, {"colour": file}, {"path": elsewhere} | META):
        assert "Input validation error" in call_tool(address, "search", photo=uploaded, where=where)
    # Inputs beside the photo, of every handler: Gradio would download what looks like a file.
    for handler in find_handlers(address).values():
        number, inputs = handler
        for place in range(1, len(inputs)):
            others = [*inputs[:place], [{"a": file}], *inputs[place + 1 :]]
            message = call_handler(address, (number, others), {"path": uploaded} | META)
            assert not message["success"] and message["output"]["error"] == REFUSAL
    assert asked == []


@pytest.fixture(scope="module")
def api(worn_catalogue: Path) -> Api:
    return Api(LiveSearcher(lambda: worn_catalogue), Pictures(set()))


NO_K: list[object] = [0, 25, -1, 3.0, "3", None, True, [3], 10**30]
NO_TRUTH: list[object] = [None, 0, 1, "true", []]
NO_PART: list[object] = [7, [0, 0, 1, 1], {}, False]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *(({"k": k}, K_RULE) for k in NO_K),
        *(({"fold": fold}, FOLD_RULE) for fold in NO_TRUTH),
        ({"fold": True}, "never measured"),
        *(({"part": part}, "part has to be a text") for part in NO_PART),
        ({"part": "0,0,1"}, "no region"),
        ({"part": "x" * 10**6}, "not found in the photo"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_option_is_told(api: Api, query: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(gr.Error) as raised:
        api.search({"path": str(query)}, **options)
    assert message in str(raised.value.message) and len(str(raised.value.message)) < 500


def test_without_a_photo_and_with_none_that_can_be_read(client: Client, tmp_path: Path) -> None:
    with pytest.raises(AppError, match=NO_PHOTO):
        client.predict(None, api_name="/search")
    (tmp_path / "notes.jpg").write_text("not a photo")
    with pytest.raises(AppError, match=r"notes\.jpg: not a photo that can be read"):
        client.predict(handle_file(tmp_path / "notes.jpg"), api_name="/search")


@pytest.mark.parametrize(
    ("path", "headers", "base"),
    [
        ("/gradio_api/call/v2/search", {}, "http://shop.example/"),
        ("/gradio_api/queue/join", {"x-forwarded-proto": "https"}, "https://shop.example/"),
        ("/gradio_api/mcp/", {"x-forwarded-host": "a.hf.space", "x-forwarded-proto": "https"}, "https://a.hf.space/"),
        ("/below/gradio_api/run/search", {}, "http://shop.example/below/"),
    ],
)
def test_the_base_is_what_the_caller_knows(path: str, headers: dict[str, str], base: str) -> None:
    sent = [(name.encode(), value.encode()) for name, value in {"host": "shop.example", **headers}.items()]
    request = Request({"type": "http", "scheme": "http", "path": path, "query_string": b"", "headers": sent})
    assert find_base(request) == find_base(gr.Request(request)) == base
    assert called_by_mcp(request) is ("mcp" in path)
    assert find_base(None) == "" and not called_by_mcp(None)
