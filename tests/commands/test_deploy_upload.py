"""What a stand-in for the hub gets of a Space, and what is told when it refuses."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.verify import check_catalogue
from cbir.commands.parser import main
from cbir.system.versions import current_version
from tests.support.deployed import expected
from tests.support.hub import Hub, serving_hub
from tests.support.serving import PROJECT

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content:DeprecationWarning")  # of huggingface_hub's own


@pytest.fixture
def logged_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[Hub], None]:
    """Makes a stand-in the hub of this process, and somebody logged in there."""

    def log_in(hub: Hub) -> None:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.url)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", hub.large)
        monkeypatch.setenv("HF_TOKEN", "hf_secret")

    return log_in


def test_a_dry_run_contacts_and_writes_nothing(
    catalogue: Path, tmp_path: Path, logged_in: Callable[[Hub], None]
) -> None:
    with serving_hub(Hub()) as hub:
        logged_in(hub)
        assert main(["deploy", "ann/clothes", "--dry-run", "--index", str(catalogue)]) == 0
        assert main(["deploy", "--docker", str(tmp_path / "image"), "--dry-run", "--index", str(catalogue)]) == 0
    assert hub.asked == [] and not (tmp_path / "image").exists()


def test_every_file_arrives_with_its_bytes(worn_catalogue: Path, tmp_path: Path) -> None:
    with serving_hub(Hub()) as hub:
        variables = {
            "HF_ENDPOINT": hub.url,
            "HF_TOKEN": "hf_secret",
            "HF_HUB_DISABLE_XET": "1",
            "HF_HOME": str(tmp_path),
        }
        command = [sys.executable, "-m", "cbir", "deploy", "ann/clothes", "--index", str(worn_catalogue)]
        run = subprocess.run(
            command, cwd=PROJECT, env=os.environ | variables, capture_output=True, text=True, check=True
        )
    assert run.stdout == f"{hub.url}/spaces/ann/clothes: uploaded; it starts in some minutes\n"
    asked = {key: hub.created[0][key] for key in ("organization", "name", "type", "sdk")}
    assert asked == {"organization": "ann", "name": "clothes", "type": "space", "sdk": "gradio"}
    files = expected(worn_catalogue)
    assert b"torch==" in hub.files["requirements.txt"]
    assert hub.files | {"requirements.txt": files["requirements.txt"]} == files
    assert hub.pointers == {name: (hashlib.sha256(files[name]).hexdigest(), len(files[name])) for name in hub.pointers}
    assert {"index/weights.pth", "index/vectors.npy", "index/graph.hnsw"} <= {*hub.pointers}
    assert "Bearer hf_secret" in hub.tokens and "hf_secret" not in run.stdout + run.stderr


@pytest.mark.parametrize("large", [True, False])
def test_what_a_former_catalogue_left_goes_and_own_files_at_the_top_stay(
    catalogue: Path, edited: Path, tmp_path: Path, large: bool, logged_in: Callable[[Hub], None]
) -> None:
    with serving_hub(Hub(large=large)) as hub:
        logged_in(hub)
        assert main(["deploy", "ann/clothes", "--index", str(catalogue)]) == 0
        hub.files |= {".gitattributes": b"*.pth", "own.txt": b"mine", "index/labels.npy": b"of another catalogue"}
        assert main(["deploy", "ann/clothes", "--index", str(edited)]) == 0
    assert {".gitattributes", "own.txt", *expected(current_version(edited))} == {*hub.files}
    for name, content in hub.files.items():
        (tmp_path / "space" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "space" / name).write_bytes(content)
    check_catalogue(Catalogue.open(tmp_path / "space" / "index"))


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (401, "log in again with: hf auth login"),
        (402, "choose a plan"),
        (403, "no right to write there; log in with one that may write"),
        (404, "no such user, organisation or Space"),
        (429, "run the same command again"),
        (500, "run the same command again"),
    ],
)
@pytest.mark.parametrize("at", ["/create", "/commit/main"])
def test_what_the_hub_refuses_is_told_with_a_remedy(
    catalogue: Path,
    status: int,
    remedy: str,
    at: str,
    logged_in: Callable[[Hub], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(path: str) -> int:
        return status if path.endswith((at, "/api/spaces/ann/clothes")) else 0

    with serving_hub(Hub(refused=refuse)) as hub:
        logged_in(hub)
        assert main(["deploy", "ann/clothes", "--index", str(catalogue)]) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith(f"error: ann/clothes: Hugging Face answers {status}: refused with {status}; ")
    assert remedy in told and hub.files == {}


def test_without_a_network_it_says_so(
    catalogue: Path, logged_in: Callable[[Hub], None], capsys: pytest.CaptureFixture[str]
) -> None:
    with serving_hub(Hub()) as hub:
        logged_in(hub)
    assert main(["deploy", "ann/clothes", "--index", str(catalogue)]) == 1
    assert re.fullmatch(r"error: ann/clothes: not uploaded \(.+\); check the network.*\n", capsys.readouterr().err)


def test_without_a_login_nobody_is_contacted(
    catalogue: Path,
    tmp_path: Path,
    logged_in: Callable[[Hub], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serving_hub(Hub()) as hub:
        logged_in(hub)
        for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_OIDC_RESOURCE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))
        assert main(["deploy", "ann/clothes", "--index", str(catalogue)]) == 1
    assert capsys.readouterr().err.endswith("log in with: hf auth login\n") and hub.asked == []
