"""Pictures to train on: colours and stripes that tell where a crop lies, in many draws."""

from __future__ import annotations

import colorsys
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from cbir.datasets.photo import Photo
from cbir.datasets.street import GarmentCut
from cbir.training.augment import View, recolour, view_cut, view_figure, view_photo, view_street

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 200, 30), (30, 30, 220), (220, 220, 30)
NAMES = "null\nskin\nhair\ndress\npants\n"
DRESS, PANTS = 3, 4

Maker = Callable[[str], View]


@pytest.fixture
def worn(tmp_path: Path) -> GarmentCut:
    """A red dress, 60 pixels a side, above yellow pants, in a green street."""
    pixels = np.zeros((200, 160), np.uint8)
    pixels[40:100, 40:100] = DRESS
    pixels[100:180, 45:95] = PANTS
    return GarmentCut(write_photo(tmp_path, pixels, ".png"), "Dress", (DRESS,), (40, 40, 100, 100))


@pytest.fixture
def blue(tmp_path: Path) -> Photo:
    path = tmp_path / "blue.png"
    Image.new("RGB", (120, 150), BLUE).save(path)
    return Photo("blue", path)


@pytest.fixture(params=["photo", "street", "cut", "cut elsewhere", "figure"])
def make(request: pytest.FixtureRequest, worn: GarmentCut, blue: Photo) -> Maker:
    return {
        "photo": lambda seed: view_photo(worn.photo, 24, seed),
        "street": lambda seed: view_street(worn.photo, 24, seed),
        "cut": lambda seed: view_cut(worn, [], 24, seed),
        "cut elsewhere": lambda seed: view_cut(worn, [blue], 24, seed),
        "figure": lambda seed: view_figure(worn, [blue], [worn], 24, seed),
    }[request.param]


def test_other_colours_leave_lightness_and_greys_as_they_are() -> None:
    """Hues turn by up to a sixth of the circle, both ways, as the standard library tells them."""
    rng = random.Random(0)
    greys = np.arange(0, 256, 5).astype(np.uint8).repeat(3).reshape(-1, 3)
    colour = np.array([[150, 110, 100]], np.uint8)
    before = colorsys.rgb_to_hsv(*(colour[0] / 255))
    turns = []
    for _ in range(200):
        assert np.abs(recolour(greys, rng).astype(int) - greys).max() <= 1
        changed = recolour(colour, rng)
        assert abs(changed.mean() - colour.mean()) <= 1
        hue, richness, _ = colorsys.rgb_to_hsv(*(changed[0] / 255))
        if richness > 0.05:
            turns.append((hue - before[0] + 0.5) % 1 - 0.5)
    assert max(map(abs, turns)) < 1 / 6 + 0.03 and min(turns) < -0.1 and max(turns) > 0.1 and len(turns) < 180


def test_a_seed_settles_the_view(make: Maker) -> None:
    views = {seed: make(seed) for seed in map(str, range(8))}
    assert all(as_bytes(make(seed)) == as_bytes(view) for seed, view in views.items())
    assert len({view.pixels.tobytes() for view in views.values()}) == 8


def test_views_are_squares_of_bytes(make: Maker) -> None:
    for seed in range(12):
        view = make(str(seed))
        assert view.pixels.shape == (24, 24, 3) and view.pixels.dtype == np.uint8
        if view.mask is not None:
            assert view.mask.shape == (24, 24) and view.mask.dtype == np.uint8


def test_only_people_and_cuts_have_a_mask(worn: GarmentCut, blue: Photo) -> None:
    assert worn.photo.label_map is not None
    assert view_photo(worn.photo, 16, "0").mask is None
    assert view_street(blue, 16, "0").mask is None
    assert view_street(worn.photo, 16, "0").mask is not None
    assert view_cut(worn, [], 16, "0").mask is not None


def test_a_photo_is_cropped_to_between_40_and_100_percent(tmp_path: Path) -> None:
    """Stripes 8 pixels wide are counted in the same crop of two photos, one striped across and one down."""
    stripes = np.where(np.arange(256) // 8 % 2, 255, 0).astype(np.uint8)
    for name, grey in (("across", np.tile(stripes, (256, 1))), ("down", np.tile(stripes[:, None], 256))):
        Image.fromarray(grey).save(tmp_path / f"{name}.png")
    shares = []
    for seed in range(40):
        across, down = (view_photo(Photo(n, tmp_path / f"{n}.png"), 128, str(seed)).pixels for n in ("across", "down"))
        columns, rows = (across[64, :, 1] > 100), (down[:, 64, 1] > 100)
        # From n edges, a length of 8 (n - 1) to 8 (n + 1) pixels.
        shares.append(np.diff(columns).sum() * np.diff(rows).sum() * 64 / 256**2)
    assert 0.36 < min(shares) < 0.55
    assert 0.8 < max(shares) <= 1.0


def test_a_street_view_lies_about_the_middle(tmp_path: Path) -> None:
    """Of 300 rows its square of 100 begins between 90 and 110, and at least 68 of them are left of it."""
    outer, inner = np.full((300, 100), DRESS, np.uint8), np.zeros((300, 100), np.uint8)
    outer[85:215] = 0
    inner[145:155] = DRESS
    (tmp_path / "outer").mkdir()
    (tmp_path / "inner").mkdir()
    never, always = (
        write_photo(tmp_path / name, pixels, ".png") for name, pixels in zip(("outer", "inner"), (outer, inner))
    )
    for seed in range(40):
        assert not mask_of(view_street(never, 32, str(seed))).any()
        assert (mask_of(view_street(always, 32, str(seed))).max(0) > 200).all()


@pytest.mark.parametrize(("size", "suffix"), [((120, 160), ".png"), ((160, 120), ".png"), ((1201, 801), ".jpg")])
def test_the_mask_follows_the_pixels(tmp_path: Path, size: tuple[int, int], suffix: str) -> None:
    """A red garment left of the middle, mirrored or not; the large photo is decoded at half its size."""
    width, height = size
    pixels = np.zeros((height, width), np.uint8)
    pixels[height // 3 : height // 2, width // 3 : width // 2] = DRESS
    photo = write_photo(tmp_path, pixels, suffix)
    left = 0
    for seed in range(24):
        view = view_street(photo, 224 if width > 1000 else 64, str(seed))
        assert agreement(view, reddish(view)) > 0.95
        mask = mask_of(view)
        half = mask.shape[1] // 2
        left += bool(mask[:, :half].sum() > mask[:, half:].sum())
    assert 4 <= left <= 20, "mirrored in some draws and not in others"


def test_a_label_map_of_another_size_is_scaled(tmp_path: Path) -> None:
    pixels = np.zeros((160, 120), np.uint8)
    pixels[50:80, 40:60] = DRESS
    photo = write_photo(tmp_path, pixels, ".png")
    assert photo.label_map is not None
    Image.fromarray(pixels.repeat(3, axis=0).repeat(3, axis=1)).save(photo.label_map)
    for seed in range(12):
        view = view_street(photo, 64, str(seed))
        assert agreement(view, reddish(view)) > 0.95


def test_a_cut_stays_on_its_wearer_or_goes_elsewhere(worn: GarmentCut, blue: Photo) -> None:
    elsewhere = 0
    for seed in range(100):
        view = view_cut(worn, [blue], 64, str(seed))
        around = (mask_of(view) == 0) & coloured(view)
        if not around.any():
            continue
        blues = brightest(view)[around] == 2
        assert blues.mean() < 0.1 or blues.mean() > 0.9, "all around the garment, or nothing"
        elsewhere += bool(blues.mean() > 0.5)
        assert agreement(view, reddish(view)) > 0.9
    assert 45 <= elsewhere <= 75


def test_without_backgrounds_a_cut_stays_on_its_wearer(worn: GarmentCut) -> None:
    """The pants below are no part of the dress, and are still to be seen."""
    pants = 0
    for seed in range(40):
        view = view_cut(worn, [], 64, str(seed))
        assert agreement(view, reddish(view)) > 0.9
        assert not ((brightest(view) == 2) & coloured(view)).any()
        pants += bool(((view.pixels[..., :2] > 100).all(-1) & (mask_of(view) == 0)).any())
    assert pants > 20


def test_every_background_may_be_chosen(worn: GarmentCut, blue: Photo, tmp_path: Path) -> None:
    Image.new("RGB", (50, 50), (200, 30, 200)).save(tmp_path / "purple.png")
    seen = set()
    for seed in range(40):
        view = view_cut(worn, [blue, Photo("purple", tmp_path / "purple.png")], 16, str(seed))
        around = view.pixels[(mask_of(view) == 0) & coloured(view)]
        if len(around):
            red, green, high = np.median(around, axis=0)
            seen.add("purple" if red > 100 and high > 100 else "blue" if high > max(red, green) else "street")
    assert seen == {"purple", "blue", "street"}


def test_a_figure_goes_elsewhere_whole_or_without_its_body(worn: GarmentCut, blue: Photo) -> None:
    """Before a blue picture: the dress always, the yellow pants (its body, as it were) in two of three cases."""
    bodies = 0
    for seed in range(60):
        view = view_figure(worn, [blue], [], 64, str(seed))
        assert agreement(view, reddish(view)) > 0.9
        red, green, _ = np.moveaxis(view.pixels.astype(int), -1, 0)
        assert (green > red + 60).mean() < 0.01, "nothing of the street"
        bodies += bool((view.pixels[..., :2].min(-1) > view.pixels[..., 2].astype(int) + 40).any())
    assert 25 <= bodies <= 50


def test_a_figure_may_be_covered(worn: GarmentCut, blue: Photo, tmp_path: Path) -> None:
    """In three of ten cases, by pants of another photo, a quarter to a half as large; the mask leaves them out."""
    pixels = np.full((60, 60), PANTS, np.uint8)
    (tmp_path / "other").mkdir()
    pants = GarmentCut(write_photo(tmp_path / "other", pixels, ".png"), "Pants", (PANTS,), (0, 0, 60, 60))
    alone = worn._replace(label_ids=(DRESS,), box=(40, 40, 100, 100))
    covered = 0
    for seed in range(100):
        view = view_figure(alone, [blue], [pants], 64, str(seed))
        assert agreement(view, reddish(view)) > 0.9
        yellow = view.pixels[..., :2].min(-1) > view.pixels[..., 2].astype(int) + 60
        middle = np.zeros_like(yellow)
        middle[8:40, 14:50] = True
        covered += bool((yellow & middle).any())
    assert 8 <= covered <= 45


def test_half_of_the_cuts_are_framed_as_a_search_frames_them(tmp_path: Path) -> None:
    """A garment twice as high as wide stands between grey; its mask is empty there."""
    pixels = np.zeros((200, 200), np.uint8)
    pixels[50:150, 75:125] = DRESS
    cut = GarmentCut(write_photo(tmp_path, pixels, ".png"), "Dress", (DRESS,), (75, 50, 125, 150))
    framed = 0
    for seed in range(60):
        view = view_cut(cut, [], 64, str(seed))
        sides = ~coloured(view)[:, [0, 1, 2, -3, -2, -1]]
        if sides.mean() > 0.95:
            framed += 1
            assert not mask_of(view)[:, [0, 1, 2, -3, -2, -1]].any()
    assert 18 <= framed <= 42


def test_a_cut_fills_its_view(worn: GarmentCut) -> None:
    """The view is 1 to 1.6 times as wide as the garment and off by up to a tenth."""
    shares = [float((mask_of(view_cut(worn, [], 64, str(seed))) / 255).mean()) for seed in range(60)]
    assert 1 / 1.6**2 - 0.02 < min(shares) < 0.5
    assert 0.75 < max(shares) <= 1.0


def test_a_view_does_not_reach_beyond_the_photo(tmp_path: Path) -> None:
    """Of a garment in a corner: there is the photo, or the grey of a search, and nothing black."""
    pixels = np.zeros((80, 80), np.uint8)
    pixels[:40, :30] = DRESS
    cut = GarmentCut(write_photo(tmp_path, pixels, ".png"), "Dress", (DRESS,), (0, 0, 30, 40))
    for seed in range(30):
        view = view_cut(cut, [], 40, str(seed))
        assert agreement(view, reddish(view)) > 0.9
        assert view.pixels.max(-1).min() > 40


def test_light_changes_in_seven_of_ten(tmp_path: Path) -> None:
    """Even grey stays 128 under the same light. Bounds: 255 (128 / 255) ** exp(0.35) exp(-0.28), and the reverse."""
    path = tmp_path / "grey.png"
    Image.new("RGB", (40, 40), (128, 128, 128)).save(path)
    views = [view_photo(Photo("grey", path), 8, str(seed)).pixels for seed in range(200)]
    changed = [pixels for pixels in views if (pixels != 128).any()]
    assert 120 <= len(changed) <= 160
    assert min(pixels.min() for pixels in changed) >= 72 - 3 and max(pixels.max() for pixels in changed) <= 208 + 3
    assert min(pixels.mean() for pixels in changed) < 110 and max(pixels.mean() for pixels in changed) > 150
    assert any(np.ptp(pixels[0, 0]) > 5 for pixels in changed), "tinted"


def write_photo(folder: Path, labels: NDArray[np.uint8], suffix: str) -> Photo:
    """A photo with the dress red, pants yellow and all else green, and its label map."""
    colours = np.array([GREEN, GREEN, GREEN, RED, YELLOW], np.uint8)
    (folder / "labels").mkdir()
    (folder / "label_names.txt").write_text(NAMES)
    path, label_map = folder / f"worn{suffix}", folder / "labels" / "worn.png"
    Image.fromarray(colours[labels]).save(path)
    Image.fromarray(labels).save(label_map)
    return Photo("worn", path, label_map=label_map)


def mask_of(view: View) -> NDArray[np.uint8]:
    assert view.mask is not None
    return view.mask


def as_bytes(view: View) -> tuple[bytes, bytes]:
    return view.pixels.tobytes(), b"" if view.mask is None else view.mask.tobytes()


def reddish(view: View) -> NDArray[np.bool_]:
    red, green, blue = np.moveaxis(view.pixels.astype(int), -1, 0)
    return (red > green + 40) & (red > blue + 40)


def coloured(view: View) -> NDArray[np.bool_]:
    """Where it is not the grey beside what is not square."""
    return np.ptp(view.pixels.astype(int), axis=-1) >= 50


def brightest(view: View) -> NDArray[np.intp]:
    """The strongest channel of each pixel."""
    return view.pixels.argmax(-1)


def agreement(view: View, garment: NDArray[np.bool_]) -> float:
    """The lesser of the shares of pixels inside and outside the mask that look as they ought to.

    Those within three pixels of its edge are left out: there, a JPEG mixes colours.
    """
    mask = Image.fromarray(mask_of(view))
    inside = np.asarray(mask.filter(ImageFilter.MinFilter(7))) == 255
    outside = np.asarray(mask.filter(ImageFilter.MaxFilter(7))) == 0
    return min((float(right.mean()) for right in (garment[inside], ~garment[outside]) if right.size), default=1.0)
