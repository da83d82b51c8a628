"""What a file is, by its first bytes and not by its name."""

from __future__ import annotations

import re

SUFFIXES = frozenset(
    ".avif .bmp .gif .heic .heif .hif .jfif .jp2 .jpe .jpeg .jpg .mpo .png .ppm .tif .tiff .webp".split()
)
"""Names that photos end in."""
SHOWN_BY_BROWSERS = frozenset({"AVIF", "BMP", "GIF", "JPEG", "PNG", "WEBP"})

KNOWN = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "WEBP": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    "AVIF": re.compile(rb".{4}ftyp(avi[fs]|(mif1|msf1|miaf).{0,40}?avi[fs])", re.DOTALL),
    "HEIF": re.compile(rb".{4}ftyp(hei[cmsxf]|hev[cmsx]|mif[12]|msf1|miaf|Mi[A-Z]{2})", re.DOTALL),
    "TIFF": re.compile(rb"II[*+]\0|MM\0[*+]"),
    "GIF": re.compile(rb"GIF8[79]a"),
    "BMP": re.compile(rb"BM"),
    "JPEG2000": re.compile(rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"),
    "PPM": re.compile(rb"P[1-6f]\s"),
}
"""First bytes of the formats that are decoded, by Pillow's name. Pillow knows more formats, and for some of those, such
as EPS, starts other programs.
"""
RAW = "a raw file of a camera"
VIDEO = "a video"
STRANGE = (
    (re.compile(rb"\xff\x0a|\0\0\0\x0cJXL "), "a JPEG XL picture"),
    (re.compile(rb"IIRO|IIRS|MMOR|IIU\0|FUJIFILMCCD-RAW|II\x1a\0\0\0HEAPCCDR|\0MRM|FOVb", re.DOTALL), RAW),
    (re.compile(rb".{4}ftypcrx ", re.DOTALL), RAW),
    (re.compile(rb".{4}ftypj(pm|px|p2)", re.DOTALL), "a JPEG 2000 document"),
    (re.compile(rb".{4}ftyp", re.DOTALL), VIDEO),
    (re.compile(rb".{4}(moov|mdat|wide|free)", re.DOTALL), VIDEO),
    (re.compile(rb"\x1a\x45\xdf\xa3|\0\0\x01[\xb0-\xbf]|FLV\x01|\x30\x26\xb2\x75|OggS"), VIDEO),
    (re.compile(rb"RIFF.{4}AVI ", re.DOTALL), VIDEO),
    (re.compile(rb"G.{187}G.{187}G", re.DOTALL), VIDEO),
    (re.compile(rb"[^%]{0,1000}%PDF-", re.DOTALL), "a PDF document"),
    (re.compile(rb"%!PS|\xc5\xd0\xd3\xc6"), "a PostScript drawing"),
    (re.compile(rb"8BPS"), "a Photoshop document"),
    (re.compile(rb"gimp xcf"), "a GIMP document"),
    (re.compile(rb"(\xef\xbb\xbf)?\s*(?=<(\?xml|!--|!DOCTYPE svg|svg)).*?<svg", re.DOTALL), "an SVG drawing"),
    (re.compile(rb"\x1f\x8b|PK\x03\x04|Rar!|7z\xbc\xaf"), "an archive"),
)
"""First bytes of what people take for photos, and what it is."""


def recognise(data: bytes) -> str | None:
    """Pillow's name of the format of a photo; None if it is none of KNOWN."""
    return next((name for name, pattern in KNOWN.items() if pattern.match(data)), None)


def name_strange(data: bytes) -> str | None:
    """What a file is that is no photo, such as "a video"; None where nobody knows."""
    return next((words for pattern, words in STRANGE if pattern.match(data[:4096])), None)
