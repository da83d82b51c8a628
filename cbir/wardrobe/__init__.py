"""The wardrobe: pictures of garments that are rendered from numbers, so that no photos had to be taken.

This module is the door. Outside this package, only the command that renders (`python -m cbir wardrobe`) and the tests
import it. Training reads the rendered pictures from a folder, like any other photos. SciPy is needed only here.

The rooms, each of which imports only from itself and from those above it:

    geometry    outlines, random fields and the pieces of a garment, in centimetres
    cloth       fabrics, colours, patterns, prints and folds; the record of a garment and its cloths
    cuts        the cuts of all garments; imports geometry only
    scene       the table, the ground, the figure, the light and the camera; imports geometry and cloth

At the top, five modules tie the rooms together:

    styles      what a kind of garment is
    kinds       the kinds of garment, with their cuts, fabrics, patterns and colours
    garments    which garment a number stands for, and its pieces
    render      the picture of one number
    folder      many pictures in a folder, with a table that describes them
"""

from cbir.wardrobe.cloth.garment import Garment
from cbir.wardrobe.folder import EXAMPLES, write_figures, write_wardrobe
from cbir.wardrobe.garments import COUNT, SAMPLE, plan_garment
from cbir.wardrobe.kinds import KINDS
from cbir.wardrobe.render import render_garment

__all__ = [
    "COUNT",
    "EXAMPLES",
    "KINDS",
    "SAMPLE",
    "Garment",
    "plan_garment",
    "render_garment",
    "write_figures",
    "write_wardrobe",
]
