"""What the endpoints for programs take and give, as JSON Schema. Nothing of Gradio."""

from __future__ import annotations

from typing import Any

from cbir.web.trail import COUNTS

Schema = dict[str, Any]

LARGEST_K = COUNTS[-1]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _about(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


def _object(properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


FILE: Schema = {
    "type": "object",
    "properties": {
        "path": TEXT,
        "meta": {"type": "object", "properties": {"_type": {"const": "gradio.FileData"}}},
    },
}
"""An uploaded file, as Gradio's clients send one."""

PARAMETERS: dict[str, Schema] = {
    "photo": {"anyOf": [FILE, TEXT]},
    "k": WHOLE | {"minimum": 1, "maximum": LARGEST_K},
    "where": _or_null({"type": "object", "additionalProperties": {"anyOf": [TEXT, _list(TEXT)]}}),
    "part": _or_null(TEXT),
    "fold": TRUTH,
}
"""Of each parameter, by its name."""

_BOX = {"type": "array", "items": NUMBER, "minItems": 4, "maxItems": 4}
MATCH: dict[str, Schema] = {
    "rank": _about(WHOLE, "1 is the nearest"),
    "photo": _about(TEXT, "its path in the catalogue"),
    "label": _or_null(TEXT),
    "description": _or_null(TEXT),
    "distance": _about(NUMBER, "Euclidean, 0 to 2; 0 is the same photo"),
    "closeness": _about(_or_null(TEXT), "what the distance says; null if that was not measured"),
    "probability": _about(_or_null(NUMBER), "of the same kind"),
    "columns": _about({"type": "object", "additionalProperties": TEXT}, "what else is known of it"),
    "link": _about(_or_null(TEXT), "its own page"),
    "region": _about(_or_null(_BOX), "where in the photo the garment is: left, upper, right, lower, 0 to 1"),
    "copies": _about(_list({"type": "object"}), "photos that are folded into this match"),
    "thumbnail": _about(TEXT, "address of its picture, good for an hour"),
}
"""Of each match, by the names of what is told of it."""
ANSWER = _object(
    {
        "matches": _about(_list(_object(MATCH)), "nearest first"),
        "exact": _about(TRUTH, "proven: no other photo is closer"),
        "subset_size": _about(WHOLE, "photos that were searched"),
        "num_exact_distances": _about(WHOLE, "of these, measured exactly; the rest is ruled out by bounds"),
        "graph_exact": _about(TRUTH, "the graph search alone would have found them, too"),
        "catalogue_size": WHOLE,
        "region": _about(_BOX, "what of the photo was searched"),
        "kind": _about(_or_null(TEXT), "of a found garment, by which the query was expanded"),
        "where": _about({"type": "object", "additionalProperties": _list(TEXT)}, "the filter"),
        "query_in_catalogue": TRUTH,
        "closeness": _about(_or_null(TEXT), "of the first match"),
        "probability": _or_null(NUMBER),
        "folded": _about(WHOLE, "photos that are folded into matches"),
        "copy_distance": _or_null(NUMBER),
        "warnings": _list(TEXT),
        "timings_ms": {"type": "object", "additionalProperties": NUMBER},
    }
)
"""What /search gives."""

LOOKS = _list(
    _object(
        {
            "garment": _about({"type": "object"}, "kind, box, share of the photo and score of a garment"),
            "result": _about(ANSWER, "as /search gives it"),
        }
    )
)
"""What /look gives."""
