"""Addresses of garments' own pages, as a table names them and a page may offer them to be followed."""

from __future__ import annotations

from urllib.parse import urlsplit

LONGEST = 2_048
"""Characters of an address, at most: what browsers and servers take."""
SCHEMES = ("http", "https")
NEVER = frozenset("\"'<>\\^`{|}")
"""Characters that an address has as escapes, if at all (RFC 3986, section 2)."""


def find_fault(link: str) -> str:
    """Why a text is no address of a web page, and what to do; empty if it is one.

    >>> find_fault("https://shop.example/hats/7?colour=blue")
    ''
    >>> find_fault("javascript:alert(1)")
    'begins with neither http:// nor https://; give the address of a web page'
    """
    if len(link) > LONGEST:
        return f"has {len(link):,} characters; give an address of at most {LONGEST:,}"
    # urlsplit leaves out line breaks and tabs without a word, so they are looked for before.
    if strange := next((one for one in link if one.isspace() or not one.isprintable() or one in NEVER), ""):
        return f"has {strange!r} in it, which no address has; give it with escapes such as %20"
    try:
        parts = urlsplit(link)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"cannot be an address ({error}); copy it from a browser"
    if parts.scheme not in SCHEMES or not link[len(parts.scheme) :].startswith("://"):
        return "begins with neither http:// nor https://; give the address of a web page"
    if "@" in parts.netloc:  # which would look like an address of the host before it
        return "has a user's name before its host; leave that out"
    return "" if host else "names no host; copy it from a browser"


def safe_link(link: str | None) -> str | None:
    """A link that a page may offer to be followed: as it is, or None for none and for what is no such address."""
    return link if link and not find_fault(link) else None
