"""Texts of the page: captions, the proof, notices. Nothing of Gradio."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from cbir.errors import CbirError
from cbir.system.text import printable
from cbir.web.reloading import LiveSearcher

if TYPE_CHECKING:
    from cbir.search import Match, SearchResult


def caption(match: Match) -> str:
    """Rank, garment, its description where there is one, and distance, for below a match."""
    lines = [f"{match.rank}. {name_match(match)}", printable(match.description or "")]
    return "\n".join([*filter(None, lines), f"distance {match.distance:.3f}"])


def name_match(match: Match) -> str:
    """The garment's kind, or else the photo's name."""
    name = printable(match.label or Path(match.photo).stem)
    # A long name is a number such as 4285fab0-751a-4b74-8e9b-43af05deee22, and tells a person nothing.
    return name if match.label or len(name) < 30 else "photo"


def proof(result: SearchResult) -> str:
    """One line: what was proven over how many photos, and how long each part took."""
    times = result.timings_ms
    mark = "<span class='proven'>✓</span> " if result.exact else ""
    line = f"{mark}{escape(result.proof)}"
    if not result.graph_exact:
        line += " The graph search alone would have missed one."
    if result.query_in_catalogue:
        line += " <b>The first is your photo itself: it is in the catalogue.</b>"
    for warning in result.warnings:
        line += f" <b>{escape(warning)}</b>"
    took = f"Decoding {times.decoding:.0f} ms, features {times.features:.0f} ms, search {times.search:.1f} ms."
    return f"<p role='status'>{line} <span class='times'>{took}</span></p>"


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


def hide_server_path(error: CbirError, photo: str = "") -> str:
    """A message for the page, which calls an upload by its name and not by its path on the server."""
    text = str(error)
    return printable(text.replace(photo, Path(photo).name) if photo else text)
