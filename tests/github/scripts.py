"""Runs the scripts of `.ci/` with this interpreter in the place of a fresh environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def environment(folder: Path) -> dict[str, str]:
    """Variables of a script, with an environment in `folder` that is this one."""
    programs = folder / "venv" / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    for name, words in (("python", ""), ("tinyrig", "-m tinyrig ")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words}"$@"\n')
        program.chmod(0o755)
    return {**os.environ, "PYTHONPATH": str(ROOT), "TINYRIG_VENV": str(folder / "venv")}


def script(name: str, *arguments: object, folder: Path, **variables: str):
    """Run one script in `folder`."""
    words = [ROOT / ".ci" / name, *arguments]
    if name.endswith(".py"):
        words.insert(0, Path(sys.executable))
    return subprocess.run(
        list(map(str, words)),
        cwd=folder,
        env={**environment(folder.parent), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
