"""What the README and the cards say is so."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from cbir.commands.defaults import SHIPPED
from cbir.commands.parser import COMMANDS, build_parser
from cbir.system.files import file_digest
from tests.support.figures import QUALITY, tables

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = (
    "README.md",
    "cbir/network/MODEL_CARD.md",
    "cbir/wardrobe/CARD.md",
    "cbir/collection/CARD.md",
    "tests/benchmarks/CARD.md",
)
TEXTS = {name: (PROJECT / name).read_text(encoding="utf-8") for name in DOCUMENTS if (PROJECT / name).exists()}
NAMES = [module.__name__.rpartition(".")[2] for module in COMMANDS]
LARGEST = 9_500
"""Bytes of the README."""


def blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", text, flags=re.DOTALL)


def commands(text: str) -> list[str]:
    """The lines of its shell blocks that run `python -m cbir`, lines that a backslash continues made one."""
    lines = "\n".join(blocks(text, "sh")).replace("\\\n", " ").splitlines()
    return [line for line in lines if "-m cbir" in line]


def check(command: str) -> None:
    """Exits if the parser does not understand a line of a shell."""
    program, *words = shlex.split(command, comments=True)
    assert program.endswith("python")
    if words[0] == "app.py":
        assert words[1:2] in ([], ["--index"]) and len(words) in (1, 3)
    else:
        assert words[:2] == ["-m", "cbir"]
        build_parser().parse_args(words[2:])


def test_the_space_and_the_requirements_agree() -> None:
    version = re.search(r"^sdk_version: (.+)$", README, flags=re.MULTILINE)
    assert version is not None
    assert f"gradio=={version[1]}\n" in (PROJECT / "requirements.txt").read_text()
    assert "\napp_file: app.py\n" in README and (PROJECT / "app.py").is_file()
    assert "build-essential" in (PROJECT / "packages.txt").read_text()


def test_the_readme_is_short_and_shows_every_command() -> None:
    assert len(README.encode()) < LARGEST
    shown = {shlex.split(line, comments=True)[3] for line in commands(README)}
    assert shown == {*NAMES}


@pytest.mark.parametrize("command", sorted({line for text in TEXTS.values() for line in commands(text)}))
def test_commands_are_understood(command: str) -> None:
    check(command)


@pytest.mark.parametrize("name", NAMES)
def test_help_ends_with_an_example_that_is_understood(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args([name, "--help"])
    _, _, example = capsys.readouterr().out.partition("\nexample:\n")
    lines = example.splitlines()
    assert f"-m cbir {name} " in lines[0]
    for line in lines:
        check(line)


def test_python_examples_run(catalogue: Path, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example = next(text for text in blocks(README, "python") if "Searcher" in text)
    for said, meant in {"catalogue": catalogue, "photo.jpg": photos / "hat/001.jpg"}.items():
        example = example.replace(f'"{said}"', repr(str(meant)))
    example = example.replace('"a.jpg", "b.jpg"', ", ".join(repr(str(photos / f"hat/{n:03}.jpg")) for n in (1, 5)))
    names: dict[str, object] = {}
    exec(example, names)
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("1 hat/001.jpg hat ") and told[-1] == "True" and len(told) == 4
    assert getattr(names["vectors"], "shape", None) == (2, 1024)


@pytest.mark.parametrize(("document", "table"), [(name, one) for name, some in tables().items() for one in some])
def test_figures_are_those_of_the_stored_json(document: str, table: str) -> None:
    """`python -m tests.support.figures` prints the tables to paste."""
    assert f"\n\n{table}\n" in TEXTS[document]


def test_the_figures_are_of_the_network_that_comes_along() -> None:
    digest = file_digest(SHIPPED / "weights.pth")
    assert json.loads(QUALITY.read_text())["side by side"][0]["weights"] == digest
    assert digest in TEXTS["cbir/network/MODEL_CARD.md"]
    assert json.loads(QUALITY.read_text())["finder"]["weights"] == file_digest(SHIPPED / "garments.pth")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    assert document in TEXTS
    links = re.findall(r"\]\(([^)\s]+)\)", TEXTS[document])
    targets = [link.partition("#")[0] for link in links if not re.match(r"https?://|#", link)]
    assert [one for one in targets if not (PROJECT / document).parent.joinpath(one).exists()] == []
