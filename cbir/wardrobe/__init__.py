"""A wardrobe of rendered garments: pictures that are nobody's photos, each known by its number and seed.

outlines -> pieces -> tops, bottoms, things -> garments -> render -> folder
                      noise -> fabrics, scenes ----------^
"""

from cbir.wardrobe.folder import write_wardrobe
from cbir.wardrobe.garments import COUNT, Garment, plan_garment
from cbir.wardrobe.render import render_garment

__all__ = ["COUNT", "Garment", "plan_garment", "render_garment", "write_wardrobe"]
