"""The page takes uploads and nothing else: requests that name other files, over HTTP, to every handler."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from anyio import create_task_group, fail_after, wait_all_tasks_blocked

from cbir.photos.vet import Vetted, Vetter
from cbir.web.pictures import FileSet
from cbir.web.uploads import REFUSAL, GuardedBlocks
from tests.photos.test_vet import DECODERS
from tests.support.drawings import draw_garment
from tests.support.encoded import corners, encoded
from tests.support.serving import served

META = {"meta": {"_type": "gradio.FileData"}}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def address(worn_catalogue: Path, cache: Path) -> Iterator[str]:
    with served(worn_catalogue, GRADIO_TEMP_DIR=str(cache)) as (address, *_):
        yield address


@pytest.fixture(scope="module")
def handlers(address: str) -> dict[str, tuple[int, list[Any]]]:
    return find_handlers(address)


def find_handlers(address: str) -> dict[str, tuple[int, list[Any]]]:
    """Every handler that takes a photo: its number, and its inputs: None for the photo, others as they are at first."""
    with urllib.request.urlopen(f"{address}/config") as answer:
        config = json.load(answer)
    parts = {part["id"]: part for part in config["components"]}
    photos = {number for number, part in parts.items() if is_photo(part)}
    found = {}
    for handler in config["dependencies"]:
        inputs = [None if one in photos else parts[one]["props"].get("value") for one in handler["inputs"]]
        if photos & {*handler["inputs"]}:
            found[f"{handler['api_name']} {handler['id']}"] = (handler["id"], inputs)
    return found


def is_photo(part: dict[str, Any]) -> bool:
    return part["type"] == "image" or (part["type"] == "api" and part["props"]["label"] == "photo")


def post(address: str, data: object) -> Any:
    request = urllib.request.Request(address, json.dumps(data).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def call_endpoint(address: str, payload: object) -> str:
    """What the public endpoint answers, as its stream of events."""
    event = post(f"{address}/gradio_api/call/search", {"data": [payload]})["event_id"]
    with urllib.request.urlopen(f"{address}/gradio_api/call/search/{event}", timeout=60) as answer:
        text: str = answer.read().decode()
    return text


def call_handler(
    address: str, handler: tuple[int, list[Any]], payload: object, event: object = None, *, session: str = "visitor"
) -> dict[str, Any]:
    """What a handler answers the page itself: its last message."""
    number, inputs = handler
    data = [payload, *inputs[1:]]
    sent = {"fn_index": number, "data": data, "event_data": event, "session_hash": session}
    event_id = post(f"{address}/gradio_api/queue/join", sent)["event_id"]
    with urllib.request.urlopen(f"{address}/gradio_api/queue/data?session_hash={session}", timeout=60) as answer:
        for line in answer:
            message = json.loads(line[5:]) if line.startswith(b"data:") else {}
            if message.get("msg") == "process_completed" and message["event_id"] == event_id:
                return dict(message)
    raise AssertionError("no answer")


def as_data(photo: Path) -> str:
    """A photo as the text that a request may hold in place of an upload."""
    return f"data:image/png;base64,{base64.b64encode(photo.read_bytes()).decode()}"


def upload(address: str, photo: Path) -> str:
    """Bring a file as a browser does; returns its path on the server."""
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="dress.png"\r\n\r\n%b\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    request = urllib.request.Request(f"{address}/gradio_api/upload", body % photo.read_bytes(), headers)
    with urllib.request.urlopen(request) as answer:
        path: str = json.load(answer)[0]
    return path


@pytest.fixture
def query(tmp_path: Path) -> Path:
    path = tmp_path / "dress.png"
    draw_garment(55, "dress").save(path)
    return path


@pytest.fixture
def payloads(address: str, cache: Path, photos: Path, query: Path, tmp_path: Path) -> dict[str, object]:
    """What an upload is not."""
    os.mkfifo(tmp_path / "fifo")
    inside = Path(upload(address, query)).parent
    for name, target in (("link.png", query), ("folder link", query.parent)):
        (inside / name).unlink(missing_ok=True)
        (inside / name).symlink_to(target)
    if not (inside / "fifo").exists():
        os.mkfifo(inside / "fifo")
    paths = {
        "a photo elsewhere": photos / "hat/001.jpg",
        "a text": "/etc/passwd",
        "nothing": tmp_path / "absent.jpg",
        "a relative path": os.path.relpath(photos / "hat/001.jpg"),
        "a way out of the cache": f"{inside}/../../{tmp_path.name}/dress.png",
        "a fifo": tmp_path / "fifo",
        "a device": "/dev/zero",
        "a link in the cache": inside / "link.png",
        "through a link in the cache": inside / "folder link" / "dress.png",
        "a fifo in the cache": inside / "fifo",
        "a folder": cache,
        "no path": "",
        "a zero byte": f"{inside}/\0",
        "a long name": f"{inside}/{'x' * 5000}",
        "an address": "http://127.0.0.1:1/photo.jpg",
        "an address of a file": f"file://{photos / 'hat/001.jpg'}",
    }
    found: dict[str, object] = {name: {"path": str(path)} for name, path in paths.items()}
    found |= {f"{name}, with meta": {"path": str(path)} | META for name, path in paths.items()}
    data = "data:image/png;base64,iVBORw0KGgo="
    found["a data address"] = {"path": None, "url": data}
    found["a data address, with meta"] = {"path": str(photos / "hat/001.jpg"), "url": data} | META
    found["a bare path"] = str(photos / "hat/001.jpg")
    found["a list"], found["a number"], found["an empty object"] = [str(photos / "hat/001.jpg")], 7, {}
    return found


def test_the_endpoint_refuses_all_that_was_not_uploaded(address: str, payloads: dict[str, object], query: Path) -> None:
    answers = {name: call_endpoint(address, payload) for name, payload in payloads.items()}
    assert all(answer.startswith("event: error") and REFUSAL in answer for answer in answers.values()), answers
    assert len({*answers.values()}) == 1, "one and the same refusal"
    assert '"exact": true' in call_endpoint(address, {"path": upload(address, query)} | META)


def test_the_handlers_of_the_page_refuse_it_as_well(
    address: str, handlers: dict[str, tuple[int, list[Any]]], payloads: dict[str, object], query: Path
) -> None:
    assert len(handlers) == 3, "brought, and the two endpoints"
    photo = {"path": upload(address, query)} | META
    for handler in handlers.values():
        outputs = {name: call_handler(address, handler, payload) for name, payload in payloads.items()}
        assert all(not one["success"] and one["output"]["error"] == REFUSAL for one in outputs.values()), outputs
        assert call_handler(address, handler, photo)["success"], "an upload is still searched"


def test_a_wardrobe_refuses_it_as_well(address: str, payloads: dict[str, object], query: Path) -> None:
    with urllib.request.urlopen(f"{address}/config") as answer:
        (bring,) = [one["id"] for one in json.load(answer)["dependencies"] if one["api_name"] == "bring"]
    good = {"path": upload(address, query)} | META
    named = {name: payload for name, payload in payloads.items() if isinstance(payload, dict)}
    for name, payload in named.items():
        told = call_handler(address, (bring, [None, True, "", None]), [good, payload])
        assert not told["success"] and told["output"]["error"] == REFUSAL, name
    assert len(named) > 5
    many = call_handler(address, (bring, [None, True, "", None]), [good] * 501)
    assert not many["success"] and "at most 500" in many["output"]["error"]
    told = call_handler(address, (bring, [None, True, "", None]), [good])
    assert told["success"] and len(told["output"]["data"][1]) > 30, "an upload is taken, and the wardrobe has a token"


def test_of_a_batch_for_a_wardrobe_what_is_gone_is_told_and_the_others_are_taken(address: str, tmp_path: Path) -> None:
    with urllib.request.urlopen(f"{address}/config") as answer:
        (bring,) = [one["id"] for one in json.load(answer)["dependencies"] if one["api_name"] == "bring"]
    draw_garment(78, "hat").save(tmp_path / "hat.png")
    good = {"path": upload(address, tmp_path / "hat.png")} | META
    gone = {"path": f"{good['path']}.gone", "orig_name": "<my hat>.png"} | META
    told = call_handler(address, (bring, [None, True, "", None]), [gone, good])
    assert told["success"] and len(told["output"]["data"][1]) > 30, "the wardrobe has a token"
    shown = told["output"]["data"][2]
    assert "1 file was left out" in shown and "<b>&lt;my hat&gt;.png</b> it could not be kept" in shown
    assert not Path(str(good["path"])).exists(), "taken"


def test_a_photo_that_is_searched_stays_if_the_same_is_brought_to_a_wardrobe(
    address: str, handlers: dict[str, tuple[int, list[Any]]], tmp_path: Path
) -> None:
    with urllib.request.urlopen(f"{address}/config") as answer:
        (bring,) = [one["id"] for one in json.load(answer)["dependencies"] if one["api_name"] == "bring"]
    draw_garment(77, "hat").save(tmp_path / "hat.png")
    for number, searched in enumerate([False, True]):
        path = upload(address, tmp_path / "hat.png")
        photo = {"path": path} | META
        if searched:
            assert call_handler(address, next(iter(handlers.values())), photo)["success"]
        assert call_handler(address, (bring, [None, True, "", None]), [photo], session=f"{number}")["success"]
        assert Path(path).exists() == searched


def test_files_that_are_deleted_elsewhere_are_forgotten(tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    files = FileSet([str(tmp_path / "there"), str(tmp_path / "gone")])
    assert list(files) == [str(tmp_path / "there")] and len(files) == 1


def test_a_visit_is_what_the_server_remembers_not_what_is_sent(address: str, photos: Path) -> None:
    with urllib.request.urlopen(f"{address}/config") as answer:
        config = json.load(answer)
    states = {part["id"] for part in config["components"] if part["type"] == "state"}
    taking = [one for one in config["dependencies"] if states & {*one["inputs"]}]
    choosing = [one["id"] for one in taking if len(one["inputs"]) == 2]
    searching = "brought, chosen, the heat wanted, three times remembered, and saved"
    assert len(taking) == 7 + 3 and len(choosing) == 5 + 2, f"{searching}; a wardrobe filled, changed, and followed"
    forged = [[["a.jpg", "mine", str(photos / "hat/001.jpg"), None, [0, 0, 1, 1]]], 3]
    for number in choosing:
        for choice in ("more", "step:0", "whole", [0, 0, 1, 1]):
            answer = call_handler(address, (number, [None, forged]), True, {"choice": choice}, session="new")
            assert answer["success"] and "distance" not in json.dumps(answer)


def test_the_page_sweeps_what_was_brought_and_keeps_what_it_offers(
    catalogue: Path, query: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep deletes uploads and answers that are an hour old; examples stay."""
    from gradio.route_utils import delete_files_created_by_app

    from cbir.web.page import build_page
    from cbir.web.reloading import LiveSearcher

    # Its thread would still be loading torch when the tests end.
    monkeypatch.setattr(LiveSearcher, "warm_up", lambda _: None)
    page = build_page(catalogue)
    assert page.delete_cache == (600, 3600)
    offered = [path for block in page.blocks.values() for path in getattr(block, "keep_in_cache", ())]
    assert len(offered) == 5, "four examples as they are shown, and one for the documentation of the API"
    for files in (page.upload_file_set, page.made):
        files.update(offered)  # as if each had been searched for
    brought = cache / "dress.png"
    brought.write_bytes(query.read_bytes())
    page.upload_file_set.add(str(brought))
    delete_files_created_by_app(page, age=3600)
    assert brought.exists()
    delete_files_created_by_app(page, age=None)
    assert not brought.exists() and all(Path(path).exists() for path in offered)


def test_a_page_that_is_stopped_leaves_no_upload_behind(worn_catalogue: Path, query: Path, tmp_path: Path) -> None:
    """Nor pictures that were made of one, such as crops of the garments in it."""
    uploads = tmp_path / "uploads"
    with served(worn_catalogue, GRADIO_TEMP_DIR=str(uploads)) as (address, *_):
        offered = {path for path in uploads.rglob("*") if path.is_file()}
        brought = Path(upload(address, query))
        assert brought.read_bytes() == query.read_bytes()
        photo = {"path": str(brought)} | META
        for handler in find_handlers(address).values():
            assert call_handler(address, handler, photo)["success"]
        assert '"exact": true' in call_endpoint(address, as_data(query))
        made = {path for path in uploads.rglob("*") if path.is_file()} - offered
        assert len(made) > 5
    assert {path for path in uploads.rglob("*") if path.is_file()} == offered


def test_a_photo_that_would_crash_its_decoder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    photo = tmp_path / "my dress.heic"
    photo.write_bytes(encoded(corners(), "HEIF") + b"crash")
    with GuardedBlocks() as blocks:
        handler = SimpleNamespace(inputs=[gr.Image()])
    blocks.vetter = Vetter(program=("-c", DECODERS))
    with pytest.raises(gr.Error, match=r"^.?my dress\.heic: .*save it as JPEG"):
        asyncio.run(blocks.preprocess_data(handler, [{"path": str(photo)}], None))
    blocks.vetter.close()


def test_photos_that_take_long_to_try_hold_up_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than there are threads; a photo of a format that is not tried passes meanwhile."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    for kind in ("HEIF", "JPEG"):
        (tmp_path / f"photo.{kind.lower()}").write_bytes(encoded(corners(), kind))
    with GuardedBlocks() as blocks:
        handler = SimpleNamespace(inputs=[gr.Image(type="filepath")])
    done = Event()

    async def take(_: gr.Blocks, __: object, inputs: list[Any], *___: object) -> list[Any]:
        return inputs

    monkeypatch.setattr(gr.Blocks, "preprocess_data", take)

    def decode(_: Path) -> Vetted:
        done.wait(60)
        return Vetted(None, survived=True)

    monkeypatch.setattr(blocks.vetter, "decode", decode)

    async def bring(kind: str) -> None:
        await blocks.preprocess_data(handler, [{"path": str(tmp_path / f"photo.{kind}")} | META], None)

    async def bring_all() -> None:
        async with create_task_group() as group:
            for _ in range(60):
                group.start_soon(bring, "heif")
            await wait_all_tasks_blocked()
            try:
                with fail_after(20):
                    await bring("jpeg")
            finally:
                done.set()

    asyncio.run(bring_all())
