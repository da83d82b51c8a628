"""A garment's picture: pieces laid one upon another as heights and colours, then lit. Nothing here knows of kinds.

Flat cloth is a height field: each panel rounds off at its edge, folds along its grain and where the cut pulls, and its
pattern moves with the slope of the folds. Slopes give normals; a window-like light from one side, light from all
round that reaches valleys less, and a sheen make the shading; the outline throws two soft shadows.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates

from cbir.wardrobe.colours import linear
from cbir.wardrobe.fabrics import FABRICS, Colour, mix, paint, weave
from cbir.wardrobe.garments import Cloth, Garment, plan_garment, shape_of
from cbir.wardrobe.noise import Field, Noise
from cbir.wardrobe.outlines import Outline
from cbir.wardrobe.pieces import Crease, Disc, Line, Panel, Piece
from cbir.wardrobe.scenes import GROUNDS

SIDE = 400
"""Width and height of a picture in pixels."""
OVERSAMPLING = 2
SCENES = ("white sweep", "white sweep", "white sweep", "wall", "wood", "wood", "concrete", "sheet", "sheet", "sheet", "linen", "carpet", "tiles")
JPEG_QUALITY = 85


def render_garment(number: int, *, seed: int = 0, scene: str = "") -> bytes:
    """The picture of garment `number` as a JPEG, SIDE pixels square.

    scene: one of the names in scenes.GROUNDS; drawn from the number if empty. The same number, seed and scene give
    the same picture; other versions of numpy, SciPy and Pillow may round a few pixels differently.
    """
    garment = plan_garment(number, seed=seed)
    random = np.random.default_rng([seed, 6, number])
    ground = scene or str(random.choice(SCENES))
    table = _Table(shape_of(garment, seed=seed), garment, ground, random, _noise(seed))
    image = table.photograph()
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return encoded.getvalue()


@lru_cache(maxsize=2)
def _noise(seed: int) -> Noise:
    return Noise(np.random.default_rng([seed, 7]))


@dataclass(frozen=True)
class _Light:
    """A window: where it stands, and how much of the light is its own."""

    direction: NDArray[np.float32]
    share: float


class _Table:
    """The table with the garment on it: colour, height, gloss and received light of every pixel."""

    def __init__(self, pieces: list[Piece], garment: Garment, scene: str, random: np.random.Generator, noise: Noise) -> None:
        self.garment, self.random, self.noise = garment, random, noise
        self.side = side = SIDE * OVERSAMPLING
        points = np.vstack([piece.outline for piece in pieces if isinstance(piece, Panel)])
        low, high = points.min(0), points.max(0)
        turn = np.radians(random.normal(0, 3.5))
        turned = np.array([(np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))])
        extent = (np.abs(turned) @ (high - low)).max()
        self.scale = side * random.uniform(0.86, 0.99) / extent
        self.matrix = turned * self.scale
        self.offset = side * (0.5 + random.normal(0, 0.01, 2)) - self.matrix @ ((low + high) / 2)
        bend = random.normal(0, 0.016 * extent, (4, 2)), random.uniform(0, 6.28, (4, 2)), random.normal(0, 1.2, (4, 2)) / extent * 4
        self.warp = bend
        rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
        inverse = np.linalg.inv(self.matrix).astype(np.float32)
        dx, dy = columns - np.float32(self.offset[0]), rows - np.float32(self.offset[1])
        self.x, self.y = inverse[0, 0] * dx + inverse[0, 1] * dy, inverse[1, 0] * dx + inverse[1, 1] * dy
        # The ground has a size of its own: a hat lies on the same floor as a coat.
        zoom = np.float32(95 / side * random.uniform(0.85, 1.2))
        spin = random.normal(0, 0.08)
        gx, gy = (columns - side / 2) * zoom, (rows - side / 2) * zoom
        gx, gy = gx * np.float32(np.cos(spin)) - gy * np.float32(np.sin(spin)), gx * np.float32(np.sin(spin)) + gy * np.float32(np.cos(spin))
        shift = random.uniform(0, 500, 2).astype(np.float32)
        floor = GROUNDS[scene](gx + shift[0], gy + shift[1], noise, random)
        # The camera is focused on the garment, a little above the ground.
        self.colour = gaussian_filter(floor.colour, (1.3, 1.3, 0))
        self.floor = floor.height / zoom / self.scale
        self.height = np.zeros((side, side), np.float32)
        self.gloss = np.zeros((side, side), np.float32)
        self.light = np.ones((side, side), np.float32)
        self.covered = np.zeros((side, side), np.float32)
        self.pixel = 1 / self.scale
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

    def _mask(self, outline: Outline) -> tuple[tuple[slice, slice], Field] | None:
        """The rows and columns that an outline touches, and how much of each pixel there it covers."""
        points = self.to_pixels(outline)
        margin = 3
        left, upper = np.maximum(np.floor(points.min(0)).astype(int) - margin, 0)
        right, lower = np.minimum(np.ceil(points.max(0)).astype(int) + margin, self.side)
        if right - left < 2 or lower - upper < 2:
            return None
        image = Image.new("L", (int(right - left), int(lower - upper)))
        ImageDraw.Draw(image).polygon([tuple(point) for point in points - (left, upper)], fill=255)
        mask = gaussian_filter(np.asarray(image, np.float32) / 255, 0.7)
        return (slice(int(upper), int(lower)), slice(int(left), int(right))), mask

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
        folds = self._folds(panel, fabric.stiffness, u, v, x, y, shift) * (0.35 + 0.65 * inner)
        shape = self._relief(panel.relief, u, v, x, y)
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
            mask = np.clip(gaussian_filter(mask, 0.5 + fabric.fuzz) + 0.18 * fabric.fuzz * ragged * (mask < 0.98) * (mask > 0.02), 0, 1)
        over = mask[..., None]
        self._shade_around(panel, cut)
        self.colour[where] = self.colour[where] * (1 - over) + colour * over
        self.height[where] = self.height[where] * (1 - mask) + (0.75 * below + height + surface.bump) * mask
        self.gloss[where] = self.gloss[where] * (1 - mask) + fabric.gloss * mask
        self.light[where] = self.light[where] * (1 - mask) + mask
        self.covered[where] = np.maximum(self.covered[where], mask)

    def _shade_around(self, panel: Panel, cut: tuple[tuple[slice, slice], Field]) -> None:
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
        self.light[wide] *= 1 - np.float32(0.62 * min(1.0, 0.5 + 0.5 * panel.lift)) * dusk * self.covered[wide] * (1 - full)

    def _folds(self, panel: Panel, stiffness: float, u: Field, v: Field, x: Field, y: Field, shift: float) -> Field:
        """The height of folds in centimetres: waves along the grain, wrinkles here and there, and the cut's creases."""
        amount = panel.folds
        if not amount:
            return np.zeros_like(u)
        at = self.noise.at
        u = u + 2.5 * at(u / 13, v / 15, shift=shift)
        place = np.clip(0.55 + 0.6 * at(u / 15, v / 18, shift=shift + 1), 0.08, 1.4)
        waves = (1.1 - 0.7 * stiffness) * 0.42 * at(u / 4.5, v / 17, shift=shift + 2)
        broad = 0.5 * at(u / 13, v / 22, shift=shift + 3)
        course = at(u / (8 - 3 * stiffness), v / 13, shift=shift + 4) + 0.35 * at(u / 3, v / 5, shift=shift + 5)
        wrinkles = (0.16 + 0.3 * stiffness) * np.exp(-((course / (0.26 - 0.1 * stiffness)) ** 2))
        small = stiffness * 0.06 * at(u / 1.6, v / 1.9, shift=shift + 6)
        folds = amount * (1.9 * place * (waves + wrinkles + small) + 1.7 * broad)
        for crease in panel.creases:
            folds += 1.5 * (0.55 + 0.45 * amount) * self._crease(crease, x, y)
        return folds.astype(np.float32)

    def _crease(self, crease: Crease, x: Field, y: Field) -> Field:
        """A ridge from one point to another that tapers to both ends and falls off more steeply on one side."""
        start, end = np.array(crease.start), np.array(crease.end)
        length = max(float(np.hypot(*(end - start))), 1e-3)
        along = (end - start) / length
        t = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / length
        far = (y - start[1]) * along[0] - (x - start[0]) * along[1] - crease.bend * 4 * t * (1 - t)
        width = np.where(far > 0, crease.width, 0.6 * crease.width)
        taper = np.clip(4.5 * t * (1.1 - t), 0, 1) * np.clip(8 * (t + 0.02), 0, 1)
        ridge = np.exp(-((far / width) ** 2))
        trough = 0.5 * np.exp(-(((far + 1.7 * crease.width) / (1.3 * crease.width)) ** 2))
        return (crease.height * taper * (ridge - trough)).astype(np.float32)

    def _relief(self, relief: str, u: Field, v: Field, x: Field, y: Field) -> Field:
        """Shapes that are sewn or knitted in: ribs, pleats, quilting."""
        if relief == "rib":
            return (0.09 * np.cos(2 * np.pi * u / max(0.75, 4 * self.pixel))).astype(np.float32)
        if relief == "pleats":
            middle = float(np.median(u))
            spread = 1 + 0.011 * (v - float(v.min()))
            place = ((u - middle) / spread / 3.4) % 1
            return (0.75 * np.where(place < 0.8, place / 0.8, (1 - place) / 0.2)).astype(np.float32)
        if relief == "quilt":
            baffle = (v + 0.5 * self.noise.at(u / 9, v / 9)) / 7 % 1
            pillow = np.sqrt(np.clip(1 - (2 * baffle - 1) ** 2, 0, 1))
            pucker = 0.22 * self.noise.at(u / 1.8, v / 5) * (1 - pillow) + 0.12 * self.noise.at(u / 3, v / 4)
            return (2.6 * pillow + 1.6 * pucker).astype(np.float32)
        return np.zeros_like(u)

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
            stamp = _stamp(self.garment.family)
            place_x, place_y = (x / 26 + 0.5) * stamp.shape[1], ((y - 30) / 26 + 0.5) * stamp.shape[0]
            ink = map_coordinates(stamp, np.stack([place_y, place_x]), order=1, mode="constant")
            crack = np.clip(0.93 + 0.1 * self.noise.at(x / 0.8, y / 0.8, shift=11), 0, 1)
            colour = mix(colour, colours[1], np.clip(ink, 0, 1) * crack)
            colour = mix(colour, colours[2], np.clip(ink - 1, 0, 1) * crack)
        return colour

    def _stroke(self, points: Outline, width: float) -> tuple[tuple[slice, slice], Field] | None:
        """The pixels of a line, width in centimetres."""
        line = self.to_pixels(points)
        pixels = max(width * self.scale, 1.2)
        margin = int(pixels) + 4
        left, upper = np.maximum(np.floor(line.min(0)).astype(int) - margin, 0)
        right, lower = np.minimum(np.ceil(line.max(0)).astype(int) + margin, self.side)
        if right - left < 2 or lower - upper < 2:
            return None
        image = Image.new("L", (int(right - left), int(lower - upper)))
        path = [tuple(point) for point in line - (left, upper)]
        ImageDraw.Draw(image).line(path, fill=255, width=max(1, round(pixels)), joint="curve")
        mask = gaussian_filter(np.asarray(image, np.float32) / 255, 0.6)
        return (slice(int(upper), int(lower)), slice(int(left), int(right))), mask

    def _sew(self, line: Line) -> None:
        """Seams, stitches, zips, cords, pressed creases."""
        if line.style in ("seam", "crease"):
            cut = self._stroke(line.points, 0.35)
            if cut is None:
                return
            where, mask = cut
            mask = mask * self.covered[where]
            puckers = 0.5 + 0.5 * np.abs(self.noise.at(self.x[where] / 1.1, self.y[where] / 1.1, shift=21))
            depth = -0.22 if line.style == "seam" else 0.25
            self.height[where] += depth * gaussian_filter(mask, 0.16 * self.scale + 0.5) * puckers
            if line.style == "seam":
                self.colour[where] *= (1 - 0.3 * mask)[..., None]
            return
        if line.style == "stitch":
            cut = self._stroke(line.points, 0.16)
            if cut is None:
                return
            where, mask = cut
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
            return
        cloth = self.garment.cloths[line.cloth]
        cut = self._stroke(line.points, line.width)
        if cut is None:
            return
        where, mask = cut
        colour = linear(cloth.colours[0])
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
        self.colour[where] = mix(self.colour[where], colour * 1.0, mask) * (1 - 0.12 * mask + 0.12 * mask * twist)[..., None]
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

    def photograph(self) -> Image.Image:
        """Light the table and take the picture."""
        random, side = self.random, self.side
        compass, up = np.radians(random.uniform(-150, -30)), np.radians(random.uniform(33, 54))
        sun = np.float32([np.cos(compass) * np.cos(up), np.sin(compass) * np.cos(up), np.sin(up)])
        share = np.float32(random.uniform(0.5, 0.68))
        height = self.height + self.floor * (1 - self.covered)
        smooth = gaussian_filter(height, 0.8)
        slope_y, slope_x = np.gradient(smooth, self.pixel)
        steep = np.hypot(slope_x, slope_y)
        tame = np.where(steep > 0, np.tanh(steep / 1.3) * 1.3 / np.maximum(steep, 1e-6), 1).astype(np.float32)
        slope_x, slope_y = slope_x * tame, slope_y * tame
        length = np.sqrt(slope_x**2 + slope_y**2 + 1)
        facing = np.clip((-slope_x * sun[0] - slope_y * sun[1] + sun[2]) / length, 0, None)
        valley = gaussian_filter(height, 1.1 * self.scale) - smooth
        open_sky = np.clip(1 - 0.28 * np.clip(valley, -0.25, 1.6), 0.45, 1.08)
        lit = (1 - share) * open_sky + share * facing / sun[2] * (1 - 0.75 * self._cast_shadow(smooth, sun))
        lit *= self.light * self._shadow(sun)
        half = sun + np.float32([0, 0, 1])
        half /= np.linalg.norm(half)
        shine = np.clip((-slope_x * half[0] - slope_y * half[1] + half[2]) / length, 0, 1)
        sheen = self.gloss * (0.55 * shine**28 + 0.16 * shine**6 - 0.1)
        # Cloth mirrors a little of the light whatever its colour: it shows the folds of black.
        sheen += 0.02 * self.covered * lit**2
        picture = self.colour * lit[..., None] + np.float32(0.55) * (sheen * self.light)[..., None]
        rows, columns = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j].astype(np.float32)
        falloff = 1 - random.uniform(0, 0.16) * ((columns * -sun[0] + rows * -sun[1]) * 0.7) - random.uniform(0, 0.09) * (rows**2 + columns**2)
        tint = 1 + random.normal(0, 0.025) * np.float32([1, 0, -1]) + random.normal(0, 0.012) * np.float32([-0.5, 1, -0.5])
        picture = np.clip(picture * falloff[..., None] * tint * random.uniform(0.9, 1.08), 0, None)
        picture = picture * (1 + 0.12 * picture) / (1 + 0.12 * picture**2)  # a soft shoulder
        encoded = np.clip(picture, 0, 1) ** np.float32(1 / 2.2)
        blocks = encoded.reshape(SIDE, OVERSAMPLING, SIDE, OVERSAMPLING, 3).mean((1, 3))
        blocks += random.normal(0, random.uniform(0.0015, 0.004), blocks.shape)
        return Image.fromarray((255 * np.clip(blocks, 0, 1) + 0.5).astype(np.uint8))

    def _cast_shadow(self, height: Field, sun: NDArray[np.float32]) -> Field:
        """Where something nearer to the light stands high enough to take it away, 0 to 1."""
        level = float(np.hypot(sun[0], sun[1]))
        blocked = np.zeros_like(height)
        for distance in (0.3, 0.55, 0.9, 1.4, 2.1, 3.0):
            move = distance * self.scale * sun[:2] / level
            between = np.roll(height, (-round(float(move[1])), -round(float(move[0]))), (0, 1))
            blocked = np.maximum(blocked, between - height - np.float32(distance * sun[2] / level))
        return gaussian_filter(np.clip(blocked / 0.3, 0, 1), 0.12 * self.scale + 0.6)

    def _shadow(self, sun: NDArray[np.float32]) -> Field:
        """Soft shadows of the outline on the ground: one close, one wide."""
        close, wide = 0.35 * self.side / 95, 1.9 * self.side / 95
        result = np.ones_like(self.covered)
        for reach, blur, depth in ((0.7, close, 0.42), (2.2, wide, 0.3)):
            move = -sun[:2] * reach * self.side / 95
            shadow = gaussian_filter(self.covered, blur)
            shadow = np.roll(shadow, (round(float(move[1])), round(float(move[0]))), (0, 1))
            result *= 1 - np.float32(depth) * shadow * (1 - self.covered)
        return result


@lru_cache(maxsize=8)
def _stamp(family: int) -> Field:
    """A print for a chest, 0 for cloth, 1 and 2 for its two inks; (256, 256)."""
    random = np.random.default_rng([8, family])
    image = Image.new("L", (256, 256))
    draw = ImageDraw.Draw(image)
    words = ["COAST", "NORTH", "RIVER", "STUDIO", "ORBIT", "WILD", "PARADE", "ATLAS", "SUNDAY", "VALLEY"]
    word = str(random.choice(words))
    font = ImageFont.load_default(int(min(64, 370 / len(word))))
    motif = int(random.integers(5))
    if motif == 0:
        draw.ellipse((58, 20, 198, 160), fill=254)
        for row in range(5):
            draw.rectangle((50, 96 + 14 * row, 206, 99 + 16 * row), fill=0)
    elif motif == 1:
        draw.polygon([(20, 165), (95, 40), (140, 110), (170, 75), (236, 165)], fill=127)
        draw.polygon([(95, 40), (75, 74), (95, 84), (112, 72)], fill=254)
    elif motif == 2:
        draw.rounded_rectangle((18, 40, 238, 170), 16, outline=127, width=9)
        draw.text((128, 105), str(random.integers(10, 99)), fill=254, font=ImageFont.load_default(96), anchor="mm")
    elif motif == 3:
        for petal in range(8):
            angle = petal * np.pi / 4
            x, y = 128 + 45 * np.cos(angle), 95 + 45 * np.sin(angle)
            draw.ellipse((x - 27, y - 27, x + 27, y + 27), fill=127)
        draw.ellipse((103, 70, 153, 120), fill=254)
    else:
        draw.text((128, 100), word, fill=254, font=ImageFont.load_default(int(min(84, 430 / len(word)))), anchor="mm")
    draw.text((128, 212), word, fill=127, font=font, anchor="mm")
    return np.asarray(image, np.float32) / 127


__all__ = ["SIDE", "Colour", "render_garment"]
