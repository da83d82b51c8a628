"""Pieces of files are read like the bytes they are."""

from __future__ import annotations

import io
import random

from cbir.photos.joined import JoinedFile, Kept, join


def test_pieces_are_read_as_one_file() -> None:
    rng = random.Random(0)
    pieces = [rng.randbytes(rng.choice((0, 1, 7, 900))) for _ in range(60)]
    whole = b"".join(pieces)
    plain, joined = io.BytesIO(whole), join(pieces)
    assert joined.read() == whole
    for _ in range(300):
        offset, size = rng.randrange(len(whole) + 50), rng.randrange(2000)
        assert plain.seek(offset) == joined.seek(offset)
        assert plain.read(size) == joined.read(size) and plain.tell() == joined.tell()
    assert joined.seek(-5, io.SEEK_END) == len(whole) - 5 and joined.read(9) == whole[-5:]
    assert JoinedFile([]).read() == b""


def test_ranges_that_touch_are_one_piece() -> None:
    """A PNG has thousands of chunks, and its decoder reads them in small parts."""
    kept = Kept(bytes(range(100)))
    for start in range(0, 60, 2):
        kept.add(start, start + 2)
    kept.add(70, 80)
    kept.add(80, 81)
    assert [bytes(piece) for piece in kept.pieces] == [bytes(range(60)), bytes(range(70, 81))]
