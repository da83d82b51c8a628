"""An import points down: each module knows only those on lower floors."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "cbir"
FLOORS = [
    {"errors"},
    {"files", "rows", "process", "images", "googlenet", "metrics", "objective"},
    {"products"},
    {"sketches"},
    {"graph"},
    {"neighbours"},
    {"datasets", "weights", "inference", "catalogue", "wardrobe"},
    {"features", "download", "street"},
    {"indexing", "search", "evidence", "augment", "retrieval"},
    {"worn", "sampling", "live"},
    {"training"},
    {"finetune", "evaluate", "report"},
    {"arrival", "bars", "uploads"},
    {"ui", "cli"},
    {"__init__", "__main__"},
]
WARDROBE = [
    {"outlines", "noise"},
    {"pieces", "fabrics"},
    {"colours", "torso", "things", "folds", "prints"},
    {"details", "flats", "caps", "scarves", "figure", "scenes"},
    {"tops", "bottoms", "dresses", "trainers", "hats", "outwear", "vests"},
    {"jackets", "shoes"},
    {"kinds"},
    {"garments"},
    {"table"},
    {"light"},
    {"render"},
    {"folder"},
    {"__init__"},
]
"""The floors of the package cbir.wardrobe."""
HEAVY = {
    "torch": {
        "products",
        "googlenet",
        "inference",
        "weights",
        "features",
        "objective",
        "training",
        "finetune",
        "evaluate",
    },
    "torchvision": {"weights"},
    "hnswlib": {"graph"},
    "gradio": {"ui", "uploads"},
    "PIL": {
        "images",
        "features",
        "street",
        "indexing",
        "search",
        "evidence",
        "augment",
        "retrieval",
        "worn",
        "wardrobe",
    },
    "pillow_heif": {"images"},
    "scipy": {"wardrobe"},
}


def imports(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            # "from package import module" names modules; "from module import name" names one.
            found |= names if node.module == "cbir.wardrobe" else {str(node.module)}
    return found


def floor_of(module: Path) -> tuple[str, list[set[str]]]:
    """The room of cbir that a module is in, and the floors below it."""
    room = module.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return room, FLOORS[: next(number for number, names in enumerate(FLOORS) if room in names)]


def test_every_module_has_a_floor() -> None:
    rooms = {path.stem for path in PACKAGE.glob("*.py")} | {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert rooms == set().union(*FLOORS)
    assert {path.stem for path in (PACKAGE / "wardrobe").glob("*.py")} == set().union(*WARDROBE)


@pytest.mark.parametrize("module", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(module: Path) -> None:
    room, floors = floor_of(module)
    below = set().union(*floors)
    for name in imports(module):
        top, _, inner = name.partition(".")
        if top == "cbir" and not (room == "wardrobe" and inner.startswith("wardrobe")):
            assert inner.partition(".")[0] in below, f"{module} must not know {name}"
        elif top in HEAVY:
            assert room in HEAVY[top], f"{module} must not import {top}"


@pytest.mark.parametrize("module", sorted((PACKAGE / "wardrobe").glob("*.py")), ids=lambda path: path.stem)
def test_imports_point_down_in_the_wardrobe(module: Path) -> None:
    floor = next(number for number, names in enumerate(WARDROBE) if module.stem in names)
    below = set().union(*WARDROBE[:floor])
    for name in imports(module):
        if name.startswith("cbir.wardrobe."):
            assert name.split(".")[2] in below, f"{module.stem} must not know {name}"
