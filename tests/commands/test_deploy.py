"""What goes to a Space or into an image, and whether the page comes up from it."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from gradio_client import Client, handle_file

from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.verify import check_catalogue
from cbir.commands.parser import main
from cbir.system.pins import pin_requirements
from cbir.system.versions import VERSIONS, current_version
from cbir.web.health import digest_program
from tests.support.deployed import expected, walk
from tests.support.serving import PROJECT, served
from tests.web.test_health import ask

NOBODY = 65_534
"""User and group without any right."""


@pytest.fixture
def staged(worn_catalogue: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "image"
    assert main(["deploy", "--docker", str(folder), "--index", str(worn_catalogue)]) == 0
    return folder


def test_a_dry_run_lists_each_folder_and_the_total(catalogue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deploy", "ann/clothes", "--dry-run", "--index", str(catalogue)]) == 0
    lines = capsys.readouterr().out.replace(",", "").splitlines()
    words = [line.split(maxsplit=4) for line in lines]
    told = {folder: (int(size), int(count)) for size, _, count, _, folder in words}
    files = expected(catalogue) | {"requirements.txt": pin_requirements(PROJECT / "requirements.txt").encode()}
    sizes: dict[str, list[int]] = {}
    for name, content in files.items():
        sizes.setdefault(f"{name.rpartition('/')[0] or '.'}/", []).append(len(content))
    assert told.pop("in all") == (sum(map(len, files.values())), len(files)) and "in all" in lines[-1]
    assert told == {folder: (sum(some), len(some)) for folder, some in sizes.items()}
    assert [size for size, _ in told.values()] == sorted((size for size, _ in told.values()), reverse=True)


def test_the_folder_holds_the_page_the_catalogue_and_nothing_else(staged: Path, worn_catalogue: Path) -> None:
    found = walk(staged)
    assert found.pop("Dockerfile") and found.pop("requirements.txt")
    files = expected(worn_catalogue)
    del files["requirements.txt"]
    assert found == files
    assert sum(len(names) for _, _, names in os.walk(staged)) == len(files) + 2, "hidden ones and caches counted"


def test_every_user_may_read_it_whoever_wrote_it(catalogue: Path, tmp_path: Path) -> None:
    former = os.umask(0o077)
    try:
        assert main(["deploy", "--docker", str(tmp_path / "image"), "--index", str(catalogue)]) == 0
    finally:
        os.umask(former)
    for path in [tmp_path / "image", *(tmp_path / "image").rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644)


def test_the_current_version_of_a_catalogue_goes_as_a_plain_folder(edited: Path, tmp_path: Path) -> None:
    folder = tmp_path / "image"
    assert main(["deploy", "--docker", str(folder), "--index", str(edited)]) == 0
    assert walk(folder / "index") == walk(current_version(edited)) and not (folder / "index" / VERSIONS).exists()
    catalogue = Catalogue.open(folder / "index")
    check_catalogue(catalogue)
    assert len(catalogue.records) == 23


def test_requirements_are_the_versions_installed_here_for_cpus(staged: Path) -> None:
    first, *lines = (staged / "requirements.txt").read_text().splitlines()
    assert first == "--extra-index-url https://download.pytorch.org/whl/cpu"
    assert any("not tried" in line for line in lines if line.startswith("#"))
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    asked = (PROJECT / "requirements.txt").read_text().splitlines()
    assert list(pins) == [re.split("[=<>]", line)[0] for line in asked]
    for name, version in pins.items():
        installed = metadata.version(name)
        assert version == (f"{installed.partition('+')[0]}+cpu" if name in ("torch", "torchvision") else installed)


def test_torch_built_for_gpus_is_pinned_to_the_same_version_for_cpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: version(name) + "+cu132" * (name == "torch"))
    (tmp_path / "requirements.txt").write_text("torch>=2.0\n")
    assert pin_requirements(tmp_path / "requirements.txt").endswith(f"\ntorch=={version('torch')}+cpu\n")


def test_a_package_in_a_version_that_is_not_allowed_is_told(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("numpy>=1000\n")
    with pytest.raises(Exception, match=r"requirements\.txt: numpy: .* but >=1000 is needed; pip install"):
        pin_requirements(tmp_path / "requirements.txt")


def test_the_image_runs_the_page_as_an_unprivileged_user(staged: Path) -> None:
    text = re.sub(r"\\\n", " ", (staged / "Dockerfile").read_text())
    steps = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    names = [name for name, _ in steps]
    told = dict(steps)
    assert (
        steps[0] == ["FROM", "python:3.11-slim"] and told["EXPOSE"] == "7860" and "GRADIO_SERVER_NAME=0.0.0.0" in text
    )
    assert told["USER"] not in ("root", "0") and names.index("USER") < names.index("CMD")
    assert ast.literal_eval(told["CMD"]) == ["python", "app.py"] and "/healthz" in told["HEALTHCHECK"]
    copied = next(step for name, step in steps if name == "COPY").split()[:-1]
    assert copied == ["packages.txt", "requirements.txt"] and all((staged / name).is_file() for name in copied)


def test_a_folder_that_holds_something_is_left_alone(
    catalogue: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.txt").write_text("mine")
    for taken in (tmp_path, tmp_path / "own.txt"):
        assert main(["deploy", "--docker", str(taken), "--index", str(catalogue)]) == 1
        assert "empty or not there yet" in capsys.readouterr().err
    assert walk(tmp_path) == {"own.txt": b"mine"}


def test_without_a_place_or_a_catalogue_it_says_so(
    catalogue: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy", "--index", str(catalogue)]) == 1
    assert "give it as USER/SPACE, or a folder with --docker" in capsys.readouterr().err
    assert main(["deploy", "ann/clothes", "--dry-run", "--index", str(tmp_path)]) == 1
    assert "no catalogue; build one with" in capsys.readouterr().err
    for wrong in ("clothes", "ann/clothes/x", "/clothes", "ann/", "https://huggingface.co/spaces/ann/clothes"):
        with pytest.raises(SystemExit):
            main(["deploy", wrong, "--dry-run"])
        assert "is not of the form USER/SPACE" in capsys.readouterr().err


@pytest.mark.slow
def test_the_page_comes_up_from_the_folder_which_it_only_reads(staged: Path, photos: Path) -> None:
    with TemporaryDirectory() as place:
        folder, home = Path(place) / "app", Path(place) / "home"
        shutil.copytree(staged, folder)
        home.mkdir()
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        command = [sys.executable, "app.py"]
        if os.getuid() == 0 and (setpriv := shutil.which("setpriv")):
            Path(place).chmod(0o755)
            os.chown(home, NOBODY, NOBODY)
            command = [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
        variables = {"HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": "", "CBIR_INDEX": ""}
        before = walk(folder)
        try:
            with served(folder / "index", project=folder, command=command, **variables) as page:
                status, told = ask(page.address)
                assert status == 200 and told["photos"] == 24 and told["version"] == digest_program()
                photo = handle_file(photos / "hat/001.jpg")
                answer = Client(page.address, verbose=False).predict(photo, k=3, api_name="/search")
                assert answer["matches"][0]["photo"] == "hat/001.jpg" and len(answer["matches"]) == 3
                assert check_health(folder / "Dockerfile", page.address) == 0
            assert check_health(folder / "Dockerfile", page.address) != 0
            assert walk(folder) == before
        finally:
            for path in [folder, *folder.rglob("*")]:
                if path.is_dir():
                    path.chmod(0o755)


def check_health(dockerfile: Path, address: str) -> int:
    """The exit status of the image's health check, at another address than that in the image."""
    found = re.search(r"HEALTHCHECK.*?CMD (\[.+?\])\n", dockerfile.read_text(), flags=re.DOTALL)
    assert found is not None
    program, *arguments = ast.literal_eval(found[1])
    assert program == "python"
    arguments = [one.replace("http://127.0.0.1:7860", address) for one in arguments]
    return subprocess.run([sys.executable, *arguments], stderr=subprocess.DEVNULL, check=False).returncode
