"""Texts of the page: the proof and notices. Nothing of Gradio."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from cbir.errors import CbirError
from cbir.report.words import name_unlike
from cbir.system.text import printable
from cbir.web.reloading import LiveSearcher

if TYPE_CHECKING:
    from cbir.results import SearchResult


def proof(result: SearchResult) -> str:
    """One short line: what was proven over how many photos. How, and how long each part took, on demand."""
    times = result.timings_ms
    mark = "<span class='proven'>✓</span> " if result.exact else ""
    claim, _, how = result.proof.rstrip(".").partition(" (")
    line = f"{mark}{escape(claim)}."
    if result.query_in_catalogue:
        itself = "a copy of it" if result.query_row is not None else "your photo itself: it is in the catalogue"
        line += f" <b>The first is {itself}.</b>"
    if unlike := name_unlike(result):
        line = f"<b>{escape(unlike)}</b> {line}"
    for warning in result.warnings:
        line += f" <b>{escape(warning)}</b>"
    details = [how.rstrip(")").capitalize() + "."] if how else []
    if result.closeness is not None:
        details.append(str(result.closeness))
    if not result.graph_exact:
        details.append("The graph search alone would have missed one.")
    if result.query_row is None:
        details.append(f"Decoding {times.decoding:.0f} ms, features {times.features:.0f} ms,")
    else:
        details.append("Its features are the catalogue's own:")
    details.append(f"search {times.search:.1f} ms.")
    return (
        f"<p role='status'>{line}</p>"
        f"<details><summary>How that is known</summary><p>{escape(' '.join(details))}</p></details>"
    )


def notice(text: str) -> str:
    """A message in place of an answer."""
    return f"<p role='alert' class='notice'>{escape(text)}</p>"


def greeting(live: LiveSearcher) -> str:
    """What stands below the empty gallery."""
    try:
        catalogue = live.catalogue()
    except CbirError as error:
        return notice(hide_server_path(error))
    what = "garments" if catalogue.by_garment else "photos"
    ready = f"{len(catalogue.records):,} {what} are ready."
    return f"<p role='status'>{ready} Drop a photo in to see the three most similar.</p>"


def promise(seconds: int) -> str:
    """What becomes of a photo that is brought. seconds: after which it is deleted at the latest."""
    return (
        "<p>A photo you bring is used for this search and nothing else. "
        f"It is deleted from the server after {seconds // 60} minutes at the latest.</p>"
    )


def hide_server_path(error: CbirError, photo: str = "") -> str:
    """A message for the page, which calls an upload by its name and not by its path on the server."""
    text = str(error)
    return printable(text.replace(photo, Path(photo).name) if photo else text)
