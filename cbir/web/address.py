"""What an address of the page asks for, and the address of what the page shows. Nothing of Gradio.

    ?photo=8-0123456789abcdef             a photo of the catalogue, by its key (trail.py)
    ?example=0123456789abcdef             an example of the page, by its name (examples.py)
    &part=0.2,0,0.8,0.5                   a part of it, or "whole"
    &where.colour=blue                    among photos with this value in a column, once for each
    &k=12                                 how many matches

An address never holds anything of a photo that was brought. What comes in one may be anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

from cbir.catalogue.columns import Filter
from cbir.photos.region import WHOLE, Region, parse_region
from cbir.system.text import encodable
from cbir.web.filters import check_filter
from cbir.web.trail import COUNTS, Visit

WHERE = "where."
"""Before the name of a column, which may be called as any other parameter."""
WHOLE_PHOTO = "whole"
READABLE = ":,@/ "
"""Characters that need no escape in a query; a space is one, for it becomes a plus."""


class Asked(NamedTuple):
    """What an address asks for."""

    photo: str | None = None
    """Key of a photo of the catalogue, not looked up yet."""
    example: str | None = None
    """Name of an example, not looked up yet."""
    part: str | None = None
    """Of the example, not read yet; None: what is most plainly meant."""
    where: Filter | None = None
    shown: int = COUNTS[0]


def read_address(parameters: Mapping[str, str]) -> Asked:
    """What the parameters of an address ask for. Raises FilterError for a filter that is too large.

    parameters: as of Starlette's QueryParams, or a plain mapping.
    """
    pairs = parameters.multi_items() if hasattr(parameters, "multi_items") else list(parameters.items())
    where: dict[str, list[str]] = {}
    for name, value in pairs:
        if name.startswith(WHERE):
            where.setdefault(name.removeprefix(WHERE), []).append(value)
    counts = {str(count): count for count in COUNTS}
    return Asked(
        photo=parameters.get("photo"),
        example=parameters.get("example"),
        part=parameters.get("part"),
        where=check_filter(where) if where else None,
        shown=counts.get(parameters.get("k", ""), COUNTS[0]),
    )


def parse_part(text: str | None) -> str | Region | None:
    """A part of an example: "whole", or the edges of a box. Raises RegionError for anything else but None."""
    return text if text in (None, WHOLE_PHOTO) else parse_region(text)


def write_address(visit: Visit) -> str:
    """The parameters of an address that gives what a visit shows, such as "?photo=8-0123456789abcdef&k=12".

    "" for a photo that was brought, and for what is searched in a wardrobe, which others do not have.
    """
    step = visit.now
    if step is None or (step.key is None and step.example is None) or visit.wardrobe:
        return ""
    parts = [("photo", step.key)] if step.key else [("example", step.example or "")]
    if step.chosen:
        edges = ",".join(f"{edge:g}" for edge in step.region)
        parts.append(("part", WHOLE_PHOTO if step.region == WHOLE else edges))
    for name, values in (visit.where or {}).items():
        parts += [(WHERE + name, value) for value in ([values] if isinstance(values, str) else values)]
    if visit.shown > COUNTS[0]:
        parts.append(("k", str(visit.shown)))
    return "?" + "&".join("=".join(_escape(text) for text in part) for part in parts)


def _escape(text: str) -> str:
    return quote(encodable(text), safe=READABLE).replace(" ", "+")
