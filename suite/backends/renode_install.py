"""Where Renode is on this machine."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tinyrig.generator.errors import InputError, MissingToolError
from tinyrig.suite.files.json_text import load_json

VERSION = "1.16.1"
"""The release this backend is written for."""

INSTALL = (
    "python -m pip install git+https://github.com/antmicro/renode-run && renode-run install "
    "https://github.com/renode/renode/releases/download/"
    f"v{VERSION}/renode-{VERSION}.linux-portable-dotnet.tar.gz --version-override {VERSION}"
)
_START_SECONDS = 120.0
_INSTALLS = "installations"


def find_renode() -> Path:
    """Return the program: of $RENODE_ROOT, else of PATH, else of renode-run.

    MissingToolError, with the line that installs it, when there is none.
    """
    root = os.environ.get("RENODE_ROOT")
    if root:
        program = Path(root) / "renode"
        if not program.is_file():
            raise MissingToolError(f"RENODE_ROOT is {root}, which holds no program renode.")
        return program.absolute()
    on_path = shutil.which("renode")
    if on_path is not None:
        return Path(on_path)
    for folder in _renode_run_installs():
        if (folder / "renode").is_file():
            return folder / "renode"
    raise MissingToolError(
        f"Renode is neither in RENODE_ROOT nor on PATH. Install it with: {INSTALL}"
    )


def _renode_run_installs() -> list[Path]:
    """Return the folders renode-run unpacked, this release first."""
    try:
        config = Path.home() / ".config" / "renode" / "renode-run.json"
        _, known = load_json(config, "list of Renode's installs")
    except (RuntimeError, InputError):  # there may be no home at all
        return []
    installs = known.get(_INSTALLS, {}) if isinstance(known, dict) else {}
    names = [name for name in installs if isinstance(name, str)]
    return sorted(map(Path, names), key=lambda path: (VERSION not in path.name, path.name))


def private_environment(folder: Path) -> dict[str, str]:
    """Return variables that keep Renode in a folder: it deletes $TMPDIR/renode-* at its start,
    and stops without $HOME/.config."""
    for name in ("tmp", "home/.config"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return {
        "TMPDIR": str(folder / "tmp"),
        "HOME": str(folder / "home"),
        "XDG_CONFIG_HOME": str(folder / "home" / ".config"),
    }


@functools.cache
def renode_version(program: Path) -> str:
    """Return the release and the revision of its sources that a program tells.

    MissingToolError when it cannot be executed or tells none: what is there does not work.
    """
    with tempfile.TemporaryDirectory(prefix="tinyrig-renode-") as name:
        folder = Path(name)
        try:
            done = subprocess.run(
                [str(program), "--version"],
                cwd=folder,
                env={**os.environ, **private_environment(folder)},
                capture_output=True,
                text=True,
                timeout=_START_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise MissingToolError(
                f"{program} --version cannot be run: {error}. Install it with: {INSTALL}"
            ) from error
    match = re.search(r"v(?:ersion )?(\d+\.\d+\.\d+)", done.stdout)
    if match is None:
        said = (done.stdout + done.stderr).strip()[-200:]
        raise MissingToolError(
            f"{program} does not tell its version: {said!r}. Install it with: {INSTALL}"
        )
    revision = re.search(r"build: ([0-9a-f]{7,40})\b", done.stdout)
    return f"{match[1]} {revision[1]}" if revision else match[1]
