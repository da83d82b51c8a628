"""What this project needs of a machine, checked: each check says how to mend what is missing. Packages are looked up,
but none is loaded: it may be one that cannot be.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from cbir.system.port import LARGEST, VARIABLE, asked_port

OK, NOTE, MISSING = "ok", "note", "MISSING"
OLDEST = (3, 11)
"""Of Python."""
COMPILED = "hnswlib"
"""The package that is compiled when it is installed."""
COMPILERS = ("c++", "g++", "clang++")
TOOLS = "install one; Debian: apt install build-essential python3-dev, macOS: xcode-select --install"
MEMORY = Path("/proc/meminfo")
NEEDED = 2**30
"""Bytes of memory that the page takes, and that are wanted free for what is uploaded."""
REQUIREMENT = re.compile(r"([\w.-]+)\s*\(?\s*([^);#]*)")
CONDITION = re.compile(r"(==|>=|<=|!=|<|>)\s*([\w.]+)")


class Check(NamedTuple):
    """What was found of one thing."""

    state: str
    """OK, NOTE or MISSING."""
    subject: str
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.state:8}{self.subject}: {'; '.join(filter(None, (self.found, self.remedy)))}"


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Check:
    """Whether Python is new enough."""
    wanted = ".".join(map(str, OLDEST))
    if version < OLDEST:
        return Check(MISSING, "Python", ".".join(map(str, version)), f"install {wanted} or newer")
    return Check(OK, "Python", ".".join(map(str, version)))


def check_packages(requirements: Iterable[str]) -> Iterator[Check]:
    """Whether packages are there, in versions that the requirements allow, such as numpy>=2.0."""
    for requirement in requirements:
        yield check_package(requirement)
        if requirement.startswith(COMPILED):
            yield check_compiled(requirement)


def check_package(requirement: str) -> Check:
    """Whether a package is there, in a version that a requirement allows, such as numpy>=2.0."""
    name, wanted = split_requirement(requirement)
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Check(MISSING, name, "not installed", install(requirement))
    if not satisfies(version, wanted):
        return Check(MISSING, name, f"{version}, but {wanted} is needed", install(requirement))
    return Check(OK, name, version)


def check_pair(name: str, other: str) -> Check:
    """Whether a package has the version of another that it was made for."""
    subject = f"{name} with {other}"
    try:
        needed = map(split_requirement, metadata.requires(name) or [])
        wanted = next((conditions for one, conditions in needed if one == other), "")
        version = metadata.version(other)
    except metadata.PackageNotFoundError as error:
        return Check(MISSING, subject, f"{error.name} is not installed", install(error.name or name))
    if not satisfies(version, wanted):
        return Check(MISSING, subject, f"{other} {version}, but {wanted} is needed", install(other + wanted))
    return Check(OK, subject, f"{other} {version}")


def check_compiled(requirement: str) -> Check:
    """Whether the package that is compiled runs on this machine; if not, whether it can be compiled.

    requirement: names the package and its version.
    """
    # Compiled for another processor, it would end the program that loads it.
    run = subprocess.run([sys.executable, "-c", f"import {COMPILED}"], capture_output=True, check=False)
    subject = f"{COMPILED} runs"
    if run.returncode == 0:
        return Check(OK, subject, "no compiler is needed")
    compiler = find_compiler()
    if compiler is None:
        return Check(MISSING, subject, "no, and there is no C++ compiler", TOOLS)
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        return Check(MISSING, subject, "no, and the headers of Python are not there", TOOLS)
    remedy = f"pip install --force-reinstall --no-cache-dir --no-deps {shlex.quote(requirement)}"
    return Check(MISSING, subject, f"no; {compiler} can compile it", remedy)


def find_compiler() -> str | None:
    """Path of a C++ compiler: that of $CXX, or one of COMPILERS."""
    chosen = shlex.split(os.environ.get("CXX", ""))[:1]
    return next((path for path in map(shutil.which, chosen or COMPILERS) if path), None)


def check_memory(source: Path = MEMORY) -> Check:
    """Whether enough memory is free."""
    try:
        free = 1024 * int(re.findall(r"MemAvailable:\s*(\d+) kB", source.read_text())[0])
    except (OSError, IndexError):
        return Check(NOTE, "free memory", f"not told by this system; the page needs {write_size(NEEDED)}")
    return check_room("free memory", free, "close other programs")


def check_temporary() -> Check:
    """Whether files can be written where the page keeps uploads, and whether there is room."""
    subject, named = "temporary files", os.environ.get("GRADIO_TEMP_DIR")
    elsewhere = "set GRADIO_TEMP_DIR to a folder"
    try:
        folder = Path(named or Path(tempfile.gettempdir(), "gradio")).absolute()
        while not folder.exists():  # the page makes it
            folder = folder.parent
        with tempfile.TemporaryFile(dir=folder):
            pass
        return check_room(subject, shutil.disk_usage(folder).free, f"make room in {folder}, or {elsewhere}")
    except OSError as error:
        return Check(MISSING, subject, f"cannot be written: {error}", f"{elsewhere} that can be")


def check_room(subject: str, free: int, remedy: str) -> Check:
    """Whether as much is free as the page needs."""
    if free < NEEDED:
        return Check(MISSING, subject, f"{write_size(free)} free, but {write_size(NEEDED)} are needed", remedy)
    return Check(OK, subject, f"{write_size(free)} free")


def check_port() -> Check:
    """Whether the port of the page is free."""
    port = asked_port()
    if port is None:
        asked = f"{VARIABLE}={os.environ[VARIABLE]}"
        return Check(MISSING, "port", f"{asked} is none", f"set it to a number up to {LARGEST}")
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except OSError as error:
        remedy = f"the page takes the next one that is free, or set {VARIABLE}"
        return Check(NOTE, "port", f"{port}: {error.strerror}", remedy)
    return Check(OK, "port", f"{port} is free")


def note_webcam() -> Check:
    """What nothing here can check."""
    return Check(NOTE, "webcam", "browsers allow it only over https, or on localhost")


def install(requirement: str) -> str:
    """The command that installs a package, in a version that a requirement allows."""
    return f'pip install "{requirement}"'


def split_requirement(requirement: str) -> tuple[str, str]:
    """Name and conditions of a requirement, also as packages write those of their own.

    >>> split_requirement("torch (>=2.14.0) ; extra == 'all'")
    ('torch', '>=2.14.0')
    """
    found = REQUIREMENT.match(requirement)
    return (found[1], found[2].strip()) if found else (requirement, "")


def satisfies(version: str, conditions: str) -> bool:
    """Whether a version meets conditions, such as >=2.0,<3; of pre-releases and builds, the release counts."""
    found = _release(version)
    holds = {
        "==": lambda one: found == one,
        "!=": lambda one: found != one,
        ">=": lambda one: found >= one,
        "<=": lambda one: found <= one,
        ">": lambda one: found > one,
        "<": lambda one: found < one,
    }
    return all(holds[sign](_release(wanted)) for sign, wanted in CONDITION.findall(conditions))


def _release(version: str) -> tuple[int, ...]:
    """The numbers of a version, without zeros at the end: 2.0 is 2."""
    numbers = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, re.sub(r"(\.0+)+$", "", numbers[0]).split("."))) if numbers else ()


def write_size(size: int) -> str:
    """Bytes in words."""
    return f"{size / 2**30:.1f} GB"
