"""The GVSoC backend: a cluster of cores, its counts, and every way a run can break."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from firmware_projects import SAMPLE, fake_project

from tinyrig.generator.errors import (
    BrokenRunError,
    FaultError,
    FirmwareTimeoutError,
    InputError,
    MissingToolError,
    ProtocolError,
)
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.suite.backends import BootResult, backend
from tinyrig.suite.backends import gvsoc as gvsoc_module
from tinyrig.suite.backends.gvsoc import CAPABILITIES, GvsocBackend
from tinyrig.suite.backends.gvsoc_install import INSTALL, configuration, find_gvsoc, gvsoc_version
from tinyrig.suite.backends.gvsoc_memory import with_l1
from tinyrig.suite.toolchain import Image, build, load_toolchain

GAP9 = load_board("gap9")
SIRACUSA = load_board("siracusa")
PROBE_ELF_LIMIT = 1000
"""The ELF a backend probes an install with is smaller, any firmware is larger."""


def _missing(board: Board = GAP9) -> str:
    try:
        backend("gvsoc")
        CAPABILITIES.ready(board)
    except MissingToolError as error:
        return str(error)
    return ""


needs_gvsoc = pytest.mark.skipif(bool(_missing()), reason=_missing())


def image(body: str | None = None, board: Board = GAP9, *, checked: bool = False) -> Image:
    project = fake_project(board) if body is None else fake_project(board, body)
    return build(project, board, load_toolchain("zig"), checked=checked)


def run(body: str | None = None, board: Board = GAP9, *, checked: bool = False) -> BootResult:
    return backend("gvsoc").run(image(body, board, checked=checked), board)


def answer() -> dict[str, bytes]:
    """What the usual body computes: each byte times 3, plus 1 for the second."""
    return {"y": bytes(3 * x + (i == 1) for i, x in enumerate(SAMPLE))}


@pytest.mark.skipif(bool(_missing(SIRACUSA)), reason=_missing(SIRACUSA))
def test_siracusa_runs_what_gap9_does() -> None:
    """The same cores and addresses, with twice the L1."""
    result = run(board=SIRACUSA, checked=True)
    assert result.transcript.ok
    assert result.transcript.outputs == answer()
    assert result.cycles is not None
    assert result.cycles.model == f"GVSoC siracusa {result.version}"
    l1 = [board.arena_capacity("l1") for board in (GAP9, SIRACUSA)]
    assert l1[1] == l1[0] + 0x2_0000


def left_running() -> list[str]:
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return [line for line in found.stdout.splitlines() if line.startswith("gvsoc_launcher")]


@needs_gvsoc
@pytest.mark.parametrize("checked", [False, True])
def test_boots_and_answers(checked: bool) -> None:
    result = run(checked=checked)
    assert result.transcript.ok
    assert result.transcript.outputs == answer()
    assert result.backend == "gvsoc"
    assert result.version == gvsoc_version(find_gvsoc())
    assert len(result.step_instructions) == (2 if checked else 0)
    cycles = result.cycles
    assert cycles is not None
    assert cycles.source == "simulated"
    assert cycles.model == f"GVSoC pulp-open {result.version}"
    assert len(cycles.by_step) == len(result.step_instructions)
    assert run(checked=checked).cycles == cycles


@needs_gvsoc
@pytest.mark.parametrize("cores", [1, 2, 4, 8])
def test_every_core_counts(cores: int) -> None:
    """Each core executes the body, so the sum grows by as many times what the body grows."""
    board = GAP9.with_cores(cores)
    stable = "for (int i = 16; i < 24; i++) arena[i] = 0;\n"
    spin = '__asm__ volatile("li t0, {}\\n1: addi t0, t0, -1\\nbnez t0, 1b" ::: "t0");'
    few, many = (run(stable + spin.format(turns), board) for turns in (100, 1100))
    assert few.instructions is not None
    assert many.instructions is not None
    assert many.instructions - few.instructions == cores * 2 * 1000
    assert few.cycles is not None
    assert many.cycles is not None
    # A taken branch takes two cycles beside its own; every core spins at the same time.
    assert 2000 <= many.cycles.total - few.cycles.total <= 4000


@needs_gvsoc
def test_cores_wait_for_each_other() -> None:
    """Each core writes its part of what every core sums after the barrier."""
    body = """\
    static uint32_t parts[8];
    parts[tr_cluster_core()] = 1U + tr_cluster_core();
    if (tr_cluster_core() == 7U) {
        __asm__ volatile("li t0, 5000\\n1: addi t0, t0, -1\\nbnez t0, 1b" ::: "t0");
        parts[7] = 100U;
    }
    tr_cluster_barrier();
    uint32_t sum = 0U;
    for (uint32_t i = 0U; i < 8U; i++) sum += parts[i];
    tr_cluster_barrier();
    arena[16U + tr_cluster_core()] = (uint8_t)sum;
    tr_cluster_barrier();
    parts[7] = 0U;
"""
    project = fake_project(GAP9, body, before='#include "tinyrig/cluster.h"')
    result = backend("gvsoc").run(build(project, GAP9, load_toolchain("zig"), checked=False), GAP9)
    assert result.transcript.outputs == {"y": bytes([128] * 8)}
    assert result.cycles is not None
    assert result.cycles.total > 2 * 5000  # the first core sleeps, and its sleep counts


@needs_gvsoc
def test_copies_arrive_before_they_are_awaited() -> None:
    body = """\
    static uint8_t source[64];
    static uint8_t target[64] __attribute__((section(".tr_resident"), aligned(8)));
    if (tr_cluster_core() == 0U) {
        for (uint32_t i = 0U; i < 64U; i++) source[i] = (uint8_t)(arena[i & 7U] + i);
    }
    tr_cluster_barrier();
    tr_prefetch_start(target, source, 64U);
    tr_prefetch_wait();
    arena[16U + tr_cluster_core()] = target[8U * tr_cluster_core()];
    tr_cluster_barrier();
"""
    before = '#include "tinyrig/cluster.h"\n#include "tr_prefetch.h"'
    project = fake_project(GAP9, body, before=before)
    result = backend("gvsoc").run(build(project, GAP9, load_toolchain("zig"), checked=False), GAP9)
    assert result.transcript.outputs == {"y": bytes(1 + 8 * i for i in range(8))}


@needs_gvsoc
@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ('__asm__ volatile(".word 0");', r"cause=[0-9]+ .*pc=.*It was in tr_infer\+0x"),
        ("arena[16] = *(volatile uint8_t *)0x70000000U;", "outside every memory|cause=5"),
    ],
)
def test_faults_are_told(body: str, cause: str) -> None:
    with pytest.raises(FaultError, match=cause):
        run(body)


@needs_gvsoc
def test_damage_is_seen_on_every_core() -> None:
    """The last core's red zone, beyond the reach of a stack that is used as it should be."""
    body = """\
    const uint32_t stride = TR_STACK_STRIDE;
    ((volatile uint8_t *)tr_ld_red_zone)[7U * stride + 5U] = 1U;
    for (uint32_t i = 16U; i < 24U; i++) arena[i] = 0U;
"""
    project = fake_project(GAP9, body, before='#include "tr_pulp.h"')
    result = backend("gvsoc").run(build(project, GAP9, load_toolchain("zig"), checked=False), GAP9)
    assert not result.transcript.ok
    assert [check.name for check in result.transcript.failed_checks()] == ["red_zone"]


@needs_gvsoc
def test_endless_firmware_ends_by_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gvsoc_module, "_START_BUSY_SECONDS", 2.0)
    endless = image('for (;;) { __asm__ volatile(""); }')
    with pytest.raises(FirmwareTimeoutError, match="1000 instructions"):
        backend("gvsoc").run(endless, GAP9, budget=1000)
    assert left_running() == []


@needs_gvsoc
def test_endless_output_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gvsoc_module, "UART_CAPACITY", 50_000)
    talk = "for (;;) { tr_uart_put('a'); tr_uart_put('\\n'); }"
    project = fake_project(GAP9, talk, before='#include "tr_uart.h"')
    with pytest.raises(ProtocolError, match="characters"):
        backend("gvsoc").run(build(project, GAP9, load_toolchain("zig"), checked=False), GAP9)
    assert left_running() == []


@needs_gvsoc
@pytest.mark.parametrize(
    ("ending", "error"),
    [
        ('"$real" "$@" | head -c 300', "ProtocolError"),
        ("kill -9 $$", "ended with code -9"),
        ("echo broken; exit 3", "ended with code 3.*\nbroken"),
        ('"$real" "$@" | sed s/verdict=ok/verdict=no/', "corrupt"),
    ],
)
def test_a_simulator_that_breaks_off(ending: str, error: str, tmp_path: Path) -> None:
    good = find_gvsoc().parent
    bad = tmp_path / "bin"
    bad.mkdir()
    (bad / "gvsoc").write_text(f'#!/bin/sh\nexec "{good}/gvsoc" "$@"\n')
    (bad / "gvsoc_launcher").write_text(
        f'#!/bin/sh\nreal="{good}/gvsoc_launcher"\n'
        f"if [ $(wc -c < firmware.elf) -lt {PROBE_ELF_LIMIT} ]; then"
        f' exec "$real" "$@"; fi\n{ending}\n'
    )
    for program in bad.iterdir():
        program.chmod(0o755)
    with pytest.raises(BrokenRunError, match=None if error == "ProtocolError" else error) as caught:
        GvsocBackend(bad / "gvsoc", "0").run(image(), GAP9)
    assert (type(caught.value).__name__ == "ProtocolError") == (
        error in ("ProtocolError", "corrupt")
    )


@needs_gvsoc
def test_a_target_it_does_not_have() -> None:
    with pytest.raises(MissingToolError, match="does not run the target no-such"):
        configuration(find_gvsoc(), "no-such")


@needs_gvsoc
def test_what_it_cannot_do_is_refused() -> None:
    machine = backend("gvsoc")
    with pytest.raises(InputError, match="gap9"):
        machine.run(image(), load_board("stm32f746"))
    for kind in ({"watch": True}, {"profile": True}):
        with pytest.raises(InputError, match=r"cannot (watch|profile)"):
            machine.run(image(), GAP9, **kind)
    with pytest.raises(InputError, match="7 bytes"):
        machine.run(image(), GAP9, sample=bytes(7))


def test_a_missing_install_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GVSOC_INSTALL_DIR", str(tmp_path))
    with pytest.raises(MissingToolError, match="no bin/gvsoc"):
        backend("gvsoc")
    monkeypatch.delenv("GVSOC_INSTALL_DIR")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingToolError) as caught:
        backend("gvsoc")
    assert INSTALL in str(caught.value)


def test_an_install_that_does_not_start_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "gvsoc"
    program.write_text("#!/bin/sh\necho no module named gapylib\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("GVSOC_INSTALL_DIR", str(tmp_path))
    with pytest.raises(MissingToolError, match="gapylib") as caught:
        backend("gvsoc")
    assert INSTALL in str(caught.value)


def test_boards() -> None:
    assert CAPABILITIES.boards() == ("gap9", "siracusa")
    with pytest.raises(InputError, match="1, 2, 4, 8 cores, not on 3"):
        GAP9.with_cores(3)
    with pytest.raises(InputError, match="on 1 cores, not on 2"):
        load_board("stm32f746").with_cores(2)
    saved = GAP9.layout.stack_size + GAP9.layout.red_zone
    assert GAP9.with_cores(1).arena_capacity("l1") == GAP9.arena_capacity("l1") + 7 * saved


def description(banks: int, size: int) -> Mapping[str, object]:
    mapping = {"base": 0x10000000, "size": f"{size:#010x}"}
    core = {"mappings": {"l1": dict(mapping), "l1_ts": dict(mapping), "dma": {"size": "0x400"}}}
    l1 = {f"bank{i}": {"size": size // banks} for i in range(banks)}
    cluster = {"l1": {**l1, "pe0_ico": core}, "other": {"mappings": {"l1": {"size": "0x100"}}}}
    return {"target": {"chip": {"cluster": cluster}}}


def test_l1_grows_in_its_banks_and_in_every_address_range() -> None:
    grown = json.loads(with_l1(json.dumps(description(4, 0x10000)), 0x20000))
    assert grown == description(4, 0x20000)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"target": {"chip": {"cluster": {"l1": {}}}}}'])
def test_a_description_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(BrokenRunError, match="form Tinyrig does not know"):
        with_l1(text, 0x20000)


def test_skips_are_loud() -> None:
    """Without GVSoC the tests above are skipped with the lines that install it."""
    reason = _missing()
    assert (
        not reason
        or "make all TARGETS='pulp-open siracusa'" in reason
        or "GVSOC_INSTALL_DIR" in os.environ
    )
