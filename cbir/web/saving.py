"""The answer that the page shows, as a file to keep: a picture, JSON or a table."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from cbir.errors import CbirError
from cbir.photos.region import WHOLE
from cbir.report.picture import draw_answers
from cbir.report.table import write_table
from cbir.report.words import Answered
from cbir.web.answers import notice
from cbir.web.choices import read_choice
from cbir.web.failures import tell_failure
from cbir.web.handover import FORMS, draw_saved
from cbir.web.pictures import Pictures
from cbir.web.sources import Sources
from cbir.web.texts import texts_for
from cbir.web.trail import Step, Visit, is_there, search_again

if TYPE_CHECKING:
    from cbir.search import Searcher

LONGEST = 60
"""Characters of a file's name without its beginning and its suffix, at most."""


class Saver:
    """Makes a file when it is asked for."""

    def __init__(self, sources: Sources, pictures: Pictures) -> None:
        self._sources, self._pictures = sources, pictures

    def save(self, visit: Visit, event: gr.EventData, request: gr.Request | None = None) -> tuple[Any, Any]:
        """HTML of a link that the page follows, and what is wrong, if anything. A form that is none is no choice."""
        suffix = FORMS.get(str(read_choice(event)))
        step = visit.now
        if suffix is None:
            return gr.skip(), gr.skip()
        if step is None:
            return gr.skip(), notice(texts_for(request)("forgotten"))
        if not is_there(visit):
            return gr.skip(), notice(texts_for(request)("gone"))
        try:
            data = make_file(answer_again(self._sources.get(visit), visit, step), suffix)
        except CbirError as error:
            return gr.skip(), tell_failure(error, texts_for(request), step.photo or "")
        name = name_file(step, suffix)
        return draw_saved(self._pictures.put_file(data, name), name), gr.skip()


def answer_again(searcher: Searcher, visit: Visit, step: Step) -> Answered:
    """What a visit searches now, and the answer that it shows."""
    result = search_again(searcher, visit)
    if step.photo is not None:
        return Answered(step.photo, result, step.region)
    assert result.query_row is not None
    query = searcher.indexed(result.query_row)
    return Answered(query.thumb, result, query.region or WHOLE, step.name)


def make_file(answered: Answered, suffix: str) -> bytes:
    """The bytes of an answer as .png, .json or .csv."""
    if suffix == ".json":
        return f"{json.dumps(answered.result.as_json())}\n".encode()
    if suffix == ".csv":
        return write_table([answered._replace(name="")]).encode("utf-8-sig")  # by its mark spreadsheets know UTF-8
    encoded = io.BytesIO()
    draw_answers([answered]).save(encoded, "PNG")
    return encoded.getvalue()


def name_file(step: Step, suffix: str) -> str:
    """A name that tells what was searched, of letters, digits and hyphens alone."""
    whole = Path(step.photo).stem if step.photo else step.name
    words = re.sub(r"[\W_]+", "-", whole.lower()).strip("-")[:LONGEST].rstrip("-")
    return f"similar-to-{words or 'photo'}{suffix}"
