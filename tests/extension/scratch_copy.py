"""A copy of the clone into which files are put, as a recipe of CONTRIBUTING says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tinyrig.generator.assets import asset_root

RECIPES = Path(__file__).with_name("recipes")
_ROOT = asset_root("")
_PARTS = ("generator", "suite", "kernels", "platforms", "tests/kernels", "tests/chain")


class Copy:
    """The copy, and what was done to it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.touched: set[str] = set()
        for part in _PARTS:
            hidden = shutil.ignore_patterns("__pycache__")
            shutil.copytree(_ROOT / part, root / part, ignore=hidden)
        shutil.copytree(_ROOT / "tinyrig", root / "tinyrig", symlinks=True)

    def follow(self, recipe: str) -> None:
        """Put a recipe's files in; a file `*.add` is put at the end of one that is there."""
        for source in sorted((RECIPES / recipe).rglob("*.*")):
            if source.is_file() and "__pycache__" not in source.parts:
                name = source.relative_to(RECIPES / recipe).as_posix().removesuffix(".add")
                target = self.root / name
                text = target.read_text() if target.exists() else ""
                target.write_text(text + source.read_text())
                self.touched.add(name)

    def replace(self, name: str, old: str, new: str) -> None:
        """Change one place of a file."""
        text = (self.root / name).read_text()
        assert text.count(old) == 1, f"{name} has {old!r} {text.count(old)} times"
        (self.root / name).write_text(text.replace(old, new))
        self.touched.add(name)

    def run(self, *arguments: str) -> str:
        """Run Python in the copy; return what it printed, and fail with it when it fails."""
        paths = (self.root, self.root / "tests", self.root / "tests" / "kernels")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
