"""The wardrobes of all visitors: who has a token finds one, nobody else, and only as long as it is used."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from cbir.system.files import make_lock
from cbir.web.wardrobes.store import LOCK, PREFIX, SECONDS, KeptWardrobe, Wardrobes
from cbir.web.wardrobes.wardrobe import Wardrobe
from tests.support.obstacles import within
from tests.support.wardrobes import Hands, draw, files_below

HOUR = 3600.0
KILLED = """
import os, sys, tempfile
from pathlib import Path
from cbir.web.wardrobes.intake import Brought
from cbir.web.wardrobes.store import Wardrobes
tempfile.tempdir = sys.argv[1]
wardrobes = Wardrobes()
wardrobes.use(wardrobes.begin()).bring([Brought("a.jpg", Path(sys.argv[2]))])
os._exit(9)
"""


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def wardrobes(clock: Hands) -> Wardrobes:
    return Wardrobes(seconds=HOUR, most=3, most_bytes=1000, clock=clock)


def used(wardrobes: Wardrobes, token: str) -> Wardrobe:
    wardrobe = wardrobes.use(token)
    assert wardrobe is not None
    return wardrobe


def test_tokens_cannot_be_guessed() -> None:
    wardrobes = Wardrobes(most=500)
    tokens = [wardrobes.begin() for _ in range(200)]
    assert len({*tokens, Wardrobes().begin()}) == 201
    # 24 bytes from the system's source of randomness, as base64url.
    assert min(map(len, tokens)) == 32
    assert not any(token in str(used(wardrobes, token).folder) for token in tokens), "paths are told in logs"


def test_what_is_no_token_finds_nothing(wardrobes: Wardrobes) -> None:
    token = wardrobes.begin()
    tokens: list[object] = ["", "kept", "..", "../" + token, token[:-1], token + " ", token.swapcase(), token.encode()]
    for junk in [*tokens, None, 7, [token], {token: 1}, "x" * 5_000_000, "\0", "\udce9"]:
        assert (wardrobes.use(junk), wardrobes.look(junk), wardrobes.why_gone(junk)) == (None, None, None)
        wardrobes.end(junk)
    assert len(wardrobes) == 1 and wardrobes.use(token) is wardrobes.look(token) is not None


def test_every_visitor_has_a_place_of_their_own(wardrobes: Wardrobes, inbox: Path) -> None:
    first, second = (used(wardrobes, wardrobes.begin()) for _ in range(2))
    assert first is not second
    first.bring([draw(inbox, 1)])
    assert not second.has_work
    assert first.folder.parent != second.folder.parent and first.folder.parent.parent == second.folder.parent.parent


def test_what_is_not_used_for_an_hour_is_deleted(
    wardrobes: Wardrobes, clock: Hands, inbox: Path, temporary: Path
) -> None:
    kept, watched = wardrobes.begin(), wardrobes.begin()
    used(wardrobes, watched).bring([draw(inbox, 1)])
    for _ in range(3):
        clock.now += HOUR / 2
        assert wardrobes.use(kept) is not None
        wardrobes.look(watched)
    assert wardrobes.look(watched) is None and wardrobes.use(watched) is None and len(wardrobes) == 1
    assert (wardrobes.why_gone(watched), wardrobes.why_gone(kept)) == ("wardrobe_old", None)
    assert not any(name.endswith(".jpg") for name in files_below(temporary))
    clock.now += HOUR
    assert wardrobes.look(kept) is not None, "not longer than an hour"
    clock.now += 1
    wardrobes.sweep()
    assert len(wardrobes) == 0


def test_those_that_were_not_used_for_longest_make_room(wardrobes: Wardrobes, inbox: Path) -> None:
    first, second, third = (wardrobes.begin() for _ in range(3))
    gone = used(wardrobes, second)
    wardrobes.use(first)
    wardrobes.use(third)
    fourth = wardrobes.begin()
    assert [bool(wardrobes.look(token)) for token in (first, second, third, fourth)] == [True, False, True, True]
    assert wardrobes.why_gone(second) == "wardrobe_room" and wardrobes.why_gone(first) is None
    gone.bring([draw(inbox, 2)])
    assert not gone.has_work, "who has it in hand cannot fill it again"


def test_what_takes_too_much_room_makes_others_go_but_never_the_newest(wardrobes: Wardrobes, inbox: Path) -> None:
    first, second, third = (wardrobes.begin() for _ in range(3))
    used(wardrobes, first).size = 500
    used(wardrobes, second).size = 400
    used(wardrobes, third).size = 100
    wardrobes.make_room()
    assert len(wardrobes) == 3
    used(wardrobes, third).bring([draw(inbox, 1)])
    wardrobes.make_room()
    assert wardrobes.look(third) is not None and len(wardrobes) == 1
    assert wardrobes.why_gone(first) == wardrobes.why_gone(second) == "wardrobe_room"
    wardrobes.make_room()
    assert len(wardrobes) == 1


def test_who_begins_many_makes_room_for_them_alone(wardrobes: Wardrobes) -> None:
    """By their number and by their size, wherever those of others stand in the order of use."""
    mine, other = wardrobes.begin("1.1.1.1"), wardrobes.begin("2.2.2.2")
    many = [wardrobes.begin("6.6.6.6") for _ in range(5)]
    kept = [mine, other, many[-1]]
    assert all(wardrobes.look(token) for token in kept) and len(wardrobes) == 3
    assert {wardrobes.why_gone(token) for token in many[:-1]} == {"wardrobe_room"}
    wardrobes.end(other)
    large = wardrobes.begin("6.6.6.6")
    for token, size in ((mine, 450), (many[-1], 300), (large, 300)):
        used(wardrobes, token).size = size
    wardrobes.make_room()
    assert [bool(wardrobes.look(token)) for token in (mine, many[-1], large)] == [True, False, True]


def test_what_its_owner_deletes_is_not_explained(wardrobes: Wardrobes, inbox: Path, temporary: Path) -> None:
    token = wardrobes.begin()
    used(wardrobes, token).bring([draw(inbox, 1)])
    wardrobes.end(token)
    assert wardrobes.look(token) is None and wardrobes.why_gone(token) is None
    assert not any(name.endswith(".jpg") for name in files_below(temporary))
    wardrobes.end(token)


def test_reasons_are_not_remembered_for_ever(wardrobes: Wardrobes) -> None:
    tokens = [wardrobes.begin() for _ in range(200)]
    reasons = [wardrobes.why_gone(token) for token in tokens]
    assert reasons[:100] == [None] * 100 and set(reasons[-20:-3]) == {"wardrobe_room"} and reasons[-3:] == [None] * 3


def test_closing_deletes_all_and_a_closed_one_can_be_used_again(
    wardrobes: Wardrobes, inbox: Path, temporary: Path
) -> None:
    wardrobes.close()
    token = wardrobes.begin()
    used(wardrobes, token).bring([draw(inbox, 1)])
    assert files_below(temporary)
    wardrobes.close()
    assert list(temporary.iterdir()) == [] and wardrobes.use(token) is None
    wardrobes.close()
    assert wardrobes.use(wardrobes.begin()) is not None


def test_nothing_is_on_disk_before_somebody_has_a_wardrobe(wardrobes: Wardrobes, temporary: Path) -> None:
    assert wardrobes.use("token") is None and list(temporary.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="who is killed there holds no lock")
def test_what_a_killed_process_left_is_removed_and_what_a_living_one_has_stays(inbox: Path, temporary: Path) -> None:
    photo = draw(inbox, 1).path
    killed = subprocess.run([sys.executable, "-c", KILLED, str(temporary), str(photo)], check=False)
    assert killed.returncode == 9
    (left,) = temporary.iterdir()
    assert any(name.endswith(".jpg") for name in files_below(left))
    living, strange = temporary / f"{PREFIX}living", temporary / "another program's"
    for folder in (living, strange):
        folder.mkdir()
        (folder / "file").write_text("mine")
    with make_lock(living / LOCK).acquire():
        wardrobes = Wardrobes()
        wardrobes.begin()
        assert not left.exists() and (living / "file").exists() and (strange / "file").exists()
        other = Wardrobes()
        token = other.begin()
        assert wardrobes.use(token) is None and len(list(temporary.glob(f"{PREFIX}*"))) == 3
        wardrobes.close()
        assert used(other, token).folder.parent.parent.exists()


def test_a_catalogue_that_is_kept_is_everybodys_and_never_deleted(
    filled: Wardrobe, inbox: Path, temporary: Path
) -> None:
    kept = KeptWardrobe(filled.folder)
    own = kept.use(kept.begin())
    assert own is kept.use(None) is kept.look("x" * 1000) is kept.wardrobe and own.folder == filled.folder
    assert own.limits.photos is None
    own.bring([draw(inbox, 1)])
    before = files_below(filled.folder)
    kept.end("kept")
    kept.make_room()
    assert own.has_work and files_below(filled.folder) == before
    kept.close()
    assert list(temporary.iterdir()) == [] and files_below(filled.folder) == before
    assert Wardrobes.kept is False and kept.kept is True


def test_what_is_old_is_deleted_though_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cbir.web.wardrobes.store.SWEEP", 0.01)
    clock = Hands()
    wardrobes = Wardrobes(clock=clock)
    wardrobe = wardrobes.use(wardrobes.begin())
    assert wardrobe is not None
    wardrobe.folder.mkdir(parents=True)
    clock.now += SECONDS + 1
    with within(30):
        while wardrobe.folder.exists():
            time.sleep(0.01)
    wardrobes.close()
