"""Samples of TIFFs that are deeper than 8 bits, signed or float.

Pillow reads some of these wrong and others not at all, so they are taken out of their bytes here, after libtiff
unpacked them. Their depth is what the tags tell, never guessed from values (TIFF 6.0; Adobe Photoshop TIFF Technical
Note 3, for predictors of floats).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.photos import tiff
from cbir.photos.shrink import Values, choose_factor, shrink_values

UNSIGNED, SIGNED, FLOAT, NO_KIND = 1, 2, 3, 4
WHITE_IS_ZERO = 0
MODES = {WHITE_IS_ZERO: "L", 1: "L", 2: "RGB", 5: "CMYK"}
"""What samples stand for, by photometric interpretation, as Pillow calls it."""
NO_ALPHA, PREMULTIPLIED = 0, 1
PLAIN = 1
PREDICTED = frozenset({5, 8, 32946, 34925, 50000})
"""Compressions that a predictor may come before: LZW, Deflate under two numbers, LZMA, Zstandard."""
PACKED = PREDICTED | {32773}
"""PackBits, too."""
MAX_PIECE = 2**27
"""Bytes of a strip or tile, unpacked. Strips that are not packed may have more: they are read in bands."""
MAX_ROW = 2**28
"""Bytes of all tiles beside each other, or of the strips of all planes, unpacked."""
BAND = 2**22
"""Bytes, about, that are made samples of at once."""


class NotRead(Exception):
    """A kind of photo that is not read, in words."""


class DeepPicture(NamedTuple):
    """A picture whose samples are numbers of 0 to 1."""

    mode: str
    """"L", "RGB" or "CMYK"; the last counts ink."""
    values: Values
    """(h, w, c)"""
    alpha: Values | None = None
    """(h, w); the values are not multiplied by it."""


class _Layout(NamedTuple):
    """Where samples are, and what they are."""

    width: int
    height: int
    samples: int
    bits: int
    kind: int
    order: str
    photometric: int
    planes: int
    """1 if the samples of a pixel lie together, or as many as there are."""
    compression: int
    predictor: int
    tiled: bool
    rows: int
    """Rows of a strip or tile."""
    columns: int
    offsets: tuple[int, ...]
    sizes: tuple[int, ...]

    @property
    def across(self) -> int:
        """Tiles beside each other; 1 of strips."""
        return -(-self.width // self.columns)

    @property
    def row_samples(self) -> int:
        """Samples in a row of a strip or tile."""
        return self.columns * (self.samples // self.planes)

    @property
    def row_bytes(self) -> int:
        return -(-self.row_samples * self.bits // 8)


def is_deep(data: bytes, directory: tiff.Directory) -> bool:
    """Whether the samples of a TIFF are deeper than 8 bits, signed or float."""
    kinds = set(directory.values(data, tiff.SAMPLE_FORMAT, (UNSIGNED,)))
    return max(directory.values(data, tiff.BITS, (1,))) > 8 or not kinds <= {UNSIGNED, NO_KIND}


def read_deep(data: bytes, directory: tiff.Directory, short_side: int | None) -> DeepPicture:
    """The picture of a deep TIFF, its sides divided by the factor that `choose_factor` gives.

    Full depth is 1. Signed numbers count from 0, and floats are clipped at 1. Raises NotRead for a layout that is not
    known here, or where tags do not tell how numbers are meant, and ValueError if the file is damaged.
    """
    layout = _read_layout(data, directory)
    factor = choose_factor((layout.width, layout.height), short_side)
    mode = MODES[layout.photometric]
    colours = len(mode)
    extra = directory.values(data, tiff.EXTRA, (2,) if (mode, layout.samples) == ("RGB", 4) else (NO_ALPHA,))[0]
    if layout.samples == colours or extra == NO_ALPHA:
        return DeepPicture(mode, shrink_values((band[..., :colours] for band in _bands(data, layout)), factor))

    def premultiplied() -> Iterator[Values]:
        for band in _bands(data, layout):
            some, alpha = band[..., :colours], band[..., colours : colours + 1]
            yield np.concatenate([some if extra == PREMULTIPLIED else some * alpha, alpha], axis=2)

    both = shrink_values(premultiplied(), factor)
    values, alpha = both[..., :colours], both[..., colours]
    return DeepPicture(mode, np.clip(values / np.maximum(alpha, 1e-6)[..., None], 0, 1), alpha)


def _read_layout(data: bytes, directory: tiff.Directory) -> _Layout:
    def value(tag: int, default: int) -> int:
        return directory.value(data, tag, default)

    width, height, samples = value(tiff.WIDTH, 0), value(tiff.HEIGHT, 0), value(tiff.SAMPLES, 1)
    bits, kinds = directory.values(data, tiff.BITS, (1,)), directory.values(data, tiff.SAMPLE_FORMAT, (UNSIGNED,))
    tiled = tiff.TILE_OFFSETS in directory.entries
    layout = _Layout(
        width=width,
        height=height,
        samples=samples,
        bits=bits[0],
        kind=UNSIGNED if kinds[0] == NO_KIND else kinds[0],
        order=directory.order,
        photometric=value(tiff.PHOTOMETRIC, 1 if samples < 3 else 2),
        planes=samples if value(tiff.PLANAR, 1) == 2 else 1,
        compression=value(tiff.COMPRESSION, PLAIN),
        predictor=value(tiff.PREDICTOR, 1),
        tiled=tiled,
        rows=value(tiff.TILE_HEIGHT, 0) if tiled else min(value(tiff.ROWS_PER_STRIP, height), height),
        columns=value(tiff.TILE_WIDTH, 0) if tiled else width,
        offsets=directory.values(data, tiff.TILE_OFFSETS if tiled else tiff.STRIP_OFFSETS),
        sizes=directory.values(data, tiff.TILE_SIZES if tiled else tiff.STRIP_SIZES),
    )
    if min(width, height, samples, layout.rows, layout.columns) < 1:
        raise ValueError("its tags tell no size")
    colours = len(MODES.get(layout.photometric, ""))
    if not 0 < colours <= samples or len(set(bits)) > 1 or len(set(kinds)) > 1 or samples > 8:
        raise NotRead(f"a TIFF of {samples} samples of {bits[0]} bits, photometric interpretation {layout.photometric}")
    known = {UNSIGNED: range(1, 65), SIGNED: (8, 16, 32), FLOAT: (16, 32, 64)}.get(layout.kind, ())
    if layout.bits not in known or value(tiff.FILL_ORDER, 1) != 1:
        raise NotRead(f"a TIFF of samples of {layout.bits} bits, format {layout.kind}")
    if layout.compression != PLAIN and layout.compression not in PACKED:
        raise NotRead(f"a TIFF of samples of {layout.bits} bits, compression {layout.compression}")
    piece = layout.rows * layout.row_bytes
    if layout.compression != PLAIN and (piece > MAX_PIECE or piece * layout.across * layout.planes > MAX_ROW):
        raise NotRead(f"a TIFF packed in pieces of over {MAX_PIECE // 2**20} MB")
    return layout


def _bands(data: bytes, layout: _Layout) -> Iterator[Values]:
    """(n, width, samples): rows from the top to the bottom, numbers of 0 to 1.

    Raises NotRead where a photo's numbers go beyond what their format can mean.
    """
    across, beyond = layout.across, 0
    down = -(-layout.height // layout.rows)
    if len(layout.offsets) < across * down * layout.planes:
        raise ValueError("strips or tiles are missing")
    for top in range(down):
        height = min(layout.rows, layout.height - top * layout.rows)
        pieces = [
            [_read_piece(data, layout, (plane * down + top) * across + left, height) for left in range(across)]
            for plane in range(layout.planes)
        ]
        step = max(1, BAND // (layout.row_bytes * across * layout.planes))
        for start in range(0, height, step):
            rows = slice(start, min(start + step, height))
            planes = [np.concatenate([_to_samples(piece, rows, layout) for piece in row], axis=1) for row in pieces]
            band = np.concatenate(planes, axis=2)[:, : layout.width]
            if layout.kind == SIGNED and (band < 0).any():
                raise NotRead("a TIFF of signed numbers, some of them below 0")
            beyond += int((band > 1).sum())
            band = np.clip(np.nan_to_num(band), 0, 1)
            yield 1 - band if layout.photometric == WHITE_IS_ZERO else band
    if beyond > layout.width * layout.height * layout.samples / 2:
        raise NotRead("a TIFF of floats most of which are above 1")


def _read_piece(data: bytes, layout: _Layout, number: int, height: int) -> memoryview:
    """The bytes of a strip or tile, unpacked: `height` rows at least."""
    needed, offset = height * layout.row_bytes, layout.offsets[number]
    if layout.compression == PLAIN:
        piece = memoryview(data)[offset : offset + needed]
    else:
        size = layout.sizes[number] if number < len(layout.sizes) else len(data) - offset
        rows = layout.rows if layout.tiled else height
        piece = memoryview(_unpack(data[offset : offset + size], layout.compression, layout.row_bytes, rows))
    if len(piece) < needed:
        raise ValueError("a strip or tile is cut off")
    return piece


def _unpack(packed: bytes, compression: int, row_bytes: int, rows: int) -> bytes:
    """What libtiff unpacks: the piece goes to Pillow as a grey picture of 8 bits, a pixel for each byte."""
    tags = {
        tiff.WIDTH: row_bytes,
        tiff.HEIGHT: rows,
        tiff.BITS: 8,
        tiff.COMPRESSION: compression,
        tiff.PHOTOMETRIC: 1,
        tiff.STRIP_OFFSETS: 8 + 2 + 9 * 12 + 4,
        tiff.SAMPLES: 1,
        tiff.ROWS_PER_STRIP: rows,
        tiff.STRIP_SIZES: len(packed),
    }
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    file = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + packed
    return Image.open(io.BytesIO(file), formats=("TIFF",)).tobytes()


def _to_samples(piece: memoryview, rows: slice, layout: _Layout) -> Values:
    """(n, columns, samples of a plane): some rows of a piece, full depth as 1."""
    count = rows.stop - rows.start
    raw = np.frombuffer(piece, np.uint8)[rows.start * layout.row_bytes : rows.stop * layout.row_bytes]
    samples = layout.samples // layout.planes
    shape = (count, layout.columns, samples)
    predictor = layout.predictor if layout.compression in PREDICTED else 1
    if layout.kind == FLOAT:
        if predictor == 3:
            return _undo_float_predictor(raw.reshape(count, -1), samples, layout.bits).reshape(shape)
        if predictor != 1:
            raise NotRead(f"a TIFF of floats with predictor {predictor}")
        return raw.view(f"{layout.order}f{layout.bits // 8}").reshape(shape).astype(np.float32)
    letter, top = ("i", 2 ** (layout.bits - 1) - 1) if layout.kind == SIGNED else ("u", 2**layout.bits - 1)
    if layout.bits in (8, 16, 32, 64):
        numbers: NDArray[np.integer] = raw.view(f"{layout.order}{letter}{layout.bits // 8}").reshape(shape)
    else:
        numbers = _unpack_bits(raw.reshape(count, -1), layout.row_samples, layout.bits).reshape(shape)
    if predictor == 2 and layout.bits in (8, 16, 32, 64):
        numbers = np.cumsum(numbers, axis=1, dtype=numbers.dtype.newbyteorder("="))
    elif predictor != 1:
        raise NotRead(f"a TIFF of samples of {layout.bits} bits with predictor {predictor}")
    return numbers.astype(np.float32) * np.float32(1 / top)


def _unpack_bits(raw: NDArray[np.uint8], count: int, bits: int) -> NDArray[np.uint64]:
    """(n, count) numbers of so many bits each, the highest first, from rows of bytes."""
    each = np.unpackbits(raw, axis=1)[:, : count * bits].reshape(len(raw), count, bits)
    weights = np.uint64(1) << np.arange(bits - 1, -1, -1, dtype=np.uint64)
    return each @ weights


def _undo_float_predictor(raw: NDArray[np.uint8], samples: int, bits: int) -> Values:
    """(n, row samples): floats stored highest bytes first, then the next ones, as differences of bytes."""
    rows, width = raw.shape
    sums = np.cumsum(raw.reshape(rows, width // samples, samples), axis=1, dtype=np.uint8).reshape(rows, bits // 8, -1)
    return np.ascontiguousarray(sums.swapaxes(1, 2)).view(f">f{bits // 8}")[..., 0].astype(np.float32)
