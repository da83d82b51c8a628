"""Numbers as arguments."""

from __future__ import annotations

import argparse


def positive(text: str) -> int:
    """A whole number of 1 or more; argparse tells what is wrong with another."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def distance(text: str) -> float:
    """A Euclidean distance of features, 0 to 2; argparse tells what is wrong with another."""
    value = float(text)
    if not 0 <= value <= 2:
        raise argparse.ArgumentTypeError("must be 0 to 2")
    return value


def share(text: str) -> float:
    """A share, 0 to 1; argparse tells what is wrong with another."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("must be 0 to 1")
    return value
