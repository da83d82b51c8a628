"""Addresses that a page may offer to be followed, and all that may not be one."""

from __future__ import annotations

import pytest

from cbir.datasets.link import LONGEST, find_fault, safe_link


@pytest.mark.parametrize(
    "link",
    [
        "http://a",
        "https://shop.example/hats/7?colour=blue&size=M#top",
        "HTTPS://Shop.Example:8443/",
        "https://[2001:db8::1]/x",
        "https://mütze.example/größe",
        "https://shop.example/" + "x" * (LONGEST - 21),
    ],
)
def test_addresses_of_web_pages(link: str) -> None:
    assert find_fault(link) == ""


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ("javascript:alert(1)", "neither http:// nor https://"),
        ("JavaScript://shop.example/%0aalert(1)", "neither http"),
        ("data:text/html,hello", "neither http"),
        ("file:///etc/passwd", "neither http"),
        ("ftp://shop.example/", "neither http"),
        ("//shop.example/", "neither http"),
        ("shop.example/hats", "neither http"),
        ("https:shop.example", "neither http"),
        ("https:/shop.example", "neither http"),
        ("https://", "names no host"),
        ("https:///hats", "names no host"),
        ("https://:80/", "names no host"),
        ("https://shop.example@evil.example/", "a user's name"),
        ("https://shop.example:port/", "cannot be an address"),
        ("https://shop.example:99999/", "cannot be an address"),
        ("https://[::1/", "cannot be an address"),
        ("https://shop.example/a b", "' ' in it"),
        ("java\nscript:alert(1)", r"'\\n' in it"),
        ("https://shop.example/\t", r"'\\t' in it"),
        ("https://shop.example/\u202egpj", r"'\\u202e' in it"),
        ("https://shop.example/\0", r"'\\x00' in it"),
        ('https://shop.example/" onclick="x', "in it"),
        ("https://shop.example/<script>", "'<' in it"),
        ("https://shop.example\\@evil.example/", "in it"),
        ("https://shop.example/" + "x" * (LONGEST - 20), "has 2,049 characters; give an address of at most 2,048"),
    ],
)
def test_what_is_no_address(link: str, fault: str) -> None:
    assert fault.replace(r"\\", "\\") in find_fault(link)


def test_what_is_no_address_is_not_offered() -> None:
    assert safe_link("https://shop.example/7") == "https://shop.example/7"
    assert [safe_link(link) for link in (None, "", "javascript:alert(1)", "https://a@b.example/")] == [None] * 4
