"""What a revision is measured with: the packages that move numbers, in the versions it pins.

Where those are not the installed ones, a revision gets its own: the packages that differ, installed
once by pip and kept by their versions, stand before the others.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from tinyrig.generator.errors import MissingToolError
from tinyrig.suite.files.locks import locked_folder
from tinyrig.suite.files.store import content_key
from tinyrig.suite.rig.measuring import Progress

TOOLS = ("ziglang", "unicorn", "torch", "onnx", "onnxruntime", "ortools", "numpy", "capstone")
"""Packages that make code, counts, graphs or addresses."""
PROJECT, LOCK = "pyproject.toml", ".ci/constraints.txt"
_TOLD_LINES = 6
_DONE = ".complete"

Read = Callable[[str], str | None]
"""Returns the text of a file of a revision, None where it has none."""


@dataclass(frozen=True)
class Environment:
    """Versions of the tools, and the folders of Python that give those that are not installed."""

    versions: Mapping[str, str]
    own: Mapping[str, str]
    folder: Path | None = None

    def python_path(self, root: Path) -> str:
        """Return the PYTHONPATH under which a tree of ours runs."""
        return os.pathsep.join(map(str, filter(None, (root, self.folder))))

    def notes(self) -> tuple[str, ...]:
        """Say in one line which tools are the revision's own."""
        words = [
            f"{name} {wanted} (installed: {installed_version(name)})"
            for name, wanted in self.own.items()
        ]
        return (f"measured in its own environment: {', '.join(words)}",) if words else ()


def installed_version(name: str) -> str:
    """Return the installed version of a package; one version has several builds, told alike."""
    return metadata.version(name).partition("+")[0]


def pinned_versions(read: Read) -> dict[str, str]:
    """Return the tools' versions a revision asks for: those of its lock, else of its project."""
    project, lock = (read(path) or "" for path in (PROJECT, LOCK))
    found = {}
    for name in TOOLS:
        pin = re.search(rf'"{name}==([^"]+)"', project)
        locked = re.search(rf"^{name}==(\S+)$", lock, re.MULTILINE | re.IGNORECASE)
        wanted = pin or locked
        if wanted:
            found[name] = wanted[1].partition("+")[0]
    return found


def environment_of(read: Read, what: str, progress: Progress) -> Environment:
    """Return what a revision is measured with; its own packages are installed where they differ.

    MissingToolError, which says what could not be measured, when pip cannot get them.
    """
    used = {name: installed_version(name) for name in TOOLS}
    own = {name: one for name, one in pinned_versions(read).items() if used[name] != one}
    if not own:
        return Environment(used, {})
    requirements = [f"{name}=={version}" for name, version in sorted(own.items())]
    key = content_key((*requirements, sys.version, sysconfig.get_platform()))
    with locked_folder("environments", key[:24]) as folder:
        if not (folder / _DONE).is_file():
            progress(f"installing {', '.join(requirements)}")
            _install(requirements, folder, what)
    return Environment(used | own, own, folder)


def _install(requirements: list[str], folder: Path, what: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    # Their dependencies are those of the installed ones; a tool that lacks one says so below.
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    command = (*pip, "--no-deps", "--target", str(folder), *requirements)
    names = [requirement.partition("==")[0] for requirement in requirements]
    checks = (command, (sys.executable, "-c", f"import {', '.join(names)}"))
    for arguments in checks:
        # The revision's own pins decide, not constraints that hold for this environment.
        mine = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
        environment = {**mine, "PYTHONPATH": str(folder)}
        done = subprocess.run(
            arguments,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            told = " ".join(done.stderr.strip().splitlines()[-_TOLD_LINES:])
            raise MissingToolError(
                f"{what} was not measured: it pins {', '.join(requirements)}, which is not what is "
                f"installed here and could not be: {told}"
            )
    (folder / _DONE).touch()
