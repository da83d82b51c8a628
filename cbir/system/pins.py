"""Requirements of a machine that has no GPU, pinned to the versions that are installed here."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from cbir.errors import CbirError
from cbir.system.doctor import MISSING, check_package, check_pair, split_requirement

CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
BUILT_FOR_CPU = ("torch", "torchvision")
NOTE = """\
# The versions are those that the page ran with where this file was made. PyPI's torch for Linux brings 4 GB for GPUs;
# PyTorch's index has the same version for CPUs alone. This list was not tried against that index: if it lacks a
# version, remove "+cpu" in both lines.
"""


def pin_requirements(path: Path) -> str:
    """The text of a file of requirements with each package in the version installed here, torch's for CPUs alone.

    Raises CbirError if a package is not installed, or in a version that the file or its counterpart does not allow.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    for check in (*map(check_package, lines), check_pair("torchvision", "torch")):
        if check.state == MISSING:
            raise CbirError(f"{path}: {check.subject}: {check.found}; {check.remedy}")
    return f"--extra-index-url {CPU_WHEELS}\n{NOTE}" + "".join(map(_pin, lines))


def _pin(requirement: str) -> str:
    name, _ = split_requirement(requirement)
    version = metadata.version(name)
    if name in BUILT_FOR_CPU:
        version = version.partition("+")[0] + "+cpu"
    return f"{name}=={version}\n"
