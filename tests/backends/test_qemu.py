"""The qemu backend: the same answers and counts as the embedded one, and every way to break."""

import contextlib
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from firmware_projects import SAMPLE, fake_project, is_gone, wait_for

from tinyrig.generator.errors import (
    BrokenRunError,
    FaultError,
    FirmwareTimeoutError,
    InputError,
    MissingToolError,
    ProtocolError,
    TinyrigError,
)
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.suite.backends import Backend, BootResult, backend
from tinyrig.suite.backends import qemu as qemu_module
from tinyrig.suite.backends.counter import hook_library
from tinyrig.suite.backends.qemu import CAPABILITIES, QemuBackend
from tinyrig.suite.toolchain import build, load_toolchain
from tinyrig.suite.toolchain.toolchain import zig_binary

needs_qemu = pytest.mark.skipif(
    shutil.which("qemu-system-arm") is None,
    reason=f"qemu-system-arm is not installed: {CAPABILITIES.install}",
)
NETDUINO = load_board("netduinoplus2")
STABLE = "for (int i = 16; i < 24; i++) arena[i] = 0;\n"


@pytest.fixture(params=["plugin", "debugger"])
def counting(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to count."""
    if request.param == "debugger":
        monkeypatch.setattr(qemu_module, "has_plugins", lambda _: False)


def run(
    body: str | None = None,
    board: Board = NETDUINO,
    *,
    lane: str = "qemu",
    checked: bool = False,
    sample: bytes | None = None,
    before: str = "",
    budget: int = 20_000_000,
) -> BootResult:
    project = (
        fake_project(board, before=before)
        if body is None
        else fake_project(board, STABLE + body, before=before)
    )
    image = build(project, board, load_toolchain("zig"), checked=checked)
    machine: Backend = backend(lane)
    return machine.run(image, board, sample=sample, budget=budget)


def left_running() -> list[str]:
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return [line for line in found.stdout.splitlines() if "-kernel firmware.elf" in line]


@needs_qemu
@pytest.mark.usefixtures("counting")
@pytest.mark.parametrize("checked", [False, True])
@pytest.mark.parametrize("name", CAPABILITIES.boards())
def test_agrees_with_the_embedded_backend_on_the_same_elf(name: str, checked: bool) -> None:
    board = load_board(name)
    sample = bytes((250, 0, 7, 128, 255, 1, 2, 99))
    there, here = (
        run(board=board, lane=lane, checked=checked, sample=sample) for lane in ("qemu", "embedded")
    )
    assert there.transcript == here.transcript
    assert there.instructions == here.instructions
    assert there.step_instructions == here.step_instructions
    assert there.total_instructions == here.total_instructions
    assert there.stack_high_water == here.stack_high_water


@needs_qemu
def test_counts_follow_the_code() -> None:
    loop = '__asm__ volatile("movw r0, #{}\\n1: subs r0, #1\\nbne 1b" ::: "r0", "cc");'
    short, long = (run(loop.format(turns)).instructions for turns in (10, 1010))
    assert short is not None
    assert long is not None
    assert long - short == 2000


@needs_qemu
@pytest.mark.usefixtures("counting")
def test_steps_are_told_apart_by_their_number_not_their_order() -> None:
    nops = '__asm__ volatile("nop\\nnop\\nnop");'
    body = f"for (uint32_t k = 0; k < 6U; k++) {{ BEGIN(5U - k % 3U); {nops} END(5U - k % 3U); }}"
    there, here = (run(body, lane=lane, checked=True) for lane in ("qemu", "embedded"))
    assert len(here.step_instructions) == 6
    assert there.step_instructions == here.step_instructions


@needs_qemu
@pytest.mark.usefixtures("counting")
@pytest.mark.parametrize("name", CAPABILITIES.boards())
@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ('__asm__ volatile("udf #1");', "cfsr=00010000"),
        ("arena[16] = *(volatile uint8_t *)0x70000000U;", "address=70000000"),
    ],
)
def test_faults_tell_registers_and_symbol(name: str, body: str, cause: str) -> None:
    with pytest.raises(FaultError, match=rf"{cause}.* r12=.* pc=.*It was in tr_infer\+0x"):
        run(body, load_board(name))


@needs_qemu
@pytest.mark.usefixtures("counting")
def test_deep_stack_is_a_fault_or_damage() -> None:
    """The push of the exception's frame fails too, so the handler has no registers to show."""
    body = (
        "volatile uint8_t deep[9000];\n"
        "for (int i = 8999; i >= 0; i--) deep[i] = (uint8_t)i;\n"
        "arena[16] = deep[arena[0]];"
    )
    with pytest.raises(FaultError):
        run(body)


@needs_qemu
@pytest.mark.usefixtures("counting")
def test_endless_firmware_ends_by_budget() -> None:
    with pytest.raises(FirmwareTimeoutError, match=r"within 1000000 instructions.*tr_infer\+0x"):
        run('for (;;) { __asm__ volatile(""); }', budget=1_000_000)
    assert left_running() == []


@needs_qemu
@pytest.mark.usefixtures("counting")
def test_sleeping_firmware_ends_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qemu_module, "_START_SECONDS", 1.0)
    with pytest.raises(FirmwareTimeoutError, match="it sleeps"):
        run('__asm__ volatile("cpsid i\\n1: wfi\\nb 1b");', budget=1_000_000)
    assert left_running() == []


@needs_qemu
@pytest.mark.usefixtures("counting")
@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("BEGIN(0U); BEGIN(1U); END(1U); END(0U);", ProtocolError),
        ("BEGIN(0U);", ProtocolError),
        ('if (arena[40] == 0xA5U) __asm__ volatile("nop\\nnop");', BrokenRunError),
        ("tr_uart_put('x');", ProtocolError),
    ],
)
def test_what_breaks_the_embedded_run_breaks_this_one_alike(
    body: str, error: type[TinyrigError]
) -> None:
    said = []
    for lane in ("qemu", "embedded"):
        with pytest.raises(error) as caught:
            run(body, lane=lane, checked=True, before='#include "tr_uart.h"')
        said.append(str(caught.value))
    assert said[0] == said[1]


@needs_qemu
@pytest.mark.usefixtures("counting")
def test_firmware_that_never_stops_talking_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qemu_module, "UART_CAPACITY", 10_000)
    with pytest.raises(ProtocolError, match="sent more than"):
        run("for (;;) tr_uart_put('x');", before='#include "tr_uart.h"', budget=400_000_000)
    assert left_running() == []


@needs_qemu
def test_without_a_compiler_it_counts_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    image = build(fake_project(NETDUINO), NETDUINO, load_toolchain("zig"), checked=True)
    hook_library()
    monkeypatch.setenv("TINYRIG_CACHE", str(tmp_path))
    monkeypatch.setattr("tinyrig.suite.backends.host_library.zig_binary", _no_compiler)
    there, here = (backend(lane).run(image, NETDUINO) for lane in ("qemu", "embedded"))
    assert there.instructions == here.instructions
    assert there.step_instructions == here.step_instructions
    assert left_running() == []


def _no_compiler() -> Path:
    raise MissingToolError("no compiler")


def fake_qemu(folder: Path, script: str) -> QemuBackend:
    """A program in QEMU's place."""
    program = folder / "qemu-system-arm"
    program.write_text(
        '#!/bin/sh\nif [ "$1" = --version ]; then echo "QEMU emulator version 7.2.22"; exit; fi\n'
        f'if [ "$1" = --help ]; then echo "-plugin"; exit; fi\n{script}\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    return QemuBackend(str(program), "7.2.22")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo cannot do that >&2; exit 3", r"code 3 before.*\n?cannot do that"),
        ("kill -9 $$", "code -9 before"),
        ("printf 'TR1 hello version=1 bo' > uart.txt; kill -9 $$", "code -9 before"),
        ("printf 'TR1 hello version=1 bo' > uart.txt; touch counts.bin", "code 0 before"),
    ],
)
def test_a_tool_that_dies_half_way_breaks_the_run(
    tmp_path: Path, script: str, message: str
) -> None:
    image = build(fake_project(NETDUINO), NETDUINO, load_toolchain("zig"), checked=False)
    with pytest.raises(BrokenRunError, match=message):
        fake_qemu(tmp_path, script).run(image, NETDUINO)


def test_a_tool_that_hangs_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qemu_module, "_START_SECONDS", 0.3)
    note = tmp_path / "child"
    image = build(fake_project(NETDUINO), NETDUINO, load_toolchain("zig"), checked=False)
    with pytest.raises(FirmwareTimeoutError):
        fake_qemu(tmp_path, f"sleep 600 & echo $! > {note}; wait").run(image, NETDUINO, budget=1)
    assert is_gone(int(note.read_text()))


_RIG = """
import pickle, sys
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends import backend
image = pickle.load(sys.stdin.buffer)
backend("qemu").run(image, load_board("netduinoplus2"), budget=10**12)
"""


@needs_qemu
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")
def test_a_killed_rig_leaves_no_emulator_and_no_folder(tmp_path: Path) -> None:
    project = fake_project(NETDUINO, STABLE + 'for (;;) { __asm__ volatile(""); }')
    image = build(project, NETDUINO, load_toolchain("zig"), checked=False)
    rig = subprocess.Popen(
        [sys.executable, "-c", _RIG],
        stdin=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert rig.stdin is not None
    pickle.dump(image, rig.stdin)
    rig.stdin.close()
    wait_for(lambda: emulators_in(tmp_path))
    rig.kill()
    rig.wait()
    wait_for(lambda: not emulators_in(tmp_path) and not list(tmp_path.iterdir()))


def emulators_in(folder: Path) -> list[str]:
    """The QEMUs that work below a folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if folder in place.readlink().parents:
                words = (place.parent / "cmdline").read_bytes()
                found += [place.parent.name] * (b"qemu-system-arm" in words)
    return found


def test_bad_use_is_refused(tmp_path: Path) -> None:
    board = load_board("stm32f427")
    machine = fake_qemu(tmp_path, "exit 9")
    image = build(fake_project(board), board, load_toolchain("zig"), checked=False)
    with pytest.raises(InputError, match=r"no board stm32f427.*netduinoplus2"):
        machine.run(image, board)
    image = build(fake_project(NETDUINO), NETDUINO, load_toolchain("zig"), checked=False)
    with pytest.raises(InputError, match="has 3 bytes; the model takes 8"):
        machine.run(image, NETDUINO, sample=SAMPLE[:3])
    with pytest.raises(InputError, match=r"cannot (watch|profile)"):
        machine.run(image, NETDUINO, watch=True)


def test_missing_qemu_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(MissingToolError, match=r"apt-get install qemu-system-arm"):
        backend("qemu")


def test_one_that_does_not_start_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "qemu-system-arm"
    program.write_text("no program", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingToolError, match=r"cannot be run.*apt-get install qemu"):
        backend("qemu")


@pytest.mark.parametrize("version", [1, 2])
def test_plugin_compiles_without_a_warning(tmp_path: Path, version: int) -> None:
    source = Path(qemu_module.__file__).with_name("qemu_plugin.c")
    flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
    subprocess.run(
        [str(zig_binary()), "cc", *flags, f"-DAPI_VERSION={version}", "-c", source, "-o", "p.o"],
        cwd=tmp_path,
        check=True,
    )
