"""Photos out of zip files: sound ones as programs make them, and those of people who mean harm."""

from __future__ import annotations

import io
import lzma
import random
import shutil
import stat
import subprocess
import tracemalloc
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cbir.datasets.zipped import LONGEST_NAME, MOST_DIRECTORY, MOST_ENTRIES, Unpacked, unpack_photos
from cbir.errors import DatasetError
from cbir.photos.decode import MAX_BYTES
from tests.support.settings import QUICK
from tests.support.zips import BZIP2, DEFLATED, DOS, LZMA, UTF8, Entry, build_zip

MB = 1 << 20
NOISE = random.Random(0).randbytes(3 * MB)
"""What hardly compresses, as photos."""


def unpack(root: Path, content: bytes, *, most: int = 100, most_bytes: int = 50 * MB) -> Unpacked:
    """What comes out of a zip file, after a look that all of it lies in one folder and nothing else does."""
    archive, folder = root / "sent.zip", root / "inside" / "photos"
    archive.write_bytes(content)
    folder.mkdir(parents=True, exist_ok=True)
    before = list_all(root)
    try:
        found = unpack_photos(archive, folder, most=most, most_bytes=most_bytes)
        assert sorted(folder.iterdir()) == [photo.path for photo in found.photos]
        return found
    finally:
        assert list_all(root) - before == {path for path in list_all(root) if path.parent == folder}


def list_all(root: Path) -> set[Path]:
    return set(root.rglob("*"))


def names(found: Unpacked) -> list[str]:
    return [photo.name for photo in found.photos]


def contents(found: Unpacked) -> dict[str, bytes]:
    return {photo.name: photo.path.read_bytes() for photo in found.photos}


def written_by_zipfile(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return packed.getvalue()


def start_of_directory(entries: list[Entry]) -> int:
    return build_zip(entries).index(b"PK\x01\x02")


def refuse(root: Path, *entries: Entry) -> tuple[str, str]:
    """The name and the reason of the one entry that is refused, while a photo before and one after it are taken."""
    found = unpack(root, build_zip([Entry(b"first.jpg", b"1"), *entries, Entry(b"last.jpg", b"2")]))
    assert contents(found) == {"first.jpg": b"1", "last.jpg": b"2"} and not found.others
    [refused] = found.refused
    return refused


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_photos_are_taken_in_order_as_they_were(tmp_path: Path, method: int) -> None:
    files = {"b.JPG": NOISE[: 2 * MB], "a.png": NOISE[:100], "no photo at all.jpg": b"text", "c.webp": b""}
    found = unpack(tmp_path, written_by_zipfile(files, method))
    assert contents(found) == files and list(contents(found)) == list(files)
    assert [photo.path.name for photo in found.photos] == ["000001.jpg", "000002.png", "000003.jpg", "000004.webp"]
    assert [photo.label for photo in found.photos] == [None] * 4 and not found.refused and not found.others


@pytest.mark.skipif(not shutil.which("zip"), reason="zip is not installed")
def test_a_folder_that_zip_packed_is_read(tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    files = {"hüte/rot/a.jpg": NOISE[:1000], "シャツ/b.jpg": NOISE[:2000]}
    for name, content in files.items():
        (packed / "Photos" / name).parent.mkdir(parents=True)
        (packed / "Photos" / name).write_bytes(content)
    subprocess.run(["zip", "-qr", tmp_path / "made.zip", "Photos"], cwd=packed, check=True)
    found = unpack(tmp_path, (tmp_path / "made.zip").read_bytes())
    assert contents(found) == files
    assert {photo.label for photo in found.photos} == {"hüte", "シャツ"}


@pytest.mark.parametrize(
    ("packed", "taken"),
    [
        (
            ["hat/a.jpg", "scarf/red/b.jpg", "c.jpg"],
            [("hat/a.jpg", "hat"), ("scarf/red/b.jpg", "scarf"), ("c.jpg", None)],
        ),
        (["Photos/hat/a.jpg", "Photos/b.jpg"], [("hat/a.jpg", "hat"), ("b.jpg", None)]),
        (["Photos/hat/a.jpg", "__MACOSX/Photos/._a.jpg", "read me.txt"], [("hat/a.jpg", "hat")]),
        (["hat/a.jpg", "hat/b.jpg"], [("a.jpg", None), ("b.jpg", None)]),
        (["./Photos/hat//a.jpg"], [("hat/a.jpg", "hat")]),
        (["Photos\\hat\\a.jpg", "Photos\\b.jpg"], [("hat/a.jpg", "hat"), ("b.jpg", None)]),
        (["hat", "hat/a.jpg", "hat.jpg"], [("hat/a.jpg", "hat"), ("hat.jpg", None)]),
    ],
)
def test_the_first_folder_below_a_common_one_is_the_label(
    tmp_path: Path, packed: list[str], taken: list[tuple[str, str | None]]
) -> None:
    found = unpack(tmp_path, build_zip([Entry(name.encode()) for name in packed]))
    assert [(photo.name, photo.label) for photo in found.photos] == taken and not found.refused


def test_litter_is_left_out_and_other_files_are_counted(tmp_path: Path) -> None:
    litter = ["__MACOSX/._a.jpg", "hat/.DS_Store", "hat/THUMBS.DB", "@eaDir/a.jpg/b.jpg", ".git/c.jpg", "hat/._a.jpg"]
    others = ["notes.txt", "more/Notes.TXT", "photos.csv", "README", "x." + "y" * 300]
    found = unpack(tmp_path, build_zip([Entry(name.encode()) for name in ["hat/a.jpg", "b.jpg", *litter, *others]]))
    assert names(found) == ["hat/a.jpg", "b.jpg"] and not found.refused
    assert found.others == {".txt": 2, ".csv": 1, "": 2}


@pytest.mark.parametrize("folders", [[], ["hat/", "hat/red/", "scarf\\"]])
def test_a_zip_without_photos_is_an_answer(tmp_path: Path, folders: list[str]) -> None:
    assert unpack(tmp_path, build_zip([Entry(name.encode(), b"") for name in folders])) == Unpacked([], [], {})


@pytest.mark.parametrize(
    "name",
    ["../a.jpg", "hat/../../a.jpg", "/etc/a.jpg", "C:\\a.jpg", "c:a.jpg", "..\\..\\a.jpg", "\\\\host\\share\\a.jpg"],
)
@pytest.mark.parametrize("flags", [0, UTF8])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str, flags: int) -> None:
    told, reason = refuse(tmp_path, Entry(name.encode(), flags=flags))
    assert told == name.replace("\\", "/") and "leads out of the zip; zip" in reason


@pytest.mark.parametrize("name", [b"", b"a.jpg\0.txt", b"evil\0.jpg", b"./."])
def test_names_that_no_file_can_have_are_refused(tmp_path: Path, name: bytes) -> None:
    told, reason = refuse(tmp_path, Entry(name))
    assert told == name.decode().replace("\0", "\\x00") and "no name that a file can have; rename" in reason


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (stat.S_IFLNK, "a link, not a file"),
        (stat.S_IFIFO, "a pipe, not a file"),
        (stat.S_IFCHR, "a device, not a file"),
        (stat.S_IFSOCK, "a socket, not a file"),
        (stat.S_IFDIR, "a folder, not a file"),
    ],
)
def test_links_and_other_special_files_are_refused(tmp_path: Path, kind: int, words: str) -> None:
    told, reason = refuse(tmp_path, Entry(b"odd.jpg", b"/etc/passwd", mode=kind | 0o777))
    assert told == "odd.jpg" and reason.startswith(words)


@pytest.mark.parametrize(("system", "mode"), [(DOS, stat.S_IFLNK), (3, 0), (3, 0o644)])
def test_only_file_modes_of_unix_are_looked_at(tmp_path: Path, system: int, mode: int) -> None:
    assert names(unpack(tmp_path, build_zip([Entry(b"a.jpg", system=system, mode=mode)]))) == ["a.jpg"]


@pytest.mark.parametrize("name", ["more.zip", "hat/MORE.RAR", "a.7z", "a.tar", "a.tar.gz", "a.tgz"])
def test_archives_in_the_archive_are_refused(tmp_path: Path, name: str) -> None:
    told, reason = refuse(tmp_path, Entry(name.encode(), build_zip([Entry(b"a.jpg")])))
    assert told == name and "unpack it and add its photos" in reason


def test_photos_behind_a_password_are_refused(tmp_path: Path) -> None:
    told, reason = refuse(tmp_path, Entry(b"a.jpg", flags=1))
    assert told == "a.jpg" and "protected by a password; zip the photos again without" in reason


@pytest.mark.parametrize(
    ("method", "content"), [(BZIP2, b"BZh9"), (LZMA, lzma.compress(b"photo")), (9, b""), (93, b""), (99, b"")]
)
def test_other_methods_of_packing_are_refused(tmp_path: Path, method: int, content: bytes) -> None:
    told, reason = refuse(tmp_path, Entry(b"a.jpg", content, method))
    assert told == "a.jpg" and "by a method that is not read" in reason


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_zipfile_reads_are_refused_as_well(tmp_path: Path, method: int) -> None:
    found = unpack(tmp_path, written_by_zipfile({"a.jpg": b"photo"}, method))
    assert [name for name, _ in found.refused] == ["a.jpg"] and not found.photos


@pytest.mark.parametrize(
    "entry",
    [
        Entry(b"a.jpg", NOISE[:1000], crc=1),
        Entry(b"a.jpg", NOISE[:1000], DEFLATED, crc=1),
        Entry(b"a.jpg", NOISE[:1000], DEFLATED, packed_size=500),
        Entry(b"a.jpg", NOISE[: 2 * MB], DEFLATED, size=MB),
        Entry(b"a.jpg", NOISE[:1000], size=2000, packed_size=1_000_000),
        Entry(b"a.jpg", bytes(12 * MB), DEFLATED, packed_size=70_000, comment=bytes(60_000)),
        Entry(b"a.jpg", NOISE[:1000], offset=81),
        Entry(b"a.jpg", NOISE[:1000], offset=2**32 - 1),
        Entry(b"a.jpg", NOISE[:1000], flags=1 << 5),
        Entry(b"a.jpg", NOISE[:1000], flags=1 << 6),
    ],
    ids="crc deflated-crc cut-off size beyond-the-end into-the-directory no-header outside patch encryption".split(),
)
def test_a_damaged_photo_is_refused(tmp_path: Path, entry: Entry) -> None:
    found = unpack(tmp_path, build_zip([Entry(b"first.jpg", b"1"), Entry(b"next.jpg", b"2"), entry]))
    assert ("a.jpg", "damaged; zip the photos again") in found.refused
    assert "a.jpg" not in names(found) and "next.jpg" in names(found)


def test_what_is_no_deflate_stream_is_damaged(tmp_path: Path) -> None:
    content = bytearray(build_zip([Entry(b"a.jpg", NOISE[:1000], DEFLATED), Entry(b"b.jpg")]))
    content[35:45] = b"\xff" * 10
    found = unpack(tmp_path, bytes(content))
    assert names(found) == ["b.jpg"] and found.refused == [("a.jpg", "damaged; zip the photos again")]


def test_a_header_of_another_name_is_damaged(tmp_path: Path) -> None:
    content = build_zip([Entry(b"a.jpg"), Entry(b"b.jpg")]).replace(b"a.jpg", b"x.jpg", 1)
    found = unpack(tmp_path, content)
    assert names(found) == ["b.jpg"] and found.refused == [("a.jpg", "damaged; zip the photos again")]


def test_entries_of_the_same_bytes_are_damaged(tmp_path: Path) -> None:
    """Each of them can be read by itself: two begin at one place, and one lies within another."""
    twice = Entry(b"a.jpg", NOISE[:1000], offset=0)
    start_of_second = start_of_directory([twice])
    inner = Entry(b"c.jpg", b"inner", offset=2 * start_of_second + 35)
    outer = Entry(b"b.jpg", build_zip([inner])[: start_of_directory([inner])])
    found = unpack(tmp_path, build_zip([twice, twice, outer, inner, Entry(b"d.jpg")]))
    assert names(found) == ["d.jpg"]
    assert found.refused == [(name, "damaged; zip the photos again") for name in ("a.jpg", "a.jpg", "b.jpg", "c.jpg")]


def test_a_photo_that_unpacks_to_far_more_than_photos_do_is_refused(tmp_path: Path) -> None:
    told, reason = refuse(tmp_path, Entry(b"bomb.jpg", bytes(20 * MB), DEFLATED))
    assert told == "bomb.jpg" and "more than 200 times its packed size; save" in reason


def test_a_small_photo_of_one_colour_is_no_bomb(tmp_path: Path) -> None:
    plain = {"plain.bmp": bytes(MB)}
    content = written_by_zipfile(plain)
    assert len(content) * 200 < MB
    assert contents(unpack(tmp_path, content)) == plain


def test_a_photo_longer_than_any_that_is_decoded_is_not_unpacked(tmp_path: Path) -> None:
    told, reason = refuse(tmp_path, Entry(b"a.jpg", b"", size=MAX_BYTES + MB))
    assert told == "a.jpg" and reason == "513 MB, more than 512; save it as JPEG"


def test_photos_beyond_the_bytes_in_all_are_refused(tmp_path: Path) -> None:
    sizes = {"a.jpg": 600_000, "b.jpg": 500_000, "c.jpg": 300_000, "d.jpg": 100_000, "e.jpg": 1}
    files = {name: NOISE[:size] for name, size in sizes.items()}
    found = unpack(tmp_path, written_by_zipfile(files), most_bytes=1_000_000)
    assert contents(found) == {name: files[name] for name in ("a.jpg", "c.jpg", "d.jpg")}
    assert [name for name, _ in found.refused] == ["b.jpg", "e.jpg"]
    assert all("send it in another zip" in reason for _, reason in found.refused)


def test_damaged_photos_count_among_the_bytes_in_all(tmp_path: Path) -> None:
    entries = [Entry(b"%d.jpg" % number, NOISE[:MB], crc=1) for number in range(20)]
    found = unpack(tmp_path, build_zip(entries), most_bytes=5 * MB)
    # The last block, which the checksum is told with, is not written.
    told = [reason.split(";")[0] for _, reason in found.refused]
    assert not found.photos and 5 <= told.count("damaged") <= 8 and len(told) == 20


@pytest.mark.parametrize("most_bytes", [10 * MB, 700_000])
def test_bytes_are_counted_as_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most_bytes: int
) -> None:
    """With a zipfile that gives more than an entry claims, as none is known to do."""
    content = build_zip([Entry(b"a.jpg", NOISE[:1000], DEFLATED), Entry(b"b.jpg", NOISE[:1000], DEFLATED)])
    endless = io.BytesIO(bytes(30 * MB))
    given = iter([endless, io.BytesIO(b"b")])
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: next(given))
    found = unpack(tmp_path, content, most_bytes=most_bytes)
    assert contents(found) == {"b.jpg": b"b"} and [name for name, _ in found.refused] == ["a.jpg"]
    assert endless.closed


@pytest.mark.parametrize(("count", "told"), [(3, 0), (4, 1), (23, 20), (24, 21), (500, 21)])
def test_photos_beyond_the_number_are_refused_the_first_by_name(tmp_path: Path, count: int, told: int) -> None:
    entries = [Entry(b"broken.jpg", crc=1)] + [Entry(b"%03d.jpg" % number) for number in range(count)]
    found = unpack(tmp_path, build_zip(entries), most=3)
    assert names(found) == ["000.jpg", "001.jpg", "002.jpg"]
    (first, _), *beyond = found.refused
    assert first == "broken.jpg" and len(beyond) == told
    assert all(reason == "more than 3 photos; send the others in another zip" for _, reason in beyond)
    assert [name for name, _ in beyond[:20]] == [f"{number:03}.jpg" for number in range(3, count)][:20]
    assert [name for name, _ in beyond[20:]] == ([f"and {count - 23} more"] if count > 23 else [])


@pytest.mark.parametrize(
    ("raw", "flags", "name"),
    [
        ("hüt.jpg".encode("cp437"), 0, "hüt.jpg"),
        ("hüt.jpg".encode(), 0, "hüt.jpg"),
        ("hüt.jpg".encode(), UTF8, "hüt.jpg"),
        ("シャツ.jpg".encode(), 0, "シャツ.jpg"),
        (b"\x1b[31mred\n.jpg", 0, "\\x1b[31mred\\n.jpg"),
        ("gpj.\u202egpj.jpg".encode(), UTF8, "gpj.\\u202egpj.jpg"),
    ],
)
def test_names_are_read_in_both_encodings_and_can_be_shown(tmp_path: Path, raw: bytes, flags: int, name: str) -> None:
    assert names(unpack(tmp_path, build_zip([Entry(raw, flags=flags)]))) == [name]


def test_long_names_are_shortened_and_keep_their_suffixes(tmp_path: Path) -> None:
    long = b"x" * 5000
    raw = [
        long + b"1.jpg",
        long + b"2.jpg",
        long + b"3.PNG",
        long + b"/a.jpg",
        b"y" * 196 + b".jpg",
        b"z" * 197 + b".jpg",
    ]
    found = unpack(tmp_path, build_zip([Entry(name) for name in raw]))
    assert len(set(names(found))) == 6 and all(len(name) <= LONGEST_NAME for name in names(found))
    assert [name[-4:] for name in names(found)] == [".jpg", ".jpg", ".PNG", ".jpg", ".jpg", ".jpg"]
    assert names(found)[4] == "y" * 196 + ".jpg" and names(found)[5] == "z" * 195 + "….jpg"
    label = found.photos[3].label
    assert label and len(label) == LONGEST_NAME


def test_refused_names_are_shortened_and_can_be_shown(tmp_path: Path) -> None:
    told, _ = refuse(tmp_path, Entry(b"\x1b" + b"x" * 5000 + b".jpg", flags=1))
    assert told.startswith("\\x1bxxx") and len(told) == LONGEST_NAME


def test_names_that_come_twice_are_numbered(tmp_path: Path) -> None:
    raw = ["a.jpg", "a.jpg", "a (3).jpg", "a.jpg", "a.jpg", "A.jpg", "hat/a.jpg", "hat/a.jpg", "a.png"]
    expected = [
        "a.jpg",
        "a (2).jpg",
        "a (3).jpg",
        "a (4).jpg",
        "a (5).jpg",
        "A.jpg",
        "hat/a.jpg",
        "hat/a (2).jpg",
        "a.png",
    ]
    found = unpack(tmp_path, build_zip([Entry(name.encode(), name.encode()) for name in raw]))
    assert names(found) == expected
    assert [photo.path.read_text() for photo in found.photos] == raw


def test_many_photos_of_one_name_are_told_apart(tmp_path: Path) -> None:
    entries = [Entry(b"x" * 200 + b"%d.jpg" % (number // 2), b"") for number in range(2000)]
    found = unpack(tmp_path, build_zip(entries), most=2000)
    assert len(set(names(found))) == 2000 and max(map(len, names(found))) == LONGEST_NAME


@pytest.mark.parametrize("cut", [1, 21, 60, 5000])
def test_a_zip_that_is_cut_off_is_refused_whole(tmp_path: Path, cut: int) -> None:
    content = build_zip([Entry(b"a.jpg", NOISE[:4000]), Entry(b"b.jpg", NOISE[:4000])])
    with pytest.raises(DatasetError, match=r"^sent.zip: not a zip file, or damaged or cut off; zip the photos again$"):
        unpack(tmp_path, content[:-cut])


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"a text", b"\xff\xd8\xff" + bytes(70_000), b"PK\x05\x06" + b"\xff" * 18]
)
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DatasetError, match=r"^sent.zip: not a zip file"):
        unpack(tmp_path, content)


def test_messages_call_the_zip_by_the_name_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(b"nothing")
    with pytest.raises(DatasetError, match=r"^hats\\n.zip: not a zip"):
        unpack_photos(tmp_path / "upload", tmp_path, most=1, most_bytes=1, name="hats\n.zip")
    with pytest.raises(DatasetError, match=r"^gone.zip: cannot be opened \(No such file"):
        unpack_photos(tmp_path / "gone.zip", tmp_path, most=1, most_bytes=1)


@pytest.mark.parametrize("zip64", [False, True])
def test_as_many_entries_as_may_be_are_taken_and_no_more(tmp_path: Path, zip64: bool) -> None:
    names_of_all = [b"%05d.txt" % number for number in range(2 * MOST_ENTRIES)]
    found = unpack(tmp_path, build_zip((Entry(name) for name in names_of_all[:MOST_ENTRIES]), zip64=zip64))
    assert found.others == {".txt": MOST_ENTRIES}
    with pytest.raises(DatasetError, match=r"^sent.zip: more than 10,000 files are in it; zip the photos in several"):
        unpack(tmp_path, build_zip((Entry(name) for name in names_of_all), zip64=zip64))


@pytest.mark.parametrize("zip64", [False, True])
@pytest.mark.parametrize("comment", [0, 60_000])
def test_a_directory_that_is_too_large_is_not_read(tmp_path: Path, zip64: bool, comment: int) -> None:
    entry = Entry(b"a.jpg", b"", comment=bytes(comment))
    content = build_zip([entry] * (2 * MOST_DIRECTORY // (51 + comment)), zip64=zip64)
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError, match=r"^sent.zip: its directory is larger than 4 MB; zip the photos in sev"):
            unpack(tmp_path, content)
        assert tracemalloc.get_traced_memory()[1] < MOST_DIRECTORY
    finally:
        tracemalloc.stop()


def test_the_folder_keeps_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "sent.zip").write_bytes(build_zip([Entry(b"a.jpg")]))
    (tmp_path / "photos").mkdir()
    (tmp_path / "mine.jpg").write_bytes(b"mine")
    (tmp_path / "photos" / "000001.jpg").symlink_to(tmp_path / "mine.jpg")
    with pytest.raises(FileExistsError):
        unpack_photos(tmp_path / "sent.zip", tmp_path / "photos", most=1, most_bytes=MB)
    assert (tmp_path / "mine.jpg").read_bytes() == b"mine"


BASE = build_zip(
    [
        Entry(b"Photos/hat/a.jpg", NOISE[:300], DEFLATED),
        Entry(b"Photos/b.png", NOISE[:200]),
        Entry("Photos/ü.jpg".encode(), bytes(300), DEFLATED, UTF8),
        Entry(b"Photos/notes.txt", comment=b"a comment"),
    ],
    zip64=True,
)
"""A zip of every kind of structure, to be spoiled."""


@settings(QUICK, max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, len(BASE) - 1), st.integers(0, 255)), max_size=8),
    st.integers(0, len(BASE) - 1),
    st.integers(0, 40),
)
def test_a_spoiled_zip_is_an_answer_or_an_error(
    tmp_path: Path, changes: list[tuple[int, int]], start: int, removed: int
) -> None:
    content = bytearray(BASE)
    for at, value in changes:
        content[at] = value
    del content[start : start + removed]
    with TemporaryDirectory(dir=tmp_path) as root:
        try:
            found = unpack(Path(root), bytes(content), most_bytes=MB)
        except DatasetError as error:
            told = [str(error).removeprefix("sent.zip: ")]
        else:
            told = [reason for _, reason in found.refused]
            assert sum(photo.path.stat().st_size for photo in found.photos) <= MB
    assert all(";" in reason for reason in told)
