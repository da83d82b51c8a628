"""A garment on a table: the colour, height, gloss and light of each pixel, laid down one piece after another.

Cloth is a height field. Each panel is rounded at its edge and folds along its grain and where the cut pulls, and its
pattern moves with the slope of the folds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt, gaussian_filter

from cbir.wardrobe.cloth.colours import linear, mix
from cbir.wardrobe.cloth.dyes import dye
from cbir.wardrobe.cloth.fabrics import FABRICS, Fabric, weave
from cbir.wardrobe.cloth.folds import emboss, fold
from cbir.wardrobe.cloth.garment import Garment
from cbir.wardrobe.geometry.noise import Field, Noise, Random
from cbir.wardrobe.geometry.outlines import Outline
from cbir.wardrobe.geometry.pieces import Disc, Line, Panel, Piece
from cbir.wardrobe.scene.grounds import GROUNDS

Place = tuple[slice, slice]
"""Rows and columns of a part of the table, in pixels."""


class Cut(NamedTuple):
    """A part of the table, and how much of each of its pixels is covered, (h, w) float32 from 0 to 1."""

    where: Place
    mask: Field


class Table:
    """The table with the garment on it, as arrays of floats with one entry for each pixel.

    colour: (side, side, 3), linear light. height (of the garment) and floor (height of the ground): (side, side), in
    centimetres. gloss, light (how much light gets there) and covered (by the garment): (side, side), from 0 to 1.
    cloth: (side, side) uint8, the place of the topmost panel's cloth among the garment's cloths, from 1; 0 is ground.
    x, y: (side, side), the point of the garment at each pixel, in centimetres.
    scale: pixels per centimetre; pixel: centimetres per pixel.
    """

    def __init__(self, side: int, frame: Outline, scene: str, garment: Garment, rng: Random, noise: Noise) -> None:
        """side: width and height in pixels. frame: points of the garment that must be in the picture, (n, 2), in cm."""
        self.garment, self.side, self.noise = garment, side, noise
        low, high = frame.min(0), frame.max(0)
        turn = np.radians(rng.normal(0, 3.5))
        turned = np.array([(np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))])
        extent = (np.abs(turned) @ (high - low)).max()
        self.scale = side * rng.uniform(0.86, 0.99) / extent
        self.matrix = turned * self.scale
        self.offset = side * (0.5 + rng.normal(0, 0.01, 2)) - self.matrix @ ((low + high) / 2)
        self.warp = (
            rng.normal(0, 0.016 * extent, (4, 2)),
            rng.uniform(0, 6.28, (4, 2)),
            rng.normal(0, 1.2, (4, 2)) / extent * 4,
        )
        rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
        inverse = np.linalg.inv(self.matrix).astype(np.float32)
        dx, dy = columns - np.float32(self.offset[0]), rows - np.float32(self.offset[1])
        self.x, self.y = inverse[0, 0] * dx + inverse[0, 1] * dy, inverse[1, 0] * dx + inverse[1, 1] * dy
        # The scale of the ground does not depend on the garment: a hat lies on the same floor as a coat.
        zoom = np.float32(95 / side * rng.uniform(0.85, 1.2))
        spin = rng.normal(0, 0.08)
        gx, gy = (columns - side / 2) * zoom, (rows - side / 2) * zoom
        gx, gy = (
            gx * np.float32(np.cos(spin)) - gy * np.float32(np.sin(spin)),
            gx * np.float32(np.sin(spin)) + gy * np.float32(np.cos(spin)),
        )
        shift = rng.uniform(0, 500, 2).astype(np.float32)
        floor = GROUNDS[scene](gx + shift[0], gy + shift[1], noise, rng)
        # The camera is focused on the garment, a little above the ground.
        self.colour = gaussian_filter(floor.colour, (2.4, 2.4, 0))
        self.floor = gaussian_filter(floor.height, 1.5) / zoom / self.scale
        self.height = np.zeros((side, side), np.float32)
        self.gloss = np.zeros((side, side), np.float32)
        self.light = np.ones((side, side), np.float32)
        self.covered = np.zeros((side, side), np.float32)
        self.cloth = np.zeros((side, side), np.uint8)
        self.pixel = 1 / self.scale

    def lay(self, pieces: list[Piece]) -> None:
        """Put pieces on the table, the lowest first. What lies outside the table is left out."""
        for number, piece in enumerate(pieces):
            cut = self._cut(piece)
            if cut is None:
                continue
            if isinstance(piece, Panel):
                self._lay(piece, number, cut)
            elif isinstance(piece, Line):
                self._sew(piece, cut)
            else:
                self._button(piece, cut)

    def _to_pixels(self, points: Outline) -> NDArray[np.float64]:
        """Points of the garment, (n, 2) in centimetres, as (column, row) in pixels, (n, 2).

        The garment is slightly bent, as cloth is when it is laid down.
        """
        size, phase, rate = self.warp
        bent = points.copy()
        for wave in range(4):
            along = rate[wave, 0] * points[:, 0] + rate[wave, 1] * points[:, 1]
            bent = bent + 0.5 * size[wave] * np.sin(along[:, None] + phase[wave])
        return bent @ self.matrix.T + self.offset

    def _cut(self, piece: Piece) -> Cut | None:
        """The pixels of a piece; None outside the table."""
        if isinstance(piece, Panel):
            return self._polygon(piece.outline)
        if isinstance(piece, Disc):
            angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
            rim = np.stack([np.cos(angles), np.sin(angles)], axis=1)
            return self._polygon(np.array(piece.centre) + piece.diameter / 2 * rim)
        width = {"seam": 0.35, "crease": 0.35, "stitch": 0.16}.get(piece.style, piece.width)
        pixels = max(width * self.scale, 1.2)
        thick = max(1, round(pixels))
        # What is drawn along a line is blurred, and needs room at its sides.
        margin = int(pixels + 1.1 * self.scale) + 4
        return self._draw(piece.points, margin, 0.6, lambda image, path: image.line(path, 255, thick, joint="curve"))

    def _polygon(self, outline: Outline) -> Cut | None:
        """The pixels inside an outline; None outside the table."""
        return self._draw(outline, 3, 0.7, lambda image, path: image.polygon(path, fill=255))

    def _draw(self, points: Outline, margin: int, blur: float, draw: Callable[[Any, Any], object]) -> Cut | None:
        """What is drawn from points, with a margin in pixels around it; None outside the table."""
        placed = self._to_pixels(points)
        left, upper = np.maximum(np.floor(placed.min(0)).astype(int) - margin, 0)
        right, lower = np.minimum(np.ceil(placed.max(0)).astype(int) + margin, self.side)
        if right - left < 2 or lower - upper < 2:
            return None
        image = Image.new("L", (int(right - left), int(lower - upper)))
        draw(ImageDraw.Draw(image), [tuple(point) for point in placed - (left, upper)])
        mask = gaussian_filter(np.asarray(image, np.float32) / 255, blur)
        return Cut((slice(int(upper), int(lower)), slice(int(left), int(right))), mask)

    def _lay(self, panel: Panel, number: int, cut: Cut) -> None:
        """Put a panel on what lies there already."""
        where, mask = cut
        solid = mask > 0.5
        if not solid.any():
            return
        cloth = self.garment.cloths[panel.cloth]
        fabric = FABRICS[cloth.fabric]
        shift = 1.7 * number + 0.37 * self.garment.number % 97
        x, y = self.x[where], self.y[where]
        u, v = _turned(x, y, panel.grain)
        inward = distance_transform_edt(np.pad(solid, 1))[1:-1, 1:-1].astype(np.float32) * self.pixel
        inner = np.clip(inward / 2.5, 0, 1)
        folds = fold(panel, fabric.stiffness, u, v, x, y, self.noise, shift=shift) * (0.35 + 0.65 * inner)
        height = _thickness(panel, fabric, inward) + folds + emboss(panel.relief, u, v, self.noise, pixel=self.pixel)
        below = gaussian_filter(self.height[where], 0.8 * self.scale)
        # On a slope, the pattern looks shorter and is moved.
        slope_y, slope_x = np.gradient(gaussian_filter(folds, 1.5), self.pixel)
        x, y = x - 0.5 * slope_x, y - 0.5 * slope_y
        u, v = _turned(x, y, panel.grain)
        surface = weave(cloth.fabric, u, v, self.noise, pixel=self.pixel, shift=shift)
        tone = self._washed(surface.tone, folds, x, y, shift) if cloth.fabric == "denim" else surface.tone
        front = panel.cloth == "main" and panel.grain == 0
        colour = dye(cloth, self.garment.family, u, v, x, y, self.noise, front=front, pixel=self.pixel)
        colour = np.clip(colour * np.clip(tone, 0.3, 2)[..., None] * panel.dark, 0, 1)
        if fabric.fuzz:
            ragged = self.noise.at(x / (2.5 * self.pixel), y / (2.5 * self.pixel), shift=shift)
            blurred = gaussian_filter(mask, 0.5 + fabric.fuzz)
            mask = np.clip(blurred + 0.18 * fabric.fuzz * ragged * (mask < 0.98) * (mask > 0.02), 0, 1)
        over = mask[..., None]
        self._shade_around(panel.lift, cut)
        self.colour[where] = self.colour[where] * (1 - over) + colour * over
        self.height[where] = self.height[where] * (1 - mask) + (0.75 * below + height + surface.bump) * mask
        self.gloss[where] = self.gloss[where] * (1 - mask) + fabric.gloss * mask
        self.light[where] = self.light[where] * (1 - mask) + mask
        self.covered[where] = np.maximum(self.covered[where], mask)
        self.cloth[where][solid] = 1 + list(self.garment.cloths).index(panel.cloth)

    def _washed(self, tone: Field, folds: Field, x: Field, y: Field, shift: float) -> Field:
        """The tone of denim, paler where it is worn and on its folds."""
        worn = self.noise.cloudy(x / 16, y / 22, octaves=2, shift=shift)
        crest = folds - gaussian_filter(folds, 0.5 * self.scale)
        return tone * (1 + 0.12 * worn) + np.clip(crest, -0.1, 0.15) * 1.6

    def _shade_around(self, lift: float, cut: Cut) -> None:
        """Darken the garment just outside of what is laid on it; lift: the height of the new piece in centimetres."""
        where, mask = cut
        reach = 0.55 * max(lift, 0.25) * self.scale
        pad = int(3 * reach) + 2
        rows, columns = where
        top, left = max(rows.start - pad, 0), max(columns.start - pad, 0)
        wide = (slice(top, min(rows.stop + pad, self.side)), slice(left, min(columns.stop + pad, self.side)))
        full = np.zeros((wide[0].stop - top, wide[1].stop - left), np.float32)
        full[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = mask
        dusk = gaussian_filter(full, reach)
        self.light[wide] *= 1 - np.float32(0.62 * min(1.0, 0.5 + 0.5 * lift)) * dusk * self.covered[wide] * (1 - full)

    def _sew(self, line: Line, cut: Cut) -> None:
        """Draw a line: a seam, stitches, a zip, a cord or a pressed crease."""
        if line.style in ("seam", "crease"):
            self._pucker(*cut, pressed=line.style == "crease")
        elif line.style == "stitch":
            self._stitch(*cut)
        else:
            self._cord(*cut, line)

    def _pucker(self, where: Place, mask: Field, *, pressed: bool) -> None:
        """A seam is a trough with small folds; a pressed crease is a ridge."""
        mask = mask * self.covered[where]
        puckers = 0.5 + 0.5 * np.abs(self.noise.at(self.x[where] / 1.1, self.y[where] / 1.1, shift=21))
        depth = 0.25 if pressed else -0.22
        self.height[where] += depth * gaussian_filter(mask, 0.16 * self.scale + 0.5) * puckers
        if not pressed:
            self.colour[where] *= (1 - 0.3 * mask)[..., None]

    def _stitch(self, where: Place, mask: Field) -> None:
        """A dashed thread in a trough. On denim its colour differs from the cloth."""
        mask = mask * self.covered[where]
        trough = gaussian_filter(mask, 0.35 * self.scale + 0.4)
        self.height[where] -= 0.16 * trough / max(float(trough.max()), 1e-3)
        period = max(0.75, 5 * self.pixel)
        dash = (np.sin(2 * np.pi * (self.x[where] + self.y[where]) / period) > -0.3).astype(np.float32)
        denim = self.garment.fabric == "denim"
        thread = linear(self.garment.cloths["thread"].colours[0])
        if not denim:
            thread = thread * 0.62 if thread.mean() > 0.05 else thread + 0.03
        self.colour[where] = mix(self.colour[where], thread, 0.75 * mask * dash if denim else 0.55 * mask * dash)

    def _cord(self, where: Place, mask: Field, line: Line) -> None:
        """A cord that lies on the cloth, or a zip: teeth on a tape."""
        colour = linear(self.garment.cloths[line.cloth].colours[0])
        solid = distance_transform_edt(mask > 0.4).astype(np.float32) * self.pixel
        round_ = np.sqrt(np.clip(1 - (1 - np.clip(solid / (line.width / 2), 0, 1)) ** 2, 0, 1))
        if line.style == "zip":
            teeth = 0.55 + 0.45 * np.sin(2 * np.pi * (self.x[where] + self.y[where]) / max(0.7, 4 * self.pixel))
            middle = np.clip(solid / (0.5 * line.width) - 0.35, 0, 1) * 1.5
            tape = self.colour[where] * 0.55
            self.colour[where] = mix(mix(self.colour[where], tape, mask), colour, np.clip(mask * middle * teeth, 0, 1))
            self.height[where] += 0.3 * round_ * mask
            self.gloss[where] = np.maximum(self.gloss[where], 0.5 * mask * middle)
            return
        self.light[where] = self.light[where] * (1 - mask) + mask
        twist = 1 + 0.12 * np.sin(2 * np.pi * (self.x[where] - self.y[where]) / max(0.5, 3 * self.pixel))
        self.colour[where] = mix(self.colour[where], colour, mask) * (1 - 0.12 * mask + 0.12 * mask * twist)[..., None]
        self.height[where] += (0.45 * line.width + 0.1) * round_ * mask
        self.covered[where] = np.maximum(self.covered[where], mask)

    def _button(self, disc: Disc, cut: Cut) -> None:
        """A button with a rim and four holes, or a snap."""
        radius = disc.diameter / 2
        where, mask = cut
        centre = self._to_pixels(np.array([disc.centre]))[0]
        rows, columns = np.mgrid[where].astype(np.float32)
        dx, dy = (columns - centre[0]) * self.pixel / radius, (rows - centre[1]) * self.pixel / radius
        far = np.hypot(dx, dy)
        colour = linear(self.garment.cloths[disc.cloth].colours[0])
        self._shade_around(0.8, cut)
        self.colour[where] = mix(self.colour[where], colour, mask)
        dome = 0.35 - 0.25 * far**2 if disc.style == "snap" else 0.25 + 0.12 * (far > 0.72)
        self.height[where] += np.float32(dome) * mask
        self.gloss[where] = np.maximum(self.gloss[where], (0.6 if disc.style == "snap" else 0.25) * mask)
        if disc.style == "button":
            holes = np.minimum.reduce([np.hypot(dx - a, dy - b) for a in (-0.26, 0.26) for b in (-0.26, 0.26)])
            self.colour[where] *= (1 - 0.7 * np.clip((0.2 - holes) * 8, 0, 1))[..., None]


def _turned(x: Field, y: Field, degrees: float) -> tuple[Field, Field]:
    """Points in coordinates that are turned by an angle."""
    turn = np.float32(np.radians(degrees))
    return x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)


def _thickness(panel: Panel, fabric: Fabric, inward: Field) -> Field:
    """The height of a panel without folds, in centimetres; inward: the distance from its edge, in centimetres."""
    rise = 1 - np.clip(inward / panel.edge, 0, 1)
    height = (panel.lift * (0.5 + fabric.thickness)) * np.sqrt(np.clip(1 - rise**2, 0, 1))
    if panel.bulge:
        deepest = max(float(inward.max()), 0.1)
        height += panel.bulge * np.sqrt(np.clip(1 - (1 - np.clip(inward / deepest, 0, 1)) ** 2, 0, 1))
    return height
