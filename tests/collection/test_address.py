"""What is an address, what is a folder, and what is shown of either."""

from __future__ import annotations

from pathlib import Path

import pytest

from cbir.collection.address import Address, parse_place
from cbir.errors import CatalogueError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://host:19530/clothes", Address("http://host:19530", "clothes")),
        ("https://host/clothes/", Address("https://host", "clothes")),
        ("https://me:secret@host:443/_c2", Address("https://me:secret@host:443", "_c2")),
        ("shop.db/clothes", Address("shop.db", "clothes")),
        ("/data/shop.db/clothes", Address("/data/shop.db", "clothes")),
        ("catalogue", Path("catalogue")),
        ("a/b c/catalogue.zip", Path("a/b c/catalogue.zip")),
        ("shop.db", Path("shop.db")),
        ("C:\\photos", Path("C:\\photos")),
    ],
)
def test_places(text: str, expected: Path | Address) -> None:
    assert parse_place(text) == expected


def test_a_folder_whose_name_ends_like_a_file_of_milvus_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "old.db" / "catalogue"
    folder.mkdir(parents=True)
    assert parse_place(folder) == folder


@pytest.mark.parametrize(
    "text", ["http://host:19530", "http://host/", "http://host/a/b", "http://host/a-b", "http:///clothes", "s3://b/c"]
)
def test_addresses_that_name_no_collection(text: str) -> None:
    with pytest.raises(CatalogueError, match=f"^{text}: .*http://host:19530/clothes"):
        parse_place(text)


def test_passwords_are_not_shown() -> None:
    address = parse_place("https://me:secret@host/clothes")
    assert str(address) == "https://me:***@host/clothes"
    with pytest.raises(CatalogueError) as caught:
        parse_place("https://me:secret@host/a-b")
    assert "secret" not in str(caught.value)
