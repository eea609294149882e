"""What git knows of commits, where there is a repository."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_SECONDS = 30
_FORGE = re.compile(
    r"(?:https://|ssh://git@|git@)(?:[^/@]+@)?(?P<host>git(?:hub|lab)\.com|codeberg\.org)[/:]"
    r"(?P<path>[\w.-]+/[\w.-]+?)(?:\.git)?/?"
)
"""Addresses of forges whose pages show a commit under `/commit/`, a password in it left out."""


def subjects(shas: Sequence[str], folder: Path) -> Mapping[str, str]:
    """Return the first line of every commit that the repository around `folder` has."""
    if not shas:
        return {}
    lines = _git(folder, "log", "--no-walk=unsorted", "--ignore-missing", "--format=%H %s", *shas)
    found = (line.partition(" ") for line in lines)
    return {sha: subject for sha, _, subject in found}


def ancestry(shas: Sequence[str], folder: Path) -> Sequence[str]:
    """Return the commits the repository around `folder` has, parents before children.

    All branches among them; empty outside a repository.
    """
    if not shas:
        return []
    wanted = set(shas)
    lines = _git(folder, "rev-list", "--topo-order", "--reverse", "--ignore-missing", *shas)
    return [sha for sha in lines if sha in wanted]


def head(folder: Path) -> str:
    """Return the commit that is checked out, ` with changes` behind it when files differ.

    Empty outside a repository.
    """
    lines = _git(folder, "rev-parse", "HEAD")
    if not lines:
        return ""
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return f"{lines[0]} with changes" if changed else lines[0]


def web_address(folder: Path) -> str:
    """Return what a commit's hash follows on the web page of the repository's origin.

    Empty outside a repository, and where the origin has no such page.
    """
    lines = _git(folder, "remote", "get-url", "origin")
    found = _FORGE.fullmatch(lines[0]) if lines else None
    return f"https://{found['host']}/{found['path']}/commit/" if found else ""


def _git(folder: Path, *arguments: str) -> list[str]:
    """Return the lines a git command prints, none when it fails or git is missing."""
    git = shutil.which("git")
    if git is None:
        return []
    try:
        done = subprocess.run(
            (git, *arguments),
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.splitlines() if done.returncode == 0 else []
