"""A wardrobe of rendered garments: pictures that are nobody's photos, each known by its number and seed.

Each module knows only those before it:

    outlines, noise              curves in centimetres; smooth random fields
    pieces, fabrics              panels, lines and buttons; weaves and patterns
    torso, things, details       what many cuts share
    tops, bottoms, dresses, jackets, outwear, vests, shoes (with flats and trainers), hats (with caps), scarves, figure
    kinds, garments              what there is; what number N is
    folds, prints, scenes        how cloth lies; what is printed on it; what it lies on
    table, light, render         pieces laid on one another; lit and photographed; the picture of number N
    folder                       many pictures and their table
"""

from cbir.wardrobe.folder import EXAMPLES, write_wardrobe
from cbir.wardrobe.garments import COUNT, Garment, plan_garment
from cbir.wardrobe.kinds import KINDS
from cbir.wardrobe.render import render_garment

__all__ = ["COUNT", "EXAMPLES", "KINDS", "Garment", "plan_garment", "render_garment", "write_wardrobe"]
