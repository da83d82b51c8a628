"""Damaged photos of every format are answered or refused, and never the end of a process, nor of a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from cbir.photos.vet import Vetter
from tests.fuzzing import KINDS, MEMORY, SECONDS, damaged, fuzz
from tests.fuzzing_page import fuzz_page
from tests.support.serving import served


@pytest.mark.parametrize("cases", [650, pytest.param(6_500, marks=pytest.mark.slow)])
def test_damaged_photos_are_answered_or_refused(cases: int) -> None:
    vetter = Vetter(seconds=10 * SECONDS, memory=MEMORY)  # a busy machine may be slow
    found = fuzz(cases, seed=cases, vetter=vetter)
    vetter.close()
    assert found.keys() == KINDS.keys() and sum(one.answered + one.refused for one in found.values()) == cases
    assert all(one.refused for one in found.values()), "the damage is seen"
    assert sum(one.answered for one in found.values()) > cases / 20, "and some is none"


@pytest.mark.slow
def test_a_page_answers_or_refuses_them(catalogue: Path, tmp_path: Path) -> None:
    cases = 400
    with served(catalogue, TMPDIR=str(tmp_path)) as page:
        found = fuzz_page(damaged(cases, seed=cases), page, seconds=10 * SECONDS)  # a busy machine may be slow
    assert found.unhandled == [] and found.answered + found.refused == cases
    assert found.answered > cases / 20 and found.refused > cases / 20
    assert found.memory < 4 * 2**30
