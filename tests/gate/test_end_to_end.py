"""The gate on a scratch clone: a kernel, a plan and a comment changed, each on its branch."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
_MODEL, _BOARD = "eegformer-mhsa", "stm32f427"
_TILE = "kernels/include/tinyrig/tile_3x2.h"
_IDENTITY = ("-c", "user.name=A Tester", "-c", "user.email=tester@example.org")

# One more instruction in every group of the 3 x 2 tile.
_FIRST_PRODUCT = re.compile(r'(#define TR_MULTIPLY_3X1\(.*\) *\\\n *")(smlad )')

# A larger buffer for one tensor, and a longer life for another.
_PLAN = "generator/planning/plan.py"
_CHANGED_BUFFERS = """

_own_buffers = _buffers


def _buffers(*given, **named):
    import dataclasses

    for buffer in _own_buffers(*given, **named):
        yield dataclasses.replace(buffer, **_CHANGED.get(buffer.name, {}))


_CHANGED = %r
"""


class Clone:
    """A scratch clone with an own cache, so that every boot in it is its own."""

    def __init__(self, folder: Path) -> None:
        self.root, self._cache = folder / "clone", folder / "cache"
        self._call("git", "clone", "--quiet", str(ROOT), str(self.root), where=folder)
        self.git("checkout", "--quiet", "-b", "base")

    def git(self, *arguments: str) -> str:
        return self._call("git", *_IDENTITY, *arguments, where=self.root).stdout

    def branch(self, name: str) -> None:
        self.git("checkout", "--quiet", "-b", name, "base")

    def commit(self) -> None:
        self.git("commit", "--quiet", "--all", "--message", "A change")

    def gate(self, *arguments: str) -> tuple[int, dict[str, Any], str]:
        """Return the exit code, the answer as JSON, and the answer as text."""
        asked = ("gate", "--base", "base", *arguments, "--models", _MODEL, "--boards", _BOARD)
        told = self._tinyrig(*asked, "--format", "json")
        shown = self._tinyrig(*asked)
        assert told.returncode == shown.returncode, shown.stderr
        assert told.stdout, told.stderr
        return told.returncode, json.loads(told.stdout), " ".join(shown.stdout.split())

    def state(self) -> str:
        """What an untouched repository still says."""
        return self.git("status", "--porcelain") + self.git("worktree", "list") + self.git("branch")

    def _tinyrig(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = (sys.executable, "-m", "suite", *arguments)
        return self._call(*command, where=self.root, check=False)

    def _call(
        self, *command: str, where: Path, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.root),
            "TINYRIG_CACHE": str(self._cache),
        }
        return subprocess.run(
            command, cwd=where, env=environment, capture_output=True, text=True, check=check
        )


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return Clone(tmp_path_factory.mktemp("scratch"))


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_one_instruction_in_an_inner_loop_fails_and_is_named(clone: Clone) -> None:
    clone.branch("slower-kernel")
    tile = clone.root / _TILE
    text, count = _FIRST_PRODUCT.subn(r"\1nop\\n\\t\2", tile.read_text(encoding="utf-8"))
    assert count == 1
    tile.write_text(text, encoding="utf-8")
    clone.commit()
    before = clone.state()
    code, told, shown = clone.gate("--head", "slower-kernel")
    assert code == 1
    assert told["booted"] == 2
    assert clone.state() == before
    (cause,) = told["causes"]
    assert cause["title"] == f"Changed source: {_TILE}"
    place = cause["places"][0]
    assert place["layer"].startswith("block.")
    assert place["kernel"].endswith("__m4")
    assert {row["text"] for row in cause["block"]["rows"] if row["sign"] == "+"} == {"nop"}
    block = f"{cause['block']['function']}+0x{cause['block']['head_offset']:x}"
    for word in (place["layer"], place["function"], block, _TILE, "FAIL"):
        assert word in shown


def test_a_tensor_that_grows_fails_and_is_named(clone: Clone) -> None:
    clone.branch("larger-tensor")
    changed = {"block.MatMul_1.rows": {"size": 1024}}
    _append(clone.root / _PLAN, _CHANGED_BUFFERS % changed)
    clone.commit()
    code, told, shown = clone.gate("--head", "larger-tensor")
    assert code == 1
    (cause,) = told["causes"]
    assert cause["kind"] == "plan"
    assert {hit["metric"] for hit in cause["hits"]} >= {"arena", "peak_ram"}
    assert "block.MatMul_1.rows grew: 288 -> 1,024 bytes" in shown


def test_a_tensor_that_lives_longer_is_named_though_nothing_is_worse(clone: Clone) -> None:
    clone.branch("longer-life")
    _append(clone.root / _PLAN, _CHANGED_BUFFERS % {"x": {"last": 4}})
    clone.commit()
    code, told, shown = clone.gate("--head", "longer-life")
    tensors = [
        tensor["name"]
        for found in (*told["causes"], *told["harmless"])
        for tensor in found["tensors"]
    ]
    assert "x" in tensors
    assert "x lives longer" in shown
    assert code == (0 if told["passed"] else 1)


def test_a_comment_passes_without_a_boot(clone: Clone) -> None:
    clone.branch("comment-only")
    for name, mark in ((_TILE, "//"), (_PLAN, "#"), ("suite/measuring.py", "#")):
        path = clone.root / name
        path.write_text(f"{mark} A comment.\n" + path.read_text("utf-8"), encoding="utf-8")
    # Not committed: without a head, the working tree is judged.
    code, told, shown = clone.gate()
    assert code == 0
    assert told["booted"] == 0
    assert told["identical"] == told["jobs"] == 1
    assert shown.startswith("PASS")
    clone.git("checkout", "--quiet", "--", ".")
