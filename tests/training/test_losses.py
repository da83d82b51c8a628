"""What training aims at: against loops in float64 and cases worked by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from cbir.training.losses import (
    HALF_LIFE,
    SAME_COLOUR,
    SAME_PATTERN,
    TEMPERATURE,
    GarmentRelevance,
    Memory,
    OutfitRelevance,
    off_garment,
)

CPU = torch.device("cpu")


@pytest.mark.parametrize("own", [0.0, 0.3, 1.0])
def test_comparison_agrees_with_a_loop(own: float) -> None:
    """Twelve rows of which nine were seen; the third photo was not, and the last wants nothing that was."""
    memory = Memory(12, 5, CPU)
    seen = [0, 1, 2, 4, 5, 7, 8, 10, 11]
    memory.update(draw_features(9, 5, seed=1), torch.tensor(seen))
    features, numbers = draw_features(5, 5, seed=2), torch.tensor([4, 0, 3, 11, 6])
    relevance = torch.rand(5, 12, generator=torch.Generator().manual_seed(3)).round(decimals=2)
    relevance[:, 7] = 0
    relevance[4, seen] = 0
    expected = loop(features, memory.features, numbers.tolist(), relevance, seen, own)
    assert expected > 0.1
    assert memory.compare(features, numbers, relevance, self_weight=own).item() == pytest.approx(expected, rel=1e-4)


def test_the_search_that_is_wanted_costs_nothing() -> None:
    """Wanted weights that are the softmax of similarities, up to a factor."""
    memory = remember(draw_features(6, 4, seed=1))
    features = draw_features(2, 4, seed=2)
    relevance = 7 * (features.double() @ memory.features.double().T / TEMPERATURE).exp().float()
    loss = memory.compare(features, torch.tensor([0, 1]), relevance)
    assert loss.item() == pytest.approx(0, abs=1e-5)
    assert memory.compare(features, torch.tensor([0, 1]), relevance.flip(1)).item() > 0.1


def test_a_share_goes_to_the_photo_itself() -> None:
    """Two rows equally far are found with 1/2 each; wanted are 0.3 and 0.7, whatever relevance says of itself."""
    memory = remember(torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
    feature = functional.normalize(torch.ones(1, 2))
    expected = 0.3 * math.log(0.3 / 0.5) + 0.7 * math.log(0.7 / 0.5)
    for itself in (0.0, 9.0):
        loss = memory.compare(feature, torch.tensor([0]), torch.tensor([[itself, 2.0]]), self_weight=0.3)
        assert loss.item() == pytest.approx(expected, rel=1e-4)


def test_the_share_is_split_with_photos_of_the_very_garment() -> None:
    """Three rows equally far are found with 1/3 each; wanted are 0.15 for the photo and for its twin, and 0.7."""
    memory = remember(torch.eye(3))
    feature = functional.normalize(torch.ones(1, 3))
    twin = torch.tensor([[False, True, False]])
    loss = memory.compare(
        feature, torch.tensor([0]), torch.tensor([[9.0, 5.0, 2.0]]), self_weight=0.3, same=twin
    ).item()
    assert loss == pytest.approx(2 * 0.15 * math.log(0.15 * 3) + 0.7 * math.log(0.7 * 3), rel=1e-4)
    unseen = Memory(3, 3, CPU)
    unseen.update(torch.eye(3)[[0, 2]], torch.tensor([0, 2]))
    loss = unseen.compare(feature, torch.tensor([0]), torch.ones(1, 3), self_weight=0.3, same=twin).item()
    assert loss == pytest.approx(0.3 * math.log(0.3 * 2) + 0.7 * math.log(0.7 * 2), rel=1e-4), "a twin not yet seen"


def test_without_a_share_the_photo_itself_is_left_out() -> None:
    """Whatever is remembered of it, and whatever relevance says."""
    rows, relevance = draw_features(5, 4, seed=1), torch.tensor([[1.0, 2.0, 0.0, 3.0, 1.0]])
    feature, number = draw_features(1, 4, seed=2), torch.tensor([3])
    loss = remember(rows).compare(feature, number, relevance).item()
    other, unlike = rows.clone(), relevance.clone()
    other[3], unlike[0, 3] = feature[0], 100.0
    assert remember(other).compare(feature, number, unlike).item() == pytest.approx(loss, rel=1e-5)
    assert remember(other).compare(feature, number, relevance, self_weight=0.3).item() != pytest.approx(loss, rel=1e-2)


@pytest.mark.parametrize("own", [0.0, 0.3])
def test_a_memory_that_has_seen_nothing_teaches_nothing(own: float) -> None:
    features = draw_features(3, 4, seed=1).requires_grad_()
    loss = Memory(6, 4, CPU).compare(features, torch.tensor([0, 1, 5]), torch.ones(3, 6), self_weight=own)
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == 0
    assert features.grad is not None and not features.grad.any()


def test_learning_pulls_towards_relevant_rows() -> None:
    memory = remember(functional.normalize(torch.tensor([[1.0, 0.2, 0.0], [0.2, 1.0, 0.0], [0.0, 0.0, 1.0]])))
    feature = functional.normalize(torch.tensor([[1.0, 1.0, 0.5]])).requires_grad_()
    number, relevance = torch.tensor([2]), torch.tensor([[4.0, 0.0, 0.0]])
    loss = memory.compare(feature, number, relevance)
    loss.backward()  # type: ignore[no-untyped-call]
    assert feature.grad is not None
    moved = functional.normalize(feature.detach() - 0.01 * feature.grad)
    before, after = (feature.detach() @ memory.features.T)[0], (moved @ memory.features.T)[0]
    assert after[0] > before[0] + 1e-3 and after[1] < before[1] - 1e-3
    assert memory.compare(moved, number, relevance) < loss
    assert not memory.features.requires_grad


def test_a_memory_keeps_unit_length_and_blends() -> None:
    memory = Memory(3, 2, CPU)
    assert not memory.features.any()
    memory.update(torch.tensor([[1.0, 0.0]]).requires_grad_(), torch.tensor([2]))
    assert memory.features.tolist() == [[0, 0], [0, 0], [1, 0]], "what is first seen is remembered as it is"
    memory.update(torch.tensor([[0.6, 0.8], [0.0, 1.0]]), torch.tensor([2, 0]))
    blend = (HALF_LIFE + (1 - HALF_LIFE) * 0.6, (1 - HALF_LIFE) * 0.8)
    length = math.hypot(*blend)
    expected = torch.tensor([[0.0, 1.0], [0.0, 0.0], [blend[0] / length, blend[1] / length]])
    torch.testing.assert_close(memory.features, expected)
    assert not memory.features.requires_grad, "what is remembered is not learnt"


def test_garments_by_hand() -> None:
    """Kind first, then colour and pattern; what is not known is like nothing, not even itself."""
    relevance = GarmentRelevance(
        ["Hat", "Hat", "Hat", "Hat", "Coat", None, None],
        ["red", "red", "blue", None, "red", "red", "red"],
        ["plain", "dotted", "plain", None, "plain", "plain", "plain"],
    )
    both, colour, pattern = SAME_COLOUR * SAME_PATTERN, SAME_COLOUR, SAME_PATTERN
    assert both > colour > 1 and both > pattern > 1
    wanted = relevance.of(torch.tensor([0, 3, 4, 5]))
    assert wanted.dtype == torch.float32
    assert wanted.tolist() == [
        [both, colour, pattern, 1, 0, 0, 0],
        [1, 1, 1, 1, 0, 0, 0],
        [0, 0, 0, 0, both, 0, 0],
        [0, 0, 0, 0, 0, 0, 0],
    ]


def test_outfits_by_hand() -> None:
    """Of four photos all wear shoes, two a hat, one a cape and none a tie: only rare things tell."""
    shoes, hat, cape = (1, 0, 0, 0), (1, 1, 0, 0), (1, 1, 1, 0)
    relevance = OutfitRelevance(torch.tensor([shoes, hat, cape, shoes]).bool())
    two, four = math.log(2) ** 2, math.log(4) ** 2
    wanted = [[0, 0, 0, 0], [0, two**2, two**2, 0], [0, two**2, (two + four) ** 2, 0]]
    torch.testing.assert_close(relevance.of(torch.tensor([0, 1, 2])), torch.tensor(wanted))


def test_what_is_rare_counts_more_in_outfits() -> None:
    """Two of eight wear a cape, six a hat."""
    tags = torch.zeros(8, 2, dtype=torch.bool)
    tags[0] = tags[1, 0] = True
    tags[2:7, 1] = True
    wanted = OutfitRelevance(tags).of(torch.tensor([0]))[0]
    assert wanted[0] > wanted[1] > wanted[2] > wanted[7] == 0
    assert wanted[1].item() == pytest.approx(math.log(8 / 2) ** 4, rel=1e-5)
    assert wanted[2].item() == pytest.approx(math.log(8 / 6) ** 4, rel=1e-5)


def test_activation_off_garments_by_hand() -> None:
    """A cell wholly on the garment, one half on it, two off it: (4 + 3 / 2) of 10 in the first photo."""
    cells = torch.tensor([[[[1.0, 2.0], [1.0, 1.0]], [[3.0, 1.0], [0.0, 1.0]]]])
    mask = torch.zeros(1, 4, 4)
    mask[0, :2, :2] = mask[0, :2, 2] = 1
    assert off_garment(cells, mask).item() == pytest.approx(-math.log(5.5 / 10))
    everywhere = off_garment(cells.repeat(2, 1, 1, 1), torch.cat([mask, torch.ones(1, 4, 4)]))
    assert everywhere.item() == pytest.approx(-math.log(5.5 / 10) / 2), "the mean of it and nothing"
    assert off_garment(7 * cells, mask).item() == pytest.approx(-math.log(5.5 / 10)), "a share has no unit"


def test_no_activation_on_garments_costs_much_but_not_all() -> None:
    worst = -math.log(0.02)
    for cells in (torch.ones(1, 3, 2, 2), torch.zeros(1, 3, 2, 2)):
        assert off_garment(cells, torch.zeros(1, 6, 6)).item() == pytest.approx(worst)


def test_learning_moves_activation_onto_garments() -> None:
    cells, mask = torch.ones(1, 1, 2, 2, requires_grad=True), torch.zeros(1, 2, 2)
    mask[0, 0, 0] = 1
    off_garment(cells, mask).backward()  # type: ignore[no-untyped-call]
    assert cells.grad is not None
    assert cells.grad[0, 0, 0, 0] < 0 and (cells.grad.flatten()[1:] > 0).all()


def draw_features(count: int, dimension: int, *, seed: int) -> Tensor:
    """As a network gives them: not negative, unit length."""
    return functional.normalize(torch.rand(count, dimension, generator=torch.Generator().manual_seed(seed)))


def remember(rows: Tensor) -> Memory:
    memory = Memory(len(rows), rows.shape[1], CPU)
    memory.update(rows, torch.arange(len(rows)))
    return memory


def loop(
    features: Tensor, remembered: Tensor, numbers: list[int], relevance: Tensor, seen: list[int], own: float
) -> float:
    """Divergence of the wanted distribution from the one searched, a row at a time, over all photos of the step."""
    total = 0.0
    for feature, number, weights in zip(features.tolist(), numbers, relevance.tolist()):
        rows = [row for row in seen if own or row != number]
        likeness = {row: sum(a * b for a, b in zip(feature, remembered[row].tolist())) for row in rows}
        powers = {row: math.exp(likeness[row] / TEMPERATURE) for row in rows}
        others = sum(weights[row] for row in rows if row != number)
        wanted = {row: (1 - own) * weights[row] / others if others and row != number else 0.0 for row in rows}
        if own and number in seen:
            wanted[number] = own
        if not sum(wanted.values()):
            continue
        for row in rows:
            share = wanted[row] / sum(wanted.values())
            if share:
                total += share * math.log(share * sum(powers.values()) / powers[row])
    return total / len(numbers)
