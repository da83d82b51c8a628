"""A garment laid on a table: colour, height, gloss and received light of every pixel, one piece after another.

Flat cloth is a height field: each panel rounds off at its edge, folds along its grain and where the cut pulls, and its
pattern moves with the slope of the folds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates

from cbir.wardrobe.colours import linear
from cbir.wardrobe.fabrics import FABRICS, Colour, mix, paint, weave
from cbir.wardrobe.folds import emboss, fold
from cbir.wardrobe.garments import Cloth, Garment
from cbir.wardrobe.noise import Field, Noise, Random
from cbir.wardrobe.outlines import Outline
from cbir.wardrobe.pieces import Disc, Line, Panel, Piece
from cbir.wardrobe.prints import draw_print
from cbir.wardrobe.scenes import GROUNDS

Place = tuple[slice, slice]
"""Rows and columns of the table."""


class Cut(NamedTuple):
    """A part of the table, and how much of each of its pixels something covers."""

    where: Place
    mask: Field


class Table:
    """The table with the garment on it: colour, height, gloss and received light of every pixel."""

    def __init__(self, side: int, frame: Outline, scene: str, garment: Garment, random: Random, noise: Noise) -> None:
        """side: width and height in pixels. frame: points, in the garment's centimetres, that must be seen."""
        self.garment, self.side, self.noise = garment, side, noise
        low, high = frame.min(0), frame.max(0)
        turn = np.radians(random.normal(0, 3.5))
        turned = np.array([(np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))])
        extent = (np.abs(turned) @ (high - low)).max()
        self.scale = side * random.uniform(0.86, 0.99) / extent
        self.matrix = turned * self.scale
        self.offset = side * (0.5 + random.normal(0, 0.01, 2)) - self.matrix @ ((low + high) / 2)
        self.warp = (
            random.normal(0, 0.016 * extent, (4, 2)),
            random.uniform(0, 6.28, (4, 2)),
            random.normal(0, 1.2, (4, 2)) / extent * 4,
        )
        rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
        inverse = np.linalg.inv(self.matrix).astype(np.float32)
        dx, dy = columns - np.float32(self.offset[0]), rows - np.float32(self.offset[1])
        self.x, self.y = inverse[0, 0] * dx + inverse[0, 1] * dy, inverse[1, 0] * dx + inverse[1, 1] * dy
        # The ground has a size of its own: a hat lies on the same floor as a coat.
        zoom = np.float32(95 / side * random.uniform(0.85, 1.2))
        spin = random.normal(0, 0.08)
        gx, gy = (columns - side / 2) * zoom, (rows - side / 2) * zoom
        gx, gy = (
            gx * np.float32(np.cos(spin)) - gy * np.float32(np.sin(spin)),
            gx * np.float32(np.sin(spin)) + gy * np.float32(np.cos(spin)),
        )
        shift = random.uniform(0, 500, 2).astype(np.float32)
        floor = GROUNDS[scene](gx + shift[0], gy + shift[1], noise, random)
        # The camera is focused on the garment, a little above the ground.
        self.colour = gaussian_filter(floor.colour, (2.4, 2.4, 0))
        self.floor = gaussian_filter(floor.height, 1.5) / zoom / self.scale
        self.height = np.zeros((side, side), np.float32)
        self.gloss = np.zeros((side, side), np.float32)
        self.light = np.ones((side, side), np.float32)
        self.covered = np.zeros((side, side), np.float32)
        self.pixel = 1 / self.scale

    def lay(self, pieces: list[Piece]) -> None:
        """Put pieces on the table, the lowest first."""
        for number, piece in enumerate(pieces):
            if isinstance(piece, Panel):
                self._lay(piece, number)
            elif isinstance(piece, Line):
                self._sew(piece)
            else:
                self._button(piece)

    def to_pixels(self, points: Outline) -> NDArray[np.float64]:
        """Points of the garment as (column, row), after the slight bend that cloth takes when it is laid down."""
        size, phase, rate = self.warp
        bent = points.copy()
        for wave in range(4):
            along = rate[wave, 0] * points[:, 0] + rate[wave, 1] * points[:, 1]
            bent = bent + 0.5 * size[wave] * np.sin(along[:, None] + phase[wave])
        return bent @ self.matrix.T + self.offset

    def _mask(self, outline: Outline) -> Cut | None:
        """Where an outline is seen, and how much of each pixel it covers."""
        return self._draw(outline, 3, 0.7, lambda image, path: image.polygon(path, fill=255))

    def _stroke(self, points: Outline, width: float) -> Cut | None:
        """Where a line is seen; width in centimetres. Leaves room about it for what is blurred."""
        pixels = max(width * self.scale, 1.2)
        thick = max(1, round(pixels))
        margin = int(pixels + 1.1 * self.scale) + 4
        return self._draw(points, margin, 0.6, lambda image, path: image.line(path, 255, thick, joint="curve"))

    def _draw(self, points: Outline, margin: int, blur: float, draw: Callable[[Any, Any], object]) -> Cut | None:
        """What is drawn from points, with a margin in pixels about it; None if it lies outside the table."""
        placed = self.to_pixels(points)
        left, upper = np.maximum(np.floor(placed.min(0)).astype(int) - margin, 0)
        right, lower = np.minimum(np.ceil(placed.max(0)).astype(int) + margin, self.side)
        if right - left < 2 or lower - upper < 2:
            return None
        image = Image.new("L", (int(right - left), int(lower - upper)))
        draw(ImageDraw.Draw(image), [tuple(point) for point in placed - (left, upper)])
        mask = gaussian_filter(np.asarray(image, np.float32) / 255, blur)
        return Cut((slice(int(upper), int(lower)), slice(int(left), int(right))), mask)

    def _lay(self, panel: Panel, number: int) -> None:
        """Put a panel upon what lies there."""
        cut = self._mask(panel.outline)
        if cut is None:
            return
        where, mask = cut
        cloth = self.garment.cloths[panel.cloth]
        fabric = FABRICS[cloth.fabric]
        solid = mask > 0.5
        if not solid.any():
            return
        inward = distance_transform_edt(np.pad(solid, 1))[1:-1, 1:-1].astype(np.float32) * self.pixel
        x, y = self.x[where], self.y[where]
        turn = np.float32(np.radians(panel.grain))
        u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        shift = 1.7 * number + 0.37 * self.garment.number % 97
        rise = 1 - np.clip(inward / panel.edge, 0, 1)
        height = (panel.lift * (0.5 + fabric.thickness)) * np.sqrt(np.clip(1 - rise**2, 0, 1))
        if panel.bulge:
            deepest = max(float(inward.max()), 0.1)
            height += panel.bulge * np.sqrt(np.clip(1 - (1 - np.clip(inward / deepest, 0, 1)) ** 2, 0, 1))
        inner = np.clip(inward / 2.5, 0, 1)
        folds = fold(panel, fabric.stiffness, u, v, x, y, self.noise, shift=shift) * (0.35 + 0.65 * inner)
        shape = emboss(panel.relief, u, v, self.noise, pixel=self.pixel)
        below = gaussian_filter(self.height[where], 0.8 * self.scale)
        height = height + folds + shape
        # Cloth that climbs a fold comes towards the eye: its pattern is seen shorter there and moves along.
        slope_y, slope_x = np.gradient(gaussian_filter(folds, 1.5), self.pixel)
        x, y = x - 0.5 * slope_x, y - 0.5 * slope_y
        u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        surface = weave(cloth.fabric, u, v, self.noise, pixel=self.pixel, shift=shift)
        colour = self._dye(cloth, panel, u, v, x, y)
        tone = surface.tone
        if cloth.fabric == "denim":
            worn = self.noise.cloudy(x / 16, y / 22, octaves=2, shift=shift)
            crest = folds - gaussian_filter(folds, 0.5 * self.scale)
            tone = tone * (1 + 0.12 * worn) + np.clip(crest, -0.1, 0.15) * 1.6
        colour = np.clip(colour * np.clip(tone, 0.3, 2)[..., None] * panel.dark, 0, 1)
        if fabric.fuzz:
            ragged = self.noise.at(x / (2.5 * self.pixel), y / (2.5 * self.pixel), shift=shift)
            mask = np.clip(
                gaussian_filter(mask, 0.5 + fabric.fuzz) + 0.18 * fabric.fuzz * ragged * (mask < 0.98) * (mask > 0.02),
                0,
                1,
            )
        over = mask[..., None]
        self._shade_around(panel, cut)
        self.colour[where] = self.colour[where] * (1 - over) + colour * over
        self.height[where] = self.height[where] * (1 - mask) + (0.75 * below + height + surface.bump) * mask
        self.gloss[where] = self.gloss[where] * (1 - mask) + fabric.gloss * mask
        self.light[where] = self.light[where] * (1 - mask) + mask
        self.covered[where] = np.maximum(self.covered[where], mask)

    def _shade_around(self, panel: Panel, cut: Cut) -> None:
        """Darken what lies just outside a panel that is laid upon it."""
        where, mask = cut
        reach = 0.55 * max(panel.lift, 0.25) * self.scale
        pad = int(3 * reach) + 2
        rows, columns = where
        top, left = max(rows.start - pad, 0), max(columns.start - pad, 0)
        wide = (slice(top, min(rows.stop + pad, self.side)), slice(left, min(columns.stop + pad, self.side)))
        full = np.zeros((wide[0].stop - top, wide[1].stop - left), np.float32)
        full[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = mask
        dusk = gaussian_filter(full, reach)
        self.light[wide] *= 1 - np.float32(0.62 * min(1.0, 0.5 + 0.5 * panel.lift)) * dusk * self.covered[wide] * (
            1 - full
        )

    def _dye(self, cloth: Cloth, panel: Panel, u: Field, v: Field, x: Field, y: Field) -> Colour:
        """The colour of a cloth, with what is printed on a front or set off in blocks."""
        colours = np.stack([linear(name) for name in cloth.colours])
        shift = float(self.garment.family % 50)
        colour = paint(cloth.pattern, colours, u, v, self.noise, size=cloth.size, shift=shift, pixel=self.pixel)
        front = panel.cloth == "main" and panel.grain == 0
        if cloth.pattern == "colour block" and front:
            border = 24 + 3 * (self.garment.family % 7)
            edge = np.clip((y - border) / self.pixel + 0.5, 0, 1)
            colour = mix(colour, colours[1], edge)
            band = np.clip((y - border + 4) / self.pixel + 0.5, 0, 1) - edge
            colour = mix(colour, colours[2], band * (self.garment.family % 2))
        if cloth.pattern == "printed" and front:
            stamp = draw_print(self.garment.family)
            place_x, place_y = (x / 26 + 0.5) * stamp.shape[1], ((y - 30) / 26 + 0.5) * stamp.shape[0]
            ink = map_coordinates(stamp, np.stack([place_y, place_x]), order=1, mode="constant")
            crack = np.clip(0.93 + 0.1 * self.noise.at(x / 0.8, y / 0.8, shift=11), 0, 1)
            colour = mix(colour, colours[1], np.clip(ink, 0, 1) * crack)
            colour = mix(colour, colours[2], np.clip(ink - 1, 0, 1) * crack)
        return colour

    def _sew(self, line: Line) -> None:
        """Seams, stitches, zips, cords, pressed creases."""
        width = {"seam": 0.35, "crease": 0.35, "stitch": 0.16}.get(line.style, line.width)
        cut = self._stroke(line.points, width)
        if cut is None:
            return
        if line.style in ("seam", "crease"):
            self._pucker(*cut, pressed=line.style == "crease")
        elif line.style == "stitch":
            self._stitch(*cut)
        else:
            self._cord(*cut, line)

    def _pucker(self, where: Place, mask: Field, *, pressed: bool) -> None:
        """A seam draws the cloth together; a crease pressed in stands up."""
        mask = mask * self.covered[where]
        puckers = 0.5 + 0.5 * np.abs(self.noise.at(self.x[where] / 1.1, self.y[where] / 1.1, shift=21))
        depth = 0.25 if pressed else -0.22
        self.height[where] += depth * gaussian_filter(mask, 0.16 * self.scale + 0.5) * puckers
        if not pressed:
            self.colour[where] *= (1 - 0.3 * mask)[..., None]

    def _stitch(self, where: Place, mask: Field) -> None:
        """A dashed thread in a trough; on denim of another colour."""
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
        """A cord that lies on the cloth, or the teeth of a zip on its tape."""
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

    def _button(self, disc: Disc) -> None:
        """A button with a rim and four holes, a snap, an eyelet."""
        radius = disc.diameter / 2
        angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        cut = self._mask(np.array(disc.centre) + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1))
        if cut is None:
            return
        where, mask = cut
        centre = self.to_pixels(np.array([disc.centre]))[0]
        rows, columns = np.mgrid[where].astype(np.float32)
        dx, dy = (columns - centre[0]) * self.pixel / radius, (rows - centre[1]) * self.pixel / radius
        far = np.hypot(dx, dy)
        colour = linear(self.garment.cloths[disc.cloth].colours[0])
        self._shade_around(Panel(np.zeros((1, 2)), lift=0.8), cut)
        self.colour[where] = mix(self.colour[where], colour, mask)
        dome = 0.35 - 0.25 * far**2 if disc.style == "snap" else 0.25 + 0.12 * (far > 0.72)
        self.height[where] += np.float32(dome) * mask
        self.gloss[where] = np.maximum(self.gloss[where], (0.6 if disc.style == "snap" else 0.25) * mask)
        if disc.style == "button":
            holes = np.minimum.reduce([np.hypot(dx - a, dy - b) for a in (-0.26, 0.26) for b in (-0.26, 0.26)])
            self.colour[where] *= (1 - 0.7 * np.clip((0.2 - holes) * 8, 0, 1))[..., None]
