"""The pyocd backend, on simulated boards behind pyOCD's own probe interface."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from firmware_projects import fake_project

pytest.importorskip("pyocd", reason="needs pyOCD: python -m pip install pyocd pyserial")
pytest.importorskip("serial", reason="needs pyserial: python -m pip install pyocd pyserial")

from pyocd.probe import aggregator
from simulated_board import Faults, SimulatedBoard
from simulated_probe import SimulatedProbe

from tinyrig.generator.errors import (
    BrokenRunError,
    ConnectionLostError,
    FaultError,
    FirmwareTimeoutError,
    InputError,
    MissingToolError,
    ProtocolError,
)
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.suite.backends import backend
from tinyrig.suite.backends import pyocd as pyocd_module
from tinyrig.suite.backends.probe_lock import lock_path, probe_lock
from tinyrig.suite.backends.probes import choose_probe, connected_probes
from tinyrig.suite.backends.pyocd import PyocdBackend
from tinyrig.suite.backends.registry import capabilities
from tinyrig.suite.cli.app import execute
from tinyrig.suite.records.record import load_record
from tinyrig.suite.toolchain import Image, build, load_toolchain

F4 = load_board("stm32f427")
STABLE = "for (int i = 16; i < 24; i++) arena[i] = 0;\n"
SAMPLE = bytes((250, 0, 7, 128, 255, 1, 2, 99))


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Connect a simulated board to a probe of its own; the probes are unplugged afterwards."""
    boards: dict[str, SimulatedBoard] = {}
    monkeypatch.setattr(aggregator, "PROBE_CLASSES", {"simulated": SimulatedProbe})
    monkeypatch.setattr(SimulatedProbe, "boards", boards)
    monkeypatch.setattr(pyocd_module, "_SETTLE_SECONDS", 0.1)
    for variable in ("TINYRIG_PROBE", "TINYRIG_SERIAL", "TINYRIG_POWER_CYCLE"):
        monkeypatch.delenv(variable, raising=False)

    def connect(
        board: Board = F4, faults: Faults | None = None, probe: str = f"SIM{os.getpid()}"
    ) -> SimulatedBoard:
        boards[probe] = SimulatedBoard(board, faults or Faults())
        monkeypatch.setenv("TINYRIG_SERIAL", boards[probe].port)
        return boards[probe]

    yield connect
    for name, board in boards.items():
        board.close()
        lock_path(name).unlink(missing_ok=True)


def image_of(body: str | None = None, board: Board = F4, *, checked: bool = False) -> Image:
    project = fake_project(board) if body is None else fake_project(board, STABLE + body)
    return build(project, board, load_toolchain("zig"), checked=checked)


@pytest.mark.parametrize("name", ["stm32f427", "stm32h743", "stm32f427:rtt"])
def test_a_board_gives_what_the_emulator_gives(plug, name: str) -> None:
    """The clock of the simulated boards ticks once an instruction."""
    board, emulated = load_board(name), load_board(name.partition(":")[0])
    plug(board)
    checked = name == "stm32h743"
    here = backend("embedded").run(
        image_of(None, emulated, checked=checked), emulated, sample=SAMPLE
    )
    there = backend("pyocd").run(image_of(None, board, checked=checked), board, sample=SAMPLE)
    assert there.transcript.outputs == here.transcript.outputs
    assert there.transcript.checks == here.transcript.checks
    assert there.stack_high_water == here.stack_high_water
    assert there.instructions is None
    cycles = there.cycles
    assert cycles is not None
    assert (cycles.source, cycles.model, cycles.memory) == ("measured", "DWT", "board")
    assert cycles.error_percent == 0
    if checked:
        markers = 6  # of each step: what its two markers add
        assert cycles.by_step == tuple(count + markers for count in here.step_instructions)
    else:
        assert cycles.total == here.instructions + 1, "and the return of the first marker"
        assert cycles.by_step == ()


def test_a_board_is_only_flashed_where_it_differs(plug) -> None:
    board = plug()
    image = image_of()
    written = []
    for sample in (None, None, SAMPLE):
        before = board.written
        backend("pyocd").run(image, F4, sample=sample)
        written.append(board.written - before)
    assert written[1] < written[0] / 4
    assert written[2] > written[1]


def test_the_clock_of_the_slower_inference_counts(plug) -> None:
    plug()
    body = (
        "static uint32_t runs; uint32_t n = runs++ ? 2000U : 1000U;"
        '__asm__ volatile("1: subs %0, #1\\nbne 1b" : "+r"(n) :: "cc");'
    )
    cycles = backend("pyocd").run(image_of(body), F4).cycles
    assert cycles is not None
    assert 4000 < cycles.total < 4100
    assert cycles.error_percent == pytest.approx(100 * 2000 / cycles.total, abs=1e-3)


def test_memory_is_left_alone_while_an_inference_runs(plug, monkeypatch) -> None:
    board = load_board("stm32f427:rtt")
    chip = plug(board)
    image = image_of(None, board)
    channel = image.address("tr_rtt")
    places = []
    read = chip.read

    def noted(address: int, size: int) -> bytes:
        if channel <= address < channel + 64 and chip.running:
            places.append(image.locate(chip.uc.reg_read(11)))
        return read(address, size)

    monkeypatch.setattr(chip, "read", noted)
    monkeypatch.setattr("simulated_board.SLICE", 300)
    backend("pyocd").run(image, board)
    assert places, "the report is read while the core runs"
    assert not any(place.startswith("tr_infer") for place in places)


@pytest.mark.parametrize("accesses", [20, 300, 600])
def test_a_lost_connection_is_tried_again(plug, accesses: int) -> None:
    board = plug(faults=Faults(lost_after=accesses))
    result = backend("pyocd").run(image_of(), F4, sample=SAMPLE)
    assert board.faults.lost_times == 0, "the cable came off"
    assert result.transcript.ok


@pytest.mark.parametrize("accesses", [20, 600])
def test_a_board_that_stays_lost_is_told(plug, accesses: int) -> None:
    plug(faults=Faults(lost_after=accesses, lost_times=1000))
    with pytest.raises(ConnectionLostError, match=r"cable came off.* Tried 3 times") as caught:
        backend("pyocd").run(image_of(), F4)
    assert caught.value.exit_code == 4


def test_the_power_is_switched_between_attempts(plug, tmp_path, monkeypatch) -> None:
    plug(faults=Faults(lost_after=100))
    script = tmp_path / "switch"
    script.write_text("#!/bin/sh\necho cycled >> $1\n")
    script.chmod(0o755)
    monkeypatch.setenv("TINYRIG_POWER_CYCLE", f"{script} '{tmp_path}/a log'")
    backend("pyocd").run(image_of(), F4)
    assert (tmp_path / "a log").read_text() == "cycled\n"
    plug(faults=Faults(lost_after=100))
    monkeypatch.setenv("TINYRIG_POWER_CYCLE", "false")
    with pytest.raises(BrokenRunError, match="TINYRIG_POWER_CYCLE failed"):
        backend("pyocd").run(image_of(), F4)


def test_noise_on_the_line_is_tried_again(plug) -> None:
    board = plug(faults=Faults(garble=1))
    assert backend("pyocd").run(image_of(), F4).transcript.ok
    assert board.faults.garble == 0
    plug(faults=Faults(garble=10_000))
    with pytest.raises(ProtocolError, match=r"corrupt.* Tried 3 times"):
        backend("pyocd").run(image_of(), F4)


def test_a_silent_line_is_told(plug) -> None:
    plug(faults=Faults(silent=True))
    with pytest.raises(ProtocolError, match="never said hello"):
        backend("pyocd").run(image_of(), F4)


def test_another_chip_is_not_flashed(plug) -> None:
    board = plug(faults=Faults(identity=0x413))
    with pytest.raises(InputError, match=r"not a STM32F427ZI.*0x10000413.*probe of stm32f427"):
        backend("pyocd").run(image_of(), F4)
    assert board.written == 0


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        ("for (;;) {}", FirmwareTimeoutError, r"within \d+ s; it was at tr_infer\+0x"),
        ('__asm__ volatile("udf #1");', FaultError, r"reported a fault.*It was in tr_infer\+0x"),
        ('__asm__ volatile("bkpt #1");', FaultError, r"stopped by itself in tr_infer\+0x.*r0=0x"),
        (
            '__asm__ volatile("mov sp, %0\\nudf #1" :: "r"(0x70000000));',
            FaultError,
            r"locked up in tr_infer\+0x.*sp=0x70000000",
        ),
        (
            "*(volatile uint32_t *)0x70000000U = 1U;",
            FaultError,
            r"reported a fault.*It was in tr_infer\+0x",
        ),
    ],
)
def test_what_breaks_a_run_is_named(
    plug, monkeypatch: pytest.MonkeyPatch, body: str, error: type[BrokenRunError], message: str
) -> None:
    plug()
    monkeypatch.setattr(pyocd_module, "_START_SECONDS", 0.4)
    with pytest.raises(error, match=message):
        backend("pyocd").run(image_of(body), F4, budget=1000)


def test_probes_are_chosen_by_id(plug, monkeypatch: pytest.MonkeyPatch) -> None:
    plug(probe="0668FF50")
    assert choose_probe("stm32f427").unique_id == "0668FF50"
    plug(probe="002E0021")
    assert len(connected_probes()) == 2
    with pytest.raises(InputError, match=r"002E0021 .*0668FF50 .*TINYRIG_PROBE.*stm32f427=ID"):
        choose_probe("stm32f427")
    monkeypatch.setenv("TINYRIG_PROBE", "002e0021")
    assert choose_probe("stm32f427").unique_id == "002E0021"
    monkeypatch.setenv("TINYRIG_PROBE", "stm32h743=0668FF50, stm32f427=002E0021")
    assert choose_probe("stm32f427").unique_id == "002E0021"
    assert choose_probe("stm32h743").unique_id == "0668FF50"
    with pytest.raises(InputError, match="Several debug probes"):
        choose_probe("stm32f746")
    monkeypatch.setenv("TINYRIG_PROBE", "0668")
    with pytest.raises(InputError, match="names the probe 0668; connected"):
        choose_probe("stm32f427")


HOLDER = """\
import sys, time
from tinyrig.suite.backends.probe_lock import probe_lock
with probe_lock(sys.argv[1], wait=0):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def holder(probe: str, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, probe, str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_probe_in_use_is_waited_for_and_its_holder_named(plug) -> None:
    probe = f"LOCK{os.getpid()}"
    plug(probe=probe)
    with holder(probe, 60) as process:
        with pytest.raises(BrokenRunError, match=rf"{probe} is in use by process {process.pid}"):
            PyocdBackend("1", wait=0.2).run(image_of(), F4)
        process.kill()
    with probe_lock(probe, wait=0):
        pass  # whoever dies lets go
    with holder(probe, 0.6):
        began = time.monotonic()
        with probe_lock(probe, wait=30):
            assert time.monotonic() - began > 0.2


def test_what_is_missing_is_named(plug, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingToolError, match=r"No debug probe.*pyocd list.*udev"):
        backend("pyocd")
    assert execute(["run", "tinyvit-digits", "--backend", "pyocd"]) == 5
    plug()
    assert backend("pyocd").version.count(".") == 2
    monkeypatch.delenv("TINYRIG_SERIAL")
    with pytest.raises(MissingToolError, match=r"export TINYRIG_SERIAL=.*stm32f427:rtt"):
        backend("pyocd").run(image_of(), F4)


WITHOUT = """\
import sys
sys.modules[sys.argv[1]] = None
from tinyrig.suite.cli.app import execute
import tinyrig.suite.robot.lanes
sys.exit(execute(["run", "tinyvit-digits", "--backend", "pyocd"]))
"""


@pytest.mark.parametrize("package", ["pyocd", "serial"])
def test_missing_packages_are_named(package: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, package], capture_output=True, text=True, check=False
    )
    assert done.returncode == 5
    assert done.stderr.strip() == (
        "tinyrig: pyOCD and pyserial are not installed. Install them with: "
        "python -m pip install pyocd pyserial"
    )


def test_an_unknown_target_names_its_pack(plug) -> None:
    plug()
    assert F4.debug is not None
    board = replace(F4, debug=replace(F4.debug, target="stm32f405rgtx"))
    with pytest.raises(MissingToolError, match="pyocd pack install stm32f405rgtx"):
        backend("pyocd").run(image_of(), board)


def test_bad_use_is_refused(plug) -> None:
    plug()
    machine = backend("pyocd")
    board = load_board("mps2_an386")
    with pytest.raises(InputError, match=r"no board.*stm32f427, stm32f746, stm32h743"):
        machine.run(image_of(None, board), board)
    with pytest.raises(InputError, match="has 3 bytes; the model takes 8"):
        machine.run(image_of(), F4, sample=bytes(3))
    with pytest.raises(InputError, match=r"cannot (watch|profile)"):
        machine.run(image_of(), F4, watch=True)
    far = replace(F4, flash=replace(F4.flash, origin=0x0900_0000))
    with pytest.raises(InputError, match="no flash at 0x09000000"):
        machine.run(image_of(None, far), far)


def test_emulators_refuse_a_board_that_reports_through_a_probe() -> None:
    board = load_board("stm32f427:rtt")
    with pytest.raises(InputError, match="reports through a debug probe"):
        backend("embedded").run(image_of(None, board), board)
    with pytest.raises(InputError, match="Unknown board 'stm32f427:swo'"):
        load_board("stm32f427:swo")


def test_a_whole_run_records_what_was_measured(plug, tmp_path) -> None:
    plug()
    path = tmp_path / "record.json"
    words = ["run", "tinyvit-digits", "--board", "stm32f427", "--json", str(path)]
    assert execute([*words, "--backend", "pyocd"]) == 0
    record = load_record(path)
    assert record.backend.name == "pyocd"
    assert record.instructions is None
    (cycles,) = record.cycles
    assert (cycles.source, cycles.model) == ("measured", "DWT")
    for layer in record.layers:
        (own,) = layer.cycles
        assert own.source == "measured"
        assert own.value > 0
    in_layers = sum(layer.cycles[0].value for layer in record.layers)
    assert in_layers == pytest.approx(cycles.value, rel=0.002)


def test_the_dry_run_tells_what_a_run_would_find(plug, capsys, monkeypatch) -> None:
    words = ["doctor", "--board", "stm32f427"]
    assert execute(words) == 5
    assert "No debug probe is connected" in capsys.readouterr().err
    probe = f"DRY{os.getpid()}"
    board = plug(probe=probe)
    assert execute(words) == 0
    said = capsys.readouterr().out
    assert probe in said
    assert board.port in said
    assert "stm32f429xi" in said
    assert board.accesses == 0, "the chip is not touched"
    assert execute(["doctor"]) == 0
    assert probe in capsys.readouterr().out
    with holder(probe, 60) as process:
        assert execute(words) == 5
        assert f"in use by process {process.pid}" in " ".join(capsys.readouterr().out.split())
        process.kill()
    assert execute(["doctor", "--board", "stm32f746"]) == 5
    assert "pack install stm32f746nghx" in " ".join(capsys.readouterr().out.split())
    assert execute(["doctor", "--board", "mps2_an386"]) == 2
    monkeypatch.delenv("TINYRIG_SERIAL")
    assert execute(words) == 5
    assert execute(["doctor", "--board", "stm32f427:rtt"]) == 0


def test_every_real_board_names_its_chip() -> None:
    assert capabilities("pyocd").boards() == (
        "netduinoplus2",
        "stm32f427",
        "stm32f746",
        "stm32h743",
        "stm32l4r5",
    )
