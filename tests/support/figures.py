"""Tables of README.md and the cards, rendered from stored figures: python -m tests.support.figures prints them all."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support.sizing import size_catalogues

PROJECT = Path(__file__).parents[2]
QUALITY = PROJECT / "cbir/network/figures.json"
SPEED = PROJECT / "tests/benchmarks/figures.json"
OTHER = PROJECT / "tests/benchmarks/other_machine.json"
PHOTOS = PROJECT / "tests/benchmarks/photos.json"
WARDROBE = PROJECT / "cbir/wardrobe/figures.json"
LOAD = PROJECT / "tests/benchmarks/load.json"
MILVUS = PROJECT / "cbir/collection/figures.json"

Report = Mapping[str, Any]

HEADLINES = (
    "(P@1|mAP), 10 commonest kinds",
    "P@1, all 17 kinds",
    "a copy finds its photo first",
    "colour agrees, of the top 3",
    "evidence on garments, times their area",
)
"""Figures of the short table of quality, as regular expressions of the whole name."""

FINDER_HEADLINES = {
    "worn among laid out: its kind in the top 3": "worn among laid out, top 3 of its kind",
    "worn among laid out: its kind in the top 3, not expanded": "the same, queries not expanded",
}
"""Figures of the garment finder in the short table of quality, and what they are called there."""

FINDER_AIMS = {
    "intersection over union, mean of 10 kinds": 0.5,
    "intersection over union, body": 0.7,
    "boxes, recall as found": 0.75,
    "scarf wearers found at 10% false alarms": 0.75,
    "found scarves with two scarves in the top 3": 0.5,
    "worn among laid out: its kind in the top 3": 0.83,
    "worn among laid out: its colour in the top 3": 0.62,
}
"""What the garment finder was meant to reach, by the name of a figure."""

AIMS = {
    "P@1, 10 commonest kinds": 0.93,
    "P@3, 10 commonest kinds": 0.92,
    "mAP, 10 commonest kinds": 0.85,
    "P@1, all 17 kinds": 0.85,
    "mAP, all 17 kinds": 0.80,
    "colour agrees, of the top 3": 0.38,
    "pattern agrees, of the top 3": 0.72,
    "scarves in the top 3 of scarf wearers, times chance": 3.0,
}
"""What the network was meant to reach, by the name of a figure."""

WORN = 30
"""Least number of photos of a garment in the table of garments worn."""

LABELS = (
    (r"^search, (.*) real", r"search \1 photos"),
    (r"^search, (.*) made up", r"search \1 made up"),
    (r"^indexing (.*) photos$", r"\1 photos to a catalogue"),
    (r"^start, until the page is there$", "start of the page"),
    (r"^eager torch$", "PyTorch, eager"),
    (r"^one photo beside 0 busy processes", "one photo, alone"),
    (r"^one photo beside 1 busy processes", "one photo beside 1 busy process"),
    (r"^(active|passive) wait$", r"all threads, \1 wait"),
    (r"^import gradio, torch, torchvision$", "its imports"),
)
"""Names in the benchmark's JSON, and how a reader may understand them without its code."""

LEFT_OUT = (r".*, [\d,]+ at a time", ".* made up.*", "start, .*", "one photo beside .*", ".*garment.*")
"""Rows that the short table of speed leaves out, as regular expressions of the whole name."""

SLOWER_OR_INEXACT = ("eager torch", "hnswlib alone, not exact", "active wait")
"""Other ways that it leaves out: there is one for each row that is more to the point."""

PARTS = ("first", "three", "average")
"""P@1, P@3 and mAP of a kind."""


def tables() -> dict[str, list[str]]:
    """Every table, by the file that it stands in, relative to the project."""
    stored = (QUALITY, SPEED, OTHER, PHOTOS, WARDROBE, MILVUS, LOAD)
    quality, speed, other, photos, wardrobe, milvus, load = (
        json.loads(path.read_text(encoding="utf-8")) for path in stored
    )
    return {
        "README.md": [quality_table(quality), speed_table(speed)],
        "cbir/network/MODEL_CARD.md": [
            figures_table(quality),
            aims_table(quality),
            kinds_table(quality),
            worn_table(quality),
            naming_table(quality),
            finder_table(quality),
            garments_table(quality),
            finder_aims_table(quality),
            *closeness_tables(quality),
        ],
        "cbir/wardrobe/CARD.md": [naming_table(wardrobe), found_table(quality)],
        "cbir/collection/CARD.md": [milvus_table(milvus), paper_table()],
        "tests/benchmarks/CARD.md": [
            machine(speed),
            full_speed_table(speed),
            page_table(speed),
            answers_table(speed),
            growth_table(speed),
            machine(other),
            full_speed_table(other),
            photos_table(photos),
            load_table(load),
        ],
    }


def quality_table(report: Report) -> str:
    """The headlines, this network with 95 % intervals, beside the other."""
    names = [name for name in report["side by side"][0]["figures"] if any(re.fullmatch(one, name) for one in HEADLINES)]
    found = report["finder"]["figures"]
    worn = [(words, f"{found[name]['size']:,}", _estimate(found[name]), "") for name, words in FINDER_HEADLINES.items()]
    return _figures(report, names, brief=True, more=worn)


def figures_table(report: Report) -> str:
    """All figures, this network beside the other, with 95 % intervals."""
    return _figures(report, list(report["side by side"][0]["figures"]))


def aims_table(report: Report) -> str:
    """What was aimed at, and what was reached."""
    figures = report["side by side"][0]["figures"]
    rows = [(name, f"{aim:.2f}", _estimate(figures[name])) for name, aim in AIMS.items()]
    return _table(("", "aim", "reached"), rows, "lrl")


def kinds_table(report: Report) -> str:
    """P@1, P@3 and mAP by kind."""
    sides = [side["kinds"] for side in report["side by side"]]
    rows = [
        (kind, str(one["queries"]), *(f"{side[kind][part]:.2f}" for side in sides for part in PARTS))
        for kind, one in sides[0].items()
    ]
    return _table(("kind", "queries", "P@1", "P@3", "mAP", "ImageNet: P@1", "P@3", "mAP"), rows, "lrrrrrrr")


def worn_table(report: Report) -> str:
    """How many times as often as by chance a garment is worn in the top three of its wearers' photos."""
    sides = [side["tags"] for side in report["side by side"]]
    rows = []
    for tag, one in sides[0].items():
        if one["photos"] >= WORN:
            total = one["photos"] / one["share"]
            chance = (one["photos"] - 1) / (total - 1)  # among the other photos
            times = [f"{side[tag]['three'] / chance:.1f}" for side in sides]
            rows.append((tag, str(one["photos"]), f"{chance:.3f}", *times))
    return _table(("worn", "photos", "chance", "times chance", "ImageNet"), rows, "lrrrr")


def naming_table(report: Report) -> str:
    """How many photos of each kind the network names rightly, and what it takes the others for."""
    rows = []
    for kind, named in report["confusion"]["confusion"].items():
        others = sorted(((count, other) for other, count in named.items() if other != kind), key=lambda one: -one[0])
        right, total = named.get(kind, 0), sum(named.values())
        rows.append((kind, f"{right} of {total}", f"{right / total:.2f}", ", ".join(f"{o} {c}" for c, o in others)))
    photos, accuracy = report["confusion"]["photos"], report["confusion"]["accuracy"]
    total = ("all", f"{round(photos * accuracy)} of {photos}", f"{accuracy:.2f}", "")
    return _table(("kind", "named rightly", "share", "taken for"), [total, *rows], "lrrl")


def finder_table(report: Report) -> str:
    """All figures of the garment finder, with 95 % intervals."""
    figures = report["finder"]["figures"]
    rows = [(name, f"{one['size']:,}", _estimate(one)) for name, one in figures.items()]
    return _table(("garment finder", "photos", ""), rows, "lrl")


def finder_aims_table(report: Report) -> str:
    """What the garment finder was meant to reach, and what was reached."""
    figures = report["finder"]["figures"]
    rows = [(name, f"{aim:.2f}", _estimate(figures[name])) for name, aim in FINDER_AIMS.items()]
    return _table(("", "aim", "reached"), rows, "lrl")


def garments_table(report: Report) -> str:
    """How well garments of each kind are found in photos of people, and what a search of them brings back."""
    finder, rows = report["finder"], []
    for kind, overlap in finder["overlap"].items():
        box, worn = finder["boxes"].get(kind), finder["worn"].get(kind)
        if worn is None:
            continue
        boxes = (
            ["", "", ""] if box is None else [f"{box['garments']:,}", *map(_share, (box["precision"], box["recall"]))]
        )
        searched = [f"{worn['wearers']:,}", *(_share(worn[part]) for part in ("found", "chance", "whole", "garment"))]
        rows.append((kind, _share(overlap), *boxes, *searched))
    head = ("kind", "IoU", "boxes", "precision", "recall", "wearers", "found", "chance", "whole photo", "found garment")
    return _table(head, rows, "lrrrrrrrrr")


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.2f}"


def closeness_tables(report: Report) -> list[str]:
    """What distances say; none if that was not measured."""
    if "closeness" not in report:
        return []
    closeness = report["closeness"]
    return [distances_table(closeness), words_table(closeness), distractors_table(closeness), copies_table(closeness)]


def distances_table(closeness: Report) -> str:
    """Of answers at a distance, how many are of the query's kind: of whole photos, and of garments found on people."""
    rows = [
        (f"{one['low']:.2f} to {one['high']:.2f}", f"{one['answers']:,}", _share(one["same_kind"]))
        for one in closeness["whole"]["by distance"]
    ]
    found = [
        (f"{one['low']:.2f} to {one['high']:.2f}", f"{one['answers']:,}", _share(one["same_kind"]))
        for one in (closeness["found"] or {"by distance": []})["by distance"]
    ] or [("", "", "")] * len(rows)
    head = ("distance", "answers", "of its kind", "found: distance", "answers", "of its kind")
    return _table(head, [(*one, *other) for one, other in zip(rows, found)], "lrrlrr")


def words_table(closeness: Report) -> str:
    """What is said of the nearest photo, and how often it is of the query's kind."""
    rows = []
    for word, said in closeness["whole"]["words"].items():
        sides = [said, (closeness["found"] or {"words": {}})["words"].get(word)]
        cells = [
            cell
            for side in sides
            for cell in ((f"{side['queries']:,}", _share(side["same_kind"])) if side else ("", ""))
        ]
        rows.append((word, *cells))
    return _table(("said of the nearest", "queries", "of its kind", "found: queries", "of its kind"), rows, "lrrrr")


def distractors_table(closeness: Report) -> str:
    """Pictures without a garment, and how many of them are not told so."""
    counts = {sort: (one["missed"], one["pictures"]) for sort, one in closeness["no garment"].items()}
    missed, pictures = (sum(column) for column in zip(*counts.values()))
    rows = [(sort, f"{some:,} of {count:,}") for sort, (some, count) in counts.items()]
    return _table(("no garment", "missed"), [("all", f"{missed:,} of {pictures:,}"), *rows], "lr")


def copies_table(closeness: Report) -> str:
    """Copies farther from their photo than copies may be."""
    copies = closeness["copies"]
    rows = [(how, f"{copies['photos']:,}", _share(share)) for how, share in copies["missed"].items()]
    return _table(("copy", "photos", "missed"), rows, "lrr")


def found_table(report: Report) -> str:
    """How often the nearest photos of the catalogue are of the kind of a photo that was not trained on."""
    found = report["retrieval"]
    rows = [("all", found), *found["labels"].items()]
    cells = [(kind, f"{one['queries']:,}", f"{one['P@1']:.3f}", f"{one['P@3']:.3f}") for kind, one in rows]
    return _table(("kind", "queries", "P@1", "P@3"), cells, "lrrr")


def speed_table(report: Report) -> str:
    """The comparisons that matter most, and the largest of the growing catalogues."""
    rows = [
        row
        for row in report["rows"]
        if not any(re.fullmatch(one, row["what"]) for one in LEFT_OUT) and row["against"] not in SLOWER_OR_INEXACT
    ]
    rows += list(_growth(report))[-1:]
    return _table(("", "this project", "against", "", "ratio"), [_compare(row) for row in rows], "lrlrr")


def full_speed_table(report: Report) -> str:
    """All comparisons but those of growing catalogues, and the ratios aimed at."""
    growth = list(_growth(report))
    rows = [(*_compare(row), _ratio(row["aim"])) for row in report["rows"] if row not in growth]
    return _table(("", "this project", "against", "", "ratio", "aim"), rows, "lrlrrr")


def growth_table(report: Report) -> str:
    """What a search costs as catalogues grow, and how often the graph alone would have been right."""
    rows = []
    for row in _growth(report):
        size = _size(row)
        answers = report[f"answers, {size}"]
        right = f"{answers['graph_right']} of {answers['queries']}"
        times = (_time(row["ours"]), _time(row["theirs"]))
        rows.append((size, *times, _ratio(row["ratio"]), _ratio(row["aim"]), right))
    return _table(("vectors", "this project", "faiss IndexFlatL2", "ratio", "aim", "graph alone right"), rows, "rrrrrr")


def answers_table(report: Report) -> str:
    """How the answers compare with those of a scan of everything."""
    rows = []
    for key, one in report.items():
        if key.startswith("answers, "):
            counts = [f"{one[part]:,}" for part in ("queries", "proven", "identical", "tied", "graph_right")]
            measured = "" if one["measured"] is None else f"{one['measured']:,.0f}"
            rows.append((key.removeprefix("answers, "), *counts, measured))
    head = ("vectors", "queries", "proven", "same as scan", "tied", "graph alone right", "measured exactly")
    return _table(head, rows, "lrrrrrr")


def load_table(report: Report) -> str:
    """How long many visitors wait, and what the page's memory does."""
    names = {"p50": "half wait at most", "p95": "of 100, 95 wait at most", "p99": "of 100, 99 wait at most"}
    rows = [
        ("photos in the catalogue", f"{report['photos']:,}"),
        ("visitors, each with one photo after the other", f"{report['clients']:,}"),
        ("seconds", f"{report['seconds']:,}"),
        ("answers", f"{report['answers']:,}"),
        ("errors", f"{report['errors']:,}"),
        *((words, f"{report[name]:.2f} s") for name, words in names.items()),
        *((f"memory {when}", f"{report[f'memory {when}'] / 2**20:,.0f} MB") for when in ("after 500", "at the end")),
    ]
    return _table(("", ""), rows, "lr")


def milvus_table(report: Report) -> str:
    """What a catalogue in Milvus costs, beside the same in a folder."""
    rows = [
        (
            f"{one['rows']:,}",
            one["index"],
            f"{one['rows'] / one['push']:,.0f}",
            f"{1000 * one['seconds']:.1f} ms",
            f"{1000 * one['folder']:.2f} ms",
            f"{one['up'] / 1000:.1f} KB",
            f"{one['down'] / 1000:.0f} KB",
            f"{one['recall']:.3f}",
        )
        for one in report["rows"]
    ]
    head = ("rows", "index", "pushed a second", "a query", "in a folder", "bytes there", "bytes back", "of the nearest")
    return _table(head, rows, "rlrrrrrr")


def paper_table() -> str:
    """What catalogues of millions take in Milvus, on paper."""
    rows = [
        (records, kind, f"{memory:,.1f} GB", f"{disk:,.0f} GB" if disk else "", f"{store:,.0f} GB", f"{cost:,.0f}")
        for records, kind, memory, disk, store, cost in size_catalogues()
    ]
    return _table(("records", "index", "memory", "local disk", "storage", "USD a month"), rows, "llrrrr")


def page_table(report: Report) -> str:
    """What the page costs beside its start."""
    answer = f"{report['first answer, seconds after the page']:.1f} s"
    memory = f"{report['peak memory above the imports, times the vectors']:.2f}"
    visitors = f"{report['answers a second, 32 visitors']:.0f}"
    rows = [
        ("first photo answered, after the page is there", answer),
        ("answers a second to 32 visitors at once, over 616 garments", visitors),
        ("peak memory beyond that of the imports, times the size of the features", memory),
    ]
    return _table(("page over 80,000", ""), rows, "lr")


def photos_table(costs: Sequence[Report]) -> str:
    """Memory and time of the largest photos."""
    rows = [
        (cost["what"], f"{cost['megapixels']:.0f}", f"{cost['memory'] / 1e6:,.0f} MB", f"{cost['seconds']:.1f} s")
        for cost in costs
    ]
    return _table(("photo", "megapixels", "memory", "time of one"), rows, "lrrr")


def machine(report: Report) -> str:
    """Processor, cores and versions, in lines of at most 120 characters."""
    return textwrap.fill(report["machine"], 120, break_on_hyphens=False)


def _figures(
    report: Report, names: Sequence[str], *, brief: bool = False, more: Sequence[tuple[str, str, str, str]] = ()
) -> str:
    """brief: leave out the intervals of the other network. more: further rows."""
    ours, theirs = (side["figures"] for side in report["side by side"])
    rows = [
        (name, f"{ours[name]['size']:,}", _estimate(ours[name]), _estimate(theirs[name], brief=brief)) for name in names
    ]
    return _table(("", "queries", "this network", "ImageNet"), [*rows, *more], "lrll")


def _estimate(figure: Mapping[str, float], *, brief: bool = False) -> str:
    value, low, high = (f"{figure[part]:.{1 if figure['value'] >= 10 else 3}f}" for part in ("value", "low", "high"))
    return value if brief else f"{value} ({low} to {high})"


def _growth(report: Report) -> Iterator[dict[str, Any]]:
    return (row for row in report["rows"] if f"answers, {_size(row)}" in report)


def _size(row: Report) -> str:
    found = re.fullmatch(r"search, ([\d,]+) made up", row["what"])
    return found[1] if found else ""


def _label(name: str) -> str:
    for pattern, words in LABELS:
        name = re.sub(pattern, words, name)
    return name


def _time(seconds: float) -> str:
    """Three digits, in seconds from one second on, else in milliseconds."""
    number, unit = (seconds, "s") if seconds >= 1 else (1000 * seconds, "ms")
    digits = 2 if number < 9.995 else 1 if number < 99.95 else 0
    return f"{number:.{digits}f} {unit}"


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.{1 if ratio >= 9.995 else 2}f}"


def _compare(row: Report) -> tuple[str, str, str, str, str]:
    times = _time(row["ours"]), _label(row["against"]), _time(row["theirs"])
    return _label(row["what"]), *times, _ratio(row["ratio"])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], sides: str) -> str:
    """A Markdown table with padded cells. sides: l or r for each column."""
    widths = [max(3, *(len(row[column]) for row in (head, *rows))) for column in range(len(head))]
    rule = [f"-{'-' * width}{':' if side == 'r' else '-'}" for width, side in zip(widths, sides)]

    def line(row: Sequence[str]) -> str:
        cells = (
            cell.rjust(width) if side == "r" else cell.ljust(width) for cell, width, side in zip(row, widths, sides)
        )
        return f"| {' | '.join(cells)} |"

    return "\n".join((line(head), f"|{'|'.join(rule)}|", *map(line, rows)))


if __name__ == "__main__":
    for place, rendered in tables().items():
        print(f"{place}\n", *rendered, sep="\n\n", end="\n\n\n")
