"""The tests can fail: each line of the proof is broken in turn, and one of three checks notices.

answers: an exhaustive scan, over vectors whose bounds are tight, their copies, far queries, k up to 20, and over some
    of the vectors.
rounding: projections and norms against exact fractions.
check: an index that is not quite right is refused.

The checks hold for the modules as they are, and for none of the changes of mutations.py.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cbir.nearest.api import Neighbours
from cbir.nearest.hnsw import GraphSettings
from tests.nearest.mutations import ANSWERS, CHECK, ROUNDING, Change
from tests.support.exact_arithmetic import relative_error
from tests.support.neighbours import scan, tight_case

MODULES = ("project", "quantise", "bounds", "hnsw", "measure", "exact")
"""From the lowest on, so that each imports those that are broken."""
FEW = GraphSettings(M=4, ef_construction=10, ef=10)


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[[Change | None], Any]:
    """Imports the modules anew, one of them changed, and gives them by their names."""

    def load(mutation: Change | None) -> Any:
        loaded: dict[str, ModuleType] = {}
        for name in MODULES:
            spec = find_spec(f"cbir.nearest.{name}")
            assert spec and spec.origin
            source = Path(spec.origin).read_text(encoding="utf-8")
            if mutation and mutation[0] == name:
                _, old, new = mutation
                assert source.count(old) == 1, f"not once in {name}.py, so bring mutations.py up to date: {old}"
                source = source.replace(old, new)
            loaded[name] = module = ModuleType(spec.name)
            monkeypatch.setitem(sys.modules, spec.name, module)
            exec(compile(source, spec.origin, "exec"), module.__dict__)
        return SimpleNamespace(**loaded)

    return load


def answers(nearest: Any) -> bool:
    """Whether all answers are those of a scan, by codes and, for few vectors, without; among all, some, and most."""
    case = tight_case()
    (codes,) = nearest.quantise.quantise_vectors(case.vectors, case.pca, (64,))
    graph = nearest.hnsw.Graph.empty(len(case.vectors), FEW)
    graph.add(nearest.project.project(case.vectors, case.pca), slice(0, len(case.vectors)))
    index = nearest.exact.ExactIndex(case.vectors, graph, codes, codes, case.pca)
    small = nearest.exact.ExactIndex.build(case.vectors[:5])
    few = is_answer(small.search(case.vectors[4], 2), *scan(case.vectors[:5], case.vectors[4], 2))
    nearest.exact.SCAN_BELOW = nearest.exact.SCAN_ROWS_BELOW = 0
    some, most = (np.flatnonzero(np.random.default_rng(0).random(len(case.vectors)) < share) for share in (0.3, 0.8))
    return (
        few
        and reaches(index)
        and all(
            is_answer(found, chosen[order], distances)
            for k, rows in ((1, None), (2, None), (20, None), (2, some), (20, some), (3, most))
            for chosen in [np.arange(len(case.vectors)) if rows is None else rows]
            for query, found in zip(case.queries, index.search_many(case.queries, k, rows=rows))
            for order, distances in [scan(case.vectors[chosen], query, k)]
        )
    )


def reaches(index: Any) -> bool:
    """Whether all vectors as near as the first or the 20th are found, among all rows and among the later ones."""
    case, right = tight_case(), True
    for query in case.queries:
        for start in (0, 7):
            order, distances = scan(case.vectors[start:], query, len(case.vectors))
            for radius in distances[[0, 19]].tolist():
                found = index.within(np.stack([case.queries[0], query]), radius, start=start)[1]
                right &= np.array_equal(found.indices, start + order[distances <= radius])
    return right


def is_answer(found: Neighbours, rows: Any, distances: Any) -> bool:
    return found.exact and np.array_equal(found.indices, rows) and np.allclose(found.distances, distances, rtol=1e-12)


def rounding(nearest: Any) -> bool:
    """Whether projections are off by no more than what is allowed, and no vector is longer than the longest."""
    rng = np.random.default_rng(0)
    right = True
    for dimension, kept in ((2, 2), (40, 5), (50, 50)):
        vectors = rng.standard_normal((10, dimension)).astype(np.float32)
        pca = nearest.project.fit_pca(vectors, kept)
        projected = nearest.project.project(vectors, pca)
        allowed = nearest.project.relative_rounding(dimension, projected.shape[1])
        right &= all(relative_error(*both, pca) <= allowed for both in zip(vectors, projected))
    # One vector off the grid of codes, another far out on an axis that is left out, in codes that are else 0.
    Quantiser, Quantised = nearest.quantise.Quantiser, nearest.quantise.QuantisedVectors
    for offset, error, half, norm in (
        (0.0, 2.0, 0, 2.0),
        (100.0, 0.0, 0, 100.0),
        (0.0, 0.0, 12, 5.0),
        (0.0, 0.0, 1, 3**0.5),
    ):
        codes, halves = np.zeros((1, 64), np.int8), np.array([half], np.int32)
        right &= Quantised(Quantiser(64, offset, 1.0), codes, halves, error).max_norm >= norm
    return right


def check(nearest: Any) -> bool:
    """Whether an index passes its check as it is, and fails it when anything the proof rests on is changed a little."""
    vectors = tight_case().vectors[:50]
    index = nearest.exact.ExactIndex.build(vectors)
    graph, fine, coarse, pca = index._graph, index._fine, index._coarse, index._pca
    twice = nearest.hnsw.Graph.empty(50, FEW)
    twice.add(nearest.project.project(vectors[:49], pca), slice(0, 49))

    def passes(*parts: Any) -> bool:
        try:
            nearest.exact.ExactIndex(vectors, *parts).check()
        except ValueError:
            return False
        return True

    def damage(codes: Any) -> list[Any]:
        halves, numbers = codes.half_squared_norms.copy(), codes.codes.copy()
        halves[7] -= 1
        numbers[7, 3] += 1 if numbers[7, 3] < 0 else -1
        quantiser = codes.quantiser._replace(offset=codes.quantiser.offset + 0.1 * codes.error)
        scaled = codes.quantiser._replace(scale=codes.quantiser.scale * 1.001)
        return [
            codes._replace(error=0.999 * codes.error),
            codes._replace(half_squared_norms=halves),
            codes._replace(codes=numbers),
            codes._replace(quantiser=quantiser),
            codes._replace(quantiser=scaled),
        ]

    axes = pca.axes.copy()
    axes[:, 5] *= 1 + 1e-8
    wrong = [
        (twice, fine, coarse, pca),
        (graph, fine, coarse, pca._replace(axes=axes)),
        (graph, fine, coarse, pca._replace(origin=pca.origin + 0.1 * fine.error)),
        *((graph, each, coarse, pca) for each in damage(fine)),
        *((graph, fine, each, pca) for each in damage(coarse)),
    ]
    return passes(graph, fine, coarse, pca) and not any(passes(*parts) for parts in wrong)


@pytest.mark.parametrize("holds", [answers, rounding, check])
def test_nothing_is_wrong_as_it_is(holds: Callable[[Any], bool], load: Callable[[Change | None], Any]) -> None:
    assert holds(load(None))


@pytest.mark.parametrize(
    ("holds", "mutation"),
    [
        pytest.param(holds, mutation, id=f"{holds.__name__}: {what}")
        for holds, table in ((answers, ANSWERS), (rounding, ROUNDING), (check, CHECK))
        for what, mutation in table.items()
    ],
)
def test_what_is_broken_is_noticed(
    holds: Callable[[Any], bool], mutation: Change, load: Callable[[Change | None], Any]
) -> None:
    nearest = load(mutation)
    try:
        noticed = not holds(nearest)
    except (ValueError, IndexError):
        noticed = True
    assert noticed
