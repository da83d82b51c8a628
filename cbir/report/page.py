"""Answers to many photos as one HTML page, which needs neither scripts nor any other file."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from cbir.datasets.link import safe_link
from cbir.photos.decode import load_image
from cbir.photos.drawing import draw_thumb, frame_region
from cbir.photos.region import WHOLE
from cbir.photos.thumbnails import make_thumb
from cbir.report.words import PROJECT, Answered, name_closeness, name_match, name_unlike
from cbir.results import SAME_PHOTO
from cbir.system.files import replacing
from cbir.system.pool import map_ahead, worker_pool
from cbir.system.text import printable

if TYPE_CHECKING:
    from cbir.results import Match

QUERY_SIDE, MATCH_SIDE = 400, 240
"""Pixels of the longer side of a photo that is searched, and of a match."""
AHEAD = 8
"""Sections that are drawn in advance, at most."""
FEW = 3
"""Matches in a row of large cards."""
STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
HEAD = (
    "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
    "<meta name='viewport' content='width=device-width, initial-scale=1'>"
    # Whatever the texts hold, a browser loads and runs nothing for this page.
    "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'\">"
)
NOTHING_FOUND = "No garment was found in this photo."


class Queried(NamedTuple):
    """A photo that was searched for, or that cannot be read."""

    name: str
    answers: Sequence[Answered] = ()
    """One of the whole photo, or one of each garment in it."""
    refused: str | None = None
    """Why it cannot be read, and what to do."""


@dataclass
class Summary:
    """What a report tells at its top."""

    queries: int = 0
    """Photos that were searched for."""
    answers: int = 0
    by_garment: bool = False
    """There is an answer for each garment of a photo."""
    proven: int = 0
    """Answers than which no other photo is closer."""
    judged: int = 0
    """Answers of which it is known how alike they are."""
    unlike: int = 0
    """Of these, answers without anything alike."""
    copies: int = 0
    """Answers whose nearest photo is a copy of what is searched."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Photos that cannot be read: name, and the reason with what to do."""

    def count(self, queried: Iterable[Queried], copy_distance: float) -> Iterator[Queried]:
        """Give those that could be read, and take all into account on their way."""
        for one in queried:
            if one.refused is not None:
                self.refused.append((one.name, one.refused))
                continue
            self.queries += 1
            self.by_garment |= len(one.answers) != 1
            for result in (answered.result for answered in one.answers):
                self.answers += 1
                self.proven += result.exact
                self.judged += result.closeness is not None
                self.unlike += bool(name_unlike(result))
                self.copies += bool(result.matches) and result.matches[0].distance <= copy_distance
            yield one

    def facts(self, size: int, unit: str) -> list[tuple[str, str]]:
        """Numbers with what they count. size: of the catalogue. unit: of what it has, such as photos."""
        told = [(f"{self.queries:,}", "photo searched" if self.queries == 1 else "photos searched")]
        if self.by_garment:
            told.append((f"{self.answers:,}", "garment searched" if self.answers == 1 else "garments searched"))
        if self.judged:
            told.append((f"{self.unlike:,}", "with nothing alike"))
        told.append((f"{self.copies:,}", "copy found" if self.copies == 1 else "copies found"))
        told.append((f"{self.proven:,} of {self.answers:,}", "proven: nothing closer was missed"))
        told.append((f"{size:,}", f"{unit} in the catalogue"))
        if self.refused:
            told.append((f"{len(self.refused):,}", "could not be read"))
        return told


def write_report(
    path: Path,
    title: str,
    queried: Iterable[Queried],
    *,
    size: int,
    unit: str = "photos",
    copy_distance: float = SAME_PHOTO,
) -> Summary:
    """Write a page of answers, whole or not at all. They are taken as they come, and few are kept in memory.

    It holds small copies of the photos: mind their licence before you pass it on.

    size, unit: how many photos or garments the catalogue has. copy_distance: up to which a match is a copy.
    """
    summary = Summary()
    with (
        replacing(path) as part,
        TemporaryFile("w+", encoding="utf-8", dir=path.parent) as body,
        worker_pool() as pool,
    ):
        body.writelines(map_ahead(pool, _draw_section, summary.count(queried, copy_distance), ahead=AHEAD))
        body.seek(0)
        with part.open("w", encoding="utf-8") as page:
            page.write(_draw_head(title, summary.facts(size, unit)))
            shutil.copyfileobj(body, page)
            page.write(_draw_foot(summary.refused))
    return summary


def _draw_head(title: str, facts: Iterable[tuple[str, str]]) -> str:
    name = _show(title)
    items = "".join(f"<li><b>{number}</b> {what}</li>" for number, what in facts)
    return (
        f"{HEAD}<title>{name}</title><style>{STYLE}</style></head><body>"
        f"<header><h1>{name}</h1><ul class='summary'>{items}</ul></header><main>\n"
    )


def _draw_section(queried: Queried) -> str:
    answers = "".join(map(_draw_answer, queried.answers)) or f"<p>{NOTHING_FOUND}</p>"
    return f"<section><h2>{_show(queried.name)}</h2>{answers}</section>\n"


def _draw_answer(answered: Answered) -> str:
    result = answered.result
    photo = load_image(answered.photo, short_side=QUERY_SIDE)
    shown = photo if answered.region == WHOLE else frame_region(photo, answered.region)
    caption = f"<figcaption>{_show(answered.name)}</figcaption>" if answered.name else ""
    many = " many" if len(result.matches) > FEW else ""
    mark = "<span>✓</span> " if result.exact and result.matches else ""
    words = " ".join(filter(None, (name_unlike(result), result.claim, *result.warnings)))
    return (
        f"<div class='answer'><figure class='query'>{_draw_picture(shown, QUERY_SIDE, 'Searched')}{caption}</figure>"
        f"<div><ol class='cards{many}'>{''.join(map(_draw_card, result.matches))}</ol>"
        f"<p class='proof'>{mark}{_show(words)}</p></div></div>"
    )


def _draw_card(match: Match) -> str:
    about = f"<span>{_show(match.description)}</span>" if match.description else ""
    word = name_closeness(match)
    close = f"<i{' class=unlike' * (word == 'not alike')}>{word}</i> · " if word else ""
    copies = f" · +{len(match.copies):,} {'copy' if len(match.copies) == 1 else 'copies'}" if match.copies else ""
    link = ""
    if (address := safe_link(match.link)) is not None:
        link = f"<a href='{escape(address, quote=True)}' rel='noopener noreferrer nofollow'>Open its page</a>"
    return (
        f"<li>{_draw_picture(draw_thumb(match), MATCH_SIDE, match.photo)}"
        f"<p><b>{match.rank}. {_show(name_match(match))}</b>{about}"
        f"<small>{close}distance&nbsp;{match.distance:.3f}{copies}</small>{link}</p></li>"
    )


def _draw_picture(picture: Image.Image, side: int, alt: str) -> str:
    data = base64.b64encode(make_thumb(picture, side=side)).decode()
    return f"<img alt='{_show(alt)}' src='data:image/jpeg;base64,{data}'>"


def _draw_foot(refused: Sequence[tuple[str, str]]) -> str:
    items = "".join(f"<li><b>{_show(name)}</b>: {_show(reason)}</li>" for name, reason in refused)
    listed = f"<section class='refused'><h2>Could not be read</h2><ul>{items}</ul></section>" if items else ""
    return f"</main>{listed}<footer>{PROJECT}</footer></body></html>\n"


def _show(text: str) -> str:
    return escape(printable(text), quote=True)
