"""photos.csv as spreadsheets and systems write it, and the files that its rows mean."""

from __future__ import annotations

import errno
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from cbir.datasets.photo import PhotoSet
from cbir.datasets.reader import read_photos
from cbir.errors import DatasetError
from tests.support.obstacles import IRREGULAR, within


def write(root: Path, table: str | bytes, *photos: str) -> Path:
    for name in photos or ("photos/a.jpg", "photos/b.jpg"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / "photos.csv").write_bytes(table.encode() if isinstance(table, str) else table)
    return root


def labels(found: PhotoSet) -> list[tuple[str, str | None]]:
    return [(photo.name, photo.label) for photo in found.photos]


TWO = [("photos/a.jpg", "Hat"), ("photos/b.jpg", "Coat, long")]


@pytest.mark.parametrize(
    "table",
    [
        'photo,label\na.jpg,Hat\nb.jpg,"Coat, long"\n',
        "photo;label\na.jpg;Hat\nb.jpg;Coat, long\n",
        "photo\tlabel\na.jpg\tHat\nb.jpg\tCoat, long\n",
        '"photo";"label"\r\n"a.jpg";"Hat"\r\n"b.jpg";"Coat, long"\r\n',
        ' Photo ;LABEL ; "Kids"\na.jpg ; Hat;\n b.jpg;Coat, long ;yes\n',
        "photo|label\ra.jpg|Hat\rb.jpg|Coat, long\r",
        "\n \nphoto;label;;\n;;;\na.jpg;Hat;;\n\nb.jpg;Coat, long\n;;\n",
        "label;Größe;photo\nHat;M;a.jpg\nCoat, long;L;b.jpg",
    ],
)
def test_separators_capitals_spaces_and_empty_rows(tmp_path: Path, table: str) -> None:
    found = read_photos(write(tmp_path, table))
    assert labels(found) == TWO and found.left_out == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings_with_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding[-2:] in ("le", "be") else ""
    table = f"{mark}photo;label\na.jpg;Mütze 日本\n".encode(encoding)
    assert labels(read_photos(write(tmp_path, table))) == [("photos/a.jpg", "Mütze 日本")]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "mac-roman"])
def test_other_encodings_are_named_with_their_line(tmp_path: Path, encoding: str) -> None:
    table = "photo;label\na.jpg;Hat\nb.jpg;Mütze\n".encode(encoding)
    with pytest.raises(DatasetError, match=r"photos\.csv: not a table: line 3 is not UTF-8.*save it as CSV in UTF-8"):
        read_photos(write(tmp_path, table))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("foto;label\na.jpg;Hat\n", "no column 'photo' .found: foto, label."),
        ("a.jpg\tHat\nb.jpg\tHat\n", "no column 'photo' .found: a.jpg, hat."),
        ("", "no column 'photo' .found none."),
        ('photo,label\na.jpg,Hat\nb.jpg,"Coat\n', "line 3, or a quote opened there"),
        ('photo,label\na.jpg,"Hat" x\nb.jpg,Coat\n', "line 2, or a quote opened there"),
        ("photo,label\na.jpg,Hat\nb.jpg,Coat, long\n", "line 3 has 3 cells, but the first names 2 columns"),
        ("photo,label\na.jpg," + "x" * 200_000, "line 2, or a quote opened there .field larger"),
        ("photo\0label\na.jpg\0Hat\n", "no column 'photo'"),
    ],
)
def test_tables_that_cannot_be_read_name_the_line(tmp_path: Path, table: str, message: str) -> None:
    with pytest.raises(DatasetError, match=rf"photos\.csv: .*{message}"):
        read_photos(write(tmp_path, table))


def test_rows_with_fewer_cells_and_nul_bytes_are_read(tmp_path: Path) -> None:
    found = read_photos(write(tmp_path, "photo,label,tags\na.jpg\nb.jpg,Ha\0t\n"))
    assert labels(found) == [("photos/a.jpg", None), ("photos/b.jpg", "Ha\0t")]


@pytest.mark.parametrize("name", ["n" * 300 + ".jpg", "d/" * 3000 + "x.jpg", "a.jpg\0", "\0", "gone.jpg", "a.jpg/x"])
def test_rows_that_can_be_no_file_are_missing(tmp_path: Path, name: str) -> None:
    found = read_photos(write(tmp_path, f"photo,label\n{name},Hat\nb.jpg,Coat\n"))
    assert labels(found) == [("photos/b.jpg", "Coat")] and found.missing == [name]
    assert found.left_out[0][1].startswith("listed, but not there")


def test_a_row_without_a_photo_is_told_with_its_line(tmp_path: Path) -> None:
    found = read_photos(write(tmp_path, "photo,label\na.jpg,Hat\n ,Coat\n"))
    assert labels(found) == [("photos/a.jpg", "Hat")] and found.refused[0][0] == "photos.csv, line 3"


@pytest.mark.parametrize(("listed", "on_disk"), [("NFC", "NFD"), ("NFD", "NFC"), ("NFC", "NFC")])
@pytest.mark.parametrize("name", ["photos/Mütze.jpg", "Größe/é/한국.jpg", "ÅÄ.jpg"])
def test_composed_and_decomposed_names_are_the_same(tmp_path: Path, name: str, listed: str, on_disk: str) -> None:
    there = unicodedata.normalize(on_disk, name)  # type: ignore[arg-type]
    asked = unicodedata.normalize(listed, name)  # type: ignore[arg-type]
    found = read_photos(write(tmp_path, f"photo\n{asked}\n{asked.removeprefix('photos/')}\n", there))
    assert [photo.name for photo in found.photos] == [there] and found.photos[0].path.is_file()


def test_a_name_half_composed_is_found(tmp_path: Path) -> None:
    """As in an archive of macOS that was unpacked into a folder of Linux."""
    there = f"{unicodedata.normalize('NFC', 'Größe')}/{unicodedata.normalize('NFD', 'Mütze.jpg')}"
    found = read_photos(write(tmp_path, "photo\nGröße/Mütze.jpg\n", there))
    assert [photo.name for photo in found.photos] == [there]


@pytest.mark.parametrize("name", [r"photos\a.jpg", r".\photos\a.jpg", r"photos\\a.jpg", "a.jpg", r"sub\..\a.jpg"])
def test_windows_paths_are_understood(tmp_path: Path, name: str) -> None:
    (tmp_path / "photos" / "sub").mkdir(parents=True)
    assert [photo.name for photo in read_photos(write(tmp_path, f"photo\n{name}\n")).photos] == ["photos/a.jpg"]


def test_a_backslash_in_a_name_is_kept_where_the_file_has_it(tmp_path: Path) -> None:
    found = read_photos(write(tmp_path, "photo\nred\\hat.jpg\n", "red\\hat.jpg", "red/hat.jpg"))
    assert [photo.name for photo in found.photos] == ["red\\hat.jpg"]


@pytest.mark.parametrize("again", ["a.jpg", "./a.jpg", "photos/a.jpg", "photos//a.jpg", r"photos\a.jpg", "link/a.jpg"])
def test_a_photo_listed_again_is_one_and_told_with_both_labels(tmp_path: Path, again: str) -> None:
    write(tmp_path, f"photo,label\na.jpg,Hat\n{again},Cap\nb.jpg,\n")
    (tmp_path / "link").symlink_to("photos")
    found = read_photos(tmp_path)
    assert labels(found) == [("photos/a.jpg", "Hat"), ("photos/b.jpg", None)]
    [(name, reason)] = found.refused
    assert name == again and "line 3" in reason and "'Hat'" in reason and "'Cap'" in reason


@pytest.mark.parametrize("make", IRREGULAR.values(), ids=IRREGULAR)
def test_rows_that_mean_no_file_are_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    write(tmp_path, "photo\na.jpg\nx.jpg\nphotos\n")
    make(tmp_path / "photos" / "x.jpg")
    with within(20):
        found = read_photos(tmp_path)
    assert [photo.name for photo in found.photos] == ["photos/a.jpg"]
    assert [name for name, _ in found.refused] == ["photos/x.jpg", "photos"]
    assert found.refused[1][1].startswith("a folder, not a file")


def test_rows_that_cannot_be_reached_now_are_told_from_missing_ones(tmp_path: Path) -> None:
    write(tmp_path, "photo\na.jpg\nlink.jpg\nnas/x.jpg\nloop.jpg\ngone.jpg\n")
    (tmp_path / "photos" / "link.jpg").symlink_to("away.jpg")
    (tmp_path / "photos" / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "nas").symlink_to(tmp_path / "not mounted")
    found = read_photos(tmp_path)
    assert [name for name, _ in found.unreachable] == ["photos/link.jpg", "nas/x.jpg", "photos/loop.jpg"]
    assert os.strerror(errno.ELOOP) in found.unreachable[2][1] and found.missing == ["gone.jpg"]


@pytest.mark.parametrize("make", [*IRREGULAR.values(), Path.mkdir, lambda path: path.symlink_to("gone")])
def test_a_table_that_is_no_file_is_not_taken_for_none(tmp_path: Path, make: Callable[[Path], None]) -> None:
    (tmp_path / "hat.jpg").touch()
    make(tmp_path / "photos.csv")
    with within(20), pytest.raises(DatasetError, match=r"photos\.csv: cannot be read"):
        read_photos(tmp_path)


def test_a_label_map_that_is_no_file_is_left(tmp_path: Path) -> None:
    write(tmp_path, "photo\na.jpg\nb.jpg\n")
    (tmp_path / "labels" / "b.png").mkdir(parents=True)
    os.mkfifo(tmp_path / "labels" / "a.png")
    assert [photo.label_map for photo in read_photos(tmp_path).photos] == [None, None]


def test_examples_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    write(tmp_path, "photo\na.jpg\n", "photos/a.jpg", "examples/good.jpg")
    os.mkfifo(tmp_path / "examples" / "pipe.jpg")
    (tmp_path / "examples" / "link.jpg").symlink_to("gone")
    found = read_photos(tmp_path)
    assert [path.name for path in found.examples] == ["good.jpg"]
    assert [name for name, _ in found.refused] == ["examples/pipe.jpg", "examples/link.jpg"]


def test_acs_is_read_with_the_same_care(tmp_path: Path) -> None:
    folder = tmp_path / "images" / "0" / "n1"
    folder.mkdir(parents=True)
    (folder / "n1_1_0.jpg").touch()
    os.mkfifo(folder / "n1_2_0.jpg")
    (folder / "n1_3_0.jpg").symlink_to("gone")
    lines = ["0/n1/n1_1_0", "0/n1/n1_2_0", "0/n1/n1_3_0", "0/n1/" + "n" * 300, "0/n1/x\0y", "0/n1/n1_1_0"]
    (tmp_path / "train.txt").write_bytes(b"\xef\xbb\xbf" + "\n".join(lines).encode())
    (tmp_path / "test.txt").write_text("0/n1/n1_1_0\n")
    with within(20):
        found = read_photos(tmp_path)
    assert labels(found) == [("images/0/n1/n1_1_0.jpg", "blouse")] and found.photos[0].split == "train"
    assert found.missing == lines[3:5]
    assert [name for name, _ in found.refused] == ["images/0/n1/n1_2_0.jpg", lines[0], lines[0]]
    assert [name for name, _ in found.unreachable] == ["images/0/n1/n1_3_0.jpg"]


@pytest.mark.parametrize("line", ["²/n1/n1_0_0", "15/n1/n1_0_0", "0/n1", "-1/n1/x"])
def test_lines_of_acs_that_are_none_are_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "train.txt").write_text(line, encoding="utf-8")
    with pytest.raises(DatasetError, match=r"train\.txt: .* is not CLASS/SYNSET/ID"):
        read_photos(tmp_path)


@pytest.mark.parametrize("name", ["train.txt", "test.txt"])
def test_a_list_of_acs_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "train.txt").touch()
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    with within(20), pytest.raises(DatasetError, match=rf"{name}: cannot be read .a pipe"):
        read_photos(tmp_path)


def test_all_other_columns_are_kept(tmp_path: Path) -> None:
    table = (
        " Photo ;label;contributor;description;tags;link;COLOUR; Größe ;pattern;;note\n"
        "a.jpg;Hat;ann;red hat;hat scarf;https://shop.example/1; Navy Blue ;M;;x;\n"
        'b.jpg;;;;;;;;dotted;;"two\nlines"\n'
    )
    first, second = read_photos(write(tmp_path, table)).photos
    assert first.columns == {"colour": "Navy Blue", "grösse": "M"} and first.link == "https://shop.example/1"
    assert (first.contributor, first.tags, first.colour) == ("ann", ("hat", "scarf"), "Navy Blue")
    assert second.columns == {"pattern": "dotted", "note": "two\nlines"} and second.link is None


def test_a_photo_with_a_link_that_is_none_is_taken_without_it(tmp_path: Path) -> None:
    long = "https://shop.example/" + "x" * 3_000
    table = f"photo,link\na.jpg,javascript:alert(1)\nb.jpg, http://shop.example/b \nc.jpg,{long}\na.jpg,ftp://x\n"
    found = read_photos(write(tmp_path, table, "photos/a.jpg", "photos/b.jpg", "photos/c.jpg"))
    assert [photo.link for photo in found.photos] == [None, "http://shop.example/b", None]
    (first, why), (third, too_long) = found.warnings
    assert (first, third) == ("photos/a.jpg", "photos/c.jpg")
    assert why.startswith("its link in line 2 begins with neither http:// nor https://") and "left out" in why
    assert "line 4 has 3,021 characters" in too_long and len(too_long) < 200
    assert [name for name, _ in found.refused] == ["a.jpg"], "as it is listed again"


def test_a_column_kind_is_left_out_and_told(tmp_path: Path) -> None:
    found = read_photos(write(tmp_path, "photo,label,KIND,size\na.jpg,Hat,straw,M\nb.jpg,Coat,,L\n"))
    assert labels(found) == [("photos/a.jpg", "Hat"), ("photos/b.jpg", "Coat")]
    assert [photo.columns for photo in found.photos] == [{"size": "M"}, {"size": "L"}]
    assert found.warnings == [
        ("photos.csv", "its column 'kind' is left out, since filters call the label so; give it another name")
    ]
    assert read_photos(write(tmp_path, "photo,label\na.jpg,Hat\n")).warnings == []
