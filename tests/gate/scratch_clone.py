"""A scratch clone of this repository, and the rig of that clone run in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from files.shared_cache import share_cache

from tinyrig.suite.cli.show import plain_text
from tinyrig.suite.gate.report import GateReport
from tinyrig.suite.gate.text import gate_text

ROOT = Path(__file__).parents[2]
MODEL, BOARD = "eegformer-mhsa", "stm32f427"
_SEARCHED, _STATED = 'optimize: Optimize = "balanced"', 'optimize: Optimize = "none"'
_IDENTITY = ("-c", "user.name=A Tester", "-c", "user.email=tester@example.org")


class Clone:
    """A scratch clone in which nothing was booted yet; compiled files are shared with the cache.

    Its rig takes plans as the switches say, not as a search finds them: tests name layers and
    sizes. They are larger and slower than the budgets.
    """

    def __init__(self, folder: Path) -> None:
        self.root, self._cache = folder / "clone", folder / "cache"
        self._cache.mkdir()
        share_cache(self._cache)
        self._call("git", "clone", "--quiet", str(ROOT), str(self.root), where=folder)
        self.git("checkout", "--quiet", "-b", "base")
        options = self.root / "generator/options.py"
        text = options.read_text(encoding="utf-8")
        assert _SEARCHED in text
        options.write_text(text.replace(_SEARCHED, _STATED), encoding="utf-8")
        (self.root / "results/budgets.toml").unlink()
        self.commit("Take stated plans")

    @property
    def environment(self) -> dict[str, str]:
        """What a process of the clone's rig needs."""
        own = {"PYTHONPATH": str(self.root), "TINYRIG_CACHE": str(self._cache)}
        return {**os.environ, **own}

    def git(self, *arguments: str) -> str:
        return self._call("git", *_IDENTITY, *arguments, where=self.root).stdout

    def branch(self, name: str) -> None:
        self.git("checkout", "--quiet", "-b", name, "base")

    def commit(self, message: str = "A change") -> None:
        self.git("commit", "--quiet", "--all", "--message", message)

    def gate(self, *arguments: str) -> tuple[int, dict[str, Any], str]:
        """Return the exit code, the answer as JSON, and the answer as text."""
        told = self.tinyrig(
            "gate",
            "--base",
            "base",
            *arguments,
            "--models",
            MODEL,
            "--boards",
            BOARD,
            "--format",
            "json",
        )
        assert told.stdout, told.stderr
        report = GateReport.model_validate_json(told.stdout)
        shown = " ".join(plain_text(gate_text(report)).split())
        return told.returncode, json.loads(told.stdout), shown

    def state(self) -> str:
        """Return what an untouched repository still says."""
        return self.git("status", "--porcelain") + self.git("worktree", "list") + self.git("branch")

    def tinyrig(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the clone's own rig."""
        command = (sys.executable, "-m", "tinyrig", *arguments)
        return self._call(*command, where=self.root, check=False)

    def _call(
        self, *command: str, where: Path, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=where, env=self.environment, capture_output=True, text=True, check=check
        )
