"""The renode backend: its script, what it reads, and, where Renode is, the real runs."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from chain.graph_builder import GraphBuilder
from firmware_projects import fake_project, is_gone

from tinyrig.generator.errors import (
    BrokenRunError,
    FaultError,
    FirmwareTimeoutError,
    InputError,
    MissingToolError,
    ProtocolError,
)
from tinyrig.generator.options import ALL
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.suite.backends import BootResult, backend
from tinyrig.suite.backends import renode as renode_module
from tinyrig.suite.backends.registry import capabilities
from tinyrig.suite.backends.renode import RenodeBackend
from tinyrig.suite.backends.renode_install import INSTALL, VERSION, find_renode, renode_version
from tinyrig.suite.backends.renode_script import monitor_script, overlay, read_events
from tinyrig.suite.backends.renode_stacks import check_stacks, read_stacks
from tinyrig.suite.rig.firmware import make_firmware
from tinyrig.suite.toolchain import Image, build, load_toolchain

F4 = load_board("stm32f427")
STABLE = "for (int i = 16; i < 24; i++) arena[i] = 0;\n"


def _missing() -> str | None:
    try:
        find_renode()
    except MissingToolError as error:
        return str(error)
    return None


needs_renode = pytest.mark.skipif(_missing() is not None, reason=str(_missing()))


def image_of(body: str | None = None, board: Board = F4, *, checked: bool = False) -> Image:
    project = fake_project(board) if body is None else fake_project(board, STABLE + body)
    return build(project, board, load_toolchain("zig"), checked=checked)


def run(body: str | None = None, board: Board = F4, *, checked: bool = False) -> BootResult:
    return backend("renode").run(image_of(body, board, checked=checked), board, budget=20_000_000)


@needs_renode
@pytest.mark.parametrize("name", capabilities("renode").boards())
def test_agrees_with_the_embedded_backend_on_the_same_elf(name: str) -> None:
    """A checked build on one board; elsewhere the clean one, for a run takes seconds."""
    board = load_board(name)
    checked = name == "stm32f427"
    sample = bytes((250, 0, 7, 128, 255, 1, 2, 99))
    image = image_of(None, board, checked=checked)
    there, here = (
        backend(lane).run(image, board, sample=sample) for lane in ("renode", "embedded")
    )
    assert there.transcript.outputs == here.transcript.outputs
    assert there.transcript.checks == here.transcript.checks
    assert there.instructions == here.instructions
    assert there.step_instructions == here.step_instructions
    assert there.stack_high_water == here.stack_high_water


@needs_renode
@pytest.mark.parametrize("name", ["stm32f427", "stm32f746", "stm32h743"])
def test_weights_outside_the_chip_are_read(name: str) -> None:
    board = load_board(name)
    assert board.external_flash is not None
    project = fake_project(board, weights=board.external_flash.name)
    image = build(project, board, load_toolchain("zig"), checked=False)
    assert image.address("weights") == board.external_flash.origin
    there, here = (backend(lane).run(image, board) for lane in ("renode", "embedded"))
    assert there.transcript.outputs == here.transcript.outputs
    assert there.instructions == here.instructions


@needs_renode
def test_code_runs_from_ram_that_is_an_alias_of_data() -> None:
    """Start copies it to 0x1000_0000; its bytes are the data's at 0x2003_0000 here too."""
    board = load_board("stm32l4r5")
    b = GraphBuilder(7)
    graph = b.graph([b.linear(b.input((4, 16)), 8)])
    options = replace(ALL, code_in_ram=True)
    tools = load_toolchain("zig")
    image = make_firmware(graph, board, tools, bytes(range(64)), options=options).clean
    assert board.region("sram2").origin < image.address("tr_ld_code_start")
    there, here = (backend(lane).run(image, board) for lane in ("renode", "embedded"))
    assert there.transcript.ok
    assert there.transcript.outputs == here.transcript.outputs
    assert there.instructions == here.instructions


@needs_renode
def test_unmapped_memory_is_a_fault() -> None:
    with pytest.raises(FaultError, match=r"in tr_infer\+0x.*: read of unmapped .* 0x70000000"):
        run("arena[16] = *(volatile uint8_t *)0x70000000U;")


@needs_renode
def test_faults_tell_registers_and_symbol() -> None:
    with pytest.raises(FaultError, match=r"cfsr=00010000.* pc=.*It was in tr_infer\+0x"):
        run('__asm__ volatile("udf #1");')


@needs_renode
def test_a_write_below_the_stack_is_caught_where_it_happens() -> None:
    """Restored at once: the check at the end would see nothing."""
    body = (
        "extern uint32_t tr_ld_stack_bottom[];"
        "volatile uint32_t *word = tr_ld_stack_bottom - 3;"
        "const uint32_t kept = *word; *word = 1U; *word = kept;"
    )
    bottom = image_of(body).address("tr_ld_stack_bottom")
    with pytest.raises(FaultError, match=rf"overflowed in tr_infer\+0x\w+.*{bottom - 12:08x}"):
        run(body)


@needs_renode
def test_markers_out_of_order_are_told() -> None:
    with pytest.raises(ProtocolError, match=r"tr_step_begin\+0x0 out of order"):
        run("BEGIN(0U); BEGIN(1U); END(1U); END(0U);", checked=True)


@needs_renode
def test_call_stacks_add_up_to_the_instructions() -> None:
    before = "__attribute__((noinline)) static uint32_t leaf(uint32_t n) { "
    before += '__asm__ volatile("1: subs %0, #1\\nbne 1b" : "+r"(n) :: "cc"); return n; }'
    project = fake_project(F4, STABLE + "arena[16] = (uint8_t)leaf(1000U);", before=before)
    image = build(project, F4, load_toolchain("zig"), checked=False)
    result = backend("renode").run(image, F4, profile=True, budget=20_000_000)
    assert result.stacks is not None
    assert set(result.stacks) >= {("tr_infer",), ("tr_infer", "leaf")}
    assert result.stacks["tr_infer", "leaf"] == pytest.approx(2003, abs=6)
    assert sum(result.stacks.values()) == pytest.approx(result.instructions, abs=6)


def test_stacks_are_of_one_inference() -> None:
    raw = (
        b"tr_reset 100\n"
        b"tr_reset;main (entry);tr_run (entry);tr_infer (entry) 4\n"
        b"tr_reset;main (entry);tr_run (entry);tr_infer (entry);f (entry);g 10\n"
        b"tr_reset;main (entry);tr_run (entry);tr_infer (entry) 4\n"
        b"tr_reset;main (entry);tr_run (entry);tr_infer (entry);f (entry);g 10\n"
        b"tr_reset;main (entry);tr_halt (ent"
    )
    assert read_stacks(raw) == {("tr_infer",): 4, ("tr_infer", "f", "g"): 10}


def test_calls_that_were_lost_are_told() -> None:
    stacks = {("tr_infer",): 400, ("tr_infer", "f"): 99_600}
    check_stacks(stacks, 100_999)
    with pytest.raises(
        BrokenRunError, match=r"100,000 of 102,000 instructions .* --backend embedded"
    ):
        check_stacks(stacks, 102_000)


@needs_renode
def test_endless_firmware_ends_by_budget() -> None:
    with pytest.raises(FirmwareTimeoutError, match=r"within 20000000 instructions.*tr_infer\+0x"):
        run('for (;;) { __asm__ volatile(""); }')
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert "tinyrig-renode-" not in found.stdout


def test_script_loads_the_boards_overlay_and_hooks_the_markers(tmp_path: Path) -> None:
    for checked, hooks in ((False, 3), (True, 5)):
        image = image_of(checked=checked)
        script = monitor_script(image, F4, tmp_path, 300_000_000)
        lines = script.splitlines()
        assert f"machine LoadPlatformDescription @{overlay('stm32f427')}" in lines
        assert f"usart2 CreateFileBackend @{tmp_path}/uart.txt true" in lines
        assert 'emulation RunFor "3.000000"' in lines
        assert lines[-1] == "quit"
        entries = [
            line for line in lines if line.startswith("cpu AddHook") and "return" not in line
        ]
        assert len(entries) == hooks
        for name in ("tr_region_begin", "tr_region_end", "tr_halt"):
            address = image.address(name)
            assert any(f"0x{address:08x}" in line and f"'{name} " in line for line in entries)


@pytest.mark.parametrize("name", capabilities("renode").boards())
def test_overlays_fetch_nothing_and_know_the_clock(name: str) -> None:
    text = overlay(name).read_text(encoding="utf-8")
    assert "http" not in text
    assert "ApplySVD @" not in text
    assert "PerformanceInMips: 100\n" in text
    assert "frequency: 100000000\n" in text


def test_every_stm32_has_an_overlay() -> None:
    assert {"stm32f427", "stm32f746", "stm32h743", "netduinoplus2"} <= set(
        capabilities("renode").boards()
    )


EVENTS = """\
tr_region_begin 100 7
tr_step_begin 121 1
return 124 0
tr_step_end 174 1
return 180 0
tr_step_begin 181 0
return 184 0
tr_step_end 190 0
return 196 0
tr_step_begin 197 1
return 200 0
tr_step_end 205 1
return 211 0
tr_region_end 222 9
tr_region_begin 300 7
tr_region_end 391 9
tr_halt 500 0
"""


def test_events_add_up_without_the_markers_own_instructions() -> None:
    """Step 1 runs twice, around step 0, as a loop over heads makes steps do."""
    events = read_events(EVENTS).markers
    assert events.regions == (20 + 49 + 0 + 5 + 0 + 4 + 10, 90)
    assert events.steps == ((5, 49 + 4), (0, 0))
    assert (events.ended, events.halted, events.executed) == (2, True, 500)


def test_a_line_cut_off_is_not_an_event() -> None:
    assert not read_events(EVENTS[:-1]).markers.halted
    assert read_events(EVENTS[: EVENTS.index("tr_region_end 391") + 19]).markers.ended == 1
    assert read_events("").markers.regions == (0, 0)
    assert read_events("nonsense\ntr_halt x 0\n").markers.halted is False


def fake_renode(folder: Path, script: str) -> RenodeBackend:
    """A program in Renode's place; it runs where the real one would."""
    program = folder / "renode"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return RenodeBackend(program, VERSION)


@pytest.mark.parametrize(
    ("script", "error", "message"),
    [
        ("echo no such file; exit 3", BrokenRunError, r"code 3 before.*\n?no such file"),
        ("kill -9 $$", BrokenRunError, "code -9 before"),
        ("printf 'TR1 hel' > uart.txt; kill -9 $$", BrokenRunError, "code -9 before"),
        ("echo tr_halt 5 0 > events.txt", ProtocolError, "never said hello"),
        ("echo 0x80003e8", FirmwareTimeoutError, "within 7 instructions"),
        (
            "echo '[WARNING] sysbus: [cpu: 0x8000BCC] WriteByte to non existing peripheral at"
            " 0x60000000, value 0x1.'",
            FaultError,
            "write to unmapped memory at 0x60000000",
        ),
        (
            "echo '[ERROR] cpu: CPU abort [PC=0x8000BCC]: Trying to execute code outside RAM.'",
            FaultError,
            "Trying to execute code outside RAM",
        ),
        ('[ "$TMPDIR" = "$PWD/tmp" ] && [ -d "$HOME/.config" ] && exit 77', BrokenRunError, "77"),
    ],
)
def test_what_goes_wrong_is_named(
    tmp_path: Path, script: str, error: type[BrokenRunError], message: str
) -> None:
    with pytest.raises(error, match=message):
        fake_renode(tmp_path, script).run(image_of(), F4, budget=7)


def test_a_tool_that_hangs_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renode_module, "_START_SECONDS", 0.3)
    note = tmp_path / "child"
    with pytest.raises(FirmwareTimeoutError, match="in time"):
        fake_renode(tmp_path, f"sleep 600 & echo $! > {note}; wait").run(image_of(), F4, budget=7)
    assert is_gone(int(note.read_text()))


def test_bad_use_is_refused(tmp_path: Path) -> None:
    board = load_board("mps2_an386")
    machine = fake_renode(tmp_path, "exit 9")
    with pytest.raises(InputError, match=r"no board mps2_an386.*stm32f427"):
        machine.run(image_of(None, board), board)
    with pytest.raises(InputError, match="has 3 bytes; the model takes 8"):
        machine.run(image_of(), F4, sample=bytes(3))
    with pytest.raises(InputError, match=r"cannot (watch|profile)"):
        machine.run(image_of(), F4, watch=True)


def test_the_release_comes_with_the_revision_of_its_sources(tmp_path: Path) -> None:
    said = "Renode v1.16.1.2413\n  build: d66b0c2a-202602161019\n  build type: Release"
    program = fake_renode(tmp_path, f"echo '{said}'").program
    assert renode_version(program) == "1.16.1 d66b0c2a"
    program.write_text("#!/bin/sh\necho Renode v1.16.1.2413\n", encoding="utf-8")
    renode_version.cache_clear()
    assert renode_version(program) == "1.16.1"


@pytest.mark.parametrize(
    ("text", "mode"),
    [("#!/bin/sh\necho Renode v1.16.1", 0o644), ("no program", 0o755), ("#!/bin/sh\nmono", 0o755)],
)
def test_one_that_does_not_start_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, mode: int
) -> None:
    program = tmp_path / "renode"
    program.write_text(text, encoding="utf-8")
    program.chmod(mode)
    monkeypatch.setenv("RENODE_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(MissingToolError) as caught:
        backend("renode")
    assert INSTALL in str(caught.value)


def test_renode_is_found_by_root_by_path_and_by_renode_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.delenv("RENODE_ROOT", raising=False)
    with pytest.raises(MissingToolError) as caught:
        find_renode()
    assert INSTALL in str(caught.value)
    folders = [tmp_path / f"renode-{version}" for version in ("1.15.0", VERSION)]
    for folder in folders:
        folder.mkdir()
        (folder / "renode").touch(mode=0o755)
    config = tmp_path / ".config" / "renode" / "renode-run.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"installations": {str(folder): {} for folder in folders}}))
    assert find_renode() == folders[1] / "renode"
    monkeypatch.setenv("PATH", str(folders[0]))
    assert find_renode() == folders[0] / "renode"
    monkeypatch.setenv("RENODE_ROOT", str(folders[1]))
    assert find_renode() == folders[1] / "renode"
    monkeypatch.setenv("RENODE_ROOT", str(tmp_path / "nowhere"))
    with pytest.raises(MissingToolError, match="holds no program renode"):
        find_renode()
