"""What the README says is so."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from cbir.commands.parser import build_parser

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, flags=re.DOTALL)


def test_the_space_and_the_requirements_agree() -> None:
    version = re.search(r"^sdk_version: (.+)$", README, flags=re.MULTILINE)
    assert version is not None
    assert f"gradio=={version[1]}\n" in (PROJECT / "requirements.txt").read_text()
    assert "\napp_file: app.py\n" in README and (PROJECT / "app.py").is_file()
    assert "build-essential" in (PROJECT / "packages.txt").read_text()


@pytest.mark.parametrize(
    "command", [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines() if "-m cbir" in line]
)
def test_commands_are_understood(command: str) -> None:
    words = shlex.split(command)
    build_parser().parse_args(words[words.index("cbir") + 1 :])


def test_python_examples_run(catalogue: Path, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example = next(text for kind, text in BLOCKS if kind == "python" and "Searcher" in text)
    for said, meant in {"catalogue": catalogue, "photo.jpg": photos / "hat/001.jpg"}.items():
        example = example.replace(f'"{said}"', repr(str(meant)))
    example = example.replace('"a.jpg", "b.jpg"', ", ".join(repr(str(photos / f"hat/{n:03}.jpg")) for n in (1, 5)))
    names: dict[str, object] = {}
    exec(example, names)
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("1 hat/001.jpg hat ") and told[-1] == "True" and len(told) == 4
    assert getattr(names["vectors"], "shape", None) == (2, 1024)
