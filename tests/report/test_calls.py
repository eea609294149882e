"""Instructions by call stack: the figures, the table, the picture, and Renode's own."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from rich.console import Console

from tinyrig.generator.errors import InputError, MissingToolError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends import backend
from tinyrig.suite.backends.renode_install import find_renode
from tinyrig.suite.cli.app import execute
from tinyrig.suite.models.case import resolve
from tinyrig.suite.report.call_table import call_picture, call_table
from tinyrig.suite.rig.run import RunOptions, run_case
from tinyrig.suite.studies.calls import Calls, case_calls
from tinyrig.suite.toolchain.toolchain import load_toolchain

CALLS = Calls(
    "a <model>",
    "stm32f427",
    "renode 1.16.1",
    {
        ("tr_infer",): 5,
        ("tr_infer", "f"): 90,
        ("tr_infer", "f", "g"): 904,
        ("tr_infer", "h", "g"): 9_000,
        ("tr_infer", "h"): 1,
    },
)


def test_functions_have_their_own_instructions_alone() -> None:
    assert CALLS.total == 10_000
    assert CALLS.by_function() == {"tr_infer": 5, "f": 90, "g": 9_904, "h": 1}


def test_the_table_has_what_counts_in_order() -> None:
    console = Console(width=100, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(call_table(CALLS))
    said = capture.get()
    assert "a <model> on stm32f427: 10,000 instructions (renode 1.16.1)" in said
    assert said.index("9,904") < said.index("90")
    assert "99.0%" in said
    assert " h " not in said


def test_the_picture_is_as_wide_as_its_parts() -> None:
    picture = ET.fromstring(call_picture(CALLS))
    boxes = picture.findall("{*}g")
    titles = [box.findtext("{*}title") for box in boxes]
    assert titles[0] == "tr_infer: 10,000 instructions"
    assert "g: 9,000 instructions" in titles
    assert "g: 904 instructions" in titles


def test_a_backend_that_follows_no_calls_is_refused() -> None:
    tools = load_toolchain("zig")
    with pytest.raises(InputError, match="embedded backend does not follow calls"):
        case_calls(
            resolve("tinyvit-digits", {}),
            load_board("stm32f427"),
            backend("embedded"),
            tools,
            RunOptions(),
            str,
        )


def test_renode_follows_the_calls_of_a_model(tmp_path: Path) -> None:
    try:
        find_renode()
    except MissingToolError as error:
        pytest.skip(str(error))
    path = tmp_path / "stacks.txt"
    words = ["profile", "mlperf-ad", "--board", "stm32f427", "--backend", "renode"]
    assert execute([*words, "--folded", str(path)]) == 0
    total = sum(int(line.rpartition(" ")[2]) for line in path.read_text().splitlines())
    case, board = resolve("mlperf-ad", {}), load_board("stm32f427")
    tools = load_toolchain("zig")
    run = run_case(case, board, backend("embedded"), tools, case.samples(1), RunOptions(), str)
    assert total == pytest.approx(run.record.instructions, abs=50)
