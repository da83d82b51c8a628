"""Catalogues of an older preprocessing answer, say so, and are brought up to date photo by photo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

import cbir.catalogue.bundle
import cbir.catalogue.catalogue
import cbir.catalogue.journal
import cbir.network.weights
import cbir.photos.finish
from cbir import Searcher
from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.manifest import describe_file, write_manifest
from cbir.catalogue.verify import check_catalogue
from cbir.errors import CatalogueError, WeightsError
from cbir.network.extractor import FeatureExtractor
from cbir.network.weights import load_weights, save_weights
from cbir.photos.decode import PREPROCESSING
from cbir.system.files import file_digest
from cbir.web.answers import proof
from cbir.web.texts import load_texts
from tests.support.drawings import draw_garment
from tests.support.encoded import PROFILES, encoded, in_space

VERSIONED = (cbir.catalogue.bundle, cbir.catalogue.catalogue, cbir.catalogue.journal)
Past = Callable[[], AbstractContextManager[None]]
WIDE = ("adobe.png", "p3.jpg")
"""Photos whose pixels are others than those of version 1."""


@pytest.fixture
def version_one(monkeypatch: pytest.MonkeyPatch) -> Past:
    """A stretch of time in which profiles are not looked at, as in version 1."""

    @contextmanager
    def past() -> Iterator[None]:
        with monkeypatch.context() as patch:
            for module in VERSIONED:
                patch.setattr(module, "PREPROCESSING", 1)
            patch.setattr(cbir.photos.finish, "convert_picture", lambda image, profile: image)
            yield

    return past


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(4):
        draw_garment(number, "hat").save(folder / f"{number}.png")
    for name, profile in zip(WIDE, (PROFILES["Adobe RGB"], PROFILES["Display P3"])):
        picture = in_space(draw_garment(9, "dress"), profile)
        (folder / name).write_bytes(encoded(picture, Path(name).suffix[1:].replace("jpg", "jpeg"), icc_profile=profile))
    return folder


@pytest.fixture
def older(folder: Path, extractor: FeatureExtractor, tmp_path: Path, version_one: Past) -> Path:
    """The catalogue that version 1 makes of the folder."""
    with version_one():
        index_photos(folder, tmp_path / "index", extractor)
    return tmp_path / "index"


def repack_thumbs(out: Path) -> None:
    """Thumbnails of the same pixels in other bytes, as an older version wrote them."""
    catalogue = Catalogue.open(out)
    digests = b""
    for row in range(len(catalogue.records)):
        path = catalogue.thumb(row)
        whole = path.read_bytes()
        path.write_bytes(whole[:2] + b"\xff\xfe\x00\x06note" + whole[2:])
        digests += bytes.fromhex(file_digest(path))
    (catalogue.folder / "thumbs.sha256").write_bytes(digests)
    manifest = {name: value for name, value in catalogue.manifest.items() if name != "sha256"}
    manifest["files"]["thumbs.sha256"] = describe_file(catalogue.folder / "thumbs.sha256")
    write_manifest(catalogue.folder, manifest)


def test_an_older_catalogue_answers_and_says_so(folder: Path, older: Path) -> None:
    assert Catalogue.open(older).preprocessing == 1
    searcher = Searcher.open(older)
    result = searcher.search(folder / "2.png")
    assert result.matches[0].photo == "2.png" and result.exact
    (warning,) = result.warnings
    assert "earlier version" in warning and "cbir index" in warning and str(older.parent) not in warning
    assert result.as_json()["warnings"] == [warning] and warning in proof(result, load_texts("en"))


def test_bringing_it_up_to_date_embeds_only_what_looks_otherwise(
    folder: Path, extractor: FeatureExtractor, tmp_path: Path, older: Path
) -> None:
    kept = Catalogue.open(older).index.vectors[:].copy()
    repack_thumbs(older)
    report = index_photos(folder, older, extractor)
    assert (report.count, report.embedded, report.changed, report.dropped) == (6, len(WIDE), True, 0)
    after, fresh = Catalogue.open(older), tmp_path / "fresh"
    check_catalogue(after)
    index_photos(folder, fresh, extractor)
    assert after.preprocessing == PREPROCESSING and after.note is None
    np.testing.assert_allclose(after.index.vectors[:], Catalogue.open(fresh).index.vectors[:], atol=1e-5)
    changed = np.abs(after.index.vectors[:] - kept).max(axis=1) > 1e-3
    assert {record.photo for record, other in zip(after.records, changed) if other} == set(WIDE)
    again = index_photos(folder, older, extractor)
    assert not again.changed and again.embedded == 0


def test_a_run_that_version_one_broke_off_starts_anew(
    folder: Path, extractor: FeatureExtractor, tmp_path: Path, version_one: Past
) -> None:
    class Breaking(FeatureExtractor):
        def __init__(self) -> None:
            super().__init__(extractor.weights)
            self.calls = 0

        def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
            self.calls += 1
            if self.calls > 2:
                raise KeyboardInterrupt
            return super().embed(pixels)

    with version_one(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("cbir.catalogue.embed.BATCH", 2)
        with pytest.raises(KeyboardInterrupt):
            index_photos(folder, tmp_path / "index", Breaking())
    assert index_photos(folder, tmp_path / "index", extractor).embedded == 6


def test_catalogues_and_weights_of_the_future_are_refused(
    folder: Path, extractor: FeatureExtractor, weights_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        for module in VERSIONED:
            patch.setattr(module, "PREPROCESSING", PREPROCESSING + 1)
        index_photos(folder, tmp_path / "index", extractor)
    with pytest.raises(CatalogueError, match="made by a newer version of this project; update it"):
        Catalogue.open(tmp_path / "index")
    content = torch.load(weights_file, weights_only=True)
    assert content["preprocessing"] == 1
    torch.save(content | {"preprocessing": PREPROCESSING + 1}, tmp_path / "newer.pth")
    with pytest.raises(WeightsError, match=r"newer\.pth: trained with a newer version"):
        load_weights(tmp_path / "newer.pth")


def test_weights_keep_their_version(weights_file: Path, tmp_path: Path) -> None:
    save_weights(replace(load_weights(weights_file), preprocessing=2), tmp_path / "two.pth")
    assert load_weights(tmp_path / "two.pth").preprocessing == 2


def test_a_cut_off_photo_is_taken_and_told(folder: Path, extractor: FeatureExtractor, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (640, 480, 3), np.uint8)
    photo = encoded(Image.fromarray(noise), "JPEG", quality=90)
    (folder / "cut.jpg").write_bytes(photo[: int(0.7 * len(photo))])
    report = index_photos(folder, tmp_path / "index", extractor)
    assert report.count == 7 and report.refused == []
    ((name, warning),) = report.warnings
    assert name == "cut.jpg" and warning.startswith("cut off: 3")
    result = Searcher.open(tmp_path / "index").search(folder / "cut.jpg")
    assert result.query_in_catalogue
    assert result.warnings == (f"The photo is {warning}.",) and result.warnings[0] in proof(result, load_texts("en"))
