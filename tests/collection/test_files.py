"""Files at any address: whole, checked, asked for again, and told of without passwords."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cbir.collection.files import Files
from cbir.errors import CatalogueError


@pytest.fixture(params=["folder", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    return Files(str(tmp_path / "files") if request.param == "folder" else f"memory://{uuid4()}")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def content_of(name: str) -> bytes:
    return name.encode()


def write(files: Files, folder: str, *names: str) -> None:
    files.write(folder, {name: partial(content_of, name) for name in names})


def test_written_read_listed_removed(files: Files) -> None:
    assert files.sizes("a") == {}
    done: list[int] = []
    files.write("a", {f"{number}.jpg": partial(content_of, f"{number}.jpg") for number in range(40)}, done.append)
    assert done == list(range(1, 41))
    assert files.sizes("a") == {f"{number}.jpg": len(f"{number}.jpg") for number in range(40)}
    assert files.read("a/7.jpg") == b"7.jpg"
    assert files.bring("a/7.jpg", digest(b"7.jpg")).read_bytes() == b"7.jpg"
    files.remove(["a/7.jpg", "a/is not there.jpg"])
    assert "7.jpg" not in files.sizes("a")
    files.remove_folder("a")
    files.remove_folder("a")
    assert files.sizes("a") == {}


def test_what_is_damaged_or_missing_is_named(files: Files) -> None:
    write(files, "a", "one")
    with pytest.raises(CatalogueError, match="a/one: damaged"):
        files.bring("a/one", digest(b"two"))
    with pytest.raises(CatalogueError, match="a/two: missing"):
        files.bring("a/two", digest(b"two"))


def test_files_that_a_power_loss_left_empty_are_not_there(tmp_path: Path) -> None:
    files = Files(str(tmp_path))
    write(files, "a", "one", "two")
    (tmp_path / "a" / "one").write_bytes(b"")
    assert files.sizes("a") == {"two": 3}


def test_copies_make_room_and_what_stays_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cbir.collection.files.KEPT", 3)
    files = Files(f"memory://{uuid4()}")
    write(files, "a", *(f"{number}.jpg" for number in range(6)), "weights.pth")
    kept = files.bring("a/weights.pth", digest(b"weights.pth"), stays=True)
    paths = [files.bring(f"a/{number}.jpg", digest(f"{number}.jpg".encode())) for number in range(6)]
    assert [path.exists() for path in paths] == [False] * 3 + [True] * 3 and kept.exists()
    assert files.bring("a/0.jpg", digest(b"0.jpg")).read_bytes() == b"0.jpg"
    folder = kept.parent
    del files
    assert not folder.exists(), "copies go with who read them"


def test_what_cannot_be_reached_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    files, real, failures = Files(f"memory://{uuid4()}"), MemoryFileSystem.cat_file, iter([True, True])
    write(files, "a", "one")

    def fail(self: Any, *args: Any, **options: Any) -> Any:
        if next(failures, False):
            raise ConnectionError("reset")
        return real(self, *args, **options)

    monkeypatch.setattr(MemoryFileSystem, "cat_file", fail)
    assert files.read("a/one") == b"one" and len(waited) == 2
    failures = iter([True] * 99)
    with pytest.raises(CatalogueError, match=r"a/one: cannot be reached \(reset\)"):
        files.read("a/one")


def test_a_listing_and_a_removal_are_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    monkeypatch.setattr("time.sleep", lambda _: None)
    files = Files(f"memory://{uuid4()}")
    write(files, "a", "one", "two")
    calls: dict[str, Callable[[], object]] = {
        "ls": lambda: files.sizes("a"),
        "rm": lambda: files.remove(["a/one"]),
        "rm of all": lambda: files.remove_folder("a"),
    }
    for name, call in calls.items():
        method = name.partition(" ")[0]
        for times in (2, 99):
            failures, real = iter([True] * times), getattr(MemoryFileSystem, method)

            def fail(
                self: Any, *args: Any, failures: Iterator[bool] = failures, real: Any = real, **options: Any
            ) -> Any:
                if next(failures, False):
                    raise ConnectionError("reset")
                return real(self, *args, **options)

            with monkeypatch.context() as patch:
                patch.setattr(MemoryFileSystem, method, fail)
                if times == 2:
                    call()
                else:
                    with pytest.raises(CatalogueError, match=rf"{files.shown}/a\S*: cannot be reached \(reset\)"):
                        call()
    assert files.sizes("a") == {}


def test_object_stores_remove_many_files_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    files, asked, real = Files(f"memory://{uuid4()}"), list[list[str]](), MemoryFileSystem.rm
    write(files, "a", *(f"{number}.jpg" for number in range(5)))

    def remove(self: Any, paths: list[str], **options: Any) -> None:
        asked.append(paths)
        real(self, paths, **options)

    monkeypatch.setattr(MemoryFileSystem, "async_impl", True)
    monkeypatch.setattr(MemoryFileSystem, "rm", remove)
    monkeypatch.setattr("cbir.collection.files.AT_ONCE", 3)
    files.remove(f"a/{number}.jpg" for number in range(4))
    assert [len(paths) for paths in asked] == [3, 1] and files.sizes("a") == {"4.jpg": 5}
    write(files, "a", "0.jpg", "2.jpg")
    files.remove(f"a/{number}.jpg" for number in range(3))
    assert files.sizes("a") == {"4.jpg": 5}, "also if one is gone"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CatalogueError, match="file/a: cannot be written"):
        write(Files(str(tmp_path / "file")), "a", "one")


def test_an_address_without_a_driver_is_told_without_its_password() -> None:
    with pytest.raises(CatalogueError, match="cannot be reached") as caught:
        Files("nothing-like-this://me:secret@host/x")
    assert "secret" not in str(caught.value)
