"""A garment as a record: what it is, and the cloths that it is cut from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cloth:
    """What a panel is cut from."""

    fabric: str
    colours: tuple[str, ...]
    """Three names or #rrggbb, the ground first."""
    pattern: str = "solid"
    size: float = 4.0
    """Of one repeat of the pattern, in centimetres."""


@dataclass(frozen=True)
class Garment:
    """One garment of the wardrobe."""

    number: int
    kind: str
    style: str
    cloths: dict[str, Cloth]
    """By the names that the pieces of a cut use: main, trim, lining, ..."""
    family: int
    """The number of its family: garments of one cut, fabric and pattern."""

    @property
    def fabric(self) -> str:
        """The fabric of its main cloth."""
        return self.cloths["main"].fabric

    @property
    def pattern(self) -> str:
        """The pattern of its main cloth."""
        return self.cloths["main"].pattern

    @property
    def colours(self) -> tuple[str, ...]:
        """The colours that can be seen on its main cloth, the ground first."""
        main = self.cloths["main"]
        count = {"solid": 1, "printed": 2, "floral": 3, "plaid": 3, "multi-striped": 3, "camouflage": 3}.get(
            main.pattern, 2
        )
        return tuple(dict.fromkeys(main.colours[:count]))

    @property
    def description(self) -> str:
        """Colours, pattern, fabric and cut in a few words."""
        colours = list(self.colours)
        named = colours[0] if len(colours) == 1 else ", ".join(colours[:-1]) + " and " + colours[-1]
        pattern = "" if self.pattern == "solid" else f"{self.pattern} "
        return f"{named} {pattern}{self.fabric}, {self.style}"
