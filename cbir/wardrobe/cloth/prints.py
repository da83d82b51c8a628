"""What is printed on the front of T-shirts and hoodies: a motif and a word."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cbir.wardrobe.geometry.noise import Field


@lru_cache(maxsize=8)
def draw_print(family: int) -> Field:
    """The print of a family, (256, 256) float32: 0 is cloth, 1 and 2 are the two inks."""
    rng = np.random.default_rng([8, family])
    image = Image.new("L", (256, 256))
    draw = ImageDraw.Draw(image)
    words = ["COAST", "NORTH", "RIVER", "STUDIO", "ORBIT", "WILD", "PARADE", "ATLAS", "SUNDAY", "VALLEY"]
    word = str(rng.choice(words))
    font = ImageFont.load_default(int(min(64, 370 / len(word))))
    motif = int(rng.integers(5))
    if motif == 0:
        draw.ellipse((58, 20, 198, 160), fill=254)
        for row in range(5):
            draw.rectangle((50, 96 + 14 * row, 206, 99 + 16 * row), fill=0)
    elif motif == 1:
        draw.polygon([(20, 165), (95, 40), (140, 110), (170, 75), (236, 165)], fill=127)
        draw.polygon([(95, 40), (75, 74), (95, 84), (112, 72)], fill=254)
    elif motif == 2:
        draw.rounded_rectangle((18, 40, 238, 170), 16, outline=127, width=9)
        draw.text((128, 105), str(rng.integers(10, 99)), fill=254, font=ImageFont.load_default(96), anchor="mm")
    elif motif == 3:
        for petal in range(8):
            angle = petal * np.pi / 4
            x, y = 128 + 45 * np.cos(angle), 95 + 45 * np.sin(angle)
            draw.ellipse((x - 27, y - 27, x + 27, y + 27), fill=127)
        draw.ellipse((103, 70, 153, 120), fill=254)
    else:
        draw.text((128, 110), word, fill=127, font=font, anchor="mm")
        draw.line((44, 158, 212, 158), fill=127, width=7)
        return np.asarray(image, np.float32) / 127
    draw.text((128, 212), word, fill=127, font=font, anchor="mm")
    return np.asarray(image, np.float32) / 127
