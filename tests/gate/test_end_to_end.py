"""The gate on a scratch clone: a kernel, a plan and a comment changed, each on its branch."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from gate import slower
from gate.scratch_clone import BOARD, MODEL, ROOT, Clone

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(
        not (ROOT / ".git").exists(),
        reason="The tests are not in a git clone: git clone the project.",
    ),
]

_KERNEL = f"kernels/{slower.FILE}"

# A tensor takes more bytes, or scratch is kept for a layer longer.
_PLAN = "generator/planning/demand.py"
_CHANGED_BUFFERS = """

_own_buffers = _buffers


def _buffers(*given, **named):
    import dataclasses

    for buffer in _own_buffers(*given, **named):
        yield dataclasses.replace(buffer, **_CHANGED.get(buffer.name, {}))


_CHANGED = %r
"""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return Clone(tmp_path_factory.mktemp("scratch"))


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def _slow_down(clone: Clone) -> None:
    path = clone.root / _KERNEL
    slow = slower.with_a_nop(path.read_text(encoding="utf-8"))
    # More than the few bytes of flash they take.
    path.write_text(slow.replace('"nop"', '".rept 4\\nnop\\n.endr"'), encoding="utf-8")


def _comment(clone: Clone, name: str, mark: str) -> None:
    path = clone.root / name
    path.write_text(f"{mark} A comment.\n" + path.read_text(encoding="utf-8"), encoding="utf-8")


def test_instructions_in_an_inner_loop_fail_and_are_named(clone: Clone) -> None:
    clone.branch("slower-kernel")
    _slow_down(clone)
    clone.commit()
    before = clone.state()
    code, told, shown = clone.gate("--head", "slower-kernel")
    assert code == 1
    assert told["booted"] == 2
    assert clone.state() == before
    # Moving the code behind may cost a little of its own; the source comes first.
    cause = told["causes"][0]
    assert cause["title"] == f"Changed source: {_KERNEL}"
    place = cause["places"][0]
    assert place["layer"] == "block.out.Gemm.finish"
    assert place["kernel"] == slower.KERNEL
    assert [row["text"] for row in cause["block"]["rows"] if row["sign"] == "+"] == ["nop"] * 4
    block = f"{cause['block']['function']}+0x{cause['block']['head_offset']:x}"
    for word in (place["layer"], place["function"], block, _KERNEL, "FAIL"):
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


def test_what_lives_longer_and_what_moves_for_it_are_named(clone: Clone) -> None:
    clone.branch("moved-buffer")
    _append(clone.root / _PLAN, _CHANGED_BUFFERS % {"scratch.0": {"last": 1}})
    clone.commit()
    _, told, shown = clone.gate("--head", "moved-buffer")
    # The arena stays as large; whether other addresses cost anything is the compiler's affair.
    assert "arena" not in {figure["metric"] for figure in told["figures"]}
    (found,) = (found for found in (*told["causes"], *told["harmless"]) if found["kind"] == "plan")
    assert {tensor["change"] for tensor in found["tensors"]} == {"lives longer", "moved"}
    assert "scratch of block.v.Gemm lives longer" in shown


def test_a_comment_passes_without_a_boot(clone: Clone) -> None:
    clone.branch("comment-only")
    clone.gate()
    for name, mark in ((_KERNEL, "//"), (_PLAN, "#"), ("suite/rig/measuring.py", "#")):
        _comment(clone, name, mark)
    # Not committed: without a head, the working tree is judged.
    code, told, shown = clone.gate()
    assert code == 0
    assert told["booted"] == 0
    assert told["identical"] == told["jobs"] == 1
    assert shown.startswith("PASS")
    clone.git("checkout", "--quiet", "--", ".")


def test_bisect_finds_the_commit_and_the_layer_past_one_that_does_not_build(clone: Clone) -> None:
    clone.branch("history")
    _comment(clone, _PLAN, "#")
    clone.commit("Comment on the plan")
    kernel = clone.root / _KERNEL
    sound = kernel.read_text(encoding="utf-8")
    kernel.write_text("#error broken\n" + sound, encoding="utf-8")
    clone.commit("Break the kernel")
    kernel.write_text(sound, encoding="utf-8")
    _slow_down(clone)
    clone.commit("Slow the kernel down")
    _comment(clone, _KERNEL, "//")
    clone.commit("Comment on the kernel")
    # What the user has not committed is neither measured nor touched.
    _comment(clone, "README.md", "#")
    before = clone.state()
    job = ("--model", MODEL, "--board", BOARD, "--metric", "instructions", "--no-opt", "nibbles")
    said = clone.tinyrig("bisect", "--good", "base", "--bad", "history", *job)
    shown = " ".join(said.stdout.split())
    assert said.returncode == 0, said.stderr
    words = f"One of 2 commits made instructions of {MODEL}@{BOARD}@zig@embedded@no-nibbles worse"
    assert words in shown
    assert f"Break the kernel (not measured: Compiling {_KERNEL} failed" in shown
    assert "Slow the kernel down" in shown
    assert "Most changed layer: block.out.Gemm.finish" in shown
    assert f"Changed source: {_KERNEL}" in shown
    # The comments' firmware is that of the commits before them.
    assert re.search("4 commits measured, [2-4] of them without a boot", shown)
    assert clone.state() == before
    clone.git("checkout", "--quiet", "--", ".")


def test_an_interrupt_leaves_nothing_behind(clone: Clone, tmp_path: Path) -> None:
    clone.branch("interrupted")
    _append(clone.root / _PLAN, "\n_UNUSED = 1\n")
    clone.commit()
    before = clone.state()
    # A shell that starts the tests in the background makes them ignore SIGINT.
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from tinyrig.suite.cli import main; main()"
    )
    with subprocess.Popen(
        (sys.executable, "-c", program, "gate", "--base", "interrupted"),
        cwd=clone.root,
        env={**clone.environment, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        end = time.monotonic() + 60
        while not list(tmp_path.glob("tinyrig-revision-*/suite")) and time.monotonic() < end:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert list(tmp_path.iterdir()) == []
    assert clone.state() == before
