"""Photos of strangers, decoded first in a process of their own, where they can crash, hang or fill memory unharmed.

Decoders are native code, and some of them crash on files that were made for it: the page would be gone with them. A
photo that was decoded here within its limits is decoded again, in the same way, where it is used. Formats that every
browser shows are not decoded twice: their decoders have been attacked for years.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Timer
from typing import NamedTuple

from cbir.errors import PhotoError
from cbir.photos.decode import DECODE_SIDE, decode_photo
from cbir.photos.formats import recognise

TRUSTED = frozenset(("JPEG", "PNG", "GIF", "WEBP", "BMP", "PPM"))
"""Formats that are not decoded twice, by Pillow's names."""
FINEST_SIDE = 3 * DECODE_SIDE
"""Short side in pixels to which photos are decoded for a small region of them: parts of a file are read for it that
nothing else reads.
"""
SECONDS = 10.0
"""That a photo may take."""
MEMORY = 3 * 2**30
"""Bytes of memory that the process may take."""
PROGRAM = ("-m", "cbir.photos.vet")
HEAD = 4096
"""Bytes that tell the format."""
REFUSAL = "the photo cannot be decoded safely (it takes too long, or its decoder gives up); save it as JPEG"


class Vetted(NamedTuple):
    """How the decoding of a photo went."""

    refusal: str | None
    """Why it is refused, without its name; None if it is not."""
    survived: bool = True
    """The process did not crash and was not stopped."""
    seconds: float = 0.0
    memory: int = 0
    """Most bytes that the process took so far."""


class Vetter:
    """Decodes photos in processes that are started when they are needed, and anew when they die."""

    def __init__(
        self, processes: int = 1, *, seconds: float = SECONDS, memory: int = MEMORY, program: Sequence[str] = PROGRAM
    ) -> None:
        """program: arguments of Python for a process that does what `serve` does."""
        self._seconds, self._command = seconds, [sys.executable, *program, str(memory)]
        self._idle: SimpleQueue[subprocess.Popen[str] | None] = SimpleQueue()
        for _ in range(processes):
            self._idle.put(None)

    def check(self, photo: Path) -> None:
        """Raises PhotoError for a photo at which a decoder crashes or does not end. What else is wrong is told by who
        decodes it next.
        """
        if needs_vetting(photo) and not self.decode(photo).survived:
            raise PhotoError(f"{photo}: {REFUSAL}")

    def decode(self, photo: Path) -> Vetted:
        """Decode a photo, whatever its format."""
        process = self._idle.get()
        try:
            if process is None or process.poll() is not None:
                process = self._start()
            vetted = self._ask(process, photo)
            if not vetted.survived:
                process = None
            return vetted
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """End the processes that have nothing to do. One at work ends with this process, whose pipe it reads."""
        for _ in range(self._idle.qsize()):
            process = self._idle.get()
            if process is not None:
                process.kill()
                process.wait()
            self._idle.put(None)

    def _start(self) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        return subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, bufsize=1)

    def _ask(self, process: subprocess.Popen[str], photo: Path) -> Vetted:
        assert process.stdin and process.stdout
        start = time.monotonic()
        timer = Timer(self._seconds, process.kill)
        timer.start()
        try:
            process.stdin.write(json.dumps(str(photo)) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            answer = ""
        finally:
            timer.cancel()
        seconds = time.monotonic() - start
        if not answer.endswith("\n"):
            process.kill()
            process.wait()
            return Vetted(REFUSAL, survived=False, seconds=seconds)
        refusal, memory = json.loads(answer)
        return Vetted(refusal, seconds=seconds, memory=memory)


def needs_vetting(photo: Path) -> bool:
    """Whether a photo is of a format that is decoded twice."""
    try:
        with photo.open("rb") as file:
            kind = recognise(file.read(HEAD))
    except OSError:
        return False
    return kind is not None and kind not in TRUSTED


def serve(memory: int) -> None:
    """Decode the photos whose paths come in, a line of JSON each, and tell how it went."""
    limit_memory(memory)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a decoder prints, in whatever language, is no answer
    for line in sys.stdin:
        path = json.loads(line)
        refusal = None
        try:
            if min(decode_photo(path, short_side=DECODE_SIDE).image.size) < FINEST_SIDE:
                decode_photo(path, short_side=FINEST_SIDE)
        except PhotoError as error:
            refusal = str(error).removeprefix(f"{path}: ")
        out.write(json.dumps([refusal, peak_memory()]) + "\n")
        out.flush()


def limit_memory(most: int) -> None:
    """Let this process have so many bytes of memory and no more, where the system can do that."""
    if sys.platform != "win32":
        import resource

        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (most, most))


def peak_memory() -> int:
    """Most bytes that this process took so far; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
