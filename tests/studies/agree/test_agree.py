"""`tinyrig agree`: lanes that agree, lanes that do not, lanes that are not there."""

import io
import os
import shutil
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tinyrig.generator.errors import BrokenRunError, InputError, MissingToolError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.embedded import EmbeddedBackend
from tinyrig.suite.backends.interface import BootResult
from tinyrig.suite.cli.app import execute
from tinyrig.suite.files.root import cache_root
from tinyrig.suite.models.case import resolve
from tinyrig.suite.report.agree_table import agree_table
from tinyrig.suite.report.time_words import three_digits
from tinyrig.suite.studies import agree as agree_module
from tinyrig.suite.studies.agree import Cell, Row, Status, check_lanes, compare_lanes, lane_names
from tinyrig.suite.toolchain import Image, load_toolchain
from tinyrig.suite.toolchain.toolchain import toolchain_names

BOARD = load_board("netduinoplus2")
MODEL = "tinyvit-digits"


def compare(*lanes: str) -> Row:
    return compare_lanes(resolve(MODEL, {}), BOARD, load_toolchain("zig"), lanes, 2, lambda _: None)


def status(row: Row) -> dict[str, Status]:
    return {cell.lane: cell.status for cell in row.cells}


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
def test_reference_host_and_embedded_agree() -> None:
    row = compare("host", "embedded")
    assert status(row) == dict.fromkeys(("pytorch", "host", "embedded"), Status.SAME)
    assert row.agrees
    assert row.cells[1].instructions is None
    assert (row.cells[2].instructions or 0) > 100_000
    assert row.timed == row.cells[2] and (row.cells[2].cycles or 0) > 100_000
    said = Console(width=120, file=io.StringIO())
    said.print(agree_table([row], BOARD.name, 100.0))
    assert isinstance(said.file, io.StringIO)
    assert f"{row.cells[2].cycles:,}" in said.file.getvalue()
    assert three_digits((row.cells[2].cycles or 0) / 1e5) in said.file.getvalue()
    assert "+-5 %; ms at 100 MHz." in said.file.getvalue()


@pytest.mark.skipif(
    shutil.which("qemu-system-arm") is None, reason="sudo apt-get install qemu-system-arm"
)
def test_one_elf_takes_the_same_instructions_on_two_emulators() -> None:
    row = compare("embedded", "qemu")
    assert row.agrees
    assert row.cells[1].instructions == row.cells[2].instructions


def test_what_is_not_installed_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    zig = load_toolchain("zig")
    monkeypatch.setenv("TINYRIG_CACHE", str(cache_root()))
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.delenv("RENODE_ROOT", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    row = compare_lanes(
        resolve(MODEL, {}), BOARD, zig, ("host", "qemu", "renode", "embedded"), 1, lambda _: None
    )
    found = {cell.lane: cell for cell in row.cells}
    assert "apt-get install gcc" in found["host"].reason
    assert "apt-get install qemu-system-arm" in found["qemu"].reason
    assert "renode-run install" in found["renode"].reason
    assert found["embedded"].status is Status.SAME
    assert row.agrees


class Liar:
    """The embedded backend with one thing changed in what it returns."""

    name = "liar"
    version = "0"

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def run(self, *arguments: object, **options: object) -> BootResult:
        result = EmbeddedBackend("0").run(*arguments, **options)  # type: ignore[arg-type]
        if self._kind == "count":
            return replace(result, instructions=(result.instructions or 0) + 1)
        if self._kind == "break":
            raise BrokenRunError("the liar broke")
        outputs = {
            name: bytes((data[0] ^ 1,)) + data[1:]
            for name, data in result.transcript.outputs.items()
        }
        return replace(result, transcript=replace(result.transcript, outputs=outputs))


@pytest.mark.parametrize(
    ("kind", "word"),
    [("answer", "differs"), ("count", "count differently"), ("break", "the liar broke")],
)
def test_a_lane_that_lies_is_named_and_fails_the_command(
    kind: str, word: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = agree_module.backend
    monkeypatch.setattr(
        agree_module, "backend", lambda name: Liar(kind) if name == "qemu" else real(name)
    )
    lanes = ["--lane", "embedded", "--lane", "qemu"]
    assert execute(["agree", MODEL, *lanes]) == 1
    said = capsys.readouterr().out
    assert "DISAGREE" in said
    assert word in said


def test_the_command_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["agree", MODEL, "ecgformer", "--lane", "embedded"]) == 0
    said = capsys.readouterr().out
    assert said.count("agree") == 2
    assert "DISAGREE" not in said


class Reader:
    """A backend that reads for which processor an ELF is, and breaks off."""

    name = "reader"
    version = "0"

    def run(self, image: Image, *_: object, **__: object) -> BootResult:
        (machine,) = struct.unpack_from("<H", image.elf, 18)
        raise BrokenRunError(f"An ELF for machine {machine}.")


@pytest.mark.parametrize("name", toolchain_names())
def test_the_cluster_s_firmware_is_compiled_for_the_cluster(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other lanes' board has another compiler of the same name."""
    try:
        load_toolchain(name, load_board("gap9").compiler)
        tools = load_toolchain(name, BOARD.compiler)
    except MissingToolError as error:
        pytest.skip(str(error))
    monkeypatch.setattr(agree_module, "backend", lambda _: Reader())
    case = resolve("mhsa", {"S": 4, "E": 4, "P": 4, "H": 1})
    row = compare_lanes(case, BOARD, tools, ("gvsoc",), 1, lambda _: None)
    assert row.cells[1].reason == "An ELF for machine 243."  # EM_RISCV


def test_a_model_that_does_not_fit_is_skipped_with_the_reason() -> None:
    case = resolve("mhsa", {"S": 256, "E": 256, "P": 64, "H": 4})
    row = compare_lanes(
        case, load_board("netduinoplus2"), load_toolchain("zig"), ("embedded",), 1, lambda _: None
    )
    assert row.cells[1].status is Status.SKIPPED
    assert "netduinoplus2" in row.cells[1].reason


def test_unknown_lanes_are_refused() -> None:
    check_lanes(lane_names())
    with pytest.raises(InputError, match=r"Unknown lane 'hal'.*pytorch, host, embedded"):
        check_lanes(("hal",))


def test_a_lane_that_does_not_count_disagrees_with_none() -> None:
    cells = (Cell("a", Status.SAME, 5), Cell("b", Status.SAME), Cell("c", Status.SAME, 5))
    assert Row("m", cells).agrees
    assert not Row("m", (*cells, Cell("d", Status.SAME, 6))).agrees
