"""Texts of the page: the proof and notices. Nothing of Gradio."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from cbir.catalogue.columns import describe_filter
from cbir.errors import CbirError
from cbir.network.closeness import ALIKE, NOTHING, VERY_CLOSE, Closeness
from cbir.system.text import printable
from cbir.web.reloading import LiveSearcher
from cbir.web.texts import Texts

if TYPE_CHECKING:
    from cbir.results import SearchResult


def proof(result: SearchResult, say: Texts) -> str:
    """One short line: what was proven over how many photos. How, and how long each part took, on demand."""
    times = result.timings_ms
    mark = "<span class='proven'>✓</span> " if result.exact else ""
    line = f"{mark}{escape(claim(result, say))}"
    if result.query_in_catalogue:
        line += f" <b>{say('first_is_photo' if result.query_row is None else 'first_is_copy')}</b>"
    if (closeness := result.closeness) and closeness.word not in (VERY_CLOSE, ALIKE):
        line = f"<b>{name_answer(closeness, say)}.</b> {line}"
    for warning in result.warnings:
        line += f" <b>{escape(warning)}</b>"
    details = []
    if result.exact and result.subset_size:
        every = result.num_exact_distances == result.subset_size
        details.append(say("all_measured" if every else "some_measured", count=result.num_exact_distances))
    if closeness:
        key = "strange" if closeness.word == NOTHING else "share"
        word = name_answer(closeness, say)
        details.append(say(key, word=f"{word[0].upper()}{word[1:]}", share=100 * closeness.probability))
    if not result.graph_exact:
        details.append(say("graph_missed"))
    details.append(say("times" if result.query_row is None else "indexed_times", **times._asdict()))
    return (
        f"<p role='status'>{line}</p>"
        f"<details><summary>{say('how_known')}</summary><p>{escape(' '.join(details))}</p></details>"
    )


def claim(result: SearchResult, say: Texts) -> str:
    """What was proven, in one sentence; `SearchResult.claim` is the English one."""
    unit = "garments" if result.by_garment else "photos"
    unit = unit if result.query_row is None else f"other_{unit}"

    def name_many(count: int) -> str:
        return say("values", count=count)

    described = describe_filter(result.where, both=say("and"), either=say("or"), many=name_many)
    chosen = say("with", filter=described) if result.where else ""
    if not result.subset_size:
        return say(f"no_{unit}", filter=chosen)
    size = say(f"of_{unit}", count=result.subset_size) + chosen
    if result.folded:
        size += say("folded", count=result.folded)
    return say("proven" if result.exact else "not_proven", size=size)


def name_answer(closeness: Closeness, say: Texts) -> str:
    """What the distance of a nearest match says."""
    return say({VERY_CLOSE: "very_close", ALIKE: "alike", NOTHING: "nothing"}.get(closeness.word, "nothing_alike"))


def name_closeness(word: str, say: Texts) -> str:
    """What any distance says, shorter."""
    return say({VERY_CLOSE: "very_close", ALIKE: "alike"}.get(word, "not_alike"))


def notice(text: str) -> str:
    """A message in place of an answer."""
    return f"<p role='alert' class='notice'>{escape(text)}</p>"


def greeting(live: LiveSearcher, say: Texts) -> str:
    """What stands below the empty gallery."""
    try:
        catalogue = live.catalogue()
    except CbirError as error:
        return notice(hide_server_path(error))
    ready = say("garments_ready" if catalogue.by_garment else "photos_ready", count=len(catalogue.records))
    return f"<p role='status'>{ready} {say('drop_in')}</p>"


def hide_server_path(error: CbirError, photo: str = "") -> str:
    """A message for the page, which calls an upload by its name and not by its path on the server."""
    text = str(error)
    return printable(text.replace(photo, Path(photo).name) if photo else text)
