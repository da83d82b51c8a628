"""An import points down: each module knows only those on lower floors."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "cbir"
FLOORS = [
    {"errors"},
    {"files", "images", "googlenet", "neighbours"},
    {"datasets", "weights", "catalogue"},
    {"features"},
    {"indexing", "search", "finetune"},
    {"ui", "cli"},
    {"__init__", "__main__"},
]
HEAVY = {
    "torch": {"googlenet", "weights", "features", "finetune"},
    "torchvision": {"googlenet", "weights"},
    "hnswlib": {"neighbours"},
    "gradio": {"ui"},
    "PIL": {"images", "features", "indexing", "search", "finetune"},
    "pi_heif": {"images"},
}


def imports(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(str(node.module))
    return found


def test_every_module_has_a_floor() -> None:
    assert {path.stem for path in PACKAGE.glob("*.py")} == set().union(*FLOORS)


@pytest.mark.parametrize("module", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_imports_point_down(module: Path) -> None:
    floor = next(number for number, names in enumerate(FLOORS) if module.stem in names)
    below = set().union(*FLOORS[:floor])
    for name in imports(module):
        top, _, inner = name.partition(".")
        if top == "cbir":
            assert inner in below, f"{module.stem} must not know {name}"
        elif top in HEAVY:
            assert module.stem in HEAVY[top], f"{module.stem} must not import {top}"
