"""Photos embedded by Ray give the catalogue that one process makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cbir.catalogue import distributed
from cbir.catalogue.build import index_photos
from cbir.catalogue.distributed import LOCAL, ray_workers
from cbir.catalogue.embed import EmbedPhotos
from cbir.network.extractor import FeatureExtractor
from cbir.photos import decode
from tests.support.alike import assert_same
from tests.support.drawings import draw_garment, fill_folder
from tests.support.people import save_random_finder
from tests.support.stores import in_zip

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def embed() -> Iterator[EmbedPhotos]:
    """Two processes of Ray, shared by the tests."""
    pytest.importorskip("ray.data", reason='needs: pip install "ray[data]"')
    with ray_workers(LOCAL, processes=2) as embed:
        yield embed


def test_the_catalogue_is_that_of_one_process(
    extractor: FeatureExtractor, embed: EmbedPhotos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the answers to the last photos come first."""
    ask = distributed._ask
    monkeypatch.setattr(distributed, "_ask", lambda *asked: reversed(list(ask(*asked))))
    folder = fill_folder(tmp_path / "photos", 72)
    first = folder / "hat" / "001.jpg"
    (folder / "hat" / "copy.jpg").write_bytes(first.read_bytes())
    (folder / "hat" / "short.jpg").write_bytes(first.read_bytes()[: int(first.stat().st_size * 0.9)])
    (folder / "hat" / "empty.jpg").touch()
    (folder / "scarf" / "text.jpg").write_text("not a photo")
    steps: list[tuple[str, int, int | None]] = []
    local = index_photos(folder, tmp_path / "local", extractor)
    found = index_photos(folder, tmp_path / "ray", extractor, embed=embed, progress=lambda *step: steps.append(step))
    assert found == local and len(found.refused) == 2 and len(found.warnings) == 1 and found.embedded == 73
    assert steps[:76] == [("photos", done, 76) for done in range(1, 77)]
    assert_same(tmp_path / "ray", tmp_path / "local")

    # What is known is not looked at again, or its end would be missed once more; what is new is embedded alone.
    draw_garment(99, "hat").save(folder / "hat" / "new.jpg")
    again = index_photos(folder, tmp_path / "ray", extractor, embed=embed)
    assert (again.count, again.embedded, again.warnings) == (75, 1, [])


def test_garments_are_found_by_workers(
    photos: Path, extractor: FeatureExtractor, embed: EmbedPhotos, tmp_path: Path
) -> None:
    finding = save_random_finder(tmp_path / "network", extractor.weights)
    local = index_photos(photos, tmp_path / "local", finding, garments=True)
    found = index_photos(photos, tmp_path / "ray", finding, garments=True, embed=embed)
    assert found == local and found.garments and found.garments.garments > 24
    assert_same(tmp_path / "ray", tmp_path / "local")


def test_workers_read_an_address_by_themselves(
    photos: Path, copy_of: Callable[[Path], Path], extractor: FeatureExtractor, embed: EmbedPhotos, tmp_path: Path
) -> None:
    folder = copy_of(photos)
    index_photos(folder, tmp_path / "local", extractor)
    index_photos(in_zip(folder), tmp_path / "ray", extractor, embed=embed)
    assert_same(tmp_path / "ray", tmp_path / "local")


def test_vectors_of_an_older_release_are_kept_where_pixels_are_the_same(
    photos: Path, extractor: FeatureExtractor, embed: EmbedPhotos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("bundle", "catalogue", "journal", "manifest"):
        monkeypatch.setattr(f"cbir.catalogue.{module}.PREPROCESSING", decode.PREPROCESSING - 1, raising=False)
    index_photos(photos, tmp_path / "index", extractor)
    monkeypatch.undo()
    report = index_photos(photos, tmp_path / "index", extractor, embed=embed)
    assert report.embedded == 0 and report.changed
