"""Build the catalogue of a folder of photos, resume it, or bring it up to date.

example:
  python -m cbir index photos/ --out catalogue/
  python -m cbir index street/ --out catalogue/ --garments
  python -m cbir index photos/ --out http://localhost:19530/clothes --files s3://bucket/clothes
  python -m cbir index s3://bucket/photos --out catalogue/ --workers ray
"""

from __future__ import annotations

import argparse
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from cbir.commands.collections import add_choices
from cbir.commands.defaults import SHIPPED
from cbir.commands.terminal import say, warn, warn_left_out
from cbir.errors import CbirError
from cbir.system.progress import Bars

if TYPE_CHECKING:
    from cbir.catalogue.build import Report
    from cbir.catalogue.embed import EmbedPhotos
    from cbir.collection.address import Address

MOST = 8
"""Kinds that are named of what was left out; of others only how many there are."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Photos, place and network."""
    parser.add_argument(
        "photos",
        help="a folder; its sub-folders name labels, or it holds photos.csv and photos/; or the address of one that "
        "fsspec knows, such as s3://bucket/photos or zip://::photos.zip",
    )
    parser.add_argument(
        "--out", required=True, metavar="DIR", help="where the catalogue goes: a folder, or http://host:19530/clothes"
    )
    parser.add_argument(
        "--weights",
        metavar="FILE",
        help="the network: a weights file, or the word 'imagenet' for torchvision's, not fine-tuned; a file or folder "
        "of that name is ./imagenet (default: the catalogue's own, or the one in index/)",
    )
    parser.add_argument(
        "--garments",
        action=argparse.BooleanOptionalAction,
        help="index photos of people garment by garment, as the finder beside the network sees them "
        "(default: as the catalogue is, at first whole photos)",
    )
    parser.add_argument(
        "--rebuild",
        action="store_true",
        help="link all photos anew; else a large catalogue of which little changed is changed where it did",
    )
    parser.add_argument(
        "--workers",
        metavar="RAY",
        help="where photos go through the network: 'ray' for one process a core of this machine, or the address of a "
        "cluster, such as ray://host:10001, whose nodes find the photos at the same path or address "
        "(default: in this process)",
    )
    parser.add_argument(
        "--forget", action="store_true", help="drop photos that are there but cannot be read now; else they are kept"
    )
    add_choices(parser)


def run(options: argparse.Namespace) -> None:
    """Index the photos and tell what was done."""
    from cbir.catalogue.distributed import ray_workers
    from cbir.catalogue.embed import embed_photos
    from cbir.collection.address import Address, parse_place

    out = parse_place(options.out)
    workers = ray_workers(options.workers) if options.workers else nullcontext(embed_photos)
    with workers as embed, Bars() as bars:
        if isinstance(out, Address):
            report = _index_into(out, options, embed, bars)
        else:
            report = _index(out, options, embed, bars)
    warn_left_out(report.refused)
    warn(*(f"taken all the same {name}: {warning}" for name, warning in report.warnings))
    warn(*describe_ignored(report))
    counts = {"renamed": report.renamed, "dropped": report.dropped, "left out": len(report.refused)}
    told = "".join(f", {count:,} {what}" for what, count in counts.items() if count)
    kept = f"; {report.kept:,} kept though unreadable now (--forget drops these)" if report.kept else ""
    state = "" if report.changed else "; it was up to date"
    there, unit = (str(report.garments), "photos ") if report.garments else (f"{report.count:,} photos", "")
    say(f"{out}: {there}, {report.embedded:,} {unit}embedded now{told}{kept}{state}")
    say(*describe_columns(report))


def _index(out: Path, options: argparse.Namespace, embed: EmbedPhotos, bars: Bars) -> Report:
    """The photos to a catalogue in a folder."""
    from cbir.catalogue.build import index_photos
    from cbir.network.extractor import FeatureExtractor
    from cbir.system.versions import current_version

    if options.files or options.type:
        raise CbirError(f"{out}: a folder, and --files and --type are for catalogues in Milvus; leave them out")
    source = options.weights or (out if (current_version(out) / "weights.pth").exists() else SHIPPED)
    return index_photos(
        options.photos,
        out,
        FeatureExtractor.open(source),
        garments=options.garments,
        forget=options.forget,
        rebuild=options.rebuild,
        embed=embed,
        progress=bars.update,
    )


def _index_into(address: Address, options: argparse.Namespace, embed: EmbedPhotos, bars: Bars) -> Report:
    """The photos to a catalogue in Milvus."""
    from cbir.collection.build import find_collection, index_into
    from cbir.network.extractor import FeatureExtractor

    if options.rebuild:
        raise CbirError(f"{address}: in Milvus, and --rebuild is for catalogues in folders; leave it out")
    former = find_collection(address)
    return index_into(
        options.photos,
        address,
        FeatureExtractor.open(options.weights or (former.folder if former else SHIPPED)),
        files=options.files,
        index=options.type,
        garments=options.garments,
        forget=options.forget,
        embed=embed,
        progress=bars.update,
    )


def describe_ignored(report: Report) -> list[str]:
    """A line about what systems put among the photos, and one about files of other kinds, as far as there are any."""
    lines = []
    if report.litter:
        names = Counter(name.rpartition("/")[2] for name in report.litter)
        lines.append(f"left out {len(report.litter):,} files and folders of systems and catalogues: {_list(names)}")
    if report.others:
        kinds = Counter({suffix or "no suffix": count for suffix, count in report.others.items()})
        lines.append(f"left out {kinds.total():,} file{_plural(kinds.total())} of other kinds: {_list(kinds)}")
    return lines


def describe_columns(report: Report) -> list[str]:
    """A line about the columns that photos can be filtered by, and one about links, as far as there are any."""
    lines = []
    if report.columns:
        listed = ", ".join(f"{name} ({count:,} value{_plural(count)})" for name, count in report.columns.items())
        lines.append(f"columns for search --where, besides kind: {listed}")
    if report.links:
        lines.append(f"{report.links:,} photo{_plural(report.links)} with a link")
    return lines


def _plural(count: int) -> str:
    return "" if count == 1 else "s"


def _list(counts: Counter[str]) -> str:
    """Words with their counts, the largest first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    words = ", ".join(f"{word} {count:,}" for word, count in ordered[:MOST])
    return words + (f" and {len(ordered) - MOST:,} more" if len(ordered) > MOST else "")
