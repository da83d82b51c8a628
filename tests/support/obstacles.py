"""What stands in the way of a reader: pipes, sockets, devices, links, folders that cannot be read."""

from __future__ import annotations

import errno
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    # By a short relative path: the address of a socket holds some hundred bytes.
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    finally:
        os.chdir(before)


def link_to_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def link_to_pipe(path: Path) -> None:
    hidden = path.with_name(".pipe")
    os.mkfifo(hidden)
    path.symlink_to(hidden)


IRREGULAR: dict[str, Callable[[Path], None]] = {
    "a pipe": make_pipe,
    "a socket": make_socket,
    "a device": link_to_device,
    "a pipe behind a link": link_to_pipe,
}


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Fail what takes longer, in place of waiting for ever."""

    def fail(*_: object) -> None:
        raise AssertionError(f"not done within {seconds} s")  # no OSError, which code may take for the file's

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def break_folder(monkeypatch: pytest.MonkeyPatch, folder: Path, code: int = errno.EACCES) -> None:
    """Let the system refuse to list a folder, as it does where permission bits bind; they do not bind root."""
    scandir, listdir = os.scandir, os.listdir

    def refuse(path: Any) -> None:
        if not isinstance(path, int) and os.path.realpath(path) == os.path.realpath(folder):
            raise OSError(code, os.strerror(code), os.fspath(path))

    def scandir_unless_broken(path: Any = ".") -> Any:
        refuse(path)
        return scandir(path)

    def listdir_unless_broken(path: Any = ".") -> Any:
        refuse(path)
        return listdir(path)

    monkeypatch.setattr(os, "scandir", scandir_unless_broken)
    monkeypatch.setattr(os, "listdir", listdir_unless_broken)


def break_file(monkeypatch: pytest.MonkeyPatch, file: Path, code: int = errno.EACCES) -> None:
    """Let the system refuse to open a file."""
    system_open = os.open

    def open_unless_broken(path: Any, *arguments: Any, **options: Any) -> int:
        if os.fspath(path) == os.fspath(file):
            raise OSError(code, os.strerror(code), os.fspath(path))
        return system_open(path, *arguments, **options)

    monkeypatch.setattr(os, "open", open_unless_broken)
