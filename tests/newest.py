"""What breaks with the newest Gradio and torch, in place of the pinned ones: python -m tests.newest

It makes a virtual environment of its own, installs the requirements of the tests and then the newest releases of
PACKAGES, and runs a short list of tests. Each test that fails is a line. The exit status is 0 if none does, else 1. It
takes some minutes, and several GB of disk while it runs; nothing of it stays.

To run it each Monday, have cron start it in this folder and send what it prints:

    0 5 * * 1  cd FOLDER && .venv/bin/python -m tests.newest

or, in GitHub Actions, a workflow with `on: {schedule: [{cron: "0 5 * * 1"}]}` and that command as its step.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).parents[1]
PACKAGES = ("gradio[mcp]", "torch", "torchvision")
TESTS = (
    "tests/web/test_health.py",
    "tests/web/test_uploads.py",
    "tests/web/test_api.py",
    "tests/test_search.py",
    "tests/catalogue/test_build.py",
    "tests/network/test_extractor.py",
    "tests/test_packaging.py",
)
"""That the page answers, that photos are indexed and searched, and that the package is whole."""
BROKEN = re.compile(r"^(?:FAILED|ERROR) (.+)$", re.MULTILINE)


def make_environment(place: Path) -> Path:
    """The Python of a fresh environment with the newest packages. Raises CalledProcessError if they do not go in."""
    venv.create(place, with_pip=True)
    python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [str(python), "-m", "pip", "install", "-qq"]
    subprocess.run([*pip, "-r", str(PROJECT / "tests" / "requirements.txt")], check=True)
    subprocess.run([*pip, "--upgrade", *PACKAGES], check=True)
    return python


def list_versions(python: Path) -> str:
    """The versions of PACKAGES in an environment."""
    names = [re.sub(r"\[.*", "", package) for package in PACKAGES]
    script = f"from importlib.metadata import version\nprint(*(f'{{n}} {{version(n)}}' for n in {names!r}), sep=', ')"
    return subprocess.run([str(python), "-c", script], check=True, capture_output=True, text=True).stdout.strip()


def run_tests(python: Path, tests: Sequence[str]) -> list[str]:
    """A line for each test that fails, and one if pytest itself does."""
    command = [str(python), "-m", "pytest", "-q", "-rfE", "--tb=no", "-p", "no:cacheprovider", *tests]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    broken = BROKEN.findall(run.stdout)
    if run.returncode and not broken:
        broken = [f"pytest ends with status {run.returncode}: {(run.stdout + run.stderr).strip()[-300:]}"]
    return broken


def main() -> int:
    """Print what breaks; returns the exit status."""
    parser = argparse.ArgumentParser(description="Run tests with the newest Gradio and torch.")
    parser.add_argument(
        "tests", nargs="*", default=TESTS, help="files of tests, or single ones (default: a short list)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        try:
            python = make_environment(Path(place))
        except subprocess.CalledProcessError as error:
            print(f"cannot be installed: {' '.join(error.cmd)}")
            return 1
        broken = run_tests(python, options.tests)
        print(f"{list_versions(python)}: {len(broken)} broken", *broken, sep="\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
